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

"""Tests of an atlas's page, in a real browser and from the disk."""

from pathlib import Path
from typing import Any, Dict

from absl.testing import absltest
from absl.testing import parameterized
from selenium.webdriver.common import keys

from magenta_viz.atlas import config as atlas_config
from magenta_viz.atlas import feeds as feeds_lib
from magenta_viz.atlas import page
from magenta_viz.atlas import plan as plan_lib
from magenta_viz.atlas import worker
from magenta_viz.testing import atlas_page_case
from magenta_viz.testing import page_case

_UNITS = 'class:0-2, channel:fire8/concat:0-5, channel:fire9/concat:all'


def _draw(folder: Path) -> None:
  """Draws a small atlas of a real network, but for most of its last layer."""
  config = atlas_config.AtlasConfig(
    _UNITS,
    str(folder),
    models=('squeezenet',),
    image_size=(64, 64),
    precision='float32',
    batch_size=6,
    overrides={'num_steps': 2},
  )
  plan = plan_lib.plan(config)
  one = worker.Worker(plan)
  drawn: Dict[int, int] = {}
  for batch in plan.batches():
    drawn[batch.group] = drawn.get(batch.group, 0) + 1
    if drawn[batch.group] < 3:
      one.draw(batch)
  feeds = feeds_lib.Feeds(plan)
  errors = {'channel-fire9-concat-20_0': 'a score is not finite'}
  for group in range(len(plan.groups)):
    page.write_group(plan, group, folder, errors, feeds)
  (folder / 'cells' / 'fire8').mkdir(parents=True)
  (folder / 'cells/fire8/index.html').write_text('<title>Cells</title>')
  page.write(folder)


