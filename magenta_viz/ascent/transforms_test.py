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

"""Tests for transforms."""

import dataclasses
from typing import Any, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.ascent import transforms


def _views(
  size: int = 8,
  span: Tuple[float, float] = (1.0, 1.0),
  rotation: float = 0.0,
  shift: float = 0.0,
  noise: float = 0.0,
) -> transforms.RandomViews:
  return transforms.RandomViews(size, span, rotation, shift, noise)


def _images(*shape: int, seed: int = 0) -> np.ndarray:
  return np.random.default_rng(seed).random(shape, np.float32)


def _warp(images: np.ndarray, matrices: Any, size: int) -> np.ndarray:
  """Calls `warp` on arrays."""
  matrices = tf.constant(np.asarray(matrices), tf.float32)
  return transforms.warp(tf.constant(images), matrices, size).numpy()


def _random_matrices(num: int, seed: int = 0) -> np.ndarray:
  """Returns matrices that turn, skew, stretch and leave a small picture."""
  generator = np.random.default_rng(seed)
  matrices = generator.normal(size=(num, 2, 3)) * 1.5
  matrices[..., 2] += 4
  return matrices.astype(np.float32)


def _reference(image: np.ndarray, matrix: np.ndarray, size: int) -> np.ndarray:
  """Samples a picture of float64, laid out with its mirror images."""
  reach = 5
  height, width = image.shape[:2]
  # 'symmetric' repeats the edge's own pixels, as a mirror at the edge does.
  padding = [(reach * height,) * 2, (reach * width,) * 2, (0, 0)]
  tiled = np.pad(image.astype(np.float64), padding, mode='symmetric')
  view = np.zeros((size, size, image.shape[2]))
  for row in range(size):
    for column in range(size):
      middle = (size - 1) / 2
      y, x = matrix @ np.array([row - middle, column - middle, 1.0])
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
  @parameterized.parameters(1, 7, 8)
  def test_identity(self, size: int) -> None:
    images = _images(2, size, size, 3)
    middle = (size - 1) / 2
    identity = [[[1, 0, middle], [0, 1, middle]]] * 2
    np.testing.assert_array_equal(_warp(images, identity, size), images)

  def test_height_comes_first(self) -> None:
    images = _images(1, 9, 5, 3)
    # A view of 3 x 3 pixels around row 6 and column 2.
    view = _warp(images, [[[1, 0, 6], [0, 1, 2]]], 3)
    np.testing.assert_array_equal(view, images[:, 5:8, 1:4])

  def test_quarter_turn(self) -> None:
    images = _images(1, 5, 5, 3)
    view = _warp(images, [[[0, 1, 2], [-1, 0, 2]]], 5)
    np.testing.assert_array_equal(view[0], np.rot90(images[0]))

  @parameterized.parameters(*range(6))
  def test_any_matrix(self, seed: int) -> None:
    images = _images(2, 7, 10, 3, seed=seed)
    matrices = _random_matrices(2, seed)
    views = _warp(images, matrices, 6)
    self.assertEqual(views.dtype, np.float32)
    expected = [
      _reference(image, matrix, 6) for image, matrix in zip(images, matrices)
    ]
    np.testing.assert_allclose(views, expected, atol=2e-5)

  def test_far_outside(self) -> None:
    images = _images(1, 4, 6, 3)
    # 100 pictures away in either direction, where the picture lies upright.
    for pictures in (-100, 100):
      middle = (1.5 + 4 * pictures, 1.5 + 6 * pictures)
      view = _warp(images, [[[1, 0, middle[0]], [0, 1, middle[1]]]], 4)
      np.testing.assert_array_equal(view, images[:, :, :4])

  def test_gradient_is_exact(self) -> None:
    # A linear map has <warp(x), y> = <x, transposed(y)>, for any x and y.
    images = tf.constant(_images(2, 7, 10, 3))
    matrices = tf.constant(_random_matrices(2))
    seen = tf.constant(_images(2, 6, 6, 3, seed=1))
    with tf.GradientTape() as tape:
      tape.watch(images)
      product = tf.reduce_sum(transforms.warp(images, matrices, 6) * seen)
    gradient = tape.gradient(product, images)
    for seed in (2, 3):
      other = tf.constant(_images(2, 7, 10, 3, seed=seed))
      views = transforms.warp(other, matrices, 6)
      np.testing.assert_allclose(
        tf.reduce_sum(views * seen),
        tf.reduce_sum(other * tf.convert_to_tensor(gradient)),
        rtol=1e-5,
      )

  def test_pictures_do_not_depend_on_their_batch(self) -> None:
    images = _images(2, 7, 10, 3)
    matrices = _random_matrices(2)
    together = _warp(images, matrices, 6)
    for i in range(2):
      alone = _warp(images[i : i + 1], matrices[i : i + 1], 6)
      np.testing.assert_array_equal(alone[0], together[i])

  def test_graph_agrees(self) -> None:
    images = tf.constant(_images(2, 7, 10, 3))
    matrices = tf.constant(_random_matrices(2))
    graph = tf.function(transforms.warp, autograph=False)
    np.testing.assert_allclose(
      graph(images, matrices, 6),
      transforms.warp(images, matrices, 6),
      atol=1e-5,
    )


class CanvasSizeTest(absltest.TestCase):
  def test_whole_and_half(self) -> None:
    self.assertEqual(_views().canvas_size(30, 20), (30, 20))
    half = dataclasses.replace(_views(), resolution=0.5)
    self.assertEqual(half.canvas_size(30, 21), (15, 10))


