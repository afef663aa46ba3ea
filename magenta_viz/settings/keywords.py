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


"""Configurations from keywords, as a call from Python has them."""

import dataclasses
from typing import (
  Any,
  Dict,
  List,
  Mapping,
  Optional,
  Sequence,
  Type,
  TypeVar,
)

from magenta_viz.settings import near_names
from magenta_viz.settings import parts

_Config = TypeVar('_Config')


def config_of(
  kind: Type[_Config],
  config: Optional[_Config],
  keywords: Mapping[str, Any],
  others: Sequence[str] = (),
) -> _Config:
  """Returns the configuration that a call asks for.

  Args:
    kind: Its class. A field `overrides` with 'settings_of' in its metadata
      takes the settings of another one, which are keywords, too.
    config: What the caller has already; None for all as by default.
    keywords: Settings by their names, in place of those of `config`.
    others: What else the call takes, for whoever misspells it.

  Raises:
    TypeError: If there is no such setting, or a call of a class without one
      that it needs.
    ValueError: If one is out of its range, or does nothing.
  """
  if config is not None and not isinstance(config, kind):
    raise TypeError(
      f'config is {config!r}; give a {kind.__name__}, or settings by their'
      ' names'
    )
  inner = {each.name: each for each in _overrides(kind)}
  known = _names(kind)
  values: Dict[str, Any] = {}
  overrides: Dict[str, Any] = {}
  for name, value in keywords.items():
    if name not in known and name not in inner:
      raise TypeError(_unknown(kind, name, [*others, *known, *inner]))
    (values if name in known else overrides)[name] = value
  if overrides:
    there = values.get('overrides', getattr(config, 'overrides', {}))
    values['overrides'] = {**there, **overrides}
  for field in dataclasses.fields(kind):  # type: ignore[arg-type]
    is_needed = (
      field.default is dataclasses.MISSING
      and field.default_factory is dataclasses.MISSING
    )
    if is_needed and config is None and field.name not in values:
      raise TypeError(f'{field.name} is missing; give {field.name}=...')
  if config is None:
    return parts.make(kind, values, chosen=list(values))
  return parts.replace(config, **values) if values else config


def _names(kind: Type[Any]) -> List[str]:
  """Returns the names of all settings of a configuration's class."""
  return [each.name for each in parts.settings(kind)]


def _overrides(kind: Type[Any]) -> List[parts.Setting]:
  """Returns the settings that the field `overrides` takes."""
  for field in dataclasses.fields(kind):
    if 'settings_of' in field.metadata:
      return parts.settings(field.metadata['settings_of'])
  return []


def _unknown(kind: Type[Any], name: str, known: List[str]) -> str:
  """Returns what to say of a name that no setting has."""
  flags = {
    each.metadata.get('flag'): each.name for each in parts.settings(kind)
  }
  advice = near_names.question(name, known) or 'help() lists all'
  if name in flags:
    advice = f'did you mean {flags[name]}?'
  return f"there is no setting '{name}'; {advice}"
