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

"""Tests for objectives."""

import functools
from typing import Any, List, Optional, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.ascent.objectives import features as feature_objectives
from magenta_viz.ascent.objectives import objectives
from magenta_viz.models import network_protocol

_NONE = tf.constant([0, 0])


def _activations(*shape: int, seed: int = 0) -> np.ndarray:
  generator = np.random.default_rng(seed)
  return generator.standard_normal(shape).astype(np.float32)


def _outputs(conv: np.ndarray) -> network_protocol.Outputs:
  logits = tf.constant([[0.0, 1.0, 2.0, 3.0], [-4.0, -5.0, -6.0, -7.0]])
  return network_protocol.Outputs(logits, {'conv': tf.constant(conv)})


class FormulasTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.conv = _activations(2, 3, 4, 5)
    self.outputs = _outputs(self.conv)

  def score(self, objective: objectives.Objective) -> np.ndarray:
    return objective.score(self.outputs, _NONE).numpy()

  def test_each_pictures_own_class(self) -> None:
    scores = objectives.ClassLogit().score(self.outputs, tf.constant([2, 1]))
    np.testing.assert_array_equal(scores, [2, -5])

  def test_one_class(self) -> None:
    np.testing.assert_array_equal(self.score(objectives.ClassLogit(3)), [3, -7])

  def test_probability_is_the_softmax(self) -> None:
    expected = 1 / np.exp([[-1, 0, 1, 2], [1, 0, -1, -2]]).sum(axis=1)
    found = self.score(objectives.Probability(1))
    np.testing.assert_allclose(found, expected, rtol=1e-6)

  def test_centred_logits(self) -> None:
    # Of [0, 1, 2, 3] and [-4, -5, -6, -7].
    centred = objectives.ClassLogit(centring=1.0)
    scores = centred.score(self.outputs, tf.constant([2, 1]))
    np.testing.assert_allclose(scores, [2 - 4 / 3, -5 + 17 / 3], rtol=1e-6)
    half = objectives.ClassLogit(3, centring=0.5)
    np.testing.assert_allclose(self.score(half), [3 - 0.5, -7 + 2.5])
    # What is added to all logits counts for nothing.
    moved = network_protocol.Outputs(self.outputs.logits + 9, {})
    np.testing.assert_allclose(
      centred.score(moved, tf.constant([2, 1])), scores, rtol=1e-5
    )

  def test_the_only_class(self) -> None:
    outputs = network_protocol.Outputs(tf.constant([[4.0], [-5.0]]), {})
    scores = objectives.ClassLogit(0, centring=1.0).score(outputs, _NONE)
    np.testing.assert_array_equal(scores, [4, -5])

  def test_layer(self) -> None:
    expected = [np.sum(each**2) / 2 for each in self.conv]
    scores = self.score(objectives.Layer('conv'))
    np.testing.assert_allclose(scores, expected, rtol=1e-6)

  def test_channel(self) -> None:
    expected = self.conv[..., 2].mean((1, 2))
    scores = self.score(objectives.Channel('conv', 2))
    np.testing.assert_allclose(scores, expected, rtol=1e-5)

  def test_neuron(self) -> None:
    scores = self.score(objectives.Neuron('conv', 4, (0, 3)))
    np.testing.assert_array_equal(scores, self.conv[:, 0, 3, 4])
    scores = self.score(objectives.Neuron('conv', 4))
    np.testing.assert_array_equal(scores, self.conv[:, 1, 2, 4])

  def test_weighted_sum(self) -> None:
    one, two = objectives.ClassLogit(1), objectives.Channel('conv', 0)
    total = one + 0.5 * (two - 3 * one) * 2
    expected = -2 * self.score(one) + self.score(two)
    np.testing.assert_allclose(self.score(total), expected, rtol=1e-5)
    # The operands are as they were.
    self.assertEqual(one, objectives.ClassLogit(1))

  @parameterized.parameters(
    (objectives.ClassLogit(4), 'class 4 is unknown; take 0 to 3'),
    (objectives.Layer('comv'), "unknown layer 'comv'; take one such as conv "),
    (objectives.Channel('conv', 5), 'layer conv has no channel 5; take 0 to 4'),
    (
      objectives.Neuron('conv', 0, (3, 0)),
      'position 3,0 is outside of layer conv, which is 3 x 4',
    ),
  )
  def test_errors(self, objective: objectives.Objective, error: str) -> None:
    with self.assertRaisesRegex(ValueError, error):
      self.score(objective)

  def test_layers_without_positions(self) -> None:
    outputs = _outputs(_activations(2, 5))
    scores = objectives.Channel('conv', 1).score(outputs, _NONE)
    np.testing.assert_array_equal(scores, outputs.end_points['conv'][:, 1])


