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

"""Gaussian blur in the graph, for each picture another one."""

import tensorflow as tf

from magenta_viz.ascent.parameterizations import separable

# Pixels; 0 would divide by 0, and this leaves a picture exactly as it is.
_LEAST_DEVIATION = 0.01


def blur(images: tf.Tensor, deviations: tf.Tensor) -> tf.Tensor:
  """Blurs images.

  As two products with a matrix each, which may be another for each image; a
  convolution has one kernel for all.

  Args:
    images: [batch, height, width, channels] float32 tensor of known shape.
    deviations: [batch] float32 tensor, the standard deviation of each image's
      Gaussian, in pixels; 0 leaves it as it is.

  Returns:
    A tensor of the images' shape. Near an edge, only what is inside the image
    counts.
  """
  _, height, width, _ = images.shape
  return separable.mix(
    images, _gaussians(height, deviations), _gaussians(width, deviations)
  )


def _gaussians(size: int, deviations: tf.Tensor) -> tf.Tensor:
  """Returns [batch, size, size] matrices that blur `size` pixels."""
  places = tf.range(size, dtype=tf.float32)
  distances = places[:, None] - places
  deviations = tf.maximum(deviations, _LEAST_DEVIATION)[:, None, None]
  weights = tf.exp(-0.5 * (distances / deviations) ** 2)
  return weights / tf.reduce_sum(weights, axis=-1, keepdims=True)
