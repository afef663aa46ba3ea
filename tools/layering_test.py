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

"""Tests of the rules of the house: floors, flags, imports, sizes and names."""

import ast
import re
import subprocess
import sys
from typing import List, Mapping, Sequence

from absl.testing import absltest
from absl.testing import parameterized

from tools import layers
from tools import module_imports

_ROOT = module_imports.ROOT
_MODULES = module_imports.read_modules()
# The files outside of the packages.
_SCRIPTS = ('conftest.py', 'setup.py')

# A screen holds 50 lines, and a reader a handful of screens in mind: what is
# longer is read in pieces, and is better written so. Where a module ends is its
# idea's to say; in 500 lines almost every idea here finds room.
_MAX_LINES = 500

_TENSORFLOW = frozenset(('tensorflow', 'tensorflow_datasets', 'tf_slim'))

# The plain data, and what must answer before TensorFlow has started; so must
# the programs, for `--help` and `--list_classes`.
_TENSORFLOW_FREE = (
  'magenta_viz',
  'magenta_viz.ascent.recipe',
  'magenta_viz.evaluation.config',
  'magenta_viz.evaluation.judge_choice',
  'magenta_viz.evaluation.figures',
  'magenta_viz.evaluation.naturalness',
  'magenta_viz.evaluation.page',
  'magenta_viz.evaluation.pictures',
  'magenta_viz.evaluation.report',
  'magenta_viz.evaluation.table',
  'magenta_viz.media.records',
  'magenta_viz.models.imagenet_classes',
  'magenta_viz.models.model_spec',
  'magenta_viz.models.network_source',
  'magenta_viz.models.trained_network',
  'magenta_viz.models.weights',
  'magenta_viz.training.config',
  'magenta_viz.training.lengths',
  'magenta_viz.visualization.config',
)

# Where the name on PyPI is another than that of the import.
_DISTRIBUTIONS = {
  'apache_beam': 'apache-beam',
  'PIL': 'pillow',
  'absl': 'absl-py',
  'google.protobuf': 'protobuf',
  'imageio_ffmpeg': 'imageio-ffmpeg',
  'jupyter_client': 'jupyter-client',
  'imagenet_classes': 'imagenet-classes',
  'skimage': 'scikit-image',
  'sklearn': 'scikit-learn',
  'tensorflow_datasets': 'tensorflow-datasets',
  'tf_slim': 'tf-slim',
}

# What only films and the checkout's tools need are extras, and are imported
# when they are needed.
_LATE = (
  'apache-beam',
  'fsspec',
  'imageio',
  'imageio-ffmpeg',
  'jupyter-client',
  'nbclient',
  'nbformat',
  'scikit-image',
  'scikit-learn',
  'threadpoolctl',
)

# Imports the modules named as arguments and prints what that changed.
_IMPORT_PROGRAM = """
import hashlib, importlib, os, random, sys
from absl import flags, logging
import numpy as np
import tensorflow as tf

def state():
  return {
      'random numbers of Python': random.getstate(),
      'random numbers of NumPy': str(np.random.get_state()),
      'seed of TensorFlow': tf.compat.v1.get_seed(None),
      'eager execution': (
          tf.executing_eagerly(), tf.config.functions_run_eagerly()
      ),
      'devices': tf.config.get_visible_devices(),
      'log level': logging.get_verbosity(),
      'environment': dict(os.environ),
      'working folder': os.getcwd(),
  }

before = state()
for name in sys.argv[1:]:
  importlib.import_module(name)
for key, value in state().items():
  if value != before[key]:
    print(key, 'changed')
for name in flags.FLAGS.flags_by_module_dict():
  if name.startswith('magenta_viz'):
    print('flags defined in', name)
"""


def _programs() -> List[str]:
  """Lists the modules that may have flags."""
  return [
    name
    for name, module in _MODULES.items()
    if layers.room_of(name) == 'programs' and not module.is_test
  ]


def _requirements(variable: str) -> List[str]:
  """Returns the distributions that setup.py has under `variable`."""
  for node in ast.parse((_ROOT / 'setup.py').read_text()).body:
    if not isinstance(node, ast.Assign):
      continue
    target = node.targets[0]
    if isinstance(target, ast.Name) and target.id == variable:
      value = ast.literal_eval(node.value)
      lists = value.values() if isinstance(value, dict) else [value]
      names = [re.split('[<>=[]', each)[0] for some in lists for each in some]
      return [name.lower().replace('_', '-') for name in names]
  raise AssertionError(f'setup.py assigns nothing to {variable}')


def _undeclared(
  modules: Mapping[str, module_imports.Module],
  declared: List[str],
  late: Sequence[str] = (),
) -> List[str]:
  """Lists the imports of packages that are not among the declared ones.

  Those of `late` count as declared where a function imports them.
  """
  found = []
  for module in modules.values():
    for each in module.imports:
      name = _DISTRIBUTIONS.get(each.package, each.package)
      is_late = not each.at_import_time or module.name in layers.OF_BEAM
      if is_late and name in late:
        continue
      if each.is_third_party and name not in declared:
        found.append(f'{module.path}, line {each.line}: {each.package}')
  return found


