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


"""Tests for caffe_model."""

import struct
from typing import Any, Optional, Sequence, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.models.checkpoints import caffe_model
from magenta_viz.models.checkpoints import reading as checkpoints

# Of no two axes the same size, so that a swap shows.
_KERNEL = np.arange(2 * 3 * 4 * 5, dtype=np.float32).reshape(2, 3, 4, 5)
_BIASES = np.array([0.5, -1.5], np.float32)
_MATRIX = np.arange(6, dtype=np.float32).reshape(2, 3)


def _field(number: int, content: bytes) -> bytes:
  """Returns a length-delimited field, as the protobuf specification has it."""
  return _varint(number << 3 | 2) + _varint(len(content)) + content


def _number(number: int, value: int) -> bytes:
  return _varint(number << 3) + _varint(value)


def _varint(value: int) -> bytes:
  encoded = b''
  while value > 0x7F:
    encoded += bytes([value & 0x7F | 0x80])
    value >>= 7
  return encoded + bytes([value])


def _floats(values: np.ndarray, letter: str = 'f') -> bytes:
  return struct.pack(f'<{values.size}{letter}', *values.ravel())


def _new_blob(values: np.ndarray) -> bytes:
  """A BlobProto with a `shape`."""
  dims = b''.join(_varint(size) for size in values.shape)
  return _field(7, _field(1, dims)) + _field(5, _floats(values))


def _old_blob(values: np.ndarray) -> bytes:
  """A BlobProto with four sizes."""
  shape = (1,) * (4 - values.ndim) + values.shape
  sizes = b''.join(_number(axis + 1, size) for axis, size in enumerate(shape))
  return sizes + _field(5, _floats(values))


def _new_layer(name: bytes, *blobs: bytes) -> bytes:
  """A NetParameter's `layer`, among fields that are none of ours."""
  return _field(
    100,
    _field(1, name)
    + _field(2, b'Convolution')
    + _field(3, b'data')
    + b''.join(_field(7, blob) for blob in blobs)
    + _field(106, _number(1, 2)),
  )


def _old_layer(name: bytes, *blobs: bytes) -> bytes:
  """A NetParameter's `layers`, among fields that are none of ours."""
  return _field(
    2,
    _field(2, b'data')
    + _field(4, name)
    + _number(5, 4)
    + b''.join(_field(6, blob) for blob in blobs)
    + _field(10, _number(1, 2)),
  )


