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

"""The crops of the user's photographs that excite a unit most, and least.

A crop is what the unit sees where it is excited, its receptive field there; and
beside it what of it does that, by going backward from that one position.
"""

from pathlib import Path
from typing import Any, Dict, List, Sequence

import numpy as np

from magenta_viz.toolbox import backward as backward_lib
from magenta_viz.toolbox import excitations
from magenta_viz.toolbox import photographs
from magenta_viz.toolbox import pictures
from magenta_viz.toolbox import receptive_fields

ENDS = ('highest', 'lowest')

# As it is, or what of it excites the unit.
SHOWN = ('crop', 'deconvnet', 'guided')


class ExcitedCrops:
  """The crops that an index knows of."""

  def __init__(
    self,
    index: excitations.Index,
    photos: Sequence[Path],
    fields: receptive_fields.ReceptiveFields,
    backward: backward_lib.Backward,
    side: int,
  ):
    """Takes what the crops are made of.

    Args:
      index: Of the photographs, for the network.
      photos: Their files, in the order of the index.
      fields: The network's.
      backward: Goes backward in the network.
      side: Height and width of what the network sees, in pixels.
    """
    self._index = index
    self._photos = tuple(map(photographs.Photograph, photos))
    self._fields = fields
    self._backward = backward
    self._side = side

  def describe(self, layer: str, unit: int) -> Dict[str, List[Dict[str, Any]]]:
    """Returns the crops of a unit at both ends, the first one first.

    Returns:
      By end; of each the number and name of the photograph, the unit's value
      and position there, and the box as shares of the picture's sides.

    Raises:
      ValueError: If there is no such layer or unit.
    """
    return {
      end: [
        self._describe(layer, unit, each)
        for each in self._end(layer, unit, end)
      ]
      for end in ENDS
    }

  def crop(
    self, layer: str, unit: int, end: str, rank: int, show: str = 'crop'
  ) -> np.ndarray:
    """Returns one of the crops.

    Args:
      layer: Name of a layer.
      unit: Of it.
      end: One of `ENDS`.
      rank: Which one, from 0.
      show: One of `SHOWN`.

    Returns:
      [height, width, 3] float32 array in [0, 1].

    Raises:
      ValueError: If there is no such thing, or the photograph cannot be read
        any more.
      FloatingPointError: If what goes backward is not finite.
    """
    if end not in ENDS or show not in SHOWN:
      raise ValueError(
        f"end is '{end}' and show '{show}'; take one of {', '.join(ENDS)} and"
        f' one of {", ".join(SHOWN)}'
      )
    found = self._end(layer, unit, end)
    if not 0 <= rank < len(found):
      raise ValueError(f'rank is {rank}; take 0 to {len(found) - 1}')
    best = found[rank]
    image = pictures.square(self._photos[best.photo].read(), self._side)
    if show != 'crop':
      position = best.y, best.x
      image = self._backward(image, layer, unit, show, position)
    box = self._fields.box(layer, best.y, best.x, unit)
    cut = image[box.top : box.bottom, box.left : box.right]
    return cut if show == 'crop' else backward_lib.shown(cut, 'raw')

  def _end(
    self, layer: str, unit: int, end: str
  ) -> List[excitations.Excitation]:
    """Returns what excites a unit at one end."""
    index = self._index
    return (index.highest if end == 'highest' else index.lowest)(layer, unit)

  def _describe(
    self, layer: str, unit: int, found: excitations.Excitation
  ) -> Dict[str, Any]:
    """Returns what to know of a crop."""
    box = self._fields.box(layer, found.y, found.x, unit)
    shares = {n: each / self._side for n, each in box._asdict().items()}
    return {
      'photo': found.photo,
      'name': self._photos[found.photo].name,
      'value': found.value,
      'position': [found.y, found.x],
      'box': shares,
    }
