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

"""Tests for optimizers."""

from typing import Any, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.ascent import optimizers


class AdamTest(absltest.TestCase):
  def test_algorithm_1_of_the_paper(self) -> None:
    generator = np.random.default_rng(0)
    gradients = generator.normal(size=(6, 2, 3, 4)).astype(np.float32)
    # Far from 1, so that a mistake in the bias or in epsilon shows.
    gradients *= 10.0 ** generator.integers(-8, 3, size=(6, 1, 1, 1))
    learning_rates = (0.1, 0.1, 0.5, 0.0, 0.01, 2.0)
    adam = optimizers.Adam(beta_1=0.8, beta_2=0.9, epsilon=1e-3)
    state = adam.initial(tf.zeros([2, 3, 4]))

    first_moment, second_moment = np.zeros([2, 3, 4]), np.zeros([2, 3, 4])
    for step, (gradient, rate) in enumerate(
      zip(gradients, learning_rates), start=1
    ):
      change, state = adam.step(
        tf.constant(gradient),
        state,
        tf.constant(step - 1, tf.float32),
        tf.constant(rate),
      )
      first_moment = 0.8 * first_moment + 0.2 * gradient
      second_moment = 0.9 * second_moment + 0.1 * np.float64(gradient) ** 2
      # Upwards, where the paper goes down.
      expected = rate * first_moment / (1 - 0.8**step)
      expected /= np.sqrt(second_moment / (1 - 0.9**step)) + 1e-3
      np.testing.assert_allclose(change, expected, rtol=1e-4, atol=1e-7)

  def test_first_step_is_the_learning_rate_uphill(self) -> None:
    adam = optimizers.Adam()
    gradient = tf.constant([3.0, -2e-3])
    change, _ = adam.step(
      gradient, adam.initial(gradient), tf.constant(0.0), tf.constant(0.05)
    )
    np.testing.assert_allclose(change, [0.05, -0.05], rtol=1e-4)

  def test_no_gradient_no_step(self) -> None:
    adam = optimizers.Adam()
    gradient = tf.zeros([2])
    change, _ = adam.step(
      gradient, adam.initial(gradient), tf.constant(0.0), tf.constant(0.05)
    )
    np.testing.assert_array_equal(change, [0, 0])


class NAdamTest(absltest.TestCase):
  def test_algorithm_8_of_the_paper(self) -> None:
    gradients = np.random.default_rng(0).normal(size=(6, 2, 3, 4))
    learning_rates = (0.1, 0.1, 0.5, 0.0, 0.01, 2.0)
    nadam = optimizers.NAdam(beta_1=0.8, beta_2=0.9, epsilon=1e-3)
    state = nadam.initial(tf.zeros([2, 3, 4]))

    momenta = [0.8 * (1 - 0.5 * 0.96 ** (0.004 * t)) for t in range(1, 9)]
    first_moment, second_moment = np.zeros([2, 3, 4]), np.zeros([2, 3, 4])
    for step, (gradient, rate) in enumerate(
      zip(gradients, learning_rates), start=1
    ):
      change, state = nadam.step(
        tf.constant(gradient, tf.float32),
        state,
        tf.constant(step - 1, tf.float32),
        tf.constant(rate),
      )
      first_moment = 0.8 * first_moment + 0.2 * gradient
      second_moment = 0.9 * second_moment + 0.1 * gradient**2
      # Upwards, where the paper goes down.
      now = gradient / (1 - np.prod(momenta[:step]))
      ahead = first_moment / (1 - np.prod(momenta[: step + 1]))
      expected = (1 - momenta[step - 1]) * now + momenta[step] * ahead
      expected *= rate
      expected /= np.sqrt(second_moment / (1 - 0.9**step)) + 1e-3
      np.testing.assert_allclose(change, expected, rtol=1e-4, atol=1e-6)


def _step(
  optimizer: Any, gradient: np.ndarray, rate: float, scores: Any = None
) -> np.ndarray:
  gradient = tf.constant(gradient, tf.float32)
  state = optimizer.initial(gradient)
  index = tf.constant(0.0)
  change, next_state = optimizer.step(
    gradient, state, index, tf.constant(rate), scores
  )
  assert len(state) == len(next_state)
  return change.numpy()


_ALL = (
  optimizers.Adam(),
  optimizers.NAdam(),
  optimizers.Plain(),
  optimizers.MeanAbsolute(),
  optimizers.RootMeanSquare(),
  optimizers.Progress(2.0),
  optimizers.ProgressToOne(0.1, 0.5),
)


