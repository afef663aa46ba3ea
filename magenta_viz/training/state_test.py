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

"""Tests of all that changes in training."""

from typing import Any

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models import network_loading
from magenta_viz.testing import trainer
from magenta_viz.training import optimizers
from magenta_viz.training import state as state_lib

_KERNEL = 'tiny/normalized/weights'
_MOVING = 'tiny/normalized/BatchNorm/moving_mean'
_RMSPROP = optimizers.RMSProp(0.9, 0.9, 1.0)


def _state(
  optimizer: optimizers.Optimizer = trainer.MOMENTUM,
  is_averaged: bool = False,
  is_scaled: bool = False,
) -> state_lib.State:
  return state_lib.State(
    tf.distribute.get_strategy(),
    trainer.weights_of(trainer.spec_of('tiny')),
    optimizer,
    is_averaged,
    is_scaled,
  )


class StateTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.weights = trainer.weights_of(trainer.spec_of('tiny'))
    self.assertLen(self.weights.values, 8)
    self.assertLen(self.weights.trainable, 6)

  def assert_values(self, state: state_lib.State, expected: Any) -> None:
    found = state.values()
    self.assertCountEqual(found, expected)
    for name, value in expected.items():
      self.assertEqual(found[name].dtype, value.dtype, name)
      np.testing.assert_array_equal(found[name], value, err_msg=name)

  def test_begins_with_the_weights(self) -> None:
    slots = {
      f'{name}/Momentum': np.zeros_like(self.weights.values[name])
      for name in self.weights.trainable
    }
    self.assert_values(_state(), {**self.weights.values, **slots})

  def test_averages_begin_with_the_weights(self) -> None:
    state = _state(is_averaged=True)
    averages = {
      name[: -len('/ExponentialMovingAverage')]: value
      for name, value in state.values().items()
      if name.endswith('/ExponentialMovingAverage')
    }
    # Those of batch norm are averages already.
    self.assertCountEqual(averages, self.weights.trainable)
    for name, value in averages.items():
      np.testing.assert_array_equal(value, self.weights.values[name])

  def test_slots_of_rmsprop(self) -> None:
    values = _state(_RMSPROP).values()
    shape = self.weights.values[_KERNEL].shape
    np.testing.assert_array_equal(values[f'{_KERNEL}/RMSProp'], np.ones(shape))
    np.testing.assert_array_equal(
      values[f'{_KERNEL}/RMSProp_1'], np.zeros(shape)
    )
    self.assertNotIn(f'{_MOVING}/RMSProp', values)
    self.assertLen(values, 8 + 2 * 6)

  def test_scale_of_float16(self) -> None:
    values = _state(is_scaled=True).values()
    self.assertEqual(values['loss_scale'], 2**15)
    self.assertEqual(values['good_steps'], 0)
    state = _state()
    self.assertNoCommonElements(state.values(), ['loss_scale', 'good_steps'])
    self.assertEqual(float(state.loss_scale), 1)

  @parameterized.product(
    optimizer=(trainer.MOMENTUM, _RMSPROP),
    is_averaged=(False, True),
    is_scaled=(False, True),
  )
  def test_round_trip(self, **kwargs: Any) -> None:
    state, other = _state(**kwargs), _state(**kwargs)
    values = trainer.random_values(state, seed=1)
    # What a checkpoint holds beside them.
    state.assign({**values, 'global_step': np.array(7, np.int64)})
    self.assert_values(state, values)
    other.assign(state.values())
    self.assert_values(other, values)

  def test_values_are_of_their_moment(self) -> None:
    state = _state()
    before = state.values()
    state.assign(trainer.random_values(state, seed=1))
    self.assert_values(_state(), before)

  @parameterized.parameters(
    (_KERNEL,),
    (_MOVING,),
    (f'{_KERNEL}/Momentum',),
    (f'{_KERNEL}/ExponentialMovingAverage',),
    ('loss_scale',),
  )
  def test_what_is_missing(self, name: str) -> None:
    state = _state(is_averaged=True, is_scaled=True)
    before = state.values()
    values = trainer.random_values(state, seed=1)
    del values[name]
    with self.assertRaises(ValueError) as caught:
      state.assign(values)
    self.assertEqual(
      str(caught.exception),
      f'the checkpoint lacks {name}; take another --train_dir, or the settings'
      ' with which it was written',
    )
    self.assert_values(state, before)

  @parameterized.parameters(
    ((3, 3, 8, 9), r'\(3, 3, 8, 9\)'),
    # What could be broadcast, or has as many elements.
    ((8,), r'\(8,\)'),
    ((), r'\(\)'),
    ((3, 3, 64), r'\(3, 3, 64\)'),
  )
  def test_other_shape(self, shape: Any, listed: str) -> None:
    state = _state()
    before = state.values()
    values = trainer.random_values(state, seed=1)
    values[_KERNEL] = np.zeros(shape, np.float32)
    message = (
      f"the checkpoint's {_KERNEL} has shape {listed}, not"
      r' \(3, 3, 8, 8\); take another --train_dir, or'
    )
    with self.assertRaisesRegex(ValueError, message):
      state.assign(values)
    self.assert_values(state, before)

  @parameterized.parameters(False, True)
  def test_what_a_network_is_used_with(self, is_averaged: bool) -> None:
    state = _state(is_averaged=is_averaged)
    values = trainer.random_values(state, seed=1)
    state.assign(values)
    found = state.network_values()
    self.assertCountEqual(found, self.weights.values)
    for name, value in found.items():
      suffix = ''
      if is_averaged and name in self.weights.trainable:
        suffix = '/ExponentialMovingAverage'
      np.testing.assert_array_equal(value, values[name + suffix])
    # As who reads the checkpoint has it.
    read = network_loading.averaged(values)
    for name, value in found.items():
      np.testing.assert_array_equal(value, read[name])

  def test_one_replica_needs_no_synchronization(self) -> None:
    state = _state()
    before = state.values()
    state.synchronize()
    self.assert_values(state, before)


if __name__ == '__main__':
  absltest.main()
