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

"""The object that a saliency map points at.

The most and the least salient pixels are seeds of object and background. Their
colours make two colour models, these and the seeds a graph cut, and the
largest connected part of its object is the result.

References:
  Simonyan et al. 2013, arXiv 1312.6034, section 3.2.
"""

import math
from typing import NamedTuple, Tuple

import numpy as np
from scipy import ndimage
import tensorflow as tf

from magenta_viz.attribution import color_model
from magenta_viz.attribution import graph_cut

# Larger pictures are segmented at a smaller size of so many pixels, 173 x 231
# for example; the map itself has hardly more than 256 x 341. The cut takes half
# a second, but SciPy before 1.8 knows only a slower algorithm, whose time grows
# with the square of the number: some 3 to 16 seconds.
_MAX_PIXELS = 40_000


# A map that is even up to here has too few pixels for the colours of an object.
_SPARSE_QUANTILE = 0.99


class Box(NamedTuple):
  """A rectangle of pixels; `bottom` and `right` are the first beyond it."""

  top: int
  left: int
  bottom: int
  right: int


def segment(
  image: np.ndarray,
  saliency: np.ndarray,
  foreground_quantile: float,
  background_quantile: float,
  color_components: int,
  smoothness: float,
) -> np.ndarray:
  """Finds the object that a map points at.

  Args:
    image: [height, width, 3] float32 in [0, 1], RGB.
    saliency: [map height, map width] float32, of the picture's shape but of
      any size.
    foreground_quantile: Pixels of the map from here on are object.
    background_quantile: Pixels of the map up to here are background.
    color_components: Gaussians in each colour model.
    smoothness: Cost of a border, as for `graph_cut.divide`.

  Returns:
    [height, width] bool: one connected object.

  Raises:
    ValueError: If the map is too even for seeds.
  """
  size = working_size(*image.shape[:2])
  small = resize(image, size)
  levels = resize(saliency[..., None], size)[..., 0]
  high = np.quantile(levels, foreground_quantile)
  low = np.quantile(levels, background_quantile)
  is_object, is_background = levels >= high, levels <= low
  if high <= low < np.quantile(levels, _SPARSE_QUANTILE):
    # A map without negative parts may be above 0 in fewer pixels than wanted.
    is_object = levels > low
  elif not low < high:
    raise ValueError(
      f'the map is {high:.3g} at its quantiles {background_quantile} and'
      f' {foreground_quantile} alike, so that nothing stands out; take another'
      ' --method, --class_id or quantiles further apart'
    )
  colors = small.reshape(-1, 3).astype(np.float64)
  likelihoods = [
    color_model.fit(small[seeds], color_components).log_densities(colors)
    for seeds in (is_object, is_background)
  ]
  preference = (likelihoods[0] - likelihoods[1]).reshape(size)
  found = graph_cut.divide(
    small, preference, is_object, is_background, smoothness
  )
  largest = _largest_component(found).astype(np.float32)
  return resize(largest[..., None], image.shape[:2])[..., 0] >= 0.5


def bounding_box(mask: np.ndarray) -> Box:
  """Returns the smallest box around a mask that is not empty."""
  rows = np.flatnonzero(mask.any(axis=1))
  columns = np.flatnonzero(mask.any(axis=0))
  return Box(
    int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1
  )


def resize(image: np.ndarray, size: Tuple[int, int]) -> np.ndarray:
  """Returns a picture of any number of channels in another size."""
  if image.shape[:2] == size:
    return image
  return tf.image.resize(image, size, antialias=True).numpy()


def working_size(height: int, width: int) -> Tuple[int, int]:
  """Returns the size at which a picture is segmented: bounded, not enlarged."""
  scale = min(1.0, math.sqrt(_MAX_PIXELS / (height * width)))
  return max(1, round(height * scale)), max(1, round(width * scale))


def _largest_component(mask: np.ndarray) -> np.ndarray:
  """Returns the largest part of a mask whose pixels share edges."""
  labels, _ = ndimage.label(mask)
  sizes = np.bincount(labels.ravel())
  sizes[0] = 0
  return labels == sizes.argmax()
