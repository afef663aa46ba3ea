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

"""What is to be known of a model of others, where it does not say, as flags."""

import dataclasses
import math
from typing import Any, Callable, Optional, Sequence, Tuple

from magenta_viz.settings import fields
from magenta_viz.settings import parts

# What `output` says for a model that has no classes.
NO_CLASSES = 'none'

_MOST_CHANNELS = 1024
_MOST_SIDE = 4096
# Of a number in a list of them.
_MAX_LETTERS = 30


def _numbers(
  name: str, kind: Callable[[str], Any], counts: Sequence[int], example: str
) -> Callable[[Any], Tuple[Any, ...]]:
  """Returns what reads numbers with commas between them."""

  def parse(text: Any) -> Tuple[Any, ...]:
    words = [word.strip() for word in str(text).split(',')]
    try:
      found = tuple(kind(word[:_MAX_LETTERS]) for word in words)
    except ValueError:
      found = ()
    if (len(found) not in counts and counts) or not found:
      raise ValueError(f"{name} is '{text}'; give {example}")
    return found

  return parse


def _joined(values: Sequence[Any]) -> Sequence[str]:
  """Returns what a flag is given for numbers."""
  return [','.join(f'{value:g}' for value in values)]


def _parse_size(text: Any) -> Tuple[int, int]:
  """Reads 'N' or 'HxW'."""
  sides = str(text).lower().split('x')
  if len(sides) > 2 or not all(
    side.isdecimal() and 0 < len(side) < 5 and 1 <= int(side) <= _MOST_SIDE
    for side in sides
  ):
    raise ValueError(
      f"input_size is '{text}'; give N or HxW in pixels, up to {_MOST_SIDE},"
      ' such as 96 or 96x128'
    )
  return int(sides[0]), int(sides[-1])


@dataclasses.dataclass(frozen=True)
class ForeignSettings(parts.Part):
  """A model of others.

  What is None is taken from what the model says, or from habit.

  Attributes:
    input_range: What black and white are to it.
    input_mean: What is taken off then: a number, or one a channel in its order.
    input_scale: What that is multiplied by, likewise.
    channel_order: 'rgb' or 'bgr', of three channels.
    input_size: Height and width that it sees, where it leaves them open.
    input_channels: Of more channels than three, those that are red, green and
      blue, from 0; None for three directions, as of `components`.
    class_names: Path of a file with a name a line, in the order of the ids.
    output: Name of the output with a score a class, or 'none' for a model
      without classes.
    signature: Of a SavedModel; None for 'serving_default', or its only one.
    allow_code: Whether it may bring code, which is run.

  Raises:
    ValueError: If a value is out of its range.
  """

  input_range: Optional[Tuple[float, float]] = fields.written(
    None,
    'input_range',
    _joined,
    parse=_numbers('input_range', float, (2,), 'two numbers, such as -1,1'),
    help='what black and white are to the model, as -1,1 or 0,255',
  )
  input_mean: Optional[Tuple[float, ...]] = fields.written(
    None,
    'input_mean',
    _joined,
    parse=_numbers('input_mean', float, (), 'a number, or one a channel'),
    help='what is taken off then, a number or one a channel in its own order',
  )
  input_scale: Optional[Tuple[float, ...]] = fields.written(
    None,
    'input_scale',
    _joined,
    parse=_numbers('input_scale', float, (), 'a number, or one a channel'),
    help='what that is multiplied by, likewise',
  )
  channel_order: Optional[str] = fields.choice(
    None, ('rgb', 'bgr'), 'order of its channels'
  )
  input_size: Optional[Tuple[int, int]] = fields.written(
    None,
    'input_size',
    lambda size: ['x'.join(map(str, size))],
    parse=_parse_size,
    help='size that it sees, N or HxW in pixels, where it leaves that open',
  )
  input_channels: Optional[Tuple[int, int, int]] = fields.written(
    None,
    'input_channels',
    _joined,
    parse=_numbers('input_channels', int, (3,), 'three, such as 3,2,1'),
    help='of more channels than three those that are red, green and blue, as'
    ' 3,2,1; else the directions that it heeds most',
  )
  class_names: Optional[str] = fields.path(
    None, 'file with the name of a class a line, in the order of their ids'
  )
  output: Optional[str] = fields.text(
    None,
    f'which of its outputs has the classes, where there are several;'
    f' {NO_CLASSES} for a model without classes',
  )
  signature: Optional[str] = fields.text(
    None, 'which signature of a SavedModel, where there are several'
  )
  allow_code: bool = fields.switch(
    False, 'run the code that the model brings, as a Lambda layer; trust it'
  )

  def __post_init__(self) -> None:
    """Brings the settings to their types, and checks them."""
    for field in dataclasses.fields(self):
      value = getattr(self, field.name)
      if 'parse' in field.metadata and isinstance(value, (str, int, float)):
        object.__setattr__(self, field.name, field.metadata['parse'](value))
    super().__post_init__()
    channels = self.input_channels or (0, 1, 2)
    if not all(0 <= each < _MOST_CHANNELS for each in channels):
      raise ValueError(
        f'input_channels is {channels}; take numbers from 0 to'
        f' {_MOST_CHANNELS - 1}'
      )
    if len(set(channels)) < len(channels):
      raise ValueError(
        f'input_channels is {channels}; give three numbers that differ'
      )
    if not all(1 <= side <= _MOST_SIDE for side in self.input_size or ()):
      raise ValueError(
        f'input_size is {self.input_size}; take 1 to {_MOST_SIDE} pixels'
      )
    for name in ('input_range', 'input_mean', 'input_scale'):
      numbers = getattr(self, name) or (0.0,)
      if not all(map(math.isfinite, numbers)):
        raise ValueError(f'{name} is {numbers}; give finite numbers')
    if self.input_range is not None and len(set(self.input_range)) < 2:
      raise ValueError(
        f'input_range is {self.input_range}; give two numbers that differ'
      )


# What is said of a model of which nothing is.
NOTHING = ForeignSettings()
