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

"""Tests of deprecation."""

import importlib
import subprocess
import sys
from typing import List

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz import deprecation
from magenta_viz import version


class DeprecationTest(parameterized.TestCase):
  @parameterized.parameters(*deprecation.MODULES.items())
  def test_old_module_is_the_new_one(self, old: str, new: str) -> None:
    sys.modules.pop(old, None)
    with self.assertWarnsRegex(DeprecationWarning, f'^{old} has .* {new};'):
      module = importlib.import_module(old)
    self.assertIs(module, importlib.import_module(new))
    self.assertEqual(module.__name__, new)

  @parameterized.parameters(*deprecation.ROOMS)
  def test_names_of_a_module_that_became_a_room(self, room: str) -> None:
    inner, names = deprecation.ROOMS[room]
    package = importlib.import_module(room)
    module = importlib.import_module(f'{room}.{inner}')
    for name in names:
      with self.assertWarnsRegex(
        DeprecationWarning, f'^{room}.{name} has moved to {room}.{inner}.{name}'
      ):
        self.assertIs(getattr(package, name), getattr(module, name))

  @parameterized.parameters(
    'import magenta_viz.visualize_config',
    'from magenta_viz import visualize_config',
    'from magenta_viz.visualize_config import VisualizeConfig',
  )
  def test_every_form_of_import_warns_where_it_stands(self, form: str) -> None:
    result = subprocess.run(
      [sys.executable, '-c', f'{form}\nprint("imported")'],
      capture_output=True,
      text=True,
      check=True,
    )
    self.assertEqual(result.stdout, 'imported\n')
    self.assertStartsWith(
      result.stderr,
      '<string>:1: DeprecationWarning: magenta_viz.visualize_config has moved'
      ' to magenta_viz.visualization.config; the old name goes with',
    )

  @parameterized.parameters('magenta_viz', *deprecation.ROOMS)
  def test_other_names_are_errors_as_ever(self, package: str) -> None:
    with self.assertRaisesRegex(AttributeError, f"'{package}'.*'nothing'"):
      getattr(importlib.import_module(package), 'nothing')  # noqa: B009
    with self.assertRaises(ModuleNotFoundError):
      importlib.import_module(f'{package}.nothing')

  def test_is_installed_once(self) -> None:
    before = list(sys.meta_path)
    deprecation.install()
    self.assertEqual(sys.meta_path, before)

  def test_old_names_go_when_it_is_time(self) -> None:
    def parsed(text: str) -> List[int]:
      return [int(part) for part in text.split('.')]

    self.assertLess(parsed(version.__version__), parsed(deprecation.REMOVED_IN))


if __name__ == '__main__':
  absltest.main()
