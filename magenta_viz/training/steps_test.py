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

"""Tests of a step of training, against one that is worked out by hand."""

import dataclasses
import functools
from typing import Any, Dict, NamedTuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models import model_spec
from magenta_viz.models import slim_network
from magenta_viz.models import training_mode
from magenta_viz.testing import trainer as test_trainer
from magenta_viz.training import config as train_config

_SEED = 5
_SETTINGS = train_config.StepSettings(
  weight_decay=0.5,
  label_smoothing=0.1,
  auxiliary_weight=0.3,
  clip_norm=300.0,
)
_STEP = 3
_RATE = 0.1
_SHARE = 0.75
# At step 3, what averages of batch norm keep: (1 + 3) / (10 + 3).
_STATISTICS_SHARE = 4 / 13
_FIRST = 'InceptionV1/Conv2d_1a_7x7'


class _Step(NamedTuple):
  """What a step did, or should have done.

  Attributes:
    loss: As of `steps.Findings`.
    accuracy: As of `steps.Findings`.
    norm: As of `steps.Findings`.
    gradients: Of the loss without weight decay, by variable.
    values: All that there is afterwards, by name.
  """

  loss: float
  accuracy: float
  norm: float
  gradients: Dict[str, np.ndarray]
  values: Dict[str, np.ndarray]


def _spec(model: str) -> model_spec.ModelSpec:
  spec = test_trainer.spec_of(model)
  if model != 'inception_v1':
    return spec
  # With an output for the background, as it was released.
  return dataclasses.replace(spec, num_outputs=4, class_offset=1)


@functools.lru_cache(maxsize=None)
def _trainer(model: str) -> test_trainer.Trainer:
  return test_trainer.make(
    _spec(model), _SETTINGS, is_averaged=True, seed=_SEED
  )


@functools.lru_cache(maxsize=None)
def _before(model: str) -> Dict[str, np.ndarray]:
  """Values with slots and averages as they are in the middle of a training."""
  generator = np.random.RandomState(1)
  values = _trainer(model).state.values()
  weights = _trainer(model).state.variables
  for name, value in values.items():
    if name in weights:
      continue
    noise = generator.randn(*value.shape).astype(np.float32)
    if name.endswith('/Momentum'):
      values[name] = 0.03 * noise
    else:
      values[name] = values[name.rpartition('/')[0]] + 0.01 * noise
  return values


def _loss(
  spec: model_spec.ModelSpec,
  variables: Dict[str, tf.Variable],
  batch: test_trainer.Batch,
) -> Any:
  """Returns the loss and the accuracy, in formulas."""

  def answer(getter: Any, name: str, **unused_kwargs: Any) -> tf.Variable:
    del getter
    return variables[name]

  fold_in = tf.random.experimental.stateless_fold_in
  mode = training_mode.TrainingMode(
    fold_in(tf.constant([_SEED, _STEP], tf.int64), 0),
    statistics_decay=tf.constant(_STATISTICS_SHARE),
  )
  logits, end_points = slim_network.build(
    spec, batch.images, answer, spec.auxiliary_heads, mode
  )
  outputs = batch.labels + spec.class_offset
  num = spec.num_outputs
  targets = 0.9 * tf.one_hot(outputs, num) + 0.1 / num
  losses = -tf.reduce_sum(targets * tf.nn.log_softmax(logits), axis=1)
  for head in spec.auxiliary_heads:
    shares = tf.nn.log_softmax(end_points[f'{head}/classifier'])
    losses -= 0.3 * tf.reduce_sum(targets * shares, axis=1)
  guesses = np.argmax(logits[:, spec.class_offset :], axis=1)
  is_picture = batch.weights.numpy() > 0
  accuracy = np.mean((guesses == batch.labels.numpy())[is_picture])
  return tf.reduce_mean(losses[is_picture]), accuracy


def _by_hand(model: str) -> _Step:
  """Makes the step with plain gradients and NumPy."""
  spec, before = _spec(model), _before(model)
  names = _trainer(model).state.trainable
  variables = {
    name: tf.Variable(before[name]) for name in _trainer(model).state.variables
  }
  trained = [variables[name] for name in names]
  kernels = [variables[name] for name in names if name.endswith('/weights')]
  with tf.GradientTape() as tape:
    loss, accuracy = _loss(spec, variables, test_trainer.batch())
  gradients = tape.gradient(loss, trained)
  with tf.GradientTape() as tape:
    squares = tf.add_n([tf.reduce_sum(each**2) for each in kernels])
    penalty = _SETTINGS.weight_decay / 2 * squares
  decays = tape.gradient(
    penalty, trained, unconnected_gradients=tf.UnconnectedGradients.ZERO
  )
  total = [
    np.float64(gradient) + decay for gradient, decay in zip(gradients, decays)
  ]
  norm = np.sqrt(sum(np.sum(each**2) for each in total))
  values = {name: variable.numpy() for name, variable in variables.items()}
  for name, each in zip(names, total):
    slot = 0.9 * before[f'{name}/Momentum'] + each * min(
      1, _SETTINGS.clip_norm / norm
    )
    value = before[name] - _RATE * slot
    average = before[f'{name}/ExponentialMovingAverage']
    values[name], values[f'{name}/Momentum'] = value, slot
    values[f'{name}/ExponentialMovingAverage'] = (
      _SHARE * average + (1 - _SHARE) * value
    )
  by_name = {name: each.numpy() for name, each in zip(names, gradients)}
  return _Step(float(loss), accuracy, norm, by_name, values)


