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

from typing import Any, Dict, List

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.training import optimizers

_NAME = 'layer/weights'
_SHAPE = (3, 2)
# The third is none at all; the others differ.
_RATES = (0.1, 0.05, 0.0, 0.2, 0.2)
# What there is after a step, by its name in a checkpoint of TensorFlow 1.
_Values = Dict[str, np.ndarray]


def _start() -> np.ndarray:
  return np.random.RandomState(0).randn(*_SHAPE).astype(np.float32)


def _gradients() -> List[np.ndarray]:
  generator = np.random.RandomState(1)
  return [
    (scale * generator.randn(*_SHAPE)).astype(np.float32)
    for scale in (1, 0.01, 1, 0, 100)
  ]


def _run(optimizer: optimizers.Optimizer, in_function: bool) -> List[_Values]:
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
    values = {f'{_NAME}/{name}': slot.numpy() for name, slot in slots.items()}
    found.append({_NAME: variable.numpy(), **values})
  return found


def _of_tensorflow_1(optimizer: optimizers.Optimizer) -> List[_Values]:
  """Makes the steps with the optimizer of TensorFlow 1, in a graph."""
  train = tf.compat.v1.train
  found = []
  with tf.Graph().as_default(), tf.compat.v1.Session() as session:
    rate = tf.compat.v1.placeholder(tf.float32, [])
    gradient = tf.compat.v1.placeholder(tf.float32, _SHAPE)
    variable = tf.compat.v1.get_variable(
      _NAME, initializer=_start(), use_resource=True
    )
    reference: Any
    if isinstance(optimizer, optimizers.Momentum):
      reference = train.MomentumOptimizer(rate, optimizer.momentum)
    else:
      assert isinstance(optimizer, optimizers.RMSProp)
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
      found.append(session.run(everything))
  return found


class OptimizersTest(parameterized.TestCase):
  @parameterized.parameters(
    optimizers.Momentum(0.9),
    optimizers.Momentum(0.0),
    optimizers.RMSProp(momentum=0.8, decay=0.7, epsilon=0.01),
    optimizers.RMSProp(0.0, 0.9, 1e-3),
    # As slim has it, with which it hardly divides.
    optimizers.RMSProp(momentum=0.9, decay=0.9, epsilon=1.0),
  )
  def test_as_tensorflow_1(self, optimizer: optimizers.Optimizer) -> None:
    expected = _of_tensorflow_1(optimizer)
    for in_function in (False, True):
      found = _run(optimizer, in_function)
      self.assertLen(found, len(expected))
      for ours, theirs in zip(found, expected):
        self.assertCountEqual(ours, theirs)
        for name, value in theirs.items():
          np.testing.assert_allclose(
            ours[name], value, rtol=1e-6, atol=1e-6, err_msg=name
          )


if __name__ == '__main__':
  absltest.main()
