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

"""The steps of an ascent in NumPy, for tests of presets to put together.

All is float64 and written by hand: what is drawn, what is seen of it, and back
again by the transposes. `x` is a picture of 0 to 255 less `MEAN`, as published
methods have it; an image is in [0, 1].
"""

from typing import Any, Callable, List, NamedTuple, Sequence, Tuple

import numpy as np
import scipy.ndimage

from magenta_viz.testing import tiny_network

Ends = Tuple[float, float]
Map = Callable[[np.ndarray], np.ndarray]
Size = Tuple[int, int]

MEAN = np.array([123.0, 117.0, 104.0])

# From brightness and two contrasts to RGB: lucid's numbers, as xplique's
# `recorrelate_colors` writes them out.
COLOURS = np.array(
  [
    [0.56282854, 0.58447580, 0.58447580],
    [0.19482528, 0.00000000, -0.19482528],
    [0.04329450, -0.10823626, 0.06494176],
  ]
)


def photo(height: int, width: int, seed: int = 1) -> np.ndarray:
  """Makes an image that is black here and white there, for clips to show."""
  soft = blurred(noise(seed, (height, width), 1.0), 2.0)
  return np.clip(0.5 + 0.4 * soft / soft.std(), 0, 1).astype(np.float32)


def of_photo(image: np.ndarray) -> np.ndarray:
  """Returns the x of an image."""
  return 255.0 * image - MEAN


def noise(seed: Any, size: Size, deviation: float) -> np.ndarray:
  """Draws noise of three channels; `seed` may be a generator."""
  generator = np.random.default_rng(seed)
  return deviation * generator.standard_normal((*size, 3))


def to_image(x: np.ndarray) -> np.ndarray:
  """Returns the image of an x, which may leave [0, 1]."""
  return (x + MEAN) / 255


def between(ends: Ends, share: float) -> float:
  """Returns what lies between two ends."""
  return ends[0] + (ends[1] - ends[0]) * share


def class_gradient(
  x: np.ndarray, class_id: int, head: str = 'logits'
) -> np.ndarray:
  """Returns the gradient of a class's score by the tiny network."""
  return tiny_network.class_gradient(to_image(x), class_id, head) / 255


def mean_step(x: np.ndarray, gradient: np.ndarray, size: float) -> np.ndarray:
  """Takes deepdream's step: of this mean absolute value."""
  return x + size / np.abs(gradient).mean() * gradient


def clipped(x: np.ndarray) -> np.ndarray:
  """Keeps to what can be shown."""
  return np.clip(x, -MEAN, 255 - MEAN)


def blurred(x: np.ndarray, sigma: float) -> np.ndarray:
  """Blurs each channel."""
  return scipy.ndimage.gaussian_filter(x, (sigma, sigma, 0))


def zoomed(x: np.ndarray, *factors: float) -> np.ndarray:
  """Zooms bilinearly, as the notebooks of deepdream do.

  They leave out the mode: at some sizes, as from 56 to 40, rounding then takes
  scipy past the last pixel, and an edge of zeros is left.
  """
  return scipy.ndimage.zoom(x, (*factors, 1), order=1, mode='nearest')


def bilateral(
  image: np.ndarray, colour: float, space: float, mode: Any
) -> np.ndarray:
  """Filters as scikit-image's `denoise_bilateral` does, of window 5.

  Its table of colours is read at the distance over the number of channels.

  Args:
    image: To filter.
    colour: Deviation of colours, of the range of the image.
    space: Deviation of places, in pixels.
    mode: What is outside, as `np.pad` calls it; 'constant' is 0.
  """
  low, span = image.min(), np.ptp(image)
  scaled = (image - low) / span
  height, width = scaled.shape[:2]
  padded = np.pad(scaled, ((2, 2), (2, 2), (0, 0)), mode)
  total, weights = np.zeros_like(scaled), np.zeros([height, width, 1])
  for y, x in np.ndindex(5, 5):
    other = padded[y : y + height, x : x + width]
    distance = np.sqrt(np.sum((other - scaled) ** 2, -1, keepdims=True)) / 3
    squares = ((y - 2) ** 2 + (x - 2) ** 2) / space**2
    weight = np.exp(-0.5 * (squares + (distance / colour) ** 2))
    total += weight * other
    weights += weight
  return total / weights * span + low


def along(
  down: np.ndarray, across: np.ndarray, image: np.ndarray
) -> np.ndarray:
  """Returns a matrix times the columns and another times the rows."""
  return np.einsum('yi,xj,ijc->yxc', down, across, image, optimize=True)


def laplacian_normalized(image: np.ndarray, num_levels: int) -> np.ndarray:
  """Divides the levels of a Laplacian pyramid, and the rest, by their RMS."""
  levels: List[np.ndarray] = []
  matrices = []
  for _ in range(num_levels):
    down, across = (_shrinking(side) for side in image.shape[:2])
    coarse = along(down, across, image)
    levels.append(image - 4 * along(down.T, across.T, coarse))
    matrices.append((down, across))
    image = coarse
  levels.append(image)
  levels = [each / max(np.sqrt(np.mean(each**2)), 1e-7) for each in levels]
  image = levels.pop()
  for level, (down, across) in zip(levels[::-1], matrices[::-1]):
    image = 4 * along(down.T, across.T, image) + level
  return image


