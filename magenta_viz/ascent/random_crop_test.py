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

"""Tests for windows."""

from typing import List, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.ascent import random_crop

_SEEDS = (3, 4)


def _pictures(height: int, width: int) -> np.ndarray:
  shape = (len(_SEEDS), height, width, 3)
  return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


def _generators() -> List[np.random.Generator]:
  return [np.random.default_rng(seed) for seed in _SEEDS]


def _draws_nothing(generators: List[np.random.Generator]) -> bool:
  """Returns whether the next numbers are those of unused generators."""
  used = [each.random() for each in generators]
  return used == [each.random() for each in _generators()]


class WholeTest(absltest.TestCase):
  def test_is_the_identity(self) -> None:
    window = random_crop.Whole()
    params = _pictures(5, 7)
    generators = _generators()
    places = window.draw(generators, params)
    np.testing.assert_array_equal(places, np.zeros([2, 2]))
    self.assertTrue(_draws_nothing(generators))
    np.testing.assert_array_equal(window.cut(params, places), params)
    changed = params + 1
    pasted = window.paste(params, changed, places)
    np.testing.assert_array_equal(pasted, changed)

  def test_of_parameters_that_are_no_picture(self) -> None:
    params = np.ones([3, 20, 1, 3], np.float32)
    places = random_crop.Whole().draw([], params)
    self.assertEqual(places.shape, (3, 2))


class RandomCropTest(parameterized.TestCase):
  @parameterized.parameters((12, 9), (5, 14), (13, 5), (5, 5), (6, 6))
  def test_draws_as_deepdraw(self, height: int, width: int) -> None:
    window = random_crop.RandomCrop(5)
    generators = _generators()
    params = _pictures(height, width)
    found = [window.draw(generators, params) for _ in range(50)]
    for index, generator in enumerate(_generators()):
      for corners in found:
        expected = []
        for room in (height - 5, width - 5):
          if room == 0:
            expected.append(0)
            continue
          place = generator.normal(room / 2.0, room * 0.3)
          expected.append(int(min(max(place, 0), room)))
        self.assertEqual(corners[index].tolist(), expected)
      # Nothing else was drawn.
      self.assertEqual(generators[index].random(), generator.random())

  def test_every_corner_that_fits_is_drawn(self) -> None:
    window = random_crop.RandomCrop(5)
    generators = _generators()
    params = _pictures(8, 7)
    corners = np.concatenate(
      [window.draw(generators, params) for _ in range(300)]
    )
    found = set(map(tuple, corners.tolist()))
    # The last ones only where the normal distribution is cut.
    self.assertEqual(found, {(y, x) for y in range(4) for x in range(3)})

  @parameterized.parameters((12, 9), (5, 14))
  def test_cuts_squares(self, height: int, width: int) -> None:
    window = random_crop.RandomCrop(5)
    params = _pictures(height, width)
    corners = np.array([[0, width - 5], [height - 5, 2]])
    parts = window.cut(params, corners)
    self.assertEqual(parts.shape, (2, 5, 5, 3))
    for row in range(5):
      for column in range(5):
        np.testing.assert_array_equal(
          parts[:, row, column],
          [
            params[0, row, column + width - 5],
            params[1, row + height - 5, column + 2],
          ],
        )

  @parameterized.parameters((12, 9), (5, 14), (5, 5))
  def test_paste_undoes_cut(self, height: int, width: int) -> None:
    window = random_crop.RandomCrop(5)
    params = _pictures(height, width)
    corners = window.draw(_generators(), params)
    pasted = window.paste(params, window.cut(params, corners), corners)
    np.testing.assert_array_equal(pasted, params)
    self.assertEqual(pasted.dtype, np.float32)

  def test_paste_changes_the_squares_alone(self) -> None:
    window = random_crop.RandomCrop(5)
    params = _pictures(12, 9)
    before = params.copy()
    corners = np.array([[7, 4], [0, 1]])
    parts = 100 + _pictures(5, 5)
    pasted = window.paste(params, parts, corners)
    np.testing.assert_array_equal(params, before)
    np.testing.assert_array_equal(window.cut(pasted, corners), parts)
    is_changed = np.any(pasted != before, axis=-1)
    self.assertEqual(is_changed.sum(axis=(1, 2)).tolist(), [25, 25])

  def test_what_was_cut_can_be_changed(self) -> None:
    window = random_crop.RandomCrop(5)
    params = _pictures(12, 9)
    before = params.copy()
    window.cut(params, np.zeros([2, 2], int))[:] = 7
    np.testing.assert_array_equal(params, before)

  @parameterized.parameters(((4, 9),), ((9, 4),), ((4, 4),))
  def test_picture_that_is_too_small(self, size: Tuple[int, int]) -> None:
    height, width = size
    with self.assertRaisesRegex(
      ValueError,
      f'^a picture of {height} x {width} pixels is smaller than the crop of 5;'
      ' take a larger picture or --window=whole$',
    ):
      random_crop.RandomCrop(5).draw(_generators(), _pictures(height, width))


if __name__ == '__main__':
  absltest.main()
