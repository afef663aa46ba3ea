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

"""Places of files: paths on this machine, and addresses such as s3://bucket/x.

What reads and writes files takes a place by pathlib's interface, whichever it
is. Addresses are reached by fsspec, which is imported when there is one, and
where the protocol's own package is installed: gcsfs for gs://, s3fs for s3://.
"""

import errno
import fnmatch
import io
import os
from pathlib import Path
from pathlib import PurePosixPath
import re
import types
from typing import (
  Any,
  BinaryIO,
  Callable,
  Dict,
  Iterator,
  List,
  Optional,
  Tuple,
  Type,
  Union,
  cast,
)

from magenta_viz.files import time_limit

PathLike = Union[str, 'os.PathLike[str]']

# As gs://bucket/folder, and gs:/bucket/folder, which `pathlib` makes of it; and
# fsspec's chains, as zip::s3://bucket/a.zip. A single letter is a drive of
# Windows.
_ADDRESS = re.compile(r'[A-Za-z][A-Za-z0-9+.-]+:(:.*:)?/')

# A put to one of these is whole or not at all, and they have no folders.
_STORES = frozenset(
  (
    *('memory', 's3', 's3a', 'gs', 'gcs', 'abfs', 'abfss', 'az', 'adl'),
    *('oci', 'oss', 'tos', 'hf'),
  )
)

# Of this machine, whose paths say the same without the care of `Path`.
_HERE = ('file', 'local')

# The longest wait for an answer, and what a line carries in a second at least.
_MAX_SECONDS = 60.0
_BYTES_A_SECOND = 100_000

_BUFFER_BYTES = 1 << 22

# What is raised, and the system's number of it.
_KINDS: Tuple[Tuple[Type[OSError], int], ...] = (
  (FileNotFoundError, errno.ENOENT),
  (PermissionError, errno.EACCES),
  (FileExistsError, errno.EEXIST),
  (IsADirectoryError, errno.EISDIR),
  (NotADirectoryError, errno.ENOTDIR),
  (TimeoutError, errno.ETIMEDOUT),
  (OSError, 0),
)


def is_address(path: PathLike) -> bool:
  """Tells whether a path is an address, as gs://bucket/folder."""
  return _ADDRESS.match(os.fspath(path)) is not None


def check_address(name: str, value: str) -> None:
  """Checks that files can be reached at an address; no connection is made.

  Args:
    name: Of what has it, for messages.
    value: The address.

  Raises:
    ValueError: If there is no such protocol, or its package is missing.
  """
  protocol = _protocol(value)
  advice = 'take a path on this machine, with ./ before it if it is one'
  if protocol in _HERE:
    raise ValueError(f"{name} is '{value}', an address; {advice}")
  try:
    import fsspec

    fsspec.get_filesystem_class(protocol)
  except ImportError as error:
    raise ValueError(
      f"{name} is '{value}', but what such addresses need is missing ({error});"
      " pip install 'magenta_viz[remote]' brings it for gs:// and s3://, or"
      f' {advice}'
    ) from error
  except ValueError as error:
    raise ValueError(
      f"{name} is '{value}', an address of no kind that is known; take one such"
      f' as gs://bucket/folder or s3://bucket/folder, or {advice}'
    ) from error


def check_shared(name: str, value: str) -> None:
  """Checks that several processes can write to a folder.

  Args:
    name: Of what has it, for messages.
    value: The folder.

  Raises:
    ValueError: If each process has one of its own, as of memory://.
  """
  if is_address(value) and _protocol(value) == 'memory':
    raise ValueError(
      f"{name} is '{value}', which each process has of its own, and several"
      ' are to write there; take a folder on a disk, or at an address that all'
      ' reach'
    )


def place(path: PathLike) -> Path:
  """Returns a path on this machine, or what stands for one at an address.

  Args:
    path: A path, an address, or what this returned.

  Returns:
    A `Path`, or a `Remote`, which has of its interface what this package needs.
  """
  if isinstance(path, Remote):
    return cast(Path, path)
  if not is_address(path):
    return Path(path)
  protocol, colon, rest = os.fspath(path).partition(':')
  return cast(Path, Remote(protocol.lower() + colon + rest))


def of_user(path: PathLike) -> Path:
  """Returns a place where '~' is the user's home, that of an unknown as it is.

  pathlib would raise a RuntimeError.
  """
  return place(os.path.expanduser(path))


def is_file(path: PathLike) -> bool:
  """Tells whether there is a file, as `os.path.isfile` does."""
  if not is_address(path):
    return os.path.isfile(path)
  return place(path).is_file()


