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

"""What the units of an atlas feed: layers after theirs, and classes."""

import hashlib
import json
from pathlib import Path
import threading
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from absl import logging
import numpy as np
import tensorflow as tf

from magenta_viz.atlas import plan as plan_lib
from magenta_viz.attribution import effects as effects_lib
from magenta_viz.media import image_files
from magenta_viz.models import imagenet_classes
from magenta_viz.models import network_loading
from magenta_viz.models import network_protocol
from magenta_viz.models import network_source
from magenta_viz.process import tensorflow_modes

# Of groups of which it is known.
KIND = 'channel'

# Of the way in which they are measured: another one counts as not measured.
_METHOD = 1

# Of those raised most, and of those lowered most.
_NUM_TOLD = 6

# Layers that are told of: in some networks, each feeds all after it.
_MOST_LAYERS = 8

# Pictures that are read at once.
_NUM_PICTURES = 64

# A flat list of places and effects, as of `effects.strongest`.
_Told = List[float]


class Feeds:
  """Measures what units feed, where it is not known yet.

  Threads take their turns.
  """

  def __init__(self, plan: plan_lib.Plan):
    """Takes the plan; the network is loaded when it is needed."""
    self._plan = plan
    self._effects: Optional[effects_lib.Effects] = None
    self._turn = threading.Lock()

  def of(
    self,
    group: int,
    shown: Mapping[str, Any],
    folder: Path,
    drawn_layers: Sequence[str],
    known: Mapping[str, Any],
  ) -> Dict[str, Any]:
    """Returns what the units of a group feed, as plain data.

    Beside each unit's, it has each thing's: the units that raise it most.

    Args:
      group: Number of the group.
      shown: What the page shows of it, as of `shown_units.read`.
      folder: Of the atlas.
      drawn_layers: Those of the atlas, which are looked at beside the layers
        that come next in the network.
      known: What was returned for it before, or nothing.

    Raises:
      OSError: If a picture cannot be read.
    """
    pictures = [
      (unit['number'], picture)
      for unit in shown['units']
      for picture in unit['pictures']
    ]
    layer = shown['layer']
    if shown['kind'] != KIND or not pictures:
      return {}
    facts = [
      _METHOD,
      shown['networks'],
      layer,
      sorted(drawn_layers),
      [[number, each['file'], each['sha256']] for number, each in pictures],
    ]
    text = json.dumps(facts, sort_keys=True)
    key = hashlib.sha256(text.encode()).hexdigest()
    if known.get('key') == key:
      return dict(known)
    try:
      with self._turn, tensorflow_modes.tensorflow_2():
        found = self._measure(
          group,
          shown,
          pictures,
          folder / self._plan.groups[group].folder,
          drawn_layers,
        )
    except OSError:
      raise
    # Of TensorFlow comes anything, and the pictures are there without it.
    except Exception as error:  # pylint: disable=broad-except
      words = ' '.join(str(error).split())[:300]
      logging.warning('%s feeds what is not known: %s', layer, words)
      return {}
    return {'key': key, **found}

  def _measure(
    self,
    group: int,
    shown: Mapping[str, Any],
    pictures: Sequence[Tuple[int, Mapping[str, Any]]],
    inside: Path,
    drawn_layers: Sequence[str],
  ) -> Dict[str, Any]:
    """Returns what is told of a group's effects."""
    network = self._network(group)
    if self._effects is None:
      self._effects = effects_lib.Effects(network)
    measure = self._effects
    layer = shown['layer']
    targets = [
      *measure.next_layers(layer, drawn_layers),
      *measure.next_layers(layer, list(network.layers)),
    ]
    # Of layers of classes, the classes tell.
    num_classes = len(network.class_names)
    targets = [
      each
      for each in dict.fromkeys(targets)
      if network.layers[each][-1] != num_classes
    ][:_MOST_LAYERS]
    parts = []
    for first in range(0, len(pictures), _NUM_PICTURES):
      some = pictures[first : first + _NUM_PICTURES]
      paths = [inside / f'{p["file"]}.png' for _, p in some]
      images = [image_files.read_image(path) for path in paths]
      channels = [number for number, _ in some]
      parts.append(measure.measure(images, layer, channels, targets))
    numbers = [number for number, _ in pictures]
    told = {
      each: _told(
        numbers, np.concatenate([part.layers[each] for part in parts])
      )
      for each in targets
    }
    classes = _told(numbers, np.concatenate([part.classes for part in parts]))
    names = {
      class_id: imagenet_classes.short_name(network.class_names[int(class_id)])
      for class_id in classes['things']
    }
    return {'layers': told, 'classes': classes, 'names': names}

  def _network(self, group: int) -> network_protocol.Network:
    """Returns the network of a group's pictures, in full precision."""
    config = self._plan.runs[group]
    resolved = network_source.resolve(config.choices, config.foreign)
    (source,) = network_source.find(resolved, config.is_open)
    return network_loading.load(source, tf.float32)


def _told(numbers: Sequence[int], effects: np.ndarray) -> Dict[str, Any]:
  """Returns what is told of effects, unit by unit and thing by thing.

  Args:
    numbers: Of the units, those of one beside each other.
    effects: [len(numbers), things] float array; a unit's are their mean.
  """
  units = list(dict.fromkeys(numbers))
  means = np.stack(
    [effects[np.equal(numbers, each)].mean(axis=0) for each in units]
  )
  by_thing: Dict[str, _Told] = {}
  for thing, column in enumerate(means.T):
    found = effects_lib.strongest(column, _NUM_TOLD)
    found[::2] = [units[int(place)] for place in found[::2]]
    if found:
      by_thing[str(thing)] = found
  return {
    'units': {
      str(unit): effects_lib.strongest(row, _NUM_TOLD)
      for unit, row in zip(units, means)
    },
    'things': by_thing,
  }
