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

from typing import Any

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.ascent import penalties

_ALL = (
  penalties.L2(0.5),
  penalties.L2(0.5, 20.0),
  penalties.TotalVariation(0.5),
  penalties.SquaredVariation(0.5),
)


class PenaltiesTest(parameterized.TestCase):
  @parameterized.parameters(
    # 7 above the mean colour in the first channel, 3 in the others.
    (penalties.L2(0.5), 0.5 * 5 * 4 * (49 + 9 + 9)),
    (penalties.L2(0.5, (130.0, 120.0, 108.0)), 0.5 * 5 * 4 * 1),
    (penalties.L2(2.0, 120), 2 * 5 * 4 * (100 + 0 + 169)),
    (penalties.TotalVariation(0.5), 0),
    (penalties.SquaredVariation(0.5), 0),
  )
  def test_constant(self, penalty: Any, expected: float) -> None:
    colour = tf.constant([130.0, 120.0, 107.0]) / 255
    images = tf.broadcast_to(colour, [2, 5, 4, 3])
    np.testing.assert_allclose(
      penalty.charge(images), [expected] * 2, rtol=1e-4
    )

  @parameterized.parameters(
    # Of 3, -1 and 0 in the channels: four neighbours each in the middle, two
    # in a corner.
    (penalties.L2(0.5, 0.0), 5, 5),
    (penalties.TotalVariation(0.5), 8, 4),
    (penalties.SquaredVariation(0.5), 20, 10),
  )
  def test_one_pixel(self, penalty: Any, middle: float, corner: float) -> None:
    images = np.zeros((2, 5, 4, 3), np.float32)
    images[0, 3, 2] = images[1, 0, 3] = (3, -1, 0)
    np.testing.assert_allclose(
      penalty.charge(tf.constant(images / 255)), [middle, corner], rtol=1e-5
    )

  def test_total_variation_is_tensorflows(self) -> None:
    images = tf.random.stateless_normal([2, 5, 4, 3], (1, 2))
    np.testing.assert_allclose(
      penalties.TotalVariation(0.25).charge(images),
      0.25 * tf.image.total_variation(255 * images),
      rtol=1e-6,
    )

  @parameterized.parameters(*_ALL)
  def test_gradient(self, penalty: Any) -> None:
    images = tf.random.stateless_normal([2, 3, 4, 3], (1, 2), dtype=tf.float64)
    expected, found = tf.test.compute_gradient(
      lambda each: tf.reduce_sum(penalty.charge(each)), [images], delta=1e-6
    )
    np.testing.assert_allclose(expected[0], found[0], rtol=1e-5, atol=1e-2)

  @parameterized.parameters(
    (penalties.L2, 'l2'),
    (penalties.TotalVariation, 'total_variation'),
    (penalties.SquaredVariation, 'squared_variation'),
  )
  def test_weight_out_of_range(self, make: Any, name: str) -> None:
    for weight in (-0.1, float('inf'), float('nan')):
      message = f'{name} weight is {weight}; take a number of 0 or more'
      with self.assertRaisesRegex(ValueError, message):
        make(weight)


if __name__ == '__main__':
  absltest.main()
