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

"""Tests of the toolbox's keys and addresses, in a real browser."""

import urllib.parse

from absl.testing import absltest
import numpy as np
from selenium.webdriver.common import keys

from magenta_viz.attribution import looking
from magenta_viz.testing import toolbox_page


class HandsTest(toolbox_page.ToolboxPageCase):
  """Keys, addresses and what is done to units."""

  def test_moves(self) -> None:
    self.open(unit=20)
    cell, width, _, _ = self.run_in_page(toolbox_page.CELLS)
    columns = round(width / cell)
    arrows = keys.Keys
    for key, unit in (
      ('l', 21),
      (arrows.ARROW_RIGHT, 22),
      ('L', 25),
      ('j', 24),
      ('J', 21),
      (arrows.ARROW_DOWN, 21 + columns),
      ('i', 21),
      ('k', 21 + columns),
      (arrows.ARROW_UP, 21),
    ):
      self.press(key)
      self.assertEqual(self.state()['unit'], str(unit), key)

  def test_moves_in_the_strip(self) -> None:
    self.open(unit=3)
    names = list(self.session.views[0].layers)
    place = names.index(toolbox_page.LAYER)
    self.press('i')
    for key, away in (('l', 1), ('L', 4), ('j', 3), ('J', 0)):
      self.press(key)
      self.assertEqual(self.state()['layer'], names[place + away], key)
    self.press('k', 'l')
    self.assertEqual(self.state()['layer'], toolbox_page.LAYER)
    self.assertEqual(self.state()['unit'], '4')

  def test_arrows_follow_the_focus(self) -> None:
    self.open(unit=3)
    names = list(self.session.views[0].layers)
    place = names.index(toolbox_page.LAYER)
    # Tab stops once in the strip, be there two hundred layers.
    stops = 'return [...document.querySelectorAll(".strip button")].filter('
    self.assertEqual(
      self.run_in_page(f'{stops}e => e.tabIndex === 0).length'), 1
    )
    focus = 'document.querySelector(arguments[0]).focus({focusVisible: true})'
    self.run_in_page(focus, '.strip [aria-pressed=true]')
    self.press(keys.Keys.ARROW_RIGHT, keys.Keys.ARROW_RIGHT)
    self.assertEqual(self.state()['layer'], names[place + 2])
    self.assertEqual(
      self.run_in_page('return document.activeElement.dataset.layer'),
      names[place + 2],
    )
    self.run_in_page(focus, '.grid canvas')
    self.press(keys.Keys.ARROW_RIGHT)
    self.assertEqual(self.state()['unit'], '4')

  def test_touch(self) -> None:
    self.browser.execute_cdp_cmd(
      'Emulation.setTouchEmulationEnabled', {'enabled': True}
    )
    self.addCleanup(
      self.browser.execute_cdp_cmd,
      'Emulation.setTouchEmulationEnabled',
      {'enabled': False},
    )
    self.open(unit=0)
    cell = self.run_in_page(toolbox_page.CELLS)[0]
    self.tap('.grid canvas', 2.5 * cell, 0.5 * cell)
    self.wait_for_text('#unit-name', 'Unit 2')
    width = self.run_in_page(
      'return document.getElementById("map").clientWidth'
    )
    self.tap('#map', 4.5 / 13 * width, 9.5 / 13 * width)
    self.wait_for_text('#unit-values', 'at row 9, column 4')
    value = self.values()[2, 9, 4]
    shown = float(self.text('#unit-values').split()[0])
    self.assertAlmostEqual(shown, value, delta=0.01 * abs(value) + 1e-6)

  def tap(self, selector: str, x: float, y: float) -> None:
    """Taps with a finger on a place of an element, in pixels."""
    left, top = self.run_in_page(
      'const box = document.querySelector(arguments[0])'
      '.getBoundingClientRect(); return [box.left, box.top]',
      selector,
    )
    points = [{'x': left + x, 'y': top + y}]
    for kind, given in (('touchStart', points), ('touchEnd', [])):
      self.browser.execute_cdp_cmd(
        'Input.dispatchTouchEvent', {'type': kind, 'touchPoints': given}
      )

  def test_layers_with_the_same_unit(self) -> None:
    self.open(unit=7)
    names = list(self.session.views[0].layers)
    self.press('o')
    self.assertEqual(
      self.state()['layer'], names[names.index(toolbox_page.LAYER) + 1]
    )
    self.assertEqual(self.state()['unit'], '7')
    self.press('u', 'u')
    self.assertEqual(
      self.state()['layer'], names[names.index(toolbox_page.LAYER) - 1]
    )

  def test_a_key_that_is_held(self) -> None:
    self.open(unit=0)
    self.run_in_page(
      'for (let i = 0; i < 30; i += 1) document.body.dispatchEvent('
      '  new KeyboardEvent("keydown", {key: "l", bubbles: true}))'
    )
    self.assertEqual(self.text('#unit-name'), 'Unit 30')
    self.assertEqual(self.state()['unit'], '30')
    self.press('e')
    self.browser.back()
    self.wait(lambda: self.state()['picture'] == 'photo-0')
    self.assertEqual(self.text('#unit-name'), 'Unit 30')

  def test_place_by_arrows(self) -> None:
    self.open()
    row, column = self.session.unit(0, toolbox_page.LAYER, 5, 'photo-0')[
      'position'
    ]
    # The browser shows the focus, as after Tab.
    self.run_in_page(
      'document.getElementById("map").focus({focusVisible: true})'
    )
    self.wait_for_text('#unit-values', f'at row {row}, column {column}')
    away = keys.Keys.ARROW_UP if row else keys.Keys.ARROW_DOWN
    self.press(away)
    row += -1 if row else 1
    self.wait_for_text('#unit-values', f'at row {row}, column {column}')
    self.assertEqual(self.state()['y'], str(row))
    self.assertEqual(self.state()['unit'], '5')

  def test_back_button(self) -> None:
    self.open()
    self.click('.strip [data-layer="fire4/concat"]')
    self.wait_for_text('#unit-layer', 'fire4/concat')
    self.press('e')
    self.assertEqual(self.state()['picture'], 'photo-1')
    self.browser.back()
    self.browser.back()
    self.wait_for_text('#unit-layer', toolbox_page.LAYER)
    self.assertEqual(self.state()['picture'], 'photo-0')
    self.browser.forward()
    self.wait_for_text('#unit-layer', 'fire4/concat')

  def test_unit_off(self) -> None:
    unit = int(np.argmax(self.maps().header['maxima']))
    self.open(unit=unit)
    self.press('x')
    off = (looking.Unit(toolbox_page.LAYER, unit),)
    changed = self.maps(off).header['top']
    self.assertNotEqual(changed, self.maps().header['top'])
    self.wait_for_text('.classes', 'was')
    # No place of it is the strongest.
    self.wait_for_text('#unit-values', '0 everywhere')
    whole = {name: share for _, name, share in self.maps().header['top']}
    rows = self.run_in_page(
      'return [...document.querySelectorAll(".classes li")].map('
      '  e => [...e.querySelectorAll(".name, .number")].map('
      '    each => each.textContent))'
    )
    for (_, name, share), (shown, was, text) in zip(changed, rows):
      self.assertEqual(shown, name)
      self.assertEqual(float(text[:-2]), _percent(share))
      if name in whole:
        self.assertEqual(float(was[4:-2]), _percent(whole[name]))
    self.assertIn(f'{toolbox_page.LAYER}:{unit}', self.text('#switched'))
    self.assertEqual(self.state()['off'], f'{toolbox_page.LAYER}:{unit}')
    self.click('#switched button')
    self.wait(lambda: 'was' not in self.text('.classes'))
    self.assertNotIn('off', self.state())

  def test_help_lists_all_keys(self) -> None:
    self.open()
    self.press('h')
    self.assertTrue(
      self.run_in_page('return document.getElementById("keys").open')
    )
    listed = self.run_in_page(
      'return [...document.querySelectorAll("#keys dt kbd")].map('
      '  e => e.textContent)'
    )
    old = 'c f e w 0 j l i k u o z s b n m d a t T 8 9 h ← → ↑ ↓ Esc'
    self.assertContainsSubset(old.split(), listed)
    self.assertLen(set(listed), len(listed))
    self.press(keys.Keys.ESCAPE)
    self.assertFalse(
      self.run_in_page('return document.getElementById("keys").open')
    )

  def test_large_views(self) -> None:
    self.open()
    found = []
    for _ in range(5):
      found.append(self.state().get('mode', 'map'))
      self.press('z')
    self.assertEqual(found, ['map', 'drawing', 'crops', 'numbers', 'none'])
    self.assertNotIn('mode', self.state())
    self.open(mode='none')
    shown = 'return document.getElementById("unit-name").checkVisibility()'
    self.assertFalse(self.run_in_page(shown))
    self.click('#show-unit')
    self.assertTrue(self.run_in_page(shown))

  def test_links(self) -> None:
    self.open()
    record, export = self.run_in_page(
      'return ["record", "export"].map('
      '  e => document.getElementById(`save-${e}`).href)'
    )
    self.assertStartsWith(record, f'{self.address}api/record?')
    self.assertStartsWith(export, f'{self.address}api/export?')
    for link in (record, export):
      query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(link).query))
      self.assertEqual(
        [query[each] for each in ('layer', 'unit', 'picture')],
        [toolbox_page.LAYER, '5', 'photo-0'],
      )

  def test_what_is_saved(self) -> None:
    self.open()
    script = (
      'const done = arguments[0];'
      'Promise.all(["picture", "record", "export"].map(e => fetch('
      '  document.getElementById(`save-${e}`).href).then(r => r.text()))'
      ').then(done)'
    )
    picture, record, export = self.browser.execute_async_script(script)
    self.assertIn('PNG', picture[:8])
    self.assertIn('"unit": 5', record)
    self.assertIn('image_visualization_visualize', record)
    self.assertIn(f'{toolbox_page.LAYER}, unit 5', export)

  def test_addresses_that_mean_nothing(self) -> None:
    self.open('no_layer', 10**7, mode='<b>', gamma='x', off='a', y='-1')
    self.assertIn(self.state()['layer'], self.session.views[0].layers)
    self.assertNotIn('mode', self.state())
    self.assertEqual(self.text('#status'), '')

  def test_refusals_are_told(self) -> None:
    self.open()
    self.run_in_page('location.hash += "&picture=0123456789abcdef"')
    self.run_in_page(
      'const [...old] = location.hash.slice(1).split("&");'
      'location.hash = old.filter(e => !e.includes("photo-0")).join("&")'
    )
    self.wait_for_text('#status', 'there is no such picture any more')
    self.press('e')
    self.wait(lambda: self.text('#status') == '')


def _percent(share: float) -> float:
  """Returns percent as the page rounds them."""
  value = 100 * share
  return float(round(value)) if value >= 9.95 else round(value, 1)


if __name__ == '__main__':
  absltest.main()
