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

"""Tests of copies of files at addresses."""

import os
from pathlib import Path
from typing import Any, List
from unittest import mock

from absl.testing import absltest

from magenta_viz.files import cache_folder
from magenta_viz.files import copies
from magenta_viz.files import places
from magenta_viz.testing import folder_case
from magenta_viz.testing import object_store


class CopiesTest(object_store.MemoryCase, folder_case.FolderCase):
  def setUp(self) -> None:
    super().setUp()
    self.cache = self.folder / 'cache'
    known = {cache_folder.VARIABLE: str(self.cache)}
    self.enter_context(mock.patch.dict(os.environ, known))
    self.path = places.place('memory://copies/a/b.txt')
    self.path.write_bytes(b'one')

  def test_a_file_here_is_its_own(self) -> None:
    self.assertIs(copies.file(self.folder), self.folder)

  def test_fetched_once_and_after_each_change(self) -> None:
    first = copies.file(self.path)
    self.assertEqual(first.name, 'b.txt')
    self.assertEqual(first.read_bytes(), b'one')
    with mock.patch.object(places.Remote, 'open') as opened:
      self.assertEqual(copies.file(self.path), first)
    opened.assert_not_called()
    self.path.write_bytes(b'other')
    second = copies.file(self.path)
    self.assertEqual(second.read_bytes(), b'other')
    # Who reads it may still do so.
    self.assertEqual(first.read_bytes(), b'one')

  def test_several_files(self) -> None:
    (self.path.parent / 'c' / 'd').parent.mkdir()
    (self.path.parent / 'c' / 'd').write_bytes(b'two')
    found = copies.files(self.path.parent, ['b.txt', 'c/d'], 6)
    self.assertEqual((found / 'c' / 'd').read_bytes(), b'two')
    self.refuses(
      "^'memory://copies/a' has 6 bytes to be fetched, but 5 are the most",
      copies.files,
      self.path.parent,
      ['b.txt', 'c/d'],
      5,
    )

  def test_as_given(self) -> None:
    text = f"cannot read '{copies.file(self.path)}'"
    self.assertEqual(
      copies.as_given(text), "cannot read 'memory://copies/a/b.txt'"
    )

  def test_a_change_meanwhile(self) -> None:
    read = places.Remote.open
    changes: List[str] = []

    def changing(path: places.Remote, mode: str) -> Any:
      file = read(path, mode)
      if len(changes) < 2:
        changes.append(mode)
        path.write_bytes(b'change %d' % len(changes))
      return file

    with mock.patch.object(places.Remote, 'open', changing):
      self.assertEqual(copies.file(self.path).read_bytes(), b'change 2')
      self.assertLen(self.fetched(), 1)
      changes.clear()
      self.path.write_bytes(b'three')
      with mock.patch.object(copies, '_MAX_TRIES', 2):
        self.refuses('changes while it is fetched', copies.file, self.path)
    self.assertLen(self.fetched(), 1)

  def test_nothing_half(self) -> None:
    with mock.patch.object(
      places.Remote, 'read_range', side_effect=OSError('down')
    ):
      self.refuses('down', copies.file, self.path, kind=OSError)
    self.assertEmpty(self.fetched())
    self.refuses(
      'No such file', copies.file, self.path.parent / 'z', kind=OSError
    )

  def test_no_folder_for_copies(self) -> None:
    self.cache.write_bytes(b'')
    self.refuses(
      r"^cannot write '.*fetched' \(Not a directory\); set MAGENTA_VIZ_CACHE",
      copies.file,
      self.path,
      kind=OSError,
    )

  def test_another_process_is_first(self) -> None:
    rename = os.rename

    def late(source: Any, target: Any) -> None:
      Path(target).mkdir()
      (Path(target) / 'b.txt').write_bytes(b'one')
      rename(source, target)

    with mock.patch.object(os, 'rename', late):
      self.assertEqual(copies.file(self.path).read_bytes(), b'one')
    self.assertLen(self.fetched(), 1)

  def fetched(self) -> Any:
    """Returns what is in the folder of copies, parts of them too."""
    return list((self.cache / 'fetched').iterdir())


if __name__ == '__main__':
  absltest.main()
