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

"""Pictures of a saliency map, and of what was found by it."""

import numpy as np
from scipy import ndimage

from magenta_viz.attribution import segmentation

# Smilkov et al. 2017 (arXiv 1706.03825, section 2.2) cap maps at this quantile,
# for single pixels not to leave the rest dark.
_WHITE_QUANTILE = 0.99

# In shares of the map's shorter side: about the grain of the ImageNet
# networks' middle layers.
_BLUR = 0.02

_HOT = np.array([1.0, 0.1, 0.0], np.float32)
_HOTTEST = np.array([1.0, 1.0, 0.2], np.float32)
_BOX_COLOR = np.array([1.0, 0.1, 0.1], np.float32)
# Lets the photograph show through.
_OPACITY = 0.8
# In shares of the photograph's longer side.
_LINE_WIDTH = 1 / 200


def normalize(saliency: np.ndarray) -> np.ndarray:
  """Returns a map between 0 and 1, which stands for its 99 % quantile.

  Args:
    saliency: [height, width] float32, not negative and not all 0.
  """
  white = np.quantile(saliency, _WHITE_QUANTILE)
  # A map of few bright pixels alone.
  if not white > 0:
    white = saliency.max()
  return np.clip(saliency / white, 0, 1).astype(np.float32)


def overlay(image: np.ndarray, levels: np.ndarray) -> np.ndarray:
  """Lays a map over a photograph in grey: red where it is high, then yellow.

  The map is blurred, so that areas show instead of its grain.

  Args:
    image: [height, width, 3] float32 in [0, 1], RGB.
    levels: [height, width] float32 in [0, 1].

  Returns:
    [height, width, 3] float32 in [0, 1], RGB.
  """
  grey = image.mean(axis=2, dtype=np.float32)
  # A blur of a large photograph's size would take many seconds.
  small = segmentation.resize(
    levels[..., None], segmentation.working_size(*levels.shape)
  )[..., 0]
  blurred = ndimage.gaussian_filter(small, _BLUR * min(small.shape))
  heat = segmentation.resize(normalize(blurred)[..., None], levels.shape)
  result = np.empty(image.shape, np.float32)
  # Channel by channel, which saves memory at large photographs.
  for channel, (hot, hottest) in enumerate(zip(_HOT, _HOTTEST)):
    color = hot + (hottest - hot) * heat[..., 0]
    result[..., channel] = grey + _OPACITY * heat[..., 0] * (color - grey)
  return result


def draw_box(image: np.ndarray, box: segmentation.Box) -> np.ndarray:
  """Returns a photograph with a box; its lines run inside the box."""
  result = image.copy()
  width = max(2, round(max(image.shape[:2]) * _LINE_WIDTH))
  top, left, bottom, right = box
  rows, columns = slice(top, bottom), slice(left, right)
  result[top : min(top + width, bottom), columns] = _BOX_COLOR
  result[max(bottom - width, top) : bottom, columns] = _BOX_COLOR
  result[rows, left : min(left + width, right)] = _BOX_COLOR
  result[rows, max(right - width, left) : right] = _BOX_COLOR
  return result


def to_grey(levels: np.ndarray) -> np.ndarray:
  """Returns a map or a mask, [height, width], as a picture in grey."""
  return np.repeat(levels.astype(np.float32)[..., None], 3, axis=2)
