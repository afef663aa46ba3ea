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

"""What an atlas is asked for, as plain data."""

import dataclasses
from typing import Any, ClassVar, Dict, Mapping, Optional, Tuple

from magenta_viz.ascent import presets
from magenta_viz.atlas import units as units_lib
from magenta_viz.files import places
from magenta_viz.models.foreign import foreign_settings
from magenta_viz.settings import fields
from magenta_viz.settings import parts
from magenta_viz.visualization import config as visualize_config

_RUN = visualize_config.VisualizeConfig

# What an atlas says of all runs that draw it.
_SHARED = (
  *('models', 'checkpoints', 'precision', 'preset', 'image_size'),
  *('batch_size', 'seed', 'num_variations', 'foreign', 'overrides'),
)

# Of a cell's picture, in pixels, and of its ascent (docs/atlas.md).
_CELL_SIZE = (128, 128)
_CELL_STEPS = 128


@dataclasses.dataclass(frozen=True)
class AtlasConfig:
  """Which units to draw, of what, how and where to.

  Attributes:
    units: In the language of `atlas.units`; '' for cells alone.
    output_dir: Folder of the atlas; None where nothing is kept.
    models: As of `VisualizeConfig`, as are all others but these.
    num_workers: Processes on this machine, where no other runner is named; 0
      for as many as it has cores.
    cells: Layers of an activation atlas of photographs, as of
      `units.parse_cells`; '' for none.
    image: Folder of the photographs, or one.
    positions: At which a layer is looked at, in each photograph.
    grid: Rows, and columns, that the points are laid out in.
  """

  program: ClassVar[str] = 'image_visualization_atlas'

  units: str = fields.text(
    '', 'what to draw: "class:all, channel:inception_4*:all, channel:conv2:0-9"'
  )
  output_dir: Optional[str] = fields.path(None, 'folder of the atlas')
  models: Tuple[str, ...] = fields.like(_RUN, 'models')
  checkpoints: Tuple[str, ...] = fields.like(_RUN, 'checkpoints')
  precision: str = fields.like(_RUN, 'precision')
  preset: str = fields.like(_RUN, 'preset')
  image_size: Optional[Tuple[int, int]] = fields.like(
    _RUN,
    'image_size',
    "size of the pictures in pixels; the preset's by default",
  )
  batch_size: int = fields.like(
    _RUN, 'batch_size', 'pictures that are drawn at once'
  )
  seed: int = fields.like(_RUN, 'seed', "of each unit's first picture")
  num_variations: int = fields.like(_RUN, 'num_variations', 'pictures a unit')
  num_workers: int = fields.number(
    0, 0, 1024, 'processes on this machine; 0 for one a core'
  )
  cells: str = fields.text(
    '',
    'layers of an activation atlas of photographs: "inception_4c/output", drawn'
    f' at {_CELL_SIZE[0]} pixels and {_CELL_STEPS} steps by default',
  )
  image: Optional[str] = fields.path(
    None, 'folder of photographs, or one, for --cells'
  )
  positions: int = fields.number(
    1, 1, 10_000, 'random positions of --cells in each photograph'
  )
  grid: int = fields.number(
    20, 1, 100, 'rows, and columns, that --cells are laid out in'
  )
  foreign: foreign_settings.ForeignSettings = parts.part(
    foreign_settings.ForeignSettings
  )
  overrides: Mapping[str, Any] = dataclasses.field(default_factory=dict)

  def __post_init__(self) -> None:
    """Checks what needs no network to be checked."""
    fields.settle(self)
    if bool(self.cells) != bool(self.image):
      missing = 'cells' if self.image else 'image'
      raise ValueError(
        'an activation atlas is of layers and of photographs; give cells and'
        f' image, of which {missing} is missing'
      )
    for term in self.terms:
      # With what is known of it so far.
      kind = units_lib.Group(term.kind, term.layers, (0,), term.place, '')
      self.of(kind)

  def of(self, group: units_lib.Group) -> visualize_config.VisualizeConfig:
    """Returns the run that draws a group."""
    folder = None
    settings = {name: getattr(self, name) for name in _SHARED}
    if self.output_dir is not None:
      folder = str(places.place(self.output_dir) / group.folder)
    if group.kind == units_lib.CELLS:
      settings.update(self._of_cells(folder))
    return _RUN(**group.subject, output_dir=folder, **settings)

  def _of_cells(self, folder: Optional[str]) -> Dict[str, Any]:
    """Returns what a run of cells has otherwise: many small pictures."""
    settings: Dict[str, Any] = {'num_variations': 1}
    if folder is not None:
      settings['directions'] = str(places.place(folder) / units_lib.DIRECTIONS)
    if self.preset == presets.DEFAULT:
      settings['overrides'] = {'num_steps': _CELL_STEPS, **self.overrides}
      settings['image_size'] = self.image_size or _CELL_SIZE
    return settings

  @property
  def terms(self) -> Tuple[units_lib.Term, ...]:
    """What is asked for."""
    units = units_lib.parse(self.units) if self.units or not self.cells else ()
    return (*units, *units_lib.parse_cells(self.cells))
