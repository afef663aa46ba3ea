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

"""What the toolbox answers, as plain Python: no server, no page.

A session has networks and pictures; all else is in the question: which network,
layer, unit, picture. So every view has an address, and two pages may look at
one session.
"""

import dataclasses
import functools
from pathlib import Path
import time
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz import version
from magenta_viz.models import imagenet_classes
from magenta_viz.models import sharing
from magenta_viz.toolbox import backward as backward_lib
from magenta_viz.toolbox import drawer as drawer_lib
from magenta_viz.toolbox import looking
from magenta_viz.toolbox import pictures as pictures_lib
from magenta_viz.toolbox import receptive_fields
from magenta_viz.toolbox import turns as turns_lib
from magenta_viz.visualization import networks as networks_lib

# Pictures whose layers are kept, of some 20 MB each in GoogLeNet.
_NUM_SEEN = 4

_NUM_CLASSES = 5
_NUM_CORRELATIONS = 8
_NUM_BINS = 24

# A unit that fewer of the pictures wake is rarely awake. Of fewer pictures than
# these, most units that sleep are no dead ones.
_RARE = 0.01
_FEWEST_PICTURES = 25

# Of a layer's map on the page, at most, in pixels.
_MAX_SIDE = 256

# Units that may be switched off at a time.
_MAX_OFF = 64


@dataclasses.dataclass(frozen=True)
class Maps:
  """A layer's maps, for the page.

  Attributes:
    header: What they are, as JSON has it.
    levels: [channels, height, width] uint8 array.
  """

  header: Dict[str, Any]
  levels: np.ndarray


class Activity:
  """How many of the pictures that were looked at woke each unit of a layer.

  Attributes:
    num_pictures: That were looked at.
    num_awake: [channels] int array, of which a unit was above 0 somewhere.
  """

  def __init__(self, num_channels: int):
    """Nothing was looked at."""
    self.num_pictures = 0
    self.num_awake = np.zeros(num_channels, int)

  def count(self, maxima: np.ndarray) -> None:
    """Counts a picture with the [channels] maxima of its maps."""
    self.num_pictures += 1
    self.num_awake += maxima > 0


class View:
  """One of the session's networks, and what looks with it."""

  def __init__(
    self, networks: networks_lib.Networks, folder: Path, turns: turns_lib.Turns
  ):
    """Takes a network alone.

    Args:
      networks: The network.
      folder: Of its finished drawings.
      turns: Who computes when.
    """
    self.network = networks.first
    self.name = networks.members[0].name
    self.look = looking.Looker(self.network)
    self.backward = backward_lib.Backward(self.network)
    self.fields = receptive_fields.ReceptiveFields(self.network)
    self.drawer = drawer_lib.Drawer(networks, folder, turns)
    self.seen = sharing.Shared(_NUM_SEEN)
    self.activity: Dict[str, Activity] = {}
    self._member = networks.members[0]

  def describe(self) -> Dict[str, Any]:
    """Returns which network it is, for records."""
    return self._member.describe()

  @functools.cached_property
  def layers(self) -> Dict[str, Tuple[int, int, int]]:
    """Height, width and channels of each layer, in the order of computing."""
    side = self.network.image_size
    found = self.look(np.zeros((side, side, 3), np.float32)).layers
    shapes = {name: map(int, each.shape) for name, each in found.items()}
    return {name: (h, w, c) for name, (h, w, c) in shapes.items()}


