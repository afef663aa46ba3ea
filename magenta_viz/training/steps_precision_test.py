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

"""Tests of steps that are computed in bfloat16 and float16."""

import dataclasses
from typing import Any, Dict
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.testing import precisions as precision
from magenta_viz.testing import trainer as test_trainer
from magenta_viz.training import loss_scale
from magenta_viz.training import optimizers
from magenta_viz.training import steps as steps_lib

_RMSPROP = optimizers.RMSProp(0.9, 0.9, 1.0)


def _trainer(
  dtype: tf.DType, model: str = 'tiny', **kwargs: Any
) -> test_trainer.Trainer:
  settings = dataclasses.replace(
    test_trainer.PLAIN,
    dropout=0.0,
    weight_decay=kwargs.pop('weight_decay', 1e-3),
  )
  return test_trainer.make(
    test_trainer.spec_of(model),
    settings,
    is_averaged=True,
    dtype=dtype,
    **kwargs,
  )


def _train(trainer: test_trainer.Trainer, **values: Any) -> steps_lib.Findings:
  """Makes a step from the state, some of whose values are others."""
  trainer.state.assign({**trainer.state.values(), **values})
  return test_trainer.train(trainer, test_trainer.batch())


def _gradients(trainer: test_trainer.Trainer) -> Dict[str, np.ndarray]:
  """Returns the gradients of a first step."""
  return {name: slot.numpy() for name, (slot,) in trainer.state.slots.items()}


def _scale(value: float) -> Dict[str, np.ndarray]:
  return {'loss_scale': np.array(value, np.float32)}


class PrecisionTest(parameterized.TestCase):
  def assert_alike(
    self, found: np.ndarray, expected: np.ndarray, delta: float, name: str
  ) -> None:
    """Compares directions and lengths."""
    lengths = np.linalg.norm(found), np.linalg.norm(expected)
    self.assertGreater(lengths[1], 0, name)
    self.assertAlmostEqual(
      lengths[0], lengths[1], delta=delta * lengths[1], msg=name
    )
    cosine = np.sum(found * expected) / (lengths[0] * lengths[1])
    self.assertGreater(cosine, 1 - delta, name)

  # bfloat16 has 8 bits, float16 has 11; SqueezeNet has 18 layers to lose them.
  # Processors without instructions for bfloat16 add gradients up in it (one was
  # 0.061 off, of a bias).
  @parameterized.parameters(
    ('tiny', tf.bfloat16, 0.02, 0.1),
    ('squeezenet', tf.bfloat16, 0.25, 0.25),
    ('tiny', tf.float16, 0.01, 0.01),
  )
  def test_as_float32(
    self, model: str, dtype: tf.DType, delta: float, gradient_delta: float
  ) -> None:
    if dtype == tf.bfloat16:
      precision.need_bfloat16()
    trainer, reference = _trainer(dtype, model), _trainer(tf.float32, model)
    counts = trainer.steps.evaluate(test_trainer.batch())
    exact = reference.steps.evaluate(test_trainer.batch())
    self.assertAlmostEqual(
      float(counts.loss), float(exact.loss), delta=delta * float(exact.loss)
    )
    found, expected = _train(trainer), _train(reference)
    self.assertEqual({each.dtype for each in found}, {tf.float32})
    loss = float(expected.loss)
    self.assertAlmostEqual(float(found.loss), loss, delta=delta * loss)
    # The precision makes a difference.
    self.assertNotEqual(float(found.loss), loss)
    for name, gradient in _gradients(reference).items():
      found_gradient = _gradients(trainer)[name]
      self.assert_alike(found_gradient, gradient, gradient_delta, name)

  def test_variables_are_float32(self) -> None:
    precision.need_bfloat16()
    trainer = _trainer(tf.bfloat16)
    for step in range(2):
      test_trainer.train(trainer, test_trainer.batch(), step, rate=1e-5)
    values = trainer.state.values()
    self.assertEqual(
      {value.dtype for value in values.values()}, {np.dtype(np.float32)}
    )
    # bfloat16 would not have seen steps as small as these.
    weights = values['tiny/conv/weights']
    begin = test_trainer.weights_of(trainer.spec).values['tiny/conv/weights']
    self.assertFalse(np.array_equal(weights, begin))
    np.testing.assert_allclose(weights, begin, atol=1e-4)


