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

from typing import Any, Dict

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

  @parameterized.parameters(
    (trainer.MOMENTUM, {'Momentum': 0}),
    (_RMSPROP, {'RMSProp': 1, 'RMSProp_1': 0}),
  )
  def test_begins_with_the_weights(
    self, optimizer: optimizers.Optimizer, slots: Dict[str, float]
  ) -> None:
    expected = dict(self.weights.values)
    for name in self.weights.trainable:
      value = expected[name]
      # Those of batch norm are averages already.
      expected[f'{name}/ExponentialMovingAverage'] = value
      for slot, initial in slots.items():
        expected[f'{name}/{slot}'] = np.full_like(value, initial)
    self.assert_values(_state(optimizer, is_averaged=True), expected)

  def test_scale_of_float16(self) -> None:
    values = _state(is_scaled=True).values()
    self.assertEqual((values['loss_scale'], values['good_steps']), (2**15, 0))
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
    # One replica needs none.
    state.synchronize()
    self.assert_values(state, values)
    other.assign(state.values())
    self.assert_values(other, values)

  def test_values_are_of_their_moment(self) -> None:
    state = _state()
    before = state.values()
    state.assign(trainer.random_values(state, seed=1))
    self.assert_values(_state(), before)

  @parameterized.parameters(
    *(
      ({name: None}, f'the checkpoint lacks {name}; ')
      for name in (
        _KERNEL,
        _MOVING,
        f'{_KERNEL}/Momentum',
        f'{_KERNEL}/ExponentialMovingAverage',
        'loss_scale',
      )
    ),
    *(
      (
        {_KERNEL: np.zeros(shape, np.float32)},
        f"the checkpoint's {_KERNEL} has shape {shape}, not (3, 3, 8, 8); ",
      )
      # What could be broadcast, or has as many elements, too.
      for shape in ((3, 3, 8, 9), (8,), (), (3, 3, 64))
    ),
  )
  def test_refused(self, changed: Dict[str, Any], message: str) -> None:
    state = _state(is_averaged=True, is_scaled=True)
    before = state.values()
    values = {**trainer.random_values(state, seed=1), **changed}
    with self.assertRaises(ValueError) as caught:
      state.assign({k: v for k, v in values.items() if v is not None})
    self.assertEqual(
      str(caught.exception),
      f'{message}take another --train_dir, or the settings with which it was'
      ' written',
    )
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


if __name__ == '__main__':
  absltest.main()
