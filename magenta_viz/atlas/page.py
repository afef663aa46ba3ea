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

"""The page of an atlas: `index.html`, and all that it needs in `page/`.

It opens from a disk without a server, so data are scripts that hand themselves
over, and each is loaded when it is looked at. Of each group there are
`page/units/FOLDER.js` and, where that is known, `page/feeds/FOLDER.js`. They
stay when later runs add other groups. Nothing is written that has not changed.
"""

import json
from pathlib import Path
import re
from typing import Any, Dict, List, Mapping, NamedTuple, Sequence, Tuple
import urllib.parse

from absl import logging

from magenta_viz.atlas import feeds as feeds_lib
from magenta_viz.atlas import plan as plan_lib
from magenta_viz.atlas import shown_units
from magenta_viz.atlas import units as units_lib
from magenta_viz.files import untrusted
from magenta_viz.media import atomic_files
from magenta_viz.media import pages
from magenta_viz.models import imagenet_classes

_TEMPLATES = Path(__file__).with_name('templates')

_FOLDER = 'page'
_UNITS = 'units'
_FEEDS = 'feeds'
_CLASSES = 'classes'
_ATLAS = 'atlas'

# In the order in which they are loaded.
SCRIPTS = ('dom.js', 'data.js', 'grid.js', 'views.js', 'search.js', 'main.js')

# Pictures of a group that the overview shows.
_NUM_SAMPLES = 12

# Classes whose users share a file.
_SHARD = 100

# As of `feeds.Feeds.of`.
_Told = List[float]

# What hands data over: a call, whose arguments are JSON.
_CALL = re.compile(rb'take\((?:"[^"]*"), (.*)\);\n', re.DOTALL)


def write_group(
  plan: plan_lib.Plan,
  group: int,
  folder: Path,
  errors: Mapping[str, str],
  feeds: feeds_lib.Feeds,
) -> None:
  """Writes what the page shows of a group.

  Args:
    plan: That it was drawn by.
    group: Its number.
    folder: Of the atlas.
    errors: Of the pictures that could not be drawn, as of `shown_units.read`.
    feeds: Tells what its units feed.

  Raises:
    OSError: If a file cannot be read or written.
  """
  own = plan.groups[group]
  if '/' in own.folder:
    # As an activation atlas: it has a page of its own.
    return
  shown = shown_units.read(own, folder, plan.layers, plan.tasks(group), errors)
  _prepare(folder)
  _write_data(folder, f'{_UNITS}/{own.folder}', shown)
  drawn_layers = {
    each.layer for each in plan.groups if each.kind == feeds_lib.KIND
  }
  drawn_layers.update(
    each['layer']
    for each in _read_data(folder, _ATLAS).get('groups', ())
    if each['kind'] == feeds_lib.KIND
  )
  name = f'{_FEEDS}/{own.folder}'
  known = _read_data(folder, name)
  found = feeds.of(group, shown, folder, sorted(drawn_layers), known)
  if found:
    _write_data(folder, name, found)
  else:
    atomic_files.remove_file(_path(folder, name))


