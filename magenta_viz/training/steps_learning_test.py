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

"""Tests of what steps of training come to: what learns, and what is found."""

import dataclasses
import functools
from typing import Any, List

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import pytest
import tensorflow as tf

from magenta_viz.models import slim_network
from magenta_viz.testing import trainer as test_trainer
from magenta_viz.training import steps as steps_lib

_PLAIN = dataclasses.replace(test_trainer.PLAIN, dropout=0.0)
_HEAD = 'InceptionV1/Logits/'

# How often `traced_network` was built.
_TRACES: List[bool] = []


@functools.lru_cache(maxsize=None)
def _inception() -> test_trainer.Trainer:
  """A trainer that drops and smooths nothing."""
  return test_trainer.make(test_trainer.spec_of('inception_v1'), _PLAIN)


def _tiny(
  is_averaged: bool = False, seed: int = 0, **settings: Any
) -> test_trainer.Trainer:
  return test_trainer.make(
    test_trainer.spec_of('tiny'),
    dataclasses.replace(test_trainer.PLAIN, **settings),
    is_averaged=is_averaged,
    seed=seed,
  )


def _losses(
  trainer: test_trainer.Trainer, *steps: int, **kwargs: Any
) -> np.ndarray:
  """Returns the losses of steps with the same weights, as they are now."""
  found = []
  values = trainer.state.values()
  for step in steps:
    trainer.state.assign(values)
    result = test_trainer.train(trainer, test_trainer.batch(), step, **kwargs)
    found.append(float(result.loss))
  trainer.state.assign(values)
  return np.array(found)


class HeadTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.trainer = _inception()
    self.before = self.trainer.state.values()
    self.addCleanup(self.trainer.state.assign, self.before)

  def test_head_alone_learns(self) -> None:
    for step in range(2):
      test_trainer.train(
        self.trainer, test_trainer.batch(), step, head_only=True
      )
    heads = []
    for name, value in self.trainer.state.values().items():
      is_head = name.startswith(_HEAD)
      same = np.array_equal(value, self.before[name])
      self.assertEqual(same, not is_head, name)
      heads.append(is_head)
    # Kernel, biases and a slot each.
    self.assertEqual(sum(heads), 4)

  def test_loss_is_that_of_evaluation(self) -> None:
    counts = self.trainer.steps.evaluate(test_trainer.batch())
    found = test_trainer.train(
      self.trainer, test_trainer.batch(), head_only=True
    )
    self.assertEqual(float(counts.pictures), 3)
    expected = float(counts.loss) / 3
    self.assertAlmostEqual(float(found.loss), expected, delta=1e-5 * expected)
    self.assertAlmostEqual(
      float(found.accuracy), float(counts.top1) / 3, places=6
    )


class FindingsTest(parameterized.TestCase):
  def test_stop(self) -> None:
    trainer = _tiny()
    for stop in (False, True, False):
      found = test_trainer.train(trainer, test_trainer.batch(), stop=stop)
      self.assertEqual(float(found.stop), float(stop))

  def test_loss_is_without_weight_decay(self) -> None:
    plain = test_trainer.train(_tiny(), test_trainer.batch())
    found = test_trainer.train(_tiny(weight_decay=1.0), test_trainer.batch())
    self.assertEqual(float(found.loss), float(plain.loss))
    self.assertGreater(float(found.gradient_norm), float(plain.gradient_norm))

  def test_norm_is_found_before_it_is_clipped(self) -> None:
    plain, clipped, free = _tiny(), _tiny(clip_norm=0.01), _tiny(clip_norm=1e6)
    norms = [
      float(test_trainer.train(each, test_trainer.batch()).gradient_norm)
      for each in (plain, clipped, free)
    ]
    self.assertGreater(norms[0], 0.1)
    np.testing.assert_allclose(norms, norms[0], rtol=1e-6)
    slots = clipped.state.slots.values()
    norm = np.sqrt(sum(np.sum(slot.numpy() ** 2) for (slot,) in slots))
    self.assertAlmostEqual(norm, 0.01, places=6)
    for name, value in plain.state.values().items():
      np.testing.assert_allclose(
        free.state.values()[name], value, rtol=1e-6, err_msg=name
      )

  def test_nothing_but_fillings(self) -> None:
    # As of a worker that read nothing but corrupt pictures.
    trainer = _tiny()
    before = trainer.state.values()
    batch = test_trainer.batch((0, 0))
    found = test_trainer.train(trainer, batch)
    self.assertEqual([float(each) for each in found], [0, 0, 0, 0])
    after = trainer.state.values()
    for name in trainer.state.trainable:
      np.testing.assert_array_equal(after[name], before[name])

  # A ReLU on a processor makes 0 of NaN: below it, the decay is what tells of a
  # kernel. No weight is NaN before a gradient was, which tells of any weight.
  @parameterized.parameters(
    ('tiny', 'tiny/conv/weights'),
    ('tiny', 'head/conv/weights'),
    ('tiny', 'head/conv/biases'),
    ('squeezenet', 'conv1/weights'),
    ('squeezenet', 'fire5/expand3x3/weights'),
  )
  def test_weight_that_is_no_number(self, model: str, name: str) -> None:
    settings = dataclasses.replace(_PLAIN, weight_decay=1e-4)
    trainer = test_trainer.make(test_trainer.spec_of(model), settings)
    values = trainer.state.values()
    values[name].flat[0] = np.nan
    trainer.state.assign(values)
    found = test_trainer.train(trainer, test_trainer.batch())
    self.assertFalse(np.isfinite(float(found.gradient_norm)))

  @parameterized.parameters(np.nan, np.inf)
  def test_loss_that_is_no_number(self, value: float) -> None:
    trainer = _tiny()
    values = trainer.state.values()
    values['head/conv/biases'][0] = value
    trainer.state.assign(values)
    found = test_trainer.train(trainer, test_trainer.batch())
    self.assertFalse(np.isfinite(float(found.loss)))
    self.assertFalse(np.isfinite(float(found.gradient_norm)))


