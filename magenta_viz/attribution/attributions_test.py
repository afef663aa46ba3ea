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

"""Tests for attributions."""

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.attribution import attributions


def _images() -> np.ndarray:
  """Returns two pictures, 4 high and 6 wide."""
  return np.random.default_rng(0).random((2, 4, 6, 3), np.float32)


class SmoothgradTest(absltest.TestCase):
  def test_of_a_linear_score_is_its_weights(self) -> None:
    weights = np.random.default_rng(1).normal(size=(4, 6, 3))
    seen = []

    def gradient(images: np.ndarray) -> np.ndarray:
      seen.append(images)
      return np.broadcast_to(weights, images.shape)

    found = attributions.smoothgrad(gradient, _images(), 3, 0.5, 0)
    np.testing.assert_allclose(found, [weights, weights], rtol=1e-5)
    self.assertLen(seen, 3)
    self.assertGreater(np.abs(seen[0] - seen[1]).min(), 0)

  def test_noise_is_a_share_of_the_range(self) -> None:
    images = np.zeros([2, 50, 60, 3], np.float32)
    images[0, 0, 0] = 0.5
    found = []
    attributions.smoothgrad(
      lambda noisy: found.append(noisy - images) or noisy,  # type: ignore
      images,
      1,
      0.2,
      0,
    )
    self.assertAlmostEqual(float(found[0][0].std()), 0.1, delta=0.002)
    self.assertEqual(float(np.abs(found[0][1]).max()), 0)

  def test_mean_of_a_square_score(self) -> None:
    # The gradient of sum(x^2) is 2 x, and so is its mean, noise or not.
    images = _images()
    found = attributions.smoothgrad(
      lambda noisy: 2 * noisy, images, 4000, 0.1, 0
    )
    np.testing.assert_allclose(found, 2 * images, atol=0.02)


class IntegratedGradientsTest(parameterized.TestCase):
  @parameterized.parameters(0.0, 0.5)
  def test_of_a_linear_score(self, baseline: float) -> None:
    weights = np.random.default_rng(1).normal(size=(4, 6, 3))
    images = _images()
    found = attributions.integrated_gradients(
      lambda points: np.broadcast_to(weights, points.shape),
      images,
      16,
      baseline,
    )
    expected = weights * (images - baseline)
    np.testing.assert_allclose(found, expected, rtol=2e-3)

  @parameterized.parameters(0.0, 0.25)
  def test_shares_add_up_to_the_difference(self, baseline: float) -> None:
    images = _images()
    bend = np.random.default_rng(2).normal(size=(4, 6, 3))

    def score(points: np.ndarray) -> np.ndarray:
      return np.sum(np.sin(points * bend) + points**2, axis=(1, 2, 3))

    def gradient(points: np.ndarray) -> np.ndarray:
      return bend * np.cos(points * bend) + 2 * points

    found = attributions.integrated_gradients(gradient, images, 32, baseline)
    difference = score(images) - score(np.full_like(images, baseline))
    np.testing.assert_allclose(found.sum(axis=(1, 2, 3)), difference, rtol=0.01)
    # Of a sum over pixels, each pixel's share is its own difference.
    own = np.sin(images * bend) - np.sin(baseline * bend)
    own += images**2 - baseline**2
    np.testing.assert_allclose(found, own, atol=0.01)


class SaliencyMapTest(absltest.TestCase):
  def test_largest_magnitude(self) -> None:
    pixels = np.array([[[[1, -3, 2], [0, 0, 0]]], [[[-1, -2, 0], [5, 1, 4]]]])
    np.testing.assert_array_equal(
      attributions.saliency_map(pixels), [[[3, 0]], [[2, 5]]]
    )


if __name__ == '__main__':
  absltest.main()
