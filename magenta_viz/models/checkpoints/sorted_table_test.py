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

"""Tests for sorted_table."""

from typing import List, Tuple

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.models.checkpoints import sorted_table
from magenta_viz.testing import protobuf_messages

_varint = protobuf_messages.varint
_entries = protobuf_messages.entries
_table = protobuf_messages.table
_block = protobuf_messages.block


def _read(data: bytes) -> List[Tuple[bytes, bytes]]:
  return [
    (key, bytes(each)) for key, each in sorted_table.entries(memoryview(data))
  ]


class SortedTableTest(parameterized.TestCase):
  def test_keys_in_several_blocks(self) -> None:
    items = [(b'', b'header'), (b'a', b''), (b'b' * 300, b'3' * 300)]
    data = _table(_entries(items[:2]), _entries(items[2:]))
    self.assertEqual(_read(data), items)

  def test_keys_that_share_their_beginning(self) -> None:
    # 'abc' -> 1, then its first two letters and 'd' -> 2.
    content = b'\0\x03\x01abc1\x02\x01\x01d2' + bytes(4) + b'\x01\0\0\0'
    self.assertEqual(_read(_table(content)), [(b'abc', b'1'), (b'abd', b'2')])

  @parameterized.parameters(
    (b'\0\x03\x01abc', 'goes on after the end of its block'),
    (b'\x04\x03\x01abc1', 'goes on after the end of its block'),
    (b'\0\x01\0b\0\x01\0a', 'keys are not in order'),
    (b'\0\x01\0b\0\x01\0b', 'keys are not in order'),
    (b'\0' + _varint(2001) + b'\0' + b'a' * 2001, 'more than 2000 bytes'),
  )
  def test_blocks_without_sense(self, content: bytes, reason: str) -> None:
    content += bytes(4) + b'\x01\0\0\0'
    with self.assertRaisesRegex(ValueError, reason):
      _read(_table(content))

  @parameterized.parameters(b'', b'123', b'\xff\xff\xff\xff', b'\x01\0\0\0')
  def test_blocks_too_short(self, content: bytes) -> None:
    with self.assertRaisesRegex(ValueError, 'too short'):
      _read(_table(content))

  def test_one_block_named_again_and_again(self) -> None:
    content = _entries([(b'a', b'1')])
    data = _block(content)
    handle = _varint(0) + _varint(len(content))
    index = _entries((bytes([i]), handle) for i in range(100))
    footer = b'\0\0' + _varint(len(data)) + _varint(len(index))
    data += _block(index) + footer.ljust(40, b'\0') + sorted_table.MAGIC
    with self.assertRaisesRegex(ValueError, 'not in order'):
      _read(data)

  def test_too_many_entries(self) -> None:
    keys = (str(i).encode() for i in range(100_000, 150_001))
    with self.assertRaisesRegex(ValueError, 'more than 50000 entries'):
      _read(_table(_entries((key, b'') for key in keys)))

  def test_compressed(self) -> None:
    content = _entries([(b'a', b'1')])
    data = _table(content).replace(_block(content), _block(content, 1))
    with self.assertRaisesRegex(ValueError, 'compressed'):
      _read(data)

  def test_every_changed_byte_but_padding_is_found(self) -> None:
    items = [(b'', b'header'), (b'a', b'12')]
    data = _table(_entries(items))
    for place in range(len(data)):
      changed = bytearray(data)
      changed[place] ^= 0x81
      try:
        self.assertEqual(_read(bytes(changed)), items)
      except ValueError:
        continue
      # The place of what no reader needs, and zeros to its end.
      self.assertBetween(place, len(data) - 48, len(data) - 8)


if __name__ == '__main__':
  absltest.main()
