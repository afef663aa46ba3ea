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

"""What a recipe is made of, as plain data.

Each part carries its own settings, with the range, the default and the help of
their flags, and says what it can do. Kinds of which a recipe has one are in a
table, by the names that flags take. What they stand for is made elsewhere:
`parameterizations.choice`, `octaves`, `drawing`, `display`.
"""

import dataclasses
from typing import ClassVar, Mapping, Optional, Type, Union

from magenta_viz.settings import fields
from magenta_viz.settings import parts


@dataclasses.dataclass(frozen=True)
class Parameterization(parts.Part):
  """What is optimised.

  Attributes:
    are_pixels: Whether its parameters are the pixels themselves.
    are_waves: Whether they are waves.
    colours: Whether channels are brightness and two contrasts, or red, green,
      blue.
  """

  are_pixels: ClassVar[bool] = False
  are_waves: ClassVar[bool] = False

  colours: str = fields.choice(
    'decorrelated',
    ('decorrelated', 'plain'),
    'whether channels are brightness and two contrasts, or red, green, blue;'
    ' pixels are always plain',
  )

  @property
  def init(self) -> str:
    """What pictures start from; grey, where there are no starts of choice."""
    return 'grey'

  @property
  def initial_deviation(self) -> float:
    """Standard deviation of the noise in the parameters at the start."""
    return 0.0

  @property
  def starts_from_pictures(self) -> bool:
    """Whether the parameters can be those of a given picture."""
    return True

  def waves(self, enlargement: 'Enlargement') -> '_Waves':
    """Returns the waves that its pictures are enlarged in."""
    return enlargement


@dataclasses.dataclass(frozen=True)
class _Waves(parts.Part):
  """How strong waves are, by how fine they are, and in what colours."""

  decay_power: float = fields.number(
    1.2,
    0.0,
    4.0,
    'how steeply fine detail is held back: waves of k cycles a picture are'
    ' weighted with k^-decay_power',
  )
  chroma: float = fields.number(
    1.0, 0.0, 10.0, 'factor of the colours, against those of photographs'
  )


@dataclasses.dataclass(frozen=True)
class _Started(Parameterization):
  """What is optimised from a start of choice, with noise."""

  init: str = fields.text(
    'grey',
    'start without --image: grey, mean (of ImageNet), R,G,B of 0-255, or'
    ' another for each picture: tint, a soft colour, or clouds of soft colours',
  )
  initial_deviation: float = fields.number(
    0.01, 0.0, 1000.0, 'standard deviation of the noise in the parameters'
  )

  def __post_init__(self) -> None:
    """Checks the settings."""
    super().__post_init__()
    if self.init not in fields.NAMED_STARTS:
      fields.parse_colour(self.init)


@dataclasses.dataclass(frozen=True)
class Fourier(_Waves, _Started):
  """Waves, the weaker the finer they are."""

  are_waves: ClassVar[bool] = True

  contrast: float = fields.number(
    0.7, 1e-3, 10.0, 'factor of the picture before the sigmoid'
  )
  max_cycles: float = fields.number(
    0.0, 0.0, 1e4, 'most cycles a picture of a wave; 0 for all there are'
  )

  def waves(self, enlargement: 'Enlargement') -> _Waves:
    """Returns the waves that its pictures are enlarged in: its own."""
    return self


@dataclasses.dataclass(frozen=True)
class Pixels(_Started):
  """Pixels; colours are those of an enlargement."""

  are_pixels: ClassVar[bool] = True


@dataclasses.dataclass(frozen=True)
class Pyramid(_Started):
  """A Laplacian pyramid."""

  pyramid_levels: int = fields.number(
    4, 1, 20, 'sizes of a pyramid; 1 for pixels in colours of choice'
  )


@dataclasses.dataclass(frozen=True)
class MaCo(Parameterization):
  """The phases of waves whose strengths are those of photographs."""

  are_waves: ClassVar[bool] = True

  phases: str = fields.choice(
    'standardized',
    ('standardized', 'free'),
    "whether MaCo's phases are scaled as they go; with --image: free",
  )

  @property
  def starts_from_pictures(self) -> bool:
    """Whether the parameters can be those of a given picture."""
    return self.phases == 'free'


PARAMETERIZATIONS: Mapping[str, Type[Parameterization]] = {
  'fourier': Fourier,
  'pixels': Pixels,
  'pyramid': Pyramid,
  'maco': MaCo,
}


