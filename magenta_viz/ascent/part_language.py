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
straight line (`schedules.Linear`). Whole numbers on a line are rounded down, as
the originals do in Python 2.
"""

import dataclasses
import difflib
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

from magenta_viz.ascent import part_words
from magenta_viz.ascent import protocols
from magenta_viz.ascent.views import random_views
from magenta_viz.settings import schedules

_Setting = Union[schedules.Schedule, str]

# Each is a part of the graph, which takes time to be built.
_MAX_WORDS = 100

# More than the rounding errors of a line, far less than a change that counts.
_ROUNDING = 1e-9


@dataclasses.dataclass(frozen=True)
class _Part:
  """A word that was read."""

  name: str
  make: Callable[..., Any]
  settings: Mapping[str, _Setting]

  def build(self, number: Callable[[schedules.Linear], Any]) -> Any:
    """Returns the part with what `number` makes of each line."""
    settings: Dict[str, Any] = dict(self.settings)
    for name, setting in settings.items():
      if isinstance(setting, schedules.Linear):
        settings[name] = number(setting)
    return self.make(**settings)


@dataclasses.dataclass(frozen=True)
class TransformPlan:
  """What the network sees over the steps of an octave.

  Attributes:
    parts: The words of the text.
  """

  parts: Tuple[_Part, ...]

  def at(self, index: int, num_steps: int) -> random_views.Chain:
    """Returns the views at a step.

    Args:
      index: Of the step, from 0.
      num_steps: Of the octave.
    """

    def number(line: schedules.Linear) -> float:
      value = schedules.value(line, index, num_steps)
      if isinstance(line.start, int):
        return math.floor(value + _ROUNDING)
      return value

    return random_views.Chain(tuple(each.build(number) for each in self.parts))


class Regularizers(NamedTuple):
  """What restrains a picture.

  Attributes:
    filters: What is done to the pixels after each step, in this order.
    penalties: What is taken off the score.
  """

  filters: Tuple[protocols.Filter, ...]
  penalties: Tuple[protocols.Penalty, ...]


def parse_transforms(text: str, view_size: int) -> TransformPlan:
  """Reads transforms, such as `roll=48..4` or `crops=32,0.5..0.05,0.05,0.15`.

  Each word has the settings of a class of `transforms` or `cuts`.

  Args:
    text: In the language above; none where it is empty.
    view_size: Height and width that `crops` are resampled to, in pixels.

  Raises:
    ValueError: If the text is none; the message points at the character.
  """
  reader = _Reader('transforms', text, part_words.transforms(view_size))
  return TransformPlan(tuple(reader.read()))


def parse_regularizers(
  text: str, limits: Optional[part_words.Limits]
) -> Regularizers:
  """Reads regularizers, such as `decay=0.0001 blur=1,4 clip l2=0.001`.

  Each word has the settings of a class of `regularizers` or `penalties`.

  Args:
    text: In the language above; none where it is empty.
    limits: Parameters of black and of white, `pixels.Pixels.limits`; None where
      the parameters are no pixels.

  Raises:
    ValueError: If the text is none, or works on pixels and there are none; the
      message points at the character.
  """
  filters = part_words.filters(limits)
  penalties = part_words.PENALTIES
  words = _Reader('regularizers', text, {**filters, **penalties}).read()
  # Filters are told the step: their lines stay as they are.
  return Regularizers(
    tuple(each.make(**each.settings) for each in words if each.name in filters),
    tuple(
      each.make(**each.settings) for each in words if each.name in penalties
    ),
  )


class _Reader:
  """Reads one text."""

  def __init__(
    self, kind: str, text: str, signatures: Mapping[str, part_words.Signature]
  ):
    self._kind = kind
    self._text = text
    self._signatures = signatures

  def read(self) -> List[_Part]:
    """Returns the parts of all words."""
    words = list(re.finditer(r'\S+', self._text))
    if len(words) > _MAX_WORDS:
      self._fail(
        words[_MAX_WORDS].start(),
        f'these are {len(words)} words; take {_MAX_WORDS} at most',
      )
    return [self._part(word.group(), word.start()) for word in words]

  def _part(self, word: str, place: int) -> _Part:
    """Returns what a word means."""
    name, equals, rest = word.partition('=')
    if name not in self._signatures:
      close = difflib.get_close_matches(name, self._signatures, n=1)
      perhaps = f', perhaps {close[0]}' if close else ''
      names = ', '.join(self._signatures)
      self._fail(place, f"unknown name '{name}'{perhaps}; take one of {names}")
    signature = self._signatures[name]
    texts = rest.split(',') if equals else []
    num_missing = len(signature.values) - len(texts)
    if not 0 <= num_missing <= signature.num_optional:
      self._fail(place, f'expected {signature.usage(name)}')
    settings = {}
    here = place + len(name) + 1
    for value, text in zip(signature.values, texts):
      settings[value.name] = self._setting(name, value, text, here)
      here += len(text) + 1
    part = _Part(name, signature.make, settings)
    try:
      # A line that begins and ends in a range stays there.
      part.build(lambda line: line.start)
      part.build(lambda line: line.end)
    except ValueError as error:
      self._fail(place, str(error))
    return part

  def _setting(
    self, name: str, value: part_words.Value, text: str, place: int
  ) -> _Setting:
    """Returns one value of a word."""
    what = f'{value.name.upper()} of {name}'
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
