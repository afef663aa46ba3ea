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

"""Configurations made of parts, each of which carries its own settings.

A configuration is a frozen dataclass. Its fields are settings, of `fields`, or
parts: dataclasses with settings of their own. `part` is a part that is always
there; `one_of` is one of several kinds, told by a name. So a recipe reads

  Recipe(parameterization=Fourier(decay_power=1.3), optimizer=Adam())

and flags, records and presets have the same flat: every setting by a name of
its own, and the name of the kind where there is a choice,

  {'parameterization': 'fourier', 'decay_power': 1.3, 'optimizer': 'adam'}

`make` makes the one of the other, and `flat` the other of the one. A setting
that several kinds have is one flag; one that no part of a configuration has
does nothing there, and is refused if somebody chose it.
"""

import dataclasses
from typing import (
  Any,
  Collection,
  Dict,
  Iterator,
  List,
  Mapping,
  NamedTuple,
  Optional,
  Tuple,
  Type,
  TypeVar,
)

from magenta_viz.settings import fields
from magenta_viz.settings import near_names

_Config = TypeVar('_Config')


class Setting(NamedTuple):
  """A setting of a configuration or of a part of it, as flags have it.

  Attributes:
    name: Its name, which no other of the configuration has.
    default: Its default; `dataclasses.MISSING` for none, None for one of an
      open part.
    kind: Its type.
    metadata: As `fields` makes it; of an open part's, 'shown' is the part's own
      default.
    group: What the part of the configuration is that has it: the first line of
      its type's docstring; '' for the configuration's own.
  """

  name: str
  default: Any
  kind: Any
  metadata: Mapping[str, Any]
  group: str


@dataclasses.dataclass(frozen=True)
class Part:
  """A configuration, or a part of one, that checks its settings.

  Raises:
    ValueError: If one is out of its range.
  """

  def __post_init__(self) -> None:
    """Brings the settings to their types, and checks them."""
    fields.settle(self)
    for field in dataclasses.fields(self):
      kinds = _kinds(field) + _otherwise(field)
      value = getattr(self, field.name)
      if kinds and type(value) not in kinds and value is not field.default:
        names = ', '.join(kind.__name__ for kind in kinds)
        raise ValueError(f'{field.name} is {value!r}; take one of {names}')


class OpenPart(Part):
  """A part whose defaults are for where nothing else suits better.

  So flags have none, a command always tells the settings, and choosing one is
  never in vain, though it be the default.
  """


def part(kind: Type[Any]) -> Any:
  """Returns a field for a part that is always there.

  Args:
    kind: Its class, all of whose settings have defaults.
  """
  return dataclasses.field(default=kind(), metadata={'part': kind})


def one_of(
  default: Optional[str],
  kinds: Mapping[str, Type[Any]],
  help_text: str,
  *,
  name: str = '',
  otherwise: Optional[Type[Any]] = None,
) -> Any:
  """Returns a field for a part of one of several kinds.

  Args:
    default: Name of the kind by default; None for no part.
    kinds: Their classes, by the names that the flag takes.
    help_text: What `--help` says of the flag.
    name: Of the setting, if not the field's.
    otherwise: Class for any other text, its only argument, `text`.
  """
  metadata: Dict[str, Any] = {
    'kinds': dict(kinds),
    'otherwise': otherwise,
    'help': help_text,
    'name': name,
  }
  if otherwise is None:
    metadata['choices'] = tuple(kinds)
  made = None if default is None else kinds[default]()
  return dataclasses.field(default=made, metadata=metadata)


def settings(config: Type[Any]) -> List[Setting]:
  """Lists all settings of a class of configurations, each once, in order."""
  found: Dict[str, Setting] = {}
  for field in dataclasses.fields(config):
    kinds = _kinds(field)
    default, kind, group = fields.default_of(field), field.type, ''
    if kinds:
      group = (fields.base_type(kind).__doc__ or '').partition('\n')[0]
    if 'kinds' in field.metadata:
      default, kind = _name(field, default), str
    if 'part' not in field.metadata:
      name, metadata = fields.name_of(field), dict(field.metadata)
      if issubclass(kinds[0] if kinds else config, OpenPart):
        metadata['shown'], default = default, None
      found[name] = Setting(name, default, kind, metadata, group)
    for inner in kinds:
      for setting in settings(inner):
        found.setdefault(setting.name, setting._replace(group=group))
  return list(found.values())


def make(
  config: Type[_Config],
  values: Mapping[str, Any],
  chosen: Collection[str] = (),
) -> _Config:
  """Makes a configuration of settings by their names.

  Args:
    config: Its class.
    values: The settings; others are as by default. Those that no part of it
      takes are left out: a preset may have settings for parts of other kinds.
    chosen: Names of those that somebody chose, which are not to be left out.

  Raises:
    ValueError: If there is no such setting, it is out of its range, or one
      that was chosen does nothing.
  """
  known = {each.name: each for each in settings(config)}
  for name in values:
    if name not in known:
      advice = near_names.question(name, known)
      raise ValueError(
        f"the {config.__name__.lower()} has no setting '{name}';"
        f' {advice or "take one of " + ", ".join(known)}'
      )
  made = _make(config, values)
  changed = {
    name: values[name]
    for name in chosen
    if name in values and values[name] != known[name].default
  }
  for name in changed:
    _check_taken(made, name)
  _check_heeded(made, changed)
  return made


