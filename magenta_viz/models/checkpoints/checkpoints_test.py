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

"""Tests for checkpoints."""

import os
from pathlib import Path
import subprocess
import sys
from typing import Any, Dict
import zipfile

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.testing import checkpoint_files


class CheckpointsTest(checkpoint_files.CheckpointsTestCase):
  @parameterized.parameters('a', 'picture.jpg')
  def test_unknown_format_names_the_known_ones(self, name: str) -> None:
    path = self.path(name)
    for content in (b'', b'1234567', b'\xff\xd8\xff' * 1000):
      Path(path).write_bytes(content)
      self.assert_refused(
        path, 'unknown format', 'TensorFlow', '.npz', '.caffemodel', '.pkl'
      )

  @parameterized.parameters(
    'inception_v1.ckpt', 'model.ckpt-100', 'weights [1]*'
  )
  def test_v1_file_of_any_name(self, name: str) -> None:
    self.assert_reads(self.save(name), self.values)

  @parameterized.parameters('', '.index')
  def test_v2(self, suffix: str) -> None:
    self.assert_reads(
      self.save('model.ckpt-7', checkpoint_files.VERSIONS.V2) + suffix,
      self.values,
    )

  @parameterized.parameters(
    checkpoint_files.VERSIONS.V1, checkpoint_files.VERSIONS.V2
  )
  def test_folder_gives_its_latest(self, version: int) -> None:
    self.save('model.ckpt-1', version)
    self.values['global_step'] += 1
    self.save('model.ckpt-2', version)
    self.assert_reads(str(self.folder), self.values)
    self.assert_reads(str(self.folder) + os.sep, self.values)

  def test_objects_are_named_by_their_path(self) -> None:
    layer = tf.train.Checkpoint(weights=tf.Variable(self.values['global_step']))
    checkpoint = tf.train.Checkpoint(
      layer=layer, name=tf.Variable('a string is no number')
    )
    prefix = checkpoint.save(self.path('objects'))
    expected = {
      'layer/weights': self.values['global_step'],
      'save_counter': np.array(1, np.int64),
    }
    for path in (prefix, prefix + '.index', str(self.folder)):
      self.assert_reads(path, expected)

  @parameterized.parameters(0, 10, 500, -1)
  def test_truncated_v1(self, size: int) -> None:
    path = self.save('inception_v1.ckpt')
    self.cut(path, size)
    self.assert_refused(path, 'cut short', 'V1')

  def test_v1_with_wrong_bytes(self) -> None:
    path = self.save('inception_v1.ckpt')
    content = bytearray(Path(path).read_bytes())
    content[len(content) // 2] ^= 0xFF
    Path(path).write_bytes(content)
    self.assert_refused(path, 'damaged')

  @parameterized.product(
    suffix=('.index', '.data-00000-of-00001'), size=(0, 80, -1)
  )
  def test_truncated_v2(self, suffix: str, size: int) -> None:
    path = self.save('model.ckpt', checkpoint_files.VERSIONS.V2)
    self.cut(path + suffix, size)
    self.assert_refused(path, 'damaged')

  def test_v2_without_its_data(self) -> None:
    path = self.save('model.ckpt', checkpoint_files.VERSIONS.V2)
    data = path + '.data-00000-of-00001'
    os.remove(data)
    self.assert_refused(path, data)

  def test_npz(self) -> None:
    values: Dict[str, Any] = dict(self.values)
    path = self.path('a.npz')
    np.savez(path, **values)
    self.assert_reads(path, self.values)
    content = Path(path).read_bytes()
    wrong = bytearray(content)
    wrong[len(content) // 2] ^= 1
    for damaged in (b'', content[:2], content[:300], content[:-1], wrong):
      Path(path).write_bytes(damaged)
      self.assert_refused(path, 'damaged')

  def test_objects_are_not_unpickled(self) -> None:
    np.savez(self.path('a.npz'), a=np.array([{}], object))
    self.assert_refused(self.path('a.npz'), '|O', 'not of an array of numbers')

  def test_other_content(self) -> None:
    with open(self.path('a.npz'), 'wb') as file:
      np.save(file, np.ones(3))
    self.assert_refused(self.path('a.npz'), 'one array without a name')
    with zipfile.ZipFile(self.path('a.npz'), 'w') as archive:
      archive.writestr('notes.txt', 'no array')
    self.assert_refused(self.path('a.npz'), "'notes.txt', which is no array")

  def test_does_without_tensorflow(self) -> None:
    np.savez(self.path('a.npz'), a=np.ones(3))
    Path(self.path('a.ckpt')).write_bytes(b'damaged')
    code = (
      'import sys\n'
      'from magenta_viz.models.checkpoints import checkpoints\n'
      'checkpoints.read_checkpoint(sys.argv[1])\n'
      'try:\n'
      '  checkpoints.read_checkpoint(sys.argv[2])\n'
      'except ValueError:\n'
      "  sys.exit('tensorflow' in sys.modules)\n"
    )
    subprocess.run(
      [sys.executable, '-c', code, self.path('a.npz'), self.path('a.ckpt')],
      env={**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)},
      check=True,
    )


if __name__ == '__main__':
  absltest.main()
