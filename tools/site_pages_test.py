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

"""Tests for site_pages, and for what pages say of flags."""

import ast
import json
from pathlib import Path
import re
from typing import List, Set, Union

from absl.testing import absltest
from absl.testing import parameterized

from tools import site_pages

_ROOT = Path(__file__).resolve().parents[1]


class LinksTest(parameterized.TestCase):
  @parameterized.parameters(
    ('README.md', '[a](docs/recipe.md#steps)', '[a](recipe.md#steps)'),
    ('README.md', '![a](docs/gallery/step.png)', '![a](gallery/step.png)'),
    ('README.md', '[a](CHANGELOG.md)', '[a](changelog.md)'),
    (
      'README.md',
      '[a](magenta_viz/ascent/objectives/language.py)',
      '[a](api/ascent/objectives/language.md)',
    ),
    (
      'docs/recipe.md',
      '[a](../magenta_viz/visualize.py) [b](../README.md)',
      '[a](api/visualize.md) [b](index.md)',
    ),
    ('docs/recipe.md', '[a](presets.md#pictures)', '[a](presets.md#pictures)'),
    ('docs/recipe.md', '![a](gallery/step.png)', '![a](gallery/step.png)'),
    ('README.md', '[a](magenta_viz/models/architectures)', '[a](api/index.md)'),
    (
      'README.md',
      '[a](https://arxiv.org/abs/1) [b](#c)',
      '[a](https://arxiv.org/abs/1) [b](#c)',
    ),
    (
      'README.md',
      '```python\na[0](none)\n```\n[a](docs/recipe.md)',
      '```python\na[0](none)\n```\n[a](recipe.md)',
    ),
  )
  def test_become_links_between_pages(
    self, source: str, text: str, wanted: str
  ) -> None:
    self.assertEqual(site_pages.linked(text, source, 'page.md'), wanted)

  def test_of_an_inner_page(self) -> None:
    found = site_pages.linked(
      '[a](../README.md)', 'examples/one.md', 'examples/one.md'
    )
    self.assertEqual(found, '[a](../index.md)')

  def test_to_nowhere(self) -> None:
    with self.assertRaisesRegex(ValueError, "README.md .* no 'docs2/none'"):
      site_pages.linked('[a](docs2/none)', 'README.md', 'index.md')


class PagesTest(absltest.TestCase):
  def test_every_module_has_one(self) -> None:
    names = site_pages.modules()
    self.assertIn('magenta_viz.visualize', names)
    self.assertIn('magenta_viz.ascent.objectives.objectives', names)
    self.assertNotIn('magenta_viz.visualize_test', names)
    self.assertFalse([name for name in names if '.testing.' in name])
    self.assertEqual(
      site_pages.module_page('magenta_viz.files.names'), 'api/files/names.md'
    )

  def test_every_page_has_a_place_and_every_place_a_page(self) -> None:
    folder = Path(self.create_tempdir().full_path, 'site')
    site_pages.write(folder)
    there = {
      str(path.relative_to(folder / 'docs'))
      for path in (folder / 'docs').rglob('*.md')
    }
    order = site_pages.navigation(site_pages.notebooks())
    self.assertEqual(_placed(order), there)

  def test_notebooks_become_pages(self) -> None:
    self.assertEmpty(list(site_pages.example_pages([])))
    path = Path(self.create_tempdir().full_path, 'first.ipynb')
    cell = {
      'cell_type': 'markdown',
      'source': '# First\n\n[a](../docs/recipe.md),\nand b.\n\nMore.',
    }
    output = {'output_type': 'display_data', 'data': {'image/png': 'AAAA'}}
    code = {'cell_type': 'code', 'source': 'draw()', 'outputs': [output]}
    path.write_text(json.dumps({'nbformat': 4, 'cells': [cell, code]}))
    files = dict(site_pages.example_pages([path]))
    self.assertEqual(
      files['examples/first.md'].decode(),
      '# First\n\n[a](../recipe.md),\nand b.\n\nMore.\n\n'
      '```python\ndraw()\n```\n\n'
      '![what the cell above draws](first_0.png)\n\n'
      '[This notebook as a file](first.ipynb)\n',
    )
    self.assertEqual(files['examples/first.ipynb'], path.read_bytes())
    self.assertIn(
      '-   [First](first.md)\n\n    [a](../recipe.md), and b.\n\n'
      '    [![First](first_0.png)](first.md)\n',
      files['examples/index.md'].decode(),
    )
    order = site_pages.navigation([path])
    self.assertContainsSubset(
      {'examples/first.md', 'examples/index.md'}, _placed(order)
    )


def _placed(entry: object) -> Set[str]:
  """Returns the pages that have a place in an order."""
  if isinstance(entry, str):
    return {entry}
  inner = entry.values() if isinstance(entry, dict) else entry
  return set().union(*map(_placed, inner))  # type: ignore[call-overload]


class DocstringsTest(absltest.TestCase):
  def test_every_public_name_has_one(self) -> None:
    # Without, a name is not on its module's page.
    missing = []
    for module in site_pages.modules():
      path = _ROOT / (module.replace('.', '/') + '.py')
      tree = ast.parse(path.read_text(encoding='utf-8'))
      missing += [f'{module}{name}' for name in _undocumented(tree)]
    self.assertEmpty(missing)

  def test_finds_those_without(self) -> None:
    tree = ast.parse(
      'class A:\n  """Doc."""\n  def b(self): pass\n  def _c(self): pass\n'
      'def d():\n  def inner(): pass\n'
    )
    self.assertEqual(_undocumented(tree), ['', '.A.b', '.d'])


def _undocumented(
  node: Union[ast.Module, ast.ClassDef, ast.FunctionDef], name: str = ''
) -> List[str]:
  """Returns the public names without a docstring in a module, and its own."""
  found = [] if ast.get_docstring(node) else [name]
  if isinstance(node, ast.FunctionDef):
    return found
  for inner in node.body:
    if isinstance(inner, (ast.ClassDef, ast.FunctionDef)):
      if not inner.name.startswith('_'):
        found += _undocumented(inner, f'{name}.{inner.name}')
  return found


class FlagsTest(absltest.TestCase):
  def test_are_on_their_programs_page_and_guides_name_no_others(self) -> None:
    known: Set[str] = set()
    for program in site_pages.programs():
      page = site_pages.flags_page(program)
      flags = set(re.findall(r'^`--(?:\[no\])?(\w+)`$', page, re.M))
      switches = re.findall(r'^`--\[no\](\w+)', page, re.M)
      flags |= {f'no{name}' for name in switches}
      self.assertGreater(len(flags), 5, program)
      known |= flags
    self.assertIn('regularizers', known)
    # absl's own.
    known |= {'help', 'helpfull', 'flagfile', 'v', 'verbosity'}
    for path in (_ROOT / 'benchmarks').glob('*.py'):
      text = path.read_text(encoding='utf-8')
      known |= set(re.findall(r"'--(\w+)'", text))
    for path in [_ROOT / 'README.md', *sorted((_ROOT / 'docs').glob('*.md'))]:
      text = path.read_text(encoding='utf-8')
      # Of our programs, not of pip and others, which have hyphens.
      found = set(
        re.findall(r'`--(?:no)?([a-z0-9]+(?:_[a-z0-9]+)*)\b(?!-)', text)
      )
      found -= {name for name in found if f'no{name}' in known}
      with self.subTest(path=path.name):
        self.assertEqual(found - known, set())


if __name__ == '__main__':
  absltest.main()
