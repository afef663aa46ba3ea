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

from absl.testing import absltest
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


if __name__ == '__main__':
  absltest.main()
