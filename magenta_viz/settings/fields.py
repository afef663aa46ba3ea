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

"""Fields of settings: their types, their ranges, and what `--help` says."""

import dataclasses
import os
import typing
from typing import (
  Any,
  Callable,
  Mapping,
  NamedTuple,
  Optional,
  Sequence,
  Tuple,
)

from magenta_viz.files import places
from magenta_viz.settings import near_names
from magenta_viz.settings import schedules

# What `init` may say instead of a colour.
NAMED_STARTS = ('grey', 'mean', 'tint', 'clouds')


class When(NamedTuple):
  """A condition for a setting to count.

  Attributes:
    others: Names of other settings, of which one must be so:
    values: one of these texts, or
    above: without such, a larger number than this.
  """

  others: Tuple[str, ...]
  values: Tuple[str, ...] = ()
  above: float = 0

  def holds(self, settings: Any) -> bool:
    """Tells whether it holds, or depends on what is None, yet to be chosen."""
    found = [getattr(settings, other) for other in self.others]
    if self.values:
      return any(
        each is None or set(split(each)).intersection(self.values)
        for each in found
      )
    return any(each is None or each > self.above for each in found)


def number(
  default: Any,
  minimum: float,
  maximum: float,
  help_text: str,
  *when: When,
  name: str = '',
) -> Any:
  """Returns a field with its range and what `--help` says of it.

  Args:
    default: Its default.
    minimum: Its least value.
    maximum: Its largest value.
    help_text: What `--help` says of it.
    *when: What must hold for it to count.
    name: Of the setting, if not the field's.
  """
  metadata = {
    'minimum': minimum,
    'maximum': maximum,
    'help': help_text,
    'when': when,
    'name': name,
  }
  return dataclasses.field(default=default, metadata=metadata)


def choice(
  default: Optional[str],
  choices: Sequence[str],
  help_text: str,
  *when: When,
) -> Any:
  """Returns a field with its values and what `--help` says of it."""
  metadata = {'choices': tuple(choices), 'help': help_text, 'when': when}
  return dataclasses.field(default=default, metadata=metadata)


def choices(
  default: str,
  choices: Sequence[str],
  help_text: str,
) -> Any:
  """Returns a field of one value or several, with commas between, likewise."""
  metadata = {'choices': tuple(choices), 'several': True, 'help': help_text}
  return dataclasses.field(default=default, metadata=metadata)


def text(default: Any, help_text: str, *when: When, name: str = '') -> Any:
  """Returns a field of text, and what `--help` says of it.

  Args:
    default: Its default.
    help_text: What `--help` says of it.
    *when: What must hold for it to count.
    name: Of the setting, if not the field's.
  """
  metadata = {'help': help_text, 'when': when, 'name': name}
  return dataclasses.field(default=default, metadata=metadata)


def path(default: Any, help_text: str, is_here: bool = False) -> Any:
  """Returns a field that names a file or a folder, and its help.

  Args:
    default: Its default; `dataclasses.MISSING` for none.
    help_text: What `--help` says of it.
    is_here: Whether it must be on this machine, and no address.
  """
  metadata = {'help': help_text, 'is_path': True, 'is_here': is_here}
  return dataclasses.field(default=default, metadata=metadata)


def required_text(help_text: str) -> Any:
  """Returns a field of text without a default."""
  return dataclasses.field(metadata={'help': help_text})


def like(config: Any, name: str, help_text: Optional[str] = None) -> Any:
  """Returns a field as another dataclass has it: its default and its bounds.

  Args:
    config: The dataclass.
    name: Of its field.
    help_text: What `--help` says of it here; None for the same.
  """
  (found,) = (each for each in dataclasses.fields(config) if each.name == name)
  own = {} if help_text is None else {'help': help_text}
  return dataclasses.field(
    default=found.default, metadata={**found.metadata, **own}
  )


def switch(default: Optional[bool], help_text: str) -> Any:
  """Returns a field that is true or false, and what `--help` says of it."""
  return dataclasses.field(default=default, metadata={'help': help_text})


def written(
  default: Any,
  flag: Optional[str],
  texts: Callable[[Any], Sequence[str]] = lambda value: [str(value)],
  **metadata: Any,
) -> Any:
  """Returns a field that a command writes in a way of its own.

  Args:
    default: Its default.
    flag: Name of its flag; None for what a command leaves out.
    texts: From a value to what the flag is given, once or more.
    **metadata: As fields of other kinds have it; and `parse`, from a flag's
      text to its value.
  """
  return dataclasses.field(
    default=default, metadata={'flag': flag, 'texts': texts, **metadata}
  )


def name_of(field: 'dataclasses.Field[Any]') -> str:
  """Returns the name of a setting among all of a configuration."""
  return field.metadata.get('name') or field.name


