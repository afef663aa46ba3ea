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

"""Tests of places of files at addresses."""

import errno
from pathlib import Path
import pickle
import sys
import threading
from typing import Any, List
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
from fsspec.implementations import local
from fsspec.implementations import memory

from magenta_viz.files import places
from magenta_viz.testing import folder_case
from magenta_viz.testing import object_store

_ROOT = 'memory://places/a'

# The classes that were imported so far, which `fsspec.registry` only shows.
_REGISTRY = sys.modules['fsspec.registry'].__dict__['_registry']


class _Disk(local.LocalFileSystem):
  """Stands for a server with folders, such as one of SFTP."""

  protocol = 'disk'

  @classmethod
  def _strip_protocol(cls, path: str) -> str:
    return str(super()._strip_protocol(path.replace('disk://', '/')))


class PlaceTest(parameterized.TestCase):
  @parameterized.parameters(
    ('gs://b/x', True),
    ('gs:/b/x', True),
    (Path('s3://b/x'), True),
    ('zip::s3://b/a.zip', True),
    ('C:/a', False),
    ('a/b:c/d', False),
    ('./gs://b', False),
    ('~/a', False),
    ('1:2', False),
  )
  def test_is_address(self, path: Any, expected: bool) -> None:
    self.assertIs(places.is_address(path), expected)

  def test_of_this_machine(self) -> None:
    self.assertIs(type(places.place('a/b')), type(Path('a')))
    path = Path('a')
    self.assertEqual(places.place(path), path)
    self.assertEqual(places.of_user('~/a'), Path('~/a').expanduser())
    self.assertEqual(places.of_user('~nobody_here/a'), Path('~nobody_here/a'))

  def test_names(self) -> None:
    path = places.of_user('S3://b/x') / 'y.tar.png'
    self.assertEqual(str(path), 's3://b/x/y.tar.png')
    self.assertEqual(str(path.parent.parent), 's3://b')
    self.assertEqual(str(path.with_suffix('.json')), 's3://b/x/y.tar.json')
    self.assertEqual(path.stem, 'y.tar')
    self.assertEqual(str(path.relative_to('s3://b')), 'x/y.tar.png')
    self.assertEqual(str(path.parent / Path('.')), 's3://b/x')
    self.assertEqual(str((path / '../../z').resolve()), 's3://b/z')
    self.assertIs(path.expanduser().absolute(), path)
    self.assertEqual(places.place(Path('s3://b/x')), path.parent)
    self.assertEqual(pickle.loads(pickle.dumps(path)), path)
    self.assertIs(places.place(path), path)


class RefusalTest(parameterized.TestCase):
  @parameterized.parameters('nonsense://a', 'zip::s3://a/b.zip')
  def test_unknown(self, address: str) -> None:
    with self.assertRaisesRegex(
      ValueError,
      f"^x is '{address}', an address of no kind that is known; take one such"
      ' as gs://bucket/folder or s3://bucket/folder, or take a path on this',
    ):
      places.check_address('x', address)

  @parameterized.parameters('gcsfs', 'fsspec')
  def test_missing(self, package: str) -> None:
    registry = mock.patch.dict(_REGISTRY, clear=True)
    with registry, mock.patch.dict('sys.modules', {package: None}):
      with self.assertRaisesRegex(
        ValueError,
        "^x is 'gs://a', but what such addresses need is missing"
        rf" \(.*{package}.*\); pip install 'magenta_viz\[remote\]' brings it",
      ):
        places.check_address('x', 'gs://a')


