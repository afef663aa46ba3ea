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

"""Tests for checkpoint_v2: what TensorFlow writes, and what nobody should."""

from typing import Any, Dict, Mapping, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models.checkpoints import checkpoint_v2
from magenta_viz.models.checkpoints import crc32c
from magenta_viz.models.checkpoints import sorted_table
from magenta_viz.testing import checkpoint_files
from magenta_viz.testing import protobuf_messages

_message = protobuf_messages.message
_entries = protobuf_messages.entries
_table = protobuf_messages.table

_DATA = np.arange(6, dtype='<f4').tobytes()
_HEADER = _message((1, 1), (3, _message((1, 1))))


def _shape(*sizes: int) -> bytes:
  return _message(*((2, _message((1, size))) for size in sizes))


def _entry(**others: Any) -> bytes:
  """Returns the entry of a [2, 3] array of float32, with other values."""
  fields = {
    'dtype': 1,
    'shape': _shape(2, 3),
    'shard_id': 0,
    'offset': 0,
    'size': 24,
    'crc32c': (crc32c.masked_crc32c(memoryview(_DATA)),),
    'slices': None,
    **others,
  }
  return _message(
    *(
      (number + 1, value)
      for number, value in enumerate(fields.values())
      if value is not None
    )
  )


def _parse(
  entries: Mapping[bytes, bytes], header: bytes = _HEADER
) -> Dict[str, np.ndarray]:
  """Reads an index with right checksums, and `_DATA`."""
  items = sorted({b'': header, **entries}.items())
  return checkpoint_v2.parse(
    _table(_entries(items)), {'.data-00000-of-00001': _DATA}.__getitem__
  )


class HandMadeTest(parameterized.TestCase):
  def test_reads_what_is_right(self) -> None:
    found = _parse({b'a': _entry()})
    self.assertEqual(list(found), ['a'])
    expected = np.arange(6, dtype=np.float32).reshape(2, 3)
    np.testing.assert_array_equal(found['a'], expected)

  @parameterized.parameters(
    # Each of the first three ends the process in TensorFlow's own reader.
    ({'shape': _shape(-5, 3)}, "'a' has an axis of size -5"),
    ({'shape': _shape(1 << 62, 1 << 62)}, "'a' has 24 bytes for shape"),
    ({'shape': _shape(*[1] * 300)}, "'a' has more than 8 axes"),
    ({'dtype': 99}, "'a' is of type 99, which TensorFlow lacks"),
    ({'dtype': 0}, "'a' is of type 0, "),
    ({'dtype': -1}, "'a' is of type -1, "),
    ({'dtype': 1 << 40}, "'a' is of type 1099511627776, "),
    ({'dtype': 2}, "'a' has 24 bytes for shape"),
    ({'shape': _message((3, 1))}, "'a' is of unknown shape"),
    ({'shape': _shape()}, "'a' has 24 bytes for shape"),
    ({'shape': 7}, 'a number in place of bytes'),
    ({'shard_id': 1}, "'a' is in file 1 of 1"),
    ({'shard_id': -1}, "'a' is in file -1 of 1"),
    ({'offset': 1}, "'a' goes on after the end of its file"),
    ({'offset': -1}, "'a' goes on after the end of its file"),
    ({'offset': (1 << 63) - 1}, "'a' goes on after the end of its file"),
    ({'size': -24}, "'a' goes on after the end of its file"),
    ({'size': 1 << 40}, "'a' goes on after the end of its file"),
    ({'size': 20}, "'a' has 20 bytes for shape"),
    ({'crc32c': (0,)}, "the checksum of 'a' is wrong"),
    ({'crc32c': None}, "the checksum of 'a' is wrong"),
    ({'slices': _message((1, b''))}, "a part of 'a' is missing"),
    (
      {'slices': _message((1, _message((2, -3))), (1, b''))},
      "a part of 'a' has length -3",
    ),
  )
  def test_claims_with_right_checksums(
    self, others: Dict[str, Any], reason: str
  ) -> None:
    with self.assertRaisesRegex(ValueError, reason):
      _parse({b'a': _entry(**others)})

  @parameterized.parameters(
    (b'', 'claims 0 data files'),
    (_message((1, -1)), 'claims -1 data files'),
    (_message((1, 1 << 40)), 'claims 1099511627776 data files'),
    (_message((1, 1), (2, 1)), 'start with their highest byte'),
  )
  def test_headers(self, header: bytes, reason: str) -> None:
    with self.assertRaisesRegex(ValueError, reason):
      _parse({b'a': _entry()}, header)

  def test_without_header(self) -> None:
    table = _table(_entries([(b'a', _entry())]))
    with self.assertRaisesRegex(ValueError, 'no header'):
      checkpoint_v2.parse(table, lambda unused_ending: b'')

  def test_name_that_is_no_text(self) -> None:
    with self.assertRaisesRegex(ValueError, 'utf-8'):
      _parse({b'a\xff': _entry()})

  def test_the_same_values_again_and_again(self) -> None:
    with self.assertRaisesRegex(ValueError, "'b' overlaps with another"):
      _parse({b'a': _entry(), b'b': _entry()})

  @parameterized.parameters(7, 8, 10, 13, 18, 20, 21, 24, 33)
  def test_what_is_no_number_of_a_network_is_passed_over(
    self, dtype: int
  ) -> None:
    self.assertEqual(
      list(_parse({b'a': _entry(), b'b': _entry(dtype=dtype)})), ['a']
    )

  def test_parts_that_are_not_the_whole(self) -> None:
    # The first column of two, again and again.
    part = _message((1, b''), (1, _message((2, 1))))
    key = b'\0a\0\x01\x01\x02' + b'\x80\x7f' + b'\x80\x81'
    data = np.arange(2, dtype='<f4').tobytes()
    piece = _entry(
      shape=_shape(2, 1),
      size=8,
      crc32c=(crc32c.masked_crc32c(memoryview(data)),),
    )
    whole = _message((1, 1), (2, _shape(2, 3)), (7, part))
    with self.assertRaisesRegex(ValueError, "parts of 'a' are not the whole"):
      _parse({b'a': whole, key: piece})
    huge = _message((1, 1), (2, _shape(2, 1 << 40)), (7, part))
    with self.assertRaisesRegex(ValueError, "parts of 'a' are not the whole"):
      _parse({b'a': huge, key: piece})


