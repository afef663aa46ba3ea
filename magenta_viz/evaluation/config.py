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

"""What a run of `evaluate` is asked for, as plain data."""

import dataclasses
from pathlib import Path
from typing import Optional, Tuple

from magenta_viz.files import places
from magenta_viz.models import model_spec
from magenta_viz.models.foreign import foreign_settings
from magenta_viz.settings import fields
from magenta_viz.settings import parts

# The judge that chooses itself.
AUTO = 'auto'


@dataclasses.dataclass(frozen=True)
class EvaluateConfig:
  """Which pictures to evaluate, who judges them, and where the report goes.

  Attributes:
    input_dir: Folder with the pictures, in subfolders too.
    judges: Each the name of a network, whose released weights are taken, or a
      path of weights as `--checkpoint` takes them; or 'auto' alone, which
      none stands for too: the best network at hand that had no part in the
      pictures, or in as few as can be.
    output_dir: Folder for `evaluation.json` and `evaluation.html`; None for
      `input_dir`.
    allow_self: Whether judges are shown pictures that they had a part in; else
      they pass these over.
    batch_size: The most pictures that a judge looks at together.
    foreign: What is to be known of judges that are none of the package's.

  Raises:
    ValueError: If a name or path is empty, 'auto' is not the only judge, or the
      batch size is out of its range.
  """

  input_dir: str = fields.path(
    dataclasses.MISSING,
    'folder of the pictures, which may be in subfolders',
  )
  judges: Tuple[str, ...] = fields.path((AUTO,), '')
  output_dir: Optional[str] = fields.path(
    None, 'folder for the findings; else --input_dir'
  )
  allow_self: bool = fields.switch(
    False,
    'let judges see pictures that they had a part in, which they pass over'
    ' else',
  )
  batch_size: int = fields.number(
    8, 1, 1024, 'most pictures that a judge looks at together'
  )
  foreign: foreign_settings.ForeignSettings = parts.part(
    foreign_settings.ForeignSettings
  )

  @property
  def json_path(self) -> Path:
    """Of the report for programs."""
    return self._folder / 'evaluation.json'

  @property
  def page_path(self) -> Path:
    """Of the report for people, an HTML page."""
    return self._folder / 'evaluation.html'

  @property
  def _folder(self) -> Path:
    return places.place(self.output_dir or self.input_dir)

  def __post_init__(self) -> None:
    """Checks what needs neither pictures nor networks to be checked."""
    fields.settle(self)
    object.__setattr__(self, 'judges', self.judges or (AUTO,))
    if not all(self.judges):
      raise ValueError(
        f'judges are {list(self.judges)}; give each one of'
        f' {", ".join(model_spec.MODEL_SPECS)} or a path of weights'
      )
    if AUTO in self.judges and len(self.judges) > 1:
      raise ValueError(
        f'judges are {list(self.judges)}; {AUTO} is whoever fits best where'
        ' nobody is named, so give it alone, or leave it out'
      )
    if not self.input_dir:
      raise ValueError(
        'input_dir is empty; give a path, such as . for the folder you are in'
      )
