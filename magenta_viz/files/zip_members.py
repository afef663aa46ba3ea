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


"""What is in a zip file, read without trust."""

import functools
import io
from typing import BinaryIO, Callable, Iterator, Tuple
import zipfile

# What zipfile makes is several times as large as a member's entry. A network
# has some hundred arrays, and a training four times as many.
_MAX_MEMBERS = 10_000
_MEMBER_MAGIC = b'PK\x01\x02'

_PIECE_BYTES = 1 << 20


def read(data: bytes, max_bytes: int) -> Iterator[Tuple[str, bytes]]:
  """Yields the name and content of each member.

  Args:
    data: The zip file.
    max_bytes: The most that the contents may have, together.

  Raises:
    ValueError: If there are too many or too large ones.
    Others: What zipfile and zlib raise at damaged bytes.
  """
  for name, content in members(io.BytesIO(data), max_bytes):
    yield name, content()


def members(
  file: BinaryIO, max_bytes: int
) -> Iterator[Tuple[str, Callable[[], bytes]]]:
  """Yields the name of each member, and what reads its content if it is wanted.

  Args:
    file: The zip file, which stays open.
    max_bytes: The most that the contents may have, together.

  Raises:
    ValueError: If there are too many or too large ones.
    Others: What zipfile and zlib raise at damaged bytes.
  """
  if _count(file, _MEMBER_MAGIC) > _MAX_MEMBERS:
    raise ValueError(f'it has more than {_MAX_MEMBERS} arrays')
  with zipfile.ZipFile(file) as archive:
    found = archive.infolist()
    if sum(member.file_size for member in found) > max_bytes:
      raise ValueError(
        f'its arrays have more than {max_bytes} bytes, the most that they may'
      )
    for member in found:
      yield member.filename, functools.partial(_content, archive, member)


def _count(file: BinaryIO, wanted: bytes) -> int:
  """Returns how often a file has some bytes."""
  count = 0
  before = b''
  file.seek(0)
  for piece in iter(lambda: file.read(_PIECE_BYTES), b''):
    count += (before + piece).count(wanted)
    before = piece[1 - len(wanted) :]
  return count


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
  """Returns the content of a member, which is as long as it claims."""
  # zipfile inflates others in pieces of any size; nobody here writes any.
  if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
    raise ValueError(
      f"'{member.filename}' is compressed in a way that NumPy never takes"
    )
  with archive.open(member) as file:
    return file.read(member.file_size)
