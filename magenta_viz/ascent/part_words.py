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

"""The words of `part_language`: what each means, and which values it takes."""

import functools
from typing import (
  Any,
  Callable,
  Dict,
  Mapping,
  NamedTuple,
  NoReturn,
  Optional,
  Tuple,
)

from magenta_viz.ascent import filters as filters_lib
from magenta_viz.ascent import penalties
from magenta_viz.ascent.parameterizations import pixels
from magenta_viz.ascent.views import covers
from magenta_viz.ascent.views import crops_and_tiles
from magenta_viz.ascent.views import tints
from magenta_viz.ascent.views import transforms as transforms_lib

# Black and white, as `filters_lib.ClipRange` wants them.
Limits = Tuple[pixels.Colour, pixels.Colour]

# What is larger is lost beside the other terms of a score in float32.
_MOST = 1e9
# Of a picture, in pixels: a JPEG file has none that is longer.
_MAX_SIDE = 65_535
# The networks halve a side five times.
_MIN_VIEW = 32
# Against colours in [0, 1], or a picture's sides: nothing is left to be seen.
_MAX_NOISE = 1000
# As the pictures of a batch: the network looks at all before it takes a step.
_MAX_CROPS = 1024
# In pixels; the time grows with it, and from here on a picture is one colour.
_MAX_SIGMA = 200
# In pixels; the time grows with its square.
_MAX_WINDOW = 101
# As `recipe.Recipe.num_steps`.
_MAX_STEPS = 100_000

# What `numpy.pad` can have outside of a picture.
_EDGES = ('constant', 'edge', 'reflect', 'symmetric', 'wrap')


class Value(NamedTuple):
  """What one value of a word is.

  Attributes:
    name: Of the part's setting.
    most: The largest that it may be, where the part itself has no limit, and
    least: the least.
    whole: Whether it is a whole number.
    varies: Whether it may be START..END.
    choices: The texts that it may be, in place of a number.
  """

  name: str
  most: float = _MOST
  least: float = -_MOST
  whole: bool = False
  varies: bool = False
  choices: Tuple[str, ...] = ()


class Signature(NamedTuple):
  """What a word means.

  Attributes:
    make: Makes the part from its settings.
    values: Of the word, in this order.
    num_optional: How many of the last ones may be left out.
  """

  make: Callable[..., Any]
  values: Tuple[Value, ...] = ()
  num_optional: int = 0

  def usage(self, name: str) -> str:
    """Returns how the word is written, as in `pad=MARGIN[,VALUE]`."""
    num_required = len(self.values) - self.num_optional
    for index, value in enumerate(self.values):
      text = (',' if index else '=') + value.name.upper()
      name += text if index < num_required else f'[{text}]'
    return name


_whole = functools.partial(Value, whole=True)
_line = functools.partial(Value, varies=True)
_whole_line = functools.partial(Value, whole=True, varies=True)
# Of which a hundredth is seen, or which is a hundredth of what is seen.
_factor = functools.partial(_line, most=100, least=0.01)
_weight = Value('weight')

PENALTIES: Mapping[str, Signature] = {
  'l2': Signature(penalties.L2, (_weight, Value('center')), 1),
  'total_variation': Signature(penalties.TotalVariation, (_weight,)),
  'squared_variation': Signature(penalties.SquaredVariation, (_weight,)),
}


def transforms(view_size: int) -> Dict[str, Signature]:
  """Returns the words of transforms."""
  return {
    'pad': Signature(
      transforms_lib.Pad, (_whole('margin', _MAX_SIDE), Value('value')), 1
    ),
    # Each reach has a size of view of its own: a line of it costs many traces.
    'shift': Signature(transforms_lib.Shift, (_whole('reach', _MAX_SIDE),)),
    'roll': Signature(transforms_lib.Roll, (_whole_line('reach', _MAX_SIDE),)),
    'zoom': Signature(transforms_lib.Zoom, (_factor('low'), _factor('high'))),
    'rotate': Signature(transforms_lib.Rotate, (_line('degrees'),)),
    'flip': Signature(transforms_lib.Flip, (_line('probability'),), 1),
    'noise': Signature(
      transforms_lib.Noise,
      (_line('deviation', _MAX_NOISE), _line('reach', _MAX_NOISE)),
      1,
    ),
    'brightness': _tint('brightness', 'reach'),
    'contrast': _tint('contrast', 'reach'),
    'gains': _tint('gains', 'reach'),
    'grey': _tint('grey', 'share'),
    'cover': Signature(covers.Cover, (_line('share'),)),
    'crops': Signature(
      functools.partial(crops_and_tiles.Crops, size=view_size),
      (
        _whole('count', _MAX_CROPS),
        _line('span'),
        _line('span_deviation', _MAX_NOISE),
        _line('center_deviation', _MAX_NOISE),
      ),
    ),
    'tiles': Signature(
      crops_and_tiles.Tiles,
      (_whole('size', _MAX_SIDE, _MIN_VIEW), _whole('stride', _MAX_SIDE)),
    ),
  }


def filters(limits: Optional[Limits]) -> Dict[str, Signature]:
  """Returns the words of filters, which refuse to be made without limits."""
  black, white = limits or ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
  clip = functools.partial(filters_lib.ClipRange, black, white)
  bilateral = functools.partial(filters_lib.Bilateral, black=black)
  words = {
    'decay': Signature(filters_lib.Decay, (_line('rate'),)),
    'blur': Signature(
      filters_lib.GaussianBlur,
      (_line('sigma', _MAX_SIGMA), _whole('every', _MAX_STEPS)),
      1,
    ),
    'bilateral': Signature(
      bilateral,
      (
        _line('sigma_color', _MAX_NOISE),
        _line('sigma_space', _MAX_NOISE),
        _whole('window', _MAX_WINDOW),
        Value('edge', choices=_EDGES),
      ),
      2,
    ),
    'clip_norm': Signature(filters_lib.ClipNorm, (_line('percentile'),)),
    'clip_contribution': Signature(
      filters_lib.ClipContribution, (_line('percentile'),)
    ),
    'clip': Signature(clip),
  }
  if limits is None:
    for name, signature in words.items():
      refuse = functools.partial(_refuse, name)
      words[name] = signature._replace(make=refuse)
  return words


def _tint(setting: str, value: str) -> Signature:
  """Returns the word of one setting of a tint."""

  def make(**values: float) -> tints.Tint:
    return tints.Tint(**{setting: values[value]})

  return Signature(make, (_line(value),))


def _refuse(word: str, **settings: Any) -> NoReturn:
  """Raises the error for a filter of what is no pixels."""
  del settings
  raise ValueError(f'{word} works on pixels; take --parameterization=pixels')
