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
from typing import Any, Optional, Sequence, Tuple
import weakref

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.ascent import ascend
from magenta_viz.ascent import drawing
from magenta_viz.ascent import ensemble
from magenta_viz.ascent import feature_objectives
from magenta_viz.ascent import objectives
from magenta_viz.ascent import penalties as penalties_lib
from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.ascent import test_tiny_network as tiny
from magenta_viz.models import image_gradient
from magenta_viz.models import slim_network

_SIDE = 6


class _Wanted:
  """A network whose classes rise where a view is like what they want."""

  def __init__(self, seed: int, strength: float = 1.0):
    generator = np.random.default_rng(seed)
    self.wanted = generator.uniform(0.2, 0.8, (3, _SIDE, _SIDE, 3))
    self.strength = strength

  def __call__(self, views: tf.Tensor) -> slim_network.Outputs:
    views = tf.image.resize(views, [_SIDE, _SIDE])
    difference = views[:, None] - tf.constant(self.wanted[None], tf.float32)
    squares = tf.reduce_sum(difference**2, [2, 3, 4])
    return slim_network.Outputs(-self.strength * squares / 2, {})

  def gradient(self, view: np.ndarray, class_id: int) -> np.ndarray:
    return self.strength * (self.wanted[class_id] - view)


def _blobs(seed: int, strength: float) -> Any:
  """Returns a network of three classes, each of light in one place."""
  generator = np.random.default_rng(seed)
  places = generator.uniform(0.3, 0.7, (3, 2, 1))
  along = np.linspace(0, 1, 64)
  down, across = np.moveaxis(np.exp(-30 * (along - places) ** 2), 1, 0)
  lights = tf.constant(
    strength * down[:, :, None] * across[:, None], tf.float32
  )

  def network(views: tf.Tensor) -> slim_network.Outputs:
    grey = tf.reduce_mean(views, axis=3)
    return slim_network.Outputs(tf.einsum('bhw,chw->bc', grey, lights), {})

  return network


def _agreement(
  count: int,
  weights: Optional[Sequence[float]] = None,
  class_ids: Optional[Sequence[Optional[Tuple[int, ...]]]] = None,
) -> ensemble.Agreement:
  return ensemble.Agreement(
    names=('googlenet', 'squeezenet', 'inception_v1')[:count],
    members=(objectives.ClassLogit(),) * count,
    weights=tuple(weights or (1.0,) * count),
    class_ids=tuple(class_ids or (None,) * count),
  )


def _look(
  networks: Sequence[Any],
  weights: Sequence[float],
  views: np.ndarray,
  class_ids: Sequence[int],
  agreement: Optional[ensemble.Agreement] = None,
) -> Tuple[np.ndarray, np.ndarray]:
  """Returns scores and their gradient to views."""
  together = ensemble.Ensemble(networks, weights)
  objective = agreement or _agreement(len(networks), weights)

  @tf.function(autograph=False)
  def look(views: tf.Tensor) -> Tuple[tf.Tensor, tf.Tensor]:
    scores = objective.score(together(views), tf.constant(class_ids))
    return scores, image_gradient.gradient(scores, views)

  scores, gradient = look(tf.constant(views, tf.float32))
  return scores.numpy(), gradient.numpy()


def _views(count: int = 2) -> np.ndarray:
  return np.random.default_rng(5).uniform(0, 1, (count, _SIDE, _SIDE, 3))


def _length(gradient: np.ndarray) -> float:
  return float(np.sqrt((gradient**2).sum()))


