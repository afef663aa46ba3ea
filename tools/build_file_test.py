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
from typing import Any, Dict, List, Set

from absl.testing import absltest

from magenta_viz import deprecation
from tools import layers
from tools import module_imports

_SAY = 'Run `python -m tools.write_build`, which writes BUILD anew.'
_RULES = ('py_library', 'py_binary', 'py_test')


class BuildFileTest(absltest.TestCase):
  """Reads BUILD as Bazel would, apart from the generator that wrote it."""

  def setUp(self) -> None:
    super().setUp()
    text = (module_imports.ROOT / 'BUILD').read_text(encoding='utf-8')
    self._lines = text.splitlines()
    # A list, not a dictionary: a name may stand there twice.
    self._targets: List[Dict[str, Any]] = []
    for node in ast.parse(text).body:
      if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        raise AssertionError(f'BUILD, line {node.lineno}: no target. {_SAY}')
      self._read_call(node.value)
    self._modules = {
      each.path.as_posix(): each
      for each in module_imports.read_modules().values()
    }

  def _read_call(self, call: ast.Call) -> None:
    assert isinstance(call.func, ast.Name)
    target: Dict[str, Any] = {'rule': call.func.id}
    for keyword in call.keywords:
      if keyword.arg != 'srcs' or isinstance(keyword.value, ast.List):
        target[str(keyword.arg)] = ast.literal_eval(keyword.value)
    # Comments are no part of the syntax tree.
    lines = self._lines[call.lineno - 1 : call.end_lineno]
    comments = [re.fullmatch(r' *# (\S+) dep', line) for line in lines]
    target['installed'] = [match.group(1) for match in comments if match]
    if 'name' in target:
      self._targets.append(target)

  def _python_targets(self) -> List[Dict[str, Any]]:
    return [each for each in self._targets if each['rule'] in _RULES]

  def _module(self, target: Dict[str, Any]) -> module_imports.Module:
    return self._modules[target['srcs'][0]]

  def test_one_target_a_module(self) -> None:
    sources = [each['srcs'] for each in self._python_targets()]
    wanted = [[p] for p, module in self._modules.items() if module.has_code]
    self.assertCountEqual(sources, wanted, _SAY)

  def test_packages_have_no_code_but_for_old_names(self) -> None:
    packages = {
      each.name: [imported.name for imported in each.imports]
      for each in self._modules.values()
      if each.path.name == '__init__.py' and each.has_code
    }
    for name, imports in packages.items():
      self.assertIn('magenta_viz.deprecation', imports, name)
    self.assertCountEqual(packages, ('magenta_viz', *deprecation.ROOMS))

  def test_names(self) -> None:
    names = collections.Counter(each['name'] for each in self._targets)
    self.assertEqual(set(names.values()), {1}, f'{names} {_SAY}')
    stems = collections.Counter(
      each.name.split('.')[-1]
      for each in self._modules.values()
      if each.has_code
    )
    others = {t['name'] for t in self._targets if t['rule'] == 'filegroup'}
    for target in self._python_targets():
      path = self._module(target).path
      stem = self._module(target).name.split('.')[-1]
      if stems[stem] == 1 and stem not in others:
        self.assertEqual(target['name'], stem, _SAY)
      elif target['rule'] != 'py_library':
        # Bazel looks for NAME.py.
        self.assertEqual(target.get('main'), path.as_posix(), _SAY)

  def test_rules(self) -> None:
    for target in self._python_targets():
      module = self._module(target)
      rule = 'py_library'
      if module.is_test:
        rule = 'py_test'
        self.assertIn(target.get('size'), ('small', 'medium', 'large'), _SAY)
      elif 'def main(' in module.source:
        rule = 'py_binary'
      self.assertEqual(target['rule'], rule, f'{module.path}. {_SAY}')

  def test_dependencies_are_the_imports(self) -> None:
    labels = {
      self._module(target).name: ':' + target['name']
      for target in self._python_targets()
    }
    for target in self._python_targets():
      in_house: Set[str] = set()
      installed: Set[str] = set()
      for each in self._module(target).imports:
        if each.is_in_house:
          in_house.add(labels[each.name])
        elif each.is_third_party:
          installed.add(each.package)
      with self.subTest(target['name']):
        self.assertCountEqual(target.get('deps', ()), in_house, _SAY)
        self.assertCountEqual(target['installed'], installed, _SAY)

  def test_data_is_there(self) -> None:
    groups = {
      ':' + each['name']
      for each in self._targets
      if each['rule'] == 'filegroup'
    }
    self.assertContainsSubset((':imagenet_classes', ':testdata'), groups)
    for target in self._python_targets():
      self.assertContainsSubset(target.get('data', ()), groups, _SAY)
      if 'testdata_path(' in self._module(target).source:
        data = set(target.get('data', ()))
        self.assertNotEmpty(data & {':testdata', ':checkout'}, _SAY)

  def test_order_is_that_of_the_floors(self) -> None:
    order = [
      layers.floor_of(self._module(target).name)
      for target in self._python_targets()
    ]
    self.assertEqual(order, sorted(order), _SAY)


if __name__ == '__main__':
  absltest.main()
