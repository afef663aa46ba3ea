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

"""The cheapest division of a picture into object and background.

References:
  Boykov and Jolly 2001, Interactive graph cuts for optimal boundary and region
  segmentation of objects in N-D images.
"""

from typing import Iterator, List, Tuple

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

# SciPy's flows are whole numbers of 32 bits. This is the part of a nat that
# counts, and no pixel is surer of its side than the limit, so that sums at a
# pixel stay far below 2**31.
_UNITS_PER_NAT = 100
_MAX_NATS = 1000.0

# A pixel and one half of its eight neighbours; the other half has it.
_NEIGHBOURS = ((0, 1), (1, 0), (1, 1), (1, -1))


def divide(
  image: np.ndarray,
  preference: np.ndarray,
  is_object: np.ndarray,
  is_background: np.ndarray,
  smoothness: float,
) -> np.ndarray:
  """Divides a picture where that costs least.

  A pixel on the side that it does not prefer costs its preference. Neighbours
  on both sides of the border cost
  smoothness * exp(-d^2 / (2 * mean d^2)) / distance, with d the difference of
  their colours, and its mean square over the picture.

  Args:
    image: [height, width, 3] float, RGB.
    preference: [height, width] float, in nats: what it costs to call a pixel
      background, less what it costs to call it object.
    is_object: [height, width] bool, pixels that are known to be object.
    is_background: [height, width] bool, pixels that are known not to be.
    smoothness: Cost of a border, in nats; at most 1000.

  Returns:
    [height, width] bool: the object.
  """
  height, width = preference.shape
  num_pixels = height * width
  first, second, costs = _borders(image, smoothness)
  # What all eight borders of a pixel cost, so more than it can ever save.
  hard = 8 * smoothness + 1
  nats = np.clip(preference, -_MAX_NATS, _MAX_NATS)
  nats = np.where(is_object, hard, np.where(is_background, -hard, nats)).ravel()
  pixels = np.arange(num_pixels)
  source, sink = num_pixels, num_pixels + 1
  starts = [first, second, np.full(num_pixels, source), pixels]
  ends = [second, first, pixels, np.full(num_pixels, sink)]
  # A flow from source to sink through one pixel alone divides nothing, so that
  # the lesser of its two costs is left out.
  capacities = [costs, costs, np.maximum(nats, 0), np.maximum(-nats, 0)]
  whole = np.rint(_UNITS_PER_NAT * np.concatenate(capacities))
  graph = sparse.csr_matrix(
    (whole.astype(np.int32), (np.concatenate(starts), np.concatenate(ends))),
    shape=(num_pixels + 2, num_pixels + 2),
  )
  graph.eliminate_zeros()
  result = csgraph.maximum_flow(graph, source, sink)
  # SciPy called the flow residual up to 1.8.
  flow = result.flow if hasattr(result, 'flow') else result.residual
  left = graph - flow
  left.eliminate_zeros()
  reached = csgraph.breadth_first_order(left, source, return_predecessors=False)
  mask = np.zeros(num_pixels + 2, bool)
  mask[reached] = True
  return mask[:num_pixels].reshape(height, width)


def _borders(
  image: np.ndarray, smoothness: float
) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
  """Returns all pairs of neighbours, and what a border between them costs."""
  height, width = image.shape[:2]
  pixels = np.arange(height * width).reshape(height, width)
  colors = image.reshape(-1, image.shape[2]).astype(np.float64)
  firsts: List[np.ndarray] = []
  seconds: List[np.ndarray] = []
  distances: List[np.ndarray] = []
  for first, second, distance in _pairs(pixels):
    firsts.append(first)
    seconds.append(second)
    distances.append(np.full(len(first), distance))
  first, second = np.concatenate(firsts), np.concatenate(seconds)
  squares = np.sum((colors[first] - colors[second]) ** 2, axis=1)
  mean = squares.mean()
  costs = np.full(len(squares), float(smoothness))
  # A picture of one colour has no better border than another.
  if mean > 0:
    costs *= np.exp(-squares / (2 * mean))
  return first, second, costs / np.concatenate(distances)


def _pairs(
  pixels: np.ndarray,
) -> Iterator[Tuple[np.ndarray, np.ndarray, float]]:
  """Yields pairs of neighbours, direction by direction, and their distance."""
  height, width = pixels.shape
  for down, right in _NEIGHBOURS:
    rows = slice(0, height - down), slice(down, height)
    columns = slice(max(0, -right), width - max(0, right))
    shifted = slice(max(0, right), width + min(0, right))
    first = pixels[rows[0], columns].ravel()
    yield first, pixels[rows[1], shifted].ravel(), float(np.hypot(down, right))
