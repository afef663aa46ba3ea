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

"""One of the networks of a session, and all that looks with it."""

import functools
from pathlib import Path
from typing import Any, Dict, Optional, Sequence, Tuple

import numpy as np

from magenta_viz.attribution import looking
from magenta_viz.models import imagenet_classes
from magenta_viz.models import sharing
from magenta_viz.toolbox import atlas as atlas_lib
from magenta_viz.toolbox import backward as backward_lib
from magenta_viz.toolbox import drawer as drawer_lib
from magenta_viz.toolbox import excitations
from magenta_viz.toolbox import excited_crops
from magenta_viz.toolbox import receptive_fields
from magenta_viz.toolbox import stored as stored_lib
from magenta_viz.toolbox import turns as turns_lib
from magenta_viz.visualization import networks as networks_lib

# Pictures whose layers are kept, of some 20 MB each in GoogLeNet.
_NUM_SEEN = 4


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
    self,
    networks: networks_lib.Networks,
    cache: Path,
    turns: turns_lib.Turns,
    photos: Sequence[Path],
    index: Optional[excitations.Index],
    fields: Optional[receptive_fields.ReceptiveFields] = None,
    atlas: Optional[atlas_lib.Atlas] = None,
  ):
    """Takes a network alone.

    Args:
      networks: The network.
      cache: Folder of the finished drawings of all networks.
      turns: Who computes when.
      photos: The user's photographs.
      index: Of these; None if they were not looked at.
      fields: Of a network of the same structure; None for none.
      atlas: Of finished drawings; None for no other than its own.
    """
    member = networks.members[0]
    self.network = networks.first
    self.name = member.name
    self.look = looking.Looker(self.network)
    self.backward = backward_lib.Backward(self.network)
    self.fields = fields or receptive_fields.ReceptiveFields(self.network)
    folder = cache / f'{self.name}-{member.source.sha256[:12]}'
    self.drawer = drawer_lib.Drawer(networks, folder, turns)
    self.seen = sharing.Shared(_NUM_SEEN)
    self.index = index
    self.crops: Optional[excited_crops.ExcitedCrops] = None
    if index is not None:
      self.crops = excited_crops.ExcitedCrops(
        index, photos, self.fields, self.backward, self.network.image_size
      )
    self.activity: Dict[str, Activity] = {}
    self._member = member
    self._atlas = atlas

  @property
  def sha256(self) -> str:
    """Of the network's weights."""
    return self._member.source.sha256

  @property
  def step(self) -> Optional[int]:
    """Of its training, where that was ours."""
    trained = self._member.source.trained
    return None if trained is None else trained.step

  def describe(self) -> Dict[str, Any]:
    """Returns which network it is, for records."""
    found = self._member.describe()
    return found if self.step is None else {**found, 'step': self.step}

  def offer(self) -> Dict[str, Any]:
    """Returns what the page must know of it."""
    names = map(imagenet_classes.short_name, self.network.class_names)
    return {
      'name': self.name,
      'image_size': self.network.image_size,
      'classes': list(names),
      'layers': [
        {'name': name, 'height': h, 'width': w, 'channels': c}
        for name, (h, w, c) in self.layers.items()
      ],
    }

  @functools.cached_property
  def layers(self) -> Dict[str, Tuple[int, int, int]]:
    """Height, width and channels of each layer, in the order of computing."""
    side = self.network.image_size
    found = self.look(np.zeros((side, side, 3), np.float32)).layers
    shapes = {name: map(int, each.shape) for name, each in found.items()}
    return {name: (h, w, c) for name, (h, w, c) in shapes.items()}

  def check_unit(self, layer: str, channel: int) -> Tuple[int, int, int]:
    """Returns the shape of a unit's layer.

    Raises:
      KeyError: If there is no such layer or unit.
    """
    if layer not in self.layers:
      raise KeyError(f"{self.name} has no layer '{layer[:80]}'")
    shape = self.layers[layer]
    if not 0 <= channel < shape[-1]:
      raise KeyError(
        f"the layer '{layer}' has no unit {channel}; take 0 to {shape[-1] - 1}"
      )
    return shape

  @functools.cached_property
  def stored(self) -> stored_lib.Stored:
    """What is finished of the drawings of its units and classes."""
    return stored_lib.Stored(
      self.sha256,
      self.layers,
      len(self.network.class_names),
      self.drawer,
      self._atlas,
    )
