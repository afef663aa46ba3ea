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

"""The classification sets of tensorflow_datasets (TFDS)."""

import dataclasses
import functools
import os
from typing import Any, Mapping, Optional, Sequence, Tuple

import tensorflow as tf

from magenta_viz.data import dataset
from magenta_viz.data import preparation
from magenta_viz.models import imagenet_classes

# Memory for the shuffle buffer of the training pictures, in bytes. It holds
# some 2,300 of ImageNet's, and all of sets such as CIFAR-10.
_SHUFFLE_BYTES = 256 * 2**20

# SHA-256 of ILSVRC-2012's 1000 WordNet ids, sorted, with '\n' between: TFDS's
# labels.txt of imagenet2012. ILSVRC's class ids are in the same order.
_ILSVRC_WNIDS = (
  '385e0240499426c022b773be1ae4da780f057b89c9694c7f47199f62746b6edd'
)


@dataclasses.dataclass(frozen=True)
class _Columns:
  """The features of an example that are read.

  Attributes:
    image: Name of the picture.
    label: Name of its class.
    file_name: Name of its file's name; None if there is none.
  """

  image: str
  label: str
  file_name: Optional[str]


def open_prepared(
  name: str,
  data_dir: Optional[str] = None,
  manual_dir: Optional[str] = None,
  train_split: str = 'train',
  eval_split: Optional[str] = None,
  others: Sequence[str] = (),
) -> dataset.Dataset:
  """Opens a set of TFDS, and prepares it where it is not.

  Pictures to train with are shuffled by their files and in a buffer of 256
  MiB. The classes of ImageNet have their names of `imagenet_classes`, other
  sets those that TFDS gives.

  Args:
    name: 'cifar10', 'name/config', 'name:version' or 'name/config:version'.
    data_dir: Where prepared data are; None for '~/tensorflow_datasets'.
    manual_dir: Folder of files that cannot be downloaded.
    train_split: Split to train with, such as 'train' or 'train[:90%]'.
    eval_split: Split to evaluate on; None for the first there is of
      'validation', 'val', 'test' and 'eval'.
    others: Names of sets that are not TFDS's, for messages.

  Returns:
    The data set.

  Raises:
    ValueError: If there is no such set or split, or the set has no single
      class for each picture.
    FileNotFoundError: If files of `manual_dir` are missing.
    OSError: If the data cannot be downloaded, prepared or read.
    ImportError: If TFDS cannot be imported.
  """
  builder = preparation.find_builder(name, data_dir, others)
  columns = _find_columns(name, builder.info.features)
  if not tf.io.gfile.exists(os.fspath(builder.data_dir)):
    preparation.prepare(name, builder, manual_dir)
  # Some sets know the names of their classes only when they are prepared.
  class_names = tuple(builder.info.features[columns.label].names or ())
  if dataset.sha256('\n'.join(class_names)) == _ILSVRC_WNIDS:
    class_names = imagenet_classes.load_class_names()
  splits = builder.info.splits
  if eval_split is None:
    eval_split = dataset.choose_eval_split(f"dataset '{name}'", sorted(splits))
  counts = [
    _count(name, builder.info, split) for split in (train_split, eval_split)
  ]
  *base, version = builder.info.full_name.split('/')
  full_name = f'{"/".join(base)}:{version}'
  # Text of plain types: TFDS's own differ before and after the first reading.
  sizes = [f'{key} {[*splits[key].shard_lengths]}' for key in sorted(splits)]
  return dataset.Dataset(
    name=full_name,
    version=version,
    class_names=class_names,
    num_train=counts[0],
    num_eval=counts[1],
    fingerprint=dataset.sha256(
      f'{full_name} {train_split} {eval_split} {sizes}'
    ),
    reader=functools.partial(
      _read, builder, columns, {'train': train_split, 'eval': eval_split}
    ),
  )


def _find_columns(name: str, features: Any) -> _Columns:
  """Finds the picture and the class among the features of a set.

  Raises:
    ValueError: If there is not one of each.
  """
  import tensorflow_datasets as tfds

  columns = dict(features) if hasattr(features, 'keys') else {}
  images = [
    key
    for key, feature in columns.items()
    if isinstance(feature, tfds.features.Image) and _dtype(feature).is_integer
  ]
  labels = [
    key
    for key, feature in columns.items()
    if isinstance(feature, tfds.features.ClassLabel)
  ]
  image = _choose(images, 'image')
  label = _choose(labels, 'label')
  if image is None or label is None:
    raise ValueError(
      f"dataset '{name}' is not for classification: it needs a picture and a"
      f' class in each example, and has {", ".join(columns) or "neither"}'
    )
  file_names = [
    key
    for key, feature in columns.items()
    if isinstance(feature, tfds.features.Text)
    and key.endswith(('filename', 'file_name'))
  ]
  return _Columns(image, label, next(iter(file_names), None))


