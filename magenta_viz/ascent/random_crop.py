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

"""The part of a picture that a step sees and changes."""

import dataclasses
from typing import Protocol, Sequence

import numpy as np

# Share of the room that is left, as the standard deviation of a crop's corner.
_SPREAD = 0.3


class Window(Protocol):
  """Chooses a part of each picture, step by step."""

  def sample(
    self, generators: Sequence[np.random.Generator], params: np.ndarray
  ) -> np.ndarray:
    """Returns the [batch, 2] places of the parts of [batch, ...] parameters."""

  def cut(self, params: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Returns the parts."""

  def paste(
    self, params: np.ndarray, parts: np.ndarray, corners: np.ndarray
  ) -> np.ndarray:
    """Returns the parameters with the parts put back."""


@dataclasses.dataclass(frozen=True)
class Whole:
  """All of each picture."""

  def sample(
    self, generators: Sequence[np.random.Generator], params: np.ndarray
  ) -> np.ndarray:
    """Returns [batch, 2] zeros, and samples nothing."""
    del generators
    return np.zeros([len(params), 2], int)

  def cut(self, params: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Returns the parameters."""
    del corners
    return params

  def paste(
    self, params: np.ndarray, parts: np.ndarray, corners: np.ndarray
  ) -> np.ndarray:
    """Returns the parts."""
    del params, corners
    return parts


@dataclasses.dataclass(frozen=True)
class RandomCrop:
  """A square of a picture's pixels, more often from its middle.

  Step and filters work on the square alone, as if it were the picture; edges
  of the squares are blurred away by later ones.

  Attributes:
    size: Height and width of the square, in pixels.

  References:
    github.com/auduno/deepdraw: the corner is sampled from a normal distribution
    about the middle, whose deviation is 0.3 of the room, and cut at the edges;
    a side without room samples nothing.
  """

  size: int

  def sample(
    self, generators: Sequence[np.random.Generator], params: np.ndarray
  ) -> np.ndarray:
    """Samples [batch, 2] top left corners: for each picture row, then column.

    Raises:
      ValueError: If the pictures are smaller than the square.
    """
    height, width = params.shape[1:3]
    if min(height, width) < self.size:
      raise ValueError(
        f'a picture of {height} x {width} pixels is smaller than the crop of'
        f' {self.size}; take a larger picture or --window=whole'
      )
    corners = np.zeros([len(params), 2], int)
    for corner, generator in zip(corners, generators):
      for axis, room in enumerate((height - self.size, width - self.size)):
        if room:
          place = generator.normal(room / 2, _SPREAD * room)
          corner[axis] = int(np.clip(place, 0, room))
    return corners

  def cut(self, params: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Returns the [batch, size, size, 3] squares."""
    return np.stack(
      [
        each[top : top + self.size, left : left + self.size]
        for each, (top, left) in zip(params, corners)
      ]
    )

  def paste(
    self, params: np.ndarray, parts: np.ndarray, corners: np.ndarray
  ) -> np.ndarray:
    """Returns the parameters with the squares put back."""
    params = params.copy()
    for each, part, (top, left) in zip(params, np.asarray(parts), corners):
      each[top : top + self.size, left : left + self.size] = part
    return params