def default_of(field: 'dataclasses.Field[Any]') -> Any:
  """Returns the default of a field; `dataclasses.MISSING` for none."""
  if field.default_factory is not dataclasses.MISSING:
    return field.default_factory()
  return field.default


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
    chosen: Those that somebody chose, by their names; what is as by default
      does no harm.
  """
  names = {each.name: name_of(each) for each in dataclasses.fields(settings)}
  for field in dataclasses.fields(settings):
    name = names[field.name]
    if chosen.get(name, field.default) == field.default:
      continue
    for when in field.metadata.get('when', ()):
      if when.holds(settings):
        continue
      others = [names[other] for other in when.others]
      found = getattr(settings, when.others[0])
      if when.values:
        wanted = f'take --{others[0]}={" or ".join(when.values)}'
      elif isinstance(found, bool):
        wanted = f'take --{others[0]}'
      else:
        wanted = f'take --{" or --".join(others)} above {when.above}'
      raise ValueError(
        f'{name} does nothing, because {others[0]} is {quoted(found)}; leave it'
        f' out, or {wanted}'
      )


def settle(settings: Any) -> None:
  """Brings the fields of a frozen dataclass to their types, and checks them.

  Paths of `pathlib` become text, NumPy's values Python's, lists tuples, and one
  value stands for a tuple of it, a number for both sides of a size.

  Args:
    settings: A dataclass that is being made.

  Raises:
    ValueError: If one has a value that it cannot have.
  """
  for field in dataclasses.fields(settings):
    if 'kinds' in field.metadata or 'part' in field.metadata:
      continue
    value = _plain(getattr(settings, field.name))
    kind = base_type(field.type)
    if typing.get_origin(kind) is tuple and isinstance(value, (int, str)):
      value = (value,) * len([k for k in typing.get_args(kind) if k is not ...])
    object.__setattr__(settings, field.name, value)
    check(name_of(field), value, field.type, field.metadata)


def _plain(value: Any) -> Any:
  """Returns a value in plain types, as JSON and commands have them."""
  if isinstance(value, os.PathLike):
    return os.fspath(value)
  if hasattr(value, 'tolist'):  # NumPy's.
    value = value.tolist()
  if isinstance(value, Mapping):
    return {key: _plain(each) for key, each in value.items()}
  if isinstance(value, (list, tuple, range)):
    return tuple(map(_plain, value))
  return value


def check(
  name: str, value: Any, kind: Any, metadata: Mapping[str, Any]
) -> None:
  """Raises ValueError if a setting has a value that it cannot have."""
  if value is None and is_optional(kind):
    return
  is_left_out = is_optional(kind)
  kind = base_type(kind)
  # Its configuration checks it.
  if kind is Any:
    return
  origin = typing.get_origin(kind)
  if origin is tuple:
    _check_tuple(name, value, kind, metadata)
  elif origin is not None and origin is not typing.Union:
    if not isinstance(value, Mapping):
      raise ValueError(f'{name} is {value!r}; give names and their values')
  elif 'choices' in metadata:
    choices = metadata['choices']
    for each in split(value) if 'several' in metadata else (value,):
      if each not in choices:
        raise ValueError(
          f'{name} is {quoted(each)}; {one_of(str(each), choices)}'
        )
  elif kind is bool:
    if not isinstance(value, bool):
      raise ValueError(f'{name} is {value!r}; take True or False')
  elif kind is str:
    if not isinstance(value, str):
      raise ValueError(f'{name} is {value!r}; give it as text')
    if metadata.get('is_path'):
      check_path(name, value, metadata.get('is_here', False))
      if is_left_out and not value:
        raise ValueError(f'{name} is empty; give it a value, or leave it out')
  else:
    _check_number(name, value, kind, metadata)


def check_order(pair: Mapping[str, float]) -> None:
  """Raises ValueError if of two settings the second is the smaller one.

  Args:
    pair: Both, by their names.
  """
  (low, least), (high, most) = pair.items()
  if least > most:
    raise ValueError(
      f'{low} is {least} and {high} {most}; take a smaller {low} or a larger'
      f' {high}'
    )


def check_path(name: str, value: str, is_here: bool = False) -> None:
  """Raises ValueError if a path is an address that cannot be reached.

  Args:
    name: Of the setting.
    value: The path.
    is_here: Whether no address is allowed at all.
  """
  if not places.is_address(value):
    return
  if is_here:
    raise ValueError(
      f"{name} is '{value}', an address; take a path on this machine, with ./"
      ' before it if it is one'
    )
  places.check_address(name, value)


def _check_tuple(
  name: str, value: Any, kind: Any, metadata: Mapping[str, Any]
) -> None:
  """Raises ValueError if a value is no tuple of a type."""
  each_kind, *others = typing.get_args(kind)
  count = None if others == [...] else 1 + len(others)
  if not isinstance(value, tuple) or count not in (None, len(value)):
    what = f'one, or a tuple of {"them" if count is None else count}'
    raise ValueError(f'{name} is {value!r}; give {what}')
  for each in value:
    check(name, each, each_kind, metadata)


def _check_number(
  name: str, value: Any, kind: Any, metadata: Mapping[str, Any]
) -> None:
  """Raises ValueError if a value is no number, or out of its range."""
  allowed = (int,) if kind is int else (int, float)
  what = 'whole number' if kind is int else 'number'
  values: Sequence[Any] = [value]
  if isinstance(value, str) and kind is not int and kind is not float:
    values = schedules.ends(schedules.parse(value, name))
  for each in values:
    is_number = isinstance(each, allowed) and not isinstance(each, bool)
    if 'minimum' not in metadata:
      if not is_number:
        raise ValueError(f'{name} is {value!r}; take a {what}')
      continue
    low, high = metadata['minimum'], metadata['maximum']
    if not is_number or not low <= each <= high:
      raise ValueError(
        f'{name} is {quoted(value)}; take a {what} from {low} to {high}'
      )


def one_of(name: str, choices: Sequence[str]) -> str:
  """Returns what to take in place of a name that is none of some."""
  question = near_names.question(name, choices)
  return f'take one of {", ".join(choices)}' + (question and f' ({question})')


def split(value: Any) -> Tuple[str, ...]:
  """Returns the values of a field of `choices`, each once."""
  return tuple(dict.fromkeys(str(value).split(',')))


def quoted(value: Any) -> str:
  """Returns text in quotes, and what is no text without."""
  return f"'{value}'" if isinstance(value, str) else str(value)


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