@dataclasses.dataclass(frozen=True)
class Objective(parts.Part):
  """What is raised.

  Attributes:
    text: In the language of `ascent.objectives.language`; '' for the class.
  """

  text: str = fields.text('', '', name='objective')
  head: str = fields.text(
    'logits', "classifier of a class's score; loss2/classifier is one inside"
  )
  centring: float = fields.number(
    1.0,
    0.0,
    10.0,
    "how much of the other classes' mean logit is taken off a class's",
  )
  guide: str = fields.path('', 'the photograph of a guided dream')
  facet: float = fields.number(
    0.0,
    0.0,
    1000.0,
    'how strongly each picture is drawn to features of its own at first, less'
    ' and less until the last step; sets the variations of a class apart',
  )
  facet_layer: str = fields.text(
    'inception_4d/output',
    'the layer of these features',
    fields.When(('facet',)),
  )


@dataclasses.dataclass(frozen=True)
class Enlargement(_Waves):
  """How a picture grows that is larger than what is drawn at once.

  Its waves count where the picture itself is of none.
  """

  base_size: int = fields.number(
    320,
    64,
    4096,
    'shorter side at which larger pictures are drawn, to be enlarged,'
    ' in pixels, likewise',
  )
  sweeps: int = fields.number(
    8,
    0,
    10_000,
    'how often an enlargement, at most twofold, gets detail, tile by tile',
  )
  detail: float = fields.number(
    0.06,
    0.0,
    100.0,
    'how far the first sweep of an enlargement goes; the others less and less',
    fields.When(('sweeps',)),
  )


@dataclasses.dataclass(frozen=True)
class Views(parts.Part):
  """What the network sees."""

  @property
  def text(self) -> str:
    """What `transforms` says for it."""
    return 'views'

  @property
  def enlargement(self) -> Optional[Enlargement]:
    """How larger pictures grow; None if they are drawn at once."""
    return None


@dataclasses.dataclass(frozen=True)
class RandomViews(Views):
  """Parts of a picture, or more than it, turned, moved, blurred, tinted."""

  min_span: float = fields.number(
    0.64, 0.05, 4.0, "least share of the picture's shorter side in a view"
  )
  max_span: float = fields.number(
    1.17, 0.05, 4.0, "largest share of the picture's shorter side in a view"
  )
  rotation: float = fields.number(
    15.0, 0.0, 180.0, 'largest angle of a view either way, in degrees'
  )
  shift: float = fields.number(
    0.06, 0.0, 1.0, 'largest shift of a view either way, in picture sides'
  )
  noise: float = fields.number(
    0.0, 0.0, 1.0, 'standard deviation of the noise in a view'
  )
  blur: float = fields.number(
    1.5,
    0.0,
    20.0,
    'largest standard deviation of the blur of a view, in pixels, of a network'
    ' of 224; each view has its own, from 0 on',
  )
  mirror_share: float = fields.number(
    0.0, 0.0, 1.0, 'share of the views that are mirrored'
  )
  brightness_reach: float = fields.number(
    0.0, 0.0, 1.0, 'largest value, either way, added to a view'
  )
  contrast_reach: float = fields.number(
    0.0, 0.0, 1.0, 'most that the factor of contrast differs from 1'
  )
  gain_reach: float = fields.number(
    0.0, 0.0, 1.0, 'most that the factor of a channel differs from 1'
  )
  grey_share: float = fields.number(
    0.0, 0.0, 1.0, 'share of the views that are shown grey'
  )
  cover: float = fields.number(
    0.0, 0.0, 0.9, 'side of a square that is hidden, in view sides'
  )
  coarse_share: float = fields.number(
    0.5, 0.0, 1.0, 'share of the steps, from the first, with coarse views'
  )
  coarse_size: int = fields.number(
    160,
    64,
    1024,
    'height and width of a coarse view, in pixels, of a network of 224; others'
    ' in proportion',
    fields.When(('coarse_share',)),
  )
  enlargement: Enlargement = parts.part(Enlargement)

  def __post_init__(self) -> None:
    """Checks the settings."""
    super().__post_init__()
    if self.min_span > self.max_span:
      raise ValueError(
        f'min_span is {self.min_span} and max_span {self.max_span}; take a'
        ' smaller min_span or a larger max_span'
      )


@dataclasses.dataclass(frozen=True)
class Transforms(Views):
  """One transform after the other, as `ascent.part_language` has them."""

  text: str = ''


