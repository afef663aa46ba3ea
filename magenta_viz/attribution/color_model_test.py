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

"""Tests for color_model."""

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.attribution import color_model


class FitTest(parameterized.TestCase):
  def test_one_component_is_mean_and_covariance(self) -> None:
    colors = np.random.default_rng(0).random((200, 3))
    model = color_model.fit(colors, 1)
    np.testing.assert_allclose(model.means[0], colors.mean(axis=0))
    expected = np.cov(colors.T, bias=True) + 1e-4 * np.eye(3)
    np.testing.assert_allclose(model.covariances[0], expected, rtol=1e-6)
    offset = colors[7] - colors.mean(axis=0)
    exponent = offset @ np.linalg.inv(expected) @ offset / -2
    density = np.exp(exponent) / np.sqrt(
      (2 * np.pi) ** 3 * np.linalg.det(expected)
    )
    self.assertAlmostEqual(
      float(model.log_densities(colors[7:8])[0]), float(np.log(density)), 6
    )

  def test_finds_two_groups(self) -> None:
    generator = np.random.default_rng(0)
    centers = np.array([[0.2, 0.3, 0.8], [0.7, 0.6, 0.1]])
    colors = np.concatenate(
      [
        center + 0.03 * generator.normal(size=(count, 3))
        for center, count in zip(centers, (900, 300))
      ]
    )
    model = color_model.fit(generator.permutation(colors), 2)
    order = np.argsort(model.weights)[::-1]
    np.testing.assert_allclose(model.weights[order], [0.75, 0.25], atol=1e-3)
    np.testing.assert_allclose(model.means[order], centers, atol=0.01)
    variances = np.diagonal(model.covariances, axis1=1, axis2=2)
    np.testing.assert_allclose(variances, np.full([2, 3], 0.001), rtol=0.25)
    inside, outside = model.log_densities(np.array([centers[0], [0, 1, 0]]))
    self.assertGreater(inside, outside + 50)

  @parameterized.parameters(1, 2, 5, 20_000)
  def test_one_color(self, count: int) -> None:
    color = np.array([0.1, 0.5, 0.9])
    model = color_model.fit(np.tile(color, (count, 1)), 5)
    self.assertLen(model.weights, min(count, 5))
    densities = model.log_densities(np.array([color, color + 0.1]))
    self.assertTrue(np.all(np.isfinite(densities)))
    self.assertGreater(densities[0], densities[1] + 50)


if __name__ == '__main__':
  absltest.main()
