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

"""The layers of the house, as plain data.

A module belongs to a room: its folder in `magenta_viz/` or, of the modules at
the top of `magenta_viz/`, the room that its name tells. Imports go to a lower
layer or stay inside the room; rooms of one layer do not know of each other.
Modules `test_*` are support of tests: those at the top serve every layer.
"""

from typing import Tuple

# Lowest first. `runs` and `programs` are the modules at the top: one run of
# each kind, and the programs `image_visualization_*` with their flags.
LAYERS: Tuple[Tuple[str, ...], ...] = (
  ('version', 'test_support'),
  ('files', 'tensorflow_modes'),
  ('media', 'models'),
  ('ascent', 'attribution', 'data', 'evaluation', 'training'),
  ('runs',),
  ('programs',),
  ('tools',),
)

# What the layers alone would allow. Ascent works on arrays in memory; the runs
# hand its pictures to media.
FORBIDDEN: Tuple[Tuple[str, str], ...] = (('ascent', 'media'),)


def room_of(module: str) -> str:
  """Returns the room of a module; a test is in the room of what it tests.

  Args:
    module: Dotted name, as 'magenta_viz.media.contact_sheets_test'.

  Raises:
    ValueError: If the module is in a folder that no layer has.
  """
  folder, *inner = module.split('.')
  if folder == 'magenta_viz' and len(inner) > 1:
    folder = inner[0]
  elif folder == 'magenta_viz' and inner:
    folder = _room_at_top(inner[0])
  elif folder == 'magenta_viz':
    folder = 'version'
  if not any(folder in rooms for rooms in LAYERS):
    raise ValueError(
      f"{module}: no layer has a room '{folder}'; give it one in"
      ' tools/layers.py'
    )
  return folder


def layer_of(module: str) -> int:
  """Returns the layer of a module, 0 for the lowest.

  Raises:
    ValueError: If the module is in a folder that no layer has.
  """
  room = room_of(module)
  return next(i for i, rooms in enumerate(LAYERS) if room in rooms)


def may_import(importer: str, imported: str) -> bool:
  """Tells whether the layers let one module import another.

  Args:
    importer: Dotted name of the module with the import.
    imported: Dotted name of the module that it imports.

  Raises:
    ValueError: If a module is in a folder that no layer has.
  """
  rooms = (room_of(importer), room_of(imported))
  if rooms[0] == rooms[1]:
    return True
  return rooms not in FORBIDDEN and layer_of(imported) < layer_of(importer)


def _room_at_top(name: str) -> str:
  """Returns the room of a folder or module at the top of `magenta_viz/`."""
  if name.endswith('_test'):
    name = name[: -len('_test')]
  if name.startswith('test_'):
    return 'test_support'
  if any(name in rooms for rooms in LAYERS):
    return name
  if name.startswith('image_visualization_') or name.endswith('_flags'):
    return 'programs'
  return 'runs'
