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

"""Gradients of scores to images, in any precision."""

from typing import Any

import tensorflow as tf

# The least number of float16 is 6e-8, its greatest 65504. Without a scale,
# single channels lose some of their gradient to zeros; at 2^13, the square of
# GoogLeNet's inception_4c/output overflows (docs/performance.md). Times a power
# of two, float32 and bfloat16 round as they would without.
_SCALE = 2.0**6


def gradient(scores: tf.Tensor, images: tf.Tensor, **kwargs: Any) -> tf.Tensor:
  """Returns the gradient of the sum of scores, in a graph.

  On its way through the network it is 64 times as large, so that float16 holds
  its small values.

  Args:
    scores: [batch] float32 tensor, or [batch, ...] of several for each image.
    images: [batch, height, width, 3] float32 tensor, what they depend on; or a
      layer's tensor of any shape and precision.
    **kwargs: As of `tf.gradients`.

  Returns:
    A float32 tensor of the shape of `images`; None if the scores do not depend
    on them.
  """
  scale = tf.fill(tf.shape(scores), _SCALE)
  (scaled,) = tf.gradients(scores, [images], grad_ys=scale, **kwargs)
  return None if scaled is None else tf.cast(scaled, tf.float32) / _SCALE
