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
from magenta_viz.testing import reference_ascent as reference


class WithMemoryTest(parameterized.TestCase):
  @parameterized.parameters(
    (optimizers.Adam, False, 1e-3),
    (optimizers.NAdam, True, 1e-3),
    (optimizers.Adam, False, 1e-8),
  )
  def test_algorithm_of_the_paper(
    self, kind: Any, nesterov: bool, epsilon: float
  ) -> None:
    generator = np.random.default_rng(0)
    gradients = generator.normal(size=(6, 2, 3, 4)).astype(np.float32)
    # Far from 1, so that a mistake in the bias or in epsilon shows.
    gradients *= 10.0 ** generator.integers(-8, 3, size=(6, 1, 1, 1))
    rates = (0.1, 0.1, 0.5, 0.0, 0.01, 2.0)
    optimizer = kind(beta_1=0.8, beta_2=0.9, epsilon=epsilon)
    params = np.zeros([2, 3, 4])
    state = optimizer.initial(tf.zeros([2, 3, 4]))
    for index, (gradient, rate) in enumerate(zip(gradients, rates)):
      change, state = optimizer.step(
        tf.constant(gradient),
        state,
        tf.constant(index, tf.float32),
        tf.constant(rate),
      )
      params += change.numpy()
      expected = reference.adam(
        np.zeros([2, 3, 4]),
        rates[: index + 1],
        lambda step, _: gradients[step].astype(np.float64),
        nesterov,
        (0.8, 0.9),
        epsilon,
      )
      np.testing.assert_allclose(params, expected, rtol=1e-4, atol=1e-6)


def _step(
  optimizer: Any, gradient: np.ndarray, rate: float, scores: Any = None
) -> np.ndarray:
  gradient = tf.constant(gradient, tf.float32)
  state = optimizer.initial(gradient)
  change, next_state = optimizer.step(
    gradient, state, tf.constant(0.0), tf.constant(rate), scores
  )
  assert len(state) == len(next_state)
  return change.numpy()


class AllTest(parameterized.TestCase):
  @parameterized.parameters(
    optimizers.Adam(),
    optimizers.NAdam(),
    optimizers.Plain(),
    optimizers.MeanAbsolute(),
    optimizers.RootMeanSquare(),
    optimizers.Progress(2.0),
    optimizers.ProgressToOne(0.1, 0.5),
  )
  def test_pictures_are_independent(self, optimizer: Any) -> None:
    gradient = np.random.default_rng(0).normal(size=(3, 3, 4, 3))
    gradient *= np.reshape([1, 50, 0], [3, 1, 1, 1])
    scores = tf.constant([0.2, 0.9, 0.3])
    together = _step(optimizer, gradient, 0.5, scores)
    alone = [
      _step(optimizer, gradient[i : i + 1], 0.5, scores[i : i + 1])[0]
      for i in range(3)
    ]
    np.testing.assert_allclose(together, alone, rtol=1e-5)
    # Where there is no gradient there is no step.
    np.testing.assert_array_equal(together[2], np.zeros([3, 4, 3]))
    self.assertGreater(np.abs(together[0]).min(), 0)


class GradientOnlyTest(parameterized.TestCase):
  @parameterized.parameters(
    # Adam's first step is the learning rate uphill.
    (optimizers.Adam(), (2.0, -2.0, 0.0)),
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
    # Likewise, of 0.3 and 0.7 that the scores lack of 1.
    (optimizers.ProgressToOne(0.5, 1.0), (0.9 / 25, -1.2 / 25, 0.0), 0.7),
    (optimizers.ProgressToOne(0.5, 1.0), (1.5 / 25, -2 / 25, 0.0), 0.3),
    (optimizers.ProgressToOne(0.5, 1.0), (0.0, 0.0, 0.0), 1.0),
    (optimizers.ProgressToOne(75.0, 200.0), (6.0, -8.0, 0.0), 0.3),
  )
  def test_by_hand(
    self,
    optimizer: Any,
    expected: Tuple[float, float, float],
    score: float = 0.0,
  ) -> None:
    gradient = np.zeros((2, 1, 3, 1))
    gradient[:, 0, :, 0] = (3, -4, 0)
    change = _step(optimizer, gradient, 2.0, tf.constant([score] * 2))
    for each in change[:, 0, :, 0]:
      np.testing.assert_allclose(each, expected, rtol=1e-5)

  def test_progress_to_one_needs_scores(self) -> None:
    with self.assertRaisesRegex(ValueError, 'scores are None'):
      _step(optimizers.ProgressToOne(0.1, 0.5), np.ones((1, 1, 2, 1)), 1.0)


if __name__ == '__main__':
  absltest.main()
