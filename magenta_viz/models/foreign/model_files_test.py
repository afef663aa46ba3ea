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

"""Tests for model_files."""

import hashlib
import os
from pathlib import Path
import subprocess
import sys
from typing import Any
from unittest import mock
import zipfile

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models.foreign import model_files
from magenta_viz.testing import checkpoint_files


def _graph() -> bytes:
  """Returns a graph of two nodes, as TensorFlow writes it."""
  with tf.Graph().as_default() as graph:
    images = tf.compat.v1.placeholder(tf.float32, [None, 4, 4, 3], 'in')
    tf.nn.relu(images, 'out')
  return graph.as_graph_def().SerializeToString()


def _sha256(data: bytes) -> str:
  return hashlib.sha256(data).hexdigest()


class ModelFilesTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)

  def write(self, name: str, content: bytes) -> str:
    path = self.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return str(path)

  def told(self, path: str) -> model_files.ModelFile:
    found = model_files.tell(path)
    assert found is not None, path
    return found

  @parameterized.parameters('a.keras', 'a.h5', 'a.weights.h5')
  def test_what_keras_writes(self, name: str) -> None:
    model = tf.keras.Sequential([tf.keras.layers.Dense(2)])
    model.build([None, 3])
    save: Any = model.save_weights if 'weights' in name else model.save
    path = self.folder / name
    try:
      save(str(path))
    except (ValueError, ImportError) as error:
      self.skipTest(f'this Keras does not write it: {error}')
    if not path.is_file():
      self.skipTest('this Keras writes a SavedModel by that name')
    # The name says nothing.
    moved = path.rename(self.folder / 'model.npz')
    found = self.told(str(moved))
    kind = 'keras' if name == 'a.keras' else 'keras_h5'
    if moved.read_bytes().startswith(b'\x89HDF'):
      # In Magenta's time, whatever the name.
      kind = 'keras_h5'
    self.assertEqual(found, model_files.ModelFile(moved, kind, (moved,)))
    self.assertTrue(found.is_keras)
    self.assertEqual(found.sha256, _sha256(moved.read_bytes()))

  @parameterized.parameters('metadata.json', 'config.json', 'model.weights.h5')
  def test_keras_in_any_order(self, first: str) -> None:
    path = str(self.folder / 'a')
    with zipfile.ZipFile(path, 'w') as archive:
      archive.writestr(first, '{}')
    self.assertEqual(self.told(path).kind, 'keras')

  @parameterized.parameters('', os.sep, '/saved_model.pb')
  def test_saved_model(self, suffix: str) -> None:
    module = tf.Module()
    module.scale = tf.Variable(2.0)
    module.names = tf.saved_model.Asset(self.write('names.txt', b'cat'))
    folder = self.folder / 'model'
    tf.saved_model.save(module, str(folder))
    found = self.told(str(folder) + suffix)
    self.assertEqual(found.kind, 'saved_model')
    self.assertEqual(found.path, folder)
    self.assertFalse(found.is_keras)
    self.assertSequenceEqual(
      [str(file.relative_to(folder)) for file in found.files],
      [
        'assets/names.txt',
        'saved_model.pb',
        'variables/variables.data-00000-of-00001',
        'variables/variables.index',
      ],
    )
    line = ''.join(_sha256(file.read_bytes()) for file in found.files)
    self.assertEqual(found.sha256, _sha256(line.encode()))
    self.write('model/keras_metadata.pb', b'')
    self.assertTrue(self.told(str(folder) + suffix).is_keras)
    # What is not read is no part of it.
    self.assertEqual(self.told(str(folder)).sha256, found.sha256)

  def test_frozen_graph(self) -> None:
    found = self.told(self.write('graph', _graph()))
    self.assertEqual(found.kind, 'frozen_graph')
    self.assertFalse(found.is_keras)
    self.assertIn('.pb', found.words)

  @parameterized.parameters(
    b'',
    b'\n',
    b'\n\x05',
    b'\n\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff',
    b'\n\x08\n\x02in\x12\x02*?',
    b'\n\x04GoogLeNet',
    b'PK\x03\x04' + bytes(40),
    b'\x80\x02}q\x00.',
    b'\x08\x07',
  )
  def test_nothing_of_the_kind(self, content: bytes) -> None:
    for name in ('a', 'a.keras', 'a.h5', 'a.pb'):
      self.assertIsNone(model_files.tell(self.write(name, content)))

  def test_weights_are_none(self) -> None:
    np.savez(str(self.folder / 'a.npz'), a=np.ones(3))
    v1, v2 = (str(self.folder / name) for name in ('v1', 'v2'))
    versions = checkpoint_files.VERSIONS
    for path, version in ((v1, versions.V1), (v2, versions.V2)):
      checkpoint_files.save(path, version, {'a': np.ones(3, np.float32)})
    for path in (str(self.folder / 'a.npz'), v1, v2, f'{v2}.index'):
      self.assertIsNone(model_files.tell(path))
    self.assertIsNone(model_files.tell(str(self.folder)))
    self.assertIsNone(model_files.tell(str(self.folder / 'missing')))

  def test_home(self) -> None:
    self.write('graph.pb', _graph())
    with mock.patch.dict(os.environ, {'HOME': str(self.folder)}):
      found = self.told('~/graph.pb')
    self.assertEqual(found.path, self.folder / 'graph.pb')

  def test_pipe(self) -> None:
    os.mkfifo(self.folder / 'a.keras')
    self.assertIsNone(model_files.tell(str(self.folder / 'a.keras')))

  def test_too_large(self) -> None:
    path = self.write('a.pb', _graph())
    os.truncate(path, model_files.MAX_BYTES + 1)
    with self.assertRaisesRegex(ValueError, 'a.pb.* has 2147483649 bytes, but'):
      model_files.tell(path)

  def test_two_models_in_one_folder(self) -> None:
    self.write('model/saved_model.pb', b'')
    self.write('model/saved_model.cpb', b'')
    with self.assertRaisesRegex(ValueError, 'model.* has a saved_model.cpb'):
      model_files.tell(str(self.folder / 'model'))

  def test_folder_that_links_to_itself(self) -> None:
    self.write('model/saved_model.pb', b'')
    os.mkdir(self.folder / 'model' / 'assets')
    os.symlink(self.folder, self.folder / 'model' / 'assets' / 'round')
    found = self.told(str(self.folder / 'model'))
    self.assertLen(found.files, 1)

  def test_does_without_tensorflow(self) -> None:
    code = (
      'import sys; '
      'from magenta_viz.models.foreign import code_check, model_files; '
      f'model_files.tell({str(self.folder)!r}); '
      "print('tensorflow' in sys.modules, 'h5py' in sys.modules)"
    )
    said = subprocess.run(
      [sys.executable, '-c', code], check=True, capture_output=True, text=True
    ).stdout
    self.assertEqual(said.split(), ['False', 'False'])


if __name__ == '__main__':
  absltest.main()
