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

"""Tests of the optimizers, against plain NumPy and TensorFlow 1's own."""

from typing import Any, Dict, List, NamedTuple, Sequence

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.training import optimizers

_SHAPE = (3, 2)
# The third is none at all; the others differ.
_RATES = (0.1, 0.05, 0.0, 0.2, 0.2)
_MOMENTUM = optimizers.Momentum(0.9)
_RMSPROP = optimizers.RMSProp(momentum=0.8, decay=0.7, epsilon=0.01)
# As slim has it, with which it hardly divides.
_SLIM = optimizers.RMSProp(momentum=0.9, decay=0.9, epsilon=1.0)
_OPTIMIZERS = (
  ('momentum', _MOMENTUM),
  ('no_momentum', optimizers.Momentum(0.0)),
  ('rmsprop', _RMSPROP),
  ('rmsprop_without_momentum', optimizers.RMSProp(0.0, 0.9, 1e-3)),
  ('rmsprop_of_slim', _SLIM),
)


class _After(NamedTuple):
  """What there is after a step, slots by name."""

  variable: np.ndarray
  slots: Dict[str, np.ndarray]


def _start() -> np.ndarray:
  return np.random.RandomState(0).randn(*_SHAPE).astype(np.float32)


def _gradients() -> List[np.ndarray]:
  generator = np.random.RandomState(1)
  return [
    (scale * generator.randn(*_SHAPE)).astype(np.float32)
    for scale in (1, 0.01, 1, 0, 100)
  ]


def _run(optimizer: optimizers.Optimizer, in_function: bool) -> List[_After]:
  """Makes the steps with the optimizer."""
  variable = tf.Variable(_start())
  slots = {
    name: tf.Variable(tf.fill(_SHAPE, initial))
    for name, initial in optimizer.slots.items()
  }

  def step(gradient: tf.Tensor, rate: tf.Tensor) -> None:
    optimizer.update(variable, gradient, list(slots.values()), rate)

  if in_function:
    step = tf.function(step, autograph=False)
  found = []
  for gradient, rate in zip(_gradients(), _RATES):
    step(tf.constant(gradient), tf.constant(rate))
    values = {name: slot.numpy() for name, slot in slots.items()}
    found.append(_After(variable.numpy(), values))
  return found


def _momentum_by_hand(optimizer: optimizers.Momentum) -> List[_After]:
  variable = _start()
  accumulated = np.zeros(_SHAPE, np.float32)
  found = []
  for gradient, rate in zip(_gradients(), np.array(_RATES, np.float32)):
    accumulated = np.float32(optimizer.momentum) * accumulated + gradient
    variable = variable - rate * accumulated
    found.append(_After(variable, {'Momentum': accumulated}))
  return found


def _rmsprop_by_hand(optimizer: optimizers.RMSProp) -> List[_After]:
  momentum = np.float32(optimizer.momentum)
  decay = np.float32(optimizer.decay)
  epsilon = np.float32(optimizer.epsilon)
  variable = _start()
  squares: np.ndarray = np.ones(_SHAPE, np.float32)
  moved: np.ndarray = np.zeros(_SHAPE, np.float32)
  found = []
  for gradient, rate in zip(_gradients(), np.array(_RATES, np.float32)):
    squares = decay * squares + (1 - decay) * gradient**2
    moved = momentum * moved + rate * gradient / np.sqrt(squares + epsilon)
    variable = variable - moved
    found.append(_After(variable, {'RMSProp': squares, 'RMSProp_1': moved}))
  return found


def _by_hand(optimizer: optimizers.Optimizer) -> List[_After]:
  if isinstance(optimizer, optimizers.Momentum):
    return _momentum_by_hand(optimizer)
  return _rmsprop_by_hand(optimizer)


def _of_tensorflow_1(optimizer: optimizers.Optimizer) -> List[_After]:
  """Makes the steps with the optimizer of TensorFlow 1, in a graph."""
  train = tf.compat.v1.train
  found = []
  with tf.Graph().as_default(), tf.compat.v1.Session() as session:
    rate = tf.compat.v1.placeholder(tf.float32, [])
    gradient = tf.compat.v1.placeholder(tf.float32, _SHAPE)
    variable = tf.compat.v1.get_variable(
      'layer/weights', initializer=_start(), use_resource=True
    )
    reference: Any
    if isinstance(optimizer, optimizers.Momentum):
      reference = train.MomentumOptimizer(rate, optimizer.momentum)
    else:
      reference = train.RMSPropOptimizer(
        rate, optimizer.decay, optimizer.momentum, optimizer.epsilon
      )
    step = reference.apply_gradients([(gradient, variable)])
    everything = {
      each.op.name: each for each in tf.compat.v1.global_variables()
    }
    session.run(tf.compat.v1.global_variables_initializer())
    for value, number in zip(_gradients(), _RATES):
      session.run(step, {gradient: value, rate: number})
      values = session.run(everything)
      main = values.pop('layer/weights')
      # By their names in a checkpoint of TensorFlow 1.
      slots = {
        name[len('layer/weights/') :]: each for name, each in values.items()
      }
      found.append(_After(main, slots))
  return found


class OptimizersTest(parameterized.TestCase):
  def assert_same(
    self, found: Sequence[_After], expected: Sequence[_After], rtol: float
  ) -> None:
    self.assertLen(found, len(_RATES))
    for ours, theirs in zip(found, expected):
      np.testing.assert_allclose(
        ours.variable, theirs.variable, rtol=rtol, atol=rtol
      )
      self.assertCountEqual(ours.slots, theirs.slots)
      for name, value in theirs.slots.items():
        np.testing.assert_allclose(
          ours.slots[name], value, rtol=rtol, atol=rtol, err_msg=name
        )

  @parameterized.named_parameters(*_OPTIMIZERS)
  def test_by_hand(self, optimizer: optimizers.Optimizer) -> None:
    for in_function in (False, True):
      found = _run(optimizer, in_function)
      self.assert_same(found, _by_hand(optimizer), rtol=1e-6)

  @parameterized.named_parameters(*_OPTIMIZERS)
  def test_as_tensorflow_1(self, optimizer: optimizers.Optimizer) -> None:
    expected = _of_tensorflow_1(optimizer)
    self.assert_same(_run(optimizer, in_function=True), expected, rtol=1e-6)

  @parameterized.named_parameters(*_OPTIMIZERS)
  def test_rate_of_zero_leaves_the_variable(
    self, optimizer: optimizers.Optimizer
  ) -> None:
    _, before, after, *_ = _run(optimizer, in_function=False)
    if isinstance(optimizer, optimizers.Momentum):
      np.testing.assert_array_equal(before.variable, after.variable)
    for slot in optimizer.slots:
      # What RMSProp still moves by has the earlier rates inside.
      if slot != 'RMSProp_1':
        self.assertFalse(np.array_equal(before.slots[slot], after.slots[slot]))


if __name__ == '__main__':
  absltest.main()