def write(folder: Path) -> None:
  """Writes the page of all groups that are there.

  Raises:
    OSError: If a file cannot be read or written.
  """
  _prepare(folder)
  groups = _groups(folder)
  class_names: Dict[str, str] = {}
  shards: Dict[int, Dict[str, Dict[str, _Told]]] = {}
  for each in groups:
    class_names.update(each.class_names)
    for class_id, told in each.users.items():
      shard = shards.setdefault(int(class_id) // _SHARD, {})
      shard.setdefault(class_id, {})[each.described['folder']] = told
  for number, users in shards.items():
    _write_data(folder, f'{_CLASSES}/{number}', users)
  described = [each.described for each in groups]
  networks = list(
    dict.fromkeys(n for each in described for n in each['networks'])
  )
  _write_data(
    folder,
    _ATLAS,
    {
      'networks': networks,
      'groups': described,
      'class_names': class_names,
      'shard': _SHARD,
      'shards': sorted(shards),
      'cells': _cells(folder),
    },
  )
  for script in SCRIPTS:
    _write_changed(
      folder / _FOLDER / script, (_TEMPLATES / script).read_bytes()
    )
  html = pages.template(_TEMPLATES, 'atlas.html').render(
    networks=networks, scripts=SCRIPTS
  )
  _write_changed(folder / 'index.html', pages.unicode(html).encode())


def _prepare(folder: Path) -> None:
  """Makes the folders of the page's files."""
  for inner in (_UNITS, _FEEDS, _CLASSES):
    atomic_files.prepare_folder(folder / _FOLDER / inner)


class _Group(NamedTuple):
  """What the overview, and the classes, have of a group.

  Attributes:
    described: As the overview shows it.
    class_names: Those that it knows, by their ids.
    users: Of each class, its units that raise it and lower it most.
  """

  described: Dict[str, Any]
  class_names: Dict[str, str]
  users: Mapping[str, _Told]


def _groups(folder: Path) -> List[_Group]:
  """Reads the groups that are there, in the order of the network."""
  found: List[_Group] = []
  for path in (folder / _FOLDER / _UNITS).glob('*.js'):
    shown = _read_data(folder, f'{_UNITS}/{path.stem}')
    feeds = _read_data(folder, f'{_FEEDS}/{path.stem}')
    if not shown or not (folder / path.stem).exists():
      continue
    try:
      with untrusted.guard():
        described = {**_described(shown, feeds), 'folder': path.stem}
        users = feeds['classes']['things'] if feeds else {}
        found.append(_Group(described, _class_names(shown, feeds), users))
    # Of an older version, or of others: it comes with its next run.
    except ValueError as error:
      logging.warning("'%s' is passed over: %s", path, error)

  def place(each: _Group) -> Tuple[bool, int, str]:
    own = each.described
    return own['kind'] != units_lib.CLASSES, own['position'], own['folder']

  found.sort(key=place)
  _give_addresses([each.described for each in found])
  return found


def _described(
  shown: Mapping[str, Any], feeds: Mapping[str, Any]
) -> Dict[str, Any]:
  """Returns what the overview shows of a group."""
  units = shown['units']
  drawn = [each for each in units if each['pictures']]
  num_samples = min(len(drawn), _NUM_SAMPLES)
  samples = [drawn[i * len(drawn) // num_samples] for i in range(num_samples)]
  return {
    **{
      key: shown[key]
      for key in ('kind', 'layer', 'place', 'position', 'has_sheet')
    },
    'networks': [str(each['model']) for each in shown['networks']],
    'channels': shown['channels'],
    'count': len(units),
    'drawn': len(drawn),
    'pictures': sum(len(each['pictures']) for each in units),
    'missing': sum(len(each.get('missing', ())) for each in units),
    'samples': [
      {
        'number': each['number'],
        'file': each['pictures'][0]['file'],
        'size': each['pictures'][0]['size'],
      }
      for each in samples
    ],
    'feeds': list(feeds.get('layers', ())),
    'has_feeds': bool(feeds),
  }


def _class_names(
  shown: Mapping[str, Any], feeds: Mapping[str, Any]
) -> Dict[str, str]:
  """Returns names of classes that a group knows, by their ids."""
  found = {str(key): str(name) for key, name in feeds.get('names', {}).items()}
  if shown['kind'] == units_lib.CLASSES:
    for unit in shown['units']:
      name = imagenet_classes.short_name(unit.get('name', ''))
      found[str(unit['number'])] = name
  return found


def _give_addresses(groups: Sequence[Dict[str, Any]]) -> None:
  """Gives each group what its views' addresses begin with, no other's.

  That is the layer's name, unless it is what another address may be.
  """
  for each in groups:
    name = each['layer']
    if each['kind'] == units_lib.CLASSES:
      each['address'] = 'class'
    elif (
      each['kind'] != 'channel'
      or name in ('', 'class')
      or name.startswith('@')
      or re.search(r'(^|/)[0-9]+$', name)
    ):
      each['address'] = f'@{each["folder"]}'
    else:
      each['address'] = name


def _cells(folder: Path) -> List[Dict[str, str]]:
  """Returns the activation atlases that are there."""
  return [
    {
      'name': path.parent.name,
      'link': f'cells/{urllib.parse.quote(path.parent.name)}/index.html',
    }
    for path in sorted((folder / 'cells').glob('*/index.html'))
  ]


def _path(folder: Path, name: str) -> Path:
  """Returns the path of data."""
  return folder / _FOLDER / f'{name}.js'


def _write_data(folder: Path, name: str, data: Mapping[str, Any]) -> None:
  """Writes data as a script that hands them over."""
  # As ASCII, for no line of it to end otherwise than a script's may.
  text = json.dumps(data, separators=(',', ':'), allow_nan=False)
  call = f'take({json.dumps(name)}, {text});\n'
  _write_changed(_path(folder, name), call.encode('ascii'))


def _read_data(folder: Path, name: str) -> Dict[str, Any]:
  """Returns data; none where there are none, or they are damaged."""
  try:
    content = _path(folder, name).read_bytes()
  except FileNotFoundError:
    return {}
  call = _CALL.fullmatch(content)
  try:
    with untrusted.guard():
      found = untrusted.parse_json(call[1]) if call else {}
  except ValueError:
    return {}
  return found if isinstance(found, dict) else {}


def _write_changed(path: Path, content: bytes) -> None:
  """Writes a file, unless it is there already."""
  try:
    if path.read_bytes() == content:
      return
  except FileNotFoundError:
    pass
  atomic_files.write_file(path, content)