def is_dir(path: PathLike) -> bool:
  """Tells whether there is a folder, as `os.path.isdir` does."""
  if not is_address(path):
    return os.path.isdir(path)
  return place(path).is_dir()


def version(path: Path) -> str:
  """Returns what is another when a file at an address was changed."""
  return cast(Remote, path).version()


def sizes(folder: PathLike) -> Dict[str, Optional[int]]:
  """Returns what is in a folder at an address: bytes by name, None of folders.

  Raises:
    OSError: If it cannot be listed.
  """
  return cast(Remote, place(folder)).entries()


def walk(
  folder: PathLike, onerror: Optional[Callable[[OSError], object]] = None
) -> Iterator[Tuple[str, List[str], List[str]]]:
  """Yields what `os.walk` does, at an address, too."""
  if not is_address(folder):
    yield from os.walk(folder, onerror=onerror)
    return
  try:
    found = sizes(folder)
  except OSError as error:
    if onerror is not None:
      onerror(error)
    return
  folders = [name for name, num_bytes in found.items() if num_bytes is None]
  yield os.fspath(folder), folders, [n for n in found if n not in folders]
  for name in folders:
    yield from walk(place(folder) / name, onerror)


class Remote(PurePosixPath):
  """A file or a folder at an address.

  As of `Path`, but that stores have no folders where there are no files. All
  methods raise OSError as the system does, with the store's own words, and do
  not wait for ever.
  """

  __slots__ = ()

  def __str__(self) -> str:
    """Returns the address, of which pathlib merges the two slashes."""
    parts = self.parts
    if not parts or not parts[0].endswith(':'):
      return super().__str__()
    return f'{parts[0]}//{"/".join(parts[1:])}'

  def exists(self) -> bool:
    """Tells whether there is something."""
    return self._type() is not None

  def is_file(self) -> bool:
    """Tells whether there is a file."""
    return self._type() == 'file'

  def is_dir(self) -> bool:
    """Tells whether something is inside."""
    return self._type() == 'directory'

  def stat(self) -> Any:
    """Returns what has the size as `st_size`."""
    return types.SimpleNamespace(st_size=self._info()['size'] or 0)

  def version(self) -> str:
    """Returns what is another when the file was changed."""
    return str(self._call('ukey'))

  def resolve(self) -> 'Remote':
    """Returns the path without '..'; there are no links."""
    return type(self)(os.path.normpath(self))

  def absolute(self) -> 'Remote':
    """Returns itself, which is."""
    return self

  def expanduser(self) -> 'Remote':
    """Returns itself; no store has home folders."""
    return self

  def entries(self) -> Dict[str, Optional[int]]:
    """Returns the sizes of files inside by their names, None of folders."""
    # A folder may be an object without a name, beside those that are in it.
    found = {
      each['name'].rstrip('/').rpartition('/')[2]: each
      for each in self._call('ls', detail=True)
      if each['name'].strip('/') != self._own_name()
    }
    return {
      name: each['size'] or 0 if each['type'] == 'file' else None
      for name, each in sorted(found.items())
      # A name is not trusted to stay inside.
      if name not in ('', '.', '..')
    }

  def iterdir(self) -> Iterator['Remote']:
    """Yields what is inside."""
    return (self / name for name in self.entries())

  def glob(self, pattern: str) -> Iterator['Remote']:
    """Yields what is inside by a pattern without '**'."""
    first, _, rest = pattern.partition('/')
    try:
      names = list(self.entries())
    except (FileNotFoundError, NotADirectoryError):
      return
    for name in names:
      if fnmatch.fnmatchcase(name, first):
        yield from (self / name).glob(rest) if rest else (self / name,)

  def open(self, mode: str = 'rb') -> BinaryIO:
    """Opens a file for reading, of which no more is fetched than is read."""
    if mode != 'rb':
      raise ValueError(f"mode is '{mode}'; take 'rb', or write_bytes")
    try:
      head = self.read_range(0, _BUFFER_BYTES)
    except FileNotFoundError:
      raise
    except OSError:
      # Of an empty file, stores have no range.
      if not self.is_file() or self.stat().st_size:
        raise
      head = b''
    # One request for most files; some servers know no ranges.
    if len(head) != _BUFFER_BYTES:
      return io.BytesIO(head)
    ranges = _Ranges(self, self.stat().st_size)
    return cast(BinaryIO, io.BufferedReader(ranges, _BUFFER_BYTES))

  def read_range(self, start: int, end: int) -> bytes:
    """Returns bytes of a file."""
    data = self._call('cat_file', start=start, end=end, num_bytes=end - start)
    return bytes(data)

  def read_bytes(self) -> bytes:
    """Returns all bytes of a file."""
    with self.open() as file:
      return file.read()

  def read_text(self, encoding: str) -> str:
    """Returns a file's text."""
    return self.read_bytes().decode(encoding)

  def write_bytes(self, data: bytes) -> None:
    """Puts a file in its place, whole or not at all."""
    if self._is_in_store():
      self._call('pipe_file', data, num_bytes=len(data))
      return
    # Of `atomic_files.temporary_path`'s names, which nobody takes for pictures.
    temporary = self.with_name(f'.magenta_viz_{os.urandom(8).hex()}.tmp')
    try:
      temporary._call('pipe_file', data, num_bytes=len(data))
      temporary._call('mv', self._path())
    except BaseException:
      if temporary.exists():
        temporary.unlink()
      raise

  def create(self, data: bytes) -> None:
    """Puts a file where there is none.

    Raises:
      FileExistsError: If there is one.
      OSError: Also if the store cannot tell who was first.
    """
    self._call('pipe_file', data, mode='create', num_bytes=len(data))

  def unlink(self, missing_ok: bool = False) -> None:
    """Removes a file."""
    try:
      self._call('rm_file')
    except FileNotFoundError:
      if not missing_ok:
        raise

  def mkdir(self, parents: bool = False, exist_ok: bool = False) -> None:
    """Makes a folder, where there are any; no store's bucket is made."""
    if not self._is_in_store():
      self._call('makedirs', exist_ok=exist_ok)

  def _is_in_store(self) -> bool:
    return _protocol(str(self)) in _STORES

  def _info(self) -> Dict[str, Any]:
    return cast(Dict[str, Any], self._call('info'))

  def _type(self) -> Optional[str]:
    try:
      return str(self._info()['type'])
    except (FileNotFoundError, NotADirectoryError):
      return None

  def _own_name(self) -> str:
    return self._path().strip('/')

  def _path(self) -> str:
    """Returns what the file system calls it."""
    return _file_system(str(self))[1]

  def _call(
    self, method: str, *args: Any, num_bytes: int = 0, **kwargs: Any
  ) -> Any:
    """Calls a method of the file system with the path, and waits in time."""

    def work() -> Any:
      system, path = _file_system(str(self))
      return getattr(system, method)(path, *args, **kwargs)

    try:
      seconds = _MAX_SECONDS + num_bytes / _BYTES_A_SECOND
      return time_limit.within(seconds, work)
    # Stores raise nearly every type.
    except Exception as error:
      raise self._error(error) from error

  def _error(self, error: Exception) -> OSError:
    """Returns an error as the system would have it."""
    kind, number = next(
      (each for each in _KINDS if isinstance(error, each[0])), _KINDS[-1]
    )
    text = str(getattr(error, 'strerror', None) or error)
    words = ' '.join(text.split()).rstrip('.')
    # fsspec's own say which file alone.
    if number and (not words or words.strip('/') in str(self)):
      words = os.strerror(number)
    words = words or type(error).__name__
    found = kind(
      f"cannot reach '{self}': {words}; check the address, the credentials for"
      ' it and the network connection'
    )
    # For those who make a sentence of their own.
    found.strerror = words
    return found


