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

"""What units and classes want to see: being drawn, finished, and in small."""

from typing import Callable, Dict, Optional, Sequence, Tuple

from magenta_viz.toolbox import drawer as drawer_lib
from magenta_viz.toolbox import shelf as shelf_lib
from magenta_viz.toolbox import stored as stored_lib
from magenta_viz.toolbox import view as view_lib

# That may be asked for at a time.
_MAX_THUMBNAILS = 64


class Drawings:
  """The drawings of a session, one of which is in the making at a time."""

  def __init__(
    self,
    views: Sequence[view_lib.View],
    find: Callable[[int], view_lib.View],
  ):
    """Takes the networks.

    Args:
      views: All of them.
      find: Returns one by its number, or raises KeyError.
    """
    self._views = views
    self._find = find

  def watch(
    self,
    network: int,
    layer: str = shelf_lib.CLASSES,
    channel: int = 0,
    class_id: Optional[int] = None,
    after: Optional[int] = None,
    seconds: float = 2.0,
  ) -> drawer_lib.Progress:
    """Returns how far the drawing of a unit, or of a class, is.

    Args:
      network: Its number.
      layer: Name of an end point.
      channel: Of it.
      class_id: A class, in place of a unit.
      after: Steps that are known; None to have it drawn if nobody did.
      seconds: To wait at most for more.

    Raises:
      KeyError: If there is no such network, layer or unit.
      ValueError: If there is no such class.
    """
    view, subject = self._subject(network, layer, channel, class_id)
    if after is None:
      for other in self._views:
        if other is not view:
          other.drawer.cancel()
    found = view.drawer.watch(*subject, after, seconds)
    if found.state != drawer_lib.DONE:
      return found
    return view.stored.last(*subject, found)

  def finished(
    self,
    network: int,
    layer: str = shelf_lib.CLASSES,
    channel: int = 0,
    class_id: Optional[int] = None,
    variation: int = 0,
  ) -> drawer_lib.Progress:
    """Returns a finished drawing of a unit, or of a class, if there is one.

    Args:
      network: As of `watch`.
      layer: Likewise.
      channel: Likewise.
      class_id: Likewise.
      variation: Which of several; the last one, if there are fewer.

    Raises:
      KeyError, ValueError: As of `watch`.
    """
    view, subject = self._subject(network, layer, channel, class_id)
    return view.stored.look(*subject, variation)

  def stored(
    self, network: int, layer: str = shelf_lib.CLASSES
  ) -> Dict[int, str]:
    """Returns the units of a layer, or classes, that have a finished drawing.

    Args:
      network: Its number.
      layer: Name of an end point, or `shelf.CLASSES`.

    Returns:
      By unit, what changes when another drawing comes first.

    Raises:
      KeyError: If there is no such network or layer.
    """
    view = self._find(network)
    if layer != shelf_lib.CLASSES:
      view.check_unit(layer, 0)
    return view.stored.units(layer)

  def thumbnails(
    self, network: int, layer: str, numbers: Sequence[int]
  ) -> stored_lib.Thumbnails:
    """Returns the first drawings of some units, or classes, in small.

    Args:
      network: Its number.
      layer: Name of an end point, or `shelf.CLASSES`.
      numbers: Of units, or classes, one or more.

    Raises:
      KeyError: If there is no such network, layer or unit.
      ValueError: If there is no such class, or they are too many.
    """
    if len(numbers) > _MAX_THUMBNAILS:
      raise ValueError(
        f'{len(numbers)} thumbnails are too many; take {_MAX_THUMBNAILS} at'
        ' most'
      )
    view = self._find(network)
    for each in numbers:
      _check(view, layer, each)
    return view.stored.thumbnails(layer, numbers)

  def cancel(self) -> None:
    """Ends what is being drawn."""
    for view in self._views:
      view.drawer.cancel()

  def _subject(
    self, network: int, layer: str, channel: int, class_id: Optional[int]
  ) -> Tuple[view_lib.View, Tuple[str, int]]:
    """Returns the network, and the layer and number of what is drawn."""
    view = self._find(network)
    if class_id is not None:
      layer, channel = shelf_lib.CLASSES, class_id
    _check(view, layer, channel)
    return view, (layer, channel)


def _check(view: view_lib.View, layer: str, number: int) -> None:
  """Checks that there is a unit, or a class."""
  if layer != shelf_lib.CLASSES:
    view.check_unit(layer, number)
    return
  count = len(view.network.class_names)
  if not 0 <= number < count:
    raise ValueError(
      f'there is no class {number}; take 0 to {count - 1}'
      if count
      else f'{view.name} has no classes; take a layer and a unit'
    )
