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

"""Files that appear whole or not at all, on this machine or at an address."""

import contextlib
import os
from pathlib import Path
import secrets
import tempfile

from magenta_viz.files import places

PathLike = places.PathLike


def write_file(path: PathLike, data: bytes) -> None:
  """Writes a file, whole or not at all.

  Whatever stops it, a full disk or Ctrl-C, `path` has its old content or the
  new one, and no other file is left. (A process that is killed may leave a
  hidden '.magenta_viz_*.tmp' in the folder.) The file gets the permissions
  that the process's umask gives to new files.

  Args:
    path: The file, or its address, whose folder exists; replaced if it exists.
    data: Its whole content.

  Raises:
    OSError: If it cannot be written, as the subclass that the system raised;
      one sentence with the path and the system's reason.
  """
  path = places.place(path)
  try:
    _replace_file(path, data)
  except OSError as error:
    raise type(error)(
      f"cannot write '{path}': {_reason(error)}; its folder must exist, be "
      'writable and have room'
    ) from error


def remove_file(path: PathLike) -> None:
  """Removes a file, if it is there, before anything is written after it.

  A file that tells of others, as a record does of pictures, goes first and
  comes last where those are replaced: whatever ends the process or the machine
  meanwhile, none is there that tells of what is not.

  Raises:
    OSError: If it cannot be removed, as the subclass that the system raised;
      one sentence with the path and the system's reason.
  """
  path = places.place(path)
  try:
    path.unlink()
    _sync_folder(path.parent)
  except FileNotFoundError:
    pass
  except OSError as error:
    raise type(error)(
      f"cannot replace '{path}': {_reason(error)}; its folder must be writable"
    ) from error


def prepare_folder(path: PathLike) -> None:
  """Makes a folder, and the folders above it, and proves that it is writable.

  Args:
    path: The folder; may exist.

  Raises:
    OSError: If it cannot be made or no file can be written in it, as the
      subclass that the system raised; one sentence with the path and the
      reason.
  """
  folder = places.place(path)
  probe = folder / _hidden('.tmp')
  try:
    folder.mkdir(parents=True, exist_ok=True)
    # Permission bits tell neither of a read-only nor of a full disk.
    _replace_file(probe, b'\n')
    probe.unlink()
  except OSError as error:
    raise type(error)(
      f"cannot write in the folder '{folder}': {_obstacle(folder, error)}; "
      'name a folder that can be made and written to, with room on its disk'
    ) from error


def _replace_file(path: Path, data: bytes) -> None:
  """Writes a temporary file beside `path` and moves it there."""
  if places.is_address(path):
    path.write_bytes(data)
    return
  temporary = temporary_path(path.parent)
  try:
    with open(temporary, 'xb') as file:
      file.write(data)
    move_file(temporary, path)
  finally:
    # After success there is none; after failure the first error is what counts.
    with contextlib.suppress(OSError):
      temporary.unlink()


def temporary_path(folder: Path, ending: str = '.tmp') -> Path:
  """Returns the path of a hidden file that no other process writes.

  Args:
    folder: Of the file whose place it is to take, where it is too; for one at
      an address, it is in this machine's folder of temporary files.
    ending: Of its name.
  """
  if places.is_address(folder):
    folder = Path(tempfile.gettempdir())
  return folder / _hidden(ending)


def _hidden(ending: str) -> str:
  return f'.magenta_viz_{secrets.token_hex(8)}{ending}'


def move_file(temporary: Path, path: Path) -> None:
  """Lets a file that is whole take the place of another.

  Args:
    temporary: The file, closed, at a `temporary_path` for the folder.
    path: Its place; replaced if it exists.

  Raises:
    OSError: As the system raised it.
  """
  if places.is_address(path):
    path.write_bytes(temporary.read_bytes())
    temporary.unlink()
    return
  with open(temporary, 'r+b') as file:
    # Else the move may reach the disk before the data do.
    os.fsync(file.fileno())
  os.replace(temporary, path)
  _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
  """Lets changes of names reach the disk in their order, where it can."""
  if places.is_address(folder):
    return
  # Windows opens no folders, and some network's file systems sync none.
  with contextlib.suppress(OSError):
    descriptor = os.open(folder, os.O_RDONLY)
    try:
      os.fsync(descriptor)
    finally:
      os.close(descriptor)


def _obstacle(folder: Path, error: OSError) -> str:
  """Returns why a folder cannot be used, naming a file in its way."""
  parts = () if places.is_address(folder) else (folder, *folder.parents)
  for part in parts:
    if os.path.lexists(part) and not part.is_dir():
      return f"'{part}' is no folder"
  return _reason(error)


def _reason(error: OSError) -> str:
  """Returns the system's words for an error, without number and paths."""
  return error.strerror or str(error)
