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

"""Tests of pages of large layers and hostile names, in a real browser."""

from pathlib import Path
import time
from typing import Any, Dict

from absl.testing import absltest
from selenium.webdriver.common import keys

from magenta_viz.atlas import config as atlas_config
from magenta_viz.atlas import page
from magenta_viz.atlas import plan as plan_lib
from magenta_viz.atlas import units
from magenta_viz.testing import atlas_folders
from magenta_viz.testing import atlas_page_case

# A real one has no more.
_NUM_MANY = 7000

_HOSTILE = '<img src=x onerror=hacked=1>"\'/7'
_HOSTILE_CLASS = '</script><script>hacked=1</script>'


class _Nothing:
  """Stands for what is measured."""

  def of(self, *unused_args: Any) -> Dict[str, Any]:
    """Returns nothing."""
    return {}


def _write_others(folder: Path) -> None:
  """Writes an atlas of a large layer, and of one with a hostile name."""
  config = atlas_config.AtlasConfig(
    'class:0, channel:many:all, channel:[<]*:all', str(folder)
  )
  layers = {'many': _NUM_MANY, _HOSTILE: 3}
  groups = units.groups(config.terms, layers, (_HOSTILE_CLASS,))
  runs = tuple(map(config.of, groups))
  plan = plan_lib.Plan(groups, runs, (_HOSTILE_CLASS,), layers)
  feeds: Any = _Nothing()
  for group, each in enumerate(groups):
    tasks = plan.tasks(group)
    for task in tasks[:3]:
      atlas_folders.write_whole(folder / each.folder, task)
    page.write_group(plan, group, folder, {}, feeds)
  # As if all of them were there.
  many = page._read_data(folder, 'units/many')
  for unit in many['units']:
    unit['pictures'] = many['units'][0]['pictures']
  page._write_data(folder, 'units/many', many)
  page.write(folder)


class OtherAtlasesTest(atlas_page_case.AtlasPageCase):
  @classmethod
  def make(cls, folder: Path) -> None:
    _write_others(folder)

  def test_thousands_open_at_once(self) -> None:
    began = time.monotonic()
    self.go('#/many')
    self.wait(lambda: self.count('.grid img') > 10)
    self.assertLess(time.monotonic() - began, 2)
    self.assertEqual(self.count('.grid li'), _NUM_MANY)
    self.assertLess(self.count('.grid img'), 300)
    tall = 'return document.documentElement.scrollHeight'
    before = self.run_in_page(tall)
    self.run_in_page(f'scrollTo(0, {before} / 2)')
    self.wait(
      lambda: self.run_in_page(
        'return [300, 360, 420, 480].every('
        '  y => document.elementFromPoint(300, y).closest(".grid"))'
        ' && [300, 360, 420, 480].some('
        '  y => document.elementFromPoint(300, y).closest("a.cell"))'
      )
    )
    self.assertLess(self.count('.grid img'), 400)
    # Nothing has moved.
    self.assertEqual(self.run_in_page(tall), before)
    # Where one was is where one comes back to.
    middle = self.run_in_page('return scrollY')
    time.sleep(0.2)
    self.go('#/many/3500')
    self.browser.back()
    self.wait(lambda: self.is_at('/many'))
    self.assertLess(abs(self.run_in_page('return scrollY') - middle), 2000)
    self.wait(
      lambda: (
        self.run_in_page('return document.activeElement.hash') == '#/many/3500'
      )
    )

  def test_hostile_names_are_text(self) -> None:
    address = (
      '#/@'
      + units.groups(units.parse('channel:[<]*:all'), {_HOSTILE: 3}, ())[
        0
      ].folder
    )
    for each in ('', address, f'{address}/1', '#/class', '#/class/0'):
      self.open(each)
    self.open(f'{address}/1')
    self.assertEqual(self.text('h1'), f'{_HOSTILE} 1')
    self.open('#/class/0')
    self.assertEqual(self.text('h1'), _HOSTILE_CLASS)
    self.press('/', '<')
    self.wait(lambda: self.count('#found li') > 1)
    self.assertEqual(self.run_in_page('return typeof hacked'), 'undefined')
    self.assertEqual(self.count('main img[src=x], #found img'), 0)
    self.press(keys.Keys.ESCAPE)

  def test_a_picture_that_is_gone(self) -> None:
    path = (
      self.folder
      / 'classes'
      / next(each.name for each in (self.folder / 'classes').glob('*.png'))
    )
    content = path.read_bytes()
    path.unlink()
    try:
      self.open('#/class/0')
      self.wait(lambda: 'missing' in self.text('.large'))
      # The browser says so itself.
      self.assertLen(self.browser.get_log('browser'), 1)
    finally:
      path.write_bytes(content)


if __name__ == '__main__':
  absltest.main()
