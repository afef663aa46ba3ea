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

"""Tests for causal_scores."""

from typing import List

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.attribution import causal_scores

_HEIGHT, _WIDTH = 20, 30


class MeasureTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    generator = np.random.default_rng(0)
    self.image = generator.random((_HEIGHT, _WIDTH, 3), np.float32)
    self.weights = generator.random((_HEIGHT, _WIDTH))
    self.seen: List[np.ndarray] = []

  def _linear(self, images: np.ndarray) -> np.ndarray:
    """Returns the share of the weights whose pixels are the image's own."""
    self.seen.append(images)
    is_own = np.all(images == self.image, axis=3)
    return (is_own * self.weights).sum(axis=(1, 2)) / self.weights.sum()

  def _measure(self, saliency: np.ndarray) -> causal_scores.CausalScores:
    return causal_scores.measure(self._linear, self.image, saliency, 0.5)

  def test_the_right_map_beats_all_others(self) -> None:
    right = self._measure(self.weights)
    others = [-self.weights, np.random.default_rng(1).random((20, 30))]
    for other in map(self._measure, others):
      self.assertLess(right.deletion, other.deletion - 0.1)
      self.assertGreater(right.insertion, other.insertion + 0.1)

  def test_areas_by_hand(self) -> None:
    found = self._measure(self.weights)
    ordered = np.sort(self.weights.ravel())[::-1]
    inserted = np.cumsum([0, *ordered]) / ordered.sum()
    # Of as many steps as there are pixels.
    area = ((inserted[1:] + inserted[:-1]) / 2).mean()
    self.assertAlmostEqual(found.insertion, area, delta=1e-3)
    self.assertAlmostEqual(found.deletion, 1 - area, delta=1e-3)
    # The same pixels in the other order.
    reverse = self._measure(-self.weights)
    self.assertAlmostEqual(reverse.insertion, 1 - area, delta=1e-3)

  def test_what_is_shown(self) -> None:
    self._measure(self.weights)
    deleted, inserted = self.seen
    np.testing.assert_array_equal(deleted[0], self.image)
    np.testing.assert_array_equal(deleted[-1], np.full_like(self.image, 0.5))
    np.testing.assert_array_equal(inserted[-1], self.image)
    # The blurred copy is as bright, with little contrast.
    self.assertLess(inserted[0].std(), 0.35 * self.image.std())
    self.assertAlmostEqual(
      float(inserted[0].mean()), float(self.image.mean()), delta=0.02
    )
    # Both show the image's own where the other does not.
    for one, other in zip(deleted, inserted):
      is_deleted = np.all(one == np.float32(0.5), axis=2)
      is_inserted = np.all(other == self.image, axis=2)
      np.testing.assert_array_equal(is_deleted, is_inserted)
    counts = [np.all(each == 0.5, axis=2).sum() for each in deleted]
    self.assertEqual(counts, sorted(counts))
    self.assertLess(counts[1], 5)

  def test_even_map_is_read_from_the_top(self) -> None:
    self._measure(np.zeros([_HEIGHT, _WIDTH]))
    middle = np.all(self.seen[0][36] == np.float32(0.5), axis=2)
    self.assertTrue(middle[:10].all())
    self.assertFalse(middle[11:].any())


if __name__ == '__main__':
  absltest.main()
