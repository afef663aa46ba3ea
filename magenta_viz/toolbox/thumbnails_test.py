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

"""Tests for thumbnails."""

import io

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image

from magenta_viz.toolbox import thumbnails

_SIDE = thumbnails.SIDE
_MAT = [28, 27, 25]


class ThumbnailsTest(parameterized.TestCase):
  @parameterized.parameters((192, 192), (48, 48), (96, 96), (500, 500))
  def test_squares(self, height: int, width: int) -> None:
    # Its left half is red, its lower half green.
    image = np.zeros((height, width, 3), np.float32)
    image[:, : width // 2, 0] = 1
    image[height // 2 :, :, 1] = 1
    found = thumbnails.reduced(image)
    self.assertEqual((found.shape, found.dtype), ((_SIDE, _SIDE, 3), np.uint8))
    for row, column, color in (
      *((20, 20, [255, 0, 0]), (20, 76, [0, 0, 0])),
      *((76, 20, [255, 255, 0]), (76, 76, [0, 255, 0])),
    ):
      self.assertEqual(found[row, column].tolist(), color)

  def test_oblong_ones_are_whole_in_the_middle(self) -> None:
    image = np.ones((50, 200, 3), np.float32)
    found = thumbnails.reduced(image)
    self.assertEqual(found[_SIDE // 2].min(), 255)
    for row in (0, 35, 60, _SIDE - 1):
      np.testing.assert_array_equal(found[row], [_MAT] * _SIDE)
    upright = thumbnails.reduced(image.transpose(1, 0, 2))
    np.testing.assert_array_equal(upright, found.transpose(1, 0, 2))

  def test_one_line(self) -> None:
    found = thumbnails.reduced(np.ones((1, 5000, 3), np.float32))
    self.assertEqual((found == 255).all(-1).sum(), _SIDE)

  @parameterized.parameters(1, 8, 9, 20)
  def test_sprite(self, count: int) -> None:
    levels = np.random.RandomState(count).randint(
      0, 256, (count, _SIDE, _SIDE, 3), np.uint8
    )
    image = Image.open(io.BytesIO(thumbnails.sprite(levels)))
    found = np.asarray(image)
    self.assertEqual(found.shape[1], thumbnails.COLUMNS * _SIDE)
    for place, each in enumerate(levels):
      row, column = divmod(place, thumbnails.COLUMNS)
      cell = found[row * _SIDE :, column * _SIDE :][:_SIDE, :_SIDE]
      np.testing.assert_array_equal(cell, each)

  def test_no_pictures(self) -> None:
    self.assertEqual(thumbnails.sprite(np.zeros((0, _SIDE, _SIDE, 3))), b'')


if __name__ == '__main__':
  absltest.main()