class _Ranges(io.RawIOBase):
  """Bytes at an address, fetched as they are read."""

  def __init__(self, path: Remote, num_bytes: int):
    super().__init__()
    self._path = path
    self._num_bytes = num_bytes
    self._place = 0

  def readable(self) -> bool:
    return True

  def seekable(self) -> bool:
    return True

  def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
    start = (0, self._place, self._num_bytes)[whence]
    self._place = max(start + offset, 0)
    return self._place

  def readall(self) -> bytes:
    return self._next(self._num_bytes - self._place)

  def readinto(self, buffer: Any) -> int:
    data = self._next(len(buffer))
    buffer[: len(data)] = data
    return len(data)

  def _next(self, num_bytes: int) -> bytes:
    # Past its end, a store refuses.
    end = min(self._place + num_bytes, self._num_bytes)
    if end <= self._place:
      return b''
    data = self._path.read_range(self._place, end)
    self._place += len(data)
    return data


def _protocol(address: str) -> str:
  return address.partition(':/')[0].lower()


def _file_system(address: str) -> Tuple[Any, str]:
  """Returns fsspec's file system of an address, and the path there."""
  check_address('the place', address)
  import fsspec.core

  system, path = fsspec.core.url_to_fs(address)
  # What another process writes is to be seen.
  system.invalidate_cache()
  return system, path
