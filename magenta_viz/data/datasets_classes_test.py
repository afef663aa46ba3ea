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

"""Tests for datasets: the classes that a training may have."""

from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import tensorflow as tf
import tensorflow_datasets as tfds

from magenta_viz.data import datasets
from magenta_viz.data import image_folder
from magenta_viz.testing import data_files


class TinyLoneOwls(tfds.core.GeneratorBasedBuilder):
  """One class, of which there is nothing to learn."""

  VERSION = tfds.core.Version('1.2.0')

  def _info(self) -> tfds.core.DatasetInfo:
    return tfds.core.DatasetInfo(
      builder=self,
      description='Owls.',
      features=tfds.features.FeaturesDict(
        {
          'image': tfds.features.Image(shape=(6, 8, 3)),
          'label': tfds.features.ClassLabel(names=['owl']),
        }
      ),
    )

  def _split_generators(self, dl_manager: Any) -> Dict[str, Any]:
    return {split: self._generate_examples() for split in ('train', 'test')}

  def _generate_examples(self) -> Iterator[Tuple[int, Any]]:
    picture = tf.io.decode_png(data_files.encode(0)).numpy()
    yield 0, {'image': picture, 'label': 'owl'}


class ClassesTest(parameterized.TestCase):
  @parameterized.parameters(
    (['owl'], r"image folder '.*' has 1 class \(owl\), and there is nothing"),
    (['owl', 'a\nb'], r"class 'a\\nb' of .* has a line break, control"),
    (['owl', 'Auk', 'auk'], "classes 'Auk' and 'auk' of .* cannot be told"),
    (['owl', 'x' * 151], "class 'x{60} ...' .* has a name of 151 bytes; pic"),
  )
  def test_looks_at_the_names_of_classes(
    self, names: List[str], message: str
  ) -> None:
    root = self.create_tempdir().full_path
    data_files.write_pictures(Path(root), dict.fromkeys(names, 2))
    with self.assertRaisesRegex(ValueError, message) as caught:
      datasets.open_dataset('image_folder', root)
    self.assertNotIn('\n', str(caught.exception))
    # What began before that was looked at goes on.
    opened = image_folder.open_folder(root)
    again = datasets.open_dataset(
      'image_folder', root, fingerprint=opened.fingerprint
    )
    self.assertEqual(again, opened)

  def test_refuses_a_prepared_set_of_one_class(self) -> None:
    with self.assertRaisesRegex(
      ValueError, r"dataset 'tiny_lone_owls' has 1 class \(owl\), and"
    ):
      datasets.open_dataset('tiny_lone_owls', self.create_tempdir().full_path)


if __name__ == '__main__':
  absltest.main()
