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

"""The finished drawings of a network: those of an atlas, then its own."""

import functools
import time
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from absl import logging
import numpy as np

from magenta_viz.models import sharing
from magenta_viz.toolbox import atlas as atlas_lib
from magenta_viz.toolbox import drawer as drawer_lib
from magenta_viz.toolbox import shelf as shelf_lib
from magenta_viz.toolbox import thumbnails

# Thumbnails that are kept, of 27 kB each: those of the four largest layers.
_NUM_THUMBNAILS = 2048

# After which thumbnails of several units are answered, in seconds.
_SECONDS_AT_ONCE = 0.3

# Of the last layers, those with a unit a class are of the classes.
_NUM_TAIL = 3


class Variation(NamedTuple):
  """One of several finished drawings of a unit or class.

  Attributes:
    shelf: That has it.
    entry: Which of its pictures it is.
  """

  shelf: shelf_lib.Shelf
  entry: shelf_lib.Entry


class Thumbnails(NamedTuple):
  """Drawings of several units or classes, small.

  Attributes:
    num_seen: Of how many of those that were asked for, the first ones.
    units: Which of these have one.
    levels: [len(units), side, side, 3] uint8 array.
  """

  num_seen: int
  units: List[int]
  levels: np.ndarray


class Stored:
  """What is finished of one network's units and classes."""

  def __init__(
    self,
    network: str,
    layers: Dict[str, Tuple[int, int, int]],
    num_classes: int,
    drawer: drawer_lib.Drawer,
    atlas: Optional[atlas_lib.Atlas],
  ):
    """Takes where drawings are.

    Args:
      network: SHA-256 of its weights.
      layers: Height, width and channels of each layer, in their order.
      num_classes: Of the network.
      drawer: That makes its own.
      atlas: Of others; None for none.
    """
    self._network = network
    self._of_classes = {
      layer
      for layer in list(layers)[-_NUM_TAIL:]
      if layers[layer][-1] == num_classes
    }
    self._drawer = drawer
    self._atlas = atlas
    self._thumbnails = sharing.Shared(_NUM_THUMBNAILS)

  def units(self, layer: str) -> Dict[int, str]:
    """Returns the units of a layer, or the classes, that have a drawing.

    Args:
      layer: Its name, or `shelf.CLASSES`.

    Returns:
      By unit, what changes when another picture comes first.
    """
    if self._atlas is not None:
      self._atlas.refresh()
    self._read_own(layer)
    found: Dict[int, str] = {}
    for shelf, name in self._places(layer):
      for unit, several in shelf.units(self._network, name).items():
        found.setdefault(unit, f'{several[0].stamp[0]:x}')
    return dict(sorted(found.items()))

  def variations(self, layer: str, number: int) -> List[Variation]:
    """Returns the drawings of a unit, or of a class."""
    return [
      Variation(shelf, entry)
      for shelf, name in self._places(layer)
      for entry in shelf.unit(self._network, name, number)
    ]

  def look(
    self, layer: str, number: int, variation: int
  ) -> drawer_lib.Progress:
    """Returns one of these drawings, or that there is none.

    Args:
      layer: Name of the unit's, or `shelf.CLASSES`.
      number: Of the unit, or the class.
      variation: Which of them; the last one, if there are fewer.
    """
    self._read_own(layer)
    while True:
      found = self.variations(layer, number)
      if not found:
        return drawer_lib.Progress(drawer_lib.MISSING)
      place = min(variation, len(found) - 1)
      shelf, entry = found[place]
      if shelf is not self._atlas:
        # Its settings must be today's, too.
        progress = self._drawer.look(entry.layer, number)
        return progress.among(place, len(found))
      try:
        picture = shelf.picture(entry)
      except shelf_lib.PassedOverError as error:
        logging.warning('passed over: %s', error)
        continue
      return drawer_lib.Progress(
        drawer_lib.DONE,
        png=picture.content,
        record=picture.record,
        command=_text(picture.record.get('command')),
        file=shelf.name(str(entry.picture)),
      ).among(place, len(found))

  def last(
    self, layer: str, number: int, progress: drawer_lib.Progress
  ) -> drawer_lib.Progress:
    """Returns a drawing that was just finished, as the last of these."""
    self._read_own(layer)
    count = max(len(self.variations(layer, number)), 1)
    return progress.among(count - 1, count)

  def thumbnails(self, layer: str, numbers: Sequence[int]) -> Thumbnails:
    """Returns the first drawing of each of some units, or classes, small.

    Large pictures take long: of the first ones alone, after a while.

    Args:
      layer: Their layer, or `shelf.CLASSES`.
      numbers: Of the units or classes, one or more.
    """
    self._read_own(layer)
    until = time.monotonic() + _SECONDS_AT_ONCE
    found: List[Optional[np.ndarray]] = []
    while len(found) < len(numbers) and (not found or time.monotonic() < until):
      found.append(self._thumbnail(layer, numbers[len(found)]))
    side = thumbnails.SIDE
    levels = [each for each in found if each is not None]
    return Thumbnails(
      len(found),
      [number for number, each in zip(numbers, found) if each is not None],
      np.array(levels, np.uint8).reshape(-1, side, side, 3),
    )

  def _thumbnail(self, layer: str, number: int) -> Optional[np.ndarray]:
    """Returns the first drawing that can be read, small; None without one."""
    for shelf, entry in self.variations(layer, number):
      try:
        small: np.ndarray = self._thumbnails.get(
          (entry.path, entry.stamp),
          functools.partial(_reduced, shelf, entry),
        )
      except shelf_lib.PassedOverError as error:
        logging.warning('passed over: %s', error)
        continue
      return small
    return None

  def _read_own(self, layer: str) -> None:
    """Learns what has been drawn here since."""
    for each in self._names(layer):
      self._drawer.shelf(each).read()

  def _names(self, layer: str) -> List[str]:
    """Returns what a layer's drawings may be of, in other words."""
    return [layer] + [shelf_lib.CLASSES] * (layer in self._of_classes)

  def _places(self, layer: str) -> List[Tuple[shelf_lib.Shelf, str]]:
    """Returns which shelves have a layer's drawings, and under which names."""
    names = self._names(layer)
    own = [(self._drawer.shelf(each), each) for each in names]
    if self._atlas is None:
      return own
    return [(self._atlas, each) for each in names] + own


def _reduced(shelf: shelf_lib.Shelf, entry: shelf_lib.Entry) -> np.ndarray:
  """Returns a picture of a shelf, small."""
  return thumbnails.reduced(shelf.picture(entry).image)


def _text(value: Any) -> Optional[str]:
  """Returns a text of a record; None for what is none."""
  return value if isinstance(value, str) else None
