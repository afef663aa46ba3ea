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
import tempfile
import time
from typing import Any, Callable, ClassVar, Dict, List
import urllib.parse

from absl.testing import absltest
from absl.testing import parameterized
from selenium import webdriver
from selenium.webdriver.common import keys

from magenta_viz.atlas import config as atlas_config
from magenta_viz.atlas import feeds as feeds_lib
from magenta_viz.atlas import page
from magenta_viz.atlas import plan as plan_lib
from magenta_viz.atlas import units
from magenta_viz.atlas import worker
from magenta_viz.testing import atlas_folders
from magenta_viz.testing import browser as browser_lib
from magenta_viz.testing import page_case

_SECONDS = 30

_UNITS = 'class:0-2, channel:fire8/concat:0-5, channel:fire9/concat:all'

# A real one has no more.
_NUM_MANY = 7000

_HOSTILE = '<img src=x onerror=hacked=1>"\'/7'
_HOSTILE_CLASS = '</script><script>hacked=1</script>'


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


class AtlasPageCase(parameterized.TestCase):
  """Tests of a page in a folder.

  Attributes:
    browser: Is to open it.
    folder: Of the atlas.
  """

  browser: ClassVar[webdriver.Chrome]
  folder: ClassVar[Path]

  @classmethod
  def make(cls, folder: Path) -> None:
    """Makes the atlas."""
    raise NotImplementedError

  @classmethod
  def setUpClass(cls) -> None:
    super().setUpClass()
    folder = tempfile.TemporaryDirectory()
    cls.addClassCleanup(folder.cleanup)
    cls.browser = browser_lib.start(f'{folder.name}/profile')
    cls.addClassCleanup(cls.browser.quit)
    # A name that an address does not have as it is.
    cls.folder = Path(folder.name) / 'my atlas #1'
    cls.make(cls.folder)

  def setUp(self) -> None:
    super().setUp()
    self.show()
    self.open()

  def tearDown(self) -> None:
    self.assertEqual(self.browser.get_log('browser'), [])
    super().tearDown()

  def show(self, width: int = 1280, scheme: str = 'light') -> None:
    """Gives the window a width in pixels and the user a colour scheme."""
    self.browser.execute_cdp_cmd(
      'Emulation.setDeviceMetricsOverride',
      {'width': width, 'height': 800, 'deviceScaleFactor': 1, 'mobile': False},
    )
    self.browser.execute_cdp_cmd(
      'Emulation.setEmulatedMedia',
      {'features': [{'name': 'prefers-color-scheme', 'value': scheme}]},
    )

  def open(self, address: str = '') -> None:
    """Opens the page anew at an address."""
    self.browser.get('about:blank')
    self.browser.get_log('browser')
    self.browser.get_log('performance')
    self.browser.get((self.folder / 'index.html').as_uri() + address)
    self.wait_until_shown()

  def wait_until_shown(self) -> None:
    """Waits until the view that the address names is there."""
    self.wait(
      lambda: self.run_in_page(
        'return page.hash === location.hash'
        ' && !!document.querySelector("main h1")'
      )
    )

  def go(self, address: str) -> None:
    """Goes on to an address."""
    self.run_in_page('location.hash = arguments[0]', address)
    self.wait_until_shown()

  def run_in_page(self, script: str, *arguments: Any) -> Any:
    """Returns what a script in the page returns."""
    return self.browser.execute_script(script, *arguments)

  def wait(self, condition: Callable[[], Any]) -> Any:
    """Waits until something is so, and returns what it says."""
    end = time.monotonic() + _SECONDS
    while True:
      found = condition()
      if found:
        return found
      if time.monotonic() > end:
        self.fail(f'not so after {_SECONDS} s: {self.text("main")[:500]}')
      time.sleep(0.03)

  def text(self, selector: str) -> str:
    """Returns the text of an element, its spaces single ones."""
    script = 'return document.querySelector(arguments[0]).textContent'
    return ' '.join(self.run_in_page(script, selector).split())

  def count(self, selector: str) -> int:
    """Returns the number of elements."""
    script = 'return document.querySelectorAll(arguments[0]).length'
    found: int = self.run_in_page(script, selector)
    return found

  def press(self, *pressed: str) -> None:
    """Presses keys, one after the other."""
    for each in pressed:
      self.browser.switch_to.active_element.send_keys(each)

  def address(self) -> str:
    """Returns the part of the address that says what is shown."""
    return urllib.parse.urlsplit(self.browser.current_url).fragment

  def is_at(self, address: str) -> bool:
    """Tells whether the page shows what is at an address."""
    self.wait_until_shown()
    return self.address() == address

  def data(self) -> List[str]:
    """Lists the data that were loaded since the page was opened."""
    start = (self.folder / 'page').as_uri() + '/'
    return [
      urllib.parse.unquote(each[len(start) : -len('.js')])
      for each in page_case.requests(self.browser)
      if each.startswith(start)
      and each.endswith('.js')
      and each[len(start) :] not in page.SCRIPTS
    ]


class SmallAtlasTest(AtlasPageCase):
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

  def test_nothing_is_there(self) -> None:
    for address in ('#/nothing', '#/fire8/concat/99', '#/%E0%A4', '#/class/x'):
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
      for landmark in ('header', 'main', 'search'):
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


class OtherAtlasesTest(AtlasPageCase):
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
        'return !!document.elementFromPoint(300, 500).closest("a.cell")'
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