class AllTest(parameterized.TestCase):
  @parameterized.parameters(*_ALL)
  def test_no_gradient_no_step(self, optimizer: Any) -> None:
    gradient = np.random.default_rng(0).normal(size=(2, 3, 4, 3))
    gradient[1] = 0
    change = _step(optimizer, gradient, 0.5, tf.constant([0.2, 0.3]))
    np.testing.assert_array_equal(change[1], np.zeros([3, 4, 3]))
    self.assertGreater(np.abs(change[0]).min(), 0)

  @parameterized.parameters(*_ALL)
  def test_pictures_are_independent(self, optimizer: Any) -> None:
    gradient = np.random.default_rng(0).normal(size=(2, 3, 4, 3))
    gradient *= [[[[1]]], [[[50]]]]
    scores = tf.constant([0.2, 0.9])
    together = _step(optimizer, gradient, 0.5, scores)
    alone = [
      _step(optimizer, gradient[i : i + 1], 0.5, scores[i : i + 1])[0]
      for i in range(2)
    ]
    np.testing.assert_allclose(together, alone, rtol=1e-5)

  @parameterized.parameters(*_ALL)
  def test_graph_agrees(self, optimizer: Any) -> None:
    gradient = tf.random.stateless_normal([2, 3, 4, 3], (1, 2))
    arguments = (
      gradient,
      optimizer.initial(gradient),
      tf.constant(0.0),
      tf.constant(0.5),
      tf.constant([0.2, 0.9]),
    )
    np.testing.assert_allclose(
      tf.function(optimizer.step)(*arguments)[0],
      optimizer.step(*arguments)[0],
      rtol=1e-5,
    )


class GradientOnlyTest(parameterized.TestCase):
  @parameterized.parameters(
    (optimizers.Plain(), (6.0, -8.0, 0.0)),
    # Mean absolute value 7 / 3.
    (optimizers.MeanAbsolute(), (18 / 7, -24 / 7, 0.0)),
    # Root mean square 5 / sqrt(3).
    (
      optimizers.RootMeanSquare(),
      (6 * np.sqrt(3) / 5, -8 * np.sqrt(3) / 5, 0.0),
    ),
    # Squared norm 25: rates 1 / 25, and 2, which is the largest.
    (optimizers.Progress(1.0), (3 / 25, -4 / 25, 0.0)),
    (optimizers.Progress(75.0), (6.0, -8.0, 0.0)),
  )
  def test_by_hand(
    self, optimizer: Any, expected: Tuple[float, float, float]
  ) -> None:
    gradient = np.zeros((2, 1, 3, 1))
    gradient[:, 0, :, 0] = (3, -4, 0)
    change = _step(optimizer, gradient, 2.0)
    for each in change[:, 0, :, 0]:
      np.testing.assert_allclose(each, expected, rtol=1e-6)

  def test_progress_of_a_linear_score(self) -> None:
    gradient = np.random.default_rng(0).normal(size=(2, 3, 4, 3))
    change = _step(optimizers.Progress(2.0), gradient, 1e8)
    rise = np.sum(change * gradient, axis=(1, 2, 3))
    np.testing.assert_allclose(rise, [2, 2], rtol=1e-5)


class ProgressToOneTest(absltest.TestCase):
  def test_tapers_off(self) -> None:
    gradient = np.random.default_rng(0).normal(size=(3, 3, 4, 3))
    optimizer = optimizers.ProgressToOne(early=0.1, late_share=0.5)
    scores = tf.constant([0.1, 0.9, 1.0])
    change = _step(optimizer, gradient, 1e8, scores)
    rise = np.sum(change * gradient, axis=(1, 2, 3))
    np.testing.assert_allclose(rise, [0.1, 0.05, 0], atol=1e-6)

  def test_largest_rate(self) -> None:
    gradient = np.full((1, 1, 2, 1), 1e-3)
    optimizer = optimizers.ProgressToOne(early=0.1, late_share=0.5)
    change = _step(optimizer, gradient, 3.0, tf.constant([0.1]))
    np.testing.assert_allclose(change, 3 * gradient, rtol=1e-6)

  def test_needs_scores(self) -> None:
    with self.assertRaisesRegex(ValueError, 'scores are None'):
      _step(optimizers.ProgressToOne(0.1, 0.5), np.ones((1, 1, 2, 1)), 1.0)


if __name__ == '__main__':
  absltest.main()
