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
"""What losses are multiplied with in float16, whose range is small.

As tf.mixed_precision's dynamic loss scale has it: halved when a gradient
overflows, and doubled after some time without.
"""

import tensorflow as tf

FIRST = 2.0**15

# Steps without overflow after which the scale grows.
GROWTH_STEPS = 2000


def update(
  scale: tf.Variable, good_steps: tf.Variable, is_finite: tf.Tensor
) -> None:
  """Moves the scale after a step.

  Args:
    scale: Scalar float32.
    good_steps: Scalar int32, steps since the scale last changed.
    is_finite: Whether the step's gradients were.
  """
  grows = good_steps + 1 >= GROWTH_STEPS
  factor = tf.where(is_finite, tf.where(grows, 2.0, 1.0), 0.5)
  # Below 1 it would serve no more.
  scale.assign(tf.maximum(scale * factor, 1.0))
  keeps = tf.logical_and(is_finite, tf.logical_not(grows))
  good_steps.assign(tf.where(keeps, good_steps + 1, 0))