class DrawTest(parameterized.TestCase):
  def test_zero_strength_shows_the_very_picture(self) -> None:
    views = _views(size=8)
    matrix, seed = views.draw(np.random.default_rng(0), 8, 8)
    images = _images(1, 8, 8, 3)
    view = views.apply(
      tf.constant(images), tf.constant(matrix[None]), tf.constant(seed[None])
    )
    np.testing.assert_array_equal(view, images)

  @parameterized.parameters(2, 5, 16, 31)
  def test_whole_view_ends_at_the_edges(self, size: int) -> None:
    matrix, _ = _views(size).draw(np.random.default_rng(0), 20, 20)
    # The outer edges of the view's first and of its last pixel.
    corners = np.array([[-size / 2] * 2 + [1], [size / 2] * 2 + [1]])
    np.testing.assert_allclose(
      corners @ matrix.T, [[-0.5, -0.5], [19.5, 19.5]], atol=1e-5
    )

  @parameterized.parameters((30, 20), (20, 30), (20, 20))
  def test_draws_stay_in_their_ranges(self, height: int, width: int) -> None:
    views = _views(10, span=(0.5, 1.5), rotation=30, shift=0.1)
    generator = np.random.default_rng(0)
    draws = [views.draw(generator, height, width) for _ in range(2000)]
    matrices = np.stack([matrix for matrix, _ in draws]).astype(np.float64)
    self.assertEqual(draws[0][0].dtype, np.float32)

    # A turn and an even zoom.
    np.testing.assert_allclose(matrices[:, 0, 0], matrices[:, 1, 1])
    np.testing.assert_allclose(matrices[:, 0, 1], -matrices[:, 1, 0])
    span = np.hypot(matrices[:, 0, 0], matrices[:, 0, 1]) * 10 / 20
    self._assert_fills(span, 0.5, 1.5)
    angle = np.arctan2(matrices[:, 0, 1], matrices[:, 0, 0])
    self._assert_fills(np.rad2deg(angle), -30, 30)
    # To either side: the shift, and half of what the longer side has more.
    for axis, side in enumerate((height, width)):
      reach = 0.1 * side + (side - 20) / 2
      offset = matrices[:, axis, 2] - (side - 1) / 2
      self._assert_fills(offset, -reach, reach)

  def _assert_fills(self, values: np.ndarray, low: float, high: float) -> None:
    """Checks that values stay in a range and come near both of its ends."""
    slack = 0.1 * (high - low)
    self.assertBetween(values.min(), low - 1e-5, low + slack)
    self.assertBetween(values.max(), high - slack, high + 1e-5)

  def test_draws_come_from_the_generator_alone(self) -> None:
    views = _views(10, span=(0.5, 1.5), rotation=30, shift=0.1, noise=0.1)
    draws = [
      views.draw(np.random.default_rng(seed), 30, 20) for seed in (1, 1, 2)
    ]
    for first, second, third in zip(*draws):
      np.testing.assert_array_equal(first, second)
      self.assertFalse(np.array_equal(first, third))


class RollTest(absltest.TestCase):
  def test_each_picture_has_its_own_shift(self) -> None:
    images = _images(2, 5, 7, 3)
    rolled = transforms.Roll(9).apply(
      tf.constant(images), tf.constant([[1, -2], [0, 3]])
    )
    np.testing.assert_array_equal(
      rolled[0], np.roll(images[0], (1, -2), (0, 1))
    )
    np.testing.assert_array_equal(rolled[1], np.roll(images[1], 3, 1))

  def test_draws_fill_the_reach(self) -> None:
    generator = np.random.default_rng(0)
    shifts = [transforms.Roll(3).draw(generator, 9, 9)[0] for _ in range(300)]
    self.assertEqual(
      {int(each) for each in np.ravel(shifts)}, set(range(-3, 4))
    )

  def test_zero_reach_is_the_identity(self) -> None:
    images = _images(1, 5, 7, 3)
    (shift,) = transforms.Roll(0).draw(np.random.default_rng(0), 5, 7)
    rolled = transforms.Roll(0).apply(tf.constant(images), shift[None])
    np.testing.assert_array_equal(rolled, images)


class NoiseTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.images = tf.fill([3, 40, 30, 3], 0.5)
    self.matrices = tf.constant([[[0.5, 0, 19.5], [0, 0.5, 14.5]]] * 3)

  def _noise(self, deviation: float, seeds: Any) -> np.ndarray:
    views = _views(40, noise=deviation)
    seeds = tf.constant(seeds, tf.int32)
    return views.apply(self.images, self.matrices, seeds).numpy() - 0.5

  def test_deviation(self) -> None:
    noise = self._noise(0.2, [[1, 2], [3, 4], [5, 6]])
    self.assertAlmostEqual(noise.mean(), 0, delta=0.01)
    self.assertAlmostEqual(noise.std(), 0.2, delta=0.01)

  def test_each_view_has_its_own(self) -> None:
    noise = self._noise(0.2, [[1, 2], [3, 4], [1, 2]])
    np.testing.assert_array_equal(noise[0], noise[2])
    self.assertLess(abs(np.corrcoef(noise[0].flat, noise[1].flat)[0, 1]), 0.1)

  def test_drawn_seeds_differ(self) -> None:
    generator = np.random.default_rng(0)
    seeds = {tuple(_views().draw(generator, 8, 8)[1]) for _ in range(100)}
    self.assertLen(seeds, 100)

  def test_none(self) -> None:
    noise = self._noise(0.0, [[1, 2], [3, 4], [5, 6]])
    np.testing.assert_array_equal(noise, np.zeros_like(noise))


if __name__ == '__main__':
  absltest.main()