def _shrinking(size: int) -> np.ndarray:
  """Returns the matrix that smooths a row and keeps every second value."""
  coarse = -(-size // 2)
  # TensorFlow's 'SAME' puts the odd one of the missing values at the end.
  first = -(((coarse - 1) * 2 + 5 - size) // 2)
  taps = np.arange(size) - 2 * np.arange(coarse)[:, None] - first
  kernel = np.array([1, 4, 6, 4, 1]) / 16
  return np.where((taps >= 0) & (taps < 5), kernel[taps.clip(0, 4)], 0)


def rgb(canvas: np.ndarray) -> np.ndarray:
  """Returns the image of brightness and contrasts."""
  return 1 / (1 + np.exp(-canvas @ COLOURS))


def rgb_gradient(image: np.ndarray, on_image: np.ndarray) -> np.ndarray:
  """Returns the gradient to brightness and contrasts from that to `rgb`."""
  return (on_image * image * (1 - image)) @ COLOURS.T


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

  def __init__(self, size: Size, decay: float, contrast: float):
    """Takes what `fourier.Fourier` takes."""
    self._down, cycles_down = waves(size[0])
    self._across, cycles_across = waves(size[1])
    cycles = np.hypot(cycles_down[:, None], cycles_across)
    self._weights = contrast / np.maximum(cycles, 1)[..., None] ** decay

  def image(self, params: np.ndarray) -> np.ndarray:
    """Returns the image of [height, width, 3] parameters."""
    return rgb(along(self._down, self._across, self._weights * params))

  def gradient(self, params: np.ndarray, on_image: Map) -> np.ndarray:
    """Returns the gradient to parameters; `on_image` gives that to an image."""
    image = self.image(params)
    on_canvas = rgb_gradient(image, on_image(image))
    return self._weights * along(self._down.T, self._across.T, on_canvas)


class Stage(NamedTuple):
  """What is done to a picture, and its transpose."""

  apply: Map
  transpose: Map


def separable(
  down: np.ndarray, across: np.ndarray, offset: np.ndarray = MEAN * 0
) -> Stage:
  """Multiplies columns and rows by matrices, and adds an offset."""
  return Stage(
    lambda image: along(down, across, image) + offset,
    lambda gradient: along(down.T, across.T, gradient),
  )


def hats(places: np.ndarray, size: int) -> np.ndarray:
  """Returns the weight of each pixel at places on a mirrored axis."""
  pixels = np.arange(size)
  mirrored = np.stack([pixels, -1 - pixels, 2 * size - 1 - pixels])
  distances = np.abs(places[:, None, None] - mirrored)
  return np.maximum(1 - distances, 0).sum(axis=1)


def sample(
  turn: Sequence[Sequence[float]],
  middle: Sequence[float],
  size: Size,
  new_size: Size,
) -> Stage:
  """Looks up a picture, bilinearly, at middle + turn @ (y, x from middle)."""
  y, x = (each.ravel() for each in np.indices(new_size))
  offsets = np.stack([y - (new_size[0] - 1) / 2, x - (new_size[1] - 1) / 2])
  places = np.array(turn) @ offsets + np.reshape(middle, [2, 1])
  rows, columns = hats(places[0], size[0]), hats(places[1], size[1])

  def apply(image: np.ndarray) -> np.ndarray:
    lines = np.tensordot(rows, image, 1)
    return np.einsum('nx,nxc->nc', columns, lines).reshape(*new_size, 3)

  def transpose(gradient: np.ndarray) -> np.ndarray:
    lines = np.einsum('nx,nc->nxc', columns, gradient.reshape(-1, 3))
    return np.tensordot(rows.T, lines, 1)

  return Stage(apply, transpose)


def seen_gradient(
  image: np.ndarray, stages: Sequence[Stage], gradient: Map
) -> np.ndarray:
  """Returns the gradient to an image of which a network sees a view."""
  for stage in stages:
    image = stage.apply(image)
  back = gradient(image)
  for stage in stages[::-1]:
    back = stage.transpose(back)
  return back


def adam(
  params: np.ndarray,
  rates: Sequence[float],
  gradient: Callable[[int, np.ndarray], np.ndarray],
  nesterov: bool = False,
  betas: Ends = (0.9, 0.999),
  epsilon: float = 1e-8,
) -> np.ndarray:
  """Climbs by algorithm 1 of Kingma and Ba, with the paper's constants.

  Args:
    params: To start from.
    rates: Of each step.
    gradient: From a step's index and the parameters to their gradient.
    nesterov: By NAdam instead, algorithm 8 of Dozat, as Keras has it.
    betas: Decay of the mean and of the squares.
    epsilon: Added to the divisor.
  """
  m, v = np.zeros_like(params), np.zeros_like(params)
  product = 1.0
  for t, rate in enumerate(rates, start=1):
    g = gradient(t - 1, params)
    m = betas[0] * m + (1 - betas[0]) * g
    v = betas[1] * v + (1 - betas[1]) * g**2
    m_hat, v_hat = m / (1 - betas[0] ** t), v / (1 - betas[1] ** t)
    if nesterov:
      times = (t, t + 1)
      now, ahead = (betas[0] * (1 - 0.5 * 0.96 ** (i / 250)) for i in times)
      product *= now
      m_hat = ahead * m / (1 - product * ahead) + (1 - now) * g / (1 - product)
    params = params + rate * m_hat / (np.sqrt(v_hat) + epsilon)
  return params
