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

"""Layers as Caffe computes them, where TensorFlow's differ."""

import numpy as np
import tensorflow as tf

# Mean of ImageNet's training images in blue, green, red on a scale of 0 to
# 255, rounded as in BVLC's train_val.prototxt.
_BGR_MEANS = (104.0, 117.0, 123.0)
_NORM_RADIUS = 2
_NORM_ALPHA = 1e-4


def subtract_means(images: tf.Tensor) -> tf.Tensor:
  """Turns images into the input that Caffe's ImageNet networks take.

  Args:
    images: [batch, height, width, 3] float tensor, RGB, in [0, 1].

  Returns:
    A tensor of the same shape and dtype: blue, green, red, 0 to 255, minus
    the means.
  """
  means = tf.constant(_BGR_MEANS, images.dtype)
  return tf.reverse(images, axis=[-1]) * 255 - means


def max_pool(net: tf.Tensor) -> tf.Tensor:
  """Max-pools 3 x 3 with stride 2, rounding the output's size up.

  Caffe starts the first window at the first pixel and adds a last window if
  pixels are left over; SAME would centre the windows of an odd size.

  Args:
    net: [batch, height, width, channels] tensor, not negative, of known size.

  Returns:
    [batch, ceil((height - 3) / 2) + 1, ceil((width - 3) / 2) + 1, channels].
  """
  height, width = net.shape[1:3]
  padding = 'VALID'
  if height % 2 == 0 and width % 2 == 0:
    padding = 'SAME'  # Pads just the end of an even size.
  elif height % 2 == 0 or width % 2 == 0:
    # Zeros do not win over what is not negative.
    net = tf.pad(net, [[0, 0], [0, 1 - height % 2], [0, 1 - width % 2], [0, 0]])
  return tf.nn.max_pool2d(net, ksize=3, strides=2, padding=padding)


def local_response_normalization(net: tf.Tensor) -> tf.Tensor:
  """Divides by (1 + 1e-4 / 5 * sum of squares over 5 channels)^0.75.

  The sum over neighbouring channels is a product with a band matrix. That
  and its gradient take two thirds of the time of `tf.nn.lrn`.

  Args:
    net: [batch, height, width, channels] float tensor.

  Returns:
    A tensor of the same shape and dtype.

  References:
    BVLC's train_val.prototxt: local_size 5, alpha 1e-4, beta 0.75; Caffe
    divides alpha by local_size.
  """
  channels = np.arange(net.shape[-1])
  band = np.abs(channels[:, None] - channels) <= _NORM_RADIUS
  alpha = _NORM_ALPHA / (2 * _NORM_RADIUS + 1)
  kernel = tf.constant(alpha * band[None, None], tf.float32)
  wide = tf.cast(net, tf.float32)
  scale = 1 + tf.nn.conv2d(wide**2, kernel, strides=1, padding='SAME')
  root = tf.math.rsqrt(scale)
  return tf.cast(wide * root * tf.sqrt(root), net.dtype)
