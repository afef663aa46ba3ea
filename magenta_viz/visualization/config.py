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
from typing import Any, ClassVar, List, Mapping, Optional, Tuple

from magenta_viz.ascent import presets
from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.ascent.objectives import terms as objective_terms
from magenta_viz.files import places
from magenta_viz.models import model_spec
from magenta_viz.models import network_choice
from magenta_viz.models.foreign import foreign_settings
from magenta_viz.settings import fields
from magenta_viz.settings import number_lists
from magenta_viz.settings import parts

FILM_KINDS = ('gif', 'mp4')

_MAX_SIDE = 16384
# More are no number of pixels, and Python takes long to read many.
_MAX_DIGITS = 20


def parse_image_size(text: Optional[str]) -> Optional[Tuple[int, int]]:
  """Reads 'N' or 'HxW'.

  Returns:
    Height and width; None for None.

  Raises:
    ValueError: If the text is neither.
  """
  if text is None:
    return None
  sides = [side.strip() for side in text.lower().split('x')]
  if len(sides) > 2 or not all(
    side.isdecimal() and len(side) < _MAX_DIGITS for side in sides
  ):
    raise ValueError(
      f"image_size is '{text}'; give N or HxW in pixels, such as 320 or 320x480"
    )
  height, width = int(sides[0]), int(sides[-1])
  return height, width


