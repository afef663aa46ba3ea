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

"""A layer's maps as the page draws them: one byte a value."""

import dataclasses
from typing import Any, Dict

import numpy as np
import tensorflow as tf

# Of a layer's map on the page, at most, in pixels.
_MAX_SIDE = 256


@dataclasses.dataclass(frozen=True)
class Maps:
  """A layer's maps, for the page.

  Attributes:
    header: What they are, as JSON has it.
    levels: [channels, height, width] uint8 array, from the lowest value of the
      layer to the highest.
  """

  header: Dict[str, Any]
  levels: np.ndarray


def of_layer(found: tf.Tensor, side: int, **header: Any) -> Maps:
  """Returns a layer's maps.

  Args:
    found: [height, width, channels] tensor.
    side: Of the maps, at most; larger ones are reduced, by area.
    **header: What else is to be said of them.
  """
  found = tf.cast(found, tf.float32)
  flat = found.numpy()
  maxima, means = flat.max(axis=(0, 1)), flat.mean(axis=(0, 1))
  height, width = flat.shape[:2]
  share = min(max(side, 1), _MAX_SIDE) / max(height, width)
  if share < 1:
    size = [max(round(each * share), 1) for each in (height, width)]
    flat = tf.image.resize(found, size, 'area').numpy()
  low, high = float(flat.min()), float(flat.max())
  levels = (flat - low) * (255 / max(high - low, 1e-12)) + 0.5
  levels = levels.astype(np.uint8).transpose(2, 0, 1)
  return Maps(
    {
      **header,
      'height': levels.shape[1],
      'width': levels.shape[2],
      'channels': levels.shape[0],
      'low': low,
      'high': high,
      'maxima': [rounded(each) for each in maxima],
      'means': [rounded(each) for each in means],
    },
    np.ascontiguousarray(levels),
  )


def rounded(value: Any) -> float:
  """Returns a number with six digits that count."""
  return float(f'{float(value):.6g}')
