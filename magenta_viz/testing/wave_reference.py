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

"""Pictures of waves in NumPy, with gradients, for tests of presets.

All is float64 and written by hand: the image of parameters, what is seen of it,
and back again by the transposes.
"""

from typing import Callable, Iterator, NamedTuple, Sequence, Tuple

import numpy as np

Map = Callable[[np.ndarray], np.ndarray]

# From brightness and two contrasts to RGB: lucid's numbers, as xplique's
# `recorrelate_colors` writes them out.
COLOURS = np.array(
  [
    [0.56282854, 0.58447580, 0.58447580],
    [0.19482528, 0.00000000, -0.19482528],
    [0.04329450, -0.10823626, 0.06494176],
  ]
)


def waves(size: int) -> Tuple[np.ndarray, np.ndarray]:
  """Returns waves of a mean square of 1, as columns, and their cycles."""
  middles = (np.arange(size) + 0.5) / size
  columns, cycles = [np.ones(size)], [0]
  for k in range(1, size // 2 + 1):
    angles = 2 * np.pi * k * middles
    columns += [np.sin(angles), np.cos(angles)]
    cycles += [k, k]
  columns = [each / np.sqrt(np.mean(each**2)) for each in columns[:size]]
  return np.stack(columns, axis=1), np.array(cycles[:size])


class Canvas:
  """Pictures as sums of waves."""

  def __init__(self, height: int, width: int, decay: float, contrast: float):
    """Takes what `fourier.Fourier` takes."""
    self._down, cycles_down = waves(height)
    self._across, cycles_across = waves(width)
    cycles = np.hypot(cycles_down[:, None], cycles_across)
    self._weights = contrast / np.maximum(cycles, 1)[..., None] ** decay

  def image(self, params: np.ndarray) -> np.ndarray:
    """Returns the image of [height, width, 3] parameters."""
    spectrum = self._weights * params
    canvas = np.einsum('yi,xj,ijc->yxc', self._down, self._across, spectrum)
    return 1 / (1 + np.exp(-canvas @ COLOURS))

  def gradient(self, params: np.ndarray, on_image: np.ndarray) -> np.ndarray:
    """Returns the gradient to parameters from that to their image."""
    image = self.image(params)
    on_canvas = (on_image * image * (1 - image)) @ COLOURS.T
    return self._weights * np.einsum(
      'yi,xj,yxc->ijc', self._down, self._across, on_canvas, optimize=True
    )


class Stage(NamedTuple):
  """What is done to a picture, and its transpose."""

  apply: Map
  transpose: Map


def _hats(places: np.ndarray, size: int) -> np.ndarray:
  """Returns the weight of each pixel at places on a mirrored axis."""
  pixels = np.arange(size)
  mirrored = np.stack([pixels, -1 - pixels, 2 * size - 1 - pixels])
  distances = np.abs(places[:, None, None] - mirrored)
  return np.maximum(1 - distances, 0).sum(axis=1)


def sample(
  turn: Sequence[Sequence[float]],
  middle: Sequence[float],
  size: Tuple[int, int],
  new_size: Tuple[int, int],
) -> Stage:
  """Looks up a picture, bilinearly, at middle + turn @ (y, x from middle)."""
  y, x = (each.ravel() for each in np.indices(new_size))
  offsets = np.stack([y - (new_size[0] - 1) / 2, x - (new_size[1] - 1) / 2])
  places = np.array(turn) @ offsets + np.reshape(middle, [2, 1])
  rows, columns = _hats(places[0], size[0]), _hats(places[1], size[1])

  def apply(image: np.ndarray) -> np.ndarray:
    lines = np.tensordot(rows, image, 1)
    return np.einsum('nx,nxc->nc', columns, lines).reshape(*new_size, 3)

  def transpose(gradient: np.ndarray) -> np.ndarray:
    lines = np.einsum('nx,nc->nxc', columns, gradient.reshape(-1, 3))
    return np.tensordot(rows.T, lines, 1)

  return Stage(apply, transpose)


def adam(
  params: np.ndarray, gradients: Iterator[Tuple[float, Map]]
) -> np.ndarray:
  """Climbs by algorithm 1 of Kingma and Ba, with the paper's constants."""
  m, v = np.zeros_like(params), np.zeros_like(params)
  for t, (rate, gradient) in enumerate(gradients, start=1):
    g = gradient(params)
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g**2
    m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
    params = params + rate * m_hat / (np.sqrt(v_hat) + 1e-8)
  return params