class Session:
  """Networks and pictures, and what can be asked of them."""

  def __init__(
    self,
    networks: Sequence[networks_lib.Networks],
    photos: Sequence[Path] = (),
    cache_dir: Optional[Path] = None,
  ):
    """Takes what is looked at, and with what.

    Args:
      networks: One or more, each alone.
      photos: The user's photographs.
      cache_dir: Of finished drawings.
    """
    self.turns = turns_lib.Turns()
    self.pictures = pictures_lib.Pictures(photos)
    cache = cache_dir or Path('toolbox')
    self.views = [
      View(
        each,
        cache / f'{each.members[0].name}-{each.members[0].source.sha256[:12]}',
        self.turns,
      )
      for each in networks
    ]

  def start(self) -> Dict[str, Any]:
    """Returns what the page must know at first."""
    with self.turns.at_once():
      networks = [
        {
          'name': view.name,
          'image_size': view.network.image_size,
          'classes': list(map(imagenet_classes.short_name, _names(view))),
          'layers': [
            {'name': name, 'height': h, 'width': w, 'channels': c}
            for name, (h, w, c) in view.layers.items()
          ],
        }
        for view in self.views
      ]
    return {
      'networks': networks,
      'photos': self.pictures.photos,
      'has_index': False,
      'has_atlas': False,
      'version': version.__version__,
    }

  def warm_up(self) -> None:
    """Traces what takes seconds, for the first unit not to wait for it."""
    for view in self.views:
      view.fields.box(next(iter(view.layers)), 0, 0)

  def picture(self, network: int, picture: str) -> np.ndarray:
    """Returns what a network sees of a picture, [side, side, 3] in [0, 1]."""
    return self.pictures.square(picture, self._view(network).network.image_size)

  def frame(
    self,
    network: int,
    layer: str,
    content: bytes,
    side: int,
    off: Sequence[looking.Unit] = (),
  ) -> Maps:
    """Returns a layer's maps of a camera's frame, which is not kept."""
    view = self._view(network)
    image = pictures_lib.decode(content, 'the frame')
    began = time.perf_counter()
    with self.turns.at_once():
      square = pictures_lib.square(image, view.network.image_size)
      seen = view.look(square, self._checked(view, off))
      return self._maps(view, seen, layer, side, began, off)

  def maps(
    self,
    network: int,
    layer: str,
    picture: str,
    side: int,
    off: Sequence[looking.Unit] = (),
  ) -> Maps:
    """Returns a layer's maps of a picture.

    Args:
      network: Its number.
      layer: Name of an end point.
      picture: An id.
      side: Of the maps, at most; larger ones are reduced.
      off: Units that are switched off.

    Raises:
      KeyError: If there is no such network, layer, unit or picture.
      ValueError, OSError: If a photograph cannot be read.
    """
    view = self._view(network)
    began = time.perf_counter()
    with self.turns.at_once():
      seen = self._seen(view, network, picture, off)
      return self._maps(view, seen, layer, side, began, off)

  def unit(
    self,
    network: int,
    layer: str,
    channel: int,
    picture: str,
    position: Optional[Tuple[int, int]] = None,
    off: Sequence[looking.Unit] = (),
  ) -> Dict[str, Any]:
    """Returns what there is to know of a unit on a picture."""
    view = self._view(network)
    self._check_unit(view, layer, channel)
    with self.turns.at_once():
      found = self._seen(view, network, picture, off).map(layer)
    one = found[..., channel]
    if position is None:
      position = divmod(int(one.argmax()), one.shape[1])
    row, column = self._checked_position(one, position)
    counts, edges = np.histogram(one, _NUM_BINS)
    return {
      'maximum': _rounded(one.max()),
      'mean': _rounded(one.mean()),
      'position': [row, column],
      'value': _rounded(one[row, column]),
      'receptive_field': self.field(network, layer, channel, (row, column)),
      'map': [[_rounded(each) for each in line] for line in one],
      'histogram': {
        'edges': [_rounded(each) for each in edges],
        'counts': counts.tolist(),
      },
      'correlations': _correlations(found, channel),
    }

  def field(
    self, network: int, layer: str, channel: int, position: Tuple[int, int]
  ) -> Dict[str, float]:
    """Returns the box that a place of a map looks at, in shares of the sides.

    Raises:
      KeyError: If there is no such network, layer, unit or place.
    """
    view = self._view(network)
    height, width, _ = self._check_unit(view, layer, channel)
    self._checked_position(np.empty((height, width)), position)
    with self.turns.at_once():
      box = view.fields.box(layer, *position, channel)
    side = view.network.image_size
    return {name: end / side for name, end in box._asdict().items()}

  def backward(
    self,
    network: int,
    layer: str,
    channel: int,
    picture: str,
    rule: str = 'plain',
    show: str = 'raw',
    position: Optional[Tuple[int, int]] = None,
  ) -> np.ndarray:
    """Returns what of a picture excites a unit, [side, side, 3] in [0, 1].

    Args:
      network: Its number.
      layer: Name of an end point.
      channel: Of it.
      picture: An id.
      rule: One of `backward.RULES`.
      show: One of `backward.SHOWN`.
      position: Of the map, row and column, to go backward from alone.

    Raises:
      KeyError, ValueError, OSError: As of `maps`.
      FloatingPointError: If a value is not finite.
    """
    view = self._view(network)
    height, width, _ = self._check_unit(view, layer, channel)
    if position is not None:
      self._checked_position(np.empty((height, width)), position)
    image = self.picture(network, picture)
    with self.turns.at_once():
      found = view.backward(image, layer, channel, rule, position)
    return backward_lib.shown(found, show)

  def drawing(
    self,
    network: int,
    layer: str = '',
    channel: int = 0,
    class_id: Optional[int] = None,
    after: int = 0,
    seconds: float = 2.0,
    stored: bool = False,
  ) -> drawer_lib.Progress:
    """Returns how far the drawing of a unit, or of a class, is.

    Args:
      network: Its number.
      layer: Name of an end point.
      channel: Of it.
      class_id: A class, in place of a unit.
      after: Steps that are known.
      seconds: To wait at most for more.
      stored: Whether to look for a finished one alone.

    Raises:
      KeyError: If there is no such network, layer or unit.
      ValueError: If there is no such class.
    """
    view = self._view(network)
    objective = None
    if class_id is None:
      self._check_unit(view, layer, channel)
      objective = view.drawer.of_unit(layer, channel)
    if stored:
      return view.drawer.look(objective, class_id)
    for other in self.views:
      if other is not view:
        other.drawer.cancel()
    return view.drawer.watch(objective, class_id, after, seconds)

  def dead(self, network: int, layer: str) -> Dict[str, Any]:
    """Returns the units of a layer that nothing woke, and those rarely awake.

    Of the pictures and frames on whose maps of this layer somebody looked; none
    before these were 25.
    """
    view = self._view(network)
    shape = self._check_unit(view, layer, 0)
    found = view.activity.get(layer, Activity(shape[-1]))
    is_told = found.num_pictures >= _FEWEST_PICTURES
    is_dead = (found.num_awake == 0) & is_told
    is_rare = found.num_awake < _RARE * found.num_pictures
    return {
      'dead': np.flatnonzero(is_dead).tolist(),
      'rare': np.flatnonzero(is_rare & is_told & ~is_dead).tolist(),
      'num_pictures': found.num_pictures,
    }

  def cancel(self) -> None:
    """Ends what is being drawn."""
    for view in self.views:
      view.drawer.cancel()

  def stored(self, network: int, layer: str) -> List[int]:
    """Returns the units of a layer that have a finished drawing."""
    view = self._view(network)
    self._check_unit(view, layer, 0)
    return view.drawer.stored(layer)

  def _view(self, network: int) -> View:
    """Returns one of the networks."""
    if not 0 <= network < len(self.views):
      raise KeyError(
        f'there is no network {network}; take 0 to {len(self.views) - 1}'
      )
    return self.views[network]

  def _seen(
    self,
    view: View,
    network: int,
    picture: str,
    off: Sequence[looking.Unit],
  ) -> looking.Seen:
    """Returns what a network makes of a picture, looked at once."""
    units = self._checked(view, off)

    def look() -> looking.Seen:
      return view.look(self.picture(network, picture), units)

    found: looking.Seen = view.seen.get((picture, units), look)
    return found

  def _checked(
    self, view: View, off: Sequence[looking.Unit]
  ) -> Tuple[looking.Unit, ...]:
    """Returns units that are switched off, in order."""
    if len(off) > _MAX_OFF:
      raise ValueError(f'{len(off)} units are off; take {_MAX_OFF} at most')
    for each in off:
      self._check_unit(view, *each)
    return tuple(sorted(set(off)))

  def _check_unit(
    self, view: View, layer: str, channel: int
  ) -> Tuple[int, int, int]:
    """Returns the shape of a unit's layer."""
    if layer not in view.layers:
      raise KeyError(f"{view.name} has no layer '{layer[:80]}'")
    shape = view.layers[layer]
    if not 0 <= channel < shape[-1]:
      raise KeyError(
        f"the layer '{layer}' has no unit {channel}; take 0 to {shape[-1] - 1}"
      )
    return shape

  def _checked_position(
    self, one: np.ndarray, position: Tuple[int, int]
  ) -> Tuple[int, int]:
    """Returns a position in a map."""
    if not all(0 <= at < side for at, side in zip(position, one.shape)):
      raise KeyError(
        f'there is no position {position} in a map of {one.shape[0]} x'
        f' {one.shape[1]}'
      )
    return position

  def _maps(
    self,
    view: View,
    seen: looking.Seen,
    layer: str,
    side: int,
    began: float,
    off: Sequence[looking.Unit],
  ) -> Maps:
    """Returns a layer's maps for the page."""
    self._check_unit(view, layer, 0)
    found = tf.cast(seen.layers[layer], tf.float32)
    flat = found.numpy()
    maxima, means = flat.max(axis=(0, 1)), flat.mean(axis=(0, 1))
    height, width = flat.shape[:2]
    if not off:
      view.activity.setdefault(layer, Activity(len(maxima))).count(maxima)
    share = min(max(side, 1), _MAX_SIDE) / max(height, width)
    if share < 1:
      size = [max(round(each * share), 1) for each in (height, width)]
      flat = tf.image.resize(found, size, 'area').numpy()
    low, high = float(flat.min()), float(flat.max())
    levels = (flat - low) * (255 / max(high - low, 1e-12)) + 0.5
    levels = levels.astype(np.uint8).transpose(2, 0, 1)
    names = view.network.class_names
    header = {
      'layer': layer,
      'height': levels.shape[1],
      'width': levels.shape[2],
      'channels': levels.shape[0],
      'low': low,
      'high': high,
      'maxima': [_rounded(each) for each in maxima],
      'means': [_rounded(each) for each in means],
      'top': [
        [each, imagenet_classes.short_name(names[each]), round(probability, 4)]
        for each, probability in seen.top(_NUM_CLASSES)
      ],
      'seconds': round(time.perf_counter() - began, 4),
    }
    return Maps(header, np.ascontiguousarray(levels))


def _names(view: View) -> Sequence[str]:
  """Returns the names of a network's classes."""
  return view.network.class_names


def _rounded(value: Any) -> float:
  """Returns a number with six digits that count."""
  return float(f'{float(value):.6g}')


def _correlations(found: np.ndarray, channel: int) -> List[List[Any]]:
  """Returns the units of a layer whose maps go most with one's.

  Args:
    found: [height, width, channels] float32 array.
    channel: The one.

  Returns:
    Channels and Pearson's r, the strongest of either sign first.
  """
  flat = found.reshape(-1, found.shape[-1]).astype(np.float64)
  flat = flat - flat.mean(axis=0)
  lengths = np.sqrt((flat**2).sum(axis=0))
  products = flat.T @ flat[:, channel]
  scale = lengths * lengths[channel]
  r = np.divide(products, scale, out=np.zeros_like(products), where=scale > 0)
  r[channel] = 0
  order = np.argsort(-np.abs(r), kind='stable')[:_NUM_CORRELATIONS]
  return [[int(each), round(float(r[each]), 4)] for each in order if r[each]]
