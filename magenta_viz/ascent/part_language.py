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

"""Transforms and regularizers as text: `pad=12 shift=8 zoom=0.9,1.1 flip`.

Words apart by blanks, NAME or NAME=VALUE[,VALUE...], in the order of what is
done. Where a value may change over the steps of an octave, START..END is a
straight line (`schedules.Linear`). Regularizers are filters, which are done to
the pixels after a step, and penalties, which are taken off the score.

`TRANSFORMS` and `REGULARIZERS` are all words that there are.
"""

import difflib
import functools
import math
import re
from typing import (
  Any,
  Callable,
  Dict,
  List,
  Mapping,
  NamedTuple,
  NoReturn,
  Optional,
  Tuple,
  Union,
)

from magenta_viz.ascent import filters
from magenta_viz.ascent import penalties
from magenta_viz.ascent import protocols
from magenta_viz.ascent.views import covers
from magenta_viz.ascent.views import crops_and_tiles
from magenta_viz.ascent.views import random_views
from magenta_viz.ascent.views import tints
from magenta_viz.ascent.views import transforms
from magenta_viz.settings import schedules

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
# Each is a part of the graph, which takes time to be built.
_MAX_WORDS = 100

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
    shown: What it is called, where that is not the setting's name.
  """

  name: str
  most: float = _MOST
  least: float = -_MOST
  whole: bool = False
  varies: bool = False
  choices: Tuple[str, ...] = ()
  shown: str = ''

  @property
  def title(self) -> str:
    """What it is called in capitals."""
    return (self.shown or self.name).upper()


class Word(NamedTuple):
  """What a word means.

  Attributes:
    make: Makes the part from its settings.
    example: Of how it is written.
    values: Of the word, in this order.
    num_optional: How many of the last ones may be left out.
    given: The part's settings that are not in the text.
    is_filter: Whether it is done to pixels, after a step.
  """

  make: Callable[..., Any]
  example: str
  values: Tuple[Value, ...] = ()
  num_optional: int = 0
  given: Tuple[str, ...] = ()
  is_filter: bool = False

  def usage(self, name: str) -> str:
    """Returns how the word is written, as in `pad=MARGIN[,VALUE]`."""
    num_required = len(self.values) - self.num_optional
    for index, value in enumerate(self.values):
      text = (',' if index else '=') + value.title
      name += text if index < num_required else f'[{text}]'
    return name


class Regularizers(NamedTuple):
  """What restrains a picture.

  Attributes:
    filters: What is done to the pixels after each step, in this order.
    penalties: What is taken off the score.
  """

  filters: Tuple[protocols.Filter, ...]
  penalties: Tuple[protocols.Penalty, ...]


_whole = functools.partial(Value, whole=True)
_line = functools.partial(Value, varies=True)
# Of which a hundredth is seen, or which is a hundredth of what is seen.
_factor = functools.partial(_line, most=100, least=0.01)
_weight = Value('weight')
_filter = functools.partial(Word, is_filter=True)

TRANSFORMS: Mapping[str, Word] = {
  'pad': Word(
    transforms.Pad, 'pad=12', (_whole('margin', _MAX_SIDE), Value('value')), 1
  ),
  # Each reach has a size of view of its own: a line of it costs many traces.
  'shift': Word(transforms.Shift, 'shift=8', (_whole('reach', _MAX_SIDE),)),
  'roll': Word(
    transforms.Roll, 'roll=32', (_whole('reach', _MAX_SIDE, varies=True),)
  ),
  'zoom': Word(
    transforms.Zoom, 'zoom=0.9,1.1', (_factor('low'), _factor('high'))
  ),
  'rotate': Word(transforms.Rotate, 'rotate=10', (_line('degrees'),)),
  'flip': Word(transforms.Flip, 'flip', (_line('probability'),), 1),
  'noise': Word(
    transforms.Noise,
    'noise=0.1',
    (_line('deviation', _MAX_NOISE), _line('reach', _MAX_NOISE)),
    1,
  ),
  'brightness': Word(
    tints.Tint, 'brightness=0.1', (_line('brightness', shown='reach'),)
  ),
  'contrast': Word(
    tints.Tint, 'contrast=0.3', (_line('contrast', shown='reach'),)
  ),
  'gains': Word(tints.Tint, 'gains=0.15', (_line('gains', shown='reach'),)),
  'grey': Word(tints.Tint, 'grey=0.2', (_line('grey', shown='share'),)),
  'cover': Word(covers.Cover, 'cover=0.35', (_line('share'),)),
  'crops': Word(
    crops_and_tiles.Crops,
    'crops=32,0.5..0.05,0.05,0.15',
    (
      _whole('count', _MAX_CROPS),
      _line('span'),
      _line('span_deviation', _MAX_NOISE),
      _line('center_deviation', _MAX_NOISE),
    ),
    given=('size',),
  ),
  'tiles': Word(
    crops_and_tiles.Tiles,
    'tiles=224,112',
    (_whole('size', _MAX_SIDE, _MIN_VIEW), _whole('stride', _MAX_SIDE)),
  ),
}

REGULARIZERS: Mapping[str, Word] = {
  'decay': _filter(filters.Decay, 'decay=0.01', (_line('rate'),)),
  'blur': _filter(
    filters.GaussianBlur,
    'blur=2.5..0.5,4',
    (_line('sigma', _MAX_SIGMA), _whole('every', _MAX_STEPS)),
    1,
  ),
  'bilateral': _filter(
    filters.Bilateral,
    'bilateral=0.4,2,5',
    (
      _line('sigma_color', _MAX_NOISE),
      _line('sigma_space', _MAX_NOISE),
      _whole('window', _MAX_WINDOW),
      Value('edge', choices=_EDGES),
    ),
    2,
    given=('black',),
  ),
  'clip_norm': _filter(
    filters.ClipNorm, 'clip_norm=20', (_line('percentile'),)
  ),
  'clip_contribution': _filter(
    filters.ClipContribution, 'clip_contribution=90', (_line('percentile'),)
  ),
  'clip': _filter(filters.ClipRange, 'clip', given=('black', 'white')),
  'l2': Word(penalties.L2, 'l2=0.001', (_weight, Value('center')), 1),
  'total_variation': Word(
    penalties.TotalVariation, 'total_variation=0.1', (_weight,)
  ),
  'squared_variation': Word(
    penalties.SquaredVariation, 'squared_variation=0.1', (_weight,)
  ),
}


def parse_transforms(text: str, view_size: int) -> random_views.Chain:
  """Reads transforms, such as `roll=48..4` or `crops=32,0.5..0.05,0.05,0.15`.

  Args:
    text: In the language above; none where it is empty.
    view_size: Height and width that `crops` are resampled to, in pixels.

  Raises:
    ValueError: If the text is none; the message points at the character.
  """
  read = _Reader('transforms', text, TRANSFORMS, {'size': view_size}).read()
  return random_views.Chain(tuple(part for _, part in read))


def parse_regularizers(
  text: str, limits: Optional[protocols.Limits]
) -> Regularizers:
  """Reads regularizers, such as `decay=0.0001 blur=1,4 clip l2=0.001`.

  Args:
    text: In the language above; none where it is empty.
    limits: Parameters of black and of white; None where the parameters are no
      pixels.

  Raises:
    ValueError: If the text is none, or works on pixels and there are none; the
      message points at the character.
  """
  given = dict(zip(('black', 'white'), limits)) if limits else None
  read = _Reader('regularizers', text, REGULARIZERS, given).read()
  return Regularizers(
    tuple(part for word, part in read if word.is_filter),
    tuple(part for word, part in read if not word.is_filter),
  )


class _Reader:
  """Reads one text."""

  def __init__(
    self,
    kind: str,
    text: str,
    words: Mapping[str, Word],
    given: Optional[Mapping[str, Any]],
  ):
    self._kind = kind
    self._text = text
    self._words = words
    self._given = given

  def read(self) -> List[Tuple[Word, Any]]:
    """Returns all words and their parts."""
    words = list(re.finditer(r'\S+', self._text))
    if len(words) > _MAX_WORDS:
      self._fail(
        words[_MAX_WORDS].start(),
        f'these are {len(words)} words; take {_MAX_WORDS} at most',
      )
    return [self._part(word.group(), word.start()) for word in words]

  def _part(self, text: str, place: int) -> Tuple[Word, Any]:
    """Returns a word and its part."""
    name, equals, rest = text.partition('=')
    if name not in self._words:
      close = difflib.get_close_matches(name, self._words, n=1)
      perhaps = f', perhaps {close[0]}' if close else ''
      names = ', '.join(self._words)
      self._fail(place, f"unknown name '{name}'{perhaps}; take one of {names}")
    word = self._words[name]
    texts = rest.split(',') if equals else []
    num_missing = len(word.values) - len(texts)
    if not 0 <= num_missing <= word.num_optional:
      self._fail(place, f'expected {word.usage(name)}')
    settings: Dict[str, Any] = {}
    here = place + len(name) + 1
    for value, each in zip(word.values, texts):
      settings[value.name] = self._setting(name, value, each, here)
      here += len(each) + 1
    if self._given is None and word.is_filter:
      self._fail(
        place, f'{name} works on pixels; take --parameterization=pixels'
      )
    settings.update((each, (self._given or {})[each]) for each in word.given)
    try:
      return word, word.make(**settings)
    except ValueError as error:
      self._fail(place, str(error))

  def _setting(
    self, name: str, value: Value, text: str, place: int
  ) -> Union[schedules.Schedule, str]:
    """Returns one value of a word."""
    what = f'{value.title} of {name}'
    if value.choices:
      if text not in value.choices:
        choices = ', '.join(value.choices)
        self._fail(place, f"{what} is '{text}'; take one of {choices}")
      return text
    if '..' in text and not value.varies:
      self._fail(
        place,
        f"{what} is '{text}', but cannot change over the steps; take a plain"
        ' number',
      )
    try:
      setting = schedules.parse(text, what)
      ends = schedules.ends(setting)
    except ValueError:
      ends = (math.nan, math.nan)
    if not all(map(float.is_integer if value.whole else math.isfinite, ends)):
      number = 'whole number' if value.whole else 'number'
      line = ', or START..END' if value.varies else ''
      self._fail(place, f"{what} is '{text}'; take a {number}{line}")
    if not value.least <= min(ends) <= max(ends) <= value.most:
      self._fail(
        place,
        f"{what} is '{text}'; take numbers from {value.least:g} to"
        f' {value.most:g}',
      )
    if not value.whole:
      return setting
    start, end = map(int, ends)
    return schedules.Linear(start, end) if '..' in text else start

  def _fail(self, place: int, why: str) -> NoReturn:
    """Raises the error for the character at `place`."""
    raise ValueError(
      f'{self._kind} {self._text!r}, character {place + 1}: {why}'
    )
