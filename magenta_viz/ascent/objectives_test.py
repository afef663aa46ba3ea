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

from typing import Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.ascent import ascend
from magenta_viz.ascent import objectives
from magenta_viz.ascent import optimizers
from magenta_viz.ascent import parameterizations
from magenta_viz.ascent import transforms
from magenta_viz.models import slim_network

_NONE = tf.constant([0, 0])


def _activations(*shape: int, seed: int = 0) -> np.ndarray:
  generator = np.random.default_rng(seed)
  return generator.standard_normal(shape).astype(np.float32)


def _outputs(conv: np.ndarray) -> slim_network.Outputs:
  logits = tf.constant([[0.0, 1.0, 2.0, 3.0], [-4.0, -5.0, -6.0, -7.0]])
  return slim_network.Outputs(logits, {'conv': tf.constant(conv)})


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

  def test_direction(self) -> None:
    vector = _activations(5, seed=1)
    expected = (self.conv @ vector).mean((1, 2))
    scores = self.score(objectives.Direction('conv', vector))
    np.testing.assert_allclose(scores, expected, rtol=1e-5, atol=1e-6)

  def test_guide(self) -> None:
    features = _activations(2, 3, 5, seed=1)
    expected = [0.0, 0.0]
    for index in np.ndindex(2, 3, 4):
      products = [self.conv[index] @ each for each in features.reshape(-1, 5)]
      expected[index[0]] += max(products)
    scores = self.score(objectives.Guide('conv', features))
    np.testing.assert_allclose(scores, expected, rtol=1e-5)

  def test_guides_gradient_is_the_match(self) -> None:
    features = _activations(2, 3, 5, seed=1)
    net = tf.constant(self.conv)
    with tf.GradientTape() as tape:
      tape.watch(net)
      outputs = slim_network.Outputs(self.outputs.logits, {'conv': net})
      scores = objectives.Guide('conv', features).score(outputs, _NONE)
    flat = features.reshape(-1, 5)
    matches = flat[np.argmax(self.conv @ flat.T, axis=-1)]
    np.testing.assert_array_equal(tape.gradient(scores, net), matches)

  @parameterized.parameters(1.0, -1.0)
  def test_content(self, sign: float) -> None:
    features = sign * (self.conv[0] + 0.1 * _activations(3, 4, 5, seed=1))
    expected = []
    for each in self.conv:
      product = np.sum(each * features)
      lengths = np.linalg.norm(each) * np.linalg.norm(features)
      expected.append(product * max(product / lengths, 0.1))
    scores = self.score(objectives.Content('conv', features))
    np.testing.assert_allclose(scores, expected, rtol=1e-5)

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
    (
      objectives.Direction('conv', np.zeros(4)),
      r'the direction has shape \(4,\), but layer conv has 5 channels',
    ),
  )
  def test_errors(self, objective: objectives.Objective, error: str) -> None:
    with self.assertRaisesRegex(ValueError, error):
      self.score(objective)

  def test_layers_without_positions(self) -> None:
    outputs = _outputs(_activations(2, 5))
    scores = objectives.Channel('conv', 1).score(outputs, _NONE)
    np.testing.assert_array_equal(scores, outputs.end_points['conv'][:, 1])


_KERNEL = tf.random.stateless_normal([3, 3, 3, 5], (1, 2))


def _network(images: tf.Tensor) -> slim_network.Outputs:
  net = tf.nn.softplus(tf.nn.conv2d(images, _KERNEL, 1, 'SAME'))
  return slim_network.Outputs(tf.reduce_mean(net, [1, 2]), {'conv': net})


_ALL = (
  objectives.ClassLogit(),
  objectives.Layer('conv'),
  objectives.Channel('conv', 2),
  objectives.Neuron('conv', 2),
  objectives.Direction('conv', _activations(5)),
  objectives.Guide('conv', _activations(2, 2, 5)),
  objectives.Content('conv', np.abs(_activations(12, 16, 5))),
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
    together = self._scores(objective, (0, 1))
    alone = self._scores(objective, (1,))
    np.testing.assert_allclose(together[:, 1], alone[:, 0], rtol=1e-4)

  def _scores(
    self, objective: objectives.Objective, seeds: Tuple[int, ...]
  ) -> np.ndarray:
    """Returns the scores of a few steps, [steps, batch]."""
    ascent = ascend.Ascent(
      network=_network,
      parameterization=parameterizations.Fourier(
        height=12,
        width=16,
        decay_power=1.0,
        contrast=0.25,
        chroma=1.0,
        initial_deviation=0.01,
      ),
      objective=objective.score,
      optimizer=optimizers.Adam(),
      views=[transforms.RandomViews(12, (1, 1), 0, 0, 0)] * 4,
      learning_rates=[0.1] * 4,
    )
    generators = [np.random.default_rng(seed) for seed in seeds]
    return ascent.run(np.array(seeds, np.int32), generators)[1]


if __name__ == '__main__':
  absltest.main()
