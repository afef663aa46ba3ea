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

"""Laplacian pyramids, and gradients normalised scale by scale."""

from typing import List, Sequence

import numpy as np
import tensorflow as tf

# Burt and Adelson 1983, The Laplacian pyramid as a compact image code, with
# a = 3/8; it sums to 1.
_KERNEL = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]).astype(np.float32) / 256


def split(images: tf.Tensor, num_levels: int) -> List[tf.Tensor]:
  """Splits images into what each scale adds to the coarser ones.

  Args:
    images: [batch, height, width, channels] float32 tensor.
    num_levels: Of detail, each of half the size of the one before.

  Returns:
    The detail, finest first, then what is left: num_levels + 1 tensors.
  """
  levels = []
  kernel = _kernel(images.shape[-1])
  for _ in range(num_levels):
    coarse = tf.nn.conv2d(images, kernel, strides=2, padding='SAME')
    levels.append(images - _enlarged(coarse, tf.shape(images)))
    images = coarse
  return [*levels, images]


def merge(levels: Sequence[tf.Tensor]) -> tf.Tensor:
  """Returns the images that `split` makes `levels` of."""
  images = levels[-1]
  for detail in reversed(levels[:-1]):
    images = _enlarged(images, tf.shape(detail)) + detail
  return images


def laplacian_normalize(
  gradient: tf.Tensor, levels: int = 4, epsilon: float = 1e-7
) -> tf.Tensor:
  """Gives each scale of a gradient the same strength.

  Each level of the pyramid, and what is left at its end, is divided by its root
  mean square.

  Args:
    gradient: [batch, height, width, channels] float32 tensor.
    levels: Of the pyramid; 4 in the originals.
    epsilon: Least root mean square to divide by: 1e-7 in magenta's pull request
      792, 1e-10 in TensorFlow's tutorial.

  Returns:
    Tensor of the same shape.

  References:
    Mordvintsev 2016, DeepDreaming with TensorFlow, the tutorial deepdream.ipynb
    of TensorFlow 1; github.com/magenta/magenta/pull/792.
  """
  normalized = []
  for level in split(gradient, levels):
    mean = tf.reduce_mean(level**2, axis=[1, 2, 3], keepdims=True)
    normalized.append(level / tf.maximum(tf.sqrt(mean), epsilon))
  return merge(normalized)


def _enlarged(images: tf.Tensor, shape: tf.Tensor) -> tf.Tensor:
  """Returns images of twice the size, as `shape` tells exactly."""
  # Three of four pixels are new: 4 for the brightness to stay.
  kernel = 4 * _kernel(images.shape[-1])
  return tf.nn.conv2d_transpose(images, kernel, shape, 2, padding='SAME')


def _kernel(channels: int) -> np.ndarray:
  """Returns the [5, 5, channels, channels] kernel, each channel by itself."""
  return _KERNEL[:, :, None, None] * np.eye(channels, dtype=np.float32)
