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

"""Pictures and archives for the tests of data sets."""

import io
import itertools
from pathlib import Path
import tarfile
from typing import Any, List, Mapping, Tuple

from absl.testing import absltest
import numpy as np
from PIL import Image
import tensorflow as tf

from magenta_viz.data import dataset


def encode(value: int, image_format: str = 'PNG') -> bytes:
  """Returns the file of a noisy picture, 6 x 8 pixels, another for each value.

  Args:
    value: From 0 to 255.
    image_format: Pillow's name of the format.
  """
  noise = np.random.RandomState(value).randint(0, 256, (6, 8, 3), np.uint8)
  return to_file(Image.fromarray(noise), image_format)


def to_file(image: Image.Image, image_format: str, **settings: Any) -> bytes:
  """Returns the file of a picture, with Pillow's settings of its format."""
  file = io.BytesIO()
  image.save(file, image_format, **settings)
  return file.getvalue()


def write_pictures(folder: Path, num_of_class: Mapping[str, int]) -> None:
  """Writes `CLASS/0.jpg`, `CLASS/1.png`, ... for each class."""
  for offset, (name, number) in enumerate(num_of_class.items()):
    (folder / name).mkdir(parents=True)
    for i in range(number):
      ending, image_format = (('jpg', 'JPEG'), ('png', 'PNG'))[i % 2]
      path = folder / name / f'{i}.{ending}'
      path.write_bytes(encode(10 * offset + i, image_format))


def write_imagenet(
  folder: Path, num_of_wnid: Mapping[str, int], num_validation: int
) -> None:
  """Writes ImageNet's two archives, as its site gives them, but small.

  Args:
    folder: Folder to write them to.
    num_of_wnid: Number of training pictures of each WordNet id.
    num_validation: Number of validation pictures.
  """
  inner = {}
  for offset, (wnid, number) in enumerate(num_of_wnid.items()):
    files = {
      f'{wnid}_{i + 1}.JPEG': encode(10 * offset + i, 'JPEG')
      for i in range(number)
    }
    inner[f'{wnid}.tar'] = _tar(files)
  (folder / 'ILSVRC2012_img_train.tar').write_bytes(_tar(inner))
  validation = {
    f'ILSVRC2012_val_{i + 1:08}.JPEG': encode(100 + i, 'JPEG')
    for i in range(num_validation)
  }
  (folder / 'ILSVRC2012_img_val.tar').write_bytes(_tar(validation))


def read(examples: tf.data.Dataset) -> List[Tuple[bytes, int, str]]:
  """Returns the data, label and name of all examples."""
  return [
    (example.data, int(example.label), example.name.decode())
    for example in examples.as_numpy_iterator()
  ]


def names(source: dataset.Dataset, split: str, **order: int) -> List[str]:
  """Returns the examples' names, of seed 0 and epoch 0 where not told."""
  examples = source.examples(split, **{'seed': 0, 'epoch': 0, **order})
  return [name for _, _, name in read(examples)]


def check_reading(test: absltest.TestCase, source: dataset.Dataset) -> None:
  """Checks what all sets promise: of orders, of shares and of the middle.

  Args:
    test: The test.
    source: A set with seven pictures to train with or more.
  """
  first, evaluation = names(source, 'train'), names(source, 'eval')
  test.assertLen(set(first), source.num_train)
  test.assertLen(set(evaluation), source.num_eval)
  orders = {tuple(first)}
  for seed, epoch in ((0, 1), (0, 2), (1, 0), (1, 1)):
    other = names(source, 'train', seed=seed, epoch=epoch)
    test.assertCountEqual(other, first)
    orders.add(tuple(other))
  test.assertLen(orders, 5)
  test.assertEqual(names(source, 'eval', seed=3, epoch=4), evaluation)
  examples = source.examples('train', 0, 0)
  for _ in range(2):
    test.assertEqual([name for _, _, name in read(examples)], first)
  for start in (0, 3, len(first), len(first) + 1):
    test.assertEqual(names(source, 'train', start=start), first[start:])
  # Of nine and of five, some may have no examples.
  for split, num_shards in (('train', 3), ('train', 9), ('eval', 5)):
    shares = [
      names(source, split, epoch=2, shard=shard, num_shards=num_shards)
      for shard in range(num_shards)
    ]
    test.assertCountEqual(
      itertools.chain(*shares), names(source, split, epoch=2)
    )
    sizes = [len(share) for share in shares]
    test.assertLessEqual(max(sizes) - min(sizes), 1)


def _tar(files: Mapping[str, bytes]) -> bytes:
  """Returns an archive of some files."""
  archive = io.BytesIO()
  with tarfile.open(fileobj=archive, mode='w') as tar:
    for name, data in files.items():
      info = tarfile.TarInfo(name)
      info.size = len(data)
      tar.addfile(info, io.BytesIO(data))
  return archive.getvalue()
