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

"""Tests for graph_cut."""

import itertools
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from scipy.sparse import csgraph

from magenta_viz.attribution import graph_cut


def _cost(
  mask: np.ndarray,
  image: np.ndarray,
  preference: np.ndarray,
  smoothness: float,
) -> float:
  """Returns what a division costs, pixel by pixel and pair by pair."""
  height, width = mask.shape
  pairs = []
  for y, x in itertools.product(range(height), range(width)):
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
      other = y + down, x + right
      if other[0] < height and 0 <= other[1] < width:
        square = np.sum((image[y, x] - image[other]) ** 2)
        pairs.append(((y, x), other, square, np.hypot(down, right)))
  mean = np.mean([pair[2] for pair in pairs])
  borders = sum(
    smoothness * np.exp(-square / (2 * mean)) / distance
    for one, other, square, distance in pairs
    if mask[one] != mask[other]
  )
  wrong = np.where(mask, np.maximum(-preference, 0), np.maximum(preference, 0))
  return float(borders + wrong.sum())


class DivideTest(parameterized.TestCase):
  @parameterized.parameters(range(6))
  def test_cheapest_of_all_divisions(self, seed: int) -> None:
    generator = np.random.default_rng(seed)
    image = generator.random((3, 4, 3))
    preference = generator.normal(size=(3, 4)) * 4
    seeds = np.zeros([2, 3, 4], bool)
    seeds[0, 0, 0] = seeds[1, 2, 3] = True
    found = graph_cut.divide(image, preference, seeds[0], seeds[1], 2.0)
    self.assertTrue(found[0, 0])
    self.assertFalse(found[2, 3])
    free = np.where(seeds.any(axis=0), 0, preference)
    costs = []
    for bits in itertools.product((False, True), repeat=10):
      mask = np.array([True, *bits, False]).reshape(3, 4)
      costs.append(_cost(mask, image, free, 2.0))
    # Costs are rounded to hundredths.
    self.assertLessEqual(_cost(found, image, free, 2.0), min(costs) + 0.2)

  def test_no_smoothness_leaves_preferences(self) -> None:
    preference = np.random.default_rng(0).normal(size=(5, 7)) * 1e5
    none = np.zeros([5, 7], bool)
    found = graph_cut.divide(np.ones([5, 7, 3]), preference, none, none, 0)
    np.testing.assert_array_equal(found, preference > 0)

  def test_seeds_are_hard(self) -> None:
    is_object = np.zeros([5, 7], bool)
    is_object[2, 3] = True
    found = graph_cut.divide(
      np.ones([5, 7, 3]), np.full([5, 7], -1e9), is_object, ~is_object, 1000.0
    )
    np.testing.assert_array_equal(found, is_object)

  @parameterized.parameters('flow', 'residual')
  def test_result_of_any_scipy(self, name: str) -> None:
    preference = np.random.default_rng(0).normal(size=(5, 7))
    none = np.zeros([5, 7], bool)
    arguments = (np.ones([5, 7, 3]), preference, none, none, 0.3)
    expected = graph_cut.divide(*arguments)
    maximum_flow = csgraph.maximum_flow

    def other(*graph: object) -> mock.Mock:
      found = maximum_flow(*graph)
      flow = found.flow if hasattr(found, 'flow') else found.residual
      return mock.Mock(spec=[name], **{name: flow})

    with mock.patch.object(csgraph, 'maximum_flow', other):
      found = graph_cut.divide(*arguments)
    np.testing.assert_array_equal(found, expected)


if __name__ == '__main__':
  absltest.main()
