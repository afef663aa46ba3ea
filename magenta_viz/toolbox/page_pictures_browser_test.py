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

"""Tests of what the toolbox's page is given and draws, in a real browser."""

import io
import time

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image
from selenium.webdriver.common import keys

from magenta_viz.media import image_files
from magenta_viz.testing import toolbox_page


class BackwardTest(toolbox_page.ToolboxPageCase):
  """Backward from a unit, and what it wants to see."""

  def backward(self, unit: int, rule: str, show: str) -> np.ndarray:
    found = self.session.backward(
      0, toolbox_page.LAYER, unit, 'photo-0', rule, show
    )
    return found[4::8, 4::8, 0] * 255

  def assert_shown(self, expected: np.ndarray) -> None:
    """Waits until the picture is what the session says."""

    def is_shown() -> bool:
      if not self.run_in_page(
        'return document.getElementById("backward-picture").naturalWidth'
      ):
        return False
      seen = self.pixels('#backward-picture', toolbox_page.grid(28)).reshape(
        28, 28
      )
      return bool(np.abs(seen - expected).max() <= 1)

    self.wait(is_shown)

  def test_rules_and_shows(self) -> None:
    self.open()
    for key, rule, show in (
      ('b', 'plain', 'raw'),
      ('b', 'guided', 'raw'),
      ('m', 'guided', 'grey'),
      ('n', 'deconvnet', 'grey'),
      ('m', 'deconvnet', 'norm'),
      ('m', 'deconvnet', 'blurred'),
    ):
      self.press(key)
      self.assertEqual(self.state()['rule'], rule)
      self.assertEqual(self.state().get('show', 'raw'), show)
      self.assert_shown(self.backward(5, rule, show))
    self.press('b')
    self.assertNotIn('rule', self.state())

  def test_held_while_others_are_chosen(self) -> None:
    self.open(rule='guided', show='norm')
    self.press('d', 'l', 'l')
    self.assertEqual(self.text('#unit-name'), 'Unit 7')
    self.assertIn('held unit 5', self.text('#backward-of'))
    self.assert_shown(self.backward(5, 'guided', 'norm'))
    self.press('d')
    self.assert_shown(self.backward(7, 'guided', 'norm'))

  def test_from_one_place(self) -> None:
    self.open(rule='guided')
    self.assert_shown(self.backward(5, 'guided', 'raw'))
    self.open(rule='guided', y=3, x=9)
    place = self.session.backward(
      0, toolbox_page.LAYER, 5, 'photo-0', 'guided', 'raw', (3, 9)
    )
    self.assert_shown(place[4::8, 4::8, 0] * 255)
    self.wait_for_text('#backward-of', 'row 3, column 9')

  def test_drawing_of_a_unit(self) -> None:
    self.open(unit=11)
    self.press('g')
    self.wait_for_text('#progress-text', 'step')
    self.wait(
      lambda: self.run_in_page(
        'return document.getElementById("drawn").naturalWidth'
      )
    )
    self.press(keys.Keys.ESCAPE)
    self.wait_for_text('#progress-text', 'cancelled')
    self.click('#draw')
    self.wait_for_text('#progress-text', 'done')
    self.assertIn(f'channel:{toolbox_page.LAYER}:11', self.text('#command'))
    picture = self.session.drawings.finished(0, toolbox_page.LAYER, 11)
    self.assertEqual(picture.state, 'done')
    size = self.run_in_page(
      'return document.getElementById("drawn").naturalWidth'
    )
    self.assertEqual(size, 64)
    levels = np.asarray(Image.open(io.BytesIO(picture.png)))[..., 0]
    self.assertGreater(len(set(levels.ravel())), 20)
    seen = self.pixels('#drawn', toolbox_page.grid(64)).reshape(64, 64)
    np.testing.assert_allclose(seen, levels, atol=1)
    self.press('s')
    self.wait(lambda: len(set(self.overview('.grid canvas'))) > 20)
    self.open(unit=11, mode='drawing')
    self.wait_for_text('#progress-text', 'done')

  def test_drawing_of_a_class(self) -> None:
    self.open()
    self.click('.classes button')
    first, name, _ = self.maps().header['top'][0]
    self.assertEqual(self.state()['class_id'], str(first))
    self.assertIn(name, self.text('#undrawn'))
    self.click('#draw')
    self.wait_for_text('#progress-text', 'done')
    self.assertIn('--class_id', self.text('#command'))
    self.click('#of-unit')
    self.assertNotIn('class_id', self.state())

  def test_crops_of_an_index(self) -> None:
    self.open()
    subject = (0, toolbox_page.LAYER, 5)
    tops = self.session.tops(*subject)
    self.assertLen(tops['highest'], 2)

    def is_shown(selector: str, rank: int, end: str, show: str) -> bool:
      image = f'{selector} > :nth-child({rank + 1}) img'
      size = self.run_in_page(
        'return document.querySelector(arguments[0])?.naturalWidth', image
      )
      expected = self.session.top(*subject, end, rank, show)
      if size != expected.shape[1]:
        return False
      places = toolbox_page.grid(8)
      seen = self.pixels(image, places)
      rows, columns = (
        (places[:, axis] * expected.shape[1 - axis]).astype(int)
        for axis in (1, 0)
      )
      return np.allclose(seen, 255 * expected[rows, columns, 0], atol=1)

    self.wait(lambda: is_shown('#stored', 0, 'highest', 'crop'))
    self.wait(lambda: is_shown('#stored', 1, 'highest', 'crop'))
    self.press('9')
    self.assertTrue(
      self.run_in_page('return document.getElementById("stored").hidden')
    )
    self.press('9')
    self.wait(lambda: is_shown('#stored', 0, 'highest', 'crop'))
    self.click('#stored button')
    self.assertEqual(self.state()['mode'], 'crops')
    self.wait(lambda: is_shown('#crops', 1, 'highest', 'crop'))
    value = tops['highest'][0]['value']
    shown = float(self.text('#crops .number'))
    self.assertAlmostEqual(shown, value, delta=0.01 * abs(value))
    self.click('[data-end=lowest]')
    self.click('#crop-shows [data-show=deconvnet]')
    self.wait(lambda: is_shown('#crops', 0, 'lowest', 'deconvnet'))
    self.click('#crops button')
    first = tops['lowest'][0]
    self.assertEqual(
      [self.state()[each] for each in ('picture', 'y', 'x')],
      [first['photo'], *map(str, first['position'])],
    )

  def test_without_an_index(self) -> None:
    self.open('head', 1, network=1, mode='crops')
    self.wait_for_text('#no-crops', '--index')


