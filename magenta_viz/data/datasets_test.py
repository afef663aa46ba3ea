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
from pathlib import Path
import sys
import tempfile
import types
from typing import Any, Dict, Iterator, List, Optional, Tuple
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import tensorflow as tf
import tensorflow_datasets as tfds

from magenta_viz.data import dataset
from magenta_viz.data import datasets
from magenta_viz.data import prepared_dataset
from magenta_viz.testing import data_files

_SIZES = {'train': 7, 'test': 4}


def _names(owls: dataset.Dataset, split: str, **kwargs: int) -> List[str]:
  order = {'seed': 0, 'epoch': 0, **kwargs}
  examples = owls.examples(split, **order)
  return [name for _, _, name in data_files.read(examples)]


class TinyOwls(tfds.core.GeneratorBasedBuilder):
  """Pictures of two classes, with a mask that nobody asks for."""

  VERSION = tfds.core.Version('1.2.0')
  MANUAL_DOWNLOAD_INSTRUCTIONS: Optional[str] = None

  def _info(self) -> tfds.core.DatasetInfo:
    return tfds.core.DatasetInfo(
      builder=self,
      description='Owls.',
      features=tfds.features.FeaturesDict(
        {
          'image': tfds.features.Image(shape=(6, 8, 3), encoding_format='png'),
          'mask': tfds.features.Image(shape=(None, None, 1)),
          'label': tfds.features.ClassLabel(names=['owlet', 'owl']),
        }
      ),
    )

  def _split_generators(self, dl_manager: Any) -> Dict[str, Any]:
    return {split: self._generate_examples(split) for split in _SIZES}

  def _generate_examples(self, split: str) -> Iterator[Tuple[int, Any]]:
    for i in range(_SIZES[split]):
      picture = tf.io.decode_png(data_files.encode(i)).numpy()
      yield (
        i,
        {'image': picture, 'mask': picture[:, :, :1], 'label': i % 2},
      )


class TinyManualOwls(TinyOwls):
  """The same, of files that the user has to bring."""

  MANUAL_DOWNLOAD_INSTRUCTIONS = """
  Ask the owls,
  in person.
  """


class TinyTexts(TinyOwls):
  """No pictures."""

  def _info(self) -> tfds.core.DatasetInfo:
    return tfds.core.DatasetInfo(
      builder=self,
      description='Texts.',
      features=tfds.features.FeaturesDict(
        {
          'text': tfds.features.Text(),
          'label': tfds.features.ClassLabel(num_classes=2),
        }
      ),
    )


class TinyDepths(TinyOwls):
  """Distances, which TFDS stores as the four bytes of a PNG's pixel."""

  def _info(self) -> tfds.core.DatasetInfo:
    return tfds.core.DatasetInfo(
      builder=self,
      description='Depths.',
      features=tfds.features.FeaturesDict(
        {
          'image': tfds.features.Image(shape=(6, 8, 1), dtype=tf.float32),
          'label': tfds.features.ClassLabel(num_classes=2),
        }
      ),
    )


