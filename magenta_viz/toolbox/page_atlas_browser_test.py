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

"""Tests of an atlas on the toolbox's page, and of two pages at once."""

import functools
from pathlib import Path
import re
import time
from typing import Any, ClassVar, List
from unittest import mock
import urllib.parse

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from selenium.webdriver.common import keys

from magenta_viz.testing import atlas_folders
from magenta_viz.testing import page_case
from magenta_viz.testing import toolbox_page
from magenta_viz.toolbox import atlas as atlas_lib
from magenta_viz.visualization import networks as networks_lib

_MANY = 'fire9/concat'
_NUM_MANY = 512

# Around the picture of a cell, in pixels.
_GAP = 1


def _scrolled(rows: int) -> str:
  """Returns the script that scrolls the grid."""
  return f'document.querySelector(".grid").scrollTop = {rows}'


class AtlasTest(toolbox_page.ToolboxPageCase):
  folder: ClassVar[Path]
  sha256: ClassVar[str]

  @classmethod
  def atlas(
    cls, root: Path, networks: networks_lib.Networks
  ) -> atlas_lib.Atlas:
    cls.folder = root / 'atlas'
    cls.sha256 = networks.members[0].source.sha256
    for unit in range(0, 48, 2):
      cls.draw('units', f'channel:{toolbox_page.LAYER}:{unit}', unit)
    for seed in (1, 2):
      cls.draw('more', f'channel:{toolbox_page.LAYER}:4', 4 + 100 * seed, seed)
    for unit in range(_NUM_MANY):
      cls.draw('many', f'channel:{_MANY}:{unit}', 1000 + unit)
    for class_id in range(0, 1000, 2):
      cls.draw('classes', None, 2000 + class_id, class_id=class_id)
    return atlas_lib.Atlas(cls.folder)

  @classmethod
  def draw(
    cls, folder: str, objective: Any, number: int, seed: int = 0, **more: Any
  ) -> Path:
    """Writes a picture of the first network, of a number of its own."""
    return atlas_folders.write(
      cls.folder / folder,
      f'{number}',
      objective,
      atlas_folders.picture(number, 64, 64),
      cls.sha256,
      seed=seed,
      **more,
    )

  def test_needs_no_picture(self) -> None:
    offer = self.session.start()
    self.enter_context(
      mock.patch.object(
        self.session, 'start', return_value={**offer, 'photos': []}
      )
    )
    self.browser.get('about:blank')
    state = {'grid': 'drawings', 'layer': toolbox_page.LAYER, 'unit': 2}
    self.browser.get(f'{self.address}#{urllib.parse.urlencode(state)}')
    drawn = 'return !!document.querySelector(".grid canvas")?.style.width'
    self.wait(lambda: self.run_in_page(drawn))
    self.wait(lambda: self.is_shown(2, 2) and self.is_shown(46, 46))
    # And what nobody looked at is black.
    self.press('s')
    self.wait(lambda: not self.shown(2).any())
    self.assertEqual(self.text('#status'), '')

  def cells(self) -> Any:
    """Returns how wide a cell is, the columns, width and height of the grid."""
    cell, width, height, units = self.run_in_page(toolbox_page.CELLS)
    return cell, round(width / cell), width, height, units

  def shown(self, place: int) -> np.ndarray:
    """Returns the [4, 4] patches, in red, that the grid shows at a place."""
    cell, columns, width, height, _ = self.cells()
    corner = np.array([place % columns, place // columns]) * cell + _GAP
    places = (toolbox_page.grid(4) * (cell - 2 * _GAP) + corner) / [
      width,
      height,
    ]
    return self.pixels('.grid canvas', places).reshape(4, 4)

  def is_shown(self, place: int, number: int) -> bool:
    """Tells whether the grid shows a picture at a place."""
    return _is_picture(self.shown(place), number)

  def is_large(self, number: int) -> bool:
    """Tells whether a picture is large."""
    if not self.run_in_page(
      'const e = document.getElementById("drawn");'
      'return !e.hidden && e.complete && e.naturalWidth'
    ):
      return False
    found = self.pixels('#drawn', toolbox_page.grid(4)).reshape(4, 4)
    return _is_picture(found, number)

  def thumbnails(self) -> List[List[int]]:
    """Returns the units of each request for thumbnails of units."""
    return [
      [int(each) for each in urllib.parse.unquote(found[1]).split(',')]
      for found in (
        re.search(r'api/thumbnails\?.*layer=.*units=([^&]+)', each)
        for each in self.requests()
      )
      if found
    ]

  def test_grid_has_the_pictures(self) -> None:
    self.open(unit=1)
    self.assertEqual(self.thumbnails(), [])
    self.press('s')
    self.assertEqual(self.state()['grid'], 'drawings')
    for unit in range(2, 48, 2):
      self.wait(functools.partial(self.is_shown, unit, unit))
    for unit in range(3, 48, 2):
      found = self.shown(unit)
      self.assertLess(np.abs(found[1:] - 28.0).max(), 2, unit)
    asked = {unit for each in self.thumbnails() for unit in each}
    self.assertEqual(asked, set(range(0, 48, 2)))
    # By strength, they go with their units.
    self.press('r')
    order = [each for each in self.cells()[-1] if each >= 0]
    self.assertNotEqual(order, list(range(48)))
    for place, unit in enumerate(order):
      if unit % 2 == 0 and unit > 1:
        self.assertTrue(self.is_shown(place, unit), unit)
    # They are not sent for again.
    self.assertEqual(self.thumbnails(), [])
    self.press('s')
    self.assertFalse(self.is_shown(order.index(2), 2))

  def test_a_large_layer_a_few_at_a_time(self) -> None:
    self.open(_MANY, 0, grid='drawings')
    units = self.cells()[-1]
    self.assertLen([each for each in units if each >= 0], _NUM_MANY)
    for unit in (1, 100, 200, 300):
      self.wait(functools.partial(self.is_shown, unit, 1000 + unit))
    self.run_in_page(_scrolled(10**6))
    self.wait(lambda: self.is_shown(_NUM_MANY - 1, 1000 + _NUM_MANY - 1))
    asked = self.thumbnails()
    self.assertLessEqual(max(map(len, asked)), 32)
    # Once they are here, they are not sent for again.
    self.run_in_page(_scrolled(0))
    self.wait(lambda: self.is_shown(1, 1001))
    time.sleep(0.5)
    self.assertEqual(self.thumbnails(), [])

  def test_what_is_out_of_sight_is_not_sent_for(self) -> None:
    self.show(390)
    self.open(_MANY, 0, grid='drawings')
    cell, columns, *_ = self.cells()
    seen = self.run_in_page(
      'return document.querySelector(".grid").clientHeight'
    )
    last = (seen // cell + 1) * columns
    self.assertLess(last, _NUM_MANY)
    self.wait(
      lambda: self.is_shown(last - 2 * columns, 1000 + last - 2 * columns)
    )
    time.sleep(0.5)
    asked = [unit for each in self.thumbnails() for unit in each]
    self.assertNotEmpty(asked)
    self.assertLess(max(asked), last)

  def test_moving_on(self) -> None:
    self.open(_MANY, 0, grid='drawings')
    self.press('u', 'u', 'u', 'o', 'o', 'o')
    self.wait(lambda: self.is_shown(300, 1300))
    self.open(_MANY, 0, grid='drawings')
    self.run_in_page(
      'location.hash = location.hash.replace("fire9/concat", arguments[0])',
      toolbox_page.LAYER,
    )
    self.wait(lambda: self.is_shown(46, 46))
    self.assertEqual(self.text('#status'), '')

  def test_large_with_its_variations(self) -> None:
    self.open(unit=4, mode='drawing')
    self.wait(lambda: self.is_large(4))
    self.assertEqual(self.text('#progress-text'), 'done')
    self.assertEqual(self.text('#variation'), '1 of 3')
    self.assertEqual(self.text('#variation-file'), 'units/4.png')
    self.assertIn(f'channel:{toolbox_page.LAYER}:4', self.text('#command'))
    self.click('#variation-after')
    self.wait(lambda: self.is_large(104))
    self.assertEqual(self.text('#variation'), '2 of 3')
    self.assertEqual(self.state()['variation'], '1')
    self.press('>')
    self.wait(lambda: self.is_large(204))
    record = self.run_in_page(
      'return fetch(document.getElementById("drawing-record").href).then('
      '  answer => answer.json())'
    )
    self.assertEqual(record['seed'], 2)
    self.press('>')
    self.wait(lambda: self.is_large(4))
    self.press('<')
    self.wait(lambda: self.is_large(204))
    # The address has it; another unit begins at its first.
    self.assertEqual(self.state()['variation'], '2')
    self.browser.refresh()
    self.wait(lambda: self.is_large(204))
    self.press('l', 'l')
    self.wait(lambda: self.is_large(6))
    self.assertNotIn('variation', self.state())
    self.assertTrue(
      self.run_in_page('return document.getElementById("variation").hidden')
    )

  def test_small_among_what_is_stored(self) -> None:
    self.open(unit=6)
    crops = 'return document.querySelectorAll("#stored img").length'
    self.wait(lambda: self.run_in_page(crops) == 2)

    def is_small() -> bool:
      there = 'return document.querySelectorAll("#stored canvas").length'
      if self.run_in_page(there) != 1:
        return False
      found = self.pixels('#stored canvas', toolbox_page.grid(4))
      return _is_picture(found.reshape(4, 4), 6)

    self.wait(is_small)
    self.click('#stored button:has(canvas)')
    self.assertEqual(self.state()['mode'], 'drawing')
    self.wait(lambda: self.is_large(6))
    self.assertEqual(
      self.run_in_page(
        'return document.querySelectorAll("#stored canvas").length'
      ),
      0,
    )

  def test_drawn_anew(self) -> None:
    self.open(unit=10, mode='drawing')
    self.wait(lambda: self.is_large(10))
    self.assertIn('Draw anew', self.text('#draw'))
    self.click('#draw')
    self.wait_for_text('#progress-text', 'step')
    self.wait_for_text('#progress-text', 'done')
    self.wait(lambda: self.text('#variation') == '2 of 2')
    self.assertEqual(self.text('#variation-file'), 'drawn here')
    self.assertFalse(self.is_large(10))
    self.assertGreater(len(set(self.overview('#drawn'))), 20)
    self.assertEqual(self.state()['variation'], '1')
    self.assertIn('--output_dir=drawings ', self.text('#command'))
    self.press('<')
    self.wait(lambda: self.is_large(10))
    # The atlas's is first.
    self.press('s')
    self.wait(lambda: self.is_shown(10, 10))

  def test_of_a_unit_without_one(self) -> None:
    self.open(unit=5, mode='drawing')
    self.wait_for_text('#undrawn', 'No drawing of unit 5')
    self.assertEqual(self.text('#draw'), 'Draw g')
    self.assertTrue(
      self.run_in_page('return document.getElementById("variations").hidden')
    )

  def test_classes(self) -> None:
    self.open()
    top = [class_id for class_id, *_ in self.maps().header['top']]
    with_picture = [each for each in top if each % 2 == 0]
    self.assertNotEmpty(with_picture)

    def is_small(class_id: int) -> bool:
      selector = f'.classes [data-class="{class_id}"] canvas'
      found = self.pixels(selector, toolbox_page.grid(4)).reshape(4, 4)
      return _is_picture(found, 2000 + class_id)

    for class_id in with_picture:
      self.wait(functools.partial(is_small, class_id))
    for class_id in set(top).difference(with_picture):
      self.assertFalse(is_small(class_id))
    self.click(f'.classes [data-class="{with_picture[0]}"]')
    self.wait(lambda: self.is_large(2000 + with_picture[0]))

  def test_grid_of_classes(self) -> None:
    self.open('pool10', 2, grid='drawings', mode='drawing')
    self.wait(lambda: self.is_shown(100, 2100))
    self.assertFalse(self.is_shown(101, 2101))
    self.wait(lambda: self.is_large(2002))

  def test_new_pictures_appear(self) -> None:
    self.open('fire2/squeeze1x1', 1, grid='drawings', mode='drawing')
    self.wait_for_text('#undrawn', 'No drawing')
    self.draw('new', 'channel:fire2/squeeze1x1:1', 3001)
    atlas: Any = self.session.atlas
    # Not all of the time until it is looked through again.
    atlas.read()
    self.press('l', 'j')
    self.wait(lambda: self.is_large(3001))

  def test_another_network(self) -> None:
    self.open('head', 0, network=1, grid='drawings', mode='drawing')
    self.wait_for_text('#undrawn', 'No drawing')
    self.assertEqual(self.thumbnails(), [])

  @parameterized.parameters(320, 390, 1280)
  def test_no_sideways_scrolling(self, width: int) -> None:
    self.show(width)
    self.open(unit=4, mode='drawing', grid='drawings')
    self.wait(lambda: self.is_large(4))
    wide, seen = self.run_in_page(
      'const e = document.documentElement;return [e.scrollWidth, e.clientWidth]'
    )
    self.assertLessEqual(wide, seen)

  @parameterized.parameters('light', 'dark')
  def test_contrast(self, scheme: str) -> None:
    self.show(scheme=scheme)
    self.open(unit=4, mode='drawing', grid='drawings')
    self.wait(lambda: self.is_large(4))
    ratio, text, count = self.run_in_page(page_case.WORST_CONTRAST)
    self.assertGreater(count, 20)
    self.assertGreaterEqual(ratio, 4.5, text)
    self.assertEqual(self.browser.get_log('browser'), [])


class TwoPagesTest(toolbox_page.ToolboxPageCase):
  """Two pages of one session, each of which watches a drawing."""

  def test_they_do_not_cancel_one_another_for_ever(self) -> None:
    for view in self.session.views:
      before = dict(view.drawer._settings)
      self.addCleanup(view.drawer._settings.update, before)
      view.drawer._settings['overrides'] = {'num_steps': 5000}
    self.open(unit=11, mode='drawing')
    first = self.browser.current_window_handle
    self.press('g')
    self.wait_for_text('#progress-text', 'step')
    self.browser.switch_to.new_window('tab')
    second = self.browser.current_window_handle

    def leave() -> None:
      self.browser.switch_to.window(second)
      self.browser.close()
      self.browser.switch_to.window(first)

    self.addCleanup(leave)
    self.open(unit=12, mode='drawing')
    self.press('g')
    self.wait_for_text('#progress-text', 'step')
    self.browser.switch_to.window(first)
    self.wait_for_text('#progress-text', 'cancelled: another was begun')
    self.assertEqual(self.text('#draw'), 'Draw again g')
    self.browser.switch_to.window(second)
    step = self.step()
    self.wait(lambda: self.step() > step)
    # The first one goes away and comes back: it does not begin it again.
    self.browser.switch_to.window(first)
    self.press('l', 'j')
    time.sleep(1)
    self.browser.switch_to.window(second)
    step = self.step()
    self.wait(lambda: self.step() > step)
    # But when it is told to, and the second one stops.
    self.browser.switch_to.window(first)
    self.click('#draw')
    self.wait_for_text('#progress-text', 'step')
    self.browser.switch_to.window(second)
    self.wait_for_text('#progress-text', 'cancelled: another was begun')
    self.browser.switch_to.window(first)
    step = self.step()
    self.wait(lambda: self.step() > step)
    self.press(keys.Keys.ESCAPE)
    self.wait(lambda: self.text('#progress-text') == 'cancelled')

  def test_a_drawing_that_fails(self) -> None:
    drawer = self.session.views[0].drawer
    before = drawer._folder
    self.addCleanup(setattr, drawer, '_folder', before)
    cache = before.parent / 'file'
    cache.write_bytes(b'')
    drawer._folder = cache / 'squeezenet-0123'
    drawer._subjects.clear()
    self.open(unit=13, mode='drawing')
    self.press('g')
    self.wait_for_text('#progress-text', 'cannot write in the folder')
    text = self.text('#progress-text')
    self.assertIn(f"'{cache}'", text)
    self.assertNotIn('squeezenet-0123', text)
    # All of it can be read.
    wide, seen = self.run_in_page(
      'const e = document.querySelector(".unit");'
      'return [e.scrollWidth, e.clientWidth]'
    )
    self.assertLessEqual(wide, seen)
    drawer._folder = before
    drawer._subjects.clear()
    self.click('#draw')
    self.wait_for_text('#progress-text', 'done')

  def step(self) -> int:
    """Returns the step that is shown."""
    return int(self.text('#progress-text').split()[1])


def _is_picture(red: np.ndarray, number: int) -> bool:
  """Tells whether the [4, 4] red of patches is that of a picture."""
  if None in red:
    # The grid has no such place at the moment.
    return False
  expected = atlas_folders.picture(number, 4, 4)[..., 0] * 255
  # The number of a cell covers its upper left.
  near = np.abs(red - expected) < 8
  return bool(near[1:].all() and near[0, 2:].all())


if __name__ == '__main__':
  absltest.main()
