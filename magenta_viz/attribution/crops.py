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

"""The crops and mirrors of a photograph, and a map put together from theirs.

A photograph is scaled to a size whose shorter side is 256/224 of the side
that the network was trained at. Its ten crops are the four corners, the centre
and the mirrors of these. On one more than twice as long as a crop, where
ten would leave the middle of the long sides out, there are more: as few crops
evenly along the edges as meet or overlap, one centred between each four
neighbours, and their mirrors.

References:
  Krizhevsky et al. 2012, ImageNet classification with deep convolutional
  neural networks, section 4.1, for the ten crops.
  Simonyan et al. 2013, arXiv 1312.6034, section 3.1, for the mean of their
  maps.
"""

import math
from typing import List, Sequence, Tuple

import numpy as np

# Krizhevsky et al. 2012: crops of 224 from pictures of 256 pixels.
_RATIO = 256 / 224

Corner = Tuple[int, int]


def scaled_size(height: int, width: int, side: int) -> Tuple[int, int]:
  """Returns the size that a photograph is brought to.

  Args:
    height: Of the photograph, in pixels.
    width: Of the photograph, in pixels.
    side: Of a crop, in pixels.

  Returns:
    Height and width of the same shape, the shorter one 256/224 of `side`.
  """
  scale = side * _RATIO / min(height, width)
  return round(height * scale), round(width * scale)


def corners(height: int, width: int, side: int) -> List[Corner]:
  """Returns top and left of each crop of a scaled photograph, without mirrors.

  Args:
    height: Of the scaled photograph, in pixels; larger than `side`.
    width: Of the scaled photograph, in pixels; larger than `side`.
    side: Of a crop, in pixels.

  Returns:
    The crops along the edges, row by row, and then those between them. Every
    pixel is in one of them.
  """
  tops, middle_tops = _positions(height, side)
  lefts, middle_lefts = _positions(width, side)
  return [(top, left) for top in tops for left in lefts] + [
    (top, left) for top in middle_tops for left in middle_lefts
  ]


def cut(photo: np.ndarray, where: Sequence[Corner], side: int) -> np.ndarray:
  """Cuts crops out of a scaled photograph.

  Args:
    photo: [height, width, 3] array.
    where: Top and left of each crop, as of `corners`.
    side: Of a crop, in pixels.

  Returns:
    [2 * crops, side, side, 3] array of the same type: the crops, and then
    their mirrors.
  """
  crops = np.stack(
    [photo[top : top + side, left : left + side] for top, left in where]
  )
  return np.concatenate([crops, crops[:, :, ::-1]])


def assemble(
  maps: np.ndarray, where: Sequence[Corner], size: Tuple[int, int]
) -> np.ndarray:
  """Puts the maps of crops and mirrors back in place, and averages them.

  Args:
    maps: [2 * crops, side, side] float, in the order of `cut`.
    where: Top and left of each crop.
    size: Height and width of the scaled photograph.

  Returns:
    [height, width] float32: the mean of all maps that have a pixel.
  """
  side = maps.shape[1]
  plain, mirrored = np.split(maps, 2)
  total = np.zeros(size, np.float64)
  count = np.zeros(size, np.int64)
  for (top, left), one, other in zip(where, plain, mirrored[:, :, ::-1]):
    window = slice(top, top + side), slice(left, left + side)
    total[window] += one
    total[window] += other
    count[window] += 2
  return (total / count).astype(np.float32)


def _positions(length: int, side: int) -> Tuple[List[int], List[int]]:
  """Returns where crops begin along one side of a scaled photograph.

  Returns:
    The positions of those that reach from end to end, and the middles between
    them.
  """
  count = max(2, math.ceil(length / side))
  last = length - side
  positions = [round(last * i / (count - 1)) for i in range(count)]
  middles = [(a + b) // 2 for a, b in zip(positions, positions[1:])]
  return positions, middles
