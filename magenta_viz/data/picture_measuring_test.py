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

"""Tests for picture_measuring."""

import math
from typing import Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.data import picture_measuring


def _sigmoid(values: np.ndarray) -> np.ndarray:
  return 1 / (1 + np.exp(-values))


class MeasureTest(parameterized.TestCase):
  def test_colours_by_hand(self) -> None:
    # Red's logits are 1 and -1, twice as often as green's; blue is always 0.5.
    logits = np.zeros((2, 40, 48, 3))
    logits[0, ..., 0], logits[1, ..., 0] = 1, -1
    logits[..., 1] = 1 + 0.5 * logits[..., 0]
    found = picture_measuring.measure(_sigmoid(logits))
    colour = (0.5, 1 / (1 + math.exp(-1)), 0.5)
    np.testing.assert_allclose(found.colour, colour, atol=1e-4)
    expected = np.array([[1, 0.5, 0], [0.5, 0.25, 0], [0, 0, 0]])
    covariance = np.array(found.covariance)
    np.testing.assert_allclose(covariance, expected, atol=1e-4)

  def test_black_and_white_have_finite_logits(self) -> None:
    images = np.zeros((2, 32, 32, 3))
    images[1] = 1
    found = picture_measuring.measure(images)
    self.assertEqual(found.colour, (0.5, 0.5, 0.5))
    variance = math.log(0.98 / 0.02) ** 2
    np.testing.assert_allclose(
      found.covariance, np.full((3, 3), variance), 1e-4
    )

  @parameterized.parameters(
    (0.0, (64, 64)), (-2.0, (64, 96)), (-4.0, (128, 64))
  )
  def test_slope_of_noise(self, slope: float, size: Tuple[int, int]) -> None:
    generator = np.random.default_rng(0)
    height, width = size
    cycles = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width))
    cycles[0, 0] = 1
    images = []
    for _ in range(20):
      waves = np.fft.fft2(generator.standard_normal(size))
      grey = np.fft.ifft2(waves * cycles ** (slope / 2)).real
      grey = 0.5 + 0.1 * (grey - grey.mean()) / grey.std()
      images.append(np.repeat(grey[..., None], 3, axis=2))
    found = picture_measuring.measure(images)
    assert found.slope is not None
    self.assertAlmostEqual(found.slope, slope, delta=0.3)

  def test_one_colour_has_no_slope(self) -> None:
    found = picture_measuring.measure([np.full((48, 64, 3), 0.25)] * 2)
    self.assertIsNone(found.slope)
    self.assertEqual(found.colour, (0.25, 0.25, 0.25))
    np.testing.assert_array_equal(found.covariance, np.zeros((3, 3)))

  def test_small_pictures_have_no_slope(self) -> None:
    noise = np.random.default_rng(0).uniform(size=(3, 16, 48, 3))
    self.assertIsNone(picture_measuring.measure(noise).slope)

  def test_nothing_to_measure(self) -> None:
    with self.assertRaisesRegex(ValueError, 'no pictures to measure; give one'):
      picture_measuring.measure([])
    images = [np.zeros((32, 32, 3)), np.zeros((32, 40, 3))]
    with self.assertRaisesRegex(ValueError, 'bring them to one size'):
      picture_measuring.measure(images)


if __name__ == '__main__':
  absltest.main()