def flat(config: Any) -> Dict[str, Any]:
  """Returns all settings of a configuration, by their names.

  Those that none of its parts takes are as by default.
  """
  taken = _settings_of(config)
  return {
    each.name: taken.get(each.name, each.default)
    for each in settings(type(config))
  }


def name_of(config: Any, field_name: str) -> Any:
  """Returns the name of the kind of which a part is, or its text.

  Args:
    config: A configuration.
    field_name: Of a field that `one_of` made.
  """
  field = next(f for f in dataclasses.fields(config) if f.name == field_name)
  return _name(field, getattr(config, field_name))


def replace(config: _Config, **values: Any) -> _Config:
  """Returns a configuration with other settings, by their names.

  Raises:
    ValueError: As of `make`.
  """
  return make(type(config), {**_settings_of(config), **values})


def _kinds(field: 'dataclasses.Field[Any]') -> List[Type[Any]]:
  """Returns the classes with settings of their own that a field may have."""
  if 'part' in field.metadata:
    return [field.metadata['part']]
  return list(field.metadata.get('kinds', {}).values())


def _otherwise(field: 'dataclasses.Field[Any]') -> List[Type[Any]]:
  """Returns the class for a text that names no kind, if there is one."""
  kind = field.metadata.get('otherwise')
  return [] if kind is None else [kind]


def _make(config: Type[_Config], values: Mapping[str, Any]) -> _Config:
  """Makes a configuration, or a part of one, of the settings that it takes."""
  given: Dict[str, Any] = {}
  for field in dataclasses.fields(config):  # type: ignore[arg-type]
    if 'part' in field.metadata:
      given[field.name] = _make(field.metadata['part'], values)
      continue
    name = fields.name_of(field)
    if 'kinds' in field.metadata:
      text = values.get(name, _name(field, fields.default_of(field)))
      given[field.name] = _make_kind(field, text, values)
    elif name in values:
      given[field.name] = values[name]
  return config(**given)


def _make_kind(
  field: 'dataclasses.Field[Any]', text: Any, values: Mapping[str, Any]
) -> Any:
  """Makes a part of the kind that a text names."""
  kinds = field.metadata['kinds']
  if text is None and field.default is None:
    return None
  if isinstance(text, str) and text in kinds:
    return _make(kinds[text], values)
  fields.check(fields.name_of(field), text, str, field.metadata)
  (otherwise,) = _otherwise(field)
  return otherwise(text)


def _name(field: 'dataclasses.Field[Any]', value: Any) -> Any:
  """Returns the text that a part is made of: its kind's name, or another."""
  if value is None:
    return None
  for name, kind in field.metadata['kinds'].items():
    if type(value) is kind:
      return name
  return value.text


def _parts(config: Any) -> Iterator[Tuple['dataclasses.Field[Any]', Any]]:
  """Yields the parts of a configuration that have settings of their own."""
  for field in dataclasses.fields(config):
    value = getattr(config, field.name)
    if type(value) in _kinds(field):
      yield field, value


def _taken(config: Any) -> Iterator[Tuple[str, Any]]:
  """Yields the names and values of all settings that are heeded."""
  for field in dataclasses.fields(config):
    value = getattr(config, field.name)
    if 'kinds' in field.metadata:
      yield fields.name_of(field), _name(field, value)
    elif 'part' not in field.metadata:
      yield fields.name_of(field), value
    if type(value) in _kinds(field):
      yield from _taken(value)


def _settings_of(config: Any) -> Dict[str, Any]:
  """Returns all settings that are heeded, of the first part that has each."""
  found: Dict[str, Any] = {}
  for name, value in _taken(config):
    found.setdefault(name, value)
  return found


def _check_taken(config: Any, name: str) -> None:
  """Raises ValueError if no part of a configuration takes a setting."""
  if name in _settings_of(config):
    return
  for field in dataclasses.fields(config):
    for kind in _kinds(field):
      if name not in [each.name for each in settings(kind)]:
        continue
      value = getattr(config, field.name)
      if type(value) is kind:
        _check_taken(value, name)
      raise ValueError(
        f'{name} does nothing, because {fields.name_of(field)} is'
        f' {fields.quoted(_name(field, value))}; leave it out, or take'
        f' --{fields.name_of(field)}={" or ".join(_takers(field, name))}'
      )


def _takers(field: 'dataclasses.Field[Any]', name: str) -> List[str]:
  """Returns the names of the kinds that take a setting."""
  return [
    kind_name
    for kind_name, kind in field.metadata['kinds'].items()
    if name in [each.name for each in settings(kind)]
  ]


def _check_heeded(config: Any, chosen: Mapping[str, Any]) -> None:
  """Raises ValueError if a setting does nothing beside others of its part."""
  fields.check_heeded(config, chosen)
  for _, value in _parts(config):
    _check_heeded(value, chosen)