class PreparedDatasetTest(parameterized.TestCase):
  data_dir: str

  @classmethod
  def setUpClass(cls) -> None:
    super().setUpClass()
    contexts = contextlib.ExitStack()
    cls.addClassCleanup(contexts.close)
    gcs = 'tensorflow_datasets.core.utils.gcs_utils.exists'
    contexts.enter_context(mock.patch(gcs, return_value=False))
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
      pictures = [data_files.encode(i) for i in range(_SIZES[name])]
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
          for i in range(_SIZES[name])
        ],
      )

  @parameterized.parameters('train', 'train+test', 'train[1:]+test[:50%]')
  def test_orders(self, train_split: str) -> None:
    owls = self._open(train_split)
    first = _names(owls, 'train')
    self.assertLen(set(first), owls.num_train)
    self.assertEqual(first, _names(owls, 'train'))
    examples = owls.examples('train', 0, 0)
    for _ in range(2):
      names = [name for _, _, name in data_files.read(examples)]
      self.assertEqual(names, first)
    others = [
      _names(owls, 'train', seed=seed, epoch=epoch)
      for seed, epoch in ((0, 1), (0, 2), (1, 0))
    ]
    for other in others:
      self.assertCountEqual(other, first)
    self.assertLen({tuple(names) for names in (first, *others)}, 4)
    self.assertEqual(
      _names(owls, 'eval'),
      [f'tiny_owls-test.tfrecord-00000-of-00001__{i}' for i in range(4)],
    )

  @parameterized.parameters(
    *[('train', num_shards) for num_shards in (1, 2, 3, 4, 5, 9)],
    ('train[2:]+test[25%:]', 3),
    ('train[2:]+test[25%:]', 5),
  )
  def test_shards(self, train_split: str, num_shards: int) -> None:
    owls = self._open(train_split)
    shards = [
      _names(owls, 'train', shard=shard, num_shards=num_shards)
      for shard in range(num_shards)
    ]
    self.assertCountEqual(
      [name for names in shards for name in names], _names(owls, 'train')
    )
    sizes = [len(names) for names in shards]
    self.assertLessEqual(max(sizes) - min(sizes), 1)

  def test_shards_of_evaluation(self) -> None:
    owls = self._open()
    shards = [
      _names(owls, 'eval', shard=shard, num_shards=3) for shard in range(3)
    ]
    self.assertEqual(
      [name for names in shards for name in names], _names(owls, 'eval')
    )
    self.assertEqual([len(names) for names in shards], [2, 1, 1])

  def test_starts_in_the_middle(self) -> None:
    owls = self._open()
    for start in (0, 3, 7, 8):
      self.assertEqual(
        _names(owls, 'train', start=start), _names(owls, 'train')[start:]
      )

  def test_buffer_is_bound_in_memory(self) -> None:
    owls = self._open()
    with mock.patch.object(prepared_dataset, '_SHUFFLE_BYTES', 1):
      self.assertEqual(
        _names(owls, 'train'),
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
  )
  def test_refuses_datasets(self, name: str, message: str) -> None:
    with self.assertRaisesRegex(ValueError, message) as caught:
      self._open(name=name)
    self.assertNotIn('\n', str(caught.exception))
    self.assertLess(len(str(caught.exception)), 700)

  @parameterized.parameters(
    (('val',), "unknown split 'val' of dataset 'tiny_owls'; it has .*train"),
    (('train', 'val'), "unknown split 'val'"),
    (('train[',), "unknown split 'train\\['"),
    (('train[:90%', 'test'), 'unknown split'),
    (('train[3:3]',), "split 'train\\[3:3\\]' .* has no examples"),
  )
  def test_refuses_splits(self, splits: List[str], message: str) -> None:
    with self.assertRaisesRegex(ValueError, message) as caught:
      self._open(*splits)
    self.assertNotIn('\n', str(caught.exception))

  def test_names_the_splits_if_none_is_for_evaluation(self) -> None:
    with mock.patch.object(dataset, 'EVAL_SPLITS', ('dev',)):
      with self.assertRaisesRegex(
        ValueError, "dataset 'tiny_owls' has no split dev; .*: test, train$"
      ):
        self._open()

  def test_asks_for_files(self) -> None:
    with self.assertRaisesRegex(
      FileNotFoundError,
      '--manual_dir is missing: the files that TFDS asks for; .*'
      r'\(Ask the owls, in person\)',
    ):
      self._open(name='tiny_manual_owls')

  def test_names_a_folder_that_cannot_be_written(self) -> None:
    file = self.create_tempfile().full_path
    with self.assertRaisesRegex(
      OSError, f"cannot prepare dataset 'tiny_owls' in '{file}/x': "
    ) as caught:
      datasets.open_dataset('tiny_owls', f'{file}/x')
    self.assertNotIn('\n', str(caught.exception))

  def test_says_that_tfds_is_broken(self) -> None:
    broken = {'tensorflow_datasets': types.ModuleType('tensorflow_datasets')}
    with mock.patch.dict(sys.modules, broken):
      with self.assertRaisesRegex(ImportError, "installed, but .*'pip check'"):
        self._open()

  def test_a_folder_of_pictures_needs_a_folder(self) -> None:
    with self.assertRaisesRegex(ValueError, "'image_folder' needs .*data_dir"):
      datasets.open_dataset('image_folder')

  def test_opens_a_folder_of_pictures(self) -> None:
    root = self.create_tempdir()
    data_files.write_pictures(
      Path(root.full_path), {'a/owl': 2, 'b/owl': 1, 'b/auk': 3}
    )
    owls = datasets.open_dataset(
      'image_folder', root.full_path, train_split='b', eval_split='a'
    )
    self.assertEqual((owls.num_train, owls.num_eval), (4, 2))


if __name__ == '__main__':
  absltest.main()
