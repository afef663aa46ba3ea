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

"""What a run of the toolbox is asked for, as plain data."""

import dataclasses
from typing import ClassVar, Optional, Tuple

from magenta_viz.models import network_choice
from magenta_viz.models.foreign import foreign_settings
from magenta_viz.settings import fields
from magenta_viz.settings import parts

LOCAL_HOST = '127.0.0.1'

# The network that comes with the package and answers soonest.
_DEFAULT_MODEL = 'squeezenet'


@dataclasses.dataclass(frozen=True)
class ToolboxConfig:
  """What to look at, with what, and where the page is.

  Attributes:
    models: Names of networks, which look side by side; 'auto' is SqueezeNet, or
      what `checkpoints` has.
    checkpoints: As of `VisualizeConfig`.
    precision: What they compute in.
    photos: Folder of photographs, and of folders of them.
    index: Whether to look at all photographs first that no index knows of yet.
    atlas: Folder of finished pictures with their records.
    cache_dir: Folder of the index and of finished drawings.
    host: Name or number of this machine that the page is at.
    port: Of the page; 0 for any that is free.
    foreign: What is to be known of models that are none of the package's.
  """

  program: ClassVar[str] = 'image_visualization_toolbox'

  models: Tuple[str, ...] = (network_choice.AUTO,)
  checkpoints: Tuple[str, ...] = ()
  precision: str = 'auto'
  photos: Optional[str] = fields.path(
    None,
    'folder of photographs to look at, and of folders of them',
    is_here=True,
  )
  index: bool = fields.switch(
    False,
    'first look at all of --photos, to show which excite a unit most; goes on'
    ' where it was stopped',
  )
  atlas: Optional[str] = fields.path(
    None,
    'folder of pictures with their records, as image_visualization_visualize'
    ' writes them, to show in place of drawings',
    is_here=True,
  )
  cache_dir: str = fields.path(
    'toolbox_cache',
    'folder that keeps drawings and the index',
    is_here=True,
  )
  host: str = fields.text(
    LOCAL_HOST, 'where the page is; any other lets other machines in'
  )
  port: int = fields.number(0, 0, 65535, 'port of the page; 0 for a free one')
  foreign: foreign_settings.ForeignSettings = parts.part(
    foreign_settings.ForeignSettings
  )

  def __post_init__(self) -> None:
    """Checks the settings."""
    fields.settle(self)
    if self.index and self.photos is None:
      raise ValueError(
        'index does nothing, because there are no photos; leave it out, or give'
        ' --photos a folder'
      )

  @property
  def choices(self) -> Tuple[network_choice.Choice, ...]:
    """The networks that are asked for."""
    found = network_choice.parse(self.models, self.checkpoints)
    if found == (network_choice.Choice(network_choice.AUTO),):
      return (network_choice.Choice(_DEFAULT_MODEL),)
    return found
