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

"""Keeps a folder for one training at a time."""

import contextlib
import errno
import os
from pathlib import Path
import socket
from typing import Iterator, cast

from absl import logging
import psutil

from magenta_viz.files import places

try:
  import fcntl
except ImportError:
  # Windows.
  fcntl = None  # type: ignore[assignment]

# Beside the checkpoints, for as long as a training runs.
_NAME = '.magenta_viz.lock'

# It is written to, so a link to another file is not followed.
_NO_LINK = getattr(os, 'O_NOFOLLOW', 0)

# The system's words for a lock that is held: BlockingIOError or, of some
# network file systems, PermissionError.
_HELD = (BlockingIOError, PermissionError)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
  """Holds a folder against other processes, and other threads.

  The system lets go of the lock when its process ends, however it ends, so a
  file that a killed process left holds nothing. On a network file system the
  lock counts on all machines, if that system has locks. Where there are none,
  as on Windows, a warning is logged, and nobody is kept away.

  At an address the file is put where there is none, if the store can tell, and
  removed at the end. Nobody removes it for a process that is killed: another
  one of the same machine sees that it is gone, those of others are told how.

  Args:
    folder: The folder, which exists and can be written.

  Raises:
    ValueError: If another one holds it.
    OSError: If the lock's file cannot be made.
  """
  path = folder / _NAME
  if places.is_address(path):
    with _put(path):
      yield
    return
  descriptor = _lock(path)
  try:
    yield
  finally:
    # While it is held, so that nobody else's is removed.
    with contextlib.suppress(OSError):
      path.unlink()
    os.close(descriptor)


def check(folder: Path) -> None:
  """Checks that nobody holds a folder, without writing to it.

  Args:
    folder: May be missing.

  Raises:
    ValueError: If another one holds it.
  """
  path = folder / _NAME
  if places.is_address(path):
    if path.exists():
      _check_gone(path)
    return
  # Nobody holds what is not there; what else there may be, `locked` will tell.
  with contextlib.suppress(OSError):
    descriptor = os.open(path, os.O_RDONLY | _NO_LINK)
    try:
      _take(path, descriptor, is_shared=True)
    finally:
      os.close(descriptor)


@contextlib.contextmanager
def _put(path: Path) -> Iterator[None]:
  """Holds a folder at an address by a file that nobody else puts."""
  holder = _holder()
  try:
    cast(places.Remote, path).create(holder)
  except OSError as error:
    if path.exists():
      # Not two at once, of which each would think that it is the one.
      _check_gone(path)
      path.write_bytes(holder)
    else:
      _warn(path, error)
  try:
    yield
  finally:
    with contextlib.suppress(OSError):
      if path.read_bytes() == holder:
        path.unlink()


def _check_gone(path: Path) -> None:
  """Raises ValueError if who put a file at an address may still be there."""
  holder = path.read_bytes().decode(errors='replace')[:200]
  number, _, machine = holder.partition(' on ')
  if machine == socket.gethostname() and number.isdecimal():
    if not psutil.pid_exists(int(number)):
      return
  raise ValueError(
    f"another training is running in '{path.parent}' (process {holder}); wait"
    f' for its end, take another --train_dir or, if it was killed, delete'
    f" '{path}'"
  )


def _holder() -> bytes:
  return f'{os.getpid()} on {socket.gethostname()}'.encode()


def _warn(path: Path, error: OSError) -> None:
  logging.warning(
    "No lock keeps other trainings away from '%s' (%s); start none there.",
    path.parent,
    error.strerror,
  )


def _lock(path: Path) -> int:
  """Returns the descriptor of a file that is there and locked."""
  while True:
    try:
      descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _NO_LINK, 0o666)
    except OSError as error:
      raise type(error)(
        f"cannot write '{path}', which keeps other trainings away:"
        f' {error.strerror or error}; remove it, or take another --train_dir'
      ) from error
    try:
      try:
        _take(path, descriptor)
      except OSError as error:
        _warn(path, error)
      # Who held it may have removed the file in between.
      if _is_at(path, descriptor):
        os.truncate(descriptor, 0)
        os.write(descriptor, _holder())
        return descriptor
    except BaseException:
      os.close(descriptor)
      raise
    os.close(descriptor)


def _take(path: Path, descriptor: int, is_shared: bool = False) -> None:
  """Locks a file that is open.

  Raises:
    ValueError: If it is locked.
    OSError: If there are no locks.
  """
  if fcntl is None:
    raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))
  kind = fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX
  try:
    fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
  except _HELD as error:
    holder = os.read(descriptor, 200).decode(errors='replace')
    raise ValueError(
      f"another training is running in '{path.parent}' (process"
      f' {holder or "unknown"}); wait for its end, or take another --train_dir'
    ) from error


def _is_at(path: Path, descriptor: int) -> bool:
  """Tells whether a path is still that of a file that is open."""
  try:
    return os.path.samestat(os.stat(path), os.fstat(descriptor))
  except FileNotFoundError:
    return False
