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

"""A data set of picture files, of which each belongs to a class."""

import os
from typing import Dict, List, NamedTuple, Optional, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.data import dataset
from magenta_viz.data import picture_heads

# The share of each class that is evaluated on, of a folder without splits.
_EVAL_SHARE = 0.2


class Picture(NamedTuple):
  """A file: its path inside the folder, with '/', and its size in bytes."""

  path: str
  num_bytes: int


# Of each class, its pictures in the order of their names.
Classes = Dict[str, List[Picture]]


def divide(root: str, classes: Classes, seed: int) -> Dict[str, Classes]:
  """Divides each class into pictures to train with and to evaluate on.

  Args:
    root: Absolute path of the folder.
    classes: Their pictures.
    seed: Decides with each picture's path where it goes.

  Returns:
    The pictures of each of `dataset.SPLITS`.

  Raises:
    ValueError: If a class has one picture only.
  """
  parts: Dict[str, Classes] = {split: {} for split in dataset.SPLITS}
  for name, pictures in classes.items():
    if len(pictures) < 2:
      raise ValueError(
        f"class '{name}' of '{root}' has one picture; it needs two, to train"
        ' with one and evaluate on the other'
      )
    # Evenly spread numbers in [0, 1), from the hash's first 32 bits.
    places = [
      int(dataset.sha256(f'{seed}/{picture.path}')[:8], 16) / 2**32
      for picture in pictures
    ]
    # Of a class so small that chance would leave a side empty, the one with
    # the lowest or highest number goes there.
    bound = np.clip(_EVAL_SHARE, min(places), np.nextafter(max(places), 0.0))
    for split, is_eval in zip(dataset.SPLITS, (False, True)):
      parts[split][name] = [
        picture
        for picture, place in zip(pictures, places)
        if (place <= bound) == is_eval
      ]
  return parts


def make_dataset(
  name: str,
  root: str,
  class_names: Tuple[str, ...],
  parts: Dict[str, Classes],
) -> dataset.Dataset:
  """Returns the data set of what was found.

  Args:
    name: What the set is called.
    root: Absolute path of the folder.
    class_names: Names of all classes, in the order of their ids.
    parts: The pictures of each of `dataset.SPLITS`.
  """
  files = {
    split: [
      (picture, class_id)
      for class_id, class_name in enumerate(class_names)
      for picture in classes.get(class_name, ())
    ]
    for split, classes in parts.items()
  }
  lines = [
    f'{split} {picture.num_bytes} {picture.path}'
    for split, pictures in files.items()
    for picture, _ in pictures
  ]
  fingerprint = dataset.sha256('\n'.join([*class_names, *lines]))
  paths = {
    split: np.array([os.fsencode(picture.path) for picture, _ in pictures])
    for split, pictures in files.items()
  }
  labels = {
    split: np.array([class_id for _, class_id in pictures], np.int32)
    for split, pictures in files.items()
  }

  def read(
    split: str,
    order_seed: Optional[int],
    shard: int,
    num_shards: int,
    start: int,
  ) -> tf.data.Dataset:
    """Reads examples, as `dataset.Reader`; see `_read`."""
    order = np.arange(len(paths[split]))
    if order_seed is not None:
      # numpy keeps the numbers of RandomState the same in all versions.
      np.random.RandomState(order_seed).shuffle(order)
    share = order[shard::num_shards][start:]
    return _read(root, paths[split][share], labels[split][share])

  return dataset.Dataset(
    name=name,
    version=fingerprint[:12],
    class_names=class_names,
    num_train=len(paths['train']),
    num_eval=len(paths['eval']),
    fingerprint=fingerprint,
    reader=read,
    find_damaged=lambda split: picture_heads.find_damaged(
      root, [picture.path for picture, _ in files[split]]
    ),
  )


def _read(root: str, paths: np.ndarray, labels: np.ndarray) -> tf.data.Dataset:
  """Returns the examples of some files, in their order.

  Args:
    root: Absolute path of the folder.
    paths: [n] bytes, paths inside the folder.
    labels: [n] int32.
  """
  prefix = os.fsencode(os.path.join(root, ''))

  def load(path: tf.Tensor, label: tf.Tensor) -> dataset.Example:
    data = tf.io.read_file(tf.strings.join([prefix, path]))
    return dataset.Example(data, label, path)

  # The file names alone are shuffled, so the order costs no memory.
  files = tf.data.Dataset.from_tensor_slices((paths, labels))
  return files.map(load, num_parallel_calls=tf.data.AUTOTUNE)