class SmallAtlasTest(atlas_page_case.AtlasPageCase):
  @classmethod
  def make(cls, folder: Path) -> None:
    _draw(folder)

  def test_overview(self) -> None:
    self.assertEqual(self.browser.title, 'Atlas of squeezenet')
    self.assertEqual(self.text('h1'), 'Atlas of squeezenet')
    self.assertEqual(
      self.run_in_page(
        'return [...document.querySelectorAll("nav .chain a")].map('
        '  each => each.textContent)'
      ),
      ['Classes 3', 'fire8/concat 6', 'fire9/concat 512'],
    )
    self.assertIn('12 of 512 units', self.text('main'))
    self.assertIn('500 pictures missing', self.text('main'))
    self.assertEqual(
      self.run_in_page(
        'return document.querySelector("a[href^=cells]").getAttribute("href")'
      ),
      'cells/fire8/index.html',
    )
    # All pictures of it are there, at their own places.
    self.run_in_page(
      'document.querySelectorAll("img").forEach('
      '  each => { each.loading = "eager"; })'
    )
    self.wait(
      lambda: self.run_in_page(
        'return [...document.querySelectorAll("img")].every('
        '  each => each.naturalWidth === 64)'
      )
    )
    # And no more than that was asked for.
    found = page_case.requests(self.browser)
    inside = self.folder.as_uri() + '/'
    for each in found:
      if not each.startswith(inside):
        self.assertStartsWith(each, ('data:', 'about:'))
    self.assertIn(inside + 'page/atlas.js', found)
    self.assertNotIn('/page/units/', ' '.join(found))
    self.assertNotIn('/page/feeds/', ' '.join(found))

  def test_layer_with_what_is_missing(self) -> None:
    self.go('#/fire9/concat')
    self.assertEqual(self.data(), ['atlas', 'units/fire9-concat'])
    self.assertEqual(
      self.browser.title, 'fire9/concat \u2013 Atlas of squeezenet'
    )
    self.assertEqual(self.count('.grid li'), 512)
    self.wait(lambda: self.count('.grid img') == 12)
    self.assertIn('no picture', self.text('.grid li:nth-child(13)'))
    self.go('#/fire9/concat/20')
    self.assertIn('a score is not finite', self.text('main .warn'))
    self.go('#/fire9/concat/21')
    self.assertIn('is missing', self.text('main .warn'))

  def test_unit(self) -> None:
    self.open('#/fire8/concat/3')
    self.assertEqual(self.text('h1'), 'fire8/concat 3')
    self.assertIn('fire8/concat 3', self.browser.title)
    self.assertIn('score', self.text('figcaption'))
    image = 'return document.querySelector(".large img")'
    self.wait(lambda: self.run_in_page(f'{image}.naturalWidth') == 64)
    self.assertIn(
      'fire8/concat 3 wants to see', self.run_in_page(f'{image}.alt')
    )
    record = self.run_in_page(
      'return document.querySelector("figcaption a").getAttribute("href")'
    )
    self.assertTrue((self.folder / record).exists())
    self.assertIn('--objective=channel:fire8/concat', self.text('pre'))
    self.assertIn('num_steps', self.text('details dl'))
    headings = self.run_in_page(
      'return [...document.querySelectorAll("h2")].map(e => e.textContent)'
    )
    self.assertEqual(
      headings, ['Classes', 'Feeds fire9/concat', 'Feeds fire9/squeeze1x1']
    )
    # The classes that it raises most are linked, whether drawn or not.
    link = self.run_in_page(
      'return document.querySelector(".effects a[href^=\'#/class/\']").hash'
    )
    self.go(link)
    self.assertIn(f'class {link.split("/")[-1]}', self.text('.facts'))

  def test_what_feeds_what_is_linked_both_ways(self) -> None:
    feeds = page._read_data(self.folder, 'feeds/fire8-concat')
    told = feeds['layers']['fire9/concat']['units']['3']
    fed = feeds['layers']['fire9/concat']['things']
    self.assertNotEmpty(told)
    self.open('#/fire8/concat/3')
    section = self.text('.effects section:nth-of-type(2)')
    for number in told[::2]:
      self.assertIn(str(number), section)
    self.open('#/fire9/concat/4')
    self.assertIn('Fed by fire8/concat', self.text('.effects'))
    self.assertEqual(
      set(self.data()),
      {
        *('atlas', 'units/classes', 'units/fire8-concat'),
        *('units/fire9-concat', 'feeds/fire9-concat', 'feeds/fire8-concat'),
      },
    )
    links = self.run_in_page(
      'return [...document.querySelectorAll('
      '  ".effects a[href^=\'#/fire8/concat/\']")].map(e => e.hash)'
    )
    expected = fed.get('4', [])[::2]
    self.assertCountEqual(
      links, [f'#/fire8/concat/{each}' for each in expected]
    )

  def test_class(self) -> None:
    self.open('#/class/1')
    self.assertEqual(self.text('h1'), 'goldfish')
    self.assertIn('goldfish (class 1)', self.browser.title)
    self.assertIn('Units of fire9/concat', self.text('.effects'))
    self.assertIn('Units of fire8/concat', self.text('.effects'))
    self.wait(
      lambda: self.run_in_page(
        'return document.querySelector(".effects img")?.naturalWidth'
      )
    )
    self.press(keys.Keys.ARROW_RIGHT)
    self.wait(lambda: self.is_at('/class/2'))

  def test_keys_and_back(self) -> None:
    self.go('#/fire8/concat')
    self.assertEqual(self.run_in_page('return document.activeElement.id'), '')
    # From the first picture down the row, and into it.
    self.run_in_page('page.view.grid.focus(0)')
    self.press(keys.Keys.ARROW_RIGHT, keys.Keys.ARROW_RIGHT, keys.Keys.ENTER)
    self.wait(lambda: self.is_at('/fire8/concat/2'))
    self.press(keys.Keys.ARROW_LEFT)
    self.wait(lambda: self.is_at('/fire8/concat/1'))
    self.assertIn('fire8/concat 1', self.browser.title)
    self.browser.back()
    self.wait(lambda: self.is_at('/fire8/concat/2'))
    self.browser.forward()
    self.wait(lambda: self.is_at('/fire8/concat/1'))
    self.press(keys.Keys.ESCAPE)
    self.wait(lambda: self.is_at('/fire8/concat'))
    focused = 'return document.activeElement.hash'
    self.assertEqual(self.run_in_page(focused), '#/fire8/concat/1')
    self.press(keys.Keys.ESCAPE)
    self.wait(lambda: self.is_at('/'))

  def test_address_is_restored(self) -> None:
    self.go('#/fire8/concat/5')
    self.browser.refresh()
    self.wait_until_shown()
    self.assertEqual(self.text('h1'), 'fire8/concat 5')

  @parameterized.parameters(
    ('gold', '/class/1'),
    ('1', '/class/1'),
    ('great white', '/class/2'),
    ('fire9', '/fire9/concat'),
    ('fire8/concat 4', '/fire8/concat/4'),
    ('fire8 4', '/fire8/concat/4'),
    ('channel:fire8/concat:4', None),
  )
  def test_search(self, text: str, expected: Any) -> None:
    self.press('/')
    self.press(*text)
    box = 'return document.getElementById("search")'
    self.assertEqual(
      self.run_in_page(f'{box}.getAttribute("aria-expanded")'), 'true'
    )
    self.press(keys.Keys.ENTER)
    if expected is None:
      self.assertIn('nothing of that name', self.text('#found'))
      self.press(keys.Keys.ESCAPE)
      self.assertFalse(self.run_in_page(f'{box} === document.activeElement'))
      return
    self.wait(lambda: self.is_at(expected))
    self.assertEqual(self.run_in_page(f'{box}.value'), '')

  def test_search_by_arrows(self) -> None:
    self.press('/')
    self.press('4', keys.Keys.ARROW_DOWN)
    chosen = self.text('#found [aria-selected=true]')
    self.assertEqual(
      self.run_in_page(
        'return document.getElementById(document.getElementById("search")'
        '  .getAttribute("aria-activedescendant")).textContent'
      ).split()[0],
      chosen.split()[0],
    )
    self.press(keys.Keys.ENTER)
    self.wait(lambda: self.address() not in ('', '/'))

  def test_unit_that_is_not_drawn(self) -> None:
    self.open('#/fire8/concat/99')
    self.assertEqual(self.text('h1'), 'fire8/concat 99')
    self.assertIn('not drawn', self.text('.facts'))

  def test_nothing_is_there(self) -> None:
    for address in ('#/nothing', '#/fire8/concat/512', '#/%E0%A4', '#/class/x'):
      self.open(address)
      self.assertEqual(self.text('h1'), 'Nothing here')

  @parameterized.product(
    address=['', '#/fire8/concat', '#/fire8/concat/3', '#/class/1'],
    width=[320, 800, 1280],
  )
  def test_no_sideways_scrolling(self, address: str, width: int) -> None:
    self.show(width)
    self.open(address)
    self.run_in_page(
      'document.querySelectorAll("details").forEach(e => { e.open = true; })'
    )
    wide, seen = self.run_in_page(
      'const e = document.documentElement;return [e.scrollWidth, e.clientWidth]'
    )
    self.assertLessEqual(wide, seen)

  @parameterized.product(
    address=['', '#/fire9/concat', '#/fire8/concat/3'],
    scheme=['light', 'dark'],
  )
  def test_contrast(self, address: str, scheme: str) -> None:
    self.show(1280, scheme)
    self.open(address)
    ratio, text, count = self.run_in_page(page_case.WORST_CONTRAST)
    self.assertGreater(count, 20)
    self.assertGreaterEqual(ratio, 4.5, text)

  def test_landmarks_and_names(self) -> None:
    for address in ('', '#/fire8/concat', '#/fire8/concat/3'):
      self.open(address)
      for landmark in ('header', 'main', '[role=search]', 'footer'):
        self.assertEqual(self.count(landmark), 1)
      self.assertEqual(self.count('h1'), 1)
      self.assertEqual(self.count('img:not([alt])'), 0)
      self.assertEqual(self.count('img:not([width])'), 0)
      self.assertEqual(
        self.run_in_page(
          'return [...document.querySelectorAll("a")].filter('
          '  e => !(e.getAttribute("aria-label") ?? e.textContent).trim()'
          ').length'
        ),
        0,
      )


if __name__ == '__main__':
  absltest.main()
