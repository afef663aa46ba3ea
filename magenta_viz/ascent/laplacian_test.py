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

"""Tests for laplacian."""

from typing import Callable, List

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.ascent import laplacian

_KERNEL = np.array([1, 4, 6, 4, 1]) / 16


def _shrink(values: np.ndarray) -> np.ndarray:
  """Smooths a row and keeps every second value; 0 outside."""
  size = len(values)
  # TensorFlow's 'SAME' puts the odd pixel of padding at the end.
  missing = max((-(-size // 2) - 1) * 2 + 5 - size, 0)
  padded = np.pad(values, (missing // 2, missing - missing // 2))
  return np.array(
    [padded[start : start + 5] @ _KERNEL for start in range(0, size, 2)]
  )


def _grow(values: np.ndarray, size: int) -> np.ndarray:
  """The transpose of `_shrink`, of doubled strength."""
  matrix = np.stack([_shrink(row) for row in np.eye(size)], axis=1)
  return 2 * matrix.T @ values


def _along_both(
  function: Callable[..., np.ndarray], image: np.ndarray, *sizes: int
) -> np.ndarray:
  for axis in (0, 1):
    size = sizes[axis : axis + 1]
    image = np.apply_along_axis(function, axis, image, *size)
  return image


def _normalize(image: np.ndarray, num_levels: int) -> np.ndarray:
  """Normalises one channel of one gradient."""
  levels: List[np.ndarray] = []
  for _ in range(num_levels):
    coarse = _along_both(_shrink, image)
    levels.append(image - _along_both(_grow, coarse, *image.shape))
    image = coarse
  levels.append(image)
  levels = [each / np.sqrt(np.mean(each**2)) for each in levels]
  result = levels.pop()
  while levels:
    detail = levels.pop()
    result = _along_both(_grow, result, *detail.shape) + detail
  return result


class SplitTest(parameterized.TestCase):
  @parameterized.parameters((16, 24), (13, 7), (1, 2))
  def test_merge_gives_the_images_back(self, height: int, width: int) -> None:
    images = tf.random.stateless_normal([2, height, width, 3], (1, 2))
    levels = laplacian.split(images, 4)
    np.testing.assert_allclose(laplacian.merge(levels), images, atol=1e-6)

  def test_sizes_halve(self) -> None:
    levels = laplacian.split(tf.zeros([2, 13, 8, 3]), 3)
    sizes = [tuple(level.shape[1:3]) for level in levels]
    self.assertEqual(sizes, [(13, 8), (7, 4), (4, 2), (2, 1)])

  def test_constant_has_no_detail_but_at_its_edges(self) -> None:
    detail, coarse = laplacian.split(tf.fill([1, 20, 24, 1], 3.0), 1)
    np.testing.assert_allclose(detail[:, 4:-4, 4:-4], 0, atol=1e-6)
    np.testing.assert_allclose(coarse[:, 2:-2, 2:-2], 3, rtol=1e-6)

  def test_channels_do_not_mix(self) -> None:
    images = tf.random.stateless_normal([1, 8, 6, 3], (1, 2)) * [1.0, 0.0, 2.0]
    for level in laplacian.split(images, 2):
      np.testing.assert_array_equal(level[..., 1], 0 * level[..., 1])


class LaplacianNormalizeTest(parameterized.TestCase):
  @parameterized.parameters((16, 24, 4), (13, 8, 2))
  def test_equals_numpy(self, height: int, width: int, levels: int) -> None:
    gradient = np.random.default_rng(0).normal(size=(2, height, width, 1))
    gradient *= [[[[1e-3]]], [[[1e2]]]]
    result = laplacian.laplacian_normalize(
      tf.constant(gradient, tf.float32), levels
    )
    for each, expected in zip(result, gradient):
      np.testing.assert_allclose(
        each[..., 0], _normalize(expected[..., 0], levels), atol=1e-4
      )

  def test_strength_does_not_matter(self) -> None:
    gradient = tf.random.stateless_normal([2, 16, 12, 3], (1, 2))
    normalized = laplacian.laplacian_normalize(gradient)
    np.testing.assert_allclose(
      laplacian.laplacian_normalize(gradient * 1e-4), normalized, atol=1e-3
    )

  def test_pictures_are_independent(self) -> None:
    gradient = tf.random.stateless_normal([2, 16, 12, 3], (1, 2))
    gradient *= tf.reshape([1.0, 50.0], [2, 1, 1, 1])
    together = laplacian.laplacian_normalize(gradient)
    alone = [
      laplacian.laplacian_normalize(gradient[i : i + 1])[0] for i in range(2)
    ]
    np.testing.assert_allclose(together, alone, atol=1e-5)

  def test_no_gradient_stays_0(self) -> None:
    result = laplacian.laplacian_normalize(tf.zeros([2, 9, 6, 3]))
    np.testing.assert_array_equal(result, np.zeros([2, 9, 6, 3]))

  def test_graph_agrees(self) -> None:
    gradient = tf.random.stateless_normal([2, 9, 6, 3], (1, 2))
    np.testing.assert_allclose(
      tf.function(laplacian.laplacian_normalize)(gradient),
      laplacian.laplacian_normalize(gradient),
      atol=1e-5,
    )


if __name__ == '__main__':
  absltest.main()
