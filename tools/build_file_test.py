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

"""Tests that BUILD tells the truth: its targets against the real imports."""

import ast
import collections
import re
from typing import Any, Dict, List

from absl.testing import absltest

from magenta_viz import deprecation
from tools import layers
from tools import module_imports
from tools import write_build

_TEXT = (module_imports.ROOT / 'BUILD').read_text(encoding='utf-8')
_MODULES = module_imports.read_modules()


class BuildFileTest(absltest.TestCase):
  """Reads BUILD as Bazel would, apart from the generator that wrote it."""

  def setUp(self) -> None:
    super().setUp()
    # A list, not a dictionary: a name may stand there twice.
    self._targets: List[Dict[str, Any]] = []
    for node in ast.parse(_TEXT).body:
      assert isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
      assert isinstance(node.value.func, ast.Name)
      target: Dict[str, Any] = {'rule': node.value.func.id}
      for keyword in node.value.keywords:
        if not isinstance(keyword.value, ast.Call):
          target[str(keyword.arg)] = ast.literal_eval(keyword.value)
      # Comments are no part of the syntax tree.
      lines = _TEXT.splitlines()[node.lineno - 1 : node.end_lineno]
      comments = [re.fullmatch(r' *# (\S+) dep', line) for line in lines]
      target['installed'] = [match[1] for match in comments if match]
      self._targets.append(target)
    paths = {each.path.as_posix(): each for each in _MODULES.values()}
    # With the module of each.
    self._python = [
      (each, paths[each['srcs'][0]])
      for each in self._targets
      if each['rule'] in ('py_library', 'py_binary', 'py_test')
    ]

  def test_is_written_anew(self) -> None:
    self.assertEqual(
      _TEXT,
      write_build.build_file(_MODULES),
      'Run `python -m tools.write_build`, which writes BUILD anew.',
    )

  def test_one_target_a_module(self) -> None:
    self.assertCountEqual(
      [module.name for _, module in self._python],
      [name for name, module in _MODULES.items() if module.has_code],
    )

  def test_packages_have_no_code_but_for_old_names(self) -> None:
    packages = {
      each.name: [imported.name for imported in each.imports]
      for each in _MODULES.values()
      if each.path.name == '__init__.py' and each.has_code
    }
    for name, imports in packages.items():
      self.assertIn('magenta_viz.deprecation', imports, name)
    self.assertCountEqual(packages, ('magenta_viz', *deprecation.ROOMS))

  def test_names_and_rules(self) -> None:
    names = collections.Counter(t['name'] for t in self._targets if 'name' in t)
    self.assertEqual(set(names.values()), {1}, names)
    for target, module in self._python:
      rule = 'py_library'
      if module.is_test:
        rule = 'py_test'
        self.assertIn(target['size'], ('small', 'medium', 'large'))
      elif 'def main(' in module.source:
        rule = 'py_binary'
      self.assertEqual(target['rule'], rule, module.path)
      # Bazel looks for NAME.py.
      if rule != 'py_library' and target['name'] != module.path.stem:
        self.assertEqual(target['main'], module.path.as_posix())

  def test_dependencies_are_the_imports(self) -> None:
    labels = {module.name: f':{each["name"]}' for each, module in self._python}
    for target, module in self._python:
      in_house = {each.name for each in module.imports if each.is_in_house}
      installed = {e.package for e in module.imports if e.is_third_party}
      self.assertContainsSubset(in_house, labels, module.path)
      self.assertCountEqual(
        target.get('deps', ()), map(labels.get, in_house), module.path
      )
      self.assertCountEqual(target['installed'], installed, module.path)

  def test_data_is_there(self) -> None:
    groups = {
      f':{each["name"]}'
      for each in self._targets
      if each['rule'] == 'filegroup'
    }
    for target, module in self._python:
      data = set(target.get('data', ()))
      self.assertContainsSubset(data, groups)
      if 'testdata_path(' in module.source:
        self.assertNotEmpty(data & {':testdata', ':checkout'}, module.path)

  def test_order_is_that_of_the_floors(self) -> None:
    order = [layers.floor_of(module.name) for _, module in self._python]
    self.assertEqual(order, sorted(order))


if __name__ == '__main__':
  absltest.main()
