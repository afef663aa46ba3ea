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

"""Tests of diversity."""

import re
from typing import List

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from scipy.spatial import distance

from magenta_viz.evaluation import diversity


class BetweenTest(parameterized.TestCase):
  @parameterized.parameters((2, 1), (2, 7), (3, 512), (25, 64))
  def test_is_scipys_cosine_distance(self, count: int, channels: int) -> None:
    generator = np.random.default_rng(0)
    # Positive or not, of lengths from 1e-3 to 1e3.
    features = generator.standard_normal((count, channels))
    features *= 10 ** generator.uniform(-3, 3, size=(count, 1))
    features = features.astype(np.float32)
    self.assertAlmostEqual(
      diversity.between(features),
      distance.pdist(features.astype(np.float64), 'cosine').mean(),
      places=12,
    )

  @parameterized.parameters(
    ([[1, 0], [0, 1]], 1),
    ([[1, 0], [-2, 0]], 2),
    ([[3, 4], [4, 3]], 1 - 24 / 25),
    # Length is no difference.
    ([[3, 4], [30, 40]], 0),
    # All pairs: 1, 1 - sqrt(1 / 2) twice.
    ([[5, 0], [0, 1], [2, 2]], (3 - np.sqrt(2)) / 3),
    # Copies are pairs like others: 0 once, 1 twice.
    ([[1, 0], [1, 0], [0, 1]], 2 / 3),
    # Zeros have no direction.
    ([[0, 0], [0, 0]], 0),
    ([[0, 0], [1, 3]], 1),
    ([[0, 0], [1, 3], [0, 0]], 2 / 3),
  )
  def test_by_hand(self, features: List[List[float]], expected: float) -> None:
    found = diversity.between(np.array(features, np.float32))
    self.assertAlmostEqual(found, expected, places=12)

  def test_copies_are_at_zero_to_the_bit(self) -> None:
    features = np.random.default_rng(0).uniform(size=512).astype(np.float32)
    self.assertEqual(diversity.between(np.stack([features] * 4)), 0)

  def test_tells_what_is_nearly_the_same(self) -> None:
    # An angle of 1e-6, of which the cosine is 1 - 5e-13.
    features = np.array([[1, 0], [1, 1e-6]])
    self.assertAlmostEqual(diversity.between(features) / 5e-13, 1, places=6)

  @parameterized.parameters(
    *(
      (
        np.ones(shape),
        rf'features have shape {re.escape(str(list(shape)))}; they must be'
        r' \[pictures, channels\], with at least two pictures',
      )
      for shape in ((0, 3), (1, 3), (3,), (2, 2, 3))
    ),
    *(
      (
        np.array([[0, 1], [value, 2]]),
        'features are NaN or infinite; all must be finite numbers',
      )
      for value in (float('nan'), float('inf'))
    ),
  )
  def test_refuses(self, features: np.ndarray, message: str) -> None:
    with self.assertRaisesRegex(ValueError, f'^{message}$'):
      diversity.between(features)


class NoisyTest(absltest.TestCase):
  def test_is_gaussian_of_the_deviation(self) -> None:
    image = np.full((60, 90, 3), 0.5, np.float32)
    noisy = diversity.noisy(image, np.random.default_rng(0))
    self.assertEqual(noisy.shape, image.shape)
    self.assertEqual(noisy.dtype, np.float32)
    noise = (noisy - image).astype(np.float64) / diversity.NOISE_DEVIATION
    # Five standard errors, of 16,200 values.
    self.assertLess(abs(noise.mean()), 5 / np.sqrt(noise.size))
    self.assertLess(abs(noise.std() - 1), 5 / np.sqrt(2 * noise.size))
    self.assertAlmostEqual(np.mean(np.abs(noise) < 1), 0.6827, delta=0.019)
    # Each value by itself.
    channels = noise.reshape(-1, 3).T
    limit = 5 / np.sqrt(noise.size / 3)
    self.assertLess(np.abs(np.corrcoef(channels) - np.eye(3)).max(), limit)
    for axis in (0, 1):
      shifted = np.roll(noise, 1, axis)
      self.assertLess(abs(np.mean(noise * shifted)), limit)

  def test_stays_a_picture(self) -> None:
    image = np.zeros((30, 40, 3), np.float32)
    image[15:] = 1
    before = image.copy()
    noisy = diversity.noisy(image, np.random.default_rng(0))
    self.assertEqual((noisy.min(), noisy.max()), (0, 1))
    self.assertGreater(np.std(noisy[:15]), 0.01)
    np.testing.assert_array_equal(image, before)

  def test_generator_decides(self) -> None:
    image = np.full((8, 9, 3), 0.5, np.float32)
    generator = np.random.default_rng(3)
    first, second = (diversity.noisy(image, generator) for _ in range(2))
    self.assertGreater(np.abs(first - second).max(), 0.05)
    again = diversity.noisy(image, np.random.default_rng(3))
    np.testing.assert_array_equal(first, again)


if __name__ == '__main__':
  absltest.main()
