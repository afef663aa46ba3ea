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
from magenta_viz.models.checkpoints import checkpoints
from magenta_viz.testing import protobuf_messages

# Of no two axes the same size, so that a swap shows.
_KERNEL = np.arange(2 * 3 * 4 * 5, dtype=np.float32).reshape(2, 3, 4, 5)
_BIASES = np.array([0.5, -1.5], np.float32)
_MATRIX = np.arange(6, dtype=np.float32).reshape(2, 3)


_message, _varint = protobuf_messages.message, protobuf_messages.varint


def _floats(values: np.ndarray, letter: str = 'f') -> bytes:
  return struct.pack(f'<{values.size}{letter}', *values.ravel())


def _new_blob(values: np.ndarray) -> bytes:
  """A BlobProto with a `shape`."""
  dims = b''.join(map(_varint, values.shape))
  return _message((7, _message((1, dims))), (5, _floats(values)))


def _old_blob(values: np.ndarray) -> bytes:
  """A BlobProto with four sizes."""
  shape = (1,) * (4 - values.ndim) + values.shape
  sizes = _message(*((axis + 1, size) for axis, size in enumerate(shape)))
  return sizes + _message((5, _floats(values)))


def _new_layer(name: bytes, *blobs: bytes) -> bytes:
  """A NetParameter's `layer`, among fields that are none of ours."""
  fields = b''.join(_message((7, blob)) for blob in blobs)
  own = _message((1, name), (2, b'Convolution'), (3, b'data')) + fields
  return _message((100, own + _message((106, _message((1, 2))))))


def _old_layer(name: bytes, *blobs: bytes) -> bytes:
  """A NetParameter's `layers`, among fields that are none of ours."""
  fields = b''.join(_message((6, blob)) for blob in blobs)
  own = _message((2, b'data'), (4, name), (5, 4)) + fields
  return _message((2, own + _message((10, _message((1, 2))))))


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
      _message((1, b'name of the network'))
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
    dims = _message((1, bytes(values.shape)))
    blob = _message((7, dims), (8, _floats(values, 'd')))
    self.assert_reads(
      _new_layer(b'fc', blob), fc_weights=values.T.astype(np.float32)
    )

  def test_reads_numbers_that_the_writer_split(self) -> None:
    blob = _message(
      (5, _floats(_MATRIX[:1])),
      (7, _message((1, 2), (2, 9), (1, 3))),  # Not packed, with others.
      (5, _floats(_MATRIX[1:])),
    )
    self.assert_reads(_new_layer(b'fc', blob), fc_weights=_MATRIX.T)

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
    blob = _message((5, _floats(_MATRIX)))
    if shape:
      blob += _message((7, _message((1, b''.join(map(_varint, shape))))))
    self.assert_refused(_new_layer(b'fc', blob), message)

  def test_refuses_shapes_of_many_axes_at_once(self) -> None:
    dims = _varint(1 << 62) * 400_000
    blob = _message((5, _floats(_MATRIX)), (7, _message((1, dims))))
    self.assert_refused(_new_layer(b'fc', blob), 'a shape of more than 32 axes')

  @parameterized.parameters(
    b'\xa2\x06\x00',
    _message((100, _message((7, b'')))),
    _message((2, _message((6, b'\x2a\0')))),
  )
  def test_refuses_more_fields_than_a_network_has(self, content: bytes) -> None:
    self.assert_refused(content * 10_001, 'more than 10000 fields')

  def test_refuses_bytes_that_are_no_numbers(self) -> None:
    blob = _message((7, _message((1, b'\x01\x01'))), (5, b'abc'))
    self.assert_refused(
      _new_layer(b'fc', blob), 'damaged or not what its name says'
    )

  def test_refuses_layers_of_other_kinds(self) -> None:
    blobs: Tuple[bytes, ...] = (_new_blob(_BIASES),) * 3
    self.assert_refused(_new_layer(b'bn', *blobs), "layer 'bn' has 3 blobs")


if __name__ == '__main__':
  absltest.main()