class TensorFlowTest(checkpoint_files.CheckpointsTestCase):
  def assert_reads_as_tensorflow(self, prefix: str) -> None:
    reader = tf.train.load_checkpoint(prefix)
    names = reader.get_variable_to_shape_map()
    self.assert_reads(prefix, {name: reader.get_tensor(name) for name in names})

  @parameterized.parameters(
    tf.float16,
    tf.bfloat16,
    tf.float32,
    tf.float64,
    tf.int8,
    tf.int16,
    tf.int32,
    tf.int64,
    tf.uint8,
    tf.uint16,
    tf.uint32,
    tf.uint64,
  )
  def test_types(self, dtype: tf.DType) -> None:
    values = [-1.5, 0.0, 1e4] if dtype.is_floating else [0, 1, 100]
    if dtype in (tf.int8, tf.int16, tf.int32, tf.int64):
      values = [dtype.min, -1, dtype.max]
    array = np.array([values, values], dtype.as_numpy_dtype)
    prefix = self.path('model')
    # What follows a single byte is where arithmetic is slow.
    tf.raw_ops.SaveV2(
      prefix=prefix,
      tensor_names=['a', 'b', 'empty', 'scalar'],
      shape_and_slices=[''] * 4,
      tensors=[
        np.ones(1, np.uint8), array, array[:, :0], array[1, 2],
      ],
    )  # fmt: skip
    self.assert_reads_as_tensorflow(prefix)

  @parameterized.parameters(
    ((3, 2, 4, 50), 3, 4), ((3, 2, 4, 50), 1, 2), ((300, 2), 0, 3)
  )
  def test_partitioned(
    self, shape: Tuple[int, ...], axis: int, num_parts: int
  ) -> None:
    for version in (checkpoint_files.VERSIONS.V1, checkpoint_files.VERSIONS.V2):
      path = self.path(f'model{version}')
      with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        variable = tf.compat.v1.get_variable(
          'a',
          shape,
          partitioner=tf.compat.v1.fixed_size_partitioner(num_parts, axis),
        )
        session.run(tf.compat.v1.global_variables_initializer())
        values = session.run(tf.concat(list(variable), axis))
        saver = tf.compat.v1.train.Saver(write_version=version)
        saver.save(session, path, write_meta_graph=False)
      self.assert_reads(path, {'a': values})

  @parameterized.parameters(1, 63, 64, 65, 8191, 8192, 1 << 20, 1 << 40)
  def test_key_of_a_part(self, number: int) -> None:
    shape = [number + 1, 2]
    prefix = self.path('model')
    tf.raw_ops.SaveV2(
      prefix=prefix,
      tensor_names=['a\u732b'],
      shape_and_slices=[f'{shape[0]} {shape[1]} {number},1:-'],
      tensors=[np.ones([1, 2], np.float32)],
    )
    keys = dict(sorted_table.entries(self.index(prefix)))
    part = ((number, 1), (0, -1))
    self.assertIn(checkpoint_v2.part_key('a\u732b', part), keys)

  def index(self, prefix: str) -> memoryview:
    with open(prefix + '.index', 'rb') as file:
      return memoryview(file.read())

  def test_many_variables(self) -> None:
    names = [f'{"deep/" * (i % 7)}layer{i}/weights' for i in range(2000)]
    prefix = self.path('model')
    tf.raw_ops.SaveV2(
      prefix=prefix,
      tensor_names=names,
      shape_and_slices=[''] * len(names),
      tensors=[np.full([i % 5, 3], i, np.float32) for i in range(len(names))],
    )
    self.assert_reads_as_tensorflow(prefix)

  def test_several_data_files(self) -> None:
    parts = []
    for i in range(3):
      part = self.path(f'part{i}')
      tf.raw_ops.SaveV2(
        prefix=part,
        tensor_names=[f'v{i}', f'w{i}'],
        shape_and_slices=[''] * 2,
        tensors=[np.full(5, i, np.float32), np.full([2, i], i, np.int64)],
      )
      parts.append(part)
    prefix = self.path('merged')
    tf.raw_ops.MergeV2Checkpoints(
      checkpoint_prefixes=parts, destination_prefix=prefix
    )
    self.assert_reads_as_tensorflow(prefix)
    (self.folder / 'merged.data-00001-of-00003').rename(self.folder / 'lost')
    self.assert_refused(prefix, "no file '", 'merged.data-00001-of-00003')


if __name__ == '__main__':
  absltest.main()
