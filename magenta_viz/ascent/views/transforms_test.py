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

from typing import Any, Tuple
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.ascent.views import covers
from magenta_viz.ascent.views import crops_and_tiles
from magenta_viz.ascent.views import random_views
from magenta_viz.ascent.views import tints
from magenta_viz.ascent.views import transforms
from magenta_viz.testing import pictures

_ZERO_STRENGTH = (
  transforms.Stage(),
  random_views.Chain(),
  transforms.Roll(0),
  transforms.Shift(0),
  transforms.Pad(0),
  transforms.Zoom(1.0, 1.0),
  transforms.Rotate(0.0),
  transforms.Flip(0.0),
  transforms.Noise(0.0),
  tints.Tint(),
  covers.Cover(0.0),
)


# What is done to pictures is linear, or adds something.
_LINEAR = (
  transforms.Roll(3),
  transforms.Shift(3),
  transforms.Pad(2),
  transforms.Zoom(0.5, 1.5),
  transforms.Rotate(50.0),
  transforms.Flip(0.5),
  transforms.Noise(0.1, 0.2),
  tints.Tint(0.2, 0.3, 0.4, 0.5),
  covers.Cover(0.5),
  crops_and_tiles.Crops(3, 7, 0.6, 0.1, 0.2),
  random_views.RandomViews(
    8, (0.5, 1.2), 20.0, 0.1, 0.05, 1.5, 0.5, (tints.Tint(0.1, 0.2),)
  ),
)


