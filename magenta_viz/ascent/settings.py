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

"""Fields of settings: their ranges, and what `--help` says of them."""

import dataclasses
import typing
from typing import Any, Mapping, Optional, Sequence, Tuple

from magenta_viz.ascent import schedules

# What `init` may say instead of a colour.
NAMED_STARTS = ('grey', 'mean', 'tint', 'clouds')

# A setting, and the values of it with which another one counts.
When = Tuple[str, Tuple[str, ...]]


def number(
  default: Any,
  minimum: float,
  maximum: float,
  help_text: str,
  when: Optional[When] = None,
) -> Any:
  """Returns a field with its range and what `--help` says of it."""
  metadata = {
    'minimum': minimum,
    'maximum': maximum,
    'help': help_text,
    'when': when,
  }
  return dataclasses.field(default=default, metadata=metadata)


def choice(
  default: Optional[str],
  choices: Sequence[str],
  help_text: str,
  when: Optional[When] = None,
) -> Any:
  """Returns a field with its values and what `--help` says of it."""
  metadata = {'choices': tuple(choices), 'help': help_text, 'when': when}
  return dataclasses.field(default=default, metadata=metadata)


def text(default: Any, help_text: str) -> Any:
  """Returns a field of text, and what `--help` says of it."""
  return dataclasses.field(default=default, metadata={'help': help_text})


def required_text(help_text: str) -> Any:
  """Returns a field of text without a default."""
  return dataclasses.field(metadata={'help': help_text})


def switch(default: Optional[bool], help_text: str) -> Any:
  """Returns a field that is true or false, and what `--help` says of it."""
  return dataclasses.field(default=default, metadata={'help': help_text})


def is_optional(kind: Any) -> bool:
  """Tells whether a field of type `kind` may be None."""
  return type(None) in typing.get_args(kind)


def base_type(kind: Any) -> Any:
  """Returns the type without Optional: int of Optional[int]."""
  types = [each for each in typing.get_args(kind) if each is not type(None)]
  return types[0] if is_optional(kind) and len(types) == 1 else kind


def check_heeded(settings: Any, chosen: Mapping[str, Any]) -> None:
  """Raises ValueError if a setting does nothing beside the others.

  Args:
    settings: Of a dataclass with fields of this module.
    chosen: Those that somebody chose; what is as by default does no harm.
      Neither does what depends on a setting that is None, yet to be chosen.
  """
  for field in dataclasses.fields(settings):
    when = field.metadata.get('when')
    if when is None or chosen.get(field.name, field.default) == field.default:
      continue
    other, values = when
    if getattr(settings, other) not in (None, *values):
      raise ValueError(
        f'{field.name} does nothing, because {other} is'
        f" '{getattr(settings, other)}'; leave it out, or take"
        f' --{other}={" or ".join(values)}'
      )


def check(
  name: str, value: Any, kind: Any, metadata: Mapping[str, Any]
) -> None:
  """Raises ValueError if a setting has a value that it cannot have."""
  if value is None and is_optional(kind):
    return
  kind = base_type(kind)
  if 'choices' in metadata:
    choices = metadata['choices']
    if value not in choices:
      raise ValueError(f"{name} is '{value}'; take one of {', '.join(choices)}")
  elif kind is bool:
    if not isinstance(value, bool):
      raise ValueError(f'{name} is {value!r}; take True or False')
  elif 'minimum' not in metadata:
    if not isinstance(value, str):
      raise ValueError(f'{name} is {value!r}; give it as text')
  else:
    low, high = metadata['minimum'], metadata['maximum']
    allowed = (int,) if kind is int else (int, float)
    values: Sequence[Any] = [value]
    if isinstance(value, str) and kind is not int and kind is not float:
      values = schedules.ends(schedules.parse(value, name))
    for each in values:
      is_number = isinstance(each, allowed) and not isinstance(each, bool)
      if not is_number or not low <= each <= high:
        what = 'whole number' if kind is int else 'number'
        raise ValueError(
          f'{name} is {value}; take a {what} from {low} to {high}'
        )


def parse_colour(text: str) -> Tuple[float, float, float]:
  """Reads a colour as R,G,B of 0 to 255.

  Raises:
    ValueError: If the text is none.
  """
  try:
    red, green, blue = map(float, text.split(','))
    if min(red, green, blue) >= 0 and max(red, green, blue) <= 255:
      return red, green, blue
  except ValueError:
    pass
  raise ValueError(
    f"init is '{text}'; take {', '.join(NAMED_STARTS)}, or a colour as R,G,B"
    ' with numbers from 0 to 255'
  )
