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

"""Tests for pixels."""

from absl.testing import absltest
import numpy as np
import tensorflow as tf

from magenta_viz.ascent import filters
from magenta_viz.ascent.parameterizations import pixels
from magenta_viz.settings import schedules


class PixelsTest(absltest.TestCase):
  def test_images_by_hand(self) -> None:
    picture = pixels.Pixels(1, 2, mean=(100, 50, 0), unit=200)
    params = tf.constant([[[[0.0, 10, -20], [-100, 150, 200]]]])
    images = picture.to_images(params)
    np.testing.assert_allclose(
      images, [[[[0.5, 0.3, -0.1], [0.0, 1.0, 1.0]]]], atol=1e-7
    )

  def test_gradient_passes_outside_of_the_range(self) -> None:
    picture = pixels.Pixels(2, 3)
    params = tf.fill([2, 2, 3, 3], 1e3)
    with tf.GradientTape() as tape:
      tape.watch(params)
      total = tf.reduce_sum(picture.to_images(params))
    gradient = tape.gradient(total, params)
    np.testing.assert_allclose(gradient, np.full([2, 2, 3, 3], 1 / 255))

  def test_limits_are_black_and_white(self) -> None:
    picture = pixels.Pixels(5, 4)
    clip = filters.ClipRange(*picture.limits)
    params = np.random.default_rng(0).normal(size=(2, 5, 4, 3)) * 500
    params = clip.apply(params.astype(np.float32), params, schedules.START)
    images = picture.to_images(tf.constant(params)).numpy()
    self.assertAlmostEqual(images.min(), 0, places=6)
    self.assertAlmostEqual(images.max(), 1, places=6)

  def test_starts_at_the_mean(self) -> None:
    params = pixels.Pixels(5, 4).initial(np.random.default_rng(0))
    np.testing.assert_array_equal(params, np.zeros([5, 4, 3]))
    self.assertEqual(params.dtype, np.float32)

  def test_starts_at_a_colour(self) -> None:
    picture = pixels.Pixels(5, 4, mean=(1, 2, 3), unit=200)
    start = np.full([5, 4, 3], [1, 0.5, 0])
    params = picture.initial(np.random.default_rng(0), start)
    np.testing.assert_array_equal(params, np.full([5, 4, 3], [199, 98, -3]))
    self.assertEqual(params.dtype, np.float32)

  def test_starts_at_noise(self) -> None:
    # deepdraw's: around a grey of 200, in float64 until the end.
    picture = pixels.Pixels(5, 4, mean=(123, 117, 104), initial_deviation=8)
    grey = np.full([5, 4, 3], 200 / 255)
    params = picture.initial(np.random.default_rng(3), grey)
    drawn = np.random.default_rng(3).standard_normal((5, 4, 3))
    np.testing.assert_allclose(
      params, 200 + 8 * drawn - [123, 117, 104], rtol=1e-5
    )
    other = picture.initial(np.random.default_rng(4), grey)
    self.assertFalse(np.any(params == other))

  def test_starts_at_noise_around_the_mean(self) -> None:
    picture = pixels.Pixels(5, 4, initial_deviation=8)
    drawn = np.random.default_rng(3).standard_normal((5, 4, 3))
    np.testing.assert_array_equal(
      picture.initial(np.random.default_rng(3)), np.float32(8 * drawn)
    )

  def test_draws_nothing_without_noise(self) -> None:
    generator = np.random.default_rng(3)
    pixels.Pixels(5, 4).initial(generator, np.zeros([5, 4, 3]))
    self.assertEqual(generator.random(), np.random.default_rng(3).random())


if __name__ == '__main__':
  absltest.main()