class AllTest(parameterized.TestCase):
  @parameterized.product(stage=_ZERO_STRENGTH, size=((5, 8), (8, 5), (1, 4)))
  def test_zero_strength_is_the_identity(
    self, stage: transforms.Stage, size: Tuple[int, int]
  ) -> None:
    images = pictures.random_images(2, *size, 3)
    self.assertEqual(stage.output_size(*size), size)
    seen = pictures.seen(stage, images, *pictures.sampled(stage, *size, num=2))
    np.testing.assert_array_equal(seen, images)

  @parameterized.parameters(*_LINEAR)
  def test_gradient_is_exact(self, stage: Any) -> None:
    samples = [
      tf.constant(each) for each in pictures.sampled(stage, 6, 9, num=4)
    ]
    images, change = (
      tf.constant(pictures.random_images(4, 6, 9, 3, seed=i)) for i in (0, 1)
    )
    shape = stage.apply(images, *samples).shape
    weights = pictures.random_images(*shape, seed=2)

    def score(images: tf.Tensor) -> tf.Tensor:
      return tf.reduce_sum(weights * stage.apply(images, *samples))

    with tf.GradientTape() as tape:
      tape.watch(images)
      before = score(images)
    gradient = tf.convert_to_tensor(tape.gradient(before, images))
    np.testing.assert_allclose(
      tf.reduce_sum(gradient * change),
      score(images + change) - before,
      rtol=1e-4,
    )

  @parameterized.parameters(*_LINEAR[:2], *_LINEAR[3:6], *_LINEAR[7:9])
  def test_views_of_a_picture_are_treated_alike(
    self, stage: transforms.Stage
  ) -> None:
    samples = pictures.sampled(stage, 6, 9, num=4)
    images = pictures.random_images(4 * 3, 6, 9, 3)
    together = pictures.seen(stage, images, *samples)
    self.assertEqual(together.shape[1:3], stage.output_size(6, 9))
    for i, seen in enumerate(together):
      own = [each[i // 3][None] for each in samples]
      alone = pictures.seen(stage, images[i][None], *own)
      np.testing.assert_array_equal(alone[0], seen)


class RollTest(absltest.TestCase):
  def test_each_picture_has_its_own_shift(self) -> None:
    images = pictures.random_images(2, 5, 7, 3)
    rolled = pictures.seen(transforms.Roll(9), images, [[1, -2], [0, 3]])
    np.testing.assert_array_equal(
      rolled[0], np.roll(images[0], (1, -2), (0, 1))
    )
    np.testing.assert_array_equal(rolled[1], np.roll(images[1], 3, 1))

  def test_draws_fill_the_reach(self) -> None:
    (shifts,) = pictures.sampled(transforms.Roll(3), 9, 9, num=300)
    self.assertEqual(
      {int(each) for each in np.ravel(shifts)}, set(range(-3, 4))
    )


class ShiftTest(absltest.TestCase):
  def test_cuts_rows_and_columns(self) -> None:
    images = pictures.random_images(2, 6, 9, 3)
    seen = pictures.seen(transforms.Shift(2), images, [[0, 2], [1, 0]])
    np.testing.assert_array_equal(seen[0], images[0, :4, 2:])
    np.testing.assert_array_equal(seen[1], images[1, 1:5, :7])

  def test_draws_fill_the_reach_down_and_across(self) -> None:
    (corners,) = pictures.sampled(transforms.Shift(3), 6, 9, num=300)
    self.assertEqual(corners.dtype, np.int32)
    for axis in (0, 1):
      found = {int(each) for each in corners[:, axis]}
      self.assertEqual(found, {0, 1, 2, 3})
    self.assertFalse(np.array_equal(corners[:, 0], corners[:, 1]))

  def test_least_size(self) -> None:
    self.assertEqual(transforms.Shift(5).output_size(6, 9), (1, 4))


class PadTest(absltest.TestCase):
  def test_frame(self) -> None:
    images = pictures.random_images(2, 3, 5, 3)
    stage = transforms.Pad(2, 0.25)
    expected = np.full([2, 7, 9, 3], 0.25, np.float32)
    expected[:, 2:5, 2:7] = images
    np.testing.assert_array_equal(pictures.seen(stage, images), expected)
    self.assertEqual(stage.output_size(3, 5), (7, 9))


class ZoomTest(absltest.TestCase):
  def test_twice_as_large(self) -> None:
    # A slope has half as much from pixel to pixel, and the same middle.
    slope = np.broadcast_to(np.arange(9.0)[:, None, None], (9, 5, 3))
    images = np.stack([slope, 2 * slope]).astype(np.float32)
    stage = transforms.Zoom(2.0, 2.0)
    seen = pictures.seen(stage, images, *pictures.sampled(stage, 9, 5, num=2))
    np.testing.assert_allclose(seen[0, :, 1, 2], 4 + (np.arange(9) - 4) / 2)
    np.testing.assert_allclose(seen[1], 2 * seen[0])

  def test_half_as_large_shows_mirror_images(self) -> None:
    image = pictures.random_images(1, 4, 8, 3)
    stage = transforms.Zoom(0.5, 0.5)
    seen = pictures.seen(stage, image, *pictures.sampled(stage, 4, 8))[0]
    wide = np.pad(image[0], [(2, 2), (4, 4), (0, 0)], mode='symmetric')
    expected = wide.reshape(4, 2, 8, 2, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(seen, expected, atol=1e-6)

  def test_draws_stay_in_the_range(self) -> None:
    (matrices,) = pictures.sampled(transforms.Zoom(0.9, 1.1), 6, 9, num=500)
    factors = 1 / matrices[:, 0, 0].astype(np.float64)
    self.assertBetween(factors.min(), 0.9 - 1e-6, 0.91)
    self.assertBetween(factors.max(), 1.09, 1.1 + 1e-6)
    np.testing.assert_array_equal(matrices[:, 0, 0], matrices[:, 1, 1])
    np.testing.assert_array_equal(matrices[:, :, 2], [[2.5, 4.0]] * 500)


class RotateTest(absltest.TestCase):
  def test_draws_turn_about_the_middle(self) -> None:
    (matrices,) = pictures.sampled(transforms.Rotate(30.0), 6, 9, num=500)
    angles = np.rad2deg(np.arctan2(matrices[:, 0, 1], matrices[:, 0, 0]))
    self.assertBetween(angles.min(), -30 - 1e-4, -29)
    self.assertBetween(angles.max(), 29, 30 + 1e-4)
    turns = matrices[:, :, :2]
    products = np.einsum('nij,nik->njk', turns, turns)
    np.testing.assert_allclose(products, [np.eye(2)] * 500, atol=1e-6)
    np.testing.assert_array_equal(matrices[:, :, 2], [[2.5, 4.0]] * 500)

  def test_angles_above_0_turn_anticlockwise(self) -> None:
    generator = mock.create_autospec(np.random.Generator, instance=True)
    generator.uniform.side_effect = lambda low, high: high
    stage = transforms.Rotate(90.0)
    (matrix,) = stage.sample(generator, 6, 6)
    image = pictures.random_images(1, 6, 6, 3)
    seen = pictures.seen(stage, image, matrix[None])
    np.testing.assert_allclose(seen[0], np.rot90(image[0]), atol=1e-5)


class FlipTest(absltest.TestCase):
  def test_left_for_right(self) -> None:
    images = pictures.random_images(2, 3, 5, 3)
    seen = pictures.seen(transforms.Flip(), images, [True, False])
    np.testing.assert_array_equal(seen[0], images[0, :, ::-1])
    np.testing.assert_array_equal(seen[1], images[1])

  def test_probability(self) -> None:
    for probability in (0.0, 0.25, 1.0):
      (flips,) = pictures.sampled(transforms.Flip(probability), 3, 5, num=1000)
      self.assertEqual(flips.dtype, bool)
      self.assertAlmostEqual(flips.mean(), probability, delta=0.05)


class NoiseTest(parameterized.TestCase):
  @parameterized.parameters((0.2, 0.0), (0.0, 0.3), (0.2, 0.3))
  def test_strength(self, deviation: float, reach: float) -> None:
    stage = transforms.Noise(deviation, reach)
    images = np.full([2, 50, 40, 3], 0.5, np.float32)
    samples = pictures.sampled(stage, 50, 40, num=2)
    noise = pictures.seen(stage, images, *samples) - 0.5
    self.assertAlmostEqual(noise.mean(), 0, delta=0.01)
    # Even noise in [-1, 1] has a variance of 1/3.
    expected = np.hypot(deviation, reach / np.sqrt(3))
    self.assertAlmostEqual(noise.std(), expected, delta=0.01)
    if not deviation:
      self.assertBetween(np.abs(noise).max(), 0.99 * reach, reach + 1e-6)

  def test_is_what_the_seed_gives(self) -> None:
    stage = transforms.Noise(0.2, 0.3)
    images = pictures.random_images(2, 4, 6, 3)
    seeds, strengths = pictures.sampled(stage, 4, 6, num=2)
    np.testing.assert_array_equal(
      strengths, np.array([[0.2, 0.3]] * 2, np.float32)
    )
    seen = pictures.seen(stage, images, seeds, strengths)
    for image, seed, found in zip(images, seeds, seen):
      normal = tf.random.stateless_normal([4, 6, 3], seed, stddev=0.2)
      even = tf.random.stateless_uniform([4, 6, 3], seed + 1, -0.3, 0.3)
      np.testing.assert_allclose(found, image + normal + even, atol=1e-6)

  def test_each_view_has_its_own(self) -> None:
    stage = transforms.Noise(0.2, 0.3)
    samples = pictures.sampled(stage, 20, 30, num=2)
    images = np.zeros([2 * 3, 20, 30, 3], np.float32)
    seen = pictures.seen(stage, images, *samples)
    correlations = np.corrcoef(seen.reshape(6, -1)) - np.eye(6)
    self.assertLess(np.abs(correlations).max(), 0.1)
    # Those of a picture do not depend on its batch.
    alone = pictures.seen(stage, images[:3], *(each[1:] for each in samples))
    np.testing.assert_array_equal(alone, seen[3:])

  def test_drawn_seeds_differ(self) -> None:
    seeds, _ = pictures.sampled(transforms.Noise(0.1), 8, 8, num=100)
    self.assertLen({tuple(each) for each in seeds}, 100)


if __name__ == '__main__':
  absltest.main()
