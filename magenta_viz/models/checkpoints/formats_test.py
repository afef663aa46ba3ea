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

"""Tests for formats."""

from pathlib import Path
import pickle
from typing import Any, Optional

from absl.testing import absltest
from absl.testing import parameterized
import tensorflow as tf

from magenta_viz.models.checkpoints import checkpoints
from magenta_viz.models.checkpoints import formats

_WHOLE = 'which is not read as weights'
_KERAS = f'a model of Keras (.keras), {_WHOLE}'
_HDF5 = f'an HDF5 file, as Keras writes its .h5, {_WHOLE}'


class FormatsTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = self.create_tempdir().full_path

  def path(self, name: str, content: Optional[bytes] = None) -> str:
    path = f'{self.folder}/{name}'
    if content is not None:
      with open(path, 'wb') as file:
        file.write(content)
    return path

  def assert_described(self, path: str, kind: str) -> None:
    with self.assertRaises(ValueError) as caught:
      checkpoints.locate(path)
    self.assertStartsWith(
      str(caught.exception), f"'{path}' is {kind}; give a TensorFlow checkpoint"
    )

  @parameterized.parameters(
    ('a.keras', _KERAS), ('a.h5', _HDF5), ('a.weights.h5', _HDF5)
  )
  def test_what_keras_writes(self, name: str, kind: str) -> None:
    model = tf.keras.Sequential([tf.keras.layers.Dense(2)])
    model.build([None, 3])
    save: Any = model.save_weights if 'weights' in name else model.save
    try:
      save(self.path(name))
    except (ValueError, ImportError) as error:
      self.skipTest(f'this Keras does not write it: {error}')
    if Path(self.path(name)).read_bytes().startswith(b'\x89HDF'):
      # In Magenta's time, whatever the name.
      kind = _HDF5
    self.assert_described(self.path(name), kind)

  def test_saved_model(self) -> None:
    tf.saved_model.save(tf.Module(), self.path('model'))
    self.assert_described(
      self.path('model'), f'a SavedModel of TensorFlow, {_WHOLE}'
    )

  @parameterized.parameters(
    ('a.npz', b'\x89HDF\r\n\x1a\n' + bytes(90), _HDF5),
    (
      'w',
      b'\x10' + bytes(7) + b'{"a":{"dtype":',
      'a .safetensors file, which is not read',
    ),
    ('W.ONNX', b'\x08\x07', 'named as a file of ONNX is, which is not read'),
    (
      'w.tflite',
      b'',
      'named as a file of TensorFlow Lite is, which is not read',
    ),
    (
      'w.pb',
      b'\x0a',
      'named as a graph of TensorFlow (.pb) is, and does not begin so',
    ),
    (
      'a.keras',
      b'PK',
      'named as a model of Keras (.keras) is, and does not begin so',
    ),
  )
  def test_by_content_or_name(
    self, name: str, content: bytes, kind: str
  ) -> None:
    self.assert_described(self.path(name, content), kind)

  @parameterized.parameters('a.npz', 'w', 'b.pkl')
  def test_nothing_of_the_kind(self, name: str) -> None:
    path = self.path(name, pickle.dumps({'a': 1}, 2))
    self.assertEqual(checkpoints.locate(path).files, (Path(path),))

  def test_each_ending_is_of_one_format(self) -> None:
    endings = [end for each in formats.FORMATS for end in each.endings]
    self.assertLen(set(endings), len(endings))
    for each in formats.FORMATS:
      for ending in each.endings:
        self.assertEqual(formats.tell(f'A{ending.upper()}', b''), (each, False))


if __name__ == '__main__':
  absltest.main()