class MemoryTest(object_store.MemoryCase, folder_case.FolderCase):
  def setUp(self) -> None:
    super().setUp()
    self.root = places.place(_ROOT)

  def test_files_and_folders(self) -> None:
    for name in ('b.txt', 'c/d.txt', 'c/e/f.png'):
      (self.root / name).write_bytes(name.encode())
    path = self.root / 'c' / 'd.txt'
    self.assertTrue(path.exists() and path.is_file())
    self.assertTrue(path.parent.is_dir() and not path.is_dir())
    self.assertFalse((self.root / 'z').exists())
    self.assertEqual(path.stat().st_size, 7)
    self.assertEqual(path.read_text('utf-8'), 'c/d.txt')
    self.assertEqual(
      list(self.root.iterdir()), [self.root / 'b.txt', path.parent]
    )
    self.assertEqual(list(self.root.glob('*/*.txt')), [path])
    self.assertEqual(list(self.root.glob('c/e/*')), [self.root / 'c/e/f.png'])
    self.assertEmpty(list((self.root / 'z').glob('*')))
    self.assertEqual(
      list(places.walk(self.root)),
      [
        (_ROOT, ['c'], ['b.txt']),
        (f'{_ROOT}/c', ['e'], ['d.txt']),
        (f'{_ROOT}/c/e', [], ['f.png']),
      ],
    )
    version = places.version(path)
    path.write_bytes(b'more than before')
    self.assertNotEqual(places.version(path), version)
    path.unlink()
    path.unlink(missing_ok=True)
    with self.assertRaises(FileNotFoundError):
      path.unlink()

  def test_walk_tells_of_errors(self) -> None:
    errors: List[OSError] = []
    self.assertEmpty(list(places.walk(self.root / 'no', errors.append)))
    self.assertStartsWith(str(errors[0]), f"cannot reach '{_ROOT}/no': No such")
    self.assertEmpty(list(places.walk(self.root / 'no')))

  def test_reads_what_is_asked_for(self) -> None:
    path = self.root / 'a'
    path.write_bytes(bytes(range(256)) * 100)
    read = places.Remote.read_range
    ranges = []

    def watched(place: places.Remote, start: int, end: int) -> bytes:
      ranges.append((start, end))
      return read(place, start, end)

    with mock.patch.object(places, '_BUFFER_BYTES', 1000):
      with mock.patch.object(places.Remote, 'read_range', watched):
        with path.open('rb') as file:
          file.seek(300)
          self.assertEqual(file.read(3), bytes([44, 45, 46]))
          self.assertEqual(file.seek(-1, 2), 25599)
          self.assertEqual(file.read(9), b'\xff')
          self.assertEqual(file.read(), b'')
    self.assertEqual(ranges, [(0, 1000), (300, 1300), (25599, 25600)])

  def test_creates_once(self) -> None:
    path: Any = self.root / 'lock'
    path.create(b'1')
    with self.assertRaises(FileExistsError):
      path.create(b'2')
    self.assertEqual(path.read_bytes(), b'1')

  def test_names_do_not_lead_out(self) -> None:
    found = [
      {'name': f'/places/a/{name}', 'size': 1, 'type': 'file'}
      for name in ('b', '..', '.')
    ]
    with mock.patch.object(memory.MemoryFileSystem, 'ls', return_value=found):
      self.assertEqual(places.sizes(self.root), {'b': 1})

  @parameterized.parameters(
    (FileNotFoundError('/places/a/b'), FileNotFoundError, 'No such file or '),
    (FileNotFoundError('no such bucket'), FileNotFoundError, 'no such bucket'),
    (PermissionError('Forbidden'), PermissionError, 'Forbidden'),
    (OSError(errno.ENOSPC, 'No space'), OSError, 'No space'),
    (RuntimeError('two\nlines'), OSError, 'two lines'),
    (NotImplementedError(), OSError, 'NotImplementedError'),
  )
  def test_errors(self, error: Exception, kind: Any, words: str) -> None:
    path = self.root / 'b'
    with mock.patch.object(
      memory.MemoryFileSystem, 'pipe_file', side_effect=error
    ):
      self.refuses(
        f"^cannot reach '{_ROOT}/b': {words}.*; check the address, the creden",
        path.write_bytes,
        b'',
        kind=kind,
      )

  def test_no_folder_is_read(self) -> None:
    (self.root / 'b').write_bytes(b'')
    self.refuses('such file', self.root.open, kind=FileNotFoundError)
    self.refuses('take .rb.', self.root.open, 'wb')

  def test_a_server_that_knows_no_ranges(self) -> None:
    path = self.root / 'b'
    path.write_bytes(b'12345')
    read = memory.MemoryFileSystem.cat_file
    with mock.patch.object(places, '_BUFFER_BYTES', 3), mock.patch.object(
      memory.MemoryFileSystem,
      'cat_file',
      lambda system, name, **_: read(system, name),
    ):
      self.assertEqual(path.read_bytes(), b'12345')

  def test_does_not_wait_for_ever(self) -> None:
    is_over = threading.Event()
    self.addCleanup(is_over.set)
    with mock.patch.object(
      memory.MemoryFileSystem, 'info', lambda *_: is_over.wait()
    ), mock.patch.object(places, '_MAX_SECONDS', 0.05):
      self.refuses('no answer in 0.05 s', self.root.exists, kind=TimeoutError)


class DiskTest(folder_case.FolderCase):
  def test_a_file_is_whole_or_not_there(self) -> None:
    self.enter_context(mock.patch.dict(_REGISTRY, {'disk': _Disk}))
    folder = places.place(f'disk:/{self.folder}/a/b')
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / 'c'
    path.write_bytes(b'old')
    with mock.patch.object(_Disk, 'mv', side_effect=OSError('no room')):
      self.refuses('no room', path.write_bytes, b'new', kind=OSError)
    here = self.folder / 'a' / 'b'
    self.assertEqual([each.name for each in here.iterdir()], ['c'])
    self.assertEqual((here / 'c').read_bytes(), b'old')
    path.write_bytes(b'new')
    self.assertEqual((here / 'c').read_bytes(), b'new')


class StoreTest(object_store.ObjectStoreCase):
  def test_files_and_folders(self) -> None:
    root = places.place(self.bucket)
    path = root / 'a' / 'b c+%20.txt'
    path.parent.mkdir(parents=True, exist_ok=True)
    self.assertFalse(path.parent.exists())
    path.write_bytes(b'12')
    self.assertTrue(path.parent.is_dir())
    self.assertEqual(list(root.glob('*/*')), [path])
    self.assertEqual(path.read_bytes(), b'12')
    with self.assertRaises(FileExistsError):
      path.create(b'3')  # type: ignore[attr-defined]
    (root / 'empty').write_bytes(b'')
    self.assertEqual((root / 'empty').read_bytes(), b'')
    path.unlink()
    self.assertEqual(self.names_in(self.bucket), ['empty'])

  def test_what_others_put_is_seen(self) -> None:
    import s3fs

    root = places.place(self.bucket)
    (root / 'a').write_bytes(b'')
    self.assertEqual(self.names_in(self.bucket), ['a'])
    other = s3fs.S3FileSystem(skip_instance_cache=True)
    other.pipe_file('bucket/b', b'12')
    self.assertEqual(self.names_in(self.bucket), ['a', 'b'])
    self.assertEqual((root / 'b').stat().st_size, 2)
    other.rm_file('bucket/b')
    self.assertFalse((root / 'b').exists())

  def test_no_bucket_is_made(self) -> None:
    path = places.place('s3://no-such-bucket/a/b')
    path.parent.mkdir(parents=True, exist_ok=True)
    self.assertFalse(path.exists())
    with self.assertRaisesRegex(
      FileNotFoundError, "^cannot reach '.*/b': The specified bucket does not"
    ):
      path.write_bytes(b'')


if __name__ == '__main__':
  absltest.main()
