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

import contextlib
import errno
import os
import stat
import tempfile
from typing import Any, List, Optional, Tuple
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.media import atomic_files
from magenta_viz.testing import folder_case
from magenta_viz.testing import testdata

try:
  import resource
except ImportError:  # Windows.
  resource = None  # type: ignore[assignment]

# 'nobody', whom permissions stop.
_OTHER_USER = 65534

_FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), 'some.tmp')


class WriteFileTest(folder_case.FolderCase):
  def setUp(self) -> None:
    super().setUp()
    self.path = self.folder / 'a.bin'

  def _assert_only(self, content: bytes) -> None:
    self.assertEqual(os.listdir(self.folder), ['a.bin'])
    self.assertEqual(self.path.read_bytes(), content)

  @parameterized.parameters(b'', b'one\r\ntwo\0', b'x' * 1_000_000)
  def test_writes_and_replaces(self, data: bytes) -> None:
    atomic_files.write_file(self.path, b'old')
    before = os.getcwd()
    os.chdir(self.folder)
    try:
      atomic_files.write_file('a.bin', data)
    finally:
      os.chdir(before)
    self._assert_only(data)

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

    def spy_replace(source: Any, target: Any) -> None:
      calls.append(('replace', os.stat(source).st_size))
      replace(source, target)

    with mock.patch.multiple(os, fsync=fsync, replace=spy_replace):
      atomic_files.write_file(self.path, b'12345')
    self.assertEqual(calls, [('fsync', 5), ('replace', 5), ('fsync', None)])

  @parameterized.product(
    function=['fsync', 'replace'],
    case=[
      (
        _FULL,
        OSError,
        'No space left on device; its folder must exist, be writable and have'
        ' room$',
      ),
      (KeyboardInterrupt, KeyboardInterrupt, None),
    ],
  )
  def test_failure_leaves_the_old_file_alone(
    self, function: str, case: Any
  ) -> None:
    raised, kind, words = case
    self.path.write_bytes(b'old')
    message = f"^cannot write '{self.path}': {words}" if words else ''
    with mock.patch.object(os, function, side_effect=raised):
      self.refuses(
        message, atomic_files.write_file, self.path, b'new', kind=kind
      )
    self._assert_only(b'old')

  @absltest.skipIf(resource is None, 'needs a limit for file sizes')
  def test_file_that_does_not_fit(self) -> None:
    atomic_files.write_file(self.path, b'x' * 4096)
    message = f"^cannot write '{self.path}': File too large; its folder"
    with testdata.full_disk(4096):
      write = atomic_files.write_file
      self.refuses(message, write, self.path, b'y' * 4097, kind=OSError)
    self._assert_only(b'x' * 4096)

  def test_longest_name_that_the_system_takes(self) -> None:
    path = self.folder / ('a' * 255)
    atomic_files.write_file(path, b'1')
    self.assertEqual(path.read_bytes(), b'1')

  @parameterized.parameters(
    ('none/a.bin', FileNotFoundError, 'No such file or directory; '),
    ('folder', OSError, ''),
    ('a' * 300, OSError, '.*; its'),
  )
  def test_refuses(self, name: str, kind: type, words: str) -> None:
    (self.folder / 'folder').mkdir()
    path = self.folder / name
    message = f"^cannot write '{path}': {words}"
    self.refuses(message, atomic_files.write_file, path, b'', kind=kind)
    self.assertEqual(os.listdir(self.folder), ['folder'])


class RemoveFileTest(folder_case.FolderCase):
  def test_removes_what_is_there(self) -> None:
    (self.folder / 'a').touch()
    (self.folder / 'b').touch()
    for path in (self.folder / 'a', self.folder / 'a', self.folder / 'none/a'):
      atomic_files.remove_file(str(path))
      self.assertEqual(os.listdir(self.folder), ['b'])

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
    message = f"^cannot replace '{self.folder}': "
    self.refuses(message, atomic_files.remove_file, self.folder, kind=OSError)


class PrepareFolderTest(folder_case.FolderCase):
  def test_makes_it_and_leaves_nothing_in_it(self) -> None:
    path = self.folder / 'a' / 'b'
    for _ in range(2):
      atomic_files.prepare_folder(path)
      self.assertEmpty(os.listdir(path))

  def test_keeps_what_is_there(self) -> None:
    (self.folder / 'old').touch()
    atomic_files.prepare_folder(str(self.folder))
    self.assertEqual(os.listdir(self.folder), ['old'])

  def _refuses(self, path: Any, reason: str, kind: type = OSError) -> None:
    self.refuses(
      f"^cannot write in the folder '{path}': {reason}; name a folder that can"
      ' be made and written to, with room on its disk$',
      atomic_files.prepare_folder,
      path,
      kind=kind,
    )

  @absltest.skipIf(os.name == 'nt', 'needs symbolic links')
  def test_file_in_the_way(self) -> None:
    file, link = self.folder / 'file', self.folder / 'link'
    file.touch()
    link.symlink_to('none')
    for path, in_the_way in ((file, file), (file / 'a/b', file), (link, link)):
      self._refuses(path, f"'{in_the_way}' is no folder")

  # One cannot be made, the other takes no files.
  @parameterized.parameters('/proc/pictures', '/proc/self')
  @absltest.skipUnless(os.path.isdir('/proc/self'), 'needs Linux')
  def test_of_the_system(self, path: str) -> None:
    self._refuses(path, '[A-Z].*')

  @absltest.skipIf(os.name == 'nt', 'needs POSIX permissions')
  def test_no_permission(self) -> None:
    with contextlib.ExitStack() as stack:
      # Made where any user may go, for the superuser to become one of them.
      folder = stack.enter_context(tempfile.TemporaryDirectory(dir='/tmp'))
      os.chmod(folder, 0o555)
      stack.callback(os.chmod, folder, 0o700)
      user = os.geteuid()
      if user == 0:
        os.seteuid(_OTHER_USER)
        stack.callback(os.seteuid, user)
      self._refuses(folder, 'Permission denied', PermissionError)

  def test_full_disk(self) -> None:
    with mock.patch.object(os, 'fsync', side_effect=_FULL):
      self._refuses(self.folder, 'No space left on device')
    self.assertEmpty(os.listdir(self.folder))


if __name__ == '__main__':
  absltest.main()
