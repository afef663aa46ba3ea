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

"""What is drawn of an atlas in which batches, known before anything is."""

import dataclasses
from typing import Dict, Iterator, Mapping, Tuple

from magenta_viz.atlas import cell_files
from magenta_viz.atlas import config as atlas_config
from magenta_viz.atlas import units as units_lib
from magenta_viz.files import places
from magenta_viz.models import network_loading
from magenta_viz.models import network_source
from magenta_viz.visualization import config as visualize_config
from magenta_viz.visualization import task as task_lib
from magenta_viz.visualization import workers


@dataclasses.dataclass(frozen=True)
class Batch:
  """Pictures that are drawn at once: a bundle of work.

  Which pictures share a batch decides how sums are rounded, so it is fixed by
  what is asked for, whoever draws it and however often.

  Attributes:
    group: Number of its group.
    first: Number of its first picture in the group.
    size: Number of its pictures.
  """

  group: int
  first: int
  size: int


@dataclasses.dataclass(frozen=True)
class Plan:
  """An atlas to draw.

  Attributes:
    groups: Of units, in the order of the network's layers.
    runs: What draws each of them.
    class_names: Of the classes, in the order of their ids.
    layers: Number of channels of each layer of the network that channels are
      drawn of, in its order.
  """

  groups: Tuple[units_lib.Group, ...]
  runs: Tuple[visualize_config.VisualizeConfig, ...]

  class_names: Tuple[str, ...]
  layers: Mapping[str, int] = dataclasses.field(default_factory=dict)

  @property
  def num_pictures(self) -> int:
    """Of all groups."""
    return sum(len(self.tasks(group)) for group in range(len(self.groups)))

  def tasks(self, group: int) -> task_lib.Plan:
    """Returns the pictures of a group, in order."""
    return task_lib.plan(
      self.runs[group],
      self.class_names,
      channels=self.groups[group].numbers,
    )

  def batches(self) -> Iterator[Batch]:
    """Yields all batches, group by group."""
    for group, run in enumerate(self.runs):
      count = len(self.tasks(group))
      for first in range(0, count, run.batch_size):
        yield Batch(group, first, min(run.batch_size, count - first))


def plan(config: atlas_config.AtlasConfig) -> Plan:
  """Plans an atlas.

  Which networks 'auto' means is found once: all are to draw from the same.
  Cells are those that are collected; before, their groups are empty.

  Raises:
    ValueError: If there is no such network, layer, channel or class, or
      channels are asked for of several networks.
    OSError: If a file cannot be read, or weights be fetched.
  """
  settled: Dict[bool, visualize_config.VisualizeConfig] = {}
  for term in config.terms:
    is_of_classes = term.kind == units_lib.CLASSES
    if is_of_classes not in settled:
      # With what is known of it so far.
      group = units_lib.Group(term.kind, term.layers, (0,), term.place, '')
      settled[is_of_classes] = workers.settled(config.of(group))
  resolved = {
    is_of_classes: network_source.resolve(run.choices, run.foreign)
    for is_of_classes, run in settled.items()
  }
  layers: Dict[str, int] = {}
  if False in resolved:
    if len(resolved[False]) > 1:
      raise ValueError(
        f'channels are of one network, but {len(resolved[False])} are to draw;'
        ' give one model, and draw the classes in a run of their own'
      )
    network = network_loading.architecture(resolved[False][0])
    layers = {name: shape[-1] for name, shape in network.layers.items()}
  class_names = resolved[True][0].class_names if True in resolved else ()
  groups = [
    _with_cells(config, group)
    for group in units_lib.groups(config.terms, layers, class_names)
  ]
  runs = [
    dataclasses.replace(
      config.of(group), models=settled[group.kind == units_lib.CLASSES].models
    )
    for group in groups
  ]
  return Plan(tuple(groups), tuple(runs), tuple(class_names), layers)


def _with_cells(
  config: atlas_config.AtlasConfig, group: units_lib.Group
) -> units_lib.Group:
  """Returns a group with its cells, if it is of some."""
  if group.kind != units_lib.CELLS or config.output_dir is None:
    return group
  count = cell_files.count(places.place(config.output_dir) / group.folder)
  return dataclasses.replace(group, numbers=tuple(range(count)))
