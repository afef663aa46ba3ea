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

"""What a run of `visualize` is asked for, as plain data."""

import dataclasses
from typing import Any, Mapping, Optional, Tuple

PRECISIONS = ('auto', 'float32', 'bfloat16')

_MAX_SIDE = 4096
# The smallest input that the networks take.
_MIN_SIDE = 64


@dataclasses.dataclass(frozen=True)
class VisualizeConfig:
  """Which pictures to draw, from what, and where to.

  Attributes:
    class_ids: ILSVRC's ids of the classes to draw, 0-based.
    objective: What to raise instead of classes, in the language of
      `ascent.objective_language`.
    output_dir: Folder for pictures and records; None writes none.
    model: A network's name, or 'auto'.
    checkpoint: Path of weights to use instead of the released ones.
    image_size: Height and width of the pictures, in pixels.
    batch_size: Most pictures that are drawn at once.
    seed: Of each class's first picture.
    num_variations: Pictures a class, of seeds from `seed` on.
    precision: What the network computes in: 'auto', 'float32', 'bfloat16'.
    overwrite: Whether to make pictures again that are there.
    log_dir: Folder for TensorBoard's summaries; None writes none.
    overrides: Settings of the recipe, by their names in `recipe.Recipe`, in
      place of the network's own.

  Raises:
    ValueError: If a number is out of its range.
  """

  class_ids: Tuple[int, ...] = ()
  objective: Optional[str] = None
  output_dir: Optional[str] = None
  model: str = 'auto'
  checkpoint: Optional[str] = None
  image_size: Tuple[int, int] = (320, 320)
  batch_size: int = 8
  seed: int = 0
  num_variations: int = 1
  precision: str = 'auto'
  overwrite: bool = False
  log_dir: Optional[str] = None
  overrides: Mapping[str, Any] = dataclasses.field(default_factory=dict)

  def __post_init__(self) -> None:
    """Checks what needs no network to be checked."""
    if bool(self.class_ids) == (self.objective is not None):
      raise ValueError(
        'give either class_ids, with at least one class, or an objective'
      )
    if len(set(self.class_ids)) < len(self.class_ids):
      raise ValueError('class_ids names a class twice; name each once')
    _check('image_size', min(self.image_size), _MIN_SIDE, _MAX_SIDE)
    _check('image_size', max(self.image_size), _MIN_SIDE, _MAX_SIDE)
    _check('batch_size', self.batch_size, 1, 1024)
    if self.precision not in PRECISIONS:
      raise ValueError(
        f"precision is '{self.precision}'; take one of {', '.join(PRECISIONS)}"
      )
    # The record's and the file's names hold the seed.
    _check('seed', self.seed, 0, 2**31 - 1)
    _check('num_variations', self.num_variations, 1, 100_000)


def parse_image_size(text: str) -> Tuple[int, int]:
  """Reads 'N' or 'HxW'.

  Returns:
    Height and width.

  Raises:
    ValueError: If the text is neither.
  """
  sides = text.lower().split('x')
  if len(sides) > 2 or not all(side.strip().isdecimal() for side in sides):
    raise ValueError(
      f"image_size is '{text}'; give N or HxW in pixels, such as 320 or 320x480"
    )
  height, width = int(sides[0]), int(sides[-1])
  return height, width


def _check(name: str, value: int, low: int, high: int) -> None:
  """Checks that a number is in its range."""
  if not low <= value <= high:
    raise ValueError(
      f'{name} is {value}; take a whole number from {low} to {high}'
    )
