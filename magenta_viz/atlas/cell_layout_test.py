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

"""Tests for cell_layout."""

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.atlas import cell_layout


def _groups(count: int = 25, channels: int = 80) -> np.ndarray:
  """Returns points around three directions, one group after the other."""
  generator = np.random.default_rng(0)
  middles = generator.random((3, channels)) > 0.7
  points = np.repeat(middles, count, axis=0) + 0.3 * generator.random(
    (3 * count, channels)
  )
  return points.astype(np.float32)


class LayOutTest(parameterized.TestCase):
  def test_groups_stay_together(self) -> None:
    places = cell_layout.lay_out(_groups(), 0)
    self.assertEqual((places.shape, places.dtype), ((75, 2), np.float32))
    np.testing.assert_allclose(places.min(0), 0, atol=1e-6)
    np.testing.assert_allclose(places.max(0), 1, atol=1e-6)
    middles = places.reshape(3, 25, 2).mean(1)
    distances = np.linalg.norm(places[:, None] - middles, axis=2)
    np.testing.assert_array_equal(
      distances.argmin(1), np.repeat(np.arange(3), 25)
    )

  def test_is_the_same_each_time(self) -> None:
    points = _groups()
    places = cell_layout.lay_out(points, 3)
    np.testing.assert_array_equal(cell_layout.lay_out(points, 3), places)
    # Nor do lengths count: powers of two are not rounded.
    lengths = 2.0 ** np.random.default_rng(0).integers(-3, 4, (75, 1))
    np.testing.assert_array_equal(
      cell_layout.lay_out(points * lengths, 3), places
    )

  @parameterized.parameters(1, 2, 3, 9, 10, 11)
  def test_few_points(self, count: int) -> None:
    places = cell_layout.lay_out(_groups()[::7][:count], 0)
    self.assertEqual(places.shape, (count, 2))
    self.assertTrue(np.all((places >= 0) & (places <= 1)))

  @parameterized.parameters(2, 30)
  def test_points_in_one_place(self, count: int) -> None:
    places = cell_layout.lay_out(np.ones((count, 5)), 0)
    self.assertTrue(np.isfinite(places).all())
    places = cell_layout.lay_out(np.zeros((count, 1)), 0)
    self.assertTrue(np.isfinite(places).all())

  def test_outliers_are_at_the_rim(self) -> None:
    generator = np.random.default_rng(0)
    points = generator.random((8, 2))
    # Two components alone: a turned copy of the points themselves.
    placed = cell_layout._within(np.concatenate([points] * 30 + [[[90, 9]]]))
    np.testing.assert_allclose(placed[-1], 1)
    # Without it the others would have a hundredth of the plane.
    self.assertGreater(np.ptp(placed[:-1], axis=0).min(), 0.7)


class CellsTest(absltest.TestCase):
  def test_by_hand(self) -> None:
    places = np.array(
      [[0, 0], [0.1, 0.3], [0.3, 0.1], [1, 1], [0.7, 0.99], [0.67, 0.34]]
    )
    found = cell_layout.cells(places, 3, least=2)
    self.assertEqual(
      [(each.row, each.column, each.points.tolist()) for each in found],
      [(0, 0, [0, 1, 2]), (2, 2, [3, 4])],
    )
    self.assertLen(cell_layout.cells(places, 3, least=1), 3)
    self.assertEmpty(cell_layout.cells(places, 3, least=4))
    (one,) = cell_layout.cells(places, 1)
    self.assertLen(one.points, 6)


if __name__ == '__main__':
  absltest.main()
