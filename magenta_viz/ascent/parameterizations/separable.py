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

"""Products of matrices with the rows and the columns of images."""

from typing import Any

import tensorflow as tf


def mix(images: tf.Tensor, down: Any, across: Any) -> tf.Tensor:
  """Mixes the rows of images by one matrix, and their columns by another.

  Args:
    images: [batch, height, width, channels] float tensor of known shape.
    down: [rows, height] array or tensor; [batch, rows, height] for one of each
      image's own.
    across: [columns, width], or [batch, columns, width], likewise.

  Returns:
    [batch, rows, columns, channels] tensor: of each channel, the product of
    `down`, the channel and `across` transposed.
  """
  # Pixels stay together, which is faster than to part their channels.
  turned = tf.transpose(_mix_rows(images, down), [0, 2, 1, 3])
  return tf.transpose(_mix_rows(turned, across), [0, 2, 1, 3])


def _mix_rows(images: tf.Tensor, matrix: Any) -> tf.Tensor:
  batch, height, width, channels = images.shape
  rows = tf.reshape(images, [batch, height, width * channels])
  mixed = tf.matmul(matrix, rows)
  return tf.reshape(mixed, [batch, -1, width, channels])
