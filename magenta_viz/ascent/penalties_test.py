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

"""Tests for penalties."""

from typing import Callable

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.ascent import penalties

Penalty = Callable[[tf.Tensor], tf.Tensor]

_ALL = (
  penalties.l2,
  penalties.total_variation,
  penalties.squared_variation,
)


class PenaltiesTest(parameterized.TestCase):
  @parameterized.parameters(
    (penalties.l2, 2 * 5 * 4 * 3 * 3),
    (penalties.total_variation, 0),
    (penalties.squared_variation, 0),
  )
  def test_constant(self, penalty: Penalty, expected: float) -> None:
    images = tf.fill([2, 5, 4, 3], np.sqrt(6.0))
    np.testing.assert_allclose(penalty(images), [expected] * 2, rtol=1e-6)

  @parameterized.parameters(
    # Of 3, -1 and 0 in the channels: four neighbours each in the middle, two
    # in a corner.
    (penalties.l2, 10, 10),
    (penalties.total_variation, 16, 8),
    (penalties.squared_variation, 40, 20),
  )
  def test_one_pixel(
    self, penalty: Penalty, middle: float, corner: float
  ) -> None:
    images = np.zeros((2, 5, 4, 3), np.float32)
    images[0, 3, 2] = images[1, 0, 3] = (3, -1, 0)
    np.testing.assert_allclose(penalty(tf.constant(images)), [middle, corner])

  def test_total_variation_is_tensorflows(self) -> None:
    images = tf.random.stateless_normal([2, 5, 4, 3], (1, 2))
    np.testing.assert_allclose(
      penalties.total_variation(images),
      tf.image.total_variation(images),
      rtol=1e-6,
    )

  @parameterized.parameters(*_ALL)
  def test_gradient(self, penalty: Penalty) -> None:
    images = tf.random.stateless_normal([2, 3, 4, 3], (1, 2), dtype=tf.float64)
    expected, found = tf.test.compute_gradient(
      lambda each: tf.reduce_sum(penalty(each)), [images], delta=1e-6
    )
    np.testing.assert_allclose(expected[0], found[0], atol=1e-6)

  @parameterized.parameters(*_ALL)
  def test_graph_agrees(self, penalty: Penalty) -> None:
    images = tf.random.stateless_normal([2, 3, 4, 3], (1, 2))
    np.testing.assert_allclose(
      tf.function(penalty)(images), penalty(images), rtol=1e-6
    )


if __name__ == '__main__':
  absltest.main()