class GradientTest(parameterized.TestCase):
  @parameterized.parameters(
    ((1.0, 1.0, 1.0),), ((0.5, 1.0, 2.0),), ((3.0, 3.0, 3.0),)
  )
  def test_of_equal_lengths(self, weights: Tuple[float, ...]) -> None:
    # Ranges of scores as different as no two networks' are.
    networks = [_Wanted(0, 1e3), _Wanted(1, 1.0), _Wanted(2, 1e-3)]
    views, class_ids = _views(), [2, 1]
    scores, gradient = _look(networks, weights, views, class_ids)
    shares = np.array(weights) / sum(weights)
    for index, class_id in enumerate(class_ids):
      own = [each.gradient(views[index], class_id) for each in networks]
      length = np.dot(shares, [_length(each) for each in own])
      expected = sum(
        share * length * each / _length(each)
        for share, each in zip(shares, own)
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

  def test_one_alone_has_its_own_gradient(self) -> None:
    views = _views(1)
    _, gradient = _look([_Wanted(0, 7.0)], [0.5], views, [1])
    expected = _Wanted(0, 7.0).gradient(views[0], 1)
    np.testing.assert_allclose(gradient[0], expected, rtol=1e-4)

  def test_a_network_that_sees_nothing(self) -> None:
    views = _views(1)
    _, gradient = _look([_Wanted(0, 0.0), _Wanted(1)], [1, 1], views, [1])
    # The mean of both lengths, in two halves of which one is 0.
    expected = _Wanted(1).gradient(views[0], 1) / 4
    np.testing.assert_allclose(gradient[0], expected, rtol=1e-4)

  def test_none_sees_anything(self) -> None:
    _, gradient = _look(
      [_Wanted(0, 0.0), _Wanted(1, 0.0)], [1, 1], _views(), [1, 1]
    )
    np.testing.assert_array_equal(gradient, 0)

  def test_what_is_no_number_shows(self) -> None:
    _, gradient = _look(
      [_Wanted(0, np.nan), _Wanted(1)], [1, 1], _views(1), [1]
    )
    self.assertTrue(np.isnan(gradient).any())

  def test_nothing_is_kept_of_a_graph_that_is_let_go(self) -> None:
    together = ensemble.Ensemble([tiny.network] * 2, (1.0, 1.0))

    @tf.function(autograph=False)
    def look(views: tf.Tensor) -> tf.Tensor:
      scores = _agreement(2).score(together(views), tf.constant([0]))
      return image_gradient.gradient(scores, views)

    traced = look.get_concrete_function(tf.TensorSpec([1, 64, 64, 3]))
    graph = weakref.ref(traced.graph)
    del look, traced
    gc.collect()
    self.assertIsNone(graph())


class AgreementTest(absltest.TestCase):
  def test_classes_by_each_network_s_own_id(self) -> None:
    views = _views(3)
    class_ids = ((2, 0, 1), None)
    agreement = _agreement(2, class_ids=class_ids)
    scores, _ = _look(
      [_Wanted(0), _Wanted(1)], [1, 1], views, [0, 1, 2], agreement
    )
    for place, own in ((0, (2, 0, 1)), (1, (0, 1, 2))):
      logits = _Wanted(place)(tf.constant(views, tf.float32)).logits.numpy()
      expected = [logits[index, each] for index, each in enumerate(own)]
      np.testing.assert_allclose(scores[:, 1 + place], expected, rtol=1e-5)

  def test_properties_of_members(self) -> None:
    self.assertFalse(_agreement(2).is_coupled)
    self.assertFalse(_agreement(2).is_whole)
    coupled = ensemble.Agreement(
      ('a', 'b'),
      (objectives.ClassLogit(), objectives.Diversity('x')),
      (1.0, 1.0),
      (None, None),
    )
    self.assertTrue(coupled.is_coupled)
    self.assertFalse(coupled.is_whole)
    whole = dataclasses.replace(
      coupled,
      members=(
        feature_objectives.Content('x', np.ones([2, 2, 3])),
        objectives.ClassLogit(),
      ),
    )
    self.assertFalse(whole.is_coupled)
    self.assertTrue(whole.is_whole)


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
    drawn = _drawn(networks, _agreement(2), **{'num_steps': 30, **settings})
    assert drawn.member_scores is not None
    self.assertEqual(drawn.member_scores.shape, (30, 2, 2))
    self.assertEqual(drawn.scores.shape, (30, 2))
    np.testing.assert_allclose(
      drawn.scores, drawn.member_scores.mean(axis=2), rtol=1e-4
    )
    later = drawn.member_scores[-5:].mean(axis=0)
    np.testing.assert_array_less(drawn.member_scores[:3].mean(axis=0), later)

  def test_several_of_one_kind_draw_as_one(self) -> None:
    alone = _drawn([tiny.network], objectives.ClassLogit())
    twice = _drawn([tiny.network, tiny.network], _agreement(2, (0.5, 3.0)))
    np.testing.assert_allclose(twice.images, alone.images, atol=1e-3)
    np.testing.assert_allclose(twice.scores, alone.scores, rtol=1e-3)
    self.assertIsNone(alone.member_scores)

  def test_penalties_are_those_of_one(self) -> None:
    settings: Any = {'regularizers': 'l2=0.5 total_variation=0.1'}
    alone = _drawn([tiny.network], objectives.ClassLogit(), **settings)
    twice = _drawn([tiny.network] * 2, _agreement(2), **settings)
    np.testing.assert_allclose(twice.images, alone.images, atol=1e-3)
    np.testing.assert_allclose(twice.scores, alone.scores, rtol=1e-3)
    charges = penalties_lib.L2(0.5).charge(tf.constant(alone.images[:1]))
    self.assertGreater(float(charges[0]), 0)

  def test_large_pictures(self) -> None:
    networks = [_Wanted(0), _Wanted(1, 1e-3)]
    settings: Any = {'sweeps': 2, 'num_steps': 2}
    drawn = _drawn(networks, _agreement(2), (1,), (150, 160), **settings)
    self.assertEqual(drawn.images.shape, (1, 150, 160, 3))
    assert drawn.member_scores is not None
    self.assertEqual(drawn.member_scores.shape, (*drawn.scores.shape, 2))
    self.assertGreater(len(drawn.scores), 2)

  def test_without_sweeps(self) -> None:
    settings: Any = {'sweeps': 0, 'num_steps': 2}
    networks = [_Wanted(0), _Wanted(1)]
    drawn = _drawn(networks, _agreement(2), (1,), (150, 160), **settings)
    self.assertEqual(drawn.scores.shape, (2, 1))

  def test_company_does_not_matter(self) -> None:
    networks = [_Wanted(0), _Wanted(1)]
    together = _drawn(networks, _agreement(2), (0, 1, 2))
    alone = _drawn(networks, _agreement(2), (1,))
    np.testing.assert_allclose(together.images[1], alone.images[0], atol=1e-4)

  def test_many_views_in_parts(self) -> None:
    networks = [_Wanted(0, 100.0), _Wanted(1)]
    settings: Any = {'transforms': 'crops=5,0.5,0.1,0.1', 'num_steps': 3}
    whole = _drawn(networks, _agreement(2), **settings)
    most = ascend._MAX_PIXELS
    try:
      ascend._MAX_PIXELS = 3 * 64 * 64
      parts = _drawn(networks, _agreement(2), **settings)
    finally:
      ascend._MAX_PIXELS = most
    np.testing.assert_allclose(parts.images, whole.images, atol=1e-4)
    assert parts.member_scores is not None and whole.member_scores is not None
    np.testing.assert_allclose(
      parts.member_scores, whole.member_scores, rtol=1e-3
    )


class FacetTest(absltest.TestCase):
  def test_is_of_the_network_that_is_named(self) -> None:
    recipe = _recipe(facet=3.0, facet_layer='squeezenet@conv')
    objective = ensemble.Agreement(
      ('googlenet', 'squeezenet'),
      (objectives.ClassLogit(),) * 2,
      (1.0, 1.0),
      (None, None),
    )
    found = ensemble.facet(recipe, objective)
    assert isinstance(found, ensemble.MemberFacet)
    self.assertEqual((found.index, found.facet.layer), (1, 'conv'))
    for seed in (0, 1):
      np.testing.assert_array_equal(
        found.draw(np.random.default_rng(seed)),
        found.facet.draw(np.random.default_rng(seed)),
      )
    network = ensemble.Ensemble([tiny.network] * 2, (1.0, 1.0))
    images = tf.constant(
      np.random.default_rng(0).random((2, 8, 8, 3)), tf.float32
    )
    drawn = tf.constant([[1, 2], [3, 4]])
    np.testing.assert_allclose(
      found.reward(network(images), drawn, tf.constant(0.0)),
      found.facet.reward(tiny.network(images), drawn, tf.constant(0.0)),
    )

  def test_is_of_a_network(self) -> None:
    recipe = _recipe(facet=3.0, facet_layer='conv')
    with self.assertRaisesRegex(
      ValueError,
      "^facet_layer is 'conv', of which network. Give it as one of googlenet,"
      ' squeezenet, and @, before the layer$',
    ):
      ensemble.facet(recipe, _agreement(2))

  def test_none(self) -> None:
    self.assertIsNone(ensemble.facet(_recipe(), _agreement(2)))

  def test_draws(self) -> None:
    classes = (0, 0)
    settings: Any = {'facet': 50.0, 'facet_layer': 'squeezenet@conv'}
    networks = [tiny.network] * 2
    drawn = _drawn(networks, _agreement(2), classes, **settings)
    without = _drawn(networks, _agreement(2), classes)
    self.assertGreater(np.abs(drawn.images - without.images).max(), 0.01)


if __name__ == '__main__':
  absltest.main()
