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

"""Reads a sorted table: TensorFlow's V1 checkpoints, and the index of V2 ones.

It is LevelDB's format: blocks of keys, each with what it adds to the one before
it, and values; a block that has the places of the others; a footer that has the
place of that one. TensorFlow writes its blocks without compression. LevelDB's
libraries open folders of tables, not one by itself, and TensorFlow's own reader
trusts what a table says (see `checkpoint_v2`).

References:
  tensorflow/core/lib/io/format.h (in later releases xla/tsl/lib/io), and
  https://github.com/google/leveldb/blob/main/doc/table_format.md
"""

from typing import Iterator, Tuple, Union

from magenta_viz.models.checkpoints import crc32c
from magenta_viz.models.checkpoints import protobuf_wire

# The last eight bytes of every table: kTableMagicNumber.
MAGIC = (0xDB4775248B80FB57).to_bytes(8, 'little')

_FOOTER_BYTES = 48

# After each block: its kind of compression, and a checksum.
_TRAILER_BYTES = 5

# A network has a few hundred variables, and an optimizer some more for each of
# them. Names are paths of some 200 letters at most.
_MAX_ENTRIES = 50_000
_MAX_KEY_BYTES = 2_000


def is_one(data: Union[bytes, memoryview]) -> bool:
  """Tells a table by its last bytes."""
  return data[-len(MAGIC) :] == MAGIC


def entries(table: memoryview) -> Iterator[Tuple[bytes, memoryview]]:
  """Yields the keys of a table, in their order, with their values.

  Args:
    table: All of its bytes.

  Raises:
    ValueError: If it is damaged, compressed, or has more entries or longer keys
      than a checkpoint needs.
  """
  if len(table) < _FOOTER_BYTES or not is_one(table):
    raise ValueError('it does not end as a table of TensorFlow does')
  footer = table[-_FOOTER_BYTES:]
  _, place = _handle(footer, 0)
  index, _ = _handle(footer, place)
  count = 0
  last = b''
  for _, handle in _entries(_block(table, *index)):
    for key, value in _entries(_block(table, *_handle(handle, 0)[0])):
      count += 1
      if count > _MAX_ENTRIES:
        raise ValueError(
          f'it has more than {_MAX_ENTRIES} entries, the most for a network'
        )
      # One block could be named again and again.
      if count > 1 and key <= last:
        raise ValueError('its keys are not in order')
      last = key
      yield key, value


def _handle(data: memoryview, place: int) -> Tuple[Tuple[int, int], int]:
  """Returns where a block is and its size, and the place after that."""
  offset, place = protobuf_wire.read_varint(data, place)
  size, place = protobuf_wire.read_varint(data, place)
  return (offset, size), place


def _block(table: memoryview, offset: int, size: int) -> memoryview:
  """Returns the content of a block that is whole."""
  end = offset + size
  if end + _TRAILER_BYTES > len(table) - _FOOTER_BYTES:
    raise ValueError('a block goes on after the end')
  wanted = int.from_bytes(table[end + 1 : end + _TRAILER_BYTES], 'little')
  if crc32c.masked_crc32c(table[offset : end + 1]) != wanted:
    raise ValueError(f'the checksum of the block at byte {offset} is wrong')
  if table[end] != 0:
    raise ValueError('its blocks are compressed, which TensorFlow never does')
  return table[offset:end]


def _entries(block: memoryview) -> Iterator[Tuple[bytes, memoryview]]:
  """Yields the entries of one block."""
  if len(block) < 4:
    raise ValueError('a block is too short')
  # For the search of a key, some are listed at the block's end.
  num_restarts = int.from_bytes(block[-4:], 'little')
  end = len(block) - 4 * (num_restarts + 1)
  if end < 0:
    raise ValueError('a block is too short')
  key, place = b'', 0
  while place < end:
    shared, place = protobuf_wire.read_varint(block, place)
    num_new, place = protobuf_wire.read_varint(block, place)
    size, place = protobuf_wire.read_varint(block, place)
    if shared > len(key) or place + num_new + size > end:
      raise ValueError('an entry goes on after the end of its block')
    if shared + num_new > _MAX_KEY_BYTES:
      raise ValueError(
        f'it has a name of more than {_MAX_KEY_BYTES} bytes, the most for a'
        ' variable'
      )
    key = key[:shared] + bytes(block[place : place + num_new])
    place += num_new
    yield key, block[place : place + size]
    place += size
