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


class WholeTest(absltest.TestCase):
  def test_is_the_identity(self) -> None:
    window = random_crop.Whole()
    params = _pictures(5, 7)
    generators = _generators()
    places = window.sample(generators, params)
    np.testing.assert_array_equal(places, np.zeros([2, 2]))
    for used, unused in zip(generators, _generators()):
      self.assertEqual(used.random(), unused.random())
    np.testing.assert_array_equal(window.cut(params, places), params)
    changed = params + 1
    pasted = window.paste(params, changed, places)
    np.testing.assert_array_equal(pasted, changed)

  def test_of_parameters_that_are_no_picture(self) -> None:
    params = np.ones([3, 20, 1, 3], np.float32)
    places = random_crop.Whole().sample([], params)
    self.assertEqual(places.shape, (3, 2))


class RandomCropTest(parameterized.TestCase):
  @parameterized.parameters((12, 9), (5, 14), (13, 5), (5, 5), (6, 6))
  def test_draws_as_deepdraw(self, height: int, width: int) -> None:
    window = random_crop.RandomCrop(5)
    generators = _generators()
    params = _pictures(height, width)
    found = [window.sample(generators, params) for _ in range(50)]
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
      # Nothing else was sampled.
      self.assertEqual(generators[index].random(), generator.random())

  @parameterized.parameters((12, 9), (5, 14), (5, 5))
  def test_changes_squares_alone(self, height: int, width: int) -> None:
    window = random_crop.RandomCrop(5)
    params = _pictures(height, width)
    before, expected = params.copy(), params.copy()
    corners = window.sample(_generators(), params)
    parts = window.cut(params, corners)
    for part, picture, (top, left) in zip(parts, expected, corners):
      square = picture[top : top + 5, left : left + 5]
      np.testing.assert_array_equal(part, square)
      square += 7
    # What was cut can be changed, and changes nothing until it is pasted.
    parts += 7
    pasted = window.paste(params, parts, corners)
    np.testing.assert_array_equal(params, before)
    np.testing.assert_array_equal(pasted, expected)
    self.assertEqual(pasted.dtype, np.float32)

  @parameterized.parameters(((4, 9),), ((9, 4),), ((4, 4),))
  def test_picture_that_is_too_small(self, size: Tuple[int, int]) -> None:
    height, width = size
    with self.assertRaisesRegex(
      ValueError,
      f'^a picture of {height} x {width} pixels is smaller than the crop of 5;'
      ' take a larger picture or --window=whole$',
    ):
      random_crop.RandomCrop(5).sample(_generators(), _pictures(height, width))


if __name__ == '__main__':
  absltest.main()
