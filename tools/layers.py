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

"""The floors of the house, as plain data.

A module belongs to a room: its folder in `magenta_viz/` or, of the modules at
the top of `magenta_viz/`, the one that its name tells. Imports go to a lower
floor or stay inside the room; rooms of one floor do not know of each other,
but that the programs know the verbs, and the package how TensorFlow starts.
What tests share is in `testing`, on no floor: it knows every room, and only
tests know it.
"""

from typing import Tuple

# Lowest first. `package` is the version, and what importing any module brings
# in: the package's `__init__.py` and old names. `verbs` and `programs` are the
# modules at the top: one run of each kind, and the programs
# `image_visualization_*` with their flags.
FLOORS: Tuple[Tuple[str, ...], ...] = (
  ('package', 'files', 'process'),
  ('settings',),
  ('media', 'models'),
  ('ascent', 'data'),
  ('attribution', 'evaluation', 'training', 'visualization'),
  ('atlas', 'toolbox'),
  ('verbs', 'programs'),
  ('testing',),
  ('tools',),
)

# What the floors alone would allow: ascent works on arrays in memory, and the
# verbs hand its pictures to media.
FORBIDDEN: Tuple[Tuple[str, str], ...] = (('ascent', 'media'),)

# What they alone would forbid: in a notebook, importing the package starts
# TensorFlow.
ALLOWED: Tuple[Tuple[str, str], ...] = (
  ('programs', 'verbs'),
  ('package', 'process'),
)

# Made of classes of Beam's, these are imported late themselves, by one program.
OF_BEAM: Tuple[str, ...] = (
  'magenta_viz.atlas.pipeline',
  'magenta_viz.atlas.running',
)


def room_of(module: str) -> str:
  """Returns the room of a module; a test is in the room of what it tests.

  Args:
    module: Dotted name, as 'magenta_viz.media.contact_sheets_test'.

  Raises:
    ValueError: If the module is in a folder that no floor has.
  """
  folder, *inner = module.split('.')
  if folder == 'magenta_viz':
    folder = inner[0] if inner else 'package'
    if len(inner) == 1:
      folder = _room_at_top(folder)
  if not any(folder in rooms for rooms in FLOORS):
    raise ValueError(
      f"{module}: no floor has a room '{folder}'; give it one in"
      ' tools/layers.py'
    )
  return folder


def floor_of(module: str) -> int:
  """Returns the floor of a module, 0 for the lowest.

  Raises:
    ValueError: If the module is in a folder that no floor has.
  """
  room = room_of(module)
  return next(i for i, rooms in enumerate(FLOORS) if room in rooms)


def may_import(importer: str, imported: str) -> bool:
  """Tells whether the floors let one module import another.

  Args:
    importer: Dotted name of the module with the import.
    imported: Dotted name of the module that it imports.

  Raises:
    ValueError: If a module is in a folder that no floor has.
  """
  rooms = (room_of(importer), room_of(imported))
  if rooms[0] == rooms[1] or rooms in ALLOWED or rooms[1] == 'testing':
    return True
  return rooms not in FORBIDDEN and floor_of(imported) < floor_of(importer)


def _room_at_top(name: str) -> str:
  """Returns the room of a folder or module at the top of `magenta_viz/`."""
  name = name[: -len('_test')] if name.endswith('_test') else name
  if any(name in rooms for rooms in FLOORS):
    return name
  if name in ('deprecation', 'version'):
    return 'package'
  is_program = name.startswith(('image_visualization_', 'common_flags'))
  return 'programs' if is_program or name == 'program' else 'verbs'
