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

"""Tests for session and drawer."""

import time
from typing import Any, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.attribution import looking
from magenta_viz.media import image_files
from magenta_viz.testing import toolbox_sessions
from magenta_viz.toolbox import backward as backward_lib
from magenta_viz.toolbox import drawer as drawer_lib
from magenta_viz.toolbox import excitations
from magenta_viz.toolbox import session as session_lib

_STEPS = toolbox_sessions.NUM_STEPS


class SessionTest(toolbox_sessions.TestCase):
  def layer(self, name: str) -> np.ndarray:
    """Returns the layer that the network has of the photograph."""
    found = self.networks.first(self.photo[None]).end_points[name]
    return np.asarray(found[0])

  def test_start(self) -> None:
    found = self.session.start()
    self.assertLen(found['networks'], 2)
    first = found['networks'][0]
    self.assertEqual(first['name'], 'small')
    self.assertEqual(first['image_size'], 64)
    self.assertLen(first['classes'], 4)
    self.assertEqual(
      first['layers'][:2],
      [
        {'name': 'first', 'height': 62, 'width': 62, 'channels': 8},
        {'name': 'second', 'height': 30, 'width': 30, 'channels': 16},
      ],
    )
    self.assertEqual(found['photos'], [{'id': 'photo-0', 'name': 'photo.png'}])

  @parameterized.parameters(64, 31, 1)
  def test_maps(self, side: int) -> None:
    found = self.session.maps(0, 'first', 'photo-0', side)
    expected = self.layer('first')
    header = found.header
    np.testing.assert_allclose(header['maxima'], expected.max((0, 1)), 1e-4)
    np.testing.assert_allclose(header['means'], expected.mean((0, 1)), 1e-4)
    if side < 62:
      expected = tf.image.resize(expected, (side, side), 'area').numpy()
    self.assertEqual(found.levels.shape, (8, *expected.shape[:2]))
    low, high = header['low'], header['high']
    values = low + (high - low) * found.levels / 255
    np.testing.assert_allclose(
      values.transpose(1, 2, 0), expected, atol=0.51 * (high - low) / 255
    )
    logits = self.networks.first(self.photo[None]).logits[0].numpy()
    shares = np.exp(logits) / np.exp(logits).sum()
    self.assertEqual(
      [each for each, *_ in header['top']], np.argsort(-shares).tolist()
    )
    np.testing.assert_allclose(
      [share for *_, share in header['top']], np.sort(shares)[::-1], atol=1e-4
    )

  def test_frame_is_as_a_picture(self) -> None:
    content = image_files.encode_png(self.photo)
    frame = self.session.frame(0, 'second', content, 64)
    picture = self.session.maps(0, 'second', 'photo-0', 64)
    np.testing.assert_array_equal(frame.levels, picture.levels)
    self.assertEqual(frame.header['top'], picture.header['top'])

  def test_unit(self) -> None:
    found = self.session.unit(0, 'second', 3, 'photo-0')
    layer = self.layer('second')
    expected = layer[..., 3]
    np.testing.assert_allclose(found['map'], expected, 1e-4, 1e-5)
    row, column = np.unravel_index(expected.argmax(), expected.shape)
    self.assertEqual(found['position'], [row, column])
    self.assertAlmostEqual(found['value'], expected.max(), places=4)
    self.assertEqual(sum(found['histogram']['counts']), expected.size)
    # Two convolutions of 3 x 3, the second of stride 2, and no padding.
    top, left = 2 * row, 2 * column
    self.assertEqual(
      {name: 64 * end for name, end in found['receptive_field'].items()},
      {'top': top, 'left': left, 'bottom': top + 5, 'right': left + 5},
    )
    for channel, r in found['correlations']:
      pearson = np.corrcoef(expected.ravel(), layer[..., channel].ravel())
      self.assertAlmostEqual(r, pearson[0, 1], places=3)
    strengths = [abs(r) for _, r in found['correlations']]
    self.assertEqual(strengths, sorted(strengths, reverse=True))
    self.assertNotIn(3, [channel for channel, _ in found['correlations']])
    at = self.session.unit(0, 'second', 3, 'photo-0', (4, 7))
    self.assertAlmostEqual(at['value'], expected[4, 7], places=4)
    field = self.session.field(0, 'second', 3, (4, 7))
    self.assertEqual(field, at['receptive_field'])
    with self.assertRaisesRegex(KeyError, 'no position'):
      self.session.field(0, 'second', 3, (4, 30))

  def test_fit(self) -> None:
    levels = np.random.RandomState(3).randint(0, 256, (64, 128, 3))
    image = (levels / 255).astype(np.float32)
    key, _ = self.session.pictures.add(image_files.encode_png(image))
    wide = tf.image.resize(image, (64, 64), antialias=True).numpy()
    for fit, seen in (('crop', image[:, 32:96]), ('stretch', wide)):
      np.testing.assert_allclose(
        self.session.picture(0, key, fit), seen, atol=1e-6
      )
      layer = self.networks.first(seen[None]).end_points['second'][0].numpy()
      maps = self.session.maps(0, 'second', key, 64, fit=fit)
      np.testing.assert_allclose(maps.header['maxima'], layer.max((0, 1)), 1e-4)
      unit = self.session.unit(0, 'second', 3, key, fit=fit)
      np.testing.assert_allclose(unit['map'], layer[..., 3], 1e-4, 1e-5)
      np.testing.assert_allclose(
        self.session.backward(0, 'second', 3, key, fit=fit),
        backward_lib.shown(
          self.session.views[0].backward(seen, 'second', 3), 'raw'
        ),
        atol=1e-5,
      )
    with self.assertRaisesRegex(ValueError, "fit is 'both'"):
      self.session.maps(0, 'second', key, 64, fit='both')

  def test_units_that_are_off(self) -> None:
    unit = looking.Unit('first', 2)
    found = self.session.maps(0, 'first', 'photo-0', 64, [unit, unit])
    self.assertEqual(found.header['maxima'][2], 0)
    plain = self.session.maps(0, 'first', 'photo-0', 64)
    self.assertGreater(plain.header['maxima'][2], 0)
    self.assertNotEqual(found.header['top'], plain.header['top'])

  def test_backward_is_of_the_network_and_picture(self) -> None:
    one, other = (
      self.session.backward(network, 'second', 1, 'photo-0', 'guided', 'norm')
      for network in (0, 1)
    )
    self.assertEqual(one.shape, (64, 64, 3))
    self.assertAlmostEqual(one.max(), 1, places=5)
    self.assertGreater(np.abs(one - other).max(), 0.01)

  @parameterized.parameters(
    ((0, 'nope', 'photo-0'), "^.small has no layer 'nope'"),
    ((2, 'first', 'photo-0'), '^.there is no network 2; take 0 to 1'),
    ((-1, 'first', 'photo-0'), '^.there is no network -1'),
    ((0, 'first', 'photo-1'), '^.there is no such picture'),
  )
  def test_what_is_not_there(
    self, question: Tuple[int, str, str], message: str
  ) -> None:
    with self.assertRaisesRegex(KeyError, message):
      self.session.maps(*question, 64)

  def test_units_and_positions_that_are_not_there(self) -> None:
    with self.assertRaisesRegex(KeyError, "'first' has no unit 8; take 0"):
      self.session.unit(0, 'first', 8, 'photo-0')
    with self.assertRaisesRegex(KeyError, r'no position \(62, 0\) in a map of'):
      self.session.unit(0, 'first', 0, 'photo-0', (62, 0))
    with self.assertRaisesRegex(KeyError, 'has no unit 9'):
      self.session.maps(0, 'first', 'photo-0', 8, [looking.Unit('first', 9)])
    many = [looking.Unit('first', 0)] * 65
    with self.assertRaisesRegex(ValueError, '65 units are off; take 64'):
      self.session.maps(0, 'first', 'photo-0', 8, many)

  def test_units_that_nothing_wakes(self) -> None:
    images = np.random.RandomState(1).rand(25, 64, 64, 3).astype(np.float32)
    contents = [image_files.encode_png(each) for each in images]
    layer = self.networks.first(images).end_points['second'].numpy()
    for content in contents[:-1]:
      self.session.frame(0, 'second', content, 8)
    self.assertEqual(
      self.session.dead(0, 'second'),
      {'dead': [], 'rare': [], 'num_pictures': 24},
    )
    self.session.frame(0, 'second', contents[-1], 8)
    # What is off is no sign of death.
    unit = looking.Unit('second', 1)
    self.session.frame(0, 'second', contents[0], 8, [unit])
    found = self.session.dead(0, 'second')
    silent = np.flatnonzero(layer.max((0, 1, 2)) == 0)
    self.assertEqual(found['dead'], silent.tolist())
    self.assertEqual(found['num_pictures'], 25)

  def test_crops_of_photographs(self) -> None:
    with self.assertRaisesRegex(KeyError, 'no index of photographs; start the'):
      self.session.tops(0, 'second', 3)
    paths = [self.folder / f'{number}.png' for number in range(3)]
    for seed, path in enumerate(paths):
      image = np.random.RandomState(seed).rand(64, 64, 3).astype(np.float32)
      image_files.write_png(path, image * (seed + 1) / 3)
    chosen = self.networks.members[0]
    index = excitations.index(chosen, paths, self.folder / 'index')
    session = session_lib.Session(
      [self.networks], paths, self.folder / 'index', [index]
    )
    self.assertTrue(session.start()['has_index'])
    maxima = [
      session.unit(0, 'second', 3, f'photo-{number}')['maximum']
      for number in range(3)
    ]
    found = session.tops(0, 'second', 3)
    order = np.argsort(maxima).tolist()
    self.assertEqual(
      [each['photo'] for each in found['lowest']],
      [f'photo-{number}' for number in order],
    )
    best = found['highest'][0]
    self.assertEqual(best['photo'], f'photo-{order[-1]}')
    self.assertAlmostEqual(best['value'], max(maxima), places=3)
    unit = session.unit(0, 'second', 3, best['photo'])
    self.assertEqual(best['position'], unit['position'])
    self.assertEqual(best['box'], unit['receptive_field'])
    crop = session.top(0, 'second', 3, 'highest', 0)
    box = {name: round(64 * end) for name, end in best['box'].items()}
    image = session.picture(0, best['photo'])
    np.testing.assert_array_equal(
      crop,
      image[box['top'] : box['bottom'], box['left'] : box['right']],
    )
    # Three are too few to tell of dead units.
    self.assertEqual(session.dead(0, 'second')['dead'], [])

  def test_nothing_is_drawn_where_one_looks_for_what_is_stored(self) -> None:
    found = self.session.drawings.finished(0, 'second', 5)
    self.assertEqual(found.state, drawer_lib.MISSING)
    self.assertIsNone(self.session.views[0].drawer._drawing)

  def test_another_drawing_cancels_the_first(self) -> None:
    for view in self.session.views:
      view.drawer._settings['overrides'] = {'num_steps': 5000}
    self.session.drawings.watch(0, 'second', 1)
    first: Any = self.session.views[0].drawer._drawing
    began = time.monotonic()
    self.session.drawings.watch(0, 'second', 2)
    self.assertEqual(first.wait(10**6, 0).state, drawer_lib.CANCELLED)
    self.assertLess(time.monotonic() - began, 5)
    second: Any = self.session.views[0].drawer._drawing
    # One that another network draws, too.
    self.session.drawings.watch(1, 'second', 2)
    self.assertEqual(second.wait(10**6, 0).state, drawer_lib.CANCELLED)
    self.session.cancel()
    third: Any = self.session.views[1].drawer._drawing
    self.assertEqual(third.wait(10**6, 0).state, drawer_lib.CANCELLED)
    # Answers go on.
    self.session.maps(0, 'first', 'photo-0', 8)

  def test_a_drawing_that_fails_says_why(self) -> None:
    cache = self.folder / 'photo.png'
    self.session.views[0].drawer._folder = cache / 'small-0123'
    with self.assertLogs(level='WARNING'):
      last = self.watch(layer='second', channel=1)[-1]
    self.assertEqual(last.state, drawer_lib.FAILED)
    # Of the folders, that which somebody named.
    self.assertIn(f"cannot write in the folder '{cache}': ", str(last.error))
    self.assertNotIn('small-0123', str(last.error))


if __name__ == '__main__':
  absltest.main()