def _first_channel(outputs: network_protocol.Outputs) -> tf.Tensor:
  return tf.reduce_mean(outputs.end_points['conv'][..., 0], [1, 2])


class _Logit:
  def __call__(self, outputs: network_protocol.Outputs) -> tf.Tensor:
    return tf.cast(outputs.logits[:, 1], tf.float16)


class FromFunctionTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.conv = _activations(2, 3, 4, 5)
    self.outputs = _outputs(self.conv)

  def test_scores(self) -> None:
    objective = objectives.from_function(_first_channel)
    self.assertEqual(str(objective), '_first_channel')
    found = objective.score(self.outputs, _NONE)
    np.testing.assert_allclose(found, self.conv[..., 0].mean((1, 2)), 1e-5)
    self.assertFalse(objective.is_coupled)
    # The same function raised again is the same objective.
    again = objectives.from_function(_first_channel)
    self.assertEqual(again, objective)
    self.assertEqual(hash(again), hash(objective))
    self.assertNotEqual(objectives.from_function(_Logit()), objective)

  def test_names(self) -> None:
    given = functools.partial(_first_channel)
    self.assertEqual(str(objectives.from_function(given, 'mine')), 'mine')
    self.assertEqual(str(objectives.from_function(given)), 'partial')
    self.assertEqual(str(objectives.from_function(_Logit())), '_Logit')

  def test_is_a_term_as_all_are(self) -> None:
    objective = 2 * objectives.from_function(_Logit()) - objectives.ClassLogit(
      0
    )
    found = objective.score(self.outputs, _NONE)
    np.testing.assert_allclose(found, [2 * 1 - 0, 2 * -5 + 4])
    self.assertEqual(found.dtype, tf.float32)

  @parameterized.parameters(
    (lambda outputs: outputs.logits, r'float32 of shape \(2, 4\)'),
    (lambda outputs: tf.reduce_sum(outputs.logits), r'float32 of shape \(\)'),
    (lambda outputs: tf.argmax(outputs.logits, 1), r'int64 of shape \(2,\)'),
    (lambda outputs: 1.0, r'float32 of shape \(\)'),
  )
  def test_what_is_no_score(self, function: Any, words: str) -> None:
    objective = objectives.from_function(function, 'mine')
    with self.assertRaisesRegex(
      ValueError,
      f"^objective 'mine' gives {words}; it must give a float a picture, "
      r'\[batch\], such as tf.reduce_mean\(layer, \[1, 2, 3\]\)$',
    ):
      objective.score(self.outputs, _NONE)


class HeadsTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.outputs = _outputs(_activations(2, 3, 4, 5))

  # With an output 0 that is no class, as slim's networks have, and without.
  @parameterized.parameters([[]], [[9.0]])
  def test_an_auxiliary_head(self, background: List[float]) -> None:
    rows = [[*background, 0, 10, 20, 30], [*background, 40, 50, 60, 70]]
    # As a network of low precision gives them.
    head = tf.constant(rows, tf.bfloat16)
    self.outputs.end_points['loss2/classifier'] = head
    own = objectives.ClassLogit(head='loss2/classifier')
    scores = own.score(self.outputs, tf.constant([2, 1]))
    np.testing.assert_array_equal(scores, [20, 50])
    self.assertEqual(scores.dtype, tf.float32)
    one = objectives.ClassLogit(3, 'loss2/classifier')
    np.testing.assert_array_equal(one.score(self.outputs, _NONE), [30, 70])
    last = objectives.ClassLogit(3)
    np.testing.assert_array_equal(last.score(self.outputs, _NONE), [3, -7])
    with self.assertRaisesRegex(ValueError, 'class 4 is unknown; take 0 to 3'):
      objectives.ClassLogit(4, 'loss2/classifier').score(self.outputs, _NONE)

  @parameterized.parameters('loss1/classifier', 'loss2/classifier')
  def test_weights_without_it(self, head: str) -> None:
    with self.assertRaises(ValueError) as caught:
      objectives.ClassLogit(1, head).score(self.outputs, _NONE)
    self.assertEqual(
      str(caught.exception),
      f"these weights have no head '{head}', which --preset=deepdraw raises;"
      ' take --preset=deepdraw_coherent, or --head=logits to raise the last'
      ' classifier instead, or weights with auxiliary heads',
    )

  @parameterized.parameters((6,), (3,), (3, 3, 4), (1, 1, 4))
  def test_what_is_no_head(self, *shape: int) -> None:
    self.outputs.end_points['fc'] = tf.zeros([2, *shape])
    with self.assertRaises(ValueError) as caught:
      objectives.ClassLogit(1, 'fc').score(self.outputs, _NONE)
    self.assertEqual(
      str(caught.exception),
      f"layer 'fc' is no head: its shape is {shape}, not one score for each of"
      " 4 classes; take --head=logits or a layer named '.../classifier'",
    )

  def test_what_is_no_layer(self) -> None:
    with self.assertRaisesRegex(ValueError, "unknown layer 'loss3'; take one"):
      objectives.ClassLogit(1, 'loss3').score(self.outputs, _NONE)


