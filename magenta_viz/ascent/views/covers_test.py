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


"""Tests for covers."""

from typing import Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.ascent.views import covers
from magenta_viz.testing import pictures


class CoverTest(parameterized.TestCase):
  def test_hides_the_square_that_was_drawn(self) -> None:
    images = pictures.random_images(3, 6, 9, 3)
    squares = np.array([[1, 4, 3], [0, 0, 6], [5, 8, 1]], np.int32)
    seen = pictures.seen(covers.Cover(0.5), images, squares)
    for image, (top, left, side), found in zip(images, squares, seen):
      is_hidden = np.zeros([6, 9], bool)
      is_hidden[top : top + side, left : left + side] = True
      np.testing.assert_array_equal(found[~is_hidden], image[~is_hidden])
      # One colour, that of the whole picture before.
      colours = found[is_hidden]
      np.testing.assert_array_equal(colours, colours[:1].repeat(side**2, 0))
      np.testing.assert_allclose(colours[0], image.mean((0, 1)), atol=1e-6)

  @parameterized.parameters(
    ((6, 9), 0.5, 3),
    ((9, 6), 0.5, 3),
    ((224, 224), 0.35, 78),
    ((160, 160), 0.35, 56),
    ((10, 20), 0.9, 9),
    ((10, 20), 0.0, 0),
  )
  def test_side_is_a_share_of_the_shorter_side(
    self, size: Tuple[int, int], share: float, side: int
  ) -> None:
    (squares,) = pictures.sampled(covers.Cover(share), *size, num=3)
    self.assertEqual(squares.dtype, np.int32)
    np.testing.assert_array_equal(squares[:, 2], side)

  @parameterized.parameters((6, 9), (9, 6))
  def test_every_place_inside_is_as_likely(
    self, height: int, width: int
  ) -> None:
    (squares,) = pictures.sampled(covers.Cover(0.5), height, width, num=2800)
    counts = np.zeros([height - 2, width - 2])
    np.add.at(counts, tuple(squares[:, :2].T), 1)
    # A hundred each; four deviations.
    self.assertBetween(counts.min(), 60, 100)
    self.assertBetween(counts.max(), 100, 140)


if __name__ == '__main__':
  absltest.main()