class LossScaleTest(parameterized.TestCase):
  @parameterized.parameters(test_trainer.MOMENTUM, _RMSPROP)
  def test_overflow_leaves_the_step_out(
    self, optimizer: optimizers.Optimizer
  ) -> None:
    trainer = _trainer(tf.float16, optimizer=optimizer)
    _train(trainer)
    before = trainer.state.values()
    self.assertEqual(before['good_steps'], 1)
    found = _train(trainer, **_scale(2.0**40))
    self.assertFalse(np.isfinite(float(found.gradient_norm)))
    # It is the gradient only that does not fit.
    self.assertTrue(np.isfinite(float(found.loss)))
    after = trainer.state.values()
    self.assertEqual((after['loss_scale'], after['good_steps']), (2**39, 0))
    for name in trainer.state.trainable:
      beside = [f'{name}/{slot}' for slot in optimizer.slots]
      for each in (name, f'{name}/ExponentialMovingAverage', *beside):
        np.testing.assert_array_equal(after[each], before[each], err_msg=each)

  def test_finds_a_scale(self) -> None:
    trainer = _trainer(tf.float16)
    found = _train(trainer, **_scale(2.0**24))
    for _ in range(20):
      found = _train(trainer)
    self.assertTrue(np.isfinite(float(found.gradient_norm)))
    self.assertLess(float(trainer.state.loss_scale), 2**24)
    self.assertGreater(int(trainer.state.good_steps), 0)

  def test_grows_after_good_steps(self) -> None:
    # The constant is part of what is traced.
    with mock.patch.object(loss_scale, 'GROWTH_STEPS', 3):
      trainer = _trainer(tf.float16)
      trainer.state.assign({**trainer.state.values(), **_scale(8.0)})
      found = []
      for _ in range(7):
        _train(trainer)
        state = trainer.state
        found.append((float(state.loss_scale), int(state.good_steps)))
    self.assertEqual(
      found,
      [(8, 1), (8, 2), (16, 0), (16, 1), (16, 2), (32, 0), (32, 1)],
    )

  def test_does_not_fall_below_one(self) -> None:
    trainer = _trainer(tf.float16)
    nan = np.array([np.nan, 0, 0], np.float32)
    _train(trainer, **{**_scale(1.0), 'head/conv/biases': nan})
    self.assertEqual(float(trainer.state.loss_scale), 1)

  def test_gradient_is_that_without_scale(self) -> None:
    found = []
    for scale in (1.0, 2.0**7):
      trainer = _trainer(tf.float16)
      norm = float(_train(trainer, **_scale(scale)).gradient_norm)
      found.append((norm, _gradients(trainer)))
    (norm, plain), (scaled_norm, scaled) = found
    self.assertAlmostEqual(norm, scaled_norm, delta=1e-3 * norm)
    for name, gradient in plain.items():
      np.testing.assert_allclose(
        scaled[name],
        gradient,
        atol=1e-2 * np.abs(gradient).max(),
        rtol=0,
        err_msg=name,
      )

  def test_scale_saves_small_gradients(self) -> None:
    # Below 6e-8, float16 knows 0 only.
    head = test_trainer.weights_of(test_trainer.spec_of('tiny')).values
    small = {'head/conv/weights': 1e-6 * head['head/conv/weights']}
    reference = _trainer(tf.float32, weight_decay=0.0)
    _train(reference, **small)
    name = 'tiny/conv/weights'
    expected = np.linalg.norm(_gradients(reference)[name])
    for scale, is_saved in ((2.0**15, True), (1.0, False)):
      trainer = _trainer(tf.float16, weight_decay=0.0)
      _train(trainer, **small, **_scale(scale))
      found = np.linalg.norm(_gradients(trainer)[name])
      is_close = abs(found - expected) < 0.2 * expected
      self.assertEqual(is_close, is_saved, (scale, found, expected))

  def test_no_other_precision_is_scaled(self) -> None:
    precision.need_bfloat16()
    trainer = _trainer(tf.bfloat16)
    _train(trainer)
    self.assertEqual(float(trainer.state.loss_scale), 1)
    self.assertEqual(int(trainer.state.good_steps), 0)


if __name__ == '__main__':
  absltest.main()
