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

"""Sampling of pictures at any points, with an exact gradient."""

from typing import Tuple

import numpy as np
import tensorflow as tf


def warp(
  images: tf.Tensor, matrices: tf.Tensor, size: Tuple[int, int]
) -> tf.Tensor:
  """Samples images at the points of a grid that is mapped by a matrix.

  Bilinear; what lies outside an image is its mirror image. As a product with
  a sparse matrix it has an exact gradient, which TensorFlow's own
  ImageProjectiveTransform has not, and is the fastest of the ways tried
  (gathering takes 1.7 times as long).

  Args:
    images: [batch, height, width, channels] float32 tensor of known shape.
    matrices: [batch * k, 2, 3] float32 tensor of known shape, from (y, x, 1) of
      a point of the grid, counted from its middle, to pixel coordinates of the
      image: k of the first image, then k of the next one.
    size: Height and width of the grid, in pixels.

  Returns:
    [batch * k, *size, channels] float32 tensor.
  """
  batch, height, width, channels = images.shape
  num_views, num_points = matrices.shape[0], size[0] * size[1]
  axes = [np.arange(side, dtype=np.float32) - (side - 1) / 2 for side in size]
  rows, columns = np.meshgrid(*axes, indexing='ij')
  grid = np.stack([rows.ravel(), columns.ravel(), np.ones(num_points)])
  points = tf.matmul(matrices, tf.constant(grid, tf.float32))
  corner = tf.floor(points)
  below, right = tf.unstack(points - corner, axis=1)
  y, x = tf.unstack(tf.cast(corner, tf.int32), axis=1)
  top, bottom = _mirrored(y, height) * width, _mirrored(y + 1, height) * width
  left, next_left = _mirrored(x, width), _mirrored(x + 1, width)
  sources = tf.stack(
    [top + left, top + next_left, bottom + left, bottom + next_left], axis=-1
  )
  weights = tf.stack(
    [
      (1 - below) * (1 - right),
      (1 - below) * right,
      below * (1 - right),
      below * right,
    ],
    axis=-1,
  )
  # One matrix for the whole batch: a view has its own rows, an image columns.
  owners = np.repeat(np.arange(batch, dtype=np.int32), num_views // batch)
  sources += (owners * height * width)[:, None, None]
  targets = tf.repeat(tf.range(num_views * num_points), 4)
  indices = tf.stack([targets, tf.reshape(sources, [-1])], axis=1)
  matrix = tf.SparseTensor(
    tf.cast(indices, tf.int64),
    tf.stop_gradient(tf.reshape(weights, [-1])),
    [num_views * num_points, batch * height * width],
  )
  pixels = tf.reshape(images, [-1, channels])
  views = tf.sparse.sparse_dense_matmul(matrix, pixels)
  return tf.reshape(views, [num_views, *size, channels])


def _mirrored(index: tf.Tensor, size: int) -> tf.Tensor:
  """Folds an index of any value into [0, size), mirroring at the edges."""
  index = tf.math.floormod(index, 2 * size)
  return tf.minimum(index, 2 * size - 1 - index)
