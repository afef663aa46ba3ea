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

"""What a class's score hangs on, found by hiding parts of a picture.

All take `score`, from [batch, height, width, 3] float32 images to the [batch]
scores of their class, and settings that are called as in `SaliencyConfig`. They
ask for no gradient, so that whatever answers with scores can be explained.
"""

import math
from typing import Callable, Iterator, List, Tuple

import numpy as np

Score = Callable[[np.ndarray], np.ndarray]

# Of pictures that are made before they are scored; 80 MB of 224 pixels.
_CHUNK = 128


def occlusion(
  score: Score,
  images: np.ndarray,
  occlusion_size: float,
  occlusion_stride: float,
  hidden_value: float,
) -> np.ndarray:
  """Returns how far the score falls when a square hides a part of an image.

  Args:
    score: Of the class.
    images: [batch, height, width, 3] float32.
    occlusion_size: Side of the square, as a share of the image's shorter one.
    occlusion_stride: Distance from one place of it to the next, likewise; not
      larger, for no pixel to be left out.
    hidden_value: Grey level of the square.

  Returns:
    [batch, height, width, 1] float32: of each pixel the mean fall over the
    squares that hide it, 0 where the score rises.

  References:
    Zeiler and Fergus 2013, Visualizing and understanding convolutional
    networks, arXiv 1311.2901, section 4.2.
  """
  height, width = images.shape[1:3]
  side = _pixels(occlusion_size, min(height, width))
  stride = _pixels(occlusion_stride, min(height, width))
  places = [
    (slice(top, top + side), slice(left, left + side))
    for top in _starts(height, side, stride)
    for left in _starts(width, side, stride)
  ]
  found = np.zeros([*images.shape[:3], 1], np.float32)
  for image, fall in zip(images, found):
    count = np.zeros_like(fall)
    whole = score(image[None])[0]
    for chunk in _chunks(len(places)):
      hidden = np.repeat(image[None], len(chunk), axis=0)
      for copy, index in zip(hidden, chunk):
        copy[places[index]] = hidden_value
      for index, each in zip(chunk, score(hidden)):
        fall[places[index]] += whole - each
        count[places[index]] += 1
    fall /= count
  return np.maximum(found, 0)


def rise(
  score: Score,
  images: np.ndarray,
  rise_masks: int,
  rise_cells: int,
  rise_share: float,
  hidden_value: float,
  seed: int,
) -> np.ndarray:
  """Returns how much of the score is left where random masks show a pixel.

  A pixel's value is the mean score of the masks, each weighted by how much of
  the pixel it shows. The paper divides by the weights' expectation; here it is
  by their own sum, which is the same for many masks, and tells of fewer without
  the chance of how often a pixel was shown.

  Args:
    score: The probability of the class.
    images: [batch, height, width, 3] float32; all see the same masks.
    rise_masks: Number of masks.
    rise_cells: Cells of a mask, down and across.
    rise_share: Share of the cells that show the image.
    hidden_value: Grey level of what is hidden.
    seed: Of the masks.

  Returns:
    [batch, height, width, 1] float32, above the least value of each image.

  References:
    Petsiuk, Das and Saenko 2018, RISE: randomized input sampling for
    explanation of black-box models, arXiv 1806.07421, section 3.
  """
  found = np.zeros([*images.shape[:3], 1], np.float32)
  for image, total in zip(images, found):
    generator = np.random.default_rng(seed)
    shown = np.zeros_like(total)
    for chunk in _chunks(rise_masks):
      masks = random_masks(
        generator, len(chunk), image.shape[:2], rise_cells, rise_share
      )[..., None]
      scores = score(hidden_value + masks * (image - hidden_value))
      total += np.tensordot(scores, masks, 1)
      shown += masks.sum(axis=0)
    # Where no mask shows anything, nothing is known.
    total /= np.maximum(shown, np.finfo(np.float32).tiny)
    total -= total.min()
  return found


def random_masks(
  generator: np.random.Generator,
  count: int,
  size: Tuple[int, ...],
  cells: int,
  share: float,
) -> np.ndarray:
  """Returns random masks of few cells, enlarged and shifted by parts of a cell.

  Args:
    generator: Of the cells and the shifts.
    count: Number of masks.
    size: Their height and width.
    cells: Down and across.
    share: Of the cells that are 1.

  Returns:
    [count, height, width] float32 in [0, 1].
  """
  grids = (generator.random((count, cells, cells)) < share).astype(np.float32)
  downs, acrosses = (_shifted(generator, count, side, cells) for side in size)
  return downs @ grids @ acrosses.transpose(0, 2, 1)


def _shifted(
  generator: np.random.Generator, count: int, side: int, cells: int
) -> np.ndarray:
  """Returns what enlarges cells along one side, [count, side, cells].

  Masks are enlarged bilinearly to one cell more than the side, and a part of
  them is taken: of masks that begin with a cell, all have borders at the same
  places (Petsiuk et al. 2018, section 3.2).
  """
  cell = math.ceil(side / cells)
  enlarged = cell * (cells + 1)
  # Where the enlarged pixels' centres lie among those of the cells.
  places = (np.arange(enlarged) + 0.5) * cells / enlarged - 0.5
  distances = np.abs(places.clip(0, cells - 1)[:, None] - np.arange(cells))
  weights = np.maximum(1 - distances, 0).astype(np.float32)
  starts = generator.integers(cell, size=count)
  return weights[starts[:, None] + np.arange(side)]


def _pixels(share: float, side: int) -> int:
  """Returns a share of a side in pixels, at least one."""
  return max(1, round(share * side))


def _starts(length: int, side: int, stride: int) -> List[int]:
  """Returns where squares begin, from one end to the other."""
  last = max(length - side, 0)
  count = 1 + math.ceil(last / stride)
  return [round(last * i / max(count - 1, 1)) for i in range(count)]


def _chunks(count: int) -> Iterator[range]:
  """Yields the numbers from 0 on, some at a time."""
  for start in range(0, count, _CHUNK):
    yield range(start, min(start + _CHUNK, count))
