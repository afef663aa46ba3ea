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

"""Tests for features; that they rise is in objectives_test."""

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


class FormulasTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.conv = _activations(2, 3, 4, 5)
    self.outputs = network_protocol.Outputs(
      tf.zeros([2, 4]), {'conv': tf.constant(self.conv)}
    )

  def score(self, objective: objectives.Objective) -> np.ndarray:
    return objective.score(self.outputs, _NONE).numpy()

  def test_direction(self) -> None:
    vector = _activations(5, seed=1)
    expected = (self.conv @ vector).mean((1, 2))
    scores = self.score(feature_objectives.Direction('conv', vector))
    np.testing.assert_allclose(scores, expected, rtol=1e-5, atol=1e-6)

  def test_direction_of_each_picture(self) -> None:
    rows = _activations(3, 5, seed=1)
    direction = feature_objectives.Direction('conv', rows, has_rows=True)
    self.assertEqual(direction.num_units(self.outputs), 3)
    ids = tf.constant([2, 0])
    expected = [
      (each @ rows[row]).mean() for each, row in zip(self.conv, [2, 0])
    ]
    scores = direction.score(self.outputs, ids).numpy()
    np.testing.assert_allclose(scores, expected, rtol=1e-5, atol=1e-6)

  @parameterized.parameters(1.0, 2.5)
  def test_direction_with_a_power(self, power: float) -> None:
    rows = _activations(3, 5, seed=1)
    net = self.conv.copy()
    # No direction at all, and its gradient is one all the same.
    net[0, 1, 2] = 0
    expected = []
    for each, row in zip(net, [1, 2]):
      parts = each @ rows[row]
      lengths = np.linalg.norm(each, axis=-1) * np.linalg.norm(rows[row])
      cosines = parts / np.maximum(lengths, 1e-9)
      expected.append(np.mean(parts * np.maximum(cosines, 0.1) ** power))
    direction = feature_objectives.Direction('conv', rows, True, power)
    variable = tf.constant(net)
    with tf.GradientTape() as tape:
      tape.watch(variable)
      outputs = network_protocol.Outputs(
        self.outputs.logits, {'conv': variable}
      )
      scores = direction.score(outputs, tf.constant([1, 2]))
    np.testing.assert_allclose(scores, expected, rtol=1e-4)
    self.assertTrue(np.isfinite(tape.gradient(scores, variable)).all())
    alone = feature_objectives.Direction('conv', rows[2], power=power)
    np.testing.assert_allclose(
      alone.score(outputs, _NONE)[1], expected[1], rtol=1e-4
    )

  def test_guide(self) -> None:
    features = _activations(2, 3, 5, seed=1)
    expected = [0.0, 0.0]
    for index in np.ndindex(2, 3, 4):
      products = [self.conv[index] @ each for each in features.reshape(-1, 5)]
      expected[index[0]] += max(products)
    scores = self.score(feature_objectives.Guide('conv', features))
    np.testing.assert_allclose(scores, expected, rtol=1e-5)

  def test_guides_gradient_is_the_match(self) -> None:
    features = _activations(2, 3, 5, seed=1)
    net = tf.constant(self.conv)
    with tf.GradientTape() as tape:
      tape.watch(net)
      outputs = network_protocol.Outputs(self.outputs.logits, {'conv': net})
      scores = feature_objectives.Guide('conv', features).score(outputs, _NONE)
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
    scores = self.score(feature_objectives.Content('conv', features))
    np.testing.assert_allclose(scores, expected, rtol=1e-5)

  def test_content_of_another_size(self) -> None:
    features = np.full((1, 2, 5), 3, np.float32)
    even = np.full((3, 4, 5), 3, np.float32)
    np.testing.assert_allclose(
      self.score(feature_objectives.Content('conv', features)),
      self.score(feature_objectives.Content('conv', even)),
      rtol=1e-5,
    )

  def test_a_direction_of_another_length(self) -> None:
    with self.assertRaisesRegex(
      ValueError,
      r'the direction has shape \(4,\), but layer conv has 5 channels; give',
    ):
      self.score(feature_objectives.Direction('conv', np.ones(4)))


if __name__ == '__main__':
  absltest.main()
