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

"""Tests for atomic_files."""

import errno
import os
from pathlib import Path
import stat
import subprocess
import sys
import tempfile
import textwrap
from typing import List, Optional, Tuple
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.media import atomic_files

try:
  import resource
except ImportError:  # Windows.
  resource = None  # type: ignore[assignment]


# 'nobody', whom permissions stop.
_OTHER_USER = 65534


class WriteFileTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)
    self.path = self.folder / 'a.bin'

  def _assert_only(self, content: bytes) -> None:
    self.assertEqual(os.listdir(self.folder), ['a.bin'])
    self.assertEqual(self.path.read_bytes(), content)

  @parameterized.parameters(b'', b'one\r\ntwo\0', b'x' * 1_000_000)
  def test_writes_and_replaces(self, data: bytes) -> None:
    atomic_files.write_file(self.path, b'old')
    atomic_files.write_file(str(self.path), data)
    self._assert_only(data)

  def test_relative_path(self) -> None:
    before = os.getcwd()
    os.chdir(self.folder)
    try:
      atomic_files.write_file('a.bin', b'new')
    finally:
      os.chdir(before)
    self._assert_only(b'new')

  @absltest.skipIf(os.name == 'nt', 'needs POSIX permissions')
  def test_permissions_follow_the_umask(self) -> None:
    for umask, mode in ((0o022, 0o644), (0o027, 0o640), (0o077, 0o600)):
      before = os.umask(umask)
      try:
        atomic_files.write_file(self.path, b'')
      finally:
        os.umask(before)
      self.assertEqual(stat.S_IMODE(self.path.stat().st_mode), mode)

  @absltest.skipIf(os.name == 'nt', 'needs folders that can be opened')
  def test_data_are_on_disk_before_the_move_and_it_before_the_next(
    self,
  ) -> None:
    calls: List[Tuple[str, Optional[int]]] = []

    def fsync(descriptor: int) -> None:
      status = os.fstat(descriptor)
      is_folder = stat.S_ISDIR(status.st_mode)
      calls.append(('fsync', None if is_folder else status.st_size))

    replace = os.replace

    def spy_replace(source: Path, target: Path) -> None:
      calls.append(('replace', os.stat(source).st_size))
      replace(source, target)

    with mock.patch.object(os, 'fsync', fsync):
      with mock.patch.object(os, 'replace', spy_replace):
        atomic_files.write_file(self.path, b'12345')
    self.assertEqual(calls, [('fsync', 5), ('replace', 5), ('fsync', None)])

  @parameterized.parameters('fsync', 'replace')
  def test_failure_leaves_the_old_file_alone(self, function: str) -> None:
    self.path.write_bytes(b'old')
    error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), 'some.tmp')
    with mock.patch.object(os, function, side_effect=error):
      with self.assertRaises(OSError) as caught:
        atomic_files.write_file(self.path, b'new')
    self.assertEqual(
      str(caught.exception),
      f"cannot write '{self.path}': No space left on device; its folder must "
      'exist, be writable and have room',
    )
    self._assert_only(b'old')

  @parameterized.parameters('fsync', 'replace')
  def test_interrupt_leaves_the_old_file_alone(self, function: str) -> None:
    self.path.write_bytes(b'old')
    with mock.patch.object(os, function, side_effect=KeyboardInterrupt):
      with self.assertRaises(KeyboardInterrupt):
        atomic_files.write_file(self.path, b'new')
    self._assert_only(b'old')

  @absltest.skipIf(resource is None, 'needs a limit for file sizes')
  def test_file_that_does_not_fit(self) -> None:
    # In a process of its own: the limit would hit the test runner's files too.
    code = textwrap.dedent("""
        import resource, sys
        from magenta_viz.media import atomic_files
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        atomic_files.write_file(sys.argv[1], b'x' * 4096)
        try:
          atomic_files.write_file(sys.argv[1], b'y' * 4097)
        except OSError as error:
          print(error)
    """)
    done = subprocess.run(
      [sys.executable, '-c', code, str(self.path)],
      env={**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)},
      capture_output=True,
      text=True,
      check=True,
    )
    self.assertStartsWith(
      done.stdout, f"cannot write '{self.path}': File too large; its folder"
    )
    self._assert_only(b'x' * 4096)

  def test_folder_does_not_exist(self) -> None:
    path = self.folder / 'none' / 'a.bin'
    with self.assertRaisesRegex(
      FileNotFoundError, f"^cannot write '{path}': No such file or directory; "
    ):
      atomic_files.write_file(path, b'')

  def test_folder_in_the_way(self) -> None:
    self.path.mkdir()
    with self.assertRaisesRegex(OSError, f"^cannot write '{self.path}': "):
      atomic_files.write_file(self.path, b'')
    self.assertEqual(os.listdir(self.folder), ['a.bin'])

  def test_name_too_long(self) -> None:
    path = self.folder / ('a' * 300)
    with self.assertRaisesRegex(OSError, "^cannot write '.*aaa': .*; its"):
      atomic_files.write_file(path, b'')
    self.assertEmpty(os.listdir(self.folder))

  def test_longest_name_that_the_system_takes(self) -> None:
    path = self.folder / ('a' * 255)
    atomic_files.write_file(path, b'1')
    self.assertEqual(path.read_bytes(), b'1')


class RemoveFileTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)

  def test_removes_what_is_there(self) -> None:
    (self.folder / 'a').touch()
    (self.folder / 'b').touch()
    for _ in range(2):
      atomic_files.remove_file(self.folder / 'a')
      self.assertEqual(os.listdir(self.folder), ['b'])

  def test_without_a_folder(self) -> None:
    atomic_files.remove_file(str(self.folder / 'none' / 'a'))

  @absltest.skipIf(os.name == 'nt', 'needs folders that can be opened')
  def test_is_on_disk_before_what_comes_next(self) -> None:
    path = self.folder / 'a'
    path.touch()
    seen = []

    def fsync(descriptor: int) -> None:
      is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
      seen.append((is_folder, path.exists()))

    with mock.patch.object(os, 'fsync', fsync):
      atomic_files.remove_file(path)
    self.assertEqual(seen, [(True, False)])

  def test_folder_in_the_way(self) -> None:
    with self.assertRaisesRegex(OSError, f"^cannot replace '{self.folder}': "):
      atomic_files.remove_file(self.folder)


class PrepareFolderTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)

  def test_makes_it_and_leaves_nothing_in_it(self) -> None:
    path = self.folder / 'a' / 'b'
    for _ in range(2):
      atomic_files.prepare_folder(path)
      self.assertEmpty(os.listdir(path))

  def test_keeps_what_is_there(self) -> None:
    (self.folder / 'old').touch()
    atomic_files.prepare_folder(str(self.folder))
    self.assertEqual(os.listdir(self.folder), ['old'])

  def test_file_in_the_way(self) -> None:
    file = self.folder / 'file'
    file.touch()
    for path in (file, file / 'a' / 'b'):
      with self.subTest(path=path):
        with self.assertRaises(OSError) as caught:
          atomic_files.prepare_folder(path)
        self.assertEqual(
          str(caught.exception),
          f"cannot write in the folder '{path}': '{file}' is no folder; name "
          'a folder that can be made and written to, with room on its disk',
        )

  @absltest.skipIf(os.name == 'nt', 'needs symbolic links')
  def test_link_to_nowhere_in_the_way(self) -> None:
    link = self.folder / 'link'
    link.symlink_to('none')
    with self.assertRaisesRegex(OSError, f"'{link}' is no folder"):
      atomic_files.prepare_folder(link)

  @absltest.skipUnless(os.path.isdir('/proc/self'), 'needs Linux')
  def test_folder_that_cannot_be_made(self) -> None:
    with self.assertRaisesRegex(
      OSError, "^cannot write in the folder '/proc/pictures': [A-Z].*; name"
    ):
      atomic_files.prepare_folder('/proc/pictures')

  @absltest.skipUnless(os.path.isdir('/proc/self'), 'needs Linux')
  def test_folder_that_takes_no_files(self) -> None:
    with self.assertRaisesRegex(
      OSError, "^cannot write in the folder '/proc/self': [A-Z].*; name"
    ):
      atomic_files.prepare_folder('/proc/self')

  @absltest.skipIf(os.name == 'nt', 'needs POSIX permissions')
  def test_no_permission(self) -> None:
    # Made where any user may go, for the superuser to become one of them.
    with tempfile.TemporaryDirectory(dir='/tmp') as folder:
      os.chmod(folder, 0o555)
      user = os.geteuid()
      if user == 0:
        os.seteuid(_OTHER_USER)
      try:
        with self.assertRaisesRegex(
          PermissionError, ': Permission denied; name'
        ):
          atomic_files.prepare_folder(folder)
      finally:
        os.seteuid(user)
        os.chmod(folder, 0o700)

  def test_full_disk(self) -> None:
    error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with mock.patch.object(os, 'fsync', side_effect=error):
      with self.assertRaisesRegex(OSError, ': No space left on device; name'):
        atomic_files.prepare_folder(self.folder)
    self.assertEmpty(os.listdir(self.folder))


if __name__ == '__main__':
  absltest.main()
