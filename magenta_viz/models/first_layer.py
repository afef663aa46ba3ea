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

"""GoogLeNet's first convolution, with a fast gradient to images."""

import tensorflow as tf
import tf_slim as slim


def halving_conv(
  images: tf.Tensor, channels: int, side: int, scope: str
) -> tf.Tensor:
  """Convolves with stride 2, without padding, and applies ReLU.

  Computes what `slim.conv2d(images, channels, side, stride=2,
  padding='VALID')` does, from variables of the same names, but as a
  convolution of stride 1 over blocks of 2 x 2 pixels. Gradient ascent wants
  the gradient to the images, which has few channels; of 7 x 7 with a stride of
  2, oneDNN's takes five times as long as the convolution itself. This way, all
  of GoogLeNet with its gradient takes 3 % less (docs/recipe.md).

  Args:
    images: [batch, height, width, 3] float tensor of known size, from `side`
      pixels on.
    channels: Of the output.
    side: Odd height and width of the kernel.
    scope: Name in front of 'weights', [side, side, 3, channels], and 'biases',
      [channels].

  Returns:
    [batch, (height - side) // 2 + 1, (width - side) // 2 + 1, channels].
  """
  depth, dtype = images.shape[-1], images.dtype
  with tf.compat.v1.variable_scope(scope):
    weights = slim.model_variable(
      'weights',
      [side, side, depth, channels],
      dtype,
      initializer=slim.xavier_initializer(),
    )
    biases = slim.model_variable(
      'biases',
      [channels],
      dtype,
      initializer=tf.compat.v1.zeros_initializer(),
    )
  # A kernel of whole blocks, whose last row and column are 0, sees one pixel
  # more; pixels that no kernel reaches are left out.
  sizes = [2 * ((size - side) // 2) + side for size in images.shape[1:3]]
  images = images[:, : sizes[0], : sizes[1]]
  images = tf.pad(images, [[0, 0], [0, 1], [0, 1], [0, 0]])
  blocks = tf.nn.space_to_depth(images, 2)
  num_blocks = (side + 1) // 2
  kernel = tf.pad(weights, [[0, 1], [0, 1], [0, 0], [0, 0]])
  kernel = tf.reshape(kernel, [num_blocks, 2, num_blocks, 2, depth, channels])
  kernel = tf.transpose(kernel, [0, 2, 1, 3, 4, 5])
  kernel = tf.reshape(kernel, [num_blocks, num_blocks, 4 * depth, channels])
  net = tf.nn.conv2d(blocks, kernel, strides=1, padding='VALID')
  return tf.nn.relu(tf.nn.bias_add(net, biases))
