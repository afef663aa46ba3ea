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

"""Tests for mosaic."""

from typing import List, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.ascent import tiling


class TilesTest(parameterized.TestCase):
  @parameterized.parameters(
    ((32, 32), (0, 0)),
    ((32, 57), (0, 0)),
    ((33, 100), (0, 5)),
    ((70, 95), (23, 11)),
    ((81, 80), (1, 24)),
  )
  def test_weights_add_up_to_1(
    self, size: Tuple[int, int], offset: Tuple[int, int]
  ) -> None:
    total = np.zeros((*size, 1))
    for tile in tiling.tiles(size, 32, 8, offset):
      self.assertEqual(tile.weights.shape, (32, 32, 1))
      self.assertBetween(tile.weights.min(), 0, 1)
      total[tile.place] += tile.weights
    np.testing.assert_allclose(total, np.ones_like(total), rtol=1e-5)

  def test_fades_into_the_next(self) -> None:
    first, second = tiling.tiles((32, 56), 32, 8, (0, 0))
    self.assertEqual(second.place, np.s_[0:32, 24:56])
    in_sight = first.weights[5, :, 0]
    np.testing.assert_array_equal(in_sight[:24], np.ones(24))
    np.testing.assert_allclose(
      in_sight[24:], np.linspace(1, 0, 17)[1::2], atol=1e-6
    )

  def test_offset_moves_all_but_the_ends(self) -> None:
    def tops(offset: int) -> List[int]:
      tiles = tiling.tiles((100, 32), 32, 8, (offset, 0))
      return [tile.place[0].start for tile in tiles]

    self.assertEqual(tops(0), [0, 24, 48, 68])
    self.assertEqual(tops(7), [0, 7, 31, 55, 68])
    self.assertEqual(tops(24), tops(0))

  def test_picture_of_a_tile_is_one(self) -> None:
    for offset in (0, 3):
      (tile,) = tiling.tiles((32, 32), 32, 8, (offset, 0))
      np.testing.assert_array_equal(tile.weights, np.ones((32, 32, 1)))


if __name__ == '__main__':
  absltest.main()