@dataclasses.dataclass(frozen=True)
class VisualizeConfig:
  """Which pictures to draw, from what, and where to.

  Without `class_ids` and `objective`, the preset must say what to raise, as
  'deepdream' does.

  Attributes:
    class_ids: Ids of the classes to draw, 0-based: ILSVRC's, or those of the
      set that the network in `checkpoint` was trained on.
    objective: What to raise instead of classes, in the language of
      `ascent.objectives.language`, such as channels of a layer, each in
      pictures of its own; or, from Python, an `objectives.Objective`, or a
      function, as of `objectives.from_function`.
    preset: Name of a recipe in `ascent.presets`.
    image: Photograph to start from, or a film or a folder of pictures to draw
      into frame by frame.
    output_dir: Folder for pictures and records; None writes none.
    models: Names of networks that draw together, with ':WEIGHT' after them or
      not, or 'auto': all that are at hand where classes are drawn by the
      default preset, else one. Class ids are those of the first.
    checkpoints: Paths of weights to use instead of the released ones, of
      folders that training wrote, or of whole models of others, with 'NAME='
      before them where there are several networks.
    image_size: Height and width of the pictures, in pixels; None for that of
      `image`, or else the preset's, which shrinks and grows with the size of
      the pictures that the network was trained on.
    batch_size: Most pictures that are drawn at once.
    seed: Of each class's first picture.
    num_variations: Pictures a class or channel, of seeds from `seed` on.
    animate: 'gif' or 'mp4', to make a film of the ascent, or of the frames
      where there are any; None for no film.
    fps: Frames a second of the film; None for 25, or as those of `image` go. An
      ascent whose steps would take more than 8 seconds shows some of them.
    hold: Seconds that the film stays at its last picture; None for 1.5 after an
      ascent, and 0 after other frames.
    zoom_frames: Frames of an endless zoom, each drawn into the one before,
      enlarged; 0 for no zoom.
    zoom: Share of the sides that a zoom loses from frame to frame.
    blend: Share of the finished frame before in the start of the next one,
      where `image` is a film or a folder.
    precision: What the network computes in: 'auto', 'float32', 'bfloat16',
      'float16'.
    num_workers: Processes that share the pictures.
    overwrite: Whether to make pictures again that are there.
    log_dir: Folder for TensorBoard's summaries; None writes none.
    directions: File of directions, which '{directions}' in the objective stands
      for, so that its words do not tell where it is.
    foreign: What is to be known of models that are none of the package's.
    overrides: Settings of the recipe, by their names in `recipe.Recipe`, in
      place of the preset's and the network's.

  Raises:
    ValueError: If a number is out of its range, there is no such preset, or
      settings do not go together.
  """

  program: ClassVar[str] = 'image_visualization_visualize'

  class_ids: Tuple[int, ...] = fields.written(
    (), 'class_id', lambda ids: [number_lists.write(ids)]
  )
  # A text or an `Objective`, which `__post_init__` checks.
  objective: Optional[Any] = dataclasses.field(
    default=None,
    metadata={
      'help': f'what to raise in place of a class: {objective_terms.FORMS}, and'
      ' weighted sums of these'
    },
  )
  preset: str = fields.choice(
    presets.DEFAULT,
    list(presets.PRESETS),
    'recipe of the pictures; --list_presets explains them',
  )
  image: Optional[str] = fields.path(
    None, 'photograph to draw into, or a film or a folder of pictures'
  )
  output_dir: Optional[str] = fields.path(
    None, 'folder for the pictures and their records'
  )
  models: Tuple[str, ...] = fields.written(
    (network_choice.AUTO,), 'model', lambda models: [','.join(models)]
  )
  checkpoints: Tuple[str, ...] = fields.written((), 'checkpoint', list)
  image_size: Optional[Tuple[int, int]] = fields.written(
    None,
    'image_size',
    lambda size: ['x'.join(map(str, size))],
    parse=parse_image_size,
    minimum=model_spec.MIN_SIZE,
    maximum=_MAX_SIDE,
    help=f'size of the pictures in pixels, N or HxW; {model_spec.MIN_SIZE} to'
    f' {_MAX_SIDE}; that of --image or the preset by default',
  )
  batch_size: int = fields.number(8, 1, 1024, 'most pictures to draw at once')
  # The record's and the file's names hold the seed.
  seed: int = fields.number(0, 0, 2**31 - 1, "of each class's first picture")
  num_variations: int = fields.number(1, 1, 100_000, 'pictures a class')
  animate: Optional[str] = fields.choice(
    None,
    FILM_KINDS,
    'makes a film of the ascent, or of the frames where there are several',
  )
  # The most that GIFs do: browsers slow frames of less than 20 ms down.
  fps: Optional[float] = fields.number(
    None,
    0.1,
    50.0,
    'frames a second of the film; 25 by default, or as those of --image go',
  )
  hold: Optional[float] = fields.number(
    None,
    0.0,
    60.0,
    'seconds that the film stays at its last picture; 1.5 by default after an'
    ' ascent, 0 after other frames',
  )
  zoom_frames: int = fields.number(
    0, 0, 1_000_000, 'frames of an endless zoom into the picture'
  )
  # Numbers of open ranges, which `__post_init__` checks.
  zoom: float = dataclasses.field(
    default=0.05,
    metadata={
      'help': 'share of the sides that a zoom loses each frame',
      'when': (fields.When(('zoom_frames',)),),
    },
  )
  blend: float = dataclasses.field(
    default=0.0,
    metadata={
      'help': 'share of the finished frame before in the start of the next, in'
      ' a film'
    },
  )
  precision: str = fields.choice('auto', model_spec.PRECISIONS, '')
  num_workers: int = fields.written(
    1,
    None,
    minimum=1,
    maximum=10_000,
    help='processes that share the batches and the cores of this machine, for'
    ' many pictures; image_visualization_atlas shares them among machines',
  )
  overwrite: bool = fields.written(
    False, None, help='make pictures again that are there'
  )
  log_dir: Optional[str] = fields.path(
    None, "folder for TensorBoard's summaries"
  )
  directions: Optional[str] = fields.path(
    None,
    'file of directions, rows of which --objective="direction:LAYER:'
    '{directions}:0-9" raises, each in a picture of its own',
  )
  foreign: foreign_settings.ForeignSettings = parts.part(
    foreign_settings.ForeignSettings
  )
  overrides: Mapping[str, Any] = dataclasses.field(
    default_factory=dict, metadata={'settings_of': recipe_lib.Recipe}
  )

  def __post_init__(self) -> None:
    """Checks what needs no network to be checked."""
    if isinstance(self.preset, str):
      presets.find_preset(self.preset)
    fields.settle(self)
    for choice in self.choices:
      fields.check(
        'checkpoint', choice.checkpoint, Optional[str], {'is_path': True}
      )
    self._check_subject()
    if 'objective' in self.overrides:
      raise ValueError('overrides have an objective; give it as objective')
    # Its own settings, and those that override them.
    self.plan({})
    if len(set(self.class_ids)) < len(self.class_ids):
      raise ValueError('class_ids names a class twice; name each once')
    if self.num_workers > 1 and self.output_dir is not None:
      places.check_shared('output_dir', self.output_dir)
    if not 0 < self.zoom < 1:
      raise ValueError(f'zoom is {self.zoom}; take a number between 0 and 1')
    if not 0 <= self.blend < 1:
      raise ValueError(f'blend is {self.blend}; take a number from 0 to 0.99')
    fields.check_heeded(self, vars(self))
    for name in ('fps', 'hold'):
      if self.animate is None and getattr(self, name) is not None:
        raise ValueError(
          f'{name} does nothing, because no film is made; leave it out, or take'
          f' --animate={" or ".join(FILM_KINDS)}'
        )
    if self.animate is not None and self.output_dir is None:
      raise ValueError(
        'animate does nothing, because there is no output_dir; leave it out, or'
        ' give one'
      )

  @property
  def choices(self) -> Tuple[network_choice.Choice, ...]:
    """The networks that are asked for."""
    return network_choice.parse(self.models, self.checkpoints)

  @property
  def is_open(self) -> bool:
    """Whether 'auto' may be several networks.

    Presets of others are for one network, and a layer is one network's own.
    """
    text = self.objective_text or ''
    is_of_classes = self.class_ids or objective_terms.names_class(text)
    return bool(
      self.preset == presets.DEFAULT
      and is_of_classes
      and not objective_terms.names_layer(text)
    )

  @property
  def objective_text(self) -> Optional[str]:
    """What to raise instead of classes, in words."""
    return None if self.objective is None else str(self.objective)

  @property
  def units(self) -> Optional[objective_terms.Units]:
    """The channels of a layer that are drawn, each in pictures of its own."""
    if not isinstance(self.objective, str):
      return None
    return objective_terms.units(self.objective)

  def plan(
    self, network_settings: Mapping[str, Any]
  ) -> List[recipe_lib.Recipe]:
    """Returns the recipe of each octave.

    Args:
      network_settings: As `Preset.plan` takes them.

    Raises:
      ValueError: If a setting is out of its range, or does nothing.
    """
    overrides = dict(self.overrides)
    if self.class_ids:
      overrides['objective'] = ''
    elif self.objective_text is not None:
      overrides['objective'] = self.objective_text
    is_feature = not self.class_ids and not objective_terms.names_class(
      self.objective_text or ''
    )
    # A photograph is as much of its own as a variation can be.
    num_variations = 1 if self.image else self.num_variations
    return presets.find_preset(self.preset).plan(
      network_settings, overrides, is_feature, num_variations
    )

  def _check_subject(self) -> None:
    """Checks that there is one thing to raise."""
    is_text = self.objective is None or isinstance(self.objective, str)
    if not is_text and not callable(getattr(self.objective, 'score', None)):
      if not callable(self.objective) or isinstance(self.objective, type):
        raise ValueError(
          f'objective is {self.objective!r}; give a text, an Objective, or a'
          " function of a network's outputs"
        )
      # Brings TensorFlow, which a program's help does without.
      from magenta_viz.ascent.objectives import objectives

      made = objectives.from_function(self.objective)
      object.__setattr__(self, 'objective', made)
    if self.objective is not None and not str(self.objective).strip():
      raise ValueError('objective is empty; give one such as layer:LAYER')
    if self.class_ids and self.objective is not None:
      raise ValueError('give either class_ids or an objective, not both')
    preset = presets.find_preset(self.preset)
    if not (self.class_ids or self.objective or preset.objectives):
      if self.image is not None:
        raise ValueError(
          'image alone does not say what to raise in it: preset="deepdream"'
          ' dreams into it, class_name draws a class into it, and saliency.run'
          ' explains it'
        )
      raise ValueError(
        f'preset {self.preset} draws what you name; give class_ids or, to'
        ' visualize.run, class_name, with at least one class, or an objective'
      )
