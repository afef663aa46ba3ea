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
"""Tests for ensemble."""

import dataclasses
import gc
import itertools
from typing import Any, Optional, Sequence, Tuple
import weakref

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.ascent import ensemble
from magenta_viz.ascent.objectives import features as feature_objectives
from magenta_viz.ascent.objectives import objectives
from magenta_viz.models import image_gradient
from magenta_viz.testing import ensembles
from magenta_viz.testing import tiny_network


def _look(
  networks: Sequence[Any],
  weights: Sequence[float],
  views: np.ndarray,
  class_ids: Sequence[int],
  agreement: Optional[ensemble.Agreement] = None,
) -> Tuple[np.ndarray, np.ndarray]:
  """Returns scores and their gradient to views."""
  together = ensemble.Ensemble(networks, weights)
  objective = agreement or ensembles.agreement(len(networks), weights)

  @tf.function(autograph=False)
  def look(views: tf.Tensor) -> Tuple[tf.Tensor, tf.Tensor]:
    scores = objective.score(together(views), tf.constant(class_ids))
    return scores, image_gradient.gradient(scores, views)

  scores, gradient = look(tf.constant(views, tf.float32))
  return scores.numpy(), gradient.numpy()


def _views(count: int = 2) -> np.ndarray:
  return np.random.default_rng(5).uniform(
    0, 1, (count, ensembles.SIDE, ensembles.SIDE, 3)
  )


class GradientTest(parameterized.TestCase):
  @parameterized.parameters(
    # Ranges of scores as different as no two networks' are.
    ((1e3, 1.0, 1e-3), (1.0, 1.0, 1.0)),
    ((1e3, 1.0, 1e-3), (0.5, 1.0, 2.0)),
    # One alone has its own gradient.
    ((7.0,), (0.5,)),
    # What sees nothing leaves the view to the others.
    ((0.0, 1.0), (1.0, 1.0)),
    ((0.0, 0.0), (1.0, 1.0)),
  )
  def test_of_equal_lengths(
    self, strengths: Tuple[float, ...], weights: Tuple[float, ...]
  ) -> None:
    networks = list(itertools.starmap(ensembles.Wanted, enumerate(strengths)))
    views, class_ids = _views(), [2, 1]
    scores, gradient = _look(networks, weights, views, class_ids)
    shares = np.array(weights) / sum(weights)
    for index, class_id in enumerate(class_ids):
      own = [each.gradient(views[index], class_id) for each in networks]
      lengths = [float(np.sqrt((each**2).sum())) for each in own]
      expected = sum(
        share * np.dot(shares, lengths) * each / (length or 1)
        for share, length, each in zip(shares, lengths, own)
      )
      np.testing.assert_allclose(gradient[index], expected, rtol=2e-4)
      single = [
        float(each(tf.constant(views, tf.float32)).logits[index, class_id])
        for each in networks
      ]
      np.testing.assert_allclose(scores[index, 1:], single, rtol=1e-5)
      np.testing.assert_allclose(
        scores[index, 0], np.dot(shares, single), rtol=1e-5
      )

  def test_what_is_no_number_shows(self) -> None:
    networks = [ensembles.Wanted(0, np.nan), ensembles.Wanted(1)]
    _, gradient = _look(networks, [1, 1], _views(1), [1])
    self.assertTrue(np.isnan(gradient).any())

  def test_nothing_is_kept_of_a_graph_that_is_let_go(self) -> None:
    together = ensemble.Ensemble([tiny_network.network] * 2, (1.0, 1.0))

    @tf.function(autograph=False)
    def look(views: tf.Tensor) -> tf.Tensor:
      scores = ensembles.agreement(2).score(together(views), tf.constant([0]))
      return image_gradient.gradient(scores, views)

    traced = look.get_concrete_function(tf.TensorSpec([1, 64, 64, 3]))
    graph = weakref.ref(traced.graph)
    del look, traced
    gc.collect()
    self.assertIsNone(graph())


class AgreementTest(parameterized.TestCase):
  def test_classes_by_each_network_s_own_id(self) -> None:
    views = _views(3)
    class_ids = ((2, 0, 1), None)
    agreement = ensembles.agreement(2, class_ids=class_ids)
    scores, _ = _look(
      [ensembles.Wanted(0), ensembles.Wanted(1)],
      [1, 1],
      views,
      [0, 1, 2],
      agreement,
    )
    for place, own in ((0, (2, 0, 1)), (1, (0, 1, 2))):
      logits = ensembles.Wanted(place)(
        tf.constant(views, tf.float32)
      ).logits.numpy()
      expected = [logits[index, each] for index, each in enumerate(own)]
      np.testing.assert_allclose(scores[:, 1 + place], expected, rtol=1e-5)

  @parameterized.parameters(
    (objectives.ClassLogit(), False, False),
    (objectives.Diversity('x'), True, False),
    (feature_objectives.Content('x', np.ones([2, 2, 3])), False, True),
  )
  def test_properties_of_members(
    self, member: objectives.Objective, is_coupled: bool, is_whole: bool
  ) -> None:
    agreement = dataclasses.replace(
      ensembles.agreement(2), members=(objectives.ClassLogit(), member)
    )
    self.assertEqual(agreement.is_coupled, is_coupled)
    self.assertEqual(agreement.is_whole, is_whole)


if __name__ == '__main__':
  absltest.main()
