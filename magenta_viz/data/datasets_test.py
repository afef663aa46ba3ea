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

"""Tests for prepared_dataset, preparation and datasets."""

import contextlib
import itertools
import os
import socket
import sys
import tempfile
import time
import types
from typing import Any, Dict, List, Optional
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import tensorflow as tf
import tensorflow_datasets as tfds

from magenta_viz.data import dataset
from magenta_viz.data import datasets
from magenta_viz.data import image_folder
from magenta_viz.data import prepared_dataset
from magenta_viz.testing import data_files
from magenta_viz.testing import folder_case
from magenta_viz.testing import prepared_sets


class TinyOwls(prepared_sets.Owls):
  """Pictures of two classes."""


class TinyManualOwls(prepared_sets.Owls):
  """The same, of files that the user has to bring."""

  MANUAL_DOWNLOAD_INSTRUCTIONS = """
  Ask the owls,
  in person.
  """


class TinyLoneOwls(prepared_sets.Owls):
  """One class, of which there is nothing to learn."""

  def features(self) -> Dict[str, Any]:
    owl = tfds.features.ClassLabel(names=['owl'])
    return {**super().features(), 'label': owl}

  def example(self, index: int) -> Dict[str, Any]:
    return {**super().example(index), 'label': 'owl'}


class TinyTexts(prepared_sets.Owls):
  """No pictures."""

  def features(self) -> Dict[str, Any]:
    label = tfds.features.ClassLabel(num_classes=2)
    return {'text': tfds.features.Text(), 'label': label}


class TinyDepths(prepared_sets.Owls):
  """Distances, which TFDS stores as the four bytes of a PNG's pixel."""

  def features(self) -> Dict[str, Any]:
    depths = tfds.features.Image(shape=(6, 8, 1), dtype=tf.float32)
    label = tfds.features.ClassLabel(num_classes=2)
    return {'image': depths, 'label': label}


class TinyDistantOwls(prepared_sets.Owls):
  """Pictures that nobody serves: what is bound, but not listened to."""

  url: str = ''

  def _split_generators(self, dl_manager: Any) -> Dict[str, Any]:
    dl_manager.download(self.url)
    return super()._split_generators(dl_manager)


