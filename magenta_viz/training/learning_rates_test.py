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

"""Tests of the learning rates, against numbers worked out by hand."""

import math
from typing import Any

from absl.testing import absltest
from absl.testing import parameterized
import tensorflow as tf

from magenta_viz.settings import parts
from magenta_viz.training import learning_rates


def _rate(
  step: int, warmup_steps: int = 2, num_steps: int = 12, **settings: Any
) -> float:
  """A rate of 0.8 for ten steps after two of warm-up, of two steps an epoch."""
  settings = {'learning_rate': 0.8, 'warmup_steps': warmup_steps, **settings}
  rate = parts.make(learning_rates.LearningRate, settings)
  return rate(step, num_steps, 2.0)


_HALVED = {'decay_rate': 0.5, 'decay_epochs': 1.5, 'end_learning_rate': 0.04}


class LearningRateTest(parameterized.TestCase):
  @parameterized.parameters(*learning_rates.SCHEDULES)
  def test_warm_up(self, schedule: str) -> None:
    # A quarter more a step; the first step after it has all as well.
    for step, expected in enumerate((0.2, 0.4, 0.6, 0.8, 0.8)):
      found = _rate(step, 4, schedule=schedule)
      self.assertAlmostEqual(found, expected, places=12)
    self.assertAlmostEqual(_rate(0, 0, schedule=schedule), 0.8, places=12)
    # A warm-up of the whole training.
    self.assertAlmostEqual(_rate(3, 4, 4, schedule=schedule), 0.8, places=12)
    # Not asked for in a training; it must not fail all the same.
    self.assertLessEqual(_rate(4, 4, 4, schedule=schedule), 0.8)

  @parameterized.parameters(
    # After the warm-up, half of the rest, three fifths, the last, the end.
    ('cosine', {}, 2, 0.8),
    ('cosine', {}, 7, 0.4),
    ('cosine', {}, 8, 0.4 * (1 - 0.30901699437494745)),
    ('cosine', {}, 11, 0.4 * (1 - 0.9510565162951535)),
    ('cosine', {}, 12, 0.0),
    ('cosine', {}, 1000, 0.0),
    ('cosine', {'end_learning_rate': 0.2}, 2, 0.8),
    ('cosine', {'end_learning_rate': 0.2}, 7, 0.5),
    ('cosine', {'end_learning_rate': 0.2}, 12, 0.2),
    ('cosine', {'end_learning_rate': 0.2}, 99, 0.2),
    ('step', _HALVED, 2, 0.8),
    ('step', _HALVED, 4, 0.8),
    ('step', _HALVED, 5, 0.4),
    ('step', _HALVED, 7, 0.4),
    ('step', _HALVED, 8, 0.2),
    ('step', _HALVED, 11, 0.1),
    # It knows of no end but the lowest rate.
    ('step', _HALVED, 14, 0.05),
    ('step', _HALVED, 17, 0.04),
    ('step', _HALVED, 1000, 0.04),
    ('polynomial', {}, 2, 0.8),
    ('polynomial', {}, 7, 0.4),
    ('polynomial', {}, 11, 0.08),
    ('polynomial', {}, 12, 0.0),
    ('polynomial', {}, 50, 0.0),
    ('polynomial', {'power': 0.5}, 2, 0.8),
    ('polynomial', {'power': 0.5}, 7, 0.8 * math.sqrt(0.5)),
    ('polynomial', {'power': 0.5}, 11, 0.8 * math.sqrt(0.1)),
    ('polynomial', {'power': 0.5}, 12, 0.0),
    ('polynomial', {'power': 2}, 7, 0.2),
    ('polynomial', {'power': 2}, 11, 0.008),
    ('polynomial', {'power': 2, 'end_learning_rate': 0.2}, 7, 0.35),
    ('polynomial', {'power': 2, 'end_learning_rate': 0.2}, 13, 0.2),
    ('constant', {}, 2, 0.8),
    ('constant', {}, 1000, 0.8),
  )
  def test_schedule(
    self, schedule: str, settings: Any, step: int, expected: float
  ) -> None:
    found = _rate(step, schedule=schedule, **settings)
    self.assertAlmostEqual(found, expected, places=12)

  def test_step_is_exponential_decay_of_tensorflow(self) -> None:
    settings: Any = {
      'schedule': 'step',
      'decay_rate': 0.94,
      'decay_epochs': 3.5,
    }
    for step in (0, 6, 7, 20, 21, 500):
      with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        expected = session.run(
          tf.compat.v1.train.exponential_decay(
            0.8, tf.constant(step), 7, 0.94, staircase=True
          )
        )
      found = _rate(step, 0, **settings)
      self.assertAlmostEqual(found, float(expected), places=6)


class AverageDecayTest(parameterized.TestCase):
  @parameterized.parameters(
    (0.999, 0, 0.1),
    (0.999, 1, 2 / 11),
    (0.999, 90, 0.91),
    (0.5, 7, 8 / 17),
    # (1 + 8) / (10 + 8) is a half.
    (0.5, 8, 0.5),
    (0.5, 9, 0.5),
    (0.999, 10**7, 0.999),
    (0.0, 5, 0.0),
  )
  def test_by_hand(self, most: float, step: int, expected: float) -> None:
    found = learning_rates.average_decay(most, step)
    self.assertAlmostEqual(found, expected, places=12)

  @parameterized.parameters(0, 1, 10, 100, 100_000)
  def test_as_tensorflow(self, step: int) -> None:
    average = tf.train.ExponentialMovingAverage(0.99, num_updates=step)
    variable = tf.Variable(0.0)
    average.apply([variable])
    variable.assign(1.0)
    average.apply([variable])
    # Of 0 and 1, what is not kept.
    self.assertAlmostEqual(
      1 - float(average.average(variable)),
      learning_rates.average_decay(0.99, step),
      places=6,
    )


if __name__ == '__main__':
  absltest.main()
