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

"""What a set of labelled pictures is to the rest of the package."""

import dataclasses
import hashlib
from typing import Any, Callable, Mapping, NamedTuple, Optional, Sequence, Tuple

import tensorflow as tf

# The splits by their use, whatever their names in the set itself.
SPLITS = ('train', 'eval')

# Where to evaluate if the user does not say, the best first.
EVAL_SPLITS = ('validation', 'val', 'test', 'eval')


class Example(NamedTuple):
  """A picture and its class.

  Attributes:
    data: Scalar string, the bytes of a picture's file, for `decoding.decode`.
    label: Scalar int32, the class id, counted from 0 in `Dataset.class_names`.
    name: Scalar string that tells the picture from the others of its split,
      for messages: the path of its file inside the folder, or the name that
      the set itself or TFDS gives it.
  """

  data: Any
  label: Any
  name: Any


# (split, seed of the order, shard, num_shards, start) -> examples. The split
# is one of `SPLITS`, and the seed is None for pictures in their fixed order.
Reader = Callable[[str, Optional[int], int, int, int], tf.data.Dataset]


@dataclasses.dataclass(frozen=True)
class Dataset:
  """Pictures with classes, to train with and to evaluate on.

  Attributes:
    name: What it is, with its version: 'imagenet2012:5.1.0', 'image_folder'.
    version: Version of the data; of a folder, the start of its fingerprint.
    class_names: Names of the classes, in the order of their ids.
    num_train: Number of pictures to train with.
    num_eval: Number of pictures to evaluate on.
    fingerprint: Hexadecimal SHA-256 that changes with the data and with what
      is taken of them for which use; pictures are not read for it.
    reader: Reads the examples, for `examples`.
    find_damaged: Takes 'train' or 'eval' and returns the reasons why pictures
      cannot be read, by `Example.name`, as far as a look at the heads of their
      files tells; of a set of TFDS it does not look. Raises ValueError if
      there is what is no picture at all.
  """

  name: str
  version: str
  class_names: Tuple[str, ...]
  num_train: int
  num_eval: int
  fingerprint: str
  reader: Reader = dataclasses.field(repr=False, compare=False)
  find_damaged: Callable[[str], Mapping[str, str]] = dataclasses.field(
    default=lambda split: {}, repr=False, compare=False
  )

  def examples(
    self,
    split: str,
    seed: int,
    epoch: int,
    shard: int = 0,
    num_shards: int = 1,
    start: int = 0,
  ) -> tf.data.Dataset:
    """Reads one epoch, as bytes: pictures are not decoded here.

    'train' comes in an order of its own for every seed and epoch, 'eval'
    always in the same. The same arguments give the same examples in the same
    order, if `tf.random.set_seed` was called with the same seed or not at all.

    Args:
      split: 'train' or 'eval'.
      seed: Seed of the order.
      epoch: Which epoch, counted from 0; it matters to 'train' only.
      shard: Which share of the split to read, counted from 0. The shares have
        no example in common, are all of the split together, and differ by one
        example at most in their number.
      num_shards: Number of shares.
      start: Number of the share's examples to leave out at the beginning, as
        they were seen before a run was interrupted. It gives what `skip` of
        tf.data gives; of a folder, without reading them.

    Returns:
      A finite tf.data.Dataset of `Example`.

    Raises:
      ValueError: If there is no such split or share, or a number is negative.
    """
    if split not in SPLITS:
      raise ValueError(f"unknown split '{split}'; take 'train' or 'eval'")
    _check_shard(shard, num_shards)
    if epoch < 0 or start < 0:
      raise ValueError(
        f'epoch is {epoch} and start is {start}; both must be 0 or more'
      )
    order_seed = _order_seed(seed, epoch) if split == 'train' else None
    return self.reader(split, order_seed, shard, num_shards, start)


def choose_eval_split(what: str, splits: Sequence[str]) -> str:
  """Returns the split to evaluate on if the user does not say.

  Args:
    what: What has the splits, for the message.
    splits: Names of the splits that there are.

  Raises:
    ValueError: If none of them is for evaluation by its name.
  """
  for split in EVAL_SPLITS:
    if split in splits:
      return split
  raise ValueError(
    f'{what} has no split {", ".join(EVAL_SPLITS)}; name one to evaluate on'
    f' with --eval_split: {", ".join(splits)}'
  )


def shard_bounds(num_examples: int, shard: int, num_shards: int) -> range:
  """Returns the places of one of several equal shares, which lie side by side.

  The first `num_examples % num_shards` shares have one example more.

  Raises:
    ValueError: If there is no such share.
  """
  _check_shard(shard, num_shards)
  size, rest = divmod(num_examples, num_shards)
  first = shard * size + min(shard, rest)
  return range(first, first + size + (shard < rest))


def _check_shard(shard: int, num_shards: int) -> None:
  """Raises ValueError if there is no such share."""
  if not 0 <= shard < num_shards:
    raise ValueError(
      f'there is no shard {shard} of {num_shards}; shards are counted from 0,'
      ' and there is one at least'
    )


def sha256(text: str) -> str:
  """Returns the hexadecimal SHA-256 of a text; file names may be in it."""
  return hashlib.sha256(text.encode('utf-8', 'surrogateescape')).hexdigest()


def _order_seed(seed: int, epoch: int) -> int:
  """Returns the seed of an epoch's order.

  Hashed, so that epoch 1 of seed 0 is not epoch 0 of seed 1. It has 31 bits:
  TensorFlow and numpy both take them.
  """
  return int(sha256(f'{seed} {epoch}')[:8], 16) >> 1
