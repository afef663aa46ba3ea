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

"""What tells an old record from the one that is wanted now, in few words.

All that a picture depends on are dozens of settings, of which somebody chose
two: so those that were asked for then are compared with those asked for now,
and others are only told of where none of these explains them.
"""

import json
import shlex
from typing import Any, Dict, List, Mapping, Tuple

from magenta_viz import version

# More are no help.
_MAX_TOLD = 4

# Of a value: longer ones are whole tables.
_MAX_LENGTH = 60

# What says which picture, or where it is and how it comes there.
_ASIDE = (
  'class_id',
  'objective',
  'output_dir',
  'train_dir',
  'log_dir',
  'num_workers',
  'overwrite',
)

# What many settings follow from.
_BROAD = ('preset', 'model', 'checkpoint')

# Of settings that nobody chooses: what they follow from.
_SOURCES: Mapping[str, Tuple[str, ...]] = {
  'networks': ('model', 'checkpoint'),
  'network': ('model', 'checkpoint'),
  'weights_sha256': ('model', 'checkpoint'),
  'precision': ('model', 'checkpoint'),
  'onednn': (),
  'image_sha256': ('image',),
  'photographs_sha256': ('image',),
  'files_sha256': ('directions', 'checkpoint'),
  'company': ('seed', 'num_variations', 'batch_size'),
  'finetune_from': (),
  'fingerprint': ('dataset', 'data_dir', 'train_split', 'eval_split'),
  'num_replicas': (),
}

# Of those whose values say nothing to anybody.
_WORDS: Mapping[str, str] = {
  'networks': 'the networks, or their weights, have changed',
  'network': 'the network, or its weights, have changed',
  'weights_sha256': 'the weights have changed',
  'image_sha256': 'the photograph has changed',
  'photographs_sha256': 'the photographs have changed',
  'files_sha256': 'the files of directions have changed',
  'finetune_from': 'the weights to begin with have changed',
  'fingerprint': 'the data have changed',
  'later_octaves': 'later octaves are others',
}


def told(
  there: Mapping[str, Any], now: Mapping[str, Any], changed: Mapping[str, str]
) -> str:
  """Says what differs.

  Args:
    there: The old record: 'settings', 'versions', and 'command' or what a
      picture's has from Python, 'preset' and 'overrides'.
    now: What the new record would say, likewise.
    changed: The settings that differ, and how, as of `records.differences`.

  Returns:
    Text such as 'preset: default there, lucid now; num_steps: 40 there, 60
    now'.
  """
  before, after = _asked(there, now)
  asked = [
    name
    for name in dict.fromkeys([*changed, *after, *before])
    if name not in _ASIDE and before.get(name) != after.get(name)
  ]
  named = [name for name in asked if name in changed]
  strays = []
  for name in changed:
    found = set(asked).intersection(
      _SOURCES.get(name, (*_BROAD, 'num_variations'))
    )
    if name not in named:
      named += sorted(found.difference(named))
      strays += [] if found else [name]
  if named:
    # What nobody chooses, such as a photograph's bytes, follows from nothing.
    strays = [name for name in strays if name in _SOURCES]
  named.sort(key=lambda name: name not in _BROAD)
  texts = [
    f'{name}: {_value(name, before, there)} there,'
    f' {_value(name, after, now)} now'
    for name in named
  ] + _derived(there, now, {name: changed[name] for name in strays})
  more = len(texts) - _MAX_TOLD
  return '; '.join(
    texts[:_MAX_TOLD] + ([f'and {more} more'] if more > 0 else [])
  )


def _asked(*sides: Mapping[str, Any]) -> List[Dict[str, Any]]:
  """Returns what was asked for, by its name, of each of some records."""
  commands = [record.get('command') for record in sides]
  if all(isinstance(command, str) for command in commands):
    return [_flags(str(command)) for command in commands]
  return [
    {
      **{name: record[name] for name in ('preset',) if name in record},
      **_mapping(record.get('overrides')),
    }
    for record in sides
  ]


def _flags(command: str) -> Dict[str, str]:
  """Returns the flags of a command, and what each is given."""
  found: Dict[str, str] = {}
  try:
    words = shlex.split(command)
  except ValueError:  # A quotation that nobody ends, in a stranger's record.
    return found
  for word in words:
    if not word.startswith('--'):
      continue
    name, equals, value = word[2:].partition('=')
    if not equals:
      name, value = (name[2:], 'no') if name[:2] == 'no' else (name, 'yes')
    found[name] = f'{found[name]},{value}' if name in found else value
  return found


def _value(
  name: str, asked: Mapping[str, Any], record: Mapping[str, Any]
) -> str:
  """Returns what something was asked to be, or else what it came to be."""
  settings = _mapping(record.get('settings'))
  if name not in asked and name not in settings:
    return 'not given'
  value = asked.get(name, settings.get(name))
  text = value if isinstance(value, str) else json.dumps(value)
  if len(text) > _MAX_LENGTH:
    # Of a path the end tells more, of a table the beginning.
    text = f'{text[:20]}...{text[-_MAX_LENGTH + 20 :]}'
  return text


def _derived(
  there: Mapping[str, Any], now: Mapping[str, Any], changed: Mapping[str, str]
) -> List[str]:
  """Returns what differs where nobody asked for it."""
  settings = [_mapping(each.get('settings')) for each in (there, now)]
  old = _mapping(there.get('versions')).get('magenta_viz')
  new = version.__version__
  texts = []
  if old not in (None, new):
    # Other versions have other settings.
    shared = set(settings[0]).intersection(settings[1])
    if not shared.issuperset(changed):
      texts.append(f'magenta_viz: {old} there, {new} now')
    changed = {name: how for name, how in changed.items() if name in shared}
  return texts + [
    _WORDS.get(name) or f'{name}: {how}' for name, how in changed.items()
  ]


def _mapping(value: Any) -> Mapping[str, Any]:
  """Returns what a stranger's record has for a mapping."""
  return value if isinstance(value, Mapping) else {}