class CaffeModelTest(parameterized.TestCase):
  def assert_refused(self, content: bytes, *parts: str) -> None:
    path = self.create_tempfile('net.caffemodel', content).full_path
    with self.assertRaises(ValueError) as caught:
      checkpoints.read_checkpoint(path)
    for part in (path, *parts):
      self.assertIn(part, str(caught.exception))
    self.assertNotIn('\n', str(caught.exception))

  def assert_reads(self, content: bytes, **expected: np.ndarray) -> None:
    values = caffe_model.parse(content)
    self.assertSameElements(
      expected, [name.replace('/', '_') for name in values]
    )
    for name, value in values.items():
      np.testing.assert_array_equal(expected[name.replace('/', '_')], value)
      self.assertEqual(np.float32, value.dtype)
      self.assertTrue(value.flags.c_contiguous)

  @parameterized.named_parameters(
    ('new', _new_layer, _new_blob),
    ('old', _old_layer, _old_blob),
    ('new_layer_with_old_blobs', _new_layer, _old_blob),
    ('old_layer_with_new_blobs', _old_layer, _new_blob),
  )
  def test_reads_bytes_made_by_hand(self, layer: Any, blob: Any) -> None:
    self.assert_reads(
      _field(1, b'name of the network')
      + layer(b'data')
      + layer(b'conv', blob(_KERNEL), blob(_BIASES))
      + layer(b'fc', blob(_MATRIX)),
      conv_weights=np.moveaxis(_KERNEL, (0, 1), (3, 2)),
      conv_biases=_BIASES,
      fc_weights=_MATRIX.T,
    )

  def test_reads_both_encodings_in_one_file(self) -> None:
    self.assert_reads(
      _new_layer(b'new', _new_blob(_MATRIX))
      + _old_layer(b'old', _old_blob(2 * _MATRIX)),
      new_weights=_MATRIX.T,
      old_weights=2 * _MATRIX.T,
    )

  def test_reads_doubles_as_float32(self) -> None:
    values = _MATRIX.astype(np.float64) / 3
    dims = _field(7, _field(1, bytes(values.shape)))
    self.assert_reads(
      _new_layer(b'fc', dims + _field(8, _floats(values, 'd'))),
      fc_weights=values.T.astype(np.float32),
    )

  def test_reads_numbers_that_the_writer_split(self) -> None:
    blob = (
      _field(5, _floats(_MATRIX[:1]))
      + _field(7, _number(1, 2) + _number(1, 3))  # Not packed.
      + _field(5, _floats(_MATRIX[1:]))
    )
    self.assert_reads(_new_layer(b'fc', blob), fc_weights=_MATRIX.T)

  @parameterized.parameters('layer', 'layers')
  def test_reads_what_its_own_messages_write(self, encoding: str) -> None:
    net = caffe_model.message_class('NetParameter')()
    layer = getattr(net, encoding).add(name='a/b')
    blob = layer.blobs.add(data=[_KERNEL.astype('<f4').tobytes()])
    blob.shape.dim.extend(_KERNEL.shape)
    layer.blobs.add(
      num=1, channels=1, height=1, width=2, data=[_BIASES.tobytes()]
    )
    values = caffe_model.parse(net.SerializeToString())
    np.testing.assert_array_equal(
      _KERNEL.transpose(2, 3, 1, 0), values['a/b/weights']
    )
    np.testing.assert_array_equal(_BIASES, values['a/b/biases'])

  @parameterized.parameters(('layer', 100, 1, 7), ('layers', 2, 4, 6))
  def test_its_own_messages_have_these_bytes(
    self, encoding: str, number: int, name_number: int, blob_number: int
  ) -> None:
    net = caffe_model.message_class('NetParameter')()
    blob = getattr(net, encoding).add(name='fc').blobs.add()
    blob.data.append(_floats(_MATRIX))
    blob.shape.dim.extend((2, 3))
    self.assertEqual(
      _field(
        number,
        _field(name_number, b'fc')
        + _field(
          blob_number, _field(5, _floats(_MATRIX)) + b'\x3a\x04\x0a\x02\x02\x03'
        ),
      ),
      net.SerializeToString(),
    )

  def test_refuses_what_is_cut_short(self) -> None:
    content = _new_layer(b'conv', _new_blob(_KERNEL), _new_blob(_BIASES))
    for size in (1, 5, len(content) // 2, len(content) - 1):
      self.assert_refused(content[:size], 'damaged')

  def test_refuses_other_files(self) -> None:
    self.assert_refused(b'', 'holds no layer with weights')
    self.assert_refused(_new_layer(b'data'), 'holds no layer with weights')
    self.assert_refused(
      b'\x89PNG\r\n\x1a\n' * 9, 'damaged or not what its name says'
    )

  @parameterized.named_parameters(
    ('too_few', (2, 4), "'fc/weights' has 6 values for shape (2, 4)"),
    ('negative', (-2, -3, 1, 1), 'has 6 values for shape (-2, -3, 1, 1)'),
    ('of_overflow', (1 << 62, 4), 'has 6 values for shape (46116860184273'),
    ('of_three_axes', (1, 2, 3), 'has shape (1, 2, 3), not 2 or 4 axes'),
    ('without_axes', None, 'has 6 values for shape (0, 0, 0, 0)'),
  )
  def test_refuses_shape(
    self, shape: Optional[Sequence[int]], message: str
  ) -> None:
    blob = _field(5, _floats(_MATRIX))
    if shape:
      dims = b''.join(_varint(size & (1 << 64) - 1) for size in shape)
      blob += _field(7, _field(1, dims))
    self.assert_refused(_new_layer(b'fc', blob), message)

  def test_refuses_shapes_of_many_axes_at_once(self) -> None:
    dims = _varint(1 << 62) * 400_000
    blob = _field(5, _floats(_MATRIX)) + _field(7, _field(1, dims))
    self.assert_refused(_new_layer(b'fc', blob), 'a shape of 400000 axes')

  @parameterized.parameters(
    b'\xa2\x06\x00',
    _field(100, _field(7, b'')),
    _field(2, _field(6, b'\x2a\0')),
  )
  def test_refuses_more_fields_than_a_network_has(self, content: bytes) -> None:
    self.assert_refused(content * 100_001, 'more than 100000 fields')

  def test_refuses_bytes_that_are_no_numbers(self) -> None:
    blob = _field(7, _field(1, b'\x01\x01')) + _field(5, b'abc')
    self.assert_refused(
      _new_layer(b'fc', blob), 'damaged or not what its name says'
    )

  def test_refuses_layers_of_other_kinds(self) -> None:
    blobs: Tuple[bytes, ...] = (_new_blob(_BIASES),) * 3
    self.assert_refused(_new_layer(b'bn', *blobs), "layer 'bn' has 3 blobs")


if __name__ == '__main__':
  absltest.main()
