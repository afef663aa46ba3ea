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

"""Tests for filters."""

from typing import Any, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.ascent import filters
from magenta_viz.settings import schedules

_SHAPE = (2, 7, 5, 3)

# Of zero strength, and of some.
_IDENTITIES = (
  filters.Decay(0),
  filters.GaussianBlur(0),
  filters.Bilateral(0, 1),
  filters.Bilateral(1, 0),
  filters.ClipNorm(0),
  filters.ClipContribution(0),
  filters.ClipRange((-9e9,) * 3, (9e9,) * 3),
)
_FILTERS = (
  filters.Decay(0.3),
  filters.GaussianBlur(0.8),
  filters.Bilateral(0.2, 1.5),
  filters.ClipNorm(40),
  filters.ClipContribution(90),
  filters.ClipRange((-5, -6, -7), (8, 9, 10)),
)


def _random(seed: int = 0) -> np.ndarray:
  values = np.random.default_rng(seed).normal(scale=20, size=_SHAPE)
  return values.astype(np.float32)


def _one_pixel(value: Tuple[float, float, float]) -> np.ndarray:
  params = np.zeros((1, 7, 5, 3), np.float32)
  params[0, 3, 2] = value
  return params


def _apply(
  each: Any, params: np.ndarray, index: int = 0, num_steps: int = 4
) -> np.ndarray:
  return each.apply(
    params, np.zeros_like(params), schedules.Step(index, num_steps)
  )


class AllTest(parameterized.TestCase):
  @parameterized.parameters(*_IDENTITIES)
  def test_zero_strength_is_the_identity(self, each: Any) -> None:
    params = _random()
    result = each.apply(params, _random(1), schedules.START)
    np.testing.assert_array_equal(result, params)

  @parameterized.parameters(*_FILTERS)
  def test_pictures_are_independent(self, each: Any) -> None:
    params, gradient = _random() * [[[[1]]], [[[9]]]], _random(1)
    params = params.astype(np.float32)
    before = params.copy()
    together = each.apply(params, gradient, schedules.START)
    alone = [
      each.apply(params[i : i + 1], gradient[i : i + 1], schedules.START)[0]
      for i in range(2)
    ]
    np.testing.assert_allclose(together, alone, rtol=1e-6)
    np.testing.assert_array_equal(params, before)
    self.assertEqual(together.dtype, np.float32)
    self.assertGreater(np.abs(together - params).max(), 0.1)

  @parameterized.parameters(*_FILTERS[1:5])
  def test_constant_stays(self, each: Any) -> None:
    # Nothing is strictly below a percentile either.
    params = np.full(_SHAPE, -3.5, np.float32)
    result = each.apply(params, np.ones_like(params), schedules.START)
    np.testing.assert_allclose(result, params, rtol=1e-6)

  @parameterized.parameters(*_FILTERS[3:5])
  def test_one_pixel_stays(self, each: Any) -> None:
    params = _one_pixel((1, 2, 3))
    result = each.apply(params, np.ones_like(params), schedules.START)
    np.testing.assert_array_equal(result, params)

  @parameterized.parameters(
    (filters.Decay(schedules.Linear(0.4, 0.2)), filters.Decay(0.3)),
    (
      filters.GaussianBlur(schedules.Linear(2.5, 0.5)),
      filters.GaussianBlur(1.5),
    ),
    (
      filters.Bilateral(schedules.Linear(0.75, 0.25), schedules.Linear(3, 1)),
      filters.Bilateral(0.5, 2),
    ),
    (filters.ClipNorm(schedules.Linear(60, 20)), filters.ClipNorm(40)),
    (
      filters.ClipContribution(schedules.Linear(60, 20)),
      filters.ClipContribution(40),
    ),
  )
  def test_schedules(self, changing: Any, steady: Any) -> None:
    params, gradient = _random(), _random(1)
    np.testing.assert_allclose(
      changing.apply(params, gradient, schedules.Step(2, 4)),
      steady.apply(params, gradient, schedules.START),
      rtol=1e-6,
    )


class DecayTest(absltest.TestCase):
  def test_values_shrink(self) -> None:
    result = _apply(filters.Decay(0.3), _one_pixel((10, -20, 0)))
    np.testing.assert_allclose(result, _one_pixel((7, -14, 0)), rtol=1e-6)


