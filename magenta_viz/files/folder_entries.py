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

"""What a person put into a folder, without what systems leave there."""

import os
from typing import List, NamedTuple, Optional

from magenta_viz.files import places

# Folders that macOS's archives, disk stations (Synology, QNAP), Windows, Linux
# and Python put beside one's own; in lower case. What begins with '.' is hidden
# and needs no name here.
SYSTEM_FOLDERS = frozenset(
  (
    '__macosx',
    '@eadir',
    '#recycle',
    '#snapshot',
    '@recycle',
    '@recently-snapshot',
    '$recycle.bin',
    'recycler',
    'system volume information',
    'lost+found',
    '__pycache__',
  )
)


class Entry(NamedTuple):
  """What a folder has under one name, links followed.

  Attributes:
    name: Its name.
    is_folder: Whether it is a folder.
    num_bytes: Size of a plain file; None of all else, such as folders, devices,
      pipes, and links to what is not there.
  """

  name: str
  is_folder: bool
  num_bytes: Optional[int]


def entries(path: str) -> List[Entry]:
  """Lists a folder in the order of the names' characters.

  Hidden files and folders, and `SYSTEM_FOLDERS`, are left out.

  Raises:
    OSError: If it cannot be read.
  """
  if places.is_address(path):
    return [
      Entry(name, num_bytes is None, num_bytes)
      for name, num_bytes in places.sizes(path).items()
      if not name.startswith('.')
      and not (name.lower() in SYSTEM_FOLDERS and num_bytes is None)
    ]
  with os.scandir(path) as found:
    shown = [entry for entry in found if not entry.name.startswith('.')]
  return [
    _entry(entry)
    for entry in sorted(shown, key=lambda entry: entry.name)
    if not (entry.name.lower() in SYSTEM_FOLDERS and entry.is_dir())
  ]


def _entry(entry: 'os.DirEntry[str]') -> Entry:
  """Returns what is to know of an entry."""
  try:
    num_bytes = entry.stat().st_size if entry.is_file() else None
    return Entry(entry.name, entry.is_dir(), num_bytes)
  except OSError:
    # A link that leads to itself is neither.
    return Entry(entry.name, False, None)
