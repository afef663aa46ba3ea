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

"""Tests for excitations."""

import os
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.files import arrays
from magenta_viz.media import image_files
from magenta_viz.models import network_loading
from magenta_viz.models import network_source
from magenta_viz.models.foreign import foreign_settings
from magenta_viz.testing import keras_models
from magenta_viz.toolbox import excitations
from magenta_viz.toolbox import pictures


def _network(
  channels: int = 4, last_bias: float = 0.1
) -> network_loading.ChosenNetwork:
  """Returns a model of Keras as the package has networks."""
  model = keras_models.cnn((64, 64, 3), channels)
  weights = model.get_weights()
  # A unit that is dead, and one that only what is bright wakes.
  weights[1][2] = -100.0
  weights[0][..., 5] = 1.0
  weights[1][5] = -25.0
  weights[-1][0] = last_bias
  model.set_weights(weights)
  settings = foreign_settings.ForeignSettings()
  return network_loading.choose(
    network_source.given(model, settings), 'float32'
  )


def _write_photos(folder: str, count: int, seed: int = 0) -> List[Path]:
  """Writes pictures of several sizes, one of them bright."""
  generator = np.random.default_rng(seed)
  paths = []
  for number in range(count):
    size = (70 + 3 * (number % 5), 64 + number % 7, 3)
    pixels = generator.random(size) * generator.random(3)
    if number == 7:
      pixels = np.full(size, 1.0)
    path = Path(folder, f'{number:03}.png')
    image_files.write_png(path, pixels)
    paths.append(path)
  return paths


def _brute(
  chosen: network_loading.ChosenNetwork, photos: Sequence[Path]
) -> Dict[str, np.ndarray]:
  """Returns each layer's maps, [photos, height, width, channels]."""
  squares = [pictures.square(image_files.read_image(p), 64) for p in photos]
  found: Dict[str, Any] = {}
  for each in squares:
    end_points = chosen.network(tf.constant(each[None])).end_points
    for name, net in end_points.items():
      found.setdefault(name, []).append(net.numpy()[0])
  return {
    name: np.stack(nets).reshape(
      len(nets), *([1, 1] * (nets[0].ndim == 1)), *nets[0].shape
    )
    for name, nets in found.items()
  }


class ExcitationsTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self._photos_dir = self.create_tempdir().full_path
    self._folder = self.create_tempdir().full_path
    self._chosen = _network()

  def _same(self, index: excitations.Index, other: excitations.Index) -> None:
    self.assertEqual(index.layers, other.layers)
    np.testing.assert_array_equal(index.status, other.status)
    self.assertEqual(set(index.found), set(other.found))
    for name, array in index.found.items():
      np.testing.assert_array_equal(array, other.found[name], name)

  def test_every_unit_of_every_layer_by_brute_force(self) -> None:
    photos = _write_photos(self._photos_dir, 30)
    done: List[Tuple[int, int]] = []
    excitations.index(
      self._chosen, photos, self._folder, lambda *each: done.append(each)
    )
    index = excitations.read(self._chosen, photos, self._folder)
    self.assertTrue(index.is_whole)
    self.assertEqual(index.num_photos, 30)
    self.assertEqual(done[-1], (30, 30))
    self.assertEqual(done, sorted(set(done)))
    brute = _brute(self._chosen, photos)
    self.assertEqual(set(index.layers), set(brute))
    for layer, maps in brute.items():
      self.assertEqual(index.layers[layer], maps.shape[1:])
      maxima = maps.max((1, 2))
      for unit in range(maps.shape[-1]):
        for sign, found in (
          (-1, index.highest(layer, unit)),
          (1, index.lowest(layer, unit)),
        ):
          expected = np.sort(sign * maxima[:, unit])[:9] * sign
          values = [each.value for each in found]
          np.testing.assert_allclose(values, expected, 1e-4, 1e-5)
          self.assertLen({each.photo for each in found}, 9)
          for photo, value, y, x in found:
            there = maps[photo, y, x, unit]
            np.testing.assert_allclose(value, there, 1e-4, 1e-5)
            np.testing.assert_allclose(value, maxima[photo, unit], 1e-4, 1e-5)
      is_active = maxima > 0
      dead = np.flatnonzero(~is_active.any(0)).tolist()
      self.assertEqual(index.dead(layer), dead)
    self.assertIn(2, index.dead('first'))
    # Of equal ones the first.
    self.assertEqual([e.photo for e in index.highest('first', 2)], [*range(9)])

  def test_rare_are_active_in_less_than_one_in_a_hundred(self) -> None:
    photos = _write_photos(self._photos_dir, 8)
    index = excitations.index(self._chosen, photos, self._folder)
    self.assertEqual(index.found['active'][5], 1)
    self.assertEqual(index.rare('first'), [])
    for count, is_rare in ((100, False), (101, True)):
      index.status = np.ones(count, np.int8)
      self.assertEqual(5 in index.rare('first'), is_rare)
      self.assertNotIn(2, index.rare('first'))

  def test_resumed_is_as_uninterrupted(self) -> None:
    photos = _write_photos(self._photos_dir, 21)
    whole = excitations.index(
      self._chosen, photos, self.create_tempdir().full_path
    )

    def stop(done: int, total: int) -> None:
      if done >= 12:
        raise KeyboardInterrupt

    with mock.patch.object(excitations, '_SECONDS', 0.0):
      with self.assertRaises(KeyboardInterrupt):
        excitations.index(self._chosen, photos, self._folder, stop)
    # What was looked at last is not written.
    half = excitations.read(self._chosen, photos, self._folder)
    self.assertEqual((half.num_photos, half.is_whole), (8, False))
    looked = []
    read_image = image_files.read_image

    def read(path: Path) -> np.ndarray:
      looked.append(path)
      return read_image(path)

    with mock.patch.object(image_files, 'read_image', read):
      resumed = excitations.index(self._chosen, photos, self._folder)
      self._same(resumed, whole)
      self.assertEqual(looked, photos[8:])
      # Nothing is left to do.
      again = excitations.index(self._chosen, photos, self._folder)
    self._same(again, whole)
    self.assertLen(looked, 13)

  def test_damaged_photographs_are_passed_over_with_a_warning_each(
    self,
  ) -> None:
    photos = _write_photos(self._photos_dir, 12)
    photos[3].write_bytes(b'no picture')
    photos[8].write_bytes(photos[8].read_bytes()[:200])
    with self.assertLogs('absl', 'WARNING') as logged:
      index = excitations.index(self._chosen, photos, self._folder)
    self.assertLen(logged.output, 2)
    self.assertIn('003.png', logged.output[0])
    self.assertIn('passed over', logged.output[0])
    self.assertEqual((index.num_photos, index.is_whole), (10, True))
    for unit in range(8):
      found = index.highest('first', unit) + index.lowest('first', unit)
      self.assertNoCommonElements({e.photo for e in found}, {3, 8})
    with (
      self.assertNoLogs('absl', 'WARNING')
      if hasattr(self, 'assertNoLogs')
      else self.subTest()
    ):
      excitations.index(self._chosen, photos, self._folder)

  def test_photographs_that_come_are_added(self) -> None:
    photos = _write_photos(self._photos_dir, 20)
    excitations.index(self._chosen, photos[1::2], self._folder)
    half = excitations.read(self._chosen, photos, self._folder)
    self.assertEqual((half.num_photos, half.is_whole), (10, False))
    self.assertEqual({e.photo % 2 for e in half.highest('second', 0)}, {1})
    grown = excitations.index(self._chosen, photos, self._folder)
    other = self.create_tempdir().full_path
    self._same(grown, excitations.index(self._chosen, photos, other))

  @parameterized.parameters('changed', 'gone')
  def test_changed_photographs_begin_it_anew(self, what: str) -> None:
    photos = _write_photos(self._photos_dir, 11)
    before = excitations.index(self._chosen, photos, self._folder)
    if what == 'gone':
      del photos[4]
    else:
      image_files.write_png(photos[4], np.ones((64, 64, 3)))
    with self.assertRaisesRegex(ValueError, 'changed or are gone; make it'):
      excitations.read(self._chosen, photos, self._folder)
    now = excitations.index(self._chosen, photos, self._folder)
    other = self.create_tempdir().full_path
    self._same(now, excitations.index(self._chosen, photos, other))
    self.assertEqual(before.num_photos, 11)
    self.assertLen(os.listdir(self._folder), 1)

  def test_networks_and_folders_have_their_own(self) -> None:
    photos = _write_photos(self._photos_dir, 3)
    excitations.index(self._chosen, photos, self._folder)
    with self.assertRaisesRegex(FileNotFoundError, '^cannot read the index'):
      excitations.read(_network(5), photos, self._folder)
    others = _write_photos(self.create_tempdir().full_path, 3)
    with self.assertRaises(FileNotFoundError):
      excitations.read(self._chosen, others, self._folder)

  def test_fewer_than_nine(self) -> None:
    photos = _write_photos(self._photos_dir, 2)
    index = excitations.index(self._chosen, photos, self._folder)
    self.assertLen(index.highest('first', 0), 2)
    self.assertLen(index.lowest('classes', 3), 2)
    for layer, unit in (('first', 8), ('first', -1), ('third', 0)):
      with self.assertRaisesRegex(ValueError, 'has no (unit|layer)'):
        index.lowest(layer, unit)

  def test_what_is_not_finite_is_refused(self) -> None:
    photos = _write_photos(self._photos_dir, 2)
    broken = _network(last_bias=np.nan)
    with self.assertRaisesRegex(FloatingPointError, '000.png, 001.png'):
      excitations.index(broken, photos, self._folder)


class DamagedFilesTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self._folder = self.create_tempdir().full_path
    self._photos = _write_photos(self.create_tempdir().full_path, 3)
    self._chosen = _network()
    self._whole = excitations.index(self._chosen, self._photos, self._folder)
    (self._path,) = Path(self._folder).iterdir()

  def _refuses(self) -> None:
    with self.assertRaises(ValueError) as raised:
      excitations.read(self._chosen, self._photos, self._folder)
    message = str(raised.exception)
    self.assertStartsWith(message, f"cannot read the index '{self._path}' (")
    self.assertEndsWith(
      message, '; remove it, and make the index again with --index'
    )
    self.assertNotIn('\n', message)
    with self.assertLogs('absl', 'WARNING'):
      anew = excitations.index(self._chosen, self._photos, self._folder)
    np.testing.assert_array_equal(
      anew.found['highest_values'], self._whole.found['highest_values']
    )
    excitations.read(self._chosen, self._photos, self._folder)

  @parameterized.parameters(
    lambda data: b'',
    lambda data: data[:-100],
    lambda data: b'\x93NUMPY' + data,
    lambda data: b'no index at all',
  )
  def test_bytes(self, change: Any) -> None:
    self._path.write_bytes(change(self._path.read_bytes()))
    self._refuses()

  @parameterized.parameters(
    ('about', lambda each: None),
    ('about', lambda each: each[:-1]),
    ('about', lambda each: np.frombuffer(b'[]', np.uint8)),
    ('about', lambda each: np.frombuffer(b'{"version":9}', np.uint8)),
    ('status', lambda each: each + 3),
    ('status', lambda each: each[:-1]),
    ('stats', lambda each: each[:, :1]),
    ('shapes', lambda each: each[:-1]),
    ('shapes', lambda each: -each),
    ('active', lambda each: each - 4),
    ('highest_values', lambda each: each[:-1]),
    ('highest_photos', lambda each: each + 3),
    ('lowest_photos', lambda each: each - 2),
    ('lowest_places', lambda each: each + 10**6),
    ('lowest_values', lambda each: each.astype(np.float64)),
  )
  def test_arrays(self, name: str, change: Any) -> None:
    found: Dict[str, Any] = arrays.parse_npz(self._path.read_bytes(), 1 << 30)
    changed = change(found.pop(name))
    if changed is not None:
      found[name] = changed
    with self._path.open('wb') as file:
      np.savez(file, **found)
    self._refuses()

  def test_bytes_that_change_anywhere_do_not_break_it(self) -> None:
    data = self._path.read_bytes()
    generator = np.random.default_rng(0)
    for _ in range(60):
      changed = bytearray(data)
      for place in generator.integers(0, len(data), 20):
        changed[place] ^= int(generator.integers(1, 256))
      self._path.write_bytes(bytes(changed))
      try:
        excitations.read(self._chosen, self._photos, self._folder)
      except ValueError as error:
        self.assertNotIn('\n', str(error))


if __name__ == '__main__':
  absltest.main()
