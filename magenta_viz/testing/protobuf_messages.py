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

"""Protobuf messages and sorted tables made by hand, right or wrong."""

from typing import Iterable, Tuple, Union

from magenta_viz.models.checkpoints import crc32c
from magenta_viz.models.checkpoints import sorted_table

# Put in as a number of four bytes.
Fixed = Tuple[int]


def varint(value: int) -> bytes:
  """Returns a number; of one below 0, its 64 bits."""
  value &= (1 << 64) - 1
  encoded = b''
  while value > 0x7F:
    encoded += bytes([value & 0x7F | 0x80])
    value >>= 7
  return encoded + bytes([value])


def message(*fields: Tuple[int, Union[int, bytes, Fixed]]) -> bytes:
  """Returns a message of fields, each of them a number and a value."""
  parts = []
  for number, value in fields:
    if isinstance(value, int):
      parts.append(varint(number << 3) + varint(value))
    elif isinstance(value, tuple):
      parts.append(varint(number << 3 | 5) + value[0].to_bytes(4, 'little'))
    else:
      parts.append(varint(number << 3 | 2) + varint(len(value)) + value)
  return b''.join(parts)


def block(content: bytes, compression: int = 0) -> bytes:
  """Returns a block of a table with its right checksum."""
  data = content + bytes([compression])
  checksum = crc32c.masked_crc32c(memoryview(data))
  return data + checksum.to_bytes(4, 'little')


def entries(items: Iterable[Tuple[bytes, bytes]]) -> bytes:
  """Returns the content of a block, in which no key shares its beginning."""
  content = b''.join(
    varint(0) + varint(len(key)) + varint(len(value)) + key + value
    for key, value in items
  )
  # One place where a search may start, the first.
  return content + bytes(4) + (1).to_bytes(4, 'little')


def table(*contents: bytes) -> bytes:
  """Returns a table of blocks, each with the content that is given."""
  data = b''
  handles = []
  for content in contents:
    handles.append(varint(len(data)) + varint(len(content)))
    data += block(content)
  index = entries((bytes([i]), handle) for i, handle in enumerate(handles))
  footer = varint(0) + varint(0) + varint(len(data)) + varint(len(index))
  return data + block(index) + footer.ljust(40, b'\0') + sorted_table.MAGIC
