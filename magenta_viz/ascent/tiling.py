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

"""Tiles that cover a picture, each of which fades into its neighbours."""

from typing import Iterator, List, NamedTuple, Tuple

import numpy as np


class Tile(NamedTuple):
  """A part of a picture.

  Attributes:
    place: Its rows and columns.
    weights: [height, width, 1] float32 array in [0, 1], what it counts in each
      of its pixels. Those of all tiles that show a pixel add up to 1.
  """

  place: Tuple[slice, slice]
  weights: np.ndarray


def tiles(
  size: Tuple[int, int], side: int, overlap: int, offset: Tuple[int, int]
) -> Iterator[Tile]:
  """Yields the tiles of a picture, row by row.

  With weights that add up to 1, what is the same in two tiles stays as it is
  where they meet, and what differs goes over from the one to the other.

  Args:
    size: Height and width of the picture, in pixels, `side` or more.
    side: Height and width of a tile.
    overlap: Pixels over which a tile fades into the next, less than `side`.
    offset: Pixels by which the tiles lie lower and further to the right; from
      0 to `side` - `overlap`, from where on it is the same again.
  """
  down, across = (
    _axis(length, side, overlap, start) for length, start in zip(size, offset)
  )
  for top, vertical in down:
    for left, horizontal in across:
      yield Tile(
        (slice(top, top + side), slice(left, left + side)),
        (vertical[:, None] * horizontal)[..., None],
      )


def _axis(
  length: int, side: int, overlap: int, offset: int
) -> List[Tuple[int, np.ndarray]]:
  """Returns where tiles begin on an axis, and their [side] weights there."""
  stride = side - overlap
  # The first and the last tile are moved to where the picture ends.
  starts = np.arange(offset % stride - stride, length, stride)
  starts = np.unique(np.clip(starts, 0, length - side))
  index = np.arange(side) + 0.5
  fade = np.clip(np.minimum(index, side - index) / overlap, 0, 1)
  total = np.zeros(length)
  for start in starts:
    total[start : start + side] += fade
  return [
    (int(start), (fade / total[start : start + side]).astype(np.float32))
    for start in starts
  ]
