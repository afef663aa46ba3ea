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

"""What an atlas's page shows of a group: its units, as their records have them.

It is read off the folder, and so has what any run drew there.
"""

import json
from pathlib import Path
from typing import (
  AbstractSet,
  Any,
  Dict,
  Iterator,
  List,
  Mapping,
  Optional,
  Sequence,
  Tuple,
)

from magenta_viz.atlas import units as units_lib
from magenta_viz.files import untrusted
from magenta_viz.media import records
from magenta_viz.visualization import task as task_lib

# Of a record, beside what all have; not what is another after each drawing, as
# its seconds are.
_MORE = ('probability', 'rank', 'warning')


def read(
  group: units_lib.Group,
  folder: Path,
  layers: Mapping[str, int],
  tasks: Sequence[task_lib.PictureTask],
  errors: Mapping[str, str],
) -> Dict[str, Any]:
  """Returns what the page shows of a group, as plain data.

  Args:
    group: Of units.
    folder: Of the atlas.
    layers: Number of channels of each layer of the network, in their order.
    tasks: The pictures that are asked for.
    errors: Why some of these could not be drawn, by the names of their files
      without endings.
  """
  inside = folder / group.folder
  names = {path.name for path in inside.iterdir()} if inside.exists() else set()
  units: Dict[int, Dict[str, Any]] = {}
  # As texts, to be told apart, in the order in which they come.
  makings: Dict[str, int] = {}
  networks: Dict[str, None] = {}
  drawn = set()
  for number, picture, record in _pictures(group, inside, names):
    unit = units.setdefault(number, {'number': number, 'pictures': []})
    if group.kind == units_lib.CLASSES:
      unit['name'] = str(record.get('class_name', ''))
    making = json.dumps(_making(record))
    picture['making'] = makings.setdefault(making, len(makings))
    networks.update(
      dict.fromkeys(map(json.dumps, record['settings']['networks']))
    )
    unit['pictures'].append(picture)
    drawn.add(picture['file'])
  for task in tasks:
    unit = units.setdefault(
      task.own_id, {'number': task.own_id, 'pictures': []}
    )
    if task.class_name is not None:
      unit.setdefault('name', task.class_name)
    if task.stem not in drawn:
      error = errors.get(task.stem, 'it is not there yet, or was taken away')
      missing = {'seed': task.seed, 'error': error}
      unit.setdefault('missing', []).append(missing)
  for each in units.values():
    each['pictures'].sort(key=lambda one: (one['seed'], one['file']))
  return {
    'kind': group.kind,
    'layer': group.layer,
    'place': group.place,
    'position': [*layers, group.layer].index(group.layer),
    'channels': layers.get(group.layer),
    'networks': [json.loads(each) for each in networks],
    'makings': [json.loads(each) for each in makings],
    'units': [units[number] for number in sorted(units)],
    'has_sheet': 'sheet.png' in names,
  }


def _pictures(
  group: units_lib.Group, inside: Path, names: AbstractSet[str]
) -> Iterator[Tuple[int, Dict[str, Any], Mapping[str, Any]]]:
  """Yields the pictures of a group.

  What has no record that can be read is not there.

  Args:
    group: Of units.
    inside: Folder of the group.
    names: Of the files in it.

  Yields:
    Number of the unit, what is shown of the picture, and its record.
  """
  for name in sorted(names):
    stem = name[: -len('.json')]
    if not name.endswith('.json') or f'{stem}.png' not in names:
      continue
    try:
      record = records.read_record(inside / name)
      with untrusted.guard():
        number = _number(group, record)
        picture = _picture(stem, record)
    except (OSError, ValueError):
      continue
    if number is not None:
      yield number, picture, record


def _number(group: units_lib.Group, record: Mapping[str, Any]) -> Optional[int]:
  """Returns which unit of a group a record is of; None if it is of none."""
  if group.kind == units_lib.CLASSES:
    found = record.get('class_id')
    return found if isinstance(found, int) and found >= 0 else None
  start = f'{group.kind}:{group.layer}:'
  text = record.get('objective')
  if not isinstance(text, str):
    return None
  if not text.startswith(start) or not text.endswith(group.place):
    return None
  middle = text[len(start) : len(text) - len(group.place)]
  is_number = middle.isascii() and middle.isdecimal()
  return int(middle) if is_number else None


def _picture(stem: str, record: Mapping[str, Any]) -> Dict[str, Any]:
  """Returns what is shown of a picture."""
  height, width = record['settings']['image_size']
  scores: List[float] = record['scores']
  return {
    'file': stem,
    'seed': int(record['seed']),
    'size': [int(height), int(width)],
    'score': float(scores[-1]),
    'sha256': dict(record.get('pictures_sha256') or {}).get(f'{stem}.png'),
    **{key: record[key] for key in _MORE if record.get(key) is not None},
  }


def _making(record: Mapping[str, Any]) -> Dict[str, Any]:
  """Returns how a picture was made, but for what is its own."""
  settings = {
    name: value
    for name, value in record['settings'].items()
    if name != 'objective'
  }
  return {'command': record.get('command'), 'settings': settings}
