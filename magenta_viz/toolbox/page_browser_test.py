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

"""Tests of what the toolbox's page shows, in a real browser."""

import time
from typing import Dict, List
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from selenium.webdriver.common import keys

from magenta_viz.media import image_files
from magenta_viz.testing import page_case
from magenta_viz.testing import toolbox_page


class SeeTest(toolbox_page.ToolboxPageCase):
  """What is seen of a picture that stands still."""

  def test_first_page(self) -> None:
    self.open()
    self.assertEqual(
      self.run_in_page(
        'return document.querySelectorAll(".strip button").length'
      ),
      len(self.session.views[0].layers),
    )
    top = self.maps().header['top']
    names = self.run_in_page(
      'return [...document.querySelectorAll(".classes .name")].map('
      '  e => e.textContent)'
    )
    self.assertEqual(names, [name for _, name, _ in top])
    bars = (
      'return [...document.querySelectorAll(".classes .bar")].map('
      '  e => e.firstChild.offsetWidth / e.offsetWidth)'
    )
    shares = [share for _, _, share in top]
    # They grow to it.
    self.wait(lambda: np.allclose(self.run_in_page(bars), shares, atol=0.01))
    picture = self.session.picture(0, 'photo-0')[4::8, 4::8, 0] * 255

    def is_shown() -> bool:
      seen = self.pixels('#picture', toolbox_page.grid(28)).reshape(28, 28)
      return np.allclose(seen, picture, atol=1)

    self.wait(is_shown)

  def test_grid_has_the_maps(self) -> None:
    self.open(unit=0, palette='grey', gamma=1, labels=0)
    cell, width, height, units = self.run_in_page(toolbox_page.CELLS)
    self.assertEqual([each for each in units if each >= 0], list(range(48)))
    maps = self.maps()
    low, high = maps.header['low'], maps.header['high']
    self.assertEqual(low, 0)
    self.assertGreater(high, 0)
    columns = round(width / cell)
    inner = toolbox_page.grid(toolbox_page.MAP_SIDE) * (cell - 2) + 1
    dead = self.session.dead(0, toolbox_page.LAYER)['dead']
    self.assertLess(len(dead), 24)
    for unit in set(range(1, 48)).difference(dead):
      corner = np.array([unit % columns, unit // columns]) * cell
      places = (inner + corner) / [width, height]
      seen = self.pixels('.grid canvas', places).reshape(
        toolbox_page.MAP_SIDE, toolbox_page.MAP_SIDE
      )
      expected = maps.levels[unit].astype(float)
      # The number of a cell covers its upper left.
      np.testing.assert_allclose(seen[4:], expected[4:], atol=1)

  def test_dead_units_are_hatched(self) -> None:
    layer = 'fire9/concat'
    self.addCleanup(self.session.views[0].activity.clear)
    for seed in range(25):
      noise = np.random.RandomState(seed).rand(16, 16, 3).astype(np.float32)
      self.session.frame(0, layer, image_files.encode_png(noise), 8)
    dead = self.session.dead(0, layer)['dead']
    self.assertNotEmpty(dead)
    self.open(layer, unit=0)
    cell, width, height, units = self.run_in_page(toolbox_page.CELLS)
    columns = round(width / cell)
    inner = toolbox_page.grid(24) * 0.6 + 0.3
    for unit in filter(lambda each: each > 0, units):
      corner = np.array([unit % columns, unit // columns])
      places = (inner + corner) * cell / [width, height]
      found = self.pixels('.grid canvas', places)
      # Grey lines on darker grey, which maps do not have.
      is_hatched = np.mean(found == 0x2B) > 0.3 and found.max() > 0x70
      self.assertEqual(is_hatched, unit in dead, unit)
    self.point(dead[0])
    self.assertIn('never active', self.text('#pointed'))

  def test_rare_units_have_rings(self) -> None:
    self.open(unit=0)
    cell, width, height, units = self.run_in_page(toolbox_page.CELLS)
    columns = round(width / cell)
    # The lower right corner of each cell, where a ring is.
    inner = np.stack(np.meshgrid(*2 * [np.arange(cell - 11, cell - 2)]), -1)

    def corners() -> Dict[int, List[int]]:
      found = {}
      for unit in filter(lambda each: each > 0, units):
        corner = np.array([unit % columns, unit // columns]) * cell
        places = (inner.reshape(-1, 2) + 0.5 + corner) / [width, height]
        found[unit] = self.pixels('.grid canvas', places).tolist()
      return found

    plain = corners()
    told = {'dead': [], 'rare': [2, 7], 'num_pictures': 25}
    with mock.patch.object(self.session, 'dead', return_value=told):
      self.open(unit=0)
      self.point(7)
      self.wait_for_text('#pointed', 'rarely active')
      self.run_in_page(toolbox_page.CELLS)
      marked = corners()
    changed = [unit for unit in plain if plain[unit] != marked[unit]]
    self.assertEqual(changed, told['rare'])
    for unit in changed:
      self.assertGreater(max(marked[unit]), 0x90)

  def test_strength_comes_first(self) -> None:
    self.open(sort='strength')
    units = self.run_in_page(toolbox_page.CELLS)[3]
    maxima = np.array(self.maps().header['maxima'])
    found = maxima[[each for each in units if each >= 0]]
    self.assertLen(found, 48)
    self.assertTrue((np.diff(found) <= 0).all())

  def test_click_on_a_unit(self) -> None:
    self.open(unit=0)
    before = self.overview('#map')
    self.run_in_page(
      'const canvas = document.querySelector(".grid canvas");'
      'const box = canvas.getBoundingClientRect();'
      'canvas.dispatchEvent(new MouseEvent("click", {'
      '  clientX: box.left + 1.5 * arguments[0], clientY: box.top + 5}))',
      self.run_in_page(toolbox_page.CELLS)[0],
    )
    self.assertEqual(self.text('#unit-name'), 'Unit 1')
    self.assertEqual(self.state()['unit'], '1')
    one = self.values()[1]
    row, column = divmod(int(one.argmax()), toolbox_page.MAP_SIDE)
    self.wait_for_text('#unit-values', f'at row {row}, column {column}')
    shown = float(self.text('#unit-values').split()[1])
    self.assertAlmostEqual(shown, one.max(), delta=0.01 * one.max())
    self.assertNotEqual(self.overview('#map'), before)

  def test_map_alone_and_over_the_picture(self) -> None:
    maxima = self.maps().header['maxima']
    unit = int(np.argmax(maxima))
    self.open(unit=unit, palette='grey', gamma=1)
    self.run_in_page(
      'const veil = document.getElementById("veil"); veil.value = 1;'
      'veil.dispatchEvent(new Event("input"))'
    )
    one = self.values()[unit]
    row, column = divmod(int(one.argmax()), toolbox_page.MAP_SIDE)
    distance = np.abs(np.indices(one.shape) - [[[row]], [[column]]]).max(0)
    is_apart = (distance > 0) & ~_box(self, unit)

    def is_map() -> bool:
      seen = self.pixels('#map', toolbox_page.grid(toolbox_page.MAP_SIDE))
      apart = seen.reshape(one.shape)[is_apart]
      return np.allclose(apart, 255 * one[is_apart] / one.max(), atol=3)

    self.wait(is_map)
    self.run_in_page(
      'const veil = document.getElementById("veil"); veil.value = 0;'
      'veil.dispatchEvent(new Event("input"))'
    )
    seen = self.pixels('#map', toolbox_page.grid(28)).reshape(28, 28)
    picture = self.session.picture(0, 'photo-0')[4::8, 4::8, 0] * 255
    self.assertLess(np.median(np.abs(seen - picture)), 4)

  def test_receptive_field_is_framed(self) -> None:
    unit = int(np.argmax(self.maps().header['maxima']))
    self.open(unit=unit, y=6, x=7)
    self.run_in_page(
      'const veil = document.getElementById("veil"); veil.value = 1;'
      'veil.dispatchEvent(new Event("input"))'
    )
    field = self.session.field(0, toolbox_page.LAYER, unit, (6, 7))
    top, bottom = field['top'], field['bottom']
    left, right = field['left'], field['right']
    self.assertTrue(0 < left < right < 1 and 0 < top < bottom < 1)
    corners = np.array(
      [[left, top], [right, top], [right, bottom], [left, bottom]]
    )
    along = np.linspace(0.05, 0.95, 9)[:, None, None]
    sides = corners + along * (np.roll(corners, -1, axis=0) - corners)

    def are_white(places: np.ndarray) -> bool:
      return bool((self.pixels('#map', places.reshape(-1, 2)) > 0xC0).all())

    self.wait(lambda: are_white(sides))
    middle = corners.mean(0)
    for share in (0.93, 1.07):
      self.assertFalse(are_white(middle + share * (sides - middle)))

  def test_a_chosen_place(self) -> None:
    self.open()
    self.run_in_page(
      'const canvas = document.getElementById("map");'
      'const box = canvas.getBoundingClientRect();'
      'canvas.dispatchEvent(new MouseEvent("click", {'
      '  clientX: box.left + 3.5 / 13 * box.width,'
      '  clientY: box.top + 8.5 / 13 * box.height}))'
    )
    self.assertEqual([self.state()[each] for each in 'yx'], ['8', '3'])
    self.wait_for_text('#unit-values', 'at row 8, column 3')
    value = self.values()[5, 8, 3]
    shown = float(self.text('#unit-values').split()[0])
    self.assertAlmostEqual(shown, value, delta=0.01 * abs(value) + 1e-6)
    self.press(keys.Keys.ESCAPE)
    self.assertNotIn('y', self.state())

  def test_looks_of_the_grid(self) -> None:
    self.open()
    seen = [self.overview('.grid canvas')]
    for key in ('t', 'T', 'p', 'r', '8'):
      self.press(key)
      if key != '8':
        found = self.overview('.grid canvas')
        self.assertNotIn(found, seen, key)
        seen.append(found)
    self.assertEqual(
      {key: self.state()[key] for key in ('gamma', 'boost', 'palette', 'sort')},
      {'gamma': '0.3', 'boost': '0.5', 'palette': 'grey', 'sort': 'strength'},
    )
    self.assertTrue(
      self.run_in_page('return document.getElementById("classes").hidden')
    )

  def test_changes(self) -> None:
    self.open()
    self.press('a')
    still = self.overview('.grid canvas')
    self.assertGreater(np.mean(np.array(still) == 0), 0.9)
    self.press('e')
    self.wait(
      lambda: np.mean(np.array(self.overview('.grid canvas')) == 0) < 0.9
    )
    # Numbers say what colours do.
    after = self.session.maps(0, toolbox_page.LAYER, 'photo-1', 64)
    before, after = (
      each.header['low']
      + (each.header['high'] - each.header['low']) * each.levels[5] / 255
      for each in (self.maps(), after)
    )
    self.point(5)
    words = self.text('#pointed').partition('changed by ')[2].split()
    self.assertAlmostEqual(
      float(words[0]), (after - before).min(), delta=0.01 * after.max()
    )
    self.assertAlmostEqual(
      float(words[2]), (after - before).max(), delta=0.01 * after.max()
    )
    self.press('a')
    self.assertEqual(
      self.run_in_page('return document.querySelector(".changes").ariaPressed'),
      'false',
    )

  def test_numbers(self) -> None:
    self.open(mode='numbers')
    found = self.session.unit(0, toolbox_page.LAYER, 5, 'photo-0')[
      'correlations'
    ]
    self.wait(
      lambda: (
        self.run_in_page(
          'return document.querySelectorAll("#correlations li").length'
        )
        == len(found)
      )
    )
    self.assertIn(f'unit {found[0][0]}', self.text('#correlations li'))
    self.assert_histogram(5)
    self.click('#correlations button')
    self.assertEqual(self.state()['unit'], str(found[0][0]))

  def assert_histogram(self, unit: int) -> None:
    """Fails unless the bars are as high as a unit's values are many."""
    answer = self.session.unit(0, toolbox_page.LAYER, unit, 'photo-0')
    counts = np.log1p(answer['histogram']['counts'])
    width = self.run_in_page(
      'return document.getElementById("histogram").clientWidth'
    )
    bars = (4 + (np.arange(24) + 0.5) / 24 * (width - 8)) / width
    rows = np.arange(0.5, 131)
    places = np.stack(np.meshgrid(bars, rows / 150, indexing='ij'), -1).reshape(
      -1, 2
    )
    lit = self.pixels('#histogram', places).reshape(24, -1) > 0
    np.testing.assert_allclose(lit.sum(1), 126 * counts / counts.max(), atol=2)

  def test_layers_of_single_values(self) -> None:
    self.open('logits', 7, network=1, mode='numbers')
    value = self.session.unit(1, 'logits', 7, 'photo-0')['value']
    shown = self.text('#unit-values')
    self.assertStartsWith(shown, 'value ')
    self.assertAlmostEqual(
      float(shown.split()[1]), value, delta=0.01 * abs(value)
    )
    self.wait_for_text('#uncorrelated', 'single values')
    self.assertIn('1000 values', self.text('#unit-layer'))


def _box(test: toolbox_page.ToolboxPageCase, unit: int) -> np.ndarray:
  """Returns which places of a map the edge of the box may cover."""
  answer = test.session.unit(0, toolbox_page.LAYER, unit, 'photo-0')
  covered = np.zeros((toolbox_page.MAP_SIDE, toolbox_page.MAP_SIDE), bool)
  field = answer.get('receptive_field')
  if field:
    for side in ('top', 'bottom'):
      row = min(
        int(field[side] * toolbox_page.MAP_SIDE), toolbox_page.MAP_SIDE - 1
      )
      covered[max(row - 1, 0) : row + 1] = True
    for side in ('left', 'right'):
      column = min(
        int(field[side] * toolbox_page.MAP_SIDE), toolbox_page.MAP_SIDE - 1
      )
      covered[:, max(column - 1, 0) : column + 1] = True
  return covered


class LooksTest(toolbox_page.ToolboxPageCase):
  """What is true of the whole page."""

  @parameterized.parameters(320, 390, 700, 1000, 1280, 1920)
  def test_no_sideways_scrolling(self, width: int) -> None:
    self.show(width)
    self.open(rule='guided', other_network=1)
    wide, seen = self.run_in_page(
      'const e = document.documentElement;return [e.scrollWidth, e.clientWidth]'
    )
    self.assertLessEqual(wide, seen)

  def test_all_is_seen_at_1280_by_720(self) -> None:
    self.open()
    beyond = (
      'return [...document.querySelectorAll("main button,main canvas")].filter('
      '  e => e.checkVisibility() && !e.closest(".strip, .grid") &&'
      '    e.getBoundingClientRect().bottom > innerHeight).length'
    )
    # Crops have their sizes when they have come.
    all_there = 'return [...document.images].every(each => each.complete)'
    self.wait(lambda: self.run_in_page(all_there))
    self.wait(lambda: self.run_in_page(beyond) == 0)

  @parameterized.parameters('light', 'dark')
  def test_contrast(self, scheme: str) -> None:
    self.show(scheme=scheme)
    self.open(off=f'{toolbox_page.LAYER}:3', mode='numbers')
    self.press('h')
    ratio, text, count = self.run_in_page(page_case.WORST_CONTRAST)
    self.assertGreater(count, 100)
    self.assertGreaterEqual(ratio, 4.5, text)

  @parameterized.parameters(390, 1280)
  def test_menu_is_whole(self, width: int) -> None:
    self.show(width)
    self.open()
    self.click('#save summary')
    cut = self.run_in_page(
      'const menu = document.querySelector("#save div"),'
      '  box = menu.getBoundingClientRect();'
      'return [box.left < 0, box.right > innerWidth, ...['
      '  ...menu.querySelectorAll("a, button, small")].map('
      '  e => e.getBoundingClientRect().right > box.right ||'
      '    e.scrollWidth > e.clientWidth + 1 && e.tagName !== "SMALL")]'
    )
    self.assertNotIn(True, cut)
    self.assertLen(cut, 9)

  @parameterized.parameters(390, 1280)
  def test_long_names(self, width: int) -> None:
    self.show(width)
    start = self.session.start()
    for each in start['networks']:
      each['name'] = f'{each["name"]}_of_' + 9 * 'a_long_name_'
    layer = 'fire6/concat'
    with mock.patch.object(self.session, 'start', return_value=start):
      self.open(layer, off=f'{layer}:5', other_network=1)
      self.run_in_page(
        'document.querySelector("#switched button").firstChild.textContent ='
        '  arguments[0]',
        80 * 'x',
      )
      beyond = self.run_in_page(
        'return [...document.querySelectorAll("header *, .pane-name *,'
        ' #switched *, #unit-layer")].filter(e => e.checkVisibility() &&'
        '  !e.closest("option") && e.getBoundingClientRect().right >'
        '  e.parentElement.getBoundingClientRect().right + 1).map('
        '  e => e.outerHTML.slice(0, 80))'
      )
      self.assertEqual(beyond, [])
      wide = self.run_in_page('return document.documentElement.scrollWidth')
      self.assertLessEqual(wide, width)

  def test_theme(self) -> None:
    self.open()
    color = 'return getComputedStyle(document.body).backgroundColor'
    dark = self.run_in_page(color)
    self.click('#theme')
    light = self.run_in_page(color)
    self.assertNotEqual(light, dark)
    self.browser.refresh()
    self.wait(lambda: self.run_in_page(color) == light)
    self.click('#theme')

  def test_buttons_and_pictures_have_names(self) -> None:
    self.open(rule='guided')
    # Whose names are those of their pictures.
    crops = 'return document.querySelectorAll("#stored img").length'
    self.wait(lambda: self.run_in_page(crops))
    nameless = self.run_in_page(
      'return [...document.querySelectorAll('
      '  "button, select, input, canvas, progress, a")].filter('
      '  e => !(e.ariaLabel || e.textContent.trim() ||'
      '    e.querySelector("img")?.alt ||'
      '    e.labels?.[0]?.textContent.trim() || e.id === "histogram")).map('
      '  e => e.outerHTML)'
    )
    self.assertEqual(nameless, [])

  def test_nothing_comes_from_elsewhere_and_nothing_is_wrong(self) -> None:
    self.open(rule='guided', mode='numbers')
    time.sleep(0.5)
    requests = self.requests()
    self.assertGreater(len(requests), 15)
    for address in requests:
      if not address.startswith(('blob:', 'data:', 'about:')):
        self.assertStartsWith(address, self.address)
    self.assertEqual(self.browser.get_log('browser'), [])


if __name__ == '__main__':
  absltest.main()