class ArithmeticTest(absltest.TestCase):
  def test_as_numbers(self) -> None:
    one, two = objectives.Channel('a', 1), objectives.Channel('a', 2)
    self.assertEqual(sum([one, two]), one + two)
    self.assertEqual(-one, -1 * one)
    self.assertEqual((one + two) / 4, 0.25 * one + 0.25 * two)
    self.assertEqual(str(one - two / 2), 'channel:a:1 - 0.5*channel:a:2')
    for other in (1, 2.5, None):
      with self.assertRaisesRegex(TypeError, 'unsupported operand'):
        _ = one + other  # type: ignore[operator]
      with self.assertRaisesRegex(TypeError, 'unsupported operand'):
        _ = other + one  # type: ignore[operator]
    with self.assertRaises(TypeError):
      _ = one * two  # type: ignore[operator]


class FunctionOfLayersTest(absltest.TestCase):
  def test_layers_of_low_precision_are_float32(self) -> None:
    layer = tf.constant([[1.0, 2.0], [3.0, 4.0]], tf.bfloat16)
    outputs = network_protocol.Outputs(tf.ones([2, 3]), {'layer': layer})
    objective = objectives.from_function(
      lambda given: given.end_points['layer'][:, 1] + given.logits[:, 0]
    )
    scores = objective.score(outputs, tf.constant([0, 0]))
    np.testing.assert_array_equal(scores, [3, 5])
    wrong = objectives.from_function(lambda given: given.end_points['layr'])
    with self.assertRaisesRegex(ValueError, "unknown layer 'layr'; .* layer"):
      wrong.score(outputs, tf.constant([0, 0]))


class DiversityTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.conv = _activations(3, 3, 4, 5)
    # The first and the last picture are of the same class.
    self.class_ids = tf.constant([4, 2, 4])

  def score(self, conv: np.ndarray, class_ids: tf.Tensor) -> np.ndarray:
    outputs = network_protocol.Outputs(tf.zeros([3, 4]), {'conv': conv})
    return objectives.Diversity('conv').score(outputs, class_ids).numpy()

  def cosine(self, one: int, other: int) -> float:
    """Returns the cosine of two pictures' Gram matrices, by plain loops."""
    grams = []
    for net in (self.conv[one], self.conv[other]):
      gram = np.zeros((5, 5))
      for row, column in np.ndindex(3, 4):
        gram += np.outer(net[row, column], net[row, column])
      grams.append(gram / np.sqrt(np.sum(gram**2)))
    return float(np.sum(grams[0] * grams[1]))

  def test_is_the_mean_over_the_others_of_a_class(self) -> None:
    pairs = {pair: self.cosine(*pair) for pair in ((0, 1), (0, 2), (1, 2))}
    expected = [
      -np.mean([cosine for pair, cosine in pairs.items() if picture in pair])
      for picture in range(3)
    ]
    scores = self.score(self.conv, tf.constant([7, 7, 7]))
    np.testing.assert_allclose(scores, expected, rtol=1e-5)
    both = -pairs[0, 2]
    self.assertBetween(both, -0.95, -0.05)
    scores = self.score(self.conv, self.class_ids)
    np.testing.assert_allclose(scores, [both, 0, both], rtol=1e-5)

  def test_at_its_ends(self) -> None:
    conv = np.zeros((3, 1, 2, 5), np.float32)
    conv[:, 0, 0, :2] = [[1, 2], [-10, -20], [0, 0]]
    scores = self.score(conv, tf.constant([1, 1, 0]))
    np.testing.assert_allclose(scores, [-1, -1, 0], rtol=1e-6)
    # Other channels altogether.
    conv[1, 0, 0] = [0, 0, 3, 4, 5]
    scores = self.score(conv, tf.constant([1, 1, 0]))
    np.testing.assert_array_equal(scores, [0, 0, 0])

  def test_gradient_by_finite_differences(self) -> None:
    gradient = self.gradient(self.conv)
    direction = _activations(3, 3, 4, 5, seed=1)
    step = 1e-2 * direction
    rise = np.sum(
      self.score(self.conv + step, self.class_ids)
      - self.score(self.conv - step, self.class_ids)
    )
    np.testing.assert_allclose(
      np.sum(gradient * direction), rise / 2e-2, rtol=1e-2
    )
    # Both of the pair are moved, the picture that is alone is not.
    moved = np.abs(gradient).max((1, 2, 3))
    np.testing.assert_array_equal(moved > 1e-4, [True, False, True])
    self.assertEqual(moved[1], 0)

  def test_gradient_where_nothing_is_active(self) -> None:
    conv = self.conv.copy()
    conv[0] = 0
    np.testing.assert_array_equal(self.score(conv, self.class_ids), [0, 0, 0])
    np.testing.assert_array_equal(self.gradient(conv), np.zeros_like(conv))

  def gradient(self, conv: np.ndarray) -> np.ndarray:
    net = tf.constant(conv)
    with tf.GradientTape() as tape:
      tape.watch(net)
      outputs = network_protocol.Outputs(tf.zeros([3, 4]), {'conv': net})
      scores = objectives.Diversity('conv').score(outputs, self.class_ids)
    return tape.gradient(scores, net).numpy()

  def test_is_coupled(self) -> None:
    diversity, layer = objectives.Diversity('conv'), objectives.Layer('conv')
    for coupled in (diversity, layer + 2 * diversity, layer - diversity):
      self.assertTrue(coupled.is_coupled)
    for free in (layer, layer + objectives.ClassLogit(), 2 * layer):
      self.assertFalse(free.is_coupled)