@dataclasses.dataclass(frozen=True)
class Steps(parts.Part):
  """How the ascent goes."""

  num_steps: int = fields.number(
    200, 1, 100_000, 'steps of gradient ascent in an octave'
  )
  learning_rate: Union[float, str] = fields.number(
    0.045, 0.0, 1e9, 'size of a step, or START..END over an octave'
  )
  steady_share: float = fields.number(
    2 / 3,
    0.0,
    1.0,
    'share of the steps after which the learning rate falls in a straight'
    ' line to 0; 1 for never',
  )
  window: str = fields.choice(
    'whole',
    ('whole', 'crop'),
    'whether a step changes all of the picture, or a random crop of the'
    " network's own size",
  )
  laplacian_levels: int = fields.number(
    0, 0, 10, 'scales that the gradient is made equally strong at; 0 for none'
  )
  regularizers: str = fields.text(
    '',
    'what restrains the picture, in this order: l2=0.001 total_variation=0.1'
    ' squared_variation=0.1 (off the score), and after each step decay=0.01'
    ' blur=2.5..0.5,4 (sigma, every) bilateral=0.4,2,5 (colour, space, window)'
    ' clip_norm=20 clip_contribution=90 (percent) clip',
  )
  keep: str = fields.choice(
    'last', ('last', 'best'), 'which step gives the picture: last or best score'
  )


@dataclasses.dataclass(frozen=True)
class Optimizer(parts.Part):
  """How a gradient becomes a step.

  Attributes:
    looks_back: Whether it depends on the steps before.
  """

  looks_back: ClassVar[bool] = False


@dataclasses.dataclass(frozen=True)
class Adam(Optimizer):
  """Adam, upwards."""

  looks_back: ClassVar[bool] = True


@dataclasses.dataclass(frozen=True)
class NAdam(Optimizer):
  """Adam with Nesterov's momentum, upwards."""

  looks_back: ClassVar[bool] = True


@dataclasses.dataclass(frozen=True)
class Plain(Optimizer):
  """The gradient as it is."""


@dataclasses.dataclass(frozen=True)
class MeanAbsolute(Optimizer):
  """The gradient by the mean of its absolute values."""


@dataclasses.dataclass(frozen=True)
class RootMeanSquare(Optimizer):
  """The gradient by the root of the mean of its squares."""


@dataclasses.dataclass(frozen=True)
class Progress(Optimizer):
  """As far as the score is to rise."""

  progress: float = fields.number(
    2.0, 1e-9, 1e9, 'rise of the score that optimizer=progress aims at'
  )


@dataclasses.dataclass(frozen=True)
class ProgressToOne(Progress):
  """As far as the score is to rise, to 1 at most."""

  late_progress: float = fields.number(
    0.1, 1e-9, 1.0, 'of what is missing to 1, for optimizer=progress01'
  )


OPTIMIZERS: Mapping[str, Type[Optimizer]] = {
  'adam': Adam,
  'nadam': NAdam,
  'plain': Plain,
  'mean_absolute': MeanAbsolute,
  'root_mean_square': RootMeanSquare,
  'progress': Progress,
  'progress01': ProgressToOne,
}

_ZOOMED = fields.When(('count', 'start_scale'), above=1)


@dataclasses.dataclass(frozen=True)
class Octaves(parts.Part):
  """The sizes that a picture is drawn at, one after the other."""

  count: int = fields.number(
    1, 1, 100, 'sizes that the picture is drawn at', name='octaves'
  )
  scale: float = fields.number(
    1.4,
    1.0,
    10.0,
    'ratio of the size of an octave to the one before',
    fields.When(('count',), above=1),
    name='octave_scale',
  )
  zoom_order: int = fields.number(
    1, 0, 5, 'order of the splines that pictures are zoomed with', _ZOOMED
  )
  carry: str = fields.choice(
    'picture',
    ('picture', 'detail'),
    'what an octave gives to the next: the picture, or what it changed of it',
    _ZOOMED,
  )
  start_scale: float = fields.number(
    1.0,
    1.0,
    10.0,
    'how many times the start is enlarged before the ascent',
    fields.When(('carry',), ('picture',)),
  )


@dataclasses.dataclass(frozen=True)
class Display(parts.Part):
  """How values become colours."""

  alpha_percentile: float = fields.number(
    0.0,
    0.0,
    100.0,
    'shows what never mattered to the score as white; pixels from this'
    ' percentile of influence on are opaque; 0 for all',
  )


@dataclasses.dataclass(frozen=True)
class Clip(Display):
  """Values below 0 are 0, those above 1 are 1."""


@dataclasses.dataclass(frozen=True)
class Stretch(Display):
  """The least value is black, the largest white."""

  percentile: float = fields.number(
    0.0,
    0.0,
    49.0,
    'values that stretching clips at either end, in percent',
    name='display_percentile',
  )


@dataclasses.dataclass(frozen=True)
class Centred(Stretch):
  """As `Stretch`, about ImageNet's mean, which is shown grey."""


DISPLAYS: Mapping[str, Type[Display]] = {
  'clip': Clip,
  'stretch': Stretch,
  'centred': Centred,
}
