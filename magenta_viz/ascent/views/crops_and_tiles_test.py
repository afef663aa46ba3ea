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

"""Tests for crops_and_tiles."""

import gc
import weakref

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.ascent.views import crops_and_tiles
from magenta_viz.testing import pictures


def _seen(crops: crops_and_tiles.Crops, images: np.ndarray) -> np.ndarray:
  """Returns crops as sampled."""
  num, height, width, _ = images.shape
  samples = pictures.sampled(crops, height, width, num=num)
  return pictures.seen(crops, images, *samples)


class CropsTest(parameterized.TestCase):
  def _edges(
    self, crops: crops_and_tiles.Crops, height: int, width: int
  ) -> np.ndarray:
    """Samples crops; returns [num, 2, 2]: first and last edge, down, across."""
    (matrices,) = crops.sample(np.random.default_rng(0), height, width)
    self.assertEqual(matrices.dtype, np.float32)
    self.assertEqual(matrices.shape, (crops.count, 2, 3))
    np.testing.assert_array_equal(matrices[:, [0, 1], [1, 0]], 0)
    np.testing.assert_array_equal(matrices[:, 0, 0], matrices[:, 1, 1])
    half = matrices[:, 0, 0] * crops.size / 2
    middles = matrices[:, :, 2] + 0.5
    return np.stack([middles - half[:, None], middles + half[:, None]], 1)

  def test_whole_picture_is_the_identity(self) -> None:
    images = pictures.random_images(2, 6, 6, 3)
    seen = _seen(crops_and_tiles.Crops(2, 6, 1.0, 0.0, 0.3), images)
    np.testing.assert_array_equal(seen, np.repeat(images, 2, axis=0))

  def test_middle_of_a_long_picture(self) -> None:
    image = pictures.random_images(1, 4, 10, 3)
    seen = _seen(crops_and_tiles.Crops(1, 2, 0.5, 0.0, 0.0), image)
    np.testing.assert_array_equal(seen, image[:, 1:3, 4:6])

  def test_resampled(self) -> None:
    # 4 x 4 pixels seen as 2 x 2: between the pixels.
    image = pictures.random_images(1, 4, 4, 3)
    seen = _seen(crops_and_tiles.Crops(1, 2, 1.0, 0.0, 0.0), image)
    expected = image.reshape(1, 2, 2, 2, 2, 3).mean(axis=(2, 4))
    np.testing.assert_allclose(seen, expected, atol=1e-6)

  @parameterized.parameters((40, 40), (40, 90), (90, 40))
  def test_draws_lie_inside(self, height: int, width: int) -> None:
    edges = self._edges(
      crops_and_tiles.Crops(2000, 7, 0.3, 0.5, 0.5), height, width
    )
    sides = edges[:, 1] - edges[:, 0]
    self.assertGreater(edges.min(), -1e-4)
    self.assertLess(edges[:, 1, 0].max(), height + 1e-4)
    self.assertLess(edges[:, 1, 1].max(), width + 1e-4)
    # Clipped at both ends.
    self.assertAlmostEqual(sides.min(), 0.05 * 40, delta=1e-3)
    self.assertAlmostEqual(sides.max(), 40, delta=1e-3)

  def test_order_of_draws(self) -> None:
    edges = self._edges(crops_and_tiles.Crops(3, 7, 0.4, 0.05, 0.05), 100, 200)
    generator = np.random.default_rng(0)
    sides = 100 * (0.4 + 0.05 * generator.standard_normal(3))
    shares = 0.5 + 0.05 * generator.standard_normal((3, 2))
    np.testing.assert_allclose(edges[:, 1, 0] - edges[:, 0, 0], sides, 1e-4)
    np.testing.assert_allclose(edges.mean(axis=1), shares * (100, 200), 1e-4)

  @parameterized.parameters(1, 3)
  def test_each_picture_has_its_own(self, num_views: int) -> None:
    # Of a picture, and of views that were made of it before.
    crops = crops_and_tiles.Crops(3, 5, 0.5, 0.1, 0.2)
    images = pictures.random_images(2 * num_views, 8, 11, 3)
    (samples,) = pictures.sampled(crops, 8, 11, num=2)
    together = pictures.seen(crops, images, samples)
    self.assertEqual(together.shape, (6 * num_views, 5, 5, 3))
    for i, image in enumerate(images):
      alone = pictures.seen(crops, image[None], samples[i // num_views][None])
      np.testing.assert_array_equal(alone, together[3 * i : 3 * i + 3])


class TilesTest(parameterized.TestCase):
  def test_one_tile_is_the_identity(self) -> None:
    images = pictures.random_images(2, 6, 6, 3)
    seen = crops_and_tiles.Tiles(6, 3).apply(tf.constant(images))
    np.testing.assert_array_equal(seen, images)

  def test_row_by_row_picture_by_picture(self) -> None:
    images = pictures.random_images(2, 8, 11, 3)
    seen = crops_and_tiles.Tiles(4, 3).apply(tf.constant(images))
    expected = [
      image[y : y + 4, x : x + 4]
      for image in images
      for y in (0, 3)
      for x in (0, 3, 6)
    ]
    np.testing.assert_array_equal(seen, expected)

  @parameterized.parameters(
    (8, 11, 4, 2), (8, 11, 4, 3), (11, 8, 4, 4), (9, 13, 3, 5), (4, 9, 4, 1)
  )
  def test_gradient_is_overwritten(
    self, height: int, width: int, size: int, stride: int
  ) -> None:
    images = pictures.random_images(2, height, width, 3)
    kernel = pictures.random_images(size, size, 3, seed=1)
    variable = tf.constant(images)
    with tf.GradientTape() as tape:
      tape.watch(variable)
      tiles = crops_and_tiles.Tiles(size, stride).apply(variable)
      # Not linear, and of the whole tile: also of pixels that are not its own.
      scores = tf.reduce_sum(kernel * tiles, axis=[1, 2, 3]) ** 2
    found = tf.convert_to_tensor(tape.gradient(scores, variable))

    expected = np.zeros_like(images)
    for image, gradient in zip(images, expected):
      for y in range(0, height - size + 1, stride):
        for x in range(0, width - size + 1, stride):
          tile = image[y : y + size, x : x + size]
          of_tile = 2 * np.sum(kernel * tile) * kernel
          gradient[y : y + size, x : x + size] = of_tile
    np.testing.assert_allclose(found, expected, rtol=1e-5)

  @parameterized.parameters((8, 11), (4, 9), (9, 3), (2, 3))
  def test_tiles_that_cover(self, height: int, width: int) -> None:
    images = pictures.random_images(2, height, width, 3)
    stage = crops_and_tiles.Tiles(4, 4, covers=True)
    variable = tf.constant(images)
    with tf.GradientTape() as tape:
      tape.watch(variable)
      tiles = stage.apply(variable)
      score = tf.reduce_sum(tiles)
    self.assertEqual(tiles.shape[1:3], stage.output_size(height, width))
    # Each pixel counts once.
    np.testing.assert_array_equal(
      tape.gradient(score, variable), np.ones_like(images)
    )

  def test_nothing_is_kept_of_a_graph_that_is_let_go(self) -> None:
    @tf.function(autograph=False)
    def look(images: tf.Tensor) -> tf.Tensor:
      with tf.GradientTape() as tape:
        tape.watch(images)
        tiles = crops_and_tiles.Tiles(4, 3).apply(images)
      return tape.gradient(tiles, images)

    traced = look.get_concrete_function(tf.TensorSpec([1, 8, 11, 3]))
    graph = weakref.ref(traced.graph)
    del look, traced
    gc.collect()
    self.assertIsNone(graph())


if __name__ == '__main__':
  absltest.main()
