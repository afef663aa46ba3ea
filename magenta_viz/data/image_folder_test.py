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

"""Tests for image_folder."""

import io
import os
from pathlib import Path
import socket
from typing import Any, Dict, List, Type

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image
import tensorflow as tf
import tensorflow_datasets as tfds

from magenta_viz.data import dataset
from magenta_viz.data import image_folder
from magenta_viz.files import folder_entries
from magenta_viz.media import decoding
from magenta_viz.testing import data_files
from magenta_viz.testing import folder_case


def _all_names(folder: dataset.Dataset) -> List[str]:
  return [
    name for split in dataset.SPLITS for name in data_files.names(folder, split)
  ]


class ImageFolderTest(folder_case.FolderCase):
  def _open(self, **settings: Any) -> dataset.Dataset:
    return image_folder.open_folder(str(self.folder), **settings)

  def _write(self, num_of_folder: Dict[str, int]) -> None:
    data_files.write_pictures(self.folder, num_of_folder)

  def _write_splits(self) -> None:
    self._write({'train/owl': 4, 'train/auk': 3, 'val/owl': 1, 'val/auk': 2})

  def test_finds_what_tfds_finds(self) -> None:
    self._write_splits()
    builder = tfds.ImageFolder(str(self.folder))
    folder = self._open()
    names = tuple(builder.info.features['label'].names)
    self.assertEqual(folder.class_names, names)
    for split, folder_split in (('train', 'train'), ('eval', 'val')):
      theirs = builder.as_dataset(
        split=folder_split, decoders={'image': tfds.decode.SkipDecoding()}
      )
      self.assertCountEqual(
        data_files.read(folder.examples(split, 0, 0)),
        [
          (
            example['image'],
            example['label'],
            os.path.relpath(example['image/filename'].decode(), self.folder),
          )
          for example in theirs.as_numpy_iterator()
        ],
      )

  def test_reads_splits(self) -> None:
    self._write_splits()
    folder = self._open()
    self.assertEqual(folder.name, 'image_folder')
    self.assertEqual(folder.class_names, ('auk', 'owl'))
    self.assertEqual((folder.num_train, folder.num_eval), (7, 3))
    examples = folder.examples('eval', 0, 0)
    self.assertEqual(examples.element_spec.label.dtype, tf.int32)
    self.assertEqual(examples.element_spec.data.shape, ())
    self.assertEqual(
      data_files.read(examples),
      [
        ((self.folder / name).read_bytes(), label, name)
        for name, label in (
          ('val/auk/0.jpg', 0),
          ('val/auk/1.png', 0),
          ('val/owl/0.jpg', 1),
        )
      ],
    )
    for data, label, name in data_files.read(folder.examples('train', 0, 0)):
      self.assertEqual(data, (self.folder / name).read_bytes())
      self.assertEqual(folder.class_names[label], name.split('/')[1])

  def test_orders_shares_and_middle(self) -> None:
    self._write_splits()
    data_files.check_reading(self, self._open())

  def test_starts_in_the_middle_without_reading(self) -> None:
    self._write_splits()
    folder = self._open()
    names = data_files.names(folder, 'train')
    (self.folder / names[0]).unlink()
    self.assertEqual(data_files.names(folder, 'train', start=2), names[2:])

  def test_divides_a_folder_without_splits(self) -> None:
    self._write({'owl': 200, 'auk': 40, 'emu': 2})
    folder = self._open()
    evaluation = data_files.names(folder, 'eval')
    self.assertEqual(folder.class_names, ('auk', 'emu', 'owl'))
    self.assertEqual((folder.num_train, folder.num_eval), (242 - 54, 54))
    self.assertLen(set(_all_names(folder)), 242)
    counts = [
      sum(name.startswith(class_name) for name in evaluation)
      for class_name in folder.class_names
    ]
    # 40 and 8 on average, with deviations of 5.7 and 2.5.
    self.assertEqual(counts, [8, 1, 45])
    other = self._open(split_seed=1)
    self.assertNotEqual(data_files.names(other, 'eval'), evaluation)
    self.assertNotEqual(other.fingerprint, folder.fingerprint)

  @parameterized.parameters(2, 3, 5)
  def test_divides_small_classes(self, number: int) -> None:
    self._write({'owl': number, 'auk': number})
    for seed in range(20):
      folder = self._open(split_seed=seed)
      for split in dataset.SPLITS:
        names = data_files.names(folder, split)
        self.assertEqual({name[:3] for name in names}, {'owl', 'auk'})
      self.assertEqual(folder.num_train + folder.num_eval, 2 * number)

  def test_division_is_stable(self) -> None:
    self._write({'owl': 60})
    before = data_files.names(self._open(), 'eval')
    for i in range(60, 90):
      (self.folder / 'owl' / f'{i}.png').write_bytes(data_files.encode(i))
    after = data_files.names(self._open(), 'eval')
    old = {f'owl/{i}.{"jpg" if i % 2 == 0 else "png"}' for i in range(60)}
    self.assertContainsSubset(before, after)
    self.assertEqual(set(before), set(after) & old)
    self.assertGreater(len(after), len(before))

  def test_fingerprint(self) -> None:
    self._write_splits()
    folder = self._open()
    self.assertRegex(folder.fingerprint, '^[0-9a-f]{64}$')
    self.assertEqual(folder.version, folder.fingerprint[:12])
    self.assertEqual(folder, self._open())
    seen = {
      folder.fingerprint,
      self._open(train_split='val', eval_split='train').fingerprint,
    }
    # Where the folder lies does not matter.
    moved = Path(self.create_tempdir().full_path) / 'moved'
    self.folder = self.folder.rename(moved)
    self.assertEqual(folder, self._open())
    picture = moved / 'train' / 'owl' / '0.jpg'
    picture.write_bytes(picture.read_bytes() + b'\0')
    seen.add(self._open().fingerprint)
    picture = picture.rename(picture.with_name('x.jpg'))
    seen.add(self._open().fingerprint)
    picture.unlink()
    seen.add(self._open().fingerprint)
    self.assertLen(seen, 5)

  def test_takes_the_split_asked_for(self) -> None:
    self._write({'a/owl': 2, 'b/owl': 3, 'test/owl': 1, 'test/auk': 0})
    folder = self._open(train_split='b', eval_split='a')
    self.assertEqual((folder.num_train, folder.num_eval), (3, 2))
    (self.folder / 'test' / 'auk').rmdir()
    folder = self._open(train_split='b')
    self.assertEqual(data_files.names(folder, 'eval'), ['test/owl/0.jpg'])
    message = f"^unknown split 'train' of .*'{self.folder}'; it has a, b, test$"
    for splits in (('train', 'a'), ('a', 'train')):
      self.refuses(message, image_folder.open_folder, str(self.folder), *splits)

  def test_passes_over_other_files(self) -> None:
    self._write({'owl': 3, '.git': 2})
    (self.folder / 'README.md').write_text('Owls.')
    (self.folder / 'loose.png').write_bytes(data_files.encode(0))
    # The last is a system's, were it a folder.
    for name in ('list.txt', '.a.png', 'Thumbs.db', 'desktop.ini', 'recycler'):
      (self.folder / 'owl' / name).write_bytes(b'no picture')
    (self.folder / 'owl' / 'LOUD.JPEG').write_bytes(data_files.encode(9))
    with self.assertLogs(level='WARNING') as log:
      folder = self._open()
    self.assertEqual(folder.class_names, ('owl',))
    self.assertCountEqual(
      _all_names(folder),
      ['owl/0.jpg', 'owl/1.png', 'owl/2.jpg', 'owl/LOUD.JPEG'],
    )
    self.assertRegex(
      log.output[0], "1 pictures in '.*' itself are of no class.*: loose.png"
    )

  @parameterized.parameters(*decoding.ENDINGS)
  def test_takes_what_all_read(self, ending: str) -> None:
    self._write({'owl': 1})
    image_format = Image.registered_extensions()[ending].replace('MPO', 'JPEG')
    (self.folder / 'owl' / f'x{ending}').write_bytes(
      data_files.encode(3, image_format)
    )
    folder = self._open()
    for split in ('train', 'eval'):
      self.assertEmpty(folder.find_damaged(split))
      for data, _, _ in data_files.read(folder.examples(split, 0, 0)):
        image = decoding.decode(io.BytesIO(data))
        np.testing.assert_array_equal(image.shape, (6, 8, 3))

  def test_finds_damaged(self) -> None:
    self._write({'owl': 5, 'сова': 5})
    (self.folder / 'сова' / '0.jpg').write_bytes(b'no picture')
    folder = self._open()
    found = {**folder.find_damaged('train'), **folder.find_damaged('eval')}
    self.assertEqual(found, {'сова/0.jpg': 'its format is unknown'})

  def test_orders_numbers_as_numbers(self) -> None:
    names = [str(i) for i in range(1, 13)]
    self._write(dict.fromkeys(names, 2))
    folder = self._open()
    self.assertEqual(folder.class_names, tuple(names))
    for data, label, name in data_files.read(folder.examples('train', 0, 0)):
      self.assertEqual(name.split('/')[0], str(label + 1))
      self.assertEqual(data, (self.folder / name).read_bytes())

  def test_keeps_the_order_of_earlier_versions(self) -> None:
    for name in ('1', '2', '10', 'B', 'a', '10/inner'):
      (self.folder / name).mkdir()
      for i in range(9):
        (self.folder / name / f'{i}.png').write_bytes(b'x' * i)
    folder = self._open()
    self.assertEqual(folder.class_names, ('1', '2', '10', 'a', 'B'))
    # As it was with natural order unknown and inner folders passed over.
    before = '2308a74462731b8173762b5958a4b4ceb89af64ff3427f049fc0a9a95011f21d'
    with self.assertLogs(level='WARNING') as log:
      older = self._open(fingerprint=before)
    self.assertEqual(older.fingerprint, before)
    self.assertEqual(older.class_names, ('1', '10', '2', 'B', 'a'))
    self.assertLen(_all_names(older), 45)
    self.assertLen(_all_names(folder), 54)
    for _, label, name in data_files.read(older.examples('train', 0, 0)):
      self.assertEqual(older.class_names[label], name.split('/')[0])
    self.assertRegex(log.output[0], '9 pictures in inner folders of the class')
    for other in (folder.fingerprint, 'of something else'):
      self.assertEqual(self._open(fingerprint=other), folder)

  def test_takes_inner_folders(self) -> None:
    self._write({'finch': 2, 'finch/2021': 2, 'finch/2021/May': 3, 'wren': 2})
    folder = self._open()
    self.assertEqual(folder.class_names, ('finch', 'wren'))
    self.assertCountEqual(
      _all_names(folder),
      [
        str(path.relative_to(self.folder))
        for path in self.folder.rglob('*')
        if path.is_file()
      ],
    )

  def test_takes_inner_folders_of_splits(self) -> None:
    self._write(
      {'train/finch/2021': 2, 'train/wren': 3, 'test/finch/2022/a': 1}
    )
    folder = self._open()
    self.assertEqual(folder.class_names, ('finch', 'wren'))
    self.assertEqual((folder.num_train, folder.num_eval), (5, 1))

  def test_a_class_may_have_the_name_of_a_split(self) -> None:
    self._write({'train': 3, 'plane': 2, 'plane/old': 1})
    self.assertEqual(self._open().class_names, ('plane', 'train'))

  @parameterized.parameters(*sorted(folder_entries.SYSTEM_FOLDERS), '.hidden')
  def test_passes_over_what_systems_leave(self, name: str) -> None:
    names = {name, name.upper()}
    for inner in ('', 'finch/', 'finch/2021/'):
      self._write({f'{inner}{each}/a.jpg': 1 for each in names})
    self._write({'finch/2021/x': 2, 'wren': 2})
    folder = self._open()
    self.assertEqual(folder.class_names, ('finch', 'wren'))
    self.assertLen(_all_names(folder), 4)

  def test_refuses_what_is_no_plain_file(self) -> None:
    self._write({'finch': 2, 'wren': 2})
    path = self.folder / 'wren' / 'z.png'

    def pipe() -> None:
      os.mkfifo(path)

    def device() -> None:
      path.symlink_to('/dev/zero')

    def nothing() -> None:
      path.symlink_to(self.folder / 'gone.png')

    def unix_socket() -> None:
      with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.relpath(path))

    for make in (pipe, device, nothing, unix_socket):
      with self.subTest(make.__name__):
        make()
        message = f"^'{path}' is no plain file, nor a link to one; remove"
        self.refuses(message, self._open)
        path.unlink()
    path.symlink_to(self.folder / 'finch' / '0.jpg')
    self.assertLen(_all_names(self._open()), 5)

  def test_follows_links_to_folders_but_not_in_circles(self) -> None:
    self._write({'finch': 2, 'wren': 2, '.others/new': 3})
    (self.folder / 'wren' / 'new').symlink_to(self.folder / '.others' / 'new')
    self.assertLen(_all_names(self._open()), 7)
    circle = self.folder / 'wren' / 'circle'
    circle.symlink_to(self.folder / 'wren')
    message = f"'{circle}' is a link to a folder that it lies in; remove"
    self.refuses(message, self._open)

  @parameterized.parameters(
    ((), FileNotFoundError, r'no pictures in folders of .*\(.bmp, .gif, '),
    (('a.png',), FileNotFoundError, 'no pictures in folders of'),
    (('owl/', 'auk/'), FileNotFoundError, 'no pictures in folders of'),
    (
      ('owl/0.png', 'owl/1.png', 'auk/'),
      ValueError,
      "class 'auk' has no pictures in '.*/auk'; put",
    ),
    (
      ('train/owl/0.png', 'test/owl/0.png', 'train/auk/'),
      ValueError,
      "class 'auk' has no pictures in '.*/train/auk'; put",
    ),
    (
      ('train/owl/0.png', 'test/owl/0.png', 'test/auk/0.png'),
      ValueError,
      "class 'auk' of '.*' has no pictures in 'train'; put",
    ),
    (
      ('owl/0.png', 'auk/0.png', 'auk/1.png'),
      ValueError,
      "class 'owl' of '.*' has one picture; it needs two",
    ),
    (
      ('owl/0.png', 'train/auk/0.png'),
      ValueError,
      "has pictures in 'owl' and folders in 'train'; have either",
    ),
    (
      ('train/owl/0.png', 'other/owl/0.png'),
      ValueError,
      'no split validation, val, test, eval; .* --eval_split: other, train$',
    ),
    (
      ('owl/0.png', 'owl/1.HEIC'),
      ValueError,
      "/owl/1.HEIC' is in a format that is not read; save it as PNG or",
    ),
    # All could be splits, of the same classes or of others.
    (
      ('finch/2021/0.png', 'finch/2022/0.png', 'wren/2021/0.png'),
      ValueError,
      r"all folders of '.*' \(finch, wren\) hold folders, and none has a spl",
    ),
    (
      ('Train/owl/0.png', 'Valid/owl/0.png'),
      ValueError,
      r'\(Train, Valid\) hold folders, and none',
    ),
    (
      ('train/0.png', 'train/owl/0.png', 'test/0.png', 'test/owl/0.png'),
      ValueError,
      "pictures in 'test' and fold",
    ),
  )
  def test_refuses(
    self, files: List[str], kind: Type[Exception], message: str
  ) -> None:
    for file in files:
      path = self.folder / file
      path.parent.mkdir(parents=True, exist_ok=True)
      if file.endswith('/'):
        path.mkdir()
      else:
        path.write_bytes(data_files.encode(0))
    said = self.refuses(message, self._open, kind=kind)
    self.assertIn(str(self.folder), said)

  def test_refuses_what_is_no_folder(self) -> None:
    file = self.create_tempfile().full_path
    for path, error, message in (
      (f'{file}.d', FileNotFoundError, 'No such file or directory; give'),
      (file, NotADirectoryError, 'Not a directory; give --data_dir'),
    ):
      message = f"'{path}': {message}"
      self.refuses(message, image_folder.open_folder, path, kind=error)


if __name__ == '__main__':
  absltest.main()
