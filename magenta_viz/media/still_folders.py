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

"""The pictures in a folder and in the folders inside it."""

import os
from pathlib import Path
from typing import Iterator, List, NoReturn, Optional, Tuple

from magenta_viz.files import places
from magenta_viz.media import decoding
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
  stills, _ = _sorted(folder, flag, left_out, decoding.ENDINGS)
  if not stills:
    raise ValueError(
      f"folder '{folder}' has no pictures, not counting films and"
      f' {_SHEET}; give --{flag} a folder of PNG, JPEG or other still'
      ' pictures'
    )
  return stills


def find_with_films(folder: str, flag: str) -> Tuple[List[Path], List[Path]]:
  """Finds still pictures likewise, and what moves: films, animated pictures.

  Args:
    folder: The folder.
    flag: Name of the flag that names it, for errors.

  Returns:
    The still ones, and the others; at least one of both.

  Raises:
    FileNotFoundError, OSError, ValueError: As of `find`.
  """
  endings = (*decoding.ENDINGS, *frames.FILM_ENDINGS)
  found = _sorted(folder, flag, None, endings)
  if not any(found):
    raise ValueError(
      f"folder '{folder}' has no pictures and no films; give --{flag} a folder"
      ' of some'
    )
  return found


def _sorted(
  folder: str, flag: str, left_out: Optional[str], endings: Tuple[str, ...]
) -> Tuple[List[Path], List[Path]]:
  """Returns the files with some endings that stand still, and the others."""
  stills: List[Path] = []
  moving: List[Path] = []
  for inner in _folders(folder, flag, left_out):
    for path in frames.files_in(inner, endings):
      if frames.is_sequence(path):
        moving.append(path)
      elif path.name != _SHEET:
        stills.append(path)
  return stills, moving


def _folders(folder: str, flag: str, left_out: Optional[str]) -> Iterator[Path]:
  """Yields a folder and those inside it."""

  def refuse(error: OSError) -> NoReturn:
    if error.filename is None:
      # At an address, which says all.
      raise error
    raise type(error)(
      f"cannot read the folder '{error.filename}': {error.strerror}; give"
      f' --{flag} a folder of pictures'
    ) from error

  def is_left_out(path: str) -> bool:
    return left_out is not None and os.path.realpath(path) == os.path.realpath(
      left_out
    )

  for inner, subfolders, _ in places.walk(places.place(folder), refuse):
    # As the walk goes on with them.
    subfolders[:] = sorted(
      name
      for name in subfolders
      if not name.startswith('.')
      and name not in _NOT_OURS
      and not is_left_out(os.path.join(inner, name))
    )
    yield places.place(inner)
