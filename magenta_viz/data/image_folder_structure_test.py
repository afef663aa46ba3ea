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

"""Tests for image_folder: which files of a folder it takes, in which order."""

import os
from pathlib import Path
import socket
from typing import Dict, List, Optional

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.data import dataset
from magenta_viz.data import folder_entries
from magenta_viz.data import image_folder
from magenta_viz.testing import data_files


class StructureTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.root = Path(self.create_tempdir().full_path)

  def write(self, num_of_folder: Dict[str, int]) -> None:
    data_files.write_pictures(self.root, num_of_folder)

  def open(self, fingerprint: Optional[str] = None) -> dataset.Dataset:
    return image_folder.open_folder(str(self.root), fingerprint=fingerprint)

  def names(self, folder: dataset.Dataset) -> List[str]:
    return [
      name
      for split in ('train', 'eval')
      for _, _, name in data_files.read(folder.examples(split, 0, 0))
    ]

  def test_orders_numbers_as_numbers(self) -> None:
    names = [str(i) for i in range(1, 13)]
    self.write(dict.fromkeys(names, 2))
    folder = self.open()
    self.assertEqual(folder.class_names, tuple(names))
    for data, label, name in data_files.read(folder.examples('train', 0, 0)):
      self.assertEqual(name.split('/')[0], str(label + 1))
      self.assertEqual(data, (self.root / name).read_bytes())

  def test_keeps_the_order_of_earlier_versions(self) -> None:
    for name in ('1', '2', '10', 'B', 'a', '10/inner'):
      (self.root / name).mkdir()
      for i in range(9):
        (self.root / name / f'{i}.png').write_bytes(b'x' * i)
    folder = self.open()
    self.assertEqual(folder.class_names, ('1', '2', '10', 'a', 'B'))
    # As it was with natural order unknown and inner folders passed over.
    before = '2308a74462731b8173762b5958a4b4ceb89af64ff3427f049fc0a9a95011f21d'
    with self.assertLogs(level='WARNING') as log:
      older = self.open(fingerprint=before)
    self.assertEqual(older.fingerprint, before)
    self.assertEqual(older.class_names, ('1', '10', '2', 'B', 'a'))
    self.assertLen(self.names(older), 45)
    self.assertLen(self.names(folder), 54)
    for _, label, name in data_files.read(older.examples('train', 0, 0)):
      self.assertEqual(older.class_names[label], name.split('/')[0])
    self.assertRegex(log.output[0], '9 pictures in inner folders of the class')
    for other in (folder.fingerprint, 'of something else'):
      self.assertEqual(self.open(fingerprint=other), folder)

  def test_takes_inner_folders(self) -> None:
    self.write({'finch': 2, 'finch/2021': 2, 'finch/2021/May': 3, 'wren': 2})
    folder = self.open()
    self.assertEqual(folder.class_names, ('finch', 'wren'))
    self.assertCountEqual(
      self.names(folder),
      [
        str(path.relative_to(self.root))
        for path in self.root.rglob('*')
        if path.is_file()
      ],
    )

  def test_takes_inner_folders_of_splits(self) -> None:
    self.write({'train/finch/2021': 2, 'train/wren': 3, 'test/finch/2022/a': 1})
    folder = self.open()
    self.assertEqual(folder.class_names, ('finch', 'wren'))
    self.assertEqual((folder.num_train, folder.num_eval), (5, 1))

  @parameterized.parameters(
    # All could be splits, of the same classes or of others.
    (
      ('finch/2021', 'finch/2022', 'wren/2021'),
      r"all folders of '.*' \(finch, wren\) hold folders, and none has a spl",
    ),
    (('Train/owl', 'Valid/owl'), r'\(Train, Valid\) hold folders, and none'),
    (('owl', 'train/auk'), "has pictures in 'owl' and folders in 'train'; h"),
    (('train', 'train/owl', 'test', 'test/owl'), "pictures in 'test' and fold"),
  )
  def test_refuses_what_is_unclear(
    self, folders: List[str], message: str
  ) -> None:
    self.write(dict.fromkeys(folders, 2))
    with self.assertRaisesRegex(ValueError, message):
      self.open()

  def test_a_class_may_have_the_name_of_a_split(self) -> None:
    self.write({'train': 3, 'plane': 2, 'plane/old': 1})
    self.assertEqual(self.open().class_names, ('plane', 'train'))

  @parameterized.parameters(*sorted(folder_entries.SYSTEM_FOLDERS), '.hidden')
  def test_passes_over_what_systems_leave(self, name: str) -> None:
    names = {name, name.upper()}
    for inner in ('', 'finch/', 'finch/2021/'):
      self.write({f'{inner}{each}/a.jpg': 1 for each in names})
    self.write({'finch/2021/x': 2, 'wren': 2})
    (self.root / 'wren' / 'Thumbs.db').write_bytes(b'')
    (self.root / 'wren' / 'desktop.ini').write_bytes(b'')
    folder = self.open()
    self.assertEqual(folder.class_names, ('finch', 'wren'))
    self.assertLen(self.names(folder), 4)

  def test_a_picture_may_have_a_name_of_a_system(self) -> None:
    self.write({'finch': 2, 'wren': 2})
    (self.root / 'wren' / 'recycler').write_bytes(b'no picture')
    self.assertLen(self.names(self.open()), 4)

  def test_names_pictures_of_no_class(self) -> None:
    self.write({'finch': 2, 'wren': 2})
    (self.root / 'loose.png').write_bytes(data_files.encode(0))
    with self.assertLogs(level='WARNING') as log:
      self.open()
    self.assertRegex(
      log.output[0], "1 pictures in '.*' itself are of no class.*: loose.png"
    )

  def test_refuses_what_is_no_plain_file(self) -> None:
    self.write({'finch': 2, 'wren': 2})
    path = self.root / 'wren' / 'z.png'

    def pipe() -> None:
      os.mkfifo(path)

    def device() -> None:
      path.symlink_to('/dev/zero')

    def nothing() -> None:
      path.symlink_to(self.root / 'gone.png')

    def unix_socket() -> None:
      with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.relpath(path))

    for make in (pipe, device, nothing, unix_socket):
      with self.subTest(make.__name__):
        make()
        with self.assertRaisesRegex(
          ValueError, f"^'{path}' is no plain file, nor a link to one; remove"
        ):
          self.open()
        path.unlink()
    path.symlink_to(self.root / 'finch' / '0.jpg')
    self.assertLen(self.names(self.open()), 5)

  def test_follows_links_to_folders_but_not_in_circles(self) -> None:
    self.write({'finch': 2, 'wren': 2, '.others/new': 3})
    (self.root / 'wren' / 'new').symlink_to(self.root / '.others' / 'new')
    self.assertLen(self.names(self.open()), 7)
    circle = self.root / 'wren' / 'circle'
    circle.symlink_to(self.root / 'wren')
    with self.assertRaisesRegex(
      ValueError, f"'{circle}' is a link to a folder that it lies in; remove"
    ):
      self.open()


if __name__ == '__main__':
  absltest.main()