class PicturesTest(toolbox_page.ToolboxPageCase):
  """Photographs, files, the camera and films; and two networks."""

  def test_photographs(self) -> None:
    self.open()
    first = self.overview('#picture')
    self.press('e')
    self.wait(lambda: self.overview('#picture') != first)
    self.press('w')
    self.wait(lambda: self.overview('#picture') == first)
    self.press('w')
    self.assertEqual(self.state()['picture'], 'photo-1')

  @parameterized.parameters('drop', 'paste')
  def test_given_pictures(self, kind: str) -> None:
    self.open()
    image = np.zeros((40, 60, 3), np.float32)
    image[:, 20:40, 0] = 1
    self.give(kind, 'red.png', image_files.encode_png(image), 'image/png')
    self.wait(lambda: not self.state()['picture'].startswith('photo'))
    self.wait(lambda: len(set(self.overview('#picture'))) > 1)
    middle = self.pixels('#picture', np.array([[0.5, 0.5], [0.02, 0.5]]))
    self.wait(lambda: self.pixels('#picture', np.array([[0.5, 0.5]]))[0] == 255)
    self.assertLen(middle, 2)
    # Stretched, the red third is a third; of the middle square it is half.
    third = np.array([[0.3, 0.5]])
    self.assertEqual(self.pixels('#picture', third)[0], 255)
    self.press('0')
    self.wait(lambda: self.pixels('#picture', third)[0] < 128)

  def test_photograph_stretched(self) -> None:
    unit = int(np.argmax(self.maps().header['maxima']))
    self.open(unit=unit, rule='guided')
    shown = [self.overview('.grid canvas'), self.text('#unit-values')]
    self.press('0')
    self.assertEqual(self.state()['fit'], 'stretch')
    self.assert_seen('#picture', self.session.picture(0, 'photo-0', 'stretch'))
    subject = (0, toolbox_page.LAYER, unit, 'photo-0', 'guided', 'raw')
    stretched = self.session.backward(*subject, fit='stretch')
    self.assert_seen('#backward-picture', stretched)
    self.wait(
      lambda: (
        self.overview('.grid canvas') != shown[0]
        and self.text('#unit-values') != shown[1]
      )
    )
    value = self.session.unit(*subject[:4], fit='stretch')['maximum']
    found = float(self.text('#unit-values').split()[1])
    self.assertAlmostEqual(found, value, delta=0.01 * value)
    # It is kept in the address, and in what is saved.
    self.browser.refresh()
    self.assert_seen('#picture', self.session.picture(0, 'photo-0', 'stretch'))
    link = self.run_in_page(
      'return document.getElementById("save-record").href'
    )
    self.assertIn('fit=stretch', link)
    self.press('0')
    self.assertNotIn('fit', self.state())
    self.assert_seen('#picture', self.session.picture(0, 'photo-0'))

  def test_what_is_no_picture(self) -> None:
    self.open()
    self.give('drop', 'words.png', b'no picture at all', 'image/png')
    self.wait_for_text('#status', 'picture')
    self.assertEqual(self.state()['picture'], 'photo-0')

  def test_camera(self) -> None:
    self.open()
    still = self.overview('#picture')
    maps = self.overview('.grid canvas')
    self.press('c')
    self.wait_for_text('#rate', 'frames/s')
    self.assertGreater(float(self.text('#rate').split()[0]), 1)
    self.assertNotEqual(self.overview('#picture'), still)
    self.assertNotEqual(self.overview('.grid canvas'), maps)
    moving = self.overview('#picture')
    self.wait(lambda: self.overview('#picture') != moving)
    self.press('b')
    self.wait(
      lambda: self.run_in_page(
        'return document.getElementById("backward-picture").naturalWidth'
      )
    )
    back = self.overview('#backward-picture')
    self.wait(lambda: self.overview('#backward-picture') != back)
    self.wait(lambda: any('api/field?' in each for each in self.requests()))
    self.assertEqual(self.text('#photos option:checked'), 'camera')
    self.press('f')
    self.wait(lambda: self.state()['picture'] != 'camera')
    self.wait(lambda: self.text('#rate') == '')
    self.wait(lambda: self.text('#photos option:checked').startswith('frozen'))

    def is_still() -> bool:
      before = self.overview('#picture')
      time.sleep(0.3)
      return bool(self.overview('#picture') == before)

    # At first it is the camera's, and then what the network sees of it.
    self.wait(is_still)
    frozen = self.overview('#picture')
    time.sleep(0.3)
    self.assertEqual(self.overview('#picture'), frozen)
    self.press('f')
    self.wait(lambda: self.overview('#picture') != frozen)
    self.press('c')
    self.assertEqual(self.state()['picture'], 'photo-0')
    self.wait(lambda: self.overview('#picture') == still)

  def test_two_networks(self) -> None:
    self.open()
    self.press('v')
    self.wait(
      lambda: (
        self.run_in_page(
          'return document.querySelectorAll(".classes li").length'
        )
        == 10
      )
    )
    self.assertEqual(self.state()['other_network'], '1')
    top = [
      name
      for network, layer in ((0, toolbox_page.LAYER), (1, 'head'))
      for _, name, _ in self.session.maps(network, layer, 'photo-0', 1).header[
        'top'
      ]
    ]
    names = 'return [...document.querySelectorAll(".classes .name")].map('
    self.assertEqual(self.run_in_page(f'{names}e => e.textContent)'), top)
    self.assertEqual(
      self.run_in_page(
        'return [...document.querySelectorAll(".pane h2")].map('
        '  e => e.textContent)'
      ),
      ['squeezenet', 'efficientnet_lite0'],
    )
    self.click('.pane:nth-child(2) [data-layer="block_05/output"]')
    self.wait_for_text('#unit-layer', 'block_05/output')
    self.assertEqual(
      [self.state()[each] for each in ('network', 'other_layer', 'at')],
      ['1', toolbox_page.LAYER, 'right'],
    )
    self.browser.refresh()
    self.wait_for_text('#unit-layer', 'block_05/output')
    self.assertEqual(self.text('.pane:nth-child(2) h2'), 'efficientnet_lite0')
    self.press('v')
    self.wait_for_text('#unit-layer', 'block_05/output')
    self.assertNotIn('other_network', self.state())
    self.press(']')
    self.assertEqual(self.state()['network'], '0')


if __name__ == '__main__':
  absltest.main()
