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

"""Tests for crops."""

from typing import List, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.attribution import crops


class CropsTest(parameterized.TestCase):
  @parameterized.parameters(
    ((367, 550), (256, 384)),
    ((550, 367), (384, 256)),
    ((3000, 4000), (256, 341)),
    ((32, 32), (256, 256)),
  )
  def test_scaled_size(
    self, photo: Tuple[int, int], size: Tuple[int, int]
  ) -> None:
    self.assertEqual(crops.scaled_size(*photo, 224), size)

  @parameterized.parameters(
    (256, 256, [(0, 0), (0, 32), (32, 0), (32, 32), (16, 16)]),
    (256, 448, [(0, 0), (0, 224), (32, 0), (32, 224), (16, 112)]),
    (300, 256, [(0, 0), (0, 32), (76, 0), (76, 32), (38, 16)]),
    (
      256,
      449,
      [
        *((0, 0), (0, 112), (0, 225), (32, 0), (32, 112), (32, 225)),
        *((16, 56), (16, 168)),
      ],
    ),
  )
  def test_corners(
    self, height: int, width: int, expected: List[Tuple[int, int]]
  ) -> None:
    self.assertEqual(crops.corners(height, width, 224), expected)

  @parameterized.parameters(8, 9, 15, 16, 17, 23, 24, 25, 80)
  def test_every_pixel_is_in_a_crop(self, length: int) -> None:
    for size in ((8, length), (length, 8)):
      covered = np.zeros(size, bool)
      for top, left in crops.corners(*size, 7):
        self.assertLessEqual(top + 7, size[0])
        self.assertLessEqual(left + 7, size[1])
        covered[top : top + 7, left : left + 7] = True
      self.assertTrue(covered.all())

  def test_cut(self) -> None:
    photo = np.random.default_rng(0).random((9, 12, 3), np.float32)
    found = crops.cut(photo, [(0, 0), (2, 5)], 7)
    self.assertEqual(found.shape, (4, 7, 7, 3))
    np.testing.assert_array_equal(found[1], photo[2:9, 5:12])
    np.testing.assert_array_equal(found[3], photo[2:9, 11:4:-1])

  def test_assembles_what_was_cut(self) -> None:
    photo = np.random.default_rng(0).random((9, 18, 3), np.float32)
    where = crops.corners(9, 18, 8)
    maps = crops.cut(photo, where, 8).sum(axis=-1)
    found = crops.assemble(maps, where, (9, 18))
    np.testing.assert_allclose(found, photo.sum(axis=-1), rtol=1e-6)

  def test_mean_where_crops_overlap(self) -> None:
    # Crops of 2 x 2 at the ends of 2 x 3; the second's mirror has one spot.
    maps = np.zeros([4, 2, 2])
    maps[0], maps[1] = 4, 8
    maps[3, 0, 0] = 16
    found = crops.assemble(maps, [(0, 0), (0, 1)], (2, 3))
    np.testing.assert_allclose(found, [[2, 3, 12], [2, 3, 4]])


if __name__ == '__main__':
  absltest.main()