def _train(model: str, step: int = _STEP, **kwargs: Any) -> _Step:
  """Makes the step with the trainer, from where it was before."""
  trainer, before = _trainer(model), _before(model)
  trainer.state.assign(before)
  found = test_trainer.train(
    trainer,
    test_trainer.batch(),
    step,
    _RATE,
    average_share=_SHARE,
    **kwargs,
  )
  norm = float(found.gradient_norm)
  values = trainer.state.values()
  gradients = {}
  for name in trainer.state.trainable:
    slot = values[f'{name}/Momentum'] - 0.9 * before[f'{name}/Momentum']
    gradients[name] = slot * max(1, norm / _SETTINGS.clip_norm)
    if name.endswith('/weights'):
      gradients[name] -= _SETTINGS.weight_decay * before[name]
  return _Step(
    float(found.loss), float(found.accuracy), norm, gradients, values
  )


class WholeStepTest(parameterized.TestCase):
  def assert_close(
    self, found: np.ndarray, expected: np.ndarray, tolerance: float, name: str
  ) -> None:
    """Compares with the largest of an array's numbers as the measure."""
    scale = np.abs(expected).max()
    self.assertGreater(scale, 0, name)
    difference = np.abs(found - expected).max()
    self.assertLessEqual(difference, tolerance * scale, name)

  @parameterized.parameters(
    ('squeezenet', 1e-3),
    ('inception_v1', 1e-3),
    # Rounding decides which of two pixels its wide max-pooling takes.
    ('googlenet', 1e-2),
  )
  def test_by_hand(self, model: str, tolerance: float) -> None:
    found, expected = _train(model), _by_hand(model)
    self.assertAlmostEqual(
      found.loss, expected.loss, delta=1e-5 * expected.loss
    )
    self.assertAlmostEqual(found.accuracy, expected.accuracy, delta=1e-6)
    self.assertAlmostEqual(
      found.norm, expected.norm, delta=1e-4 * expected.norm
    )
    # It is clipped here.
    self.assertGreater(expected.norm, 1.2 * _SETTINGS.clip_norm)
    self.assertCountEqual(found.values, expected.values)
    before = _before(model)
    for name, value in expected.values.items():
      change = value - before[name]
      self.assert_close(
        found.values[name] - before[name], change, tolerance, name
      )
    # Gradients reach every variable.
    self.assertCountEqual(found.gradients, _trainer(model).state.trainable)
    heads = {name.split('/')[0] for name in found.gradients}
    self.assertContainsSubset(_spec(model).auxiliary_heads, heads)
    for name, gradient in expected.gradients.items():
      self.assert_close(found.gradients[name], gradient, tolerance, name)
    # The same step is the same to the bit.
    again = _train(model)
    self.assertEqual(
      (again.loss, again.accuracy, again.norm),
      (found.loss, found.accuracy, found.norm),
    )
    for name, value in found.values.items():
      np.testing.assert_array_equal(again.values[name], value, err_msg=name)

  @parameterized.parameters((0, 0.1), (3, 4 / 13), (10**6, 0.9997))
  def test_averages_of_batch_norm(self, step: int, share: float) -> None:
    found = _train('inception_v1', step).values
    before = _before('inception_v1')
    # The first layer's, of what is no picture too.
    outputs = tf.nn.conv2d(
      test_trainer.batch().images * 2 - 1,
      before[f'{_FIRST}/weights'],
      strides=2,
      padding='SAME',
    ).numpy()
    outputs = outputs.reshape([-1, outputs.shape[-1]]).astype(np.float64)
    for name, expected in (
      ('moving_mean', outputs.mean(axis=0)),
      ('moving_variance', outputs.var(axis=0, ddof=1)),
    ):
      name = f'{_FIRST}/BatchNorm/{name}'
      expected = share * before[name] + (1 - share) * expected
      np.testing.assert_allclose(found[name], expected, rtol=1e-4, atol=1e-5)


if __name__ == '__main__':
  absltest.main()
