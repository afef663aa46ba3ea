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

from magenta_viz.ascent import presets
from magenta_viz.models import model_spec

FILM_KINDS = ('gif', 'mp4')
PRECISIONS = ('auto', 'float32', 'bfloat16', 'float16')

_MAX_SIDE = 16384


@dataclasses.dataclass(frozen=True)
class VisualizeConfig:
  """Which pictures to draw, from what, and where to.

  Without `class_ids` and `objective`, the preset must say what to raise, as
  'deepdream' does.

  Attributes:
    class_ids: Ids of the classes to draw, 0-based: ILSVRC's, or those of the
      set that the network in `checkpoint` was trained on.
    objective: What to raise instead of classes, in the language of
      `ascent.objective_language`.
    preset: Name of a recipe in `ascent.presets`.
    image: Photograph to start from, or a film or a folder of pictures to draw
      into frame by frame.
    output_dir: Folder for pictures and records; None writes none.
    model: A network's name, or 'auto'.
    checkpoint: Path of weights to use instead of the released ones, or of a
      folder that training wrote.
    image_size: Height and width of the pictures, in pixels; None for that of
      `image`, or else the preset's, which shrinks and grows with the size of
      the pictures that the network was trained on.
    batch_size: Most pictures that are drawn at once.
    seed: Of each class's first picture.
    num_variations: Pictures a class, of seeds from `seed` on.
    animate: 'gif' or 'mp4', to make a film of the ascent, or of the frames
      where there are any; None for no film.
    zoom_frames: Frames of an endless zoom, each drawn into the one before,
      enlarged; 0 for no zoom.
    zoom: Share of the sides that a zoom loses from frame to frame.
    blend: Share of the finished frame before in the start of the next one,
      where `image` is a film or a folder.
    precision: What the network computes in: 'auto', 'float32', 'bfloat16',
      'float16'.
    num_workers: Processes that share the pictures.
    worker: Which of them this is, from 0: it draws every `num_workers`-th
      batch, and no sheet; None draws all.
    overwrite: Whether to make pictures again that are there.
    log_dir: Folder for TensorBoard's summaries; None writes none.
    overrides: Settings of the recipe, by their names in `recipe.Recipe`, in
      place of the preset's and the network's.

  Raises:
    ValueError: If a number is out of its range, there is no such preset, or
      settings do not go together.
  """

  class_ids: Tuple[int, ...] = ()
  objective: Optional[str] = None
  preset: str = presets.DEFAULT
  image: Optional[str] = None
  output_dir: Optional[str] = None
  model: str = 'auto'
  checkpoint: Optional[str] = None
  image_size: Optional[Tuple[int, int]] = None
  batch_size: int = 8
  seed: int = 0
  num_variations: int = 1
  animate: Optional[str] = None
  zoom_frames: int = 0
  zoom: float = 0.05
  blend: float = 0.0
  precision: str = 'auto'
  num_workers: int = 1
  worker: Optional[int] = None
  overwrite: bool = False
  log_dir: Optional[str] = None
  overrides: Mapping[str, Any] = dataclasses.field(default_factory=dict)

  def __post_init__(self) -> None:
    """Checks what needs no network to be checked."""
    self._check_subject()
    if 'objective' in self.overrides:
      raise ValueError('overrides have an objective; give it as objective')
    # Its own settings, and those that override them.
    presets.find_preset(self.preset).plan({}, self.overrides)
    if len(set(self.class_ids)) < len(self.class_ids):
      raise ValueError('class_ids names a class twice; name each once')
    if self.image_size is not None:
      for side in sorted(self.image_size):
        _check('image_size', side, model_spec.MIN_SIZE, _MAX_SIDE)
    _check('batch_size', self.batch_size, 1, 1024)
    _check_choice('precision', self.precision, PRECISIONS)
    if self.animate is not None:
      _check_choice('animate', self.animate, FILM_KINDS)
    # The record's and the file's names hold the seed.
    _check('seed', self.seed, 0, 2**31 - 1)
    _check('num_variations', self.num_variations, 1, 100_000)
    _check('num_workers', self.num_workers, 1, 10_000)
    if self.worker is not None:
      _check('worker', self.worker, 0, self.num_workers - 1)
    _check('zoom_frames', self.zoom_frames, 0, 1_000_000)
    if not 0 < self.zoom < 1:
      raise ValueError(f'zoom is {self.zoom}; take a number between 0 and 1')
    if not 0 <= self.blend < 1:
      raise ValueError(f'blend is {self.blend}; take a number from 0 to 0.99')

  def _check_subject(self) -> None:
    """Checks that there is one thing to raise."""
    if self.objective is not None and not self.objective.strip():
      raise ValueError('objective is empty; give one such as layer:LAYER')
    if self.class_ids and self.objective is not None:
      raise ValueError('give either class_ids or an objective, not both')
    preset = presets.find_preset(self.preset)
    if not (self.class_ids or self.objective or preset.objectives):
      raise ValueError(
        f'preset {self.preset} draws what you name; give class_ids, with at'
        ' least one class, or an objective'
      )


def parse_image_size(text: Optional[str]) -> Optional[Tuple[int, int]]:
  """Reads 'N' or 'HxW'.

  Returns:
    Height and width; None for None.

  Raises:
    ValueError: If the text is neither.
  """
  if text is None:
    return None
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


def _check_choice(name: str, value: str, choices: Tuple[str, ...]) -> None:
  """Checks that a text is one of those that are known."""
  if value not in choices:
    raise ValueError(f"{name} is '{value}'; take one of {', '.join(choices)}")
