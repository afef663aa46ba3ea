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

"""The batches of each replica of a training, wherever it runs.

Every replica has its own share of the pictures, by its number among all
replicas. So two replicas of one process see what two processes of one replica
see, picture for picture.
"""

from typing import Callable, Iterable, List, Tuple

import tensorflow as tf

from magenta_viz.data import batches
from magenta_viz.data import corrupt as corrupt_pictures
from magenta_viz.data import dataset
from magenta_viz.data import preprocessing

# (size of a batch, shard, num_shards) -> the batches of one replica.
_Shard = Callable[[int, int, int], tf.data.Dataset]


def train_batches(
  strategy: tf.distribute.Strategy,
  source: dataset.Dataset,
  preprocess: preprocessing.Preprocessing,
  batch_size: int,
  seed: int,
  corrupt: corrupt_pictures.Corrupt,
  start_step: int = 0,
) -> Iterable[batches.Batch]:
  """Makes the batches of a training run, without end.

  Replica r of R reads what `data.batches.train_batches` makes for its shard r.

  Args:
    strategy: Whose replicas read.
    source: Where the examples come from, of the split 'train'.
    preprocess: What is done to each picture.
    batch_size: Pictures in a step, of all replicas together.
    seed: Of the examples' order and of the preprocessing, below 2^63.
    corrupt: Counts the pictures that this process cannot decode.
    start_step: The first batch's step.

  Returns:
    Of each step the `Batch` of every replica here, for `strategy.run`, to be
    read within `corrupt.errors`.

  Raises:
    ValueError: If an argument is out of its range, the replicas cannot share
      the batch equally, or there are fewer examples than replicas.
  """

  def read(size: int, shard: int, num_shards: int) -> tf.data.Dataset:
    return batches.train_batches(
      source, preprocess, size, seed, corrupt, start_step, shard, num_shards
    )

  return _distribute(strategy, _per_replica(strategy, batch_size), read)


def eval_batches(
  strategy: tf.distribute.Strategy,
  source: dataset.Dataset,
  preprocess: preprocessing.Preprocessing,
  batch_size: int,
  corrupt: corrupt_pictures.Corrupt,
) -> Tuple[Iterable[batches.Batch], int]:
  """Makes the batches of an evaluation: each example once, on one replica.

  All replicas have the same number of steps, so that they can add up what they
  find after each. What is missing is filled with zeros of weight 0.

  Args:
    strategy: Whose replicas read.
    source: Where the examples come from, of the split 'eval'.
    preprocess: What is done to each picture.
    batch_size: Pictures in a step, of all replicas together.
    corrupt: Counts the pictures that this process cannot decode.

  Returns:
    The batches, as `train_batches` returns them, and the number of steps that
    have all examples. More batches follow, with nothing in them.

  Raises:
    ValueError: If an argument is out of its range, or the replicas cannot share
      the batch equally.
  """

  def read(size: int, shard: int, num_shards: int) -> tf.data.Dataset:
    made = batches.eval_batches(
      source, preprocess, size, corrupt, shard, num_shards
    )
    nothing = batches.Batch(
      tf.zeros([size, preprocess.size, preprocess.size, 3]),
      tf.zeros([size], tf.int32),
      tf.zeros([size]),
    )
    return made.concatenate(tf.data.Dataset.from_tensors(nothing).repeat())

  size = _per_replica(strategy, batch_size)
  # No share is larger than the first.
  share = dataset.shard_bounds(
    source.num_eval, 0, strategy.num_replicas_in_sync
  )
  return _distribute(strategy, size, read), -(-len(share) // size)


def _per_replica(strategy: tf.distribute.Strategy, batch_size: int) -> int:
  """Returns how many pictures of a batch each replica has.

  Raises:
    ValueError: If that would not be as many for each.
  """
  num_replicas = strategy.num_replicas_in_sync
  if batch_size % num_replicas:
    raise ValueError(
      f'batch_size is {batch_size}, of all {num_replicas} replicas together;'
      f' take a multiple of {num_replicas}'
    )
  return batch_size // num_replicas


def _distribute(
  strategy: tf.distribute.Strategy, size: int, read: _Shard
) -> Iterable[batches.Batch]:
  """Gives each replica its share.

  Args:
    strategy: Whose replicas read.
    size: Pictures in a batch of one replica.
    read: Makes the endless batches of one replica.
  """

  def make(context: tf.distribute.InputContext) -> tf.data.Dataset:
    num_shards = context.num_replicas_in_sync
    num_here = num_shards // context.num_input_pipelines
    first = context.input_pipeline_id * num_here
    shards = [
      read(size, shard, num_shards) for shard in range(first, first + num_here)
    ]
    # tf.data cannot tell that a generator is endless; not knowing, several
    # workers would ask each other before every step whether there is more.
    return _in_turn(shards).apply(
      tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY)
    )

  return strategy.distribute_datasets_from_function(make)


def _in_turn(shards: List[tf.data.Dataset]) -> tf.data.Dataset:
  """Returns the batches of all shards by turns.

  The strategy hands one batch after the other to one replica after the other.
  Each shard is prefetched, so they are decoded side by side.
  """
  if len(shards) == 1:
    return shards[0]
  turns = tf.data.Dataset.range(len(shards)).repeat()
  return tf.data.Dataset.choose_from_datasets(shards, turns)