class DropoutTest(absltest.TestCase):
  def test_steps_and_seeds_differ(self) -> None:
    trainer = _tiny(seed=1)
    first = _losses(trainer, 0, 1, 2, 1000)
    self.assertLen(set(first), 4)
    # Whatever came before.
    np.testing.assert_array_equal(_losses(trainer, 1000, 0), first[[3, 0]])
    np.testing.assert_array_equal(_losses(_tiny(seed=1), 1), first[[1]])
    other = _losses(_tiny(seed=2), 0, 1, 2, 1000)
    self.assertNoCommonElements(first, other)

  def test_none(self) -> None:
    found = _losses(_tiny(seed=1, dropout=0.0), 0, 1, 1000)
    self.assertLen(set(found), 1)
    self.assertEqual(_losses(_tiny(seed=2, dropout=0.0), 0)[0], found[0])


class EvaluationTest(parameterized.TestCase):
  @parameterized.parameters(('squeezenet', 0), ('inception_v1', 1))
  def test_as_a_network_of_its_values(self, model: str, offset: int) -> None:
    spec = dataclasses.replace(
      test_trainer.spec_of(model), num_outputs=8 + offset, class_offset=offset
    )
    settings = dataclasses.replace(
      test_trainer.PLAIN, label_smoothing=0.1, weight_decay=1.0
    )
    trainer = test_trainer.make(spec, settings, is_averaged=True)
    values = trainer.state.values()
    generator = np.random.RandomState(2)
    for name, value in values.items():
      # Not what the weights are now.
      if name.endswith('/ExponentialMovingAverage'):
        values[name] = value * generator.uniform(0.5, 1.5, value.shape)
    trainer.state.assign(values)
    weights = np.array([1, 0, 1, 1, 1, 1, 0, 1, 1, 1], np.float32)
    images = test_trainer.batch([1] * 10).images
    labels = np.array([7, 7, 0, 1, 2, 3, 4, 5, 6, 7], np.int32)
    found = trainer.steps.evaluate(
      test_trainer.Batch(images, tf.constant(labels), tf.constant(weights))
    )

    outputs = slim_network.SlimNetwork(spec, trainer.state.network_values())(
      images
    )
    logits = outputs.logits.numpy()
    everything = logits
    if offset:
      everything = outputs.end_points['Logits'].numpy()
    shares = tf.nn.log_softmax(everything).numpy()
    losses = -shares[np.arange(10), labels + offset]
    # How many classes come before the right one.
    ranks = (logits > logits[np.arange(10), labels][:, None]).sum(axis=1)
    self.assertBetween(np.sum(weights * (ranks < 5)), 1, 7)
    expected = [8, np.sum(weights * (ranks < 1)), np.sum(weights * (ranks < 5))]
    self.assertEqual([float(each) for each in found[:3]], expected)
    np.testing.assert_allclose(found.loss, np.sum(losses * weights), rtol=1e-5)

  def test_changes_nothing(self) -> None:
    trainer = _tiny(is_averaged=True)
    before = trainer.state.values()
    trainer.steps.evaluate(test_trainer.batch())
    for name, value in trainer.state.values().items():
      np.testing.assert_array_equal(value, before[name])


class OverfittingTest(absltest.TestCase):
  @pytest.mark.slow
  def test_tiny_set(self) -> None:
    trainer = _inception()
    before = trainer.state.values()
    self.addCleanup(trainer.state.assign, before)
    # Each third picture is of the same class, whatever it shows.
    batch = test_trainer.batch([1] * 12)
    self.assertLess(float(trainer.steps.evaluate(batch).top1), 9)
    for step in range(30):
      test_trainer.train(trainer, batch, step, rate=0.002)
    counts = trainer.steps.evaluate(batch)
    self.assertEqual(float(counts.top1), 12)
    # Sure of each: 0.0036 a picture, where guesses come to 1.1.
    self.assertLess(float(counts.loss) / 12, 0.02)


class ScheduleTest(parameterized.TestCase):
  @parameterized.parameters(
    (0, 0.1), (1, 2 / 11), (1000, 1001 / 1010), (10**6, 0.9997)
  )
  def test_statistics(self, step: int, expected: float) -> None:
    found = steps_lib.make_schedule(step, 0.25, 0.5, True)
    self.assertEqual(
      [int(found.step), float(found.rate), float(found.average_share)],
      [step, 0.25, 0.5],
    )
    self.assertEqual(float(found.stop), 1)
    self.assertAlmostEqual(float(found.statistics_share), expected, places=6)
    self.assertEqual(found.step.dtype, tf.int64)
    self.assertEqual({each.dtype for each in found[1:]}, {tf.float32})

  def test_steps_are_traced_once(self) -> None:
    traces = []
    spec = dataclasses.replace(
      test_trainer.spec_of('tiny'), function=f'{__name__}:traced_network'
    )
    _TRACES.clear()
    trainer = test_trainer.make(spec, _PLAIN)
    _TRACES.clear()
    for step, rate in ((0, 0.1), (1, 0.2), (7, 0.0)):
      test_trainer.train(trainer, test_trainer.batch(seed=step), step, rate)
      traces.append(len(_TRACES))
    self.assertEqual(traces, [1, 1, 1])


def traced_network(*args: Any, **kwargs: Any) -> Any:
  """Builds the tiny network and takes note of it."""
  _TRACES.append(True)
  return test_trainer.tiny_network(*args, **kwargs)


if __name__ == '__main__':
  absltest.main()
