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

"""Tests for awakening."""

from absl.testing import absltest
import numpy as np
import tensorflow as tf

from magenta_viz.ascent.objectives import awakening


class AwakenTest(absltest.TestCase):
  def test_silent_units_have_the_gradient_of_all(self) -> None:
    units = tf.constant([[0.0, 4.0, 2.0], [3.0, 4.0, 2.0], [-1.0, 4.0, 2.0]])
    with tf.GradientTape() as tape:
      tape.watch(units)
      scores = awakening.awaken(units, tf.zeros(len(units), tf.int32))
    # The scores are what they are.
    np.testing.assert_array_equal(scores, [0, 3, -1])
    gradient = tape.gradient(scores, units)
    expected = np.array([[4 / 3, 1 / 3, 1 / 3], [1, 0, 0], [1, 0, 0]])
    np.testing.assert_allclose(gradient, expected, rtol=1e-6)

  def test_wakes_a_unit(self) -> None:
    # Silent until the picture is brighter, which only the neighbour rewards.
    picture = tf.Variable(0.2)
    for _ in range(40):
      with tf.GradientTape() as tape:
        units = tf.nn.relu(tf.stack([picture - 0.5, picture]))[None]
        score = awakening.awaken(units, tf.zeros(len(units), tf.int32))
      picture.assign_add(0.05 * tape.gradient(score, picture))
    self.assertGreater(picture.numpy(), 0.6)
    self.assertGreater(score.numpy()[0], 0.1)


if __name__ == '__main__':
  absltest.main()
