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

"""Stages of `random_views.Chain` that make several views of a picture."""

import dataclasses
from typing import ClassVar, List, Sequence, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.ascent.views import resampling
from magenta_viz.ascent.views import transforms
from magenta_viz.settings import schedules

# Least side of a crop, as a share of the picture's shorter side: xplique's.
_MIN_SPAN = 0.05
# Each is a part of the graph; a picture of 65,535 x 16,384 pixels, as large as
# they come, has as many of 512.
_MAX_TILES = 4096


@dataclasses.dataclass(frozen=True)
class Crops(transforms.Stage):
  """Several square cuts of each picture, resampled to one size: MaCo's views.

  Bilinear, as in xplique: a cut that is much larger than `size` skips pixels.

  Attributes:
    count: Views of a picture.
    size: Height and width of a view, in pixels.
    span: Mean side of a cut, as a share of the picture's shorter side.
    span_deviation: Standard deviation of that share, which stays in [0.05, 1].
    center_deviation: Standard deviation of a cut's middle, as a share of the
      picture's sides. Unlike xplique's, cuts are moved into the picture.

  References:
    Fel et al. 2023, arXiv 2306.06805; xplique,
    xplique/features_visualizations/maco.py.

  Raises:
    ValueError: If a setting is out of its range.
  """

  num_samples: ClassVar[int] = 1
  shows_parts: ClassVar[bool] = True
  makes_several: ClassVar[bool] = True
  count: int
  size: int
  span: schedules.Schedule
  span_deviation: schedules.Schedule
  center_deviation: schedules.Schedule

  def __post_init__(self) -> None:
    """Checks the ranges."""
    schedules.check_range('crops count', self.count, 1)
    schedules.check_range('crops size', self.size, 1)
    schedules.check_range('crops span', self.span, _MIN_SPAN, 1)
    schedules.check_range('crops span deviation', self.span_deviation, 0)
    schedules.check_range('crops center deviation', self.center_deviation, 0)

  def output_size(self, height: int, width: int) -> Tuple[int, int]:
    """Returns the height and width of a view."""
    return self.size, self.size

  def num_views(self, height: int, width: int) -> int:
    """Returns how many views it makes of a picture."""
    return self.count

  def _sample(
    self,
    generator: np.random.Generator,
    size: transforms.Size,
    at: transforms.At,
  ) -> transforms.Samples:
    """Samples the sides of all cuts, then (y, x) of all their middles.

    Returns:
      [count, 2, 3] float32 matrices for `warp`.
    """
    spans = generator.normal(at(self.span), at(self.span_deviation), self.count)
    shares = generator.normal(0.5, at(self.center_deviation), (self.count, 2))
    sides = np.clip(spans, _MIN_SPAN, 1)[:, None] * min(size)
    picture = np.array(size)
    middles = np.clip(shares * picture, sides / 2, picture - sides / 2)
    matrices = np.zeros([self.count, 2, 3])
    matrices[:, [0, 1], [0, 1]] = sides / self.size
    # From the distance to the edge to the pixel's number.
    matrices[:, :, 2] = middles - 0.5
    return (matrices.astype(np.float32),)

  def apply(self, images: tf.Tensor, matrices: tf.Tensor) -> tf.Tensor:
    """Returns `count` views an image, by [batch, count, 2, 3] matrices."""
    matrices = tf.reshape(transforms.per_view(matrices, images), [-1, 2, 3])
    return resampling.warp(images, matrices, (self.size, self.size))


@dataclasses.dataclass(frozen=True)
class Tiles(transforms.Stage):
  """All whole tiles of a picture; where they overlap, the last one counts.

  In magenta's pull request 792 each tile writes its gradient over what earlier
  tiles left there, and so it is here. A pixel of no tile has none.

  Attributes:
    size: Height and width of a tile, in pixels.
    stride: From a tile to the next, in pixels.
    covers: Whether last tiles are moved inwards to end where the picture does,
      so that no pixel is left out. A side shorter than a tile is one tile.

  References:
    github.com/magenta/magenta/pull/792.

  Raises:
    ValueError: If a setting is below 1.
  """

  shows_parts: ClassVar[bool] = True
  makes_several: ClassVar[bool] = True
  size: int
  stride: int
  covers: bool = False

  def __post_init__(self) -> None:
    """Checks the ranges."""
    schedules.check_range('tiles size', self.size, 1)
    schedules.check_range('tiles stride', self.stride, 1)

  def output_size(self, height: int, width: int) -> Tuple[int, int]:
    """Returns the height and width of a tile.

    Raises:
      ValueError: If no tile fits.
    """
    if self.covers:
      return min(height, self.size), min(width, self.size)
    if min(height, width) < self.size:
      raise ValueError(
        f'no tile of {self.size} x {self.size} pixels fits {height} x {width};'
        ' take smaller tiles or a larger picture'
      )
    return self.size, self.size

  def num_views(self, height: int, width: int) -> int:
    """Returns how many tiles a picture has.

    Raises:
      ValueError: If they are too many.
    """
    count = len(self._offsets(height)) * len(self._offsets(width))
    if count > _MAX_TILES:
      raise ValueError(
        f'tiles of {self.size} pixels, {self.stride} apart, are {count} in'
        f' {height} x {width} pixels; take a larger stride, for {_MAX_TILES} at'
        ' most'
      )
    return count

  def apply(self, images: tf.Tensor) -> tf.Tensor:
    """Returns the tiles of each image row by row, [-1, size, size, 3]."""
    height, width, channels = images.shape[1:]
    high, wide = self.output_size(height, width)
    down, across = self._offsets(height), self._offsets(width)
    tiles = [
      tile
      for band in _cut(images, down, high, axis=1)
      for tile in _cut(band, across, wide, axis=2)
    ]
    return tf.reshape(tf.stack(tiles, axis=1), [-1, high, wide, channels])

  def _offsets(self, side: int) -> List[int]:
    """Returns where tiles begin on a side of the picture."""
    room = max(side - self.size, 0)
    offsets = list(range(0, room + 1, self.stride))
    if self.covers and offsets[-1] < room:
      offsets.append(room)
    return offsets


def _cut(
  images: tf.Tensor, offsets: Sequence[int], size: int, axis: int
) -> List[tf.Tensor]:
  """Returns parts of a side, whose gradient is that of the last one there.

  Args:
    images: [batch, height, width, 3] tensor.
    offsets: Where the parts begin on that side, in order, from 0.
    size: Their length.
    axis: Of the tensor.
  """
  seen = tf.stop_gradient(images)
  parts = []
  # What is up to the next part is split, which takes no more memory than what
  # is put together again.
  ends = [*offsets[1:], images.shape[axis]]
  lengths = [end - start for start, end in zip(offsets, ends)]
  for start, part in zip(offsets, tf.split(images, lengths, axis)):
    own = min(size, part.shape[axis])
    if own < part.shape[axis]:
      part = tf.split(part, [own, -1], axis)[0]
    if own < size:
      begin, count = [0, 0, 0, 0], [-1, -1, -1, -1]
      begin[axis], count[axis] = start + own, size - own
      part = tf.concat([part, tf.slice(seen, begin, count)], axis)
    parts.append(part)
  return parts
