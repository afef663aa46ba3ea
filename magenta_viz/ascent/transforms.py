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

"""Random views of a picture, for the network to look at.

What raises a class in many views of a picture (nearer and further, turned,
moved) is an object; what raises it in one view only may be noise.
"""

import dataclasses
from typing import Tuple

import numpy as np
import tensorflow as tf


@dataclasses.dataclass(frozen=True)
class RandomViews:
  """Zoomed, rotated, shifted and noisy views of pictures, all of one size.

  Attributes:
    size: Height and width of a view, in pixels.
    span: Range of the share of the picture's shorter side that a view spans:
      1 spans all of it, 0.5 half, more than 1 mirrors what lies outside.
    rotation: Largest angle, in degrees, either way.
    shift: Largest shift, as a share of the picture's sides, either way.
    noise: Standard deviation of the noise added to a view.
    resolution: Share of the picture's resolution that it is drawn at for these
      views. A view that spans much of a large picture would skip pixels.
  """

  size: int
  span: Tuple[float, float]
  rotation: float
  shift: float
  noise: float
  resolution: float = 1.0

  def canvas_size(self, height: int, width: int) -> Tuple[int, int]:
    """Returns the size to draw a picture of `height` x `width` pixels at."""
    return round(height * self.resolution), round(width * self.resolution)

  def draw(
    self, generator: np.random.Generator, height: int, width: int
  ) -> Tuple[np.ndarray, np.ndarray]:
    """Draws one view of a picture of `height` x `width` pixels.

    Returns:
      A [2, 3] float32 array that maps (y, x, 1) of a pixel of the view,
      counted from its middle, to the picture's pixel coordinates; and a [2]
      int32 array, the seed of the view's noise.
    """
    span = generator.uniform(*self.span)
    angle = np.deg2rad(generator.uniform(-self.rotation, self.rotation))
    shifts = generator.uniform(-self.shift, self.shift, size=2)
    step = span * min(height, width) / self.size
    cosine, sine = step * np.cos(angle), step * np.sin(angle)
    middle = np.array([(height - 1) / 2, (width - 1) / 2])
    # What a view leaves out of a long picture's longer side, it can move over.
    room = np.maximum(np.array([height, width]) - min(height, width), 0) / 2
    middle += shifts * (height, width) + generator.uniform(-1, 1, size=2) * room
    matrix = [[cosine, sine, middle[0]], [-sine, cosine, middle[1]]]
    seed = generator.integers(np.iinfo(np.int32).max, size=2, dtype=np.int32)
    return np.array(matrix, np.float32), seed

  def apply(
    self, images: tf.Tensor, matrices: tf.Tensor, seeds: tf.Tensor
  ) -> tf.Tensor:
    """Returns the views that `draw` drew.

    Args:
      images: [batch, height, width, 3] float32 tensor.
      matrices: [batch, 2, 3] float32 tensor.
      seeds: [batch, 2] int32 tensor.

    Returns:
      [batch, size, size, 3] float32 tensor.
    """
    views = warp(images, matrices, self.size)
    if self.noise:
      shape = [self.size, self.size, 3]
      noise = [
        tf.random.stateless_normal(shape, seed, stddev=self.noise)
        for seed in tf.unstack(seeds)
      ]
      views += tf.stack(noise)
    return views


@dataclasses.dataclass(frozen=True)
class Roll:
  """Pictures shifted by whole pixels, what leaves one edge enters at the other.

  Known as jitter in google/deepdream's dream.ipynb.

  Attributes:
    reach: Largest shift, in pixels, either way. Not compared: it does not
      change the graph, so that a schedule of it costs no trace.
  """

  reach: int = dataclasses.field(compare=False)

  def canvas_size(self, height: int, width: int) -> Tuple[int, int]:
    """Returns the size to draw a picture of `height` x `width` pixels at."""
    return height, width

  def draw(
    self, generator: np.random.Generator, height: int, width: int
  ) -> Tuple[np.ndarray]:
    """Draws a shift down and across, [2] int32."""
    shifts = generator.integers(-self.reach, self.reach + 1, size=2)
    return (shifts.astype(np.int32),)

  def apply(self, images: tf.Tensor, shifts: tf.Tensor) -> tf.Tensor:
    """Returns [batch, height, width, 3] images, rolled by [batch, 2] shifts."""
    pairs = zip(tf.unstack(images), tf.unstack(shifts))
    return tf.stack([tf.roll(image, shift, [0, 1]) for image, shift in pairs])


def warp(images: tf.Tensor, matrices: tf.Tensor, size: int) -> tf.Tensor:
  """Samples images at the points of a grid that is mapped by a matrix.

  Bilinear; what lies outside an image is its mirror image. As a product with
  a sparse matrix it has an exact gradient, which TensorFlow's own
  ImageProjectiveTransform has not, and is the fastest of the ways tried
  (gathering takes 1.7 times as long).

  Args:
    images: [batch, height, width, channels] float32 tensor of known shape.
    matrices: [batch, 2, 3] float32 tensor, from (y, x, 1) of a point of the
      grid, counted from its middle, to pixel coordinates of the image.
    size: Height and width of the grid, in pixels.

  Returns:
    [batch, size, size, channels] float32 tensor.
  """
  batch, height, width, channels = images.shape
  axis = np.arange(size, dtype=np.float32) - (size - 1) / 2
  rows, columns = np.meshgrid(axis, axis, indexing='ij')
  grid = np.stack([rows.ravel(), columns.ravel(), np.ones(size * size)])
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
  # One matrix for the whole batch: image i has its own rows and columns.
  sources += (tf.range(batch) * height * width)[:, None, None]
  num_points = batch * size * size
  targets = tf.repeat(tf.range(num_points), 4)
  indices = tf.stack([targets, tf.reshape(sources, [-1])], axis=1)
  matrix = tf.SparseTensor(
    tf.cast(indices, tf.int64),
    tf.stop_gradient(tf.reshape(weights, [-1])),
    [num_points, batch * height * width],
  )
  pixels = tf.reshape(images, [-1, channels])
  views = tf.sparse.sparse_dense_matmul(matrix, pixels)
  return tf.reshape(views, [batch, size, size, channels])


def _mirrored(index: tf.Tensor, size: int) -> tf.Tensor:
  """Folds an index of any value into [0, size), mirroring at the edges."""
  index = tf.math.floormod(index, 2 * size)
  return tf.minimum(index, 2 * size - 1 - index)
