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

"""The still pictures in a folder and in the folders inside it."""

import contextlib
import os
from pathlib import Path
from typing import List, NoReturn, Optional

from magenta_viz.media import frames

# The contact sheet that a run of `visualize` writes beside its pictures.
_SHEET = 'sheet.png'

# What Finder and other programs put beside the files of their users.
_NOT_OURS = ('__MACOSX',)


def find(folder: str, flag: str, left_out: Optional[str] = None) -> List[Path]:
  """Finds the still pictures in a folder and its subfolders.

  Films, the contact sheets `sheet.png`, what is no plain file, and hidden files
  and folders are left out, and so are those called __MACOSX. Links to folders
  are not followed.

  Args:
    folder: The folder.
    flag: Name of the flag that names it, for errors.
    left_out: A folder inside it whose pictures do not count.

  Returns:
    The pictures, at least one, folder by folder, in natural order.

  Raises:
    FileNotFoundError: If there is no such folder.
    OSError: If a folder cannot be read.
    ValueError: If there are no pictures.
  """

  def refuse(error: OSError) -> NoReturn:
    raise type(error)(
      f"cannot read the folder '{error.filename}': {error.strerror}; give"
      f' --{flag} a folder of pictures'
    ) from error

  def is_left_out(path: str) -> bool:
    return left_out is not None and os.path.realpath(path) == os.path.realpath(
      left_out
    )

  paths: List[Path] = []
  for inner, subfolders, _ in os.walk(Path(folder), onerror=refuse):
    # As os.walk goes on with them.
    subfolders[:] = sorted(
      name
      for name in subfolders
      if not name.startswith('.')
      and name not in _NOT_OURS
      and not is_left_out(os.path.join(inner, name))
    )
    # Raised where there are none.
    with contextlib.suppress(ValueError):
      paths += frames.pictures_in(Path(inner))
  stills = [
    path
    for path in paths
    if path.name != _SHEET and not frames.is_sequence(path)
  ]
  if not stills:
    raise ValueError(
      f"folder '{folder}' has no pictures, not counting films and"
      f' {_SHEET}; give --{flag} a folder of PNG, JPEG or other still'
      ' pictures'
    )
  return stills
