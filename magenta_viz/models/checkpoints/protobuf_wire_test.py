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

"""Tests for protobuf_wire."""

from absl.testing import absltest
from absl.testing import parameterized
from google.protobuf import descriptor_pb2

from magenta_viz.models.checkpoints import protobuf_wire


class WireTest(parameterized.TestCase):
  def test_what_protobuf_writes(self) -> None:
    message = descriptor_pb2.UninterpretedOption(
      identifier_value='a' * 300,
      positive_int_value=1 << 63,
      negative_int_value=-5,
      double_value=0.5,
    )
    message.name.add(name_part='b', is_extension=True)
    found = dict(protobuf_wire.fields(memoryview(message.SerializeToString())))
    self.assertEqual(bytes(protobuf_wire.content(found[3])), b'a' * 300)
    self.assertEqual(found[4], 1 << 63)
    self.assertEqual(protobuf_wire.signed(found[5]), -5)
    self.assertEqual(found[6], b'\0\0\0\0\0\0\xe0?')
    self.assertEqual(
      list(protobuf_wire.fields(protobuf_wire.content(found[2]))),
      [(1, b'b'), (2, 1)],
    )

  @parameterized.parameters(
    (b'\x08', 'no number at byte 1'),
    (b'\x80' * 11, 'no number at byte 0'),
    (b'\x0a\x05abcd', 'field 1 goes on after the end'),
    (b'\x0d123', 'field 1 goes on after the end'),
    (b'\x0b', 'field 1 is of unknown kind 3'),
    (b'\x0a' + b'\xff' * 9 + b'\x01', 'field 1 goes on after the end'),
  )
  def test_damaged(self, data: bytes, reason: str) -> None:
    with self.assertRaisesRegex(ValueError, reason):
      list(protobuf_wire.fields(memoryview(data)))

  def test_other_kinds_than_expected(self) -> None:
    with self.assertRaisesRegex(ValueError, 'in place of bytes'):
      protobuf_wire.content(3)
    with self.assertRaisesRegex(ValueError, 'in place of a number'):
      protobuf_wire.signed(memoryview(b'3'))


if __name__ == '__main__':
  absltest.main()
