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

"""A TensorFlow checkpoint in a tar archive, which is unpacked in memory.

Python's own tarfile trusts what a header claims: in releases until the summer
of 2025, a size below 0 has it read the same member for good (CVE-2025-8194).

References:
  POSIX.1-2017, pax, "ustar Interchange Format" and "pax Header Block"; the long
  names of GNU tar.
"""

import gzip
import io
import os
import re
from typing import Dict, Iterator, Tuple

import numpy as np

from magenta_viz.models.checkpoints import checkpoint_v1
from magenta_viz.models.checkpoints import checkpoint_v2
from magenta_viz.models.checkpoints import sorted_table

_BLOCK_BYTES = 512

# A checkpoint has a few files, and a folder of others may be around it.
_MAX_MEMBERS = 10_000
_MAX_NAME_BYTES = 1 << 16

_PIECE_BYTES = 1 << 20

# Kinds of members: a file, in three ways, and a folder; what gives the next
# member its name, in GNU's way and in that of POSIX; what is about all.
_FILES = (b'0', b'\0', b'7')
_FOLDER = b'5'
_GNU_NAME, _PAX_HEADER, _GLOBAL_HEADER = b'L', b'x', b'g'
_PAX_NAME = re.compile(rb'(?:^|\n)[0-9]+ path=([^\n]*)\n')


def parse(
  data: bytes, is_zipped: bool, max_bytes: int
) -> Dict[str, np.ndarray]:
  """Returns the numbers of the one checkpoint in an archive, by variable name.

  Args:
    data: The archive.
    is_zipped: Whether it is compressed by gzip.
    max_bytes: The most that it may hold.

  Raises:
    ValueError: If it is damaged, holds more, something that is no plain file
      inside its folder, or not exactly one checkpoint.
    OSError, EOFError, zlib.error: If its compression is damaged.
  """
  members = _files(_inflate(data, max_bytes) if is_zipped else data)
  tables = sorted(
    each for each in members if sorted_table.is_one(members[each])
  )
  if len(tables) != 1:
    raise ValueError(
      f'it holds {", ".join(tables) or "no TensorFlow checkpoint"}, not exactly'
      ' one TensorFlow checkpoint'
    )
  (name,) = tables
  if name.endswith(checkpoint_v2.INDEX_ENDING):
    prefix = name[: -len(checkpoint_v2.INDEX_ENDING)]
    return checkpoint_v2.parse_files(prefix, members)
  return checkpoint_v1.parse(members[name], max_bytes)


def _files(data: bytes) -> Dict[str, memoryview]:
  """Returns the content of an archive's plain files by name."""
  found = {}
  for count, (name, kind, content) in enumerate(_members(memoryview(data))):
    if count >= _MAX_MEMBERS:
      raise ValueError(f'it holds more than {_MAX_MEMBERS} files')
    path = os.path.normpath(name)
    is_inside = not os.path.isabs(path) and path.split(os.sep)[0] != '..'
    if not is_inside or kind not in (*_FILES, _FOLDER):
      raise ValueError(
        f'it holds {name!r}, which is no plain file inside its folder'
      )
    if kind != _FOLDER:
      found[path] = content
  return found


def _inflate(data: bytes, max_bytes: int) -> bytes:
  """Returns what gzip compressed, no more of it than allowed."""
  inflated = bytearray()
  with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
    for piece in iter(lambda: file.read(_PIECE_BYTES), b''):
      inflated += piece
      if len(inflated) > max_bytes:
        raise ValueError(f'it holds more than {max_bytes} bytes')
  return bytes(inflated)


def _members(data: memoryview) -> Iterator[Tuple[str, bytes, memoryview]]:
  """Yields names, kinds and contents."""
  place = 0
  long_name = b''
  while place < len(data):
    header = bytes(data[place : place + _BLOCK_BYTES])
    if header == bytes(_BLOCK_BYTES):
      return
    size = _check_header(header)
    place += _BLOCK_BYTES
    content = data[place : place + size]
    if len(content) < size:
      raise ValueError(f'it is cut short, or claims {size} bytes that it lacks')
    place += -(-size // _BLOCK_BYTES) * _BLOCK_BYTES
    kind = header[156:157]
    if kind in (_GNU_NAME, _PAX_HEADER):
      long_name = _long_name(kind, content) or long_name
    elif kind != _GLOBAL_HEADER:
      name = long_name or _name(header)
      long_name = b''
      # Old folders have a file's kind.
      is_folder = kind in _FILES and name.endswith(b'/')
      yield os.fsdecode(name), _FOLDER if is_folder else kind, content


def _check_header(header: bytes) -> int:
  """Returns a member's size, if its header's checksum is right."""
  total = sum(header) - sum(header[148:156]) + 8 * ord(' ')
  if len(header) < _BLOCK_BYTES or total != _number(header[148:156]):
    raise ValueError('it is cut short, or no tar archive')
  return _number(header[124:136])


def _number(field: bytes) -> int:
  """Returns a number in a header, at most as large as a file can be.

  Raises:
    ValueError: If it is none.
  """
  # GNU's way to write what has more digits than the field.
  if field[0] == 0x80:
    return int.from_bytes(field[-8:], 'big')
  return int(field.split(b'\0')[0].strip() or b'0', 8)


def _name(header: bytes) -> bytes:
  """Returns the name in a header."""
  name = header[:100].split(b'\0')[0]
  prefix = header[345:500].split(b'\0')[0]
  # GNU's tar has other things there.
  is_posix = header[257:263] == b'ustar\0'
  return prefix + b'/' + name if is_posix and prefix else name


def _long_name(kind: bytes, content: memoryview) -> bytes:
  """Returns the name that a member has for the next one; empty for none."""
  if len(content) > _MAX_NAME_BYTES:
    raise ValueError(f'it has a name of {len(content)} bytes')
  if kind == _GNU_NAME:
    return bytes(content).split(b'\0')[0]
  match = _PAX_NAME.search(bytes(content))
  return match[1] if match else b''
