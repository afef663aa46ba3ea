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

"""The settings of a picture, as plain data."""

import dataclasses
from typing import Any, Dict, Mapping, Union

from magenta_viz.ascent import recipe_checks
from magenta_viz.settings import fields

# Values of other settings with which some count.
_FOURIER = fields.When(('parameterization',), ('fourier',))
_VIEWS = fields.When(('transforms',), ('views',))
_OCTAVES = fields.When(('octaves',), above=1)
_ZOOMED = fields.When(('octaves', 'start_scale'), above=1)


@dataclasses.dataclass(frozen=True)
class Recipe:
  """How to draw: what is neither about which picture, nor the machine.

  The numbers are the package's own, measured with GoogLeNet on 24 classes
  (docs/recipe.md). A network may want others: `ModelSpec.recipe`. Those of
  other methods are in `presets`.

  Raises:
    ValueError: If a setting is out of its range.
  """

  # What is optimised.
  parameterization: str = fields.choice(
    'fourier',
    ('fourier', 'pixels', 'pyramid', 'maco'),
    'what is optimised: waves, pixels, a Laplacian pyramid, or the phases of'
    ' waves',
  )
  colours: str = fields.choice(
    'decorrelated',
    ('decorrelated', 'plain'),
    'whether channels are brightness and two contrasts, or red, green, blue;'
    ' pixels are always plain',
  )
  init: str = fields.text(
    'grey',
    'start without --image: grey, mean (of ImageNet), R,G,B of 0-255, or'
    ' another for each picture: tint, a soft colour, or clouds of soft colours',
  )
  initial_deviation: float = fields.number(
    0.01,
    0.0,
    1000.0,
    'standard deviation of the noise in the parameters',
    fields.When(('parameterization',), ('fourier', 'pixels', 'pyramid')),
  )
  start_scale: float = fields.number(
    1.0,
    1.0,
    10.0,
    'how many times the start is enlarged before the ascent',
    fields.When(('carry',), ('picture',)),
  )
  decay_power: float = fields.number(
    1.2,
    0.0,
    4.0,
    'how steeply fine detail is held back: waves of k cycles a picture are'
    ' weighted with k^-decay_power',
    _FOURIER,
  )
  contrast: float = fields.number(
    0.7, 1e-3, 10.0, 'factor of the picture before the sigmoid', _FOURIER
  )
  chroma: float = fields.number(
    1.0,
    0.0,
    10.0,
    'factor of the colours, against those of photographs',
    _FOURIER,
  )
  phases: str = fields.choice(
    'standardized',
    ('standardized', 'free'),
    "whether MaCo's phases are scaled as they go; with --image: free",
    fields.When(('parameterization',), ('maco',)),
  )
  pyramid_levels: int = fields.number(
    4,
    1,
    20,
    'sizes of a pyramid; 1 for pixels in colours of choice',
    fields.When(('parameterization',), ('pyramid',)),
  )
  # What is raised.
  objective: str = fields.text('', '')
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
  # What the network sees.
  transforms: str = fields.text(
    'views',
    'what the network sees: views, as the settings below have them, or one'
    ' transform after the other: pad=12 shift=8 zoom=0.9,1.1 rotate=10 flip'
    ' roll=32 noise=0.1 crops=32,0.5..0.05,0.05,0.15 tiles=224,112'
    ' brightness=0.1 contrast=0.3 gains=0.15 grey=0.2 cover=0.35',
  )
  min_span: float = fields.number(
    0.64,
    0.05,
    4.0,
    "least share of the picture's shorter side in a view",
    _VIEWS,
  )
  max_span: float = fields.number(
    1.17,
    0.05,
    4.0,
    "largest share of the picture's shorter side in a view",
    _VIEWS,
  )
  rotation: float = fields.number(
    15.0, 0.0, 180.0, 'largest angle of a view either way, in degrees', _VIEWS
  )
  shift: float = fields.number(
    0.06,
    0.0,
    1.0,
    'largest shift of a view either way, in picture sides',
    _VIEWS,
  )
  noise: float = fields.number(
    0.0, 0.0, 1.0, 'standard deviation of the noise in a view', _VIEWS
  )
  blur: float = fields.number(
    1.5,
    0.0,
    20.0,
    'largest standard deviation of the blur of a view, in pixels, of a network'
    ' of 224; each view has its own, from 0 on',
    _VIEWS,
  )
  mirror_share: float = fields.number(
    0.0, 0.0, 1.0, 'share of the views that are mirrored', _VIEWS
  )
  brightness_reach: float = fields.number(
    0.0, 0.0, 1.0, 'largest value, either way, added to a view', _VIEWS
  )
  contrast_reach: float = fields.number(
    0.0, 0.0, 1.0, 'most that the factor of contrast differs from 1', _VIEWS
  )
  gain_reach: float = fields.number(
    0.0, 0.0, 1.0, 'most that the factor of a channel differs from 1', _VIEWS
  )
  grey_share: float = fields.number(
    0.0, 0.0, 1.0, 'share of the views that are shown grey', _VIEWS
  )
  cover: float = fields.number(
    0.0, 0.0, 0.9, 'side of a square that is hidden, in view sides', _VIEWS
  )
  coarse_share: float = fields.number(
    0.5,
    0.0,
    1.0,
    'share of the steps, from the first, with coarse views',
    _VIEWS,
  )
  coarse_size: int = fields.number(
    160,
    64,
    1024,
    'height and width of a coarse view, in pixels, of a network of 224; others'
    ' in proportion',
    _VIEWS,
    fields.When(('coarse_share',)),
  )
  base_size: int = fields.number(
    320,
    64,
    4096,
    'shorter side at which larger pictures are drawn, to be enlarged,'
    ' in pixels, likewise',
    _VIEWS,
  )
  sweeps: int = fields.number(
    8,
    0,
    10_000,
    'how often an enlargement, at most twofold, gets detail, tile by tile',
    _VIEWS,
  )
  detail: float = fields.number(
    0.06,
    0.0,
    100.0,
    'how far the first sweep of an enlargement goes; the others less and less',
    _VIEWS,
    fields.When(('sweeps',)),
  )
  window: str = fields.choice(
    'whole',
    ('whole', 'crop'),
    'whether a step changes all of the picture, or a random crop of the'
    " network's own size",
  )
  # Steps.
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
  optimizer: str = fields.choice(
    'adam',
    (
      'adam',
      'nadam',
      'plain',
      'mean_absolute',
      'root_mean_square',
      'progress',
      'progress01',
    ),
    'how a gradient becomes a step',
  )
  progress: float = fields.number(
    2.0,
    1e-9,
    1e9,
    'rise of the score that optimizer=progress aims at',
    fields.When(('optimizer',), ('progress', 'progress01')),
  )
  late_progress: float = fields.number(
    0.1,
    1e-9,
    1.0,
    'of what is missing to 1, for optimizer=progress01',
    fields.When(('optimizer',), ('progress01',)),
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
  # Sizes.
  octaves: int = fields.number(1, 1, 100, 'sizes that the picture is drawn at')
  octave_scale: float = fields.number(
    1.4, 1.0, 10.0, 'ratio of the size of an octave to the one before', _OCTAVES
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
  # What is shown.
  display: str = fields.choice(
    'clip',
    ('clip', 'stretch', 'centred'),
    'how values become colours: clipped, stretched to the whole range, or'
    " stretched about ImageNet's mean, which is shown grey",
  )
  display_percentile: float = fields.number(
    0.0,
    0.0,
    49.0,
    'values that stretching clips at either end, in percent',
    fields.When(('display',), ('stretch', 'centred')),
  )
  alpha_percentile: float = fields.number(
    0.0,
    0.0,
    100.0,
    'shows what never mattered to the score as white; pixels from this'
    ' percentile of influence on are opaque; 0 for all',
  )

  def __post_init__(self) -> None:
    """Checks the ranges."""
    fields.settle(self)
    recipe_checks.check_together(self)

  @classmethod
  def of(cls, *settings: Mapping[str, Any]) -> 'Recipe':
    """Returns the default recipe with other settings, later ones last.

    Raises:
      ValueError: If there is no such setting, or it is out of its range.
    """
    known = [field.name for field in dataclasses.fields(cls)]
    values: Dict[str, Any] = {}
    for each in settings:
      values.update(each)
    for name in values:
      if name not in known:
        raise ValueError(
          f"the recipe has no setting '{name}'; take one of {', '.join(known)}"
        )
    return cls(**values)
