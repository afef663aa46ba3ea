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

"""Tests of the page of an activation atlas in a real browser."""

from pathlib import Path
import time
from typing import Any, ClassVar, Dict, List

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from selenium.webdriver.common import action_chains
from selenium.webdriver.common import keys

from magenta_viz.atlas import cell_files
from magenta_viz.atlas import cell_page
from magenta_viz.media import image_files
from magenta_viz.media import pages
from magenta_viz.testing import atlas_folders
from magenta_viz.testing import page_case

_HOSTILE = '<img src=x onerror="window.hacked=1">'
# Row, column, and the attributions of classes.
_CELLS: Any = (
  (0, 0, {1: 0.5, 2: 0.25}),
  (0, 2, {2: 1.0}),
  (1, 1, {1: 0.25}),
  (2, 0, {}),
  (3, 3, {1: 0.1, 2: 0.05}),
)
_PICTURES = ('a b#1.png', 'b.png', 'c.png', 'd.png', 'missing.png')


def _cell(row: int, column: int, classes: Dict[int, float]) -> Dict[str, Any]:
  return {
    'row': row,
    'column': column,
    'num_points': 7 + row,
    'num_photographs': 2,
    'classes': [
      {
        'class_id': each,
        'class_name': f'{_HOSTILE}{each}, other',
        'attribution': value,
      }
      for each, value in classes.items()
    ],
    'photographs': [
      {'number': 3, 'row': 2, 'column': 5, 'cosine': 0.9},
      {'number': 8, 'row': 6, 'column': 1, 'cosine': 0.8},
    ],
  }


def _write(folder: Path) -> None:
  """Writes the page of some cells, one of which is not drawn."""
  record = {
    'settings': {
      'network': {'model': 'small'},
      'layer': f'layer/{_HOSTILE}',
      'positions': 2,
      'grid': 4,
      'seed': 0,
    },
    'image': '/photos',
    'num_points': 1234,
    'num_photographs': 9,
    'map': [8, 8],
    'shown': {'3': f'{_HOSTILE}.png', '8': 'eight.png'},
    'passed_over': [f'cannot read {_HOSTILE}'],
    'cells': [_cell(*each) for each in _CELLS],
  }
  shown = {
    number: pages.shown(atlas_folders.picture(number)).uri for number in (3, 8)
  }
  cell_files.write(folder, np.ones((5, 3)), {}, shown, record)
  for seed, name in enumerate(_PICTURES[:-1]):
    image_files.write_png(folder / name, atlas_folders.picture(seed, 64, 64))
  cell_page.write(folder, _PICTURES)