class LayeringTest(parameterized.TestCase):
  def test_imports_go_downwards(self) -> None:
    wrong = []
    for module in _MODULES.values():
      for each in module.imports:
        if each.is_in_house and not layers.may_import(module.name, each.name):
          wrong.append(f'{module.path}, line {each.line}: {each.name}')
    self.assertEmpty(
      wrong, 'imports upwards or of a neighbour; see tools/layers.py'
    )

  def test_only_tests_import_their_support(self) -> None:
    for_tests = {k for k, m in _MODULES.items() if m.is_for_tests}
    self.assertIn('magenta_viz.testing.testdata', for_tests)
    for module in _MODULES.values():
      if not module.is_for_tests:
        names = {each.name for each in module.imports}
        self.assertEmpty(names & for_tests, module.path)

  def test_no_module_imports_itself_in_a_circle(self) -> None:
    done = set()

    def visit(chain: List[str]) -> None:
      self.assertNotIn(chain[-1], chain[:-1], ' -> '.join(chain))
      if chain[-1] in done:
        return
      for each in _MODULES[chain[-1]].imports:
        if each.is_in_house:
          visit([*chain, each.name])
      done.add(chain[-1])

    for name in _MODULES:
      visit([name])

  def test_networks_are_known_by_their_protocol(self) -> None:
    # What a network is made of, tf-slim's functions, is for those that make it.
    makers = ('models', 'training', 'testing', 'tools')
    importers = {
      layers.room_of(module.name)
      for module in _MODULES.values()
      for each in module.imports
      if each.name == 'magenta_viz.models.slim_network' and not module.is_test
    }
    self.assertContainsSubset(('models', 'training'), importers)
    self.assertContainsSubset(importers, makers)

  def test_flags_are_of_the_programs(self) -> None:
    wrong = [
      f'{module.path}, line {each.line}'
      for module in _MODULES.values()
      for each in module.imports
      if (each.name + '.').startswith('absl.flags.')
      and module.name not in _programs()
    ]
    self.assertEmpty(wrong, 'only programs and common_flags have flags')

  def test_plain_data_is_free_of_tensorflow(self) -> None:
    for name in (*_TENSORFLOW_FREE, *_programs()):
      with self.subTest(name):
        self.assertIn(name, list(_MODULES))
        chain = module_imports.import_chain(_MODULES, name, _TENSORFLOW)
        self.assertIsNone(chain, 'imports TensorFlow; do so in a function')

  def test_beam_is_of_one_program(self) -> None:
    library = {k: m for k, m in _MODULES.items() if not m.is_for_tests}
    users = {
      name
      for name in library
      if module_imports.import_chain(_MODULES, name, {'apache_beam'})
    }
    self.assertEqual(
      users, {f'magenta_viz.atlas.{name}' for name in ('pipeline', 'running')}
    )
    # In a function or not.
    importers = {
      name
      for name, module in library.items()
      for each in module.imports
      if each.package == 'apache_beam' or each.name in users
    }
    self.assertEqual(
      importers - users,
      {'magenta_viz.atlas.harness', 'magenta_viz.image_visualization_atlas'},
    )

  def test_dependencies_are_declared(self) -> None:
    required = _requirements('REQUIRED_PACKAGES')
    library = {k: m for k, m in _MODULES.items() if not m.is_for_tests}
    extras = _requirements('EXTRAS')
    self.assertContainsSubset(_LATE, extras)
    self.assertEmpty(_undeclared(library, required, _LATE), 'not in setup.py')
    self.assertEmpty(
      _undeclared(_MODULES, required + extras), 'not in setup.py'
    )


class ImportTest(absltest.TestCase):
  def _run(self, program: str, *arguments: str) -> str:
    result = subprocess.run(
      [sys.executable, '-c', program, *arguments],
      cwd=_ROOT,
      capture_output=True,
      text=True,
      check=False,
    )
    self.assertEqual(result.returncode, 0, result.stderr)
    return result.stdout

  def test_nothing_happens_on_import(self) -> None:
    names = [
      name
      for name, module in _MODULES.items()
      if name.startswith('magenta_viz') and not module.is_test
    ]
    apart = {*_programs(), *layers.OF_BEAM}
    libraries = [name for name in names if name not in apart]
    self.assertEqual(self._run(_IMPORT_PROGRAM, *libraries), '')

  def test_the_check_sees_what_happens(self) -> None:
    root = self.create_tempdir()
    root.create_file(
      'magenta_viz_noisy.py',
      'import os, random\n'
      'from absl import flags\n'
      'import numpy as np\n'
      'import tensorflow as tf\n'
      "flags.DEFINE_integer('noisy', 1, 'Noise.')\n"
      'random.seed(1), np.random.seed(1), tf.random.set_seed(1)\n'
      "os.environ['NOISY'] = 'yes'\n",
    )
    program = f'import sys; sys.path.insert(0, {root.full_path!r})\n'
    output = self._run(program + _IMPORT_PROGRAM, 'magenta_viz_noisy')
    for word in ('Python', 'NumPy', 'TensorFlow', 'environment', 'flags'):
      self.assertIn(word, output)


class FilesTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self._sources = {
      str(module.path): module.source for module in _MODULES.values()
    }
    for name in _SCRIPTS:
      self._sources[name] = (_ROOT / name).read_text(encoding='utf-8')

  def test_sizes(self) -> None:
    for path, source in self._sources.items():
      lines = len(source.splitlines())
      self.assertLessEqual(
        lines, _MAX_LINES, f'{path} has {lines} lines; it may be two modules'
      )

  def test_names(self) -> None:
    for path in self._sources:
      self.assertNotRegex(
        path,
        r'(^|[/_])(utils|helpers|misc)\.py$|(^|/|_)common\.py$',
        'a module is named after what it does',
      )

  def test_licence_headers(self) -> None:
    header = _MODULES['tools'].source
    self.assertIn('Apache License, Version 2.0', header)
    for path, source in self._sources.items():
      self.assertTrue(
        source.startswith(header), f'{path}: begin it as tools/__init__.py'
      )


if __name__ == '__main__':
  absltest.main()
