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

"""Tests for checkpoint_v1: what TensorFlow writes, and what nobody should."""

from typing import Any, Dict

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models.checkpoints import checkpoint_v1
from magenta_viz.testing import checkpoint_files
from magenta_viz.testing import protobuf_messages

_message = protobuf_messages.message
_entries = protobuf_messages.entries
_table = protobuf_messages.table

_VALUES = np.arange(6, dtype='<f4')


def _shape(*sizes: int) -> bytes:
  return _message(*((2, _message((1, size))) for size in sizes))


def _parse(
  shape: bytes = _shape(2, 3),
  dtype: int = 1,
  part: bytes = _message((1, b''), (1, b'')),
  tensor: bytes = _message((5, _VALUES.tobytes())),
) -> Dict[str, np.ndarray]:
  """Reads a table with right checksums, of one variable."""
  meta = _message((1, b'a'), (2, shape), (3, dtype), (4, part))
  data = _message((1, b'a'), (2, part), (3, tensor))
  items = [
    (b'', _message((1, _message((1, meta))))),
    (b'\0a', _message((2, data))),
  ]
  return checkpoint_v1.parse(_table(_entries(items)), 1000)


class HandMadeTest(parameterized.TestCase):
  def test_reads_what_is_right(self) -> None:
    np.testing.assert_array_equal(_parse()['a'], _VALUES.reshape(2, 3))

  def test_reads_numbers_that_the_writer_split(self) -> None:
    tensor = _message((5, _VALUES[:1].tobytes()), (5, _VALUES[1:].tobytes()))
    np.testing.assert_array_equal(
      _parse(tensor=tensor)['a'], _VALUES.reshape(2, 3)
    )

  @parameterized.parameters(
    ({'shape': _shape(-5, 3)}, "'a' has an axis of size -5"),
    ({'shape': _shape(2, 4)}, "a part of 'a' has 6 values"),
    ({'shape': _shape(1 << 62, 4)}, 'its variables have more than 1000 bytes'),
    ({'shape': _shape(10, 26)}, 'its variables have more than 1000 bytes'),
    ({'shape': _shape(*[1] * 300)}, "'a' has more than 8 axes"),
    ({'dtype': 99}, "'a' is of type 99, which TensorFlow lacks"),
    ({'dtype': 19}, "'a' is of a type that format V1 lacks"),
    ({'dtype': 3}, "a part of 'a' has other values than it"),
    (
      {'dtype': 3, 'tensor': _message((7, bytes(1 << 22)))},
      "a part of 'a' has other values than it",
    ),
    ({'tensor': _message(*[(5, b'')] * 1001)}, 'more than 1000 fields in o'),
    ({'part': b''}, "a part of 'a' has other axes than it"),
    (
      {'part': _message((1, b''), (1, _message((1, 2), (2, 2))))},
      "a part of 'a' lies outside it",
    ),
    (
      {'part': _message((1, b''), (1, _message((1, -1), (2, 2))))},
      "a part of 'a' lies outside it",
    ),
    ({'tensor': _message((5, b'123'))}, 'buffer size must be a multiple'),
    (
      {'dtype': 3, 'tensor': _message((7, b'\x80'))},
      "a part of 'a' has other values than it",
    ),
    (
      {'dtype': 3, 'tensor': _message((7, b'\x80' * 10 + bytes(6)))},
      'more than 10 bytes',
    ),
  )
  def test_claims_with_right_checksums(
    self, others: Dict[str, Any], reason: str
  ) -> None:
    with self.assertRaisesRegex(ValueError, reason):
      _parse(**others)


class TensorFlowTest(checkpoint_files.CheckpointsTestCase):
  def test_many_whole_numbers(self) -> None:
    generator = np.random.RandomState(0)
    exponents = generator.randint(0, 32, 300_000)
    values = generator.randint(-1, 2, 300_000) * 2**exponents
    self.values = {'a': values.clip(-(2**31), 2**31 - 1).astype(np.int32)}
    self.assert_reads(self.save('v1'), self.values)

  @parameterized.parameters(
    np.float32, np.float64, np.int8, np.int16, np.int32, np.int64, np.uint8
  )
  def test_types(self, dtype: Any) -> None:
    if np.dtype(dtype).kind == 'f':
      limits = [-1.5, 1e4]
    else:
      limits = [np.iinfo(dtype).min, np.iinfo(dtype).max]
    self.values = {
      'a': np.array([[*limits, 0, 1], [1, 127, 5, 3]], dtype),
      'b': np.array(3, dtype),
      'empty': np.zeros([0, 3], dtype),
    }
    path = self.save('v1')
    # Which TensorFlow reads alike.
    reader = tf.train.load_checkpoint(path)
    for name, value in self.values.items():
      np.testing.assert_array_equal(reader.get_tensor(name), value)
    self.assert_reads(path, self.values)


if __name__ == '__main__':
  absltest.main()
