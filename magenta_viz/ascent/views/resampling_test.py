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

"""Tests for resampling."""

from typing import Any, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.ascent.views import resampling
from magenta_viz.testing import pictures


def _warp(
  images: np.ndarray, matrices: Any, size: Tuple[int, int]
) -> np.ndarray:
  """Calls `warp` on arrays."""
  matrices = tf.constant(np.asarray(matrices), tf.float32)
  return resampling.warp(tf.constant(images), matrices, size).numpy()


def _random_matrices(num: int, seed: int = 0) -> np.ndarray:
  """Returns matrices that turn, skew, stretch and leave a small picture."""
  generator = np.random.default_rng(seed)
  matrices = generator.normal(size=(num, 2, 3)) * 1.5
  matrices[..., 2] += 4
  return matrices.astype(np.float32)


def _reference(
  image: np.ndarray, matrix: np.ndarray, size: Tuple[int, int]
) -> np.ndarray:
  """Samples a picture of float64, laid out with its mirror images."""
  reach = 5
  height, width = image.shape[:2]
  # 'symmetric' repeats the edge's own pixels, as a mirror at the edge does.
  padding = [(reach * height,) * 2, (reach * width,) * 2, (0, 0)]
  tiled = np.pad(image.astype(np.float64), padding, mode='symmetric')
  view = np.zeros((*size, image.shape[2]))
  middle = (np.array(size) - 1) / 2
  for row, column in np.ndindex(*size):
    y, x = matrix @ np.array([row - middle[0], column - middle[1], 1.0])
    y, x = y + reach * height, x + reach * width
    top, left = int(np.floor(y)), int(np.floor(x))
    below, right = y - top, x - left
    view[row, column] = (
      (1 - below) * (1 - right) * tiled[top, left]
      + (1 - below) * right * tiled[top, left + 1]
      + below * (1 - right) * tiled[top + 1, left]
      + below * right * tiled[top + 1, left + 1]
    )
  return view


class WarpTest(parameterized.TestCase):
  @parameterized.parameters((1, 1), (7, 7), (8, 8), (7, 4), (1, 6))
  def test_identity(self, height: int, width: int) -> None:
    images = pictures.random_images(2, height, width, 3)
    identity = [[[1, 0, (height - 1) / 2], [0, 1, (width - 1) / 2]]] * 2
    views = _warp(images, identity, (height, width))
    np.testing.assert_array_equal(views, images)

  def test_height_comes_first(self) -> None:
    images = pictures.random_images(1, 9, 5, 3)
    # A view of 3 x 3 pixels around row 6 and column 2.
    view = _warp(images, [[[1, 0, 6], [0, 1, 2]]], (3, 3))
    np.testing.assert_array_equal(view, images[:, 5:8, 1:4])

  def test_quarter_turn(self) -> None:
    images = pictures.random_images(1, 5, 5, 3)
    view = _warp(images, [[[0, 1, 2], [-1, 0, 2]]], (5, 5))
    np.testing.assert_array_equal(view[0], np.rot90(images[0]))

  @parameterized.product(seed=(0, 1, 2, 3), views_per_image=(1, 3))
  def test_any_matrix(self, seed: int, views_per_image: int) -> None:
    images = pictures.random_images(2, 7, 10, 3, seed=seed)
    matrices = _random_matrices(2 * views_per_image, seed)
    views = _warp(images, matrices, (6, 4))
    self.assertEqual(views.dtype, np.float32)
    expected = [
      _reference(images[i // views_per_image], matrix, (6, 4))
      for i, matrix in enumerate(matrices)
    ]
    np.testing.assert_allclose(views, expected, atol=2e-5)

  def test_far_outside(self) -> None:
    images = pictures.random_images(1, 4, 6, 3)
    # 100 pictures away in either direction, where the picture lies upright.
    for num in (-100, 100):
      middle = (1.5 + 4 * num, 1.5 + 6 * num)
      view = _warp(images, [[[1, 0, middle[0]], [0, 1, middle[1]]]], (4, 4))
      np.testing.assert_array_equal(view, images[:, :, :4])


if __name__ == '__main__':
  absltest.main()
