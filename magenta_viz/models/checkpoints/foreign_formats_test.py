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

"""Tests for foreign_formats."""

from pathlib import Path
import pickle
from typing import Any, Optional

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models.checkpoints import foreign_formats
from magenta_viz.models.checkpoints import reading as checkpoints

_KERAS = 'a model of Keras (.keras)'
_HDF5 = 'an HDF5 file, as Keras writes its .h5'


class ForeignFormatsTest(parameterized.TestCase):
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
    self.assertEqual(foreign_formats.describe(path), kind)
    with self.assertRaises(ValueError) as caught:
      checkpoints.locate(path)
    self.assertStartsWith(
      str(caught.exception), f"'{path}' is {kind}, which is not read; give a Te"
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
    self.assert_described(self.path('model'), 'a SavedModel of TensorFlow')

  @parameterized.parameters(
    ('a.npz', b'\x89HDF\r\n\x1a\n' + bytes(90), _HDF5),
    ('w', b'\x10' + bytes(7) + b'{"a":{"dtype":', 'a .safetensors file'),
    ('w.pb', b'\x0a', 'named as a graph of TensorFlow (.pb) is'),
    ('W.ONNX', b'\x08\x07', 'named as a file of ONNX is'),
    ('w.tflite', b'', 'named as a file of TensorFlow Lite is'),
  )
  def test_by_content_or_name(
    self, name: str, content: bytes, kind: str
  ) -> None:
    self.assertEqual(foreign_formats.describe(self.path(name, content)), kind)

  def test_nothing_of_the_kind(self) -> None:
    np.savez(self.path('a.npz'), a=np.ones(3))
    paths = [
      self.path('a.npz'),
      self.path('w', b''),
      self.path('b.pkl', pickle.dumps({'a': 1}, 2)),
      self.path('none.h5'),
      self.folder,
    ]
    for path in paths:
      self.assertIsNone(foreign_formats.describe(path))


if __name__ == '__main__':
  absltest.main()
