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

"""What a picture is charged for: functions from images to scores to subtract.

All are sums over the picture, as published, and 0 or more; what they are to
weigh depends on the size and the unit of the images.
"""

import tensorflow as tf


def l2(images: tf.Tensor) -> tf.Tensor:
  """Returns the sum of squares of each image.

  Args:
    images: [batch, height, width, channels] tensor, centred on what is free: in
      Simonyan, Vedaldi and Zisserman 2013, arXiv 1312.6034, on ImageNet's mean.

  Returns:
    [batch] tensor.
  """
  return tf.reduce_sum(images**2, axis=[1, 2, 3])


def total_variation(images: tf.Tensor) -> tf.Tensor:
  """Returns the sum of the absolute differences of neighbouring pixels.

  Down and across apart (anisotropic), as Lucid's objective of that name.

  Args:
    images: [batch, height, width, channels] tensor.

  Returns:
    [batch] tensor.
  """
  down, across = _differences(images)
  return tf.reduce_sum(tf.abs(down), axis=[1, 2, 3]) + tf.reduce_sum(
    tf.abs(across), axis=[1, 2, 3]
  )


def squared_variation(images: tf.Tensor) -> tf.Tensor:
  """Returns the sum of the squared differences of neighbouring pixels.

  Total variation with beta = 2, of Mahendran and Vedaldi 2015, Understanding
  deep image representations by inverting them, arXiv 1412.0035, section 2.

  Args:
    images: [batch, height, width, channels] tensor.

  Returns:
    [batch] tensor.
  """
  down, across = _differences(images)
  return tf.reduce_sum(down**2, axis=[1, 2, 3]) + tf.reduce_sum(
    across**2, axis=[1, 2, 3]
  )


def _differences(images: tf.Tensor) -> tf.Tensor:
  """Returns each pixel's difference from the one above and the one before."""
  return images[:, 1:] - images[:, :-1], images[:, :, 1:] - images[:, :, :-1]
