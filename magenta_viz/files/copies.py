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

"""Copies on this machine of files at addresses, for readers that need files.

They are in the cache folder, under a name that changes with the address and
with the files, so that nothing is fetched twice, and what has changed is.
"""

import hashlib
import os
from pathlib import Path
import shutil
import tempfile
from typing import Dict, Optional, Sequence

from absl import logging

from magenta_viz.files import cache_folder
from magenta_viz.files import places

_FOLDER = 'fetched'

# A writer may be at it; no more than this often in a row.
_MAX_TRIES = 3

_CHUNK_BYTES = 1 << 24

# Addresses by the folders of their copies, for messages and records.
_ADDRESSES: Dict[str, str] = {}


def as_given(text: str) -> str:
  """Returns a text with addresses in place of the paths of their copies."""
  for folder, address in list(_ADDRESSES.items()):
    text = text.replace(folder, address)
  return text


def file(path: Path) -> Path:
  """Returns the path of a file on this machine: itself, or of its copy.

  Args:
    path: A place.

  Raises:
    OSError: If it cannot be fetched, or the copy not be written.
  """
  if not places.is_address(path):
    return path
  return files(path.parent, [path.name]) / path.name


def files(
  folder: Path, names: Sequence[str], max_bytes: Optional[int] = None
) -> Path:
  """Returns a folder on this machine with copies of some files of another.

  Args:
    folder: A place at an address.
    names: Of the files, with '/' before what is in inner folders.
    max_bytes: The most that they may have together; None for any size.

  Raises:
    ValueError: If they have more, or change while they are fetched.
    OSError: If they cannot be fetched, or the copies not be written.
  """
  num_bytes = sum((folder / name).stat().st_size for name in names)
  if max_bytes is not None and num_bytes > max_bytes:
    raise ValueError(
      f"'{folder}' has {num_bytes} bytes to be fetched, but {max_bytes} are the"
      ' most that may be; give a smaller one'
    )
  root = cache_folder.default_cache_dir() / _FOLDER
  for _ in range(_MAX_TRIES):
    version = _version(folder, names)
    copy = root / version
    if not copy.is_dir():
      what = folder / names[0] if len(names) == 1 else folder
      logging.info("Fetching '%s' (%d bytes).", what, num_bytes)
      if not _fetch(folder, names, copy, version):
        continue
    _ADDRESSES[str(copy)] = str(folder)
    return copy
  raise ValueError(
    f"'{folder}' changes while it is fetched; start again when nobody writes to"
    ' it'
  )


def _version(folder: Path, names: Sequence[str]) -> str:
  """Returns what is another for other files, and after each change."""
  found = [str(folder)]
  for name in sorted(names):
    found += [name, places.version(folder / name)]
  return hashlib.sha256('\n'.join(found).encode()).hexdigest()[:32]


def _fetch(
  folder: Path, names: Sequence[str], copy: Path, version: str
) -> bool:
  """Makes a copy, whole or not at all; tells whether it is of that version."""
  try:
    copy.parent.mkdir(parents=True, exist_ok=True)
    # Of its own, so that no other process writes there.
    partial = Path(tempfile.mkdtemp(prefix='.', dir=copy.parent))
  except OSError as error:
    raise type(error)(
      f"cannot write '{copy.parent}' ({error.strerror}); set"
      f' {cache_folder.VARIABLE} to a folder that can be written'
    ) from error
  try:
    for name in names:
      target, origin = partial / name, folder / name
      target.parent.mkdir(parents=True, exist_ok=True)
      with origin.open('rb') as source, target.open('xb') as file:
        shutil.copyfileobj(source, file, _CHUNK_BYTES)
        os.fsync(file.fileno())
    if _version(folder, names) != version:
      return False
    try:
      os.rename(partial, copy)
    except OSError:
      # Another process was first.
      if not copy.is_dir():
        raise
    return True
  finally:
    shutil.rmtree(partial, ignore_errors=True)
