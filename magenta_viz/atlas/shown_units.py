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
from typing import Any, Dict, List, Mapping, Optional, Sequence

from magenta_viz.atlas import units as units_lib
from magenta_viz.files import untrusted
from magenta_viz.media import records
from magenta_viz.visualization import task as task_lib

# Of a record, what all pictures of one run have in common.
_OF_ALL = ('preset', 'overrides', 'command', 'versions')

_OF_EACH = ('seed', 'probability', 'rank', 'warning', 'seconds')


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
  makings: Dict[str, int] = {}
  units: Dict[int, Dict[str, Any]] = {}
  networks: List[Mapping[str, Any]] = []

  def unit(number: int) -> Dict[str, Any]:
    return units.setdefault(number, {'number': number, 'pictures': []})

  drawn = set()
  inside = folder / group.folder
  names = {path.name for path in inside.iterdir()} if inside.exists() else set()
  for name in sorted(names):
    stem = name[: -len('.json')]
    if not name.endswith('.json') or f'{stem}.png' not in names:
      continue
    try:
      record = records.read_record(inside / name)
      with untrusted.guard():
        number = _number(group, record)
        if number is None:
          continue
        making = json.dumps(_making(record), sort_keys=True)
        picture = {
          **_picture(stem, record),
          'making': makings.setdefault(making, len(makings)),
        }
        networks = [dict(each) for each in record['settings']['networks']]
    # It is told to be missing.
    except (OSError, ValueError):
      continue
    drawn.add(stem)
    unit(number)['pictures'].append(picture)
    if group.kind == units_lib.CLASSES:
      unit(number)['name'] = str(record.get('class_name', ''))
  for task in tasks:
    number = task.own_id
    if task.class_name is not None:
      unit(number).setdefault('name', task.class_name)
    if task.stem not in drawn:
      error = errors.get(task.stem, 'it is not there yet, or was taken away')
      missing = {'seed': task.seed, 'error': error}
      unit(number).setdefault('missing', []).append(missing)
  for each in units.values():
    each['pictures'].sort(key=lambda one: (one['seed'], one['file']))
  return {
    'kind': group.kind,
    'layer': group.layer,
    'place': group.place,
    'folder': group.folder,
    'position': [*layers, group.layer].index(group.layer),
    'channels': layers.get(group.layer),
    'networks': networks,
    'makings': [json.loads(each) for each in makings],
    'units': [units[number] for number in sorted(units)],
    'has_sheet': 'sheet.png' in names,
  }


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
    'size': [int(height), int(width)],
    'score': float(scores[-1]),
    'sha256': (record.get('pictures_sha256') or {}).get(f'{stem}.png'),
    **{key: record[key] for key in _OF_EACH if record.get(key) is not None},
  }


def _making(record: Mapping[str, Any]) -> Dict[str, Any]:
  """Returns how a picture was made, but for what is its own."""
  settings = {
    name: value
    for name, value in record['settings'].items()
    if name != 'objective'
  }
  return {
    **{key: record.get(key) for key in _OF_ALL},
    'settings': settings,
  }