def _dtype(feature: Any) -> tf.DType:
  """Returns the type of a feature's values."""
  info = feature.get_tensor_info()
  # TFDS has had `np_dtype` since 4.7, and warns of the other.
  return tf.as_dtype(getattr(info, 'np_dtype', None) or info.dtype)


def _choose(keys: Sequence[str], usual: str) -> Optional[str]:
  """Returns the usual key if it is there, else the only one, else None."""
  if usual in keys:
    return usual
  return keys[0] if len(keys) == 1 else None


def _count(name: str, info: Any, split: str) -> int:
  """Returns the number of examples in a split.

  Raises:
    ValueError: If there is no such split, or nothing in it.
  """
  try:
    count = info.splits[split].num_examples
  except (AssertionError, KeyError, ValueError) as error:
    raise ValueError(
      f"unknown split '{split}' of dataset '{name}'; it has "
      f"{', '.join(sorted(info.splits))}; parts are written as 'train[:90%]'"
    ) from error
  if count < 1:
    raise ValueError(
      f"split '{split}' of dataset '{name}' has no examples; take more of it"
    )
  return count


def _read(
  builder: Any,
  columns: _Columns,
  splits: Mapping[str, str],
  split: str,
  order_seed: Optional[int],
  shard: int,
  num_shards: int,
  start: int,
) -> tf.data.Dataset:
  """Reads examples, as `dataset.Reader`.

  Args:
    builder: Of a prepared set.
    columns: What to read of it.
    splits: TFDS's splits that stand for `dataset.SPLITS`.
    split: As in `dataset.Reader`, like the rest.
    order_seed: Seed of the order; None for the order of the files.
    shard: Which share.
    num_shards: Number of shares.
    start: Number of examples left out at the beginning.
  """
  import tensorflow_datasets as tfds

  shuffled = order_seed is not None
  config = tfds.ReadConfig(
    add_tfds_id=True,
    try_autocache=False,
    shuffle_seed=order_seed,
    shuffle_reshuffle_each_iteration=False,
    # Sets that come in an order of their own are shuffled all the same.
    enable_ordering_guard=False,
    # 16 files at a time is TFDS's own number; one keeps their order.
    interleave_cycle_length=16 if shuffled else 1,
  )
  text = [columns.file_name] if columns.file_name else []
  instruction, count = _share(builder.info, splits[split], shard, num_shards)
  examples = builder.as_dataset(
    split=instruction,
    shuffle_files=shuffled,
    read_config=config,
    # Nothing but these is parsed: masks, for one, would be decoded.
    decoders=tfds.decode.PartialDecoding(
      {key: True for key in (columns.image, columns.label, *text)},
      decoders={columns.image: tfds.decode.SkipDecoding()},
    ),
  ).map(
    lambda example: dataset.Example(
      data=example[columns.image],
      label=tf.cast(example[columns.label], tf.int32),
      name=example[columns.file_name or 'tfds_id'],
    )
  )
  if shuffled:
    info = builder.info
    mean_bytes = max(1, info.dataset_size // info.splits.total_num_examples)
    buffer_size = max(1, min(count, _SHUFFLE_BYTES // mean_bytes))
    examples = examples.shuffle(
      buffer_size, seed=order_seed, reshuffle_each_iteration=False
    )
  return examples.skip(start) if count else examples.take(0)


def _share(
  info: Any, split: str, shard: int, num_shards: int
) -> Tuple[Any, int]:
  """Returns what TFDS is to read for a share, and its number of examples.

  A share too many has 0 examples, and an instruction that reads more than that:
  TFDS knows none that reads nothing.
  `tfds.even_splits` divides each part of 'train+test' for itself, so that
  shares may differ by two.
  """
  import tensorflow_datasets as tfds

  whole = tfds.core.ReadInstruction.from_spec(split)
  bounds = dataset.shard_bounds(
    info.splits[split].num_examples, shard, num_shards
  )
  parts = []
  offset = 0
  for part in whole.to_absolute(info.splits):
    first = part.from_ or 0
    last = part.to
    if last is None:
      last = info.splits[part.splitname].num_examples
    inner = range(first, last)[
      max(0, bounds.start - offset) : max(0, bounds.stop - offset)
    ]
    offset += last - first
    if inner:
      parts.append(
        tfds.core.ReadInstruction(
          part.splitname, from_=inner.start, to=inner.stop, unit='abs'
        )
      )
  if not parts:
    return whole, 0
  return functools.reduce(lambda left, right: left + right, parts), len(bounds)
