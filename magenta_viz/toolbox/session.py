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

import copy
from pathlib import Path
import time
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np

from magenta_viz import version
from magenta_viz.attribution import looking
from magenta_viz.models import imagenet_classes
from magenta_viz.toolbox import atlas as atlas_lib
from magenta_viz.toolbox import backward as backward_lib
from magenta_viz.toolbox import config as toolbox_config
from magenta_viz.toolbox import drawings as drawings_lib
from magenta_viz.toolbox import excitations
from magenta_viz.toolbox import excited_crops
from magenta_viz.toolbox import maps as maps_lib
from magenta_viz.toolbox import pictures as pictures_lib
from magenta_viz.toolbox import trained_steps
from magenta_viz.toolbox import turns as turns_lib
from magenta_viz.toolbox import view as view_lib
from magenta_viz.visualization import networks as networks_lib

_NUM_CLASSES = 5
_NUM_CORRELATIONS = 8
_NUM_BINS = 24

# A unit that fewer of the pictures wake is rarely awake. Of fewer pictures than
# these, most units that sleep are no dead ones.
_RARE = 0.01
_FEWEST_PICTURES = 25

# Units that may be switched off at a time.
_MAX_OFF = 64


class Session:
  """Networks and pictures, and what can be asked of them.

  Attributes:
    atlas: Of finished drawings; None for none.
  """

  def __init__(
    self,
    networks: Sequence[networks_lib.Networks],
    photos: Sequence[Path] = (),
    cache_dir: Path = Path(toolbox_config.ToolboxConfig.cache_dir),
    indices: Sequence[Optional[excitations.Index]] = (),
    moving: Sequence[Path] = (),
    atlas: Optional[atlas_lib.Atlas] = None,
  ):
    """Takes what is looked at, and with what.

    Args:
      networks: One or more, each alone.
      photos: The user's photographs.
      cache_dir: Of finished drawings, and of indices.
      indices: Of the photographs, a network each; None where there is none.
      moving: The user's films and animated pictures.
      atlas: Of finished drawings, which begins to be read; None for none.
    """
    self.turns = turns_lib.Turns()
    self.pictures = pictures_lib.Pictures(photos, moving)
    self._trained = [
      trained_steps.TrainedSteps(
        each, cache_dir, self.turns, photos, index, atlas
      )
      for each, index in zip(networks, indices or [None] * len(networks))
    ]
    self.views = [each.first for each in self._trained]
    self.atlas = atlas
    if atlas is not None:
      atlas.begin({view.sha256: view.name for view in self.views})

  @property
  def drawings(self) -> drawings_lib.Drawings:
    """What the networks' units and classes want to see."""
    return drawings_lib.Drawings(self._looking, self._view)

  def at(self, network: int, step: int) -> 'Session':
    """Returns the session in which a network is as at a step of its training.

    All else is the same, and shared.

    Raises:
      KeyError: If there is no such network, or no checkpoint of the step.
    """
    self._view(network)
    found = copy.copy(self)
    found.views = list(self.views)
    found.views[network] = self._trained[network].view(step)
    return found

  def steps(self, network: int) -> List[int]:
    """Returns the steps of a network's training that can be looked at now."""
    self._view(network)
    return self._trained[network].steps()

  def start(self) -> Dict[str, Any]:
    """Returns what the page must know at first."""
    with self.turns.at_once():
      networks = [
        {**view.offer(), 'steps': trained.steps(), 'step': view.step}
        for view, trained in zip(self.views, self._trained)
      ]
    return {
      'networks': networks,
      'photos': self.pictures.photos,
      'films': self.pictures.films,
      'has_index': any(view.index is not None for view in self.views),
      'has_atlas': self.atlas is not None,
      'version': version.__version__,
    }

  def warm_up(self) -> None:
    """Traces what takes seconds, for the first unit not to wait for it."""
    for view in self.views:
      view.fields.box(next(iter(view.layers)), 0, 0)

  def picture(
    self, network: int, picture: str, fit: str = 'crop'
  ) -> np.ndarray:
    """Returns what a network sees of a picture, [side, side, 3] in [0, 1]."""
    side = self._view(network).network.image_size
    return self.pictures.square(picture, side, fit)

  def frame(
    self,
    network: int,
    layer: str,
    content: bytes,
    side: int,
    off: Sequence[looking.Unit] = (),
  ) -> maps_lib.Maps:
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
    fit: str = 'crop',
  ) -> maps_lib.Maps:
    """Returns a layer's maps of a picture.

    Args:
      network: Its number.
      layer: Name of an end point.
      picture: An id.
      side: Of the maps, at most; larger ones are reduced.
      off: Units that are switched off.
      fit: How the picture becomes a square, one of `pictures.FITS`.

    Raises:
      KeyError: If there is no such network, layer, unit or picture.
      ValueError, OSError: If a photograph cannot be read.
    """
    view = self._view(network)
    began = time.perf_counter()
    with self.turns.at_once():
      seen = self._seen(view, network, picture, off, fit)
      return self._maps(view, seen, layer, side, began, off)

  def unit(
    self,
    network: int,
    layer: str,
    channel: int,
    picture: str,
    position: Optional[Tuple[int, int]] = None,
    off: Sequence[looking.Unit] = (),
    fit: str = 'crop',
  ) -> Dict[str, Any]:
    """Returns what there is to know of a unit on a picture."""
    view = self._view(network)
    self._check_unit(view, layer, channel)
    with self.turns.at_once():
      found = self._seen(view, network, picture, off, fit).map(layer)
    one = found[..., channel]
    if position is None:
      position = divmod(int(one.argmax()), one.shape[1])
    row, column = self._checked_position(one, position)
    counts, edges = np.histogram(one, _NUM_BINS)
    return {
      'maximum': maps_lib.rounded(one.max()),
      'mean': maps_lib.rounded(one.mean()),
      'position': [row, column],
      'value': maps_lib.rounded(one[row, column]),
      'receptive_field': self.field(network, layer, channel, (row, column)),
      'map': [[maps_lib.rounded(each) for each in line] for line in one],
      'histogram': {
        'edges': [maps_lib.rounded(each) for each in edges],
        'counts': counts.tolist(),
      },
      'correlations': looking.correlations(found, channel, _NUM_CORRELATIONS),
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
    fit: str = 'crop',
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
      fit: As of `maps`.

    Raises:
      KeyError, ValueError, OSError: As of `maps`.
      FloatingPointError: If a value is not finite.
    """
    view = self._view(network)
    height, width, _ = self._check_unit(view, layer, channel)
    if position is not None:
      self._checked_position(np.empty((height, width)), position)
    image = self.picture(network, picture, fit)
    with self.turns.at_once():
      found = view.backward(image, layer, channel, rule, position)
    return backward_lib.shown(found, show)

  def dead(self, network: int, layer: str) -> Dict[str, Any]:
    """Returns the units of a layer that nothing woke, and those rarely awake.

    Of the photographs of the index or, without one, of the pictures and frames
    on whose maps of this layer somebody looked; none before these were 25.
    """
    view = self._view(network)
    shape = self._check_unit(view, layer, 0)
    index = view.index
    if index is not None and index.num_photos >= _FEWEST_PICTURES:
      return {
        'dead': index.dead(layer),
        'rare': index.rare(layer),
        'num_pictures': index.num_photos,
      }
    found = view.activity.get(layer, view_lib.Activity(shape[-1]))
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
    self.drawings.cancel()

  def tops(self, network: int, layer: str, channel: int) -> Dict[str, Any]:
    """Returns which photographs excite a unit most, and which least.

    Raises:
      KeyError: If there is no such unit, or no index.
    """
    crops = self._crops(network, layer, channel)
    with self.turns.at_once():
      found = crops.describe(layer, channel)
    photos = self.pictures.photos
    return {
      end: [{**each, 'photo': photos[each['photo']]['id']} for each in several]
      for end, several in found.items()
    }

  def top(
    self,
    network: int,
    layer: str,
    channel: int,
    end: str,
    rank: int,
    show: str = 'crop',
  ) -> np.ndarray:
    """Returns one of these crops, as of `ExcitedCrops.crop`.

    Raises:
      KeyError, ValueError, OSError, FloatingPointError: Likewise.
    """
    crops = self._crops(network, layer, channel)
    with self.turns.at_once():
      return crops.crop(layer, channel, end, rank, show)

  def _crops(
    self, network: int, layer: str, channel: int
  ) -> excited_crops.ExcitedCrops:
    """Returns the crops of a unit's network."""
    view = self._view(network)
    self._check_unit(view, layer, channel)
    if view.crops is None:
      at = '' if view.step is None else f' at step {view.step}'
      raise KeyError(
        f'there is no index of photographs{at}; start the command with --photos'
        ' and --index' + (at and ', and this checkpoint itself')
      )
    return view.crops

  @property
  def _looking(self) -> List[view_lib.View]:
    """All views, at whatever step."""
    return [view for each in self._trained for view in each.views]

  def _view(self, network: int) -> view_lib.View:
    """Returns one of the networks."""
    if not 0 <= network < len(self.views):
      raise KeyError(
        f'there is no network {network}; take 0 to {len(self.views) - 1}'
      )
    return self.views[network]

  def _seen(
    self,
    view: view_lib.View,
    network: int,
    picture: str,
    off: Sequence[looking.Unit],
    fit: str,
  ) -> looking.Seen:
    """Returns what a network makes of a picture, looked at once."""
    units = self._checked(view, off)

    def look() -> looking.Seen:
      return view.look(self.picture(network, picture, fit), units)

    found: looking.Seen = view.seen.get((picture, units, fit), look)
    return found

  def _checked(
    self, view: view_lib.View, off: Sequence[looking.Unit]
  ) -> Tuple[looking.Unit, ...]:
    """Returns units that are switched off, in order."""
    if len(off) > _MAX_OFF:
      raise ValueError(f'{len(off)} units are off; take {_MAX_OFF} at most')
    for each in off:
      self._check_unit(view, *each)
    return tuple(sorted(set(off)))

  def _check_unit(
    self, view: view_lib.View, layer: str, channel: int
  ) -> Tuple[int, int, int]:
    """Returns the shape of a unit's layer."""
    return view.check_unit(layer, channel)

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
    view: view_lib.View,
    seen: looking.Seen,
    layer: str,
    side: int,
    began: float,
    off: Sequence[looking.Unit],
  ) -> maps_lib.Maps:
    """Returns a layer's maps for the page."""
    self._check_unit(view, layer, 0)
    names = view.network.class_names
    top = [
      [each, imagenet_classes.short_name(names[each]), round(probability, 4)]
      for each, probability in seen.top(_NUM_CLASSES)
    ]
    found = maps_lib.of_layer(seen.layers[layer], side, layer=layer, top=top)
    if not off:
      maxima = np.array(found.header['maxima'])
      view.activity.setdefault(layer, view_lib.Activity(len(maxima))).count(
        maxima
      )
    found.header['seconds'] = round(time.perf_counter() - began, 4)
    return found