class GaussianBlurTest(absltest.TestCase):
  def test_one_pixel_becomes_the_kernel(self) -> None:
    params = np.zeros((1, 9, 7, 3), np.float32)
    params[0, 4, 3] = (1, -2, 0)
    result = _apply(filters.GaussianBlur(0.75), params)
    # Cut at 4 sigma: 3 pixels.
    kernel = np.exp(-(np.arange(-3, 4) ** 2) / (2 * 0.75**2))
    kernel /= kernel.sum()
    expected = np.zeros((9, 7))
    expected[1:8] = np.outer(kernel, kernel)
    for channel, value in enumerate((1, -2, 0)):
      np.testing.assert_allclose(
        result[0, ..., channel], value * expected, atol=1e-6
      )

  def test_edges_mirror(self) -> None:
    params = np.zeros((1, 6, 8, 3), np.float32)
    params[0, 0, 1] = 1
    result = _apply(filters.GaussianBlur(0.5), params)
    # The first pixel's mirror image is beside it, the second's one further.
    near, far = np.exp(-2), np.exp(-8)
    down = (1 + near) / (1 + 2 * near + 2 * far)
    across = (near + far) / (1 + 2 * near + 2 * far)
    self.assertAlmostEqual(result[0, 0, 0, 1], down * across, places=6)

  def test_fires_at_the_first_step_and_every_fourth(self) -> None:
    blur = filters.GaussianBlur(1.0, every=4)
    params = _random()
    fires = [
      bool(np.any(_apply(blur, params, index, 9) != params))
      for index in range(9)
    ]
    self.assertEqual(fires, [index in (0, 4, 8) for index in range(9)])


def _bilateral_by_loops(
  image: np.ndarray, sigma_color: float, sigma_space: float, radius: int
) -> np.ndarray:
  """Filters a [height, width, 3] image as scikit-image's loops do."""
  height, width, _ = image.shape
  low, high = image.min(), image.max()
  scaled = (image.astype(np.float64) - low) / (high - low)
  result = np.zeros_like(scaled)
  for row in range(height):
    for column in range(width):
      total, weights = np.zeros(3), 0.0
      for down in range(-radius, radius + 1):
        for across in range(-radius, radius + 1):
          y, x = row + down, column + across
          inside = 0 <= y < height and 0 <= x < width
          other = scaled[y, x] if inside else np.zeros(3)
          colour = np.sqrt(np.sum((other - scaled[row, column]) ** 2)) / 3
          space = np.hypot(down, across)
          weight = np.exp(-0.5 * (colour / sigma_color) ** 2)
          weight *= np.exp(-0.5 * (space / sigma_space) ** 2)
          total += weight * other
          weights += weight
      result[row, column] = total / weights
  return result * (high - low) + low


class BilateralTest(parameterized.TestCase):
  @parameterized.parameters((0.44, 0.44, 5), (0.1, 2.0, 3), (5.0, 50.0, 7))
  def test_equals_plain_loops(
    self, sigma_color: float, sigma_space: float, window: int
  ) -> None:
    params = _random()
    bilateral = filters.Bilateral(sigma_color, sigma_space, window)
    for image, result in zip(params, _apply(bilateral, params)):
      np.testing.assert_allclose(
        result,
        _bilateral_by_loops(image, sigma_color, sigma_space, window // 2),
        atol=1e-4,
      )

  def test_black_outside_unless_mirrored(self) -> None:
    params = np.zeros((1, 4, 6, 3), np.float32)
    params[:, :, 3:] = 100
    corner = [
      _apply(filters.Bilateral(9.0, 3.0, edge=edge), params)[0, 0, 5, 0]
      for edge in ('constant', 'symmetric')
    ]
    self.assertLess(corner[0], 50)
    self.assertAlmostEqual(corner[1], 100, delta=3)


class ClipNormTest(absltest.TestCase):
  def test_least_norms_become_0(self) -> None:
    params = np.zeros((1, 1, 4, 3), np.float32)
    params[0, 0] = [(0, 0, 3), (2, 2, 2), (0, -4, 0), (9, 0, 0)]
    # Norms 3, 3.46, 4, 9: the median is 3.73.
    result = _apply(filters.ClipNorm(50), params)
    expected = [(0, 0, 0), (0, 0, 0), (0, -4, 0), (9, 0, 0)]
    np.testing.assert_array_equal(result[0, 0], expected)


class ClipContributionTest(absltest.TestCase):
  def test_least_contributions_become_0_whatever_their_sign(self) -> None:
    params = np.zeros((1, 2, 2, 3), np.float32)
    params[0] = [[(1, 1, 0), (2, 0, 0)], [(0, 3, 0), (0, 0, 4)]]
    gradient = np.zeros_like(params)
    # Contributions 1 - 1, 2, -9 and 4.
    gradient[0] = [[(1, -1, 5), (1, 5, 5)], [(5, -3, 5), (5, 5, 1)]]
    clip = filters.ClipContribution(60)
    result = clip.apply(params, gradient, schedules.START)
    expected = [[(0, 0, 0), (0, 0, 0)], [(0, 3, 0), (0, 0, 4)]]
    np.testing.assert_array_equal(result[0], expected)


class ClipRangeTest(absltest.TestCase):
  def test_each_channel_has_its_range(self) -> None:
    clip = filters.ClipRange((-1, -2, -3), (4, 5, 6))
    result = _apply(clip, _one_pixel((9, -9, 1)))
    np.testing.assert_array_equal(result, _one_pixel((4, -2, 1)))
    constant = _apply(clip, np.full(_SHAPE, 9, np.float32))
    np.testing.assert_array_equal(constant, np.full(_SHAPE, 1) * [4, 5, 6])


if __name__ == '__main__':
  absltest.main()
