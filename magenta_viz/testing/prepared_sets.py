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

"""Small sets of tensorflow_datasets (TFDS), for tests of how they are read."""

from typing import (
  Any,
  ClassVar,
  ContextManager,
  Dict,
  Iterator,
  Optional,
  Tuple,
)
from unittest import mock

import tensorflow as tf
import tensorflow_datasets as tfds

from magenta_viz.testing import data_files


def offline() -> ContextManager[Any]:
  """Lets TFDS not look on the net for what it is to prepare."""
  # Before 4.9 it asks for sizes there, and then for room for them.
  return mock.patch(
    'tensorflow_datasets.core.utils.gcs_utils.exists', return_value=False
  )


class Owls(tfds.core.GeneratorBasedBuilder):
  """Pictures of two classes, with a mask that nobody asks for."""

  VERSION = tfds.core.Version('1.2.0')
  MANUAL_DOWNLOAD_INSTRUCTIONS: Optional[str] = None
  DESCRIPTION = 'Owls.'
  SIZES: ClassVar[Dict[str, int]] = {'train': 7, 'test': 4}

  def features(self) -> Dict[str, Any]:
    """Returns TFDS's features of an example, by their names."""
    return {
      'image': tfds.features.Image(shape=(6, 8, 3), encoding_format='png'),
      'mask': tfds.features.Image(shape=(None, None, 1)),
      'label': tfds.features.ClassLabel(names=['owlet', 'owl']),
    }

  def example(self, index: int) -> Dict[str, Any]:
    """Returns an example, whose picture is `data_files.encode(index)`."""
    picture = tf.io.decode_png(data_files.encode(index)).numpy()
    return {'image': picture, 'mask': picture[:, :, :1], 'label': index % 2}

  def _info(self) -> tfds.core.DatasetInfo:
    features = tfds.features.FeaturesDict(self.features())
    return tfds.core.DatasetInfo(
      builder=self, description=self.DESCRIPTION, features=features
    )

  def _split_generators(self, dl_manager: Any) -> Dict[str, Any]:
    return {split: self._generate_examples(split) for split in self.SIZES}

  def _generate_examples(self, split: str) -> Iterator[Tuple[int, Any]]:
    for index in range(self.SIZES[split]):
      yield index, self.example(index)
