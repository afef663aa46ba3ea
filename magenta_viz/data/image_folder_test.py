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
from typing import Dict, List, Type

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image
import tensorflow as tf
import tensorflow_datasets as tfds

from magenta_viz.data import dataset
from magenta_viz.data import image_folder
from magenta_viz.media import decoding
from magenta_viz.testing import data_files


def _names(folder: dataset.Dataset, split: str, **kwargs: int) -> List[str]:
  order = {'seed': 0, 'epoch': 0, **kwargs}
  examples = folder.examples(split, **order)
  return [name for _, _, name in data_files.read(examples)]


class ImageFolderTest(parameterized.TestCase):
  def _folder(self, num_of_class: Dict[str, int]) -> Path:
    root = Path(self.create_tempdir().full_path)
    data_files.write_pictures(root, num_of_class)
    return root

  def _folder_with_splits(self) -> Path:
    return self._folder(
      {'train/owl': 4, 'train/auk': 3, 'val/owl': 1, 'val/auk': 2}
    )

  def test_reads_splits(self) -> None:
    root = self._folder_with_splits()
    folder = image_folder.open_folder(str(root))
    self.assertEqual(folder.name, 'image_folder')
    self.assertEqual(folder.class_names, ('auk', 'owl'))
    self.assertEqual((folder.num_train, folder.num_eval), (7, 3))
    examples = folder.examples('eval', 0, 0)
    self.assertEqual(examples.element_spec.label.dtype, tf.int32)
    self.assertEqual(examples.element_spec.data.shape, ())
    self.assertEqual(
      data_files.read(examples),
      [
        ((root / name).read_bytes(), label, name)
        for name, label in (
          ('val/auk/0.jpg', 0),
          ('val/auk/1.png', 0),
          ('val/owl/0.jpg', 1),
        )
      ],
    )
    for data, label, name in data_files.read(folder.examples('train', 0, 0)):
      self.assertEqual(data, (root / name).read_bytes())
      self.assertEqual(folder.class_names[label], name.split('/')[1])

  def test_finds_what_tfds_finds(self) -> None:
    root = self._folder_with_splits()
    builder = tfds.ImageFolder(str(root))
    folder = image_folder.open_folder(str(root))
    self.assertEqual(
      folder.class_names, tuple(builder.info.features['label'].names)
    )
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
            os.path.relpath(example['image/filename'].decode(), root),
          )
          for example in theirs.as_numpy_iterator()
        ],
      )

  def test_orders(self) -> None:
    folder = image_folder.open_folder(str(self._folder_with_splits()))
    first = _names(folder, 'train')
    self.assertLen(set(first), 7)
    self.assertEqual(first, _names(folder, 'train'))
    others = [
      _names(folder, 'train', seed=seed, epoch=epoch)
      for seed, epoch in ((0, 1), (0, 2), (1, 0), (1, 1))
    ]
    for other in others:
      self.assertCountEqual(other, first)
    self.assertLen({tuple(names) for names in (first, *others)}, 5)
    self.assertEqual(
      _names(folder, 'eval'), _names(folder, 'eval', seed=3, epoch=4)
    )

  @parameterized.parameters(1, 2, 3, 4, 5, 9)
  def test_shards(self, num_shards: int) -> None:
    folder = image_folder.open_folder(str(self._folder_with_splits()))
    for split in ('train', 'eval'):
      shards = [
        _names(folder, split, epoch=2, shard=shard, num_shards=num_shards)
        for shard in range(num_shards)
      ]
      self.assertCountEqual(
        [name for names in shards for name in names], _names(folder, split)
      )
      sizes = [len(names) for names in shards]
      self.assertLessEqual(max(sizes) - min(sizes), 1)

  def test_starts_in_the_middle_without_reading(self) -> None:
    root = self._folder_with_splits()
    folder = image_folder.open_folder(str(root))
    names = _names(folder, 'train')
    (root / names[0]).unlink()
    self.assertEqual(_names(folder, 'train', start=2), names[2:])
    self.assertEqual(_names(folder, 'train', start=7), [])
    self.assertEqual(
      _names(folder, 'train', start=1, shard=1, num_shards=3), names[4:5]
    )

  def test_divides_a_folder_without_splits(self) -> None:
    root = self._folder({'owl': 200, 'auk': 40, 'emu': 2})
    folder = image_folder.open_folder(str(root))
    train, evaluation = (_names(folder, split) for split in ('train', 'eval'))
    self.assertEqual(folder.class_names, ('auk', 'emu', 'owl'))
    self.assertEqual((folder.num_train, folder.num_eval), (242 - 54, 54))
    self.assertLen({*train, *evaluation}, 242)
    counts = [
      sum(name.startswith(class_name) for name in evaluation)
      for class_name in folder.class_names
    ]
    # 40 and 8 on average, with deviations of 5.7 and 2.5.
    self.assertEqual(counts, [8, 1, 45])
    other = image_folder.open_folder(str(root), split_seed=1)
    self.assertNotEqual(_names(other, 'eval'), evaluation)
    self.assertNotEqual(other.fingerprint, folder.fingerprint)

  @parameterized.parameters(2, 3, 5)
  def test_divides_small_classes(self, number: int) -> None:
    root = self._folder({'owl': number, 'auk': number})
    for seed in range(20):
      folder = image_folder.open_folder(str(root), split_seed=seed)
      for split in ('train', 'eval'):
        labels = [
          label for _, label, _ in data_files.read(folder.examples(split, 0, 0))
        ]
        self.assertEqual(set(labels), {0, 1})
      self.assertEqual(folder.num_train + folder.num_eval, 2 * number)

  def test_division_is_stable(self) -> None:
    root = self._folder({'owl': 60})
    before = _names(image_folder.open_folder(str(root)), 'eval')
    for i in range(60, 90):
      (root / 'owl' / f'{i}.png').write_bytes(data_files.encode(i))
    after = _names(image_folder.open_folder(str(root)), 'eval')
    old = {f'owl/{i}.{"jpg" if i % 2 == 0 else "png"}' for i in range(60)}
    self.assertContainsSubset(before, after)
    self.assertEqual(set(before), set(after) & old)
    self.assertGreater(len(after), len(before))

  def test_fingerprint(self) -> None:
    root = self._folder_with_splits()
    folder = image_folder.open_folder(str(root))
    self.assertRegex(folder.fingerprint, '^[0-9a-f]{64}$')
    self.assertEqual(folder.version, folder.fingerprint[:12])
    self.assertEqual(folder, image_folder.open_folder(str(root)))
    # Where the folder lies does not matter.
    moved = Path(self.create_tempdir().full_path) / 'moved'
    root.rename(moved)
    self.assertEqual(folder, image_folder.open_folder(str(moved)))
    seen = {folder.fingerprint}
    swapped = image_folder.open_folder(str(moved), 'val', 'train')
    seen.add(swapped.fingerprint)
    picture = moved / 'train' / 'owl' / '0.jpg'
    picture.write_bytes(picture.read_bytes() + b'\0')
    seen.add(image_folder.open_folder(str(moved)).fingerprint)
    picture.rename(picture.with_name('x.jpg'))
    seen.add(image_folder.open_folder(str(moved)).fingerprint)
    picture.with_name('x.jpg').unlink()
    seen.add(image_folder.open_folder(str(moved)).fingerprint)
    self.assertLen(seen, 5)

  def test_takes_the_split_asked_for(self) -> None:
    root = self._folder({'a/owl': 2, 'b/owl': 3, 'test/owl': 1, 'test/auk': 0})
    folder = image_folder.open_folder(str(root), 'b', 'a')
    self.assertEqual((folder.num_train, folder.num_eval), (3, 2))
    (root / 'test' / 'auk').rmdir()
    folder = image_folder.open_folder(str(root), 'b')
    self.assertEqual(_names(folder, 'eval'), ['test/owl/0.jpg'])
    for splits in (('train', 'a'), ('a', 'train')):
      with self.assertRaisesRegex(
        ValueError, f"^unknown split 'train' of .*'{root}'; it has a, b, test$"
      ):
        image_folder.open_folder(str(root), *splits)

  def test_passes_over_other_files(self) -> None:
    root = self._folder({'owl': 3, '.git': 2})
    (root / 'README.md').write_text('Owls.')
    (root / 'owl' / 'list.txt').write_text('0.jpg')
    (root / 'owl' / '.hidden.png').write_bytes(b'')
    (root / 'owl' / 'LOUD.JPEG').write_bytes(data_files.encode(9, 'JPEG'))
    folder = image_folder.open_folder(str(root))
    self.assertEqual(folder.class_names, ('owl',))
    self.assertCountEqual(
      _names(folder, 'train') + _names(folder, 'eval'),
      ['owl/0.jpg', 'owl/1.png', 'owl/2.jpg', 'owl/LOUD.JPEG'],
    )

  def test_reads_names_in_any_script(self) -> None:
    root = self._folder({'сова é': 2})
    folder = image_folder.open_folder(str(root))
    self.assertEqual(folder.class_names, ('сова é',))
    self.assertCountEqual(
      _names(folder, 'train') + _names(folder, 'eval'),
      ['сова é/0.jpg', 'сова é/1.png'],
    )

  @parameterized.parameters(*decoding.ENDINGS)
  def test_takes_what_all_read(self, ending: str) -> None:
    root = self._folder({'owl': 1})
    image_format = Image.registered_extensions()[ending].replace('MPO', 'JPEG')
    (root / 'owl' / f'x{ending}').write_bytes(
      data_files.encode(3, image_format)
    )
    folder = image_folder.open_folder(str(root))
    for split in ('train', 'eval'):
      self.assertEmpty(folder.find_damaged(split))
      for data, _, _ in data_files.read(folder.examples(split, 0, 0)):
        image = decoding.decode(io.BytesIO(data))
        np.testing.assert_array_equal(image.shape, (6, 8, 3))

  def test_finds_damaged(self) -> None:
    root = self._folder({'owl': 5, 'сова': 5})
    (root / 'сова' / '0.jpg').write_bytes(b'no picture')
    folder = image_folder.open_folder(str(root))
    found = {**folder.find_damaged('train'), **folder.find_damaged('eval')}
    self.assertEqual(found, {'сова/0.jpg': 'its format is unknown'})


class ErrorsTest(parameterized.TestCase):
  def _open(self, *files: str) -> dataset.Dataset:
    self._root = Path(self.create_tempdir().full_path)
    for file in files:
      path = self._root / file
      path.parent.mkdir(parents=True, exist_ok=True)
      if not file.endswith('/'):
        path.write_bytes(data_files.encode(0))
      else:
        path.mkdir()
    return image_folder.open_folder(str(self._root))

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
  )
  def test_refuses(
    self, files: List[str], error: Type[Exception], message: str
  ) -> None:
    with self.assertRaisesRegex(error, message) as caught:
      self._open(*files)
    self.assertNotIn('\n', str(caught.exception))
    self.assertIn(str(self._root), str(caught.exception))

  def test_refuses_what_is_no_folder(self) -> None:
    file = self.create_tempfile().full_path
    for path, error, message in (
      (f'{file}.d', FileNotFoundError, 'No such file or directory; give'),
      (file, NotADirectoryError, 'Not a directory; give --data_dir'),
    ):
      with self.assertRaisesRegex(error, f"'{path}': {message}"):
        image_folder.open_folder(path)


if __name__ == '__main__':
  absltest.main()
