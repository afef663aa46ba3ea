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
"""Tests for pictures that several networks are raised by."""

from typing import Any, Sequence, Tuple
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.ascent import ascend
from magenta_viz.ascent import drawing
from magenta_viz.ascent import ensemble
from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.ascent.objectives import objectives
from magenta_viz.models import network_protocol
from magenta_viz.testing import ensembles
from magenta_viz.testing import tiny_network


def _blobs(seed: int, strength: float) -> Any:
  """Returns a network of three classes, each of light in one place."""
  generator = np.random.default_rng(seed)
  places = generator.uniform(0.3, 0.7, (3, 2, 1))
  along = np.linspace(0, 1, 64)
  down, across = np.moveaxis(np.exp(-30 * (along - places) ** 2), 1, 0)
  lights = tf.constant(
    strength * down[:, :, None] * across[:, None], tf.float32
  )

  def network(views: tf.Tensor) -> network_protocol.Outputs:
    grey = tf.reduce_mean(views, axis=3)
    return network_protocol.Outputs(tf.einsum('bhw,chw->bc', grey, lights), {})

  return network


def _recipe(**settings: Any) -> recipe_lib.Recipe:
  return recipe_lib.Recipe.of(
    {
      'num_steps': 6,
      'coarse_size': 64,
      'learning_rate': 0.05,
      'decay_power': 0.5,
      **settings,
    }
  )


def _drawn(
  networks: Sequence[Any],
  objective: objectives.Objective,
  classes: Sequence[int] = (0, 1),
  size: Tuple[int, int] = (64, 64),
  **settings: Any,
) -> drawing.Drawn:
  network = networks[0]
  if isinstance(objective, ensemble.Agreement):
    network = ensemble.Ensemble(networks, objective.weights)
  return drawing.Drawing(
    network, 64, [_recipe(**settings)], [objective], size
  ).run(
    np.array(classes, np.int32), [np.random.default_rng(i) for i in classes]
  )


class DrawingTest(parameterized.TestCase):
  @parameterized.parameters(
    {},
    {'parameterization': 'pixels', 'optimizer': 'mean_absolute'},
    {'parameterization': 'pyramid', 'optimizer': 'root_mean_square'},
    {'transforms': 'crops=3,0.5,0.1,0.1'},
    {'keep': 'best'},
    {'optimizer': 'nadam'},
  )
  def test_all_rise(self, **settings: Any) -> None:
    networks = [_blobs(0, 100.0), _blobs(1, 0.01)]
    drawn = _drawn(
      networks, ensembles.agreement(2), **{'num_steps': 30, **settings}
    )
    assert drawn.member_scores is not None
    self.assertEqual(drawn.member_scores.shape, (30, 2, 2))
    self.assertEqual(drawn.scores.shape, (30, 2))
    np.testing.assert_allclose(
      drawn.scores, drawn.member_scores.mean(axis=2), rtol=1e-4
    )
    later = drawn.member_scores[-5:].mean(axis=0)
    np.testing.assert_array_less(drawn.member_scores[:3].mean(axis=0), later)

  @parameterized.parameters('', 'l2=0.5 total_variation=0.1')
  def test_several_of_one_kind_draw_as_one(self, regularizers: str) -> None:
    settings: Any = {'regularizers': regularizers, 'num_steps': 4}
    objective = objectives.ClassLogit()
    alone = _drawn([tiny_network.network], objective, **settings)
    several = ensembles.agreement(2, (0.5, 3.0))
    twice = _drawn([tiny_network.network] * 2, several, **settings)
    np.testing.assert_allclose(twice.images, alone.images, atol=1e-3)
    np.testing.assert_allclose(twice.scores, alone.scores, rtol=1e-3)
    self.assertIsNone(alone.member_scores)

  @parameterized.parameters(0, 2)
  def test_large_pictures(self, sweeps: int) -> None:
    networks = [ensembles.Wanted(0), ensembles.Wanted(1, 1e-3)]
    settings: Any = {'sweeps': sweeps, 'num_steps': 2}
    drawn = _drawn(
      networks, ensembles.agreement(2), (1,), (150, 160), **settings
    )
    self.assertEqual(drawn.images.shape, (1, 150, 160, 3))
    assert drawn.member_scores is not None
    self.assertEqual(drawn.member_scores.shape, (*drawn.scores.shape, 2))
    self.assertEqual(len(drawn.scores) > 2, sweeps > 0)

  def test_many_views_in_parts(self) -> None:
    networks = [ensembles.Wanted(0, 100.0), ensembles.Wanted(1)]
    settings: Any = {'transforms': 'crops=5,0.5,0.1,0.1', 'num_steps': 3}
    whole = _drawn(networks, ensembles.agreement(2), **settings)
    with mock.patch.object(ascend, '_MAX_PIXELS', 3 * 64 * 64):
      parts = _drawn(networks, ensembles.agreement(2), **settings)
    np.testing.assert_allclose(parts.images, whole.images, atol=1e-4)
    assert parts.member_scores is not None and whole.member_scores is not None
    np.testing.assert_allclose(
      parts.member_scores, whole.member_scores, rtol=1e-3
    )


class FacetTest(absltest.TestCase):
  def test_is_of_the_network_that_is_named(self) -> None:
    recipe = _recipe(facet=3.0, facet_layer='squeezenet@conv')
    found = ensemble.facet(recipe, ensembles.agreement(2))
    assert isinstance(found, ensemble.MemberFacet)
    self.assertEqual((found.index, found.facet.layer), (1, 'conv'))
    for seed in (0, 1):
      np.testing.assert_array_equal(
        found.sample(np.random.default_rng(seed)),
        found.facet.sample(np.random.default_rng(seed)),
      )
    network = ensemble.Ensemble([tiny_network.network] * 2, (1.0, 1.0))
    images = tf.constant(
      np.random.default_rng(0).random((2, 8, 8, 3)), tf.float32
    )
    drawn = tf.constant([[1, 2], [3, 4]])
    np.testing.assert_allclose(
      found.reward(network(images), drawn, tf.constant(0.0)),
      found.facet.reward(tiny_network.network(images), drawn, tf.constant(0.0)),
    )

  def test_is_of_a_network(self) -> None:
    recipe = _recipe(facet=3.0, facet_layer='conv')
    with self.assertRaisesRegex(
      ValueError,
      "^facet_layer is 'conv', of which network. Give it as one of googlenet,"
      ' squeezenet, and @, before the layer$',
    ):
      ensemble.facet(recipe, ensembles.agreement(2))

  def test_none(self) -> None:
    self.assertIsNone(ensemble.facet(_recipe(), ensembles.agreement(2)))

  def test_draws(self) -> None:
    networks = [tiny_network.network] * 2
    settings: Any = {'num_steps': 2, 'facet_layer': 'squeezenet@conv'}
    drawn, without = (
      _drawn(networks, ensembles.agreement(2), facet=facet, **settings)
      for facet in (50.0, 0.0)
    )
    self.assertGreater(np.abs(drawn.images - without.images).max(), 0.01)


if __name__ == '__main__':
  absltest.main()
