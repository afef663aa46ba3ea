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


"""Tests of batch normalization, against plain NumPy."""

from typing import Any, Dict

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models.architectures import batch_norm
from magenta_viz.testing import precisions as precision

_EPSILON = 1e-3
_DECAY = 0.9997
_CHANNELS = 4


def _inputs() -> np.ndarray:
  """Channels of different means and variances."""
  values = np.random.RandomState(0).randn(2, 3, 5, _CHANNELS)
  return (values * [0.1, 1, 3, 10] + [0, 1, -2, 20]).astype(np.float32)


def _variables() -> Dict[str, tf.Variable]:
  generator = np.random.RandomState(1)
  return {
    'BatchNorm/beta': tf.Variable(generator.randn(_CHANNELS), dtype=tf.float32),
    'BatchNorm/moving_mean': tf.Variable(
      generator.randn(_CHANNELS), dtype=tf.float32
    ),
    'BatchNorm/moving_variance': tf.Variable(
      generator.uniform(0.01, 4, _CHANNELS), dtype=tf.float32
    ),
  }


def _run(
  variables: Dict[str, Any],
  inputs: tf.Tensor,
  is_training: bool,
  scale: bool = False,
) -> tf.Tensor:
  def answer(getter: Any, name: str, **unused_kwargs: Any) -> Any:
    del getter  # TensorFlow gives it by this name.
    return variables[name]

  with tf.compat.v1.variable_scope('', custom_getter=answer):
    return batch_norm.batch_norm(inputs, _DECAY if is_training else None, scale)


class BatchNormTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.inputs = _inputs()
    self.variables = _variables()
    # The numbers as they are before a run.
    self.beta, self.mean, self.variance = (
      variable.numpy() for variable in self.variables.values()
    )

  def assert_averages(self, mean: np.ndarray, variance: np.ndarray) -> None:
    np.testing.assert_allclose(
      self.variables['BatchNorm/moving_mean'], mean, rtol=1e-6, atol=1e-7
    )
    np.testing.assert_allclose(
      self.variables['BatchNorm/moving_variance'], variance, rtol=1e-6
    )

  def test_uses_the_averages(self) -> None:
    result = _run(self.variables, tf.constant(self.inputs), False)
    expected = (self.inputs - self.mean) / np.sqrt(self.variance + _EPSILON)
    np.testing.assert_allclose(result, expected + self.beta, atol=1e-4)
    self.assert_averages(self.mean, self.variance)

  @parameterized.parameters(False, True)
  def test_training(self, in_function: bool) -> None:
    def train(inputs: tf.Tensor) -> tf.Tensor:
      return _run(self.variables, inputs, True)

    if in_function:
      train = tf.function(train, autograph=False)
    result = train(tf.constant(self.inputs))
    mean = self.inputs.mean(axis=(0, 1, 2))
    variance = self.inputs.var(axis=(0, 1, 2))
    expected = (self.inputs - mean) / np.sqrt(variance + _EPSILON) + self.beta
    np.testing.assert_allclose(result, expected, atol=1e-4)
    # TensorFlow's estimate of the variance has no bias.
    count = self.inputs.size // _CHANNELS
    variance = variance * count / (count - 1)
    self.assert_averages(
      _DECAY * self.mean + (1 - _DECAY) * mean,
      _DECAY * self.variance + (1 - _DECAY) * variance,
    )

  @parameterized.parameters(False, True)
  def test_bfloat16(self, is_training: bool) -> None:
    precision.need_bfloat16()
    inputs = tf.cast(self.inputs, tf.bfloat16)
    result = _run(self.variables, inputs, is_training)
    self.assertEqual(result.dtype, tf.bfloat16)
    same = _run(_variables(), tf.cast(inputs, tf.float32), is_training)
    # bfloat16 has 8 bits: half of the last one is 2^-8.
    np.testing.assert_allclose(
      tf.cast(result, tf.float32), same, rtol=2**-7, atol=2**-7
    )

  def test_scale(self) -> None:
    gamma = np.array([0.5, 2, -1, 0], np.float32)
    variables = {**self.variables, 'BatchNorm/gamma': tf.Variable(gamma)}
    for is_training in (False, True):
      with self.subTest(is_training=is_training):
        plain = _run(_variables(), tf.constant(self.inputs), is_training)
        scaled = _run(
          variables, tf.constant(self.inputs), is_training, scale=True
        )
        expected = (plain - self.beta) * gamma + self.beta
        np.testing.assert_allclose(scaled, expected, rtol=1e-4, atol=1e-4)

  @parameterized.product(
    kernel=('weights', 'depthwise_weights'), scale=(False, True)
  )
  def test_folded(self, kernel: str, scale: bool) -> None:
    generator = np.random.RandomState(2)
    values: Dict[str, Any] = {
      f'a/{name}': each.numpy() for name, each in self.variables.items()
    }
    last = 1 if kernel == 'depthwise_weights' else _CHANNELS
    values[f'a/{kernel}'] = generator.randn(3, 3, _CHANNELS, last)
    values['b/weights'] = generator.randn(1, 1, _CHANNELS, 2)
    if scale:
      values['a/BatchNorm/gamma'] = generator.randn(_CHANNELS)
    before = {name: value.copy() for name, value in values.items()}
    values = {name: value.astype(np.float32) for name, value in values.items()}
    folded = batch_norm.folded(values)
    self.assertEqual(folded.keys(), before.keys())
    np.testing.assert_array_equal(folded['b/weights'], values['b/weights'])
    results = []
    for each in (values, folded):
      conv = tf.nn.conv2d if last > 1 else tf.nn.depthwise_conv2d
      each = {
        name: None if value is None else tf.cast(value, tf.float32)
        for name, value in each.items()
      }
      net = conv(self.inputs, each[f'a/{kernel}'], [1, 1, 1, 1], 'SAME')
      own = {name[2:]: value for name, value in each.items()}
      results.append(_run(own, net, False, scale))
    np.testing.assert_allclose(results[1], results[0], rtol=1e-4, atol=1e-4)
    for name, value in values.items():
      np.testing.assert_array_equal(value, before[name].astype(np.float32))

  def test_folded_is_one_sum(self) -> None:
    values = {name: each.numpy() for name, each in self.variables.items()}
    values['weights'] = np.ones((1, 1, _CHANNELS, _CHANNELS), np.float32)
    folded = batch_norm.folded(
      {f'a/{name}': each for name, each in values.items()}
    )
    own = {name[2:]: value for name, value in folded.items()}

    @tf.function(autograph=False)
    def run(inputs: tf.Tensor) -> tf.Tensor:
      return _run(own, inputs, False)

    graph = run.get_concrete_function(tf.TensorSpec([2, 3, 5, _CHANNELS])).graph
    kinds = [each.type for each in graph.get_operations()]
    self.assertIn('BiasAdd', kinds)
    self.assertNotIn('FusedBatchNormV3', kinds)


if __name__ == '__main__':
  absltest.main()
