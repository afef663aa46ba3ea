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

"""A folder of pictures as a data set.

The pictures lie in `FOLDER/SPLIT/CLASS/` as for `tfds.ImageFolder`, or in
`FOLDER/CLASS/` and are divided here. It does not read through
`tfds.ImageFolder`, whose shuffling takes no seed and which has no shards.
"""

import os
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.data import dataset
from magenta_viz.data import picture_heads
from magenta_viz.media import decoding

NAME = 'image_folder'

# Pictures that are not read. Other files, such as lists, are passed over.
_REFUSED_ENDINGS = ('.avif', '.heic', '.heif', '.jp2', '.jxl')

# The share of each class that is evaluated on, of a folder without splits.
_EVAL_SHARE = 0.2


class _Picture(NamedTuple):
  """A file: its path inside the folder, with '/', and its size in bytes."""

  path: str
  num_bytes: int


# Of each class, its pictures in the order of their names.
_Classes = Dict[str, List[_Picture]]


def open_folder(
  folder: str,
  train_split: str = 'train',
  eval_split: Optional[str] = None,
  split_seed: int = 0,
) -> dataset.Dataset:
  """Opens a folder of pictures, with the endings `decoding.ENDINGS`.

  Without splits, a fifth of each class, one picture at least and never all,
  goes to the split 'eval' and the others to 'train'. The seed and the path
  inside the folder decide each picture's place alone, so pictures that are
  added later leave the others where they are, in classes of some size.

  Args:
    folder: Path of the folder: of `SPLIT/CLASS/*.jpg` or of `CLASS/*.jpg`.
      Names that begin with '.' are passed over, and so are other files.
    train_split: Folder of the pictures to train with.
    eval_split: Folder of the pictures to evaluate on; None for the first there
      is of 'validation', 'val', 'test' and 'eval'.
    split_seed: Seed of the division, where there are no splits.

  Returns:
    The data set. Its classes have the names of their folders, sorted; splits
    other than the two do not matter.

  Raises:
    ValueError: If the folder has another structure, no such split, a class
      without pictures, or pictures in formats that are not read.
    FileNotFoundError: If there is no such folder.
    OSError: If it cannot be read.
  """
  # Leaves the '~' of an unknown user as it is, where pathlib would raise a
  # RuntimeError.
  root = os.path.abspath(os.path.expanduser(folder))
  split_folders = _split_folders(root)
  splits = split_folders or dataset.SPLITS
  if eval_split is None:
    eval_split = dataset.choose_eval_split(f"image folder '{root}'", splits)
  for split in (train_split, eval_split):
    if split not in splits:
      raise ValueError(
        f"unknown split '{split}' of the image folder '{root}'; it has"
        f' {", ".join(splits)}'
      )
  if split_folders:
    train = _scan_classes(root, train_split)
    evaluation = _scan_classes(root, eval_split)
  else:
    parts = _divide(root, _scan_classes(root, ''), split_seed)
    train, evaluation = parts[train_split], parts[eval_split]
  class_names = tuple(sorted({*train, *evaluation}))
  for name in class_names:
    if name not in train:
      raise ValueError(
        f"class '{name}' of '{root}' has no pictures in '{train_split}'; put"
        f" some there, or take it out of '{eval_split}'"
      )
  return _dataset(root, class_names, {'train': train, 'eval': evaluation})


def _dataset(
  root: str, class_names: Tuple[str, ...], parts: Dict[str, _Classes]
) -> dataset.Dataset:
  """Returns the data set of what was found.

  Args:
    root: Absolute path of the folder.
    class_names: Names of all classes, sorted.
    parts: The pictures of each of `dataset.SPLITS`.
  """
  files = {
    split: [
      (picture, class_id)
      for class_id, name in enumerate(class_names)
      for picture in classes.get(name, ())
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
    name=NAME,
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


def _split_folders(root: str) -> Tuple[str, ...]:
  """Returns the names of the splits; nothing of a folder without splits.

  Raises:
    ValueError: If it has neither structure, or both.
    OSError: If it cannot be read.
  """
  deep = []
  flat = []
  for name in _list(root)[0]:
    folders, pictures = _list(root, name)
    if folders:
      deep.append(name)
    if pictures:
      flat.append(name)
  if deep and flat:
    raise ValueError(
      f"'{root}' has pictures in '{flat[0]}' and folders in '{deep[0]}'; have"
      ' either a folder for each class, or one for each split with the'
      " classes' folders in it"
    )
  if not deep and not flat:
    raise FileNotFoundError(
      f"there are no pictures in folders of '{root}'; put each class's"
      f' pictures ({", ".join(decoding.ENDINGS)}) into a folder with its name'
    )
  return tuple(deep)


def _scan_classes(root: str, split: str) -> _Classes:
  """Returns the pictures of every class folder.

  Args:
    root: Path of the whole folder.
    split: Folder of the split inside it; '' if there are no splits.

  Raises:
    ValueError: If a class has no pictures.
    OSError: If a folder cannot be read.
  """
  classes = {}
  for name in _list(root, split)[0]:
    path = f'{split}/{name}' if split else name
    _, classes[name] = _list(root, path)
    if not classes[name]:
      raise ValueError(
        f"class '{name}' has no pictures in '{os.path.join(root, path)}'; put"
        ' some there, or remove the folder'
      )
  return classes


def _divide(root: str, classes: _Classes, seed: int) -> Dict[str, _Classes]:
  """Divides each class into pictures to train with and to evaluate on.

  Returns:
    The pictures of each of `dataset.SPLITS`.

  Raises:
    ValueError: If a class has one picture only.
  """
  parts: Dict[str, _Classes] = {split: {} for split in dataset.SPLITS}
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


def _list(root: str, inner: str = '') -> Tuple[Sequence[str], List[_Picture]]:
  """Lists a folder: the names of its folders, and its pictures, both sorted.

  Raises:
    ValueError: If a picture is in a format that is not read.
    OSError: If it cannot be read.
  """
  path = os.path.join(root, inner) if inner else root
  folders = []
  pictures = []
  try:
    with os.scandir(path) as entries:
      for entry in sorted(entries, key=lambda entry: entry.name):
        ending = os.path.splitext(entry.name)[1].lower()
        if entry.name.startswith('.'):
          continue
        if entry.is_dir():
          folders.append(entry.name)
        elif ending in decoding.ENDINGS:
          inner_path = f'{inner}/{entry.name}' if inner else entry.name
          pictures.append(_Picture(inner_path, entry.stat().st_size))
        elif ending in _REFUSED_ENDINGS:
          raise ValueError(
            f"'{entry.path}' is in a format that is not read; save it as PNG"
            ' or JPEG, or remove it'
          )
  except OSError as error:
    raise type(error)(
      f"cannot read the image folder '{path}': {error.strerror or error};"
      ' give --data_dir a folder with a folder of pictures for each class'
    ) from error
  return folders, pictures