class CellPageTest(page_case.BrowserCase):
  _address: ClassVar[str]

  @classmethod
  def write(cls, folder: Path) -> None:
    place = folder / 'atlas/cells/layer'
    _write(place)
    cls._address = (place / 'index.html').as_uri()

  def setUp(self) -> None:
    super().setUp()
    self.show()
    self.open()

  def open(self, hash_: str = '') -> None:
    """Opens the page."""
    self.visit(self._address + hash_)

  def opened(self) -> str:
    """Returns what is said of the cell that is open."""
    return str(
      self.run_in_page('return document.getElementById("opened").textContent')
    )

  def scale(self) -> float:
    """Returns how close the map is."""
    return float(
      self.run_in_page(
        'return new DOMMatrix(document.getElementById("plane").style.transform)'
        '.a'
      )
    )

  def assert_opened(self, words: str) -> None:
    """Waits until something is said of the cell that is open."""
    end = time.monotonic() + 10
    while words not in self.opened() and time.monotonic() < end:
      time.sleep(0.02)
    self.assertIn(words, self.opened())

  def cells(self, script: str) -> List[Any]:
    """Returns something of each cell."""
    return list(
      self.run_in_page(
        f'return [...document.querySelectorAll(".cell")].map(e => {script})'
      )
    )

  def test_all_of_it_comes_from_the_disk(self) -> None:
    root = self._address.rpartition('/')[0]
    for address in page_case.requests(self.browser):
      self.assertTrue(address.startswith((f'{root}/', 'data:')), address)
    # But for the picture that is missing, nothing is wrong.
    errors = self.browser.get_log('browser')
    self.assertLessEqual(
      {'missing.png' in each['message'] for each in errors}, {True}
    )
    self.assertIsNone(self.run_in_page('return window.hacked'))
    sizes = self.cells('e.querySelector("img")?.naturalWidth')
    self.assertEqual(sizes[:4], [64] * 4)
    back = self.run_in_page('return document.querySelector(".back a").href')
    self.assertEqual(back, f'{root.rpartition("/cells/")[0]}/index.html')
    text = self.run_in_page('return document.body.textContent')
    self.assertIn('5 cells of 1234 points in 9 photographs', text)
    self.assertIn(f'cannot read {_HOSTILE}', text)

  def test_cells_are_in_their_places(self) -> None:
    boxes = self.cells(
      '{const r = e.getBoundingClientRect(); return [r.left, r.top, r.width]}'
    )
    (left, top, side), *_ = boxes
    for (x, y, width), (row, column, _) in zip(boxes, _CELLS):
      self.assertAlmostEqual(x, left + column * side, delta=0.1)
      self.assertAlmostEqual(y, top + row * side, delta=0.1)
      self.assertAlmostEqual(width, side, delta=0.1)

  def test_a_cell_has_an_address(self) -> None:
    self.open('#r0c0')
    text = self.opened()
    self.assertIn('Row 0, column 0', text)
    self.assertIn('7 points', text)
    self.assertIn(f'{_HOSTILE}1', text)
    self.assertIn('0.500', text)
    self.assertIn('eight.png', text)
    widths = self.run_in_page(
      'return [...document.querySelectorAll(".bar i")].map(e => e.style.width)'
    )
    self.assertEqual(widths, ['100%', '50%'])
    places = self.run_in_page(
      'return [...document.querySelectorAll(".place")].map('
      'e => [e.style.left, e.style.top])'
    )
    self.assertEqual(places[0], ['68.75%', '31.25%'])
    self.assertEqual(
      self.run_in_page(
        'return document.querySelector("#opened .large").naturalWidth'
      ),
      64,
    )
    self.assertIsNone(self.run_in_page('return window.hacked'))
    self.open('#r1c0')
    self.assertIn('A cell that you click', self.opened())

  def test_clicks_and_drags(self) -> None:
    cells = self.browser.find_elements('css selector', '.cell')
    cells[1].click()
    self.assert_opened('Row 0, column 2')
    self.assertTrue(self.browser.current_url.endswith('#r0c2'))
    place = self.run_in_page(
      'return document.getElementById("plane").style.transform'
    )
    action_chains.ActionChains(self.browser).drag_and_drop_by_offset(
      cells[2], 40, 30
    ).perform()
    self.assertNotEqual(
      self.run_in_page(
        'return document.getElementById("plane").style.transform'
      ),
      place,
    )
    # To move the map is not to open what is under the pointer.
    self.assert_opened('Row 0, column 2')

  def test_keys(self) -> None:
    self.run_in_page('document.querySelector(".cell").focus()')
    self.press(keys.Keys.ARROW_RIGHT, keys.Keys.ENTER)
    self.assert_opened('Row 0, column 2')
    self.press(keys.Keys.ARROW_DOWN, keys.Keys.ENTER)
    self.assert_opened('Row 1, column 1')
    self.press(keys.Keys.ESCAPE)
    self.assert_opened('A cell that you click')
    reachable = self.cells('e.tabIndex')
    self.assertEqual(sorted(reachable), [-1] * 4 + [0])
    before = self.scale()
    self.press('+', '+')
    self.assertAlmostEqual(self.scale(), before * 1.4**2, delta=0.01)
    self.press('-')
    self.assertAlmostEqual(self.scale(), before * 1.4, delta=0.01)
    self.press('0', '-')
    self.assertAlmostEqual(self.scale(), before, delta=0.01)

  def test_wheel_keeps_what_is_under_it(self) -> None:
    (cell, *_) = self.browser.find_elements('css selector', '.cell')
    before = self.scale()
    middle = 'const r = arguments[0].getBoundingClientRect();' + (
      'return [r.left + r.width / 2, r.top + r.height / 2]'
    )
    place = self.run_in_page(middle, cell)
    self.run_in_page(
      'document.getElementById("map").dispatchEvent(new WheelEvent("wheel",'
      '{deltaY: -200, clientX: arguments[0], clientY: arguments[1],'
      ' cancelable: true}))',
      *place,
    )
    self.assertAlmostEqual(self.scale(), before * np.exp(0.5), delta=0.01)
    np.testing.assert_allclose(self.run_in_page(middle, cell), place, atol=1)

  def test_two_fingers_come_closer(self) -> None:
    before = self.scale()
    self.run_in_page(
      """
      const map = document.getElementById('map');
      const {left, top} = map.getBoundingClientRect();
      const touch = (type, id, x, y) => map.dispatchEvent(new PointerEvent(
        type, {pointerId: id, clientX: left + x, clientY: top + y,
               bubbles: true}));
      touch('pointerdown', 1, 300, 200);
      touch('pointerdown', 2, 400, 200);
      touch('pointermove', 2, 450, 200);
      touch('pointermove', 1, 250, 200);
      touch('pointerup', 1, 250, 200);
      touch('pointerup', 2, 450, 200);
      """
    )
    self.assertAlmostEqual(self.scale(), 2 * before, delta=0.01)

  def test_classes_shine(self) -> None:
    self.open('#r1c1')
    self.run_in_page('document.querySelector(".classes button").click()')
    shares = self.cells('Number(e.dataset.share)')
    np.testing.assert_allclose(shares, [1, 0, 0.5, 0, 0.2], atol=1e-3)
    opacities = [float(each) for each in self.cells('e.style.opacity')]
    self.assertEqual(max(opacities), 1)
    self.assertLess(opacities[1], 0.2)
    text = self.run_in_page(
      'return document.getElementById("shining").textContent'
    )
    self.assertEqual(text, 'in 3 cells')
    # The one that most is said of comes first.
    self.assertEqual(
      self.run_in_page(
        'return [...document.getElementById("class").options].map(e => e.value)'
      ),
      ['', '2', '1'],
    )
    self.run_in_page('document.querySelector(".classes button").click()')
    self.assertEqual(set(self.cells('e.style.opacity')), {'1'})

  @parameterized.parameters('light', 'dark')
  def test_contrast(self, scheme: str) -> None:
    self.show(1280, scheme)
    self.open('#r0c0')
    ratio, text, count = self.run_in_page(page_case.WORST_CONTRAST)
    self.assertGreater(count, 15)
    self.assertGreaterEqual(ratio, 4.5, text)

  @parameterized.parameters(320, 700, 1280)
  def test_no_sideways_scrolling(self, width: int) -> None:
    self.show(width)
    self.open('#r0c0')
    wide, seen = self.run_in_page(
      'const e = document.documentElement;return [e.scrollWidth, e.clientWidth]'
    )
    self.assertLessEqual(wide, seen)

  def test_all_has_a_name(self) -> None:
    labels = self.cells('e.getAttribute("aria-label")')
    self.assertEqual(
      labels[0], f'row 0, column 0: 7 points, {_HOSTILE}1, {_HOSTILE}2'
    )
    nameless = self.run_in_page(
      'return [...document.querySelectorAll("button, select, a")].filter('
      'e => !(e.textContent.trim() || e.ariaLabel || e.labels?.length)).length'
    )
    self.assertEqual(nameless, 0)


if __name__ == '__main__':
  absltest.main()
