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

"""Tests of what docs/atlas.md tells of workers elsewhere, and their image."""

import ast
from pathlib import Path
import re
import shlex
import shutil
import subprocess
import sys
from typing import Any, Dict, List

from absl.testing import absltest
import pytest

_ROOT = Path(__file__).resolve().parents[1]
_WORKERS = _ROOT / 'docs' / 'atlas_workers'


def _setup_lists() -> Dict[str, Any]:
  """Returns the lists of packages in setup.py, which installs when it runs."""
  tree = ast.parse((_ROOT / 'setup.py').read_text(encoding='utf-8'))
  return {
    node.targets[0].id: ast.literal_eval(node.value)
    for node in tree.body
    if isinstance(node, ast.Assign)
    and isinstance(node.targets[0], ast.Name)
    and node.targets[0].id in ('REQUIRED_PACKAGES', 'EXTRAS')
  }


def _instructions() -> List[List[str]]:
  """Returns the instructions of the container file, in words."""
  text = (_WORKERS / 'Dockerfile').read_text(encoding='utf-8')
  whole = re.sub(r'(?m)^#.*\n', '', text).replace('\\\n', ' ')
  return [line.split() for line in whole.splitlines() if line]


class AtlasWorkersTest(absltest.TestCase):
  def test_requirements_are_those_of_the_package(self) -> None:
    lines = (_WORKERS / 'requirements.txt').read_text().splitlines()
    found = [line for line in lines if not line.startswith('#')]
    lists = _setup_lists()
    extras = lists['EXTRAS']
    wanted = [*lists['REQUIRED_PACKAGES'], *extras['beam'], *extras['remote']]
    self.assertCountEqual(found, [each.partition(';')[0] for each in wanted])

  def test_image_has_all_that_the_package_is_made_of(self) -> None:
    folder = Path(self.create_tempdir().full_path)
    names = set()
    for word, *rest in _instructions():
      names.add(word)
      if word != 'COPY':
        continue
      *sources, target = rest
      self.assertStartsWith(target, '/opt/magenta_viz/')
      for source in sources:
        to = folder / Path(target).relative_to('/opt/magenta_viz')
        if (_ROOT / source).is_dir():
          shutil.copytree(_ROOT / source, to)
        else:
          shutil.copy(_ROOT / source, to)
    self.assertEqual(names, {'ARG', 'FROM', 'COPY', 'RUN', 'ENV', 'ENTRYPOINT'})
    # As the image does, without a network and into no environment.
    subprocess.run(
      [
        *(sys.executable, '-m', 'pip', 'install', '--quiet', '--no-deps'),
        *('--no-build-isolation', f'--target={folder / "there"}', str(folder)),
      ],
      check=True,
    )
    there = folder / 'there' / 'magenta_viz'
    self.assertTrue((there / 'atlas' / 'harness.py').exists())
    self.assertTrue((there / 'imagenet_classes.txt').exists())

  def test_commands_have_flags_and_options_that_exist(self) -> None:
    pytest.importorskip('apache_beam', reason='Beam needs Python 3.10')
    from apache_beam.options import pipeline_options

    from magenta_viz import image_visualization_atlas
    from magenta_viz.testing import programs

    text = (_ROOT / 'docs' / 'atlas.md').read_text(encoding='utf-8')
    commands = re.findall(r'(?m)^image_visualization_atlas .*$', text)
    self.assertGreater(len(commands), 3)
    told = programs.run(
      image_visualization_atlas.console_entry_point,
      *('image_visualization_atlas', '--help'),
    ).stdout
    options = []
    for command in commands:
      for flag in shlex.split(command)[1:]:
        name, _, value = flag.partition('=')
        self.assertRegex(told, rf'(?m)^ *{name}: ')
        if name == '--pipeline_options':
          options += value.split()
    (without_image,) = re.findall(
      r'`--pipeline_options="(--requirements.*)"`', text
    )
    options += without_image.split()
    self.assertGreater(len(options), 12)
    for option in options:
      # Of all runners, that of Dask included, which an import brings.
      from apache_beam.runners.dask import dask_runner  # noqa: F401

      known = pipeline_options.PipelineOptions([option]).get_all_options(
        drop_default=True
      )
      # Flink's own goes to its job server as it is.
      if not option.startswith('--parallelism='):
        self.assertLen(known, 1, option)


if __name__ == '__main__':
  absltest.main()
