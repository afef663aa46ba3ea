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

"""Tests of steps on two replicas."""

import dataclasses
import functools
from typing import Any, Dict, List

from absl.testing import absltest
import numpy as np
import pytest
import tensorflow as tf

from magenta_viz.testing import trainer as test_trainer
from magenta_viz.testing import two_devices
from magenta_viz.training import config as train_config

# The third picture is none: the first replica has fewer than the second.
_WEIGHTS = (1, 1, 0, 1, 1, 1, 1, 1)
_SETTINGS = train_config.StepSettings(weight_decay=1e-3, dropout=0.0)


@functools.lru_cache(maxsize=None)
def _strategy() -> tf.distribute.Strategy:
  return tf.distribute.MirroredStrategy(['CPU:0', 'CPU:1'])


def _halves(
  strategy: tf.distribute.Strategy, batch: test_trainer.Batch
) -> test_trainer.Batch:
  """Gives each replica a half of a batch."""
  half = len(batch.labels) // 2
  parts = [[each[:half], each[half:]] for each in batch]
  return test_trainer.Batch(
    *(
      strategy.experimental_distribute_values_from_function(
        lambda context, part=part: part[context.replica_id_in_sync_group]
      )
      for part in parts
    )
  )


class ReplicasTest(absltest.TestCase):
  # As `TwoDevicesTest`.
  __test__ = False

  def setUp(self) -> None:
    super().setUp()
    self.strategy = _strategy()

  def copies(self, trainer: test_trainer.Trainer) -> Dict[str, List[Any]]:
    """Returns both replicas' values of all variables."""
    state = trainer.state
    variables = {
      **state.variables,
      **{f'{name}/Momentum': slot for name, (slot,) in state.slots.items()},
      **{f'{name}/average': value for name, value in state.averages.items()},
    }
    copies = self.strategy.experimental_local_results
    return {
      name: [each.numpy() for each in copies(variable)]
      for name, variable in variables.items()
    }

  def assert_equal(self, found: Any, expected: Any) -> None:
    """Compares arrays by name, bit by bit."""
    self.assertCountEqual(found, expected)
    for name, value in expected.items():
      np.testing.assert_array_equal(found[name], value, err_msg=name)

  def test_halves_are_as_good_as_the_whole(self) -> None:
    spec = test_trainer.spec_of('squeezenet')
    batches = [test_trainer.batch(_WEIGHTS, seed=seed) for seed in range(3)]
    whole, halves = (
      test_trainer.make(spec, _SETTINGS, each, is_averaged=True)
      for each in (None, self.strategy)
    )
    begin = whole.state.values()
    # Rows of loss, accuracy, norm and stop.
    rows: Any = ([], [])
    for step, batch in enumerate(batches):
      for row, trainer, part in zip(
        rows, (whole, halves), (batch, _halves(self.strategy, batch))
      ):
        row.append(test_trainer.train(trainer, part, step, rate=0.01))
    np.testing.assert_allclose(rows[0], rows[1], rtol=1e-4)
    counts = whole.steps.evaluate(batches[0])
    self.assertEqual(float(counts.pictures), 7)
    np.testing.assert_allclose(
      halves.steps.evaluate(_halves(self.strategy, batches[0])),
      counts,
      rtol=1e-4,
    )
    for name, (first, second) in self.copies(halves).items():
      np.testing.assert_array_equal(first, second, err_msg=name)
    halves.state.synchronize()
    found = halves.state.values()
    self.assertCountEqual(found, begin)
    for name, value in whole.state.values().items():
      self.assertFalse(np.array_equal(value, begin[name]), name)
      difference = np.abs(found[name] - value).max()
      self.assertLessEqual(difference, 1e-5, name)
      # Small as some gradients are.
      if name.endswith('/Momentum'):
        self.assertLessEqual(difference, 1e-3 * np.abs(value).max(), name)

  def test_synchronized(self) -> None:
    spec = test_trainer.spec_of('tiny')
    trainer = test_trainer.make(
      spec, _SETTINGS, self.strategy, is_averaged=True
    )
    state = trainer.state
    batch = _halves(self.strategy, test_trainer.batch(_WEIGHTS))
    for step, stop in enumerate((False, True)):
      found = test_trainer.train(trainer, batch, step, stop=stop)
      # It is summed.
      self.assertEqual(float(found.stop), 2 * stop)
    before = self.copies(trainer)
    state.synchronize()
    expected = dict(before)
    moving = [name for name in before if '/moving_' in name]
    self.assertLen(moving, 2)
    values, used = state.values(), state.network_values()
    for name in moving:
      first, second = before[name]
      # They saw other pictures.
      self.assertGreater(np.abs(first - second).max(), 1e-4)
      expected[name] = self.copies(trainer)[name]
      for each in (*expected[name], values[name], used[name]):
        np.testing.assert_allclose(
          each, (first + second) / 2, rtol=1e-6, atol=1e-8
        )
    self.assert_equal(self.copies(trainer), expected)
    # As in a run that goes on from a checkpoint.
    assigned = test_trainer.random_values(state, seed=1)
    state.assign(assigned)
    self.assert_equal(state.values(), assigned)

  def test_dropout_differs(self) -> None:
    spec = test_trainer.spec_of('tiny')
    batch = test_trainer.batch()
    twice = test_trainer.Batch(*(tf.concat([each] * 2, 0) for each in batch))
    for share, is_alike in ((0.0, True), (None, False)):
      settings = dataclasses.replace(test_trainer.PLAIN, dropout=share)
      one = test_trainer.make(spec, settings)
      two = test_trainer.make(spec, settings, self.strategy)
      # The first of the two drops what the one drops.
      difference = abs(
        test_trainer.train(one, batch).loss
        - test_trainer.train(two, _halves(self.strategy, twice)).loss
      )
      self.assertEqual(float(difference) < 1e-5, is_alike)
      self.assertTrue(is_alike or difference > 1e-3)


@pytest.mark.slow
class TwoDevicesTest(absltest.TestCase):
  def test_replicas(self) -> None:
    two_devices.run(ReplicasTest)


if __name__ == '__main__':
  absltest.main(defaultTest='TwoDevicesTest')
