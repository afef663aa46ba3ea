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

"""Which part of a picture a unit looks at: its receptive field.

It is computed for any network, in pictures of its own size, by the network's
structure: a pixel counts if there is a way from it to the unit, though the
weights on that way may be 0. Where a layer sees all of its input, as after a
pooling over all of it or in an attention, that is the whole picture.
"""

import functools
import threading
from typing import Any, NamedTuple, Optional, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.models import network_protocol
from magenta_viz.settings import near_names
from magenta_viz.toolbox import dependence

# Of the units and places that somebody points at.
_MOST_BOXES = 4096

_ALL_UNITS = -1


class Box(NamedTuple):
  """A part of a picture, in pixels; the ends are not inside.

  Attributes:
    top: Its first row.
    left: Its first column.
    bottom: The row after its last.
    right: The column after its last.
  """

  top: int
  left: int
  bottom: int
  right: int


class ReceptiveFields:
  """The receptive fields of a network's units.

  Threads may use it.
  """

  def __init__(self, network: network_protocol.Network):
    """Takes the network, which is traced when the first field is asked for."""
    self._network = network
    self._layers = network.layers
    self._lock = threading.Lock()
    self._traced: Any = None
    self._known = functools.lru_cache(_MOST_BOXES)(self._find)

  def box(self, layer: str, y: int, x: int, unit: Optional[int] = None) -> Box:
    """Returns the box around all pixels that count.

    Args:
      layer: Name of an end point.
      y: Row in the layer's map; 0 in a layer without places.
      x: Column, likewise.
      unit: Channel, as those of one layer may see parts of different sizes;
        None for all of them together.

    Returns:
      The box, in pixels of a picture of `image_size`; empty where no pixel
      counts.

    Raises:
      ValueError: If the network has no such layer, place or unit.
    """
    height, width, channels = self._shape(layer)
    last_unit = 0 if unit is None else unit
    if not (0 <= y < height and 0 <= x < width and 0 <= last_unit < channels):
      what = f'row {y}, column {x}'
      what += '' if unit is None else f', unit {unit}'
      raise ValueError(
        f"layer '{layer}' has no {what}: it has {height} x {width} places and"
        f' {channels} units, from 0'
      )
    return self._known(layer, y, x, _ALL_UNITS if unit is None else unit)

  def _shape(self, layer: str) -> Tuple[int, int, int]:
    """Returns height, width and channels of a layer."""
    if layer not in self._layers:
      names = list(self._layers)
      close = near_names.nearest(layer, names) or names[-3:]
      raise ValueError(
        f"unknown layer '{layer}'; take one such as {', '.join(close)}"
      )
    *sides, channels = self._layers[layer]
    height, width = sides or (1, 1)
    return height, width, channels

  def _find(self, layer: str, y: int, x: int, unit: int) -> Box:
    """Returns a box that is not known yet."""
    with self._lock:
      if self._traced is None:
        self._traced = tf.function(
          self._lines,
          input_signature=[tf.TensorSpec([4], tf.int32)],
          autograph=False,
        ).get_concrete_function()
    number = list(self._layers).index(layer)
    rows, columns = self._traced(tf.constant([number, y, x, unit], tf.int32))
    top, bottom = _ends(rows.numpy())
    left, right = _ends(columns.numpy())
    return Box(top, left, bottom, right)

  def _lines(self, place: tf.Tensor) -> Tuple[tf.Tensor, tf.Tensor]:
    """Builds which rows and which columns of a picture a place looks at.

    One trace does for all layers: of those that are not asked for nothing
    counts.

    Args:
      place: [4] int32: number of the layer, row, column and unit.
    """
    side = self._network.image_size
    images = tf.zeros([1, side, side, 3])
    end_points = self._network(images).end_points
    wanted = [
      (end_points[layer], self._mask(number, layer, place))
      for number, layer in enumerate(self._layers)
    ]
    counts = dependence.of_images(images, wanted) > 0
    return tf.reduce_any(counts, [0, 2, 3]), tf.reduce_any(counts, [0, 1, 3])

  def _mask(self, number: int, layer: str, place: tf.Tensor) -> tf.Tensor:
    """Builds the mask of a layer."""
    height, width, channels = self._shape(layer)
    units = tf.maximum(
      tf.one_hot(place[3], channels), tf.cast(place[3] < 0, tf.float32)
    )
    units *= tf.cast(place[0] == number, tf.float32)
    if len(self._layers[layer]) == 1:
      return units[None]
    rows = tf.one_hot(place[1], height)[:, None, None]
    return (rows * tf.one_hot(place[2], width)[:, None] * units)[None]


def _ends(counts: np.ndarray) -> Tuple[int, int]:
  """Returns the first of what counts and what is after the last."""
  found = np.flatnonzero(counts)
  return (int(found[0]), int(found[-1]) + 1) if len(found) else (0, 0)