_KERNEL = tf.random.stateless_normal([3, 3, 3, 5], (1, 2))


def _network(images: tf.Tensor) -> network_protocol.Outputs:
  net = tf.nn.softplus(tf.nn.conv2d(images, _KERNEL, 1, 'SAME'))
  return network_protocol.Outputs(tf.reduce_mean(net, [1, 2]), {'conv': net})


_ALL = (
  objectives.ClassLogit(),
  objectives.Layer('conv'),
  objectives.Channel('conv', 2),
  objectives.Neuron('conv', 2),
  feature_objectives.Direction('conv', _activations(5)),
  feature_objectives.Guide('conv', _activations(2, 2, 5)),
  feature_objectives.Content('conv', np.abs(_activations(12, 16, 5))),
  objectives.ClassLogit(1) + 0.1 * objectives.Channel('conv', 2),
)


class AscentTest(parameterized.TestCase):
  @parameterized.parameters(*_ALL)
  def test_rises_in_three_steps(self, objective: objectives.Objective) -> None:
    scores = self._scores(objective, (0, 1))
    self.assertTrue(np.all(np.diff(scores, axis=0) > 0), scores)

  @parameterized.parameters(*_ALL)
  def test_pictures_do_not_influence_one_another(
    self, objective: objectives.Objective
  ) -> None:
    self.assertFalse(objective.is_coupled)
    together = self._scores(objective, (0, 1))
    alone = self._scores(objective, (1,))
    np.testing.assert_allclose(together[:, 1], alone[:, 0], rtol=1e-4)

  def test_variations_grow_apart(self) -> None:
    diversity = objectives.Diversity('conv')
    scores = self._scores(diversity, (0, 1, 2), (3, 4, 3))
    self.assertTrue(np.all(np.diff(scores[:, [0, 2]], axis=0) > 0), scores)
    np.testing.assert_array_equal(scores[:, 1], np.zeros(4))

  def _scores(
    self,
    objective: objectives.Objective,
    seeds: Tuple[int, ...],
    class_ids: Optional[Tuple[int, ...]] = None,
  ) -> np.ndarray:
    """Returns the scores of a few plain steps, [steps, batch]."""
    images = tf.stack(
      [tf.random.stateless_uniform([12, 16, 3], (seed, 0)) for seed in seeds]
    )
    targets = tf.constant(class_ids or seeds)
    all_scores = []
    for _ in range(4):
      with tf.GradientTape() as tape:
        tape.watch(images)
        scores = objective.score(_network(images), targets)
      gradient = tape.gradient(scores, images)
      size = tf.reduce_mean(tf.abs(gradient), axis=[1, 2, 3], keepdims=True)
      images += 0.01 * tf.math.divide_no_nan(gradient, size)
      all_scores.append(scores.numpy())
    return np.stack(all_scores)


if __name__ == '__main__':
  absltest.main()
