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

"""Tests for maco."""

from typing import Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.ascent.parameterizations import fourier
from magenta_viz.ascent.parameterizations import maco

_SIZES = ((8, 6), (7, 5), (6, 9), (48, 32))


def _standardize(values: np.ndarray) -> np.ndarray:
  return (values - values.mean()) / values.std()


def _random(*shape: int) -> np.ndarray:
  return np.random.default_rng(0).normal(size=shape)


def _logits(images: tf.Tensor) -> np.ndarray:
  images = np.asarray(images, np.float64)
  return np.log(images / (1 - images))


class SpectrumTest(absltest.TestCase):
  def test_falls_with_the_cycles(self) -> None:
    magnitudes = maco.Spectrum(3, 2).magnitudes(np.array([0, 1, 2, 10]))
    np.testing.assert_allclose(magnitudes, [3, 3, 0.75, 0.03])


class MaCoTest(parameterized.TestCase):
  @parameterized.parameters(*_SIZES)
  def test_images_are_those_of_an_inverse_fft(
    self, height: int, width: int
  ) -> None:
    magnitudes = np.abs(_random(height, width // 2 + 1, 3))
    picture = maco.MaCo(
      height, width, False, magnitudes, mean=0.1, deviation=0.2
    )
    params = _random(2, height, width // 2 + 1, 3) * 2 + 1
    images = picture.to_images(tf.constant(params, tf.float32))
    self.assertEqual(images.shape, [2, height, width, 3])
    for phases, image in zip(params, images):
      # xplique adds 1e-5 to the deviation, which shows where phases add up.
      phases = (phases - phases.mean()) / (phases.std() + 1e-5)
      spectrum = magnitudes * np.exp(1j * phases)
      canvas = np.fft.irfft2(spectrum, (height, width), axes=(0, 1))
      np.testing.assert_allclose(
        _logits(image), 0.1 + 0.2 * _standardize(canvas), atol=2e-5
      )

  @parameterized.parameters(True, False)
  def test_magnitudes_are_those_of_photographs(
    self, decorrelated: bool
  ) -> None:
    picture = maco.MaCo(30, 40, decorrelated, deviation=0.2)
    params = tf.constant(_random(1, 30, 21, 3), tf.float32)
    canvas = _logits(picture.to_images(params))
    if decorrelated:
      colours = fourier.decorrelated_to_rgb(tf.eye(3)[None, None])
      canvas = canvas @ np.linalg.inv(_logits(colours)[0, 0])
    measured = np.abs(np.fft.rfft2(canvas[0], axes=(0, 1)))
    slopes = np.log2(measured[2, 3] / measured[4, 6])
    powers = (1.44, 1.55, 1.39) if decorrelated else (1.47, 1.44, 1.43)
    np.testing.assert_allclose(slopes, powers, atol=0.01)
    # 1/10 and 1/5 of a cycle a pixel, down and across or the other way round.
    np.testing.assert_allclose(measured[3, 8], measured[6, 4], rtol=1e-3)
    # Of less than a cycle over 30 pixels: as strong as of one.
    ratio = measured[0, 2] / measured[0, 1]
    np.testing.assert_allclose(ratio, 1.5 ** -np.array(powers), rtol=1e-3)
    # 1/10 of a cycle a pixel either way is 3 root 2 cycles over 30 pixels.
    ratios = measured[3, 4] / measured[3, 4, 0]
    strengths = (
      (0.1436, 0.2121, 0.0835) if decorrelated else (0.0988, 0.0839, 0.0773)
    )
    expected = np.array(strengths) / np.sqrt(18) ** np.array(powers)
    np.testing.assert_allclose(ratios, expected / expected[0], rtol=1e-2)

  def test_phases_as_they_are(self) -> None:
    picture = maco.MaCo(8, 6, standardize_phases=False)
    params = tf.constant(_random(2, 8, 4, 3), tf.float32)
    images = picture.to_images(params)
    np.testing.assert_allclose(
      picture.to_images(params + 2 * np.pi), images, atol=1e-5
    )
    self.assertGreater(
      np.abs(picture.to_images(params * 2) - images).max(), 0.1
    )

  def test_initial_of_phases_as_they_are(self) -> None:
    picture = maco.MaCo(40, 30, standardize_phases=False)
    params = picture.initial(np.random.default_rng(1))
    drawn = np.random.default_rng(1).uniform(-np.pi, np.pi, (40, 16, 3))
    self.assertEqual(params.dtype, np.float32)
    np.testing.assert_array_equal(params, drawn.astype(np.float32))

  @parameterized.product(size=_SIZES, decorrelated=(True, False))
  def test_finds_the_phases_of_pictures(
    self, size: Tuple[int, int], decorrelated: bool
  ) -> None:
    picture = maco.MaCo(
      *size, decorrelated, standardize_phases=False, mean=0.3, deviation=0.7
    )
    # Those that a picture can have: of real values.
    phases = np.angle(np.fft.rfft2(_random(2, *size, 3), axes=(1, 2)))
    starts = picture.to_images(tf.constant(phases, tf.float32)).numpy()
    generator = np.random.default_rng(1)
    found = np.stack([picture.initial(generator, each) for each in starts])
    self.assertEqual(found.dtype, np.float32)
    # The means' phases: below, as the mean of them all is not a picture's own.
    found[:, 0, 0] = phases[:, 0, 0]
    np.testing.assert_allclose(
      np.exp(1j * found), np.exp(1j * phases), atol=1e-3
    )

  def test_no_noise_is_added_to_phases_of_a_start(self) -> None:
    picture = maco.MaCo(8, 6, standardize_phases=False)
    start = np.random.default_rng(0).uniform(size=(8, 6, 3))
    np.testing.assert_array_equal(
      picture.initial(np.random.default_rng(1), start),
      picture.initial(np.random.default_rng(2), start),
    )

  def test_waves_that_the_start_has_none_of_are_drawn(self) -> None:
    picture = maco.MaCo(8, 6, False, standardize_phases=False)
    # Two cycles down the picture in red, nothing in green and blue.
    angles = 2 * np.pi * 2 * np.arange(8) / 8 + 0.3
    start = np.full([8, 6, 3], 0.25, np.float32)
    start[..., 0] = (1 / (1 + np.exp(-np.cos(angles))))[:, None]
    phases = picture.initial(np.random.default_rng(1), start)
    drawn = picture.initial(np.random.default_rng(1))
    self.assertAlmostEqual(phases[2, 0, 0], 0.3, places=5)
    self.assertAlmostEqual(phases[6, 0, 0], -0.3, places=5)
    phases[[2, 6], 0, 0] = drawn[[2, 6], 0, 0]
    # The mean is above that of all channels in red, and below in the others.
    np.testing.assert_allclose(np.cos(phases[0, 0]), [1, -1, -1], atol=1e-6)
    phases[0, 0] = drawn[0, 0]
    np.testing.assert_array_equal(phases, drawn)

  def test_start_with_standardised_phases(self) -> None:
    start = np.random.default_rng(0).uniform(size=(8, 6, 3))
    with self.assertRaisesRegex(ValueError, 'take --phases=free'):
      maco.MaCo(8, 6).initial(np.random.default_rng(0), start)

  @parameterized.parameters((0.1, 0.2, 0.9), (0.5, 0.5, 0.5), (0, 0, 0))
  def test_start_of_a_single_colour(self, *colour: float) -> None:
    picture = maco.MaCo(7, 9, standardize_phases=False)
    start = np.full([7, 9, 3], colour, np.float32)
    with self.assertRaisesRegex(ValueError, 'single colour.*no phases'):
      picture.initial(np.random.default_rng(0), start)

  def test_magnitudes_of_another_size(self) -> None:
    with self.assertRaisesRegex(ValueError, r'\(8, 6, 3\).*\(8, 4, 3\)'):
      maco.MaCo(8, 6, magnitudes=np.ones([8, 6, 3]))


class AlphaMapTest(absltest.TestCase):
  def test_clipped_at_the_percentile(self) -> None:
    totals = np.zeros((2, 1, 6, 3))
    totals[0, 0] = np.arange(6)[:, None] * [1, 2, 3]
    alpha = maco.alpha_map(totals)
    # The means are 0, 2, 4 ... 10; their 80th percentile is 8.
    np.testing.assert_allclose(alpha[0, 0], [0, 0.25, 0.5, 0.75, 1, 1])
    np.testing.assert_array_equal(alpha[1], np.zeros([1, 6]))

  def test_few_pixels(self) -> None:
    totals = np.zeros((1, 4, 5, 3))
    totals[0, 1, 2] = 3
    totals[0, 2, 2] = 6
    alpha: np.ndarray = maco.alpha_map(totals)
    self.assertEqual((alpha[0, 1, 2], alpha[0, 2, 2]), (0.5, 1))
    self.assertEqual(np.count_nonzero(alpha), 2)


if __name__ == '__main__':
  absltest.main()