class PreparedDatasetTest(folder_case.FolderCase):
  data_dir: str

  @classmethod
  def setUpClass(cls) -> None:
    super().setUpClass()
    contexts = contextlib.ExitStack()
    cls.addClassCleanup(contexts.close)
    contexts.enter_context(prepared_sets.offline())
    cls.data_dir = contexts.enter_context(tempfile.TemporaryDirectory())

  def _open(
    self,
    train_split: str = 'train',
    eval_split: Optional[str] = None,
    name: str = 'tiny_owls',
  ) -> dataset.Dataset:
    return datasets.open_dataset(
      name, self.data_dir, None, train_split, eval_split
    )

  def test_reads(self) -> None:
    owls = self._open()
    self.assertEqual(owls.name, 'tiny_owls:1.2.0')
    self.assertEqual(owls.version, '1.2.0')
    self.assertEqual(owls.class_names, ('owlet', 'owl'))
    self.assertEqual((owls.num_train, owls.num_eval), (7, 4))
    for split, name in (('train', 'train'), ('eval', 'test')):
      examples = owls.examples(split, 0, 0)
      self.assertEqual(examples.element_spec.label.dtype, tf.int32)
      read = data_files.read(examples)
      pictures = [data_files.encode(i) for i in range(TinyOwls.SIZES[name])]
      expected = [(tf.io.decode_png(p).numpy().tobytes()) for p in pictures]
      self.assertCountEqual(
        [
          (tf.io.decode_png(data).numpy().tobytes(), label)
          for data, label, _ in read
        ],
        [(picture, i % 2) for i, picture in enumerate(expected)],
      )
      self.assertCountEqual(
        [example_name for _, _, example_name in read],
        [
          f'tiny_owls-{name}.tfrecord-00000-of-00001__{i}'
          for i in range(TinyOwls.SIZES[name])
        ],
      )

  @parameterized.parameters('train', 'train[2:]+test[25%:]')
  def test_orders_shares_and_middle(self, train_split: str) -> None:
    owls = self._open(train_split)
    data_files.check_reading(self, owls)
    names = [f'tiny_owls-test.tfrecord-00000-of-00001__{i}' for i in range(4)]
    self.assertEqual(data_files.names(owls, 'eval'), names)

  def test_shares_of_evaluation_lie_side_by_side(self) -> None:
    owls = self._open()
    shares = [
      data_files.names(owls, 'eval', shard=shard, num_shards=3)
      for shard in range(3)
    ]
    self.assertEqual(
      [*itertools.chain(*shares)], data_files.names(owls, 'eval')
    )
    self.assertEqual([len(names) for names in shares], [2, 1, 1])

  def test_buffer_is_bound_in_memory(self) -> None:
    owls = self._open()
    with mock.patch.object(prepared_dataset, '_SHUFFLE_BYTES', 1):
      self.assertEqual(
        data_files.names(owls, 'train'),
        [f'tiny_owls-train.tfrecord-00000-of-00001__{i}' for i in range(7)],
      )

  def test_fingerprint(self) -> None:
    seen = {
      self._open(*splits).fingerprint
      for splits in (
        (),
        ('train[:6]',),
        ('train', 'train'),
        ('test', 'train'),
      )
    }
    self.assertLen(seen, 4)
    self.assertEqual(self._open('train', 'test'), self._open())
    self.assertEqual(self._open(name='tiny_owls:1.2.0'), self._open())

  def test_prepares_once_and_reads_without_code(self) -> None:
    owls = self._open()
    with mock.patch.object(TinyOwls, '_split_generators') as generators:
      self.assertEqual(self._open(), owls)
      self.assertEqual(self._open(name='tiny_owls:1.*.*'), owls)
    generators.assert_not_called()

  @parameterized.parameters(
    ('tiny_owl', "unknown dataset 'tiny_owl'; similar: tiny_owls"),
    ('imagefolder', "unknown dataset 'imagefolder'; similar: image_folder"),
    ('cifar1:3.0.2', "'cifar1:3.0.2'; similar: cifar10"),
    ('qqqqqqq', 'none is similar; take .* of the [0-9]{3} of tensorflow_data'),
    ('tiny_owls:9.9.9', "'tiny_owls:9.9.9': .*only: 1.2.0"),
    (
      'tiny_owls/big',
      "BuilderConfig big not found.* are named 'name', 'name/config'",
    ),
    ('two words', 'Parsing builder name string two words failed'),
    ('', 'Parsing builder name string'),
    ('kaggle:owls', 'kaggle:owls'),
    (
      'tiny_texts',
      "'tiny_texts' is not for classification: .* and has .*text",
    ),
    ('tiny_depths', 'not for classification: .* and has image, label'),
    ('coco', "'coco/?.*' is not for classification.*objects"),
    ('tiny_lone_owls', r"dataset 'tiny_lone_owls' has 1 class \(owl\), and"),
  )
  def test_refuses_datasets(self, name: str, message: str) -> None:
    self.assertLess(len(self.refuses(message, self._open, name=name)), 700)

  @parameterized.parameters(
    (('val',), "unknown split 'val' of dataset 'tiny_owls'; it has .*train"),
    (('train', 'val'), "unknown split 'val'"),
    (('train[',), "unknown split 'train\\['"),
    (('train[:90%', 'test'), 'unknown split'),
    (('train[3:3]',), "split 'train\\[3:3\\]' .* has no examples"),
  )
  def test_refuses_splits(self, splits: List[str], message: str) -> None:
    self.refuses(message, self._open, *splits)

  def test_names_the_splits_if_none_is_for_evaluation(self) -> None:
    with mock.patch.object(dataset, 'EVAL_SPLITS', ('dev',)):
      message = "dataset 'tiny_owls' has no split dev; .*: test, train$"
      self.refuses(message, self._open)

  def test_asks_for_files(self) -> None:
    with self.assertRaisesRegex(
      FileNotFoundError,
      '--manual_dir is missing: the files that TFDS asks for; .*'
      r'\(Ask the owls, in person\)',
    ):
      self._open(name='tiny_manual_owls')

  def test_says_soon_that_nothing_can_be_downloaded(self) -> None:
    self._open()
    proxies = {'no_proxy': '127.0.0.1'}
    with socket.socket() as bound, mock.patch.dict(os.environ, proxies):
      bound.bind(('127.0.0.1', 0))
      port = bound.getsockname()[1]
      self.enter_context(
        mock.patch.object(
          TinyDistantOwls, 'url', f'https://127.0.0.1:{port}/owls.tar'
        )
      )
      start = time.monotonic()
      self.refuses(
        "^cannot download dataset 'tiny_distant_owls': no connection to"
        r' 127\.0\.0\.1 \(Connection refused\); check the network connection,'
        r' or train on what is at hand: (--dataset=\w+ or )*--dataset=tiny_owls'
        ' or .*--dataset=image_folder with their folder as --data_dir$',
        self._open,
        name='tiny_distant_owls',
        kind=OSError,
      )
      self.assertLess(time.monotonic() - start, 5)

  def test_names_a_folder_that_cannot_be_written(self) -> None:
    file = self.create_tempfile().full_path
    self.refuses(
      f"cannot prepare dataset 'tiny_owls' in '{file}/x': ",
      datasets.open_dataset,
      'tiny_owls',
      f'{file}/x',
      kind=OSError,
    )

  def test_says_that_tfds_is_broken(self) -> None:
    broken = {'tensorflow_datasets': types.ModuleType('tensorflow_datasets')}
    with mock.patch.dict(sys.modules, broken):
      with self.assertRaisesRegex(ImportError, "installed, but .*'pip check'"):
        self._open()

  def test_a_folder_of_pictures_needs_a_folder(self) -> None:
    with self.assertRaisesRegex(ValueError, "'image_folder' needs .*data_dir"):
      datasets.open_dataset('image_folder')

  def test_opens_a_folder_of_pictures(self) -> None:
    data_files.write_pictures(self.folder, {'a/owl': 2, 'b/owl': 1, 'b/auk': 3})
    owls = datasets.open_dataset(
      'image_folder', str(self.folder), train_split='b', eval_split='a'
    )
    self.assertEqual((owls.num_train, owls.num_eval), (4, 2))


class ClassesTest(folder_case.FolderCase):
  @parameterized.parameters(
    (['owl'], r"image folder '.*' has 1 class \(owl\), and there is nothing"),
    (['owl', 'a\nb'], r"class 'a\\nb' of .* has a line break, control"),
    (['owl', 'Auk', 'auk'], "classes 'Auk' and 'auk' of .* cannot be told"),
    (['owl', 'x' * 151], "class 'x{60} ...' .* has a name of 151 bytes; pic"),
  )
  def test_looks_at_the_names_of_classes(
    self, names: List[str], message: str
  ) -> None:
    root = str(self.folder)
    data_files.write_pictures(self.folder, dict.fromkeys(names, 2))
    self.refuses(message, datasets.open_dataset, 'image_folder', root)
    # What began before that was looked at goes on.
    opened = image_folder.open_folder(root)
    again = datasets.open_dataset(
      'image_folder', root, fingerprint=opened.fingerprint
    )
    self.assertEqual(again, opened)


if __name__ == '__main__':
  absltest.main()
