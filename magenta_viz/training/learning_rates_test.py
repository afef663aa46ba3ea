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

from absl.testing import absltest
from absl.testing import parameterized
import tensorflow as tf

from magenta_viz.training import learning_rates


def _rate(schedule: str, **kwargs: float) -> learning_rates.LearningRate:
  """A rate of 0.8 for ten steps after two of warm-up."""
  settings = {'base': 0.8, 'num_steps': 12, 'warmup_steps': 2, **kwargs}
  return learning_rates.LearningRate(schedule, **settings)  # type: ignore


class LearningRateTest(parameterized.TestCase):
  @parameterized.parameters(*learning_rates.SCHEDULES)
  def test_warm_up(self, schedule: str) -> None:
    rate = _rate(schedule, warmup_steps=4)
    # A quarter more a step; the first step after it has all as well.
    found = [rate(step) for step in range(5)]
    for value, expected in zip(found, (0.2, 0.4, 0.6, 0.8, 0.8)):
      self.assertAlmostEqual(value, expected, places=12)

  @parameterized.named_parameters(
    # After the warm-up, a quarter of the rest, half of it, the last, the end.
    ('first', 2, 0.8),
    ('half', 7, 0.4),
    ('three_fifths', 8, 0.4 * (1 - 0.30901699437494745)),
    ('last', 11, 0.4 * (1 - 0.9510565162951535)),
    ('end', 12, 0.0),
    ('after', 1000, 0.0),
  )
  def test_cosine(self, step: int, expected: float) -> None:
    self.assertAlmostEqual(_rate('cosine')(step), expected, places=12)

  @parameterized.parameters((2, 0.8), (7, 0.5), (12, 0.2), (99, 0.2))
  def test_cosine_ends_above_zero(self, step: int, expected: float) -> None:
    self.assertAlmostEqual(_rate('cosine', end=0.2)(step), expected, places=12)

  @parameterized.parameters(
    (2, 0.8),
    (4, 0.8),
    (5, 0.4),
    (7, 0.4),
    (8, 0.2),
    (11, 0.1),
    # It knows of no end but the lowest rate.
    (14, 0.05),
    (17, 0.04),
    (1000, 0.04),
  )
  def test_step(self, step: int, expected: float) -> None:
    rate = _rate('step', decay_rate=0.5, decay_steps=3, end=0.04)
    self.assertAlmostEqual(rate(step), expected, places=12)

  def test_step_is_exponential_decay_of_tensorflow(self) -> None:
    rate = _rate('step', warmup_steps=0, decay_rate=0.94, decay_steps=7)
    for step in (0, 6, 7, 20, 21, 500):
      with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        expected = session.run(
          tf.compat.v1.train.exponential_decay(
            0.8, tf.constant(step), 7, 0.94, staircase=True
          )
        )
      self.assertAlmostEqual(rate(step), float(expected), places=6)

  @parameterized.parameters(
    (1, 2, 0.8),
    (1, 7, 0.4),
    (1, 11, 0.08),
    (1, 12, 0.0),
    (1, 50, 0.0),
    (0.5, 2, 0.8),
    (0.5, 7, 0.8 * math.sqrt(0.5)),
    (0.5, 11, 0.8 * math.sqrt(0.1)),
    (0.5, 12, 0.0),
    (2, 7, 0.2),
    (2, 11, 0.008),
  )
  def test_polynomial(self, power: float, step: int, expected: float) -> None:
    rate = _rate('polynomial', power=power)
    self.assertAlmostEqual(rate(step), expected, places=12)

  def test_polynomial_ends_above_zero(self) -> None:
    rate = _rate('polynomial', end=0.2, power=2)
    for step, expected in ((2, 0.8), (7, 0.35), (12, 0.2), (13, 0.2)):
      self.assertAlmostEqual(rate(step), expected, places=12)

  @parameterized.parameters(2, 7, 11, 12, 1000)
  def test_constant(self, step: int) -> None:
    self.assertEqual(_rate('constant')(step), 0.8)

  @parameterized.parameters(*learning_rates.SCHEDULES)
  def test_warm_up_of_the_whole_training(self, schedule: str) -> None:
    rate = _rate(schedule, num_steps=4, warmup_steps=4)
    self.assertAlmostEqual(rate(3), 0.8, places=12)
    # Not asked for in a training; it must not fail all the same.
    self.assertLessEqual(rate(4), 0.8)

  def test_no_warm_up(self) -> None:
    for schedule in learning_rates.SCHEDULES:
      self.assertAlmostEqual(_rate(schedule, warmup_steps=0)(0), 0.8, places=12)


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
