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
import tensorflow as tf

from magenta_viz.ascent.views import covers


def _images(*shape: int, seed: int = 0) -> np.ndarray:
  return np.random.default_rng(seed).random(shape, np.float32)


def _squares(cover: covers.Cover, *size: int, num: int) -> np.ndarray:
  """Draws for some pictures from one generator, one after the other."""
  generator = np.random.default_rng(0)
  return np.stack([cover.draw(generator, *size)[0] for _ in range(num)])


class CoverTest(parameterized.TestCase):
  def test_hides_the_square_that_was_drawn(self) -> None:
    images = _images(3, 6, 9, 3)
    squares = np.array([[1, 4, 3], [0, 0, 6], [5, 8, 1]], np.int32)
    seen = covers.Cover(0.5).apply(tf.constant(images), tf.constant(squares))
    for image, (top, left, side), found in zip(images, squares, seen.numpy()):
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
    squares = _squares(covers.Cover(share), *size, num=3)
    self.assertEqual(squares.dtype, np.int32)
    np.testing.assert_array_equal(squares[:, 2], side)

  @parameterized.parameters((6, 9), (9, 6))
  def test_every_place_inside_is_as_likely(
    self, height: int, width: int
  ) -> None:
    squares = _squares(covers.Cover(0.5), height, width, num=2800)
    counts = np.zeros([height - 2, width - 2])
    np.add.at(counts, tuple(squares[:, :2].T), 1)
    # A hundred each; four deviations.
    self.assertBetween(counts.min(), 60, 100)
    self.assertBetween(counts.max(), 100, 140)

  def test_gradient_against_differences(self) -> None:
    cover = covers.Cover(0.5)
    images = tf.constant(_images(2, 4, 5, 3))
    weights = _images(2, 4, 5, 3, seed=1)
    squares = _squares(cover, 4, 5, num=2)
    # It is linear: a difference may be large.
    expected, found = tf.test.compute_gradient(
      lambda each: tf.reduce_sum(weights * cover.apply(each, squares)),
      [images],
      delta=1.0,
    )
    np.testing.assert_allclose(expected[0], found[0], atol=1e-4)


if __name__ == '__main__':
  absltest.main()
