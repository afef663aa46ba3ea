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

"""Batches for training and evaluation, from the files of a dataset.

Batches depend on the seed and the step alone: not on the number of threads, nor
on whether the run was interrupted before. A picture that cannot be decoded
keeps its place, as zeros of weight 0, so that the others keep theirs.

What is raised inside of tf.data reaches its reader as TensorFlow's error, with
a traceback in its message; `Corrupt.errors` gives back what was raised:

  corrupt = Corrupt(limit=100)
  dataset = train_batches(..., corrupt=corrupt)
  with corrupt.errors():
    for batch in dataset:
      ...
"""

import itertools
import re
from typing import Generator, Iterator, NamedTuple

import numpy as np
import tensorflow as tf

from magenta_viz.data import corrupt as corrupt_pictures
from magenta_viz.data import dataset
from magenta_viz.data import preprocessing
from magenta_viz.process import tensorflow_modes


class Batch(NamedTuple):
  """Pictures and their classes.

  Attributes:
    images: [batch, size, size, 3] float32 tensor, RGB, in [0, 1].
    labels: [batch] int32 tensor, class ids.
    weights: [batch] float32 tensor: 1, and 0 for what is no picture: corrupt
      ones, and what fills the last batch of an evaluation.
  """

  images: tf.Tensor
  labels: tf.Tensor
  weights: tf.Tensor


class _Example(NamedTuple):
  """An example, and the seed of its preprocessing."""

  data: tf.Tensor
  label: tf.Tensor
  name: tf.Tensor
  seed: tf.Tensor


class _Picture(NamedTuple):
  """An example that was decoded, or was found to be corrupt.

  Attributes:
    image: What the network sees; zeros if it is corrupt.
    is_whole: Whether it is not corrupt.
    example: The example; its data are dropped once they are decoded.
  """

  image: tf.Tensor
  is_whole: tf.Tensor
  example: _Example


_SIGNATURE = _Example(
  tf.TensorSpec([], tf.string),
  tf.TensorSpec([], tf.int32),
  tf.TensorSpec([], tf.string),
  tf.TensorSpec([2], tf.int64),
)


def train_batches(
  source: dataset.Dataset,
  preprocess: preprocessing.Preprocessing,
  batch_size: int,
  seed: int,
  corrupt: corrupt_pictures.Corrupt,
  start_step: int = 0,
  shard: int = 0,
  num_shards: int = 1,
) -> tf.data.Dataset:
  """Makes the batches of a training run, without end.

  Epoch follows epoch without a gap: every batch is full. The same arguments
  give the same batches, bit for bit, and what starts at step k is what starts
  at step 0 from its batch k on; what comes before is not decoded. What is done
  to a picture depends on the seed, the epoch and its place in it.

  Args:
    source: Where the examples come from, of the split 'train'.
    preprocess: What is done to each picture.
    batch_size: Pictures in a batch of this shard.
    seed: Of the examples' order and of the preprocessing, below 2^63.
    corrupt: Counts the pictures that cannot be decoded.
    start_step: The first batch's step.
    shard: Which share of the examples, counted from 0.
    num_shards: Number of shares.

  Returns:
    Dataset of `Batch` of known shapes, to be read within `corrupt.errors`.

  Raises:
    ValueError: If an argument is out of its range, or there are no examples.
  """
  _check(batch_size, start_step)
  places = dataset.shard_bounds(source.num_train, shard, num_shards)
  if not places:
    raise ValueError(
      f'{source.name} has {source.num_train} pictures to train with, and none'
      f' for shard {shard} of {num_shards}; take no more shards than pictures'
    )

  def examples() -> Generator[_Example, None, None]:
    first, start = divmod(start_step * batch_size, len(places))
    for epoch in itertools.count(first):
      rest = source.examples('train', seed, epoch, shard, num_shards, start)
      for place, example in zip(places[start:], rest.as_numpy_iterator()):
        # No epoch has 2^32 pictures: all places of all epochs differ.
        own_seed = np.array([seed, (epoch << 32) + place], np.int64)
        yield _seeded(example, own_seed)
      start = 0

  def generate() -> Iterator[_Example]:
    # In a thread of tf.data, which does as the program around us.
    with corrupt.kept():
      yield from tensorflow_modes.in_tensorflow_2(examples())

  pictures = _pictures(
    tf.data.Dataset.from_generator(generate, output_signature=_SIGNATURE),
    preprocess,
  )
  batches = pictures.batch(batch_size, drop_remainder=True)
  return _checked(batches, preprocess, len(source.class_names), corrupt)


def eval_batches(
  source: dataset.Dataset,
  preprocess: preprocessing.Preprocessing,
  batch_size: int,
  corrupt: corrupt_pictures.Corrupt,
  shard: int = 0,
  num_shards: int = 1,
) -> tf.data.Dataset:
  """Makes the batches of an evaluation: each example once, in a fixed order.

  The last batch is filled with zeros of weight 0. Shards may differ by one
  batch in their number.

  Args:
    source: Where the examples come from, of the split 'eval'.
    preprocess: What is done to each picture.
    batch_size: Pictures in a batch of this shard.
    corrupt: Counts the pictures that cannot be decoded.
    shard: Which share of the examples, counted from 0.
    num_shards: Number of shares.

  Returns:
    Dataset of `Batch` of known shapes, to be read within `corrupt.errors`.

  Raises:
    ValueError: If an argument is out of its range.
  """
  _check(batch_size)
  examples = source.examples('eval', 0, 0, shard, num_shards).map(
    lambda example: _seeded(example, tf.zeros([2], tf.int64))
  )
  batches = _pictures(examples, preprocess).batch(batch_size)
  batches = _checked(batches, preprocess, len(source.class_names), corrupt)
  return batches.map(lambda batch: _filled(batch, batch_size))


def _check(batch_size: int, start_step: int = 0) -> None:
  """Raises ValueError if an argument is out of its range."""
  if batch_size < 1:
    raise ValueError(f'batch_size is {batch_size}; take 1 or more')
  if start_step < 0:
    raise ValueError(f'start_step is {start_step}; take 0 or more')


def _seeded(example: dataset.Example, seed: tf.Tensor) -> _Example:
  """Adds the seed of its preprocessing to an example."""
  return _Example(example.data, example.label, example.name, seed)


def _pictures(
  examples: tf.data.Dataset, preprocess: preprocessing.Preprocessing
) -> tf.data.Dataset:
  """Decodes `_Example`s to as many `_Picture`s, in parallel and in order."""

  def whole(example: _Example) -> _Picture:
    image = preprocess(example.data, example.seed)
    return _Picture(image, tf.constant(True), example._replace(data=''))

  def corrupt(example: _Example) -> _Picture:
    image = tf.zeros([preprocess.size, preprocess.size, 3])
    return _Picture(image, tf.constant(False), example)

  # Of each example, the first that can be had of two pictures. To catch errors
  # in Python instead takes more than twice the processor's time.
  def first(example: _Example) -> tf.data.Dataset:
    given = tf.data.Dataset.from_tensors(example)
    found = _without_errors(given.map(whole))
    return found.concatenate(given.map(corrupt)).take(1)

  return examples.interleave(first, num_parallel_calls=tf.data.AUTOTUNE)


def _without_errors(elements: tf.data.Dataset) -> tf.data.Dataset:
  """Leaves out the elements that cannot be computed."""
  # A method since TensorFlow 2.11, which deprecates the function.
  if hasattr(elements, 'ignore_errors'):
    return elements.ignore_errors()
  return elements.apply(tf.data.experimental.ignore_errors())


def _checked(
  pictures: tf.data.Dataset,
  preprocess: preprocessing.Preprocessing,
  num_classes: int,
  corrupt: corrupt_pictures.Corrupt,
) -> tf.data.Dataset:
  """Makes `Batch`es of batches of `_Picture`, once they were looked at."""

  def check(*batch: tf.Tensor) -> tf.Tensor:
    with corrupt.kept():
      for is_whole, *example in zip(*(part.numpy() for part in batch)):
        _check_picture(
          is_whole, _Example(*example), preprocess, num_classes, corrupt
        )
    return tf.cast(batch[0], tf.float32)

  def finish(batch: _Picture) -> Batch:
    # One batch after the other, so that pictures count in their order.
    looked_at = [batch.is_whole, *batch.example]
    weights = tf.py_function(check, looked_at, tf.float32)
    weights = tf.ensure_shape(weights, batch.is_whole.shape)
    return Batch(batch.image, batch.example.label, weights)

  return pictures.map(finish).prefetch(tf.data.AUTOTUNE)


def _check_picture(
  is_whole: bool,
  example: _Example,
  preprocess: preprocessing.Preprocessing,
  num_classes: int,
  corrupt: corrupt_pictures.Corrupt,
) -> None:
  """Looks at a picture's label, and for the reason if it was not decoded.

  Raises:
    ValueError: If the label is none, or there are too many corrupt pictures.
    RuntimeError: If the picture can be decoded after all.
  """
  name = example.name.decode('utf-8', 'replace')
  if not 0 <= example.label < num_classes:
    raise ValueError(
      f"picture '{name}' has the label {example.label}; the labels of"
      f' {num_classes} classes are from 0 to {num_classes - 1}'
    )
  if is_whole:
    return
  try:
    preprocess(tf.constant(example.data), tf.constant(example.seed))
  # What else there may be, such as no memory, is not the picture's fault.
  except (ValueError, tf.errors.InvalidArgumentError) as error:
    reason = _reason(error)
  else:
    raise RuntimeError(
      f"picture '{name}' was decoded at the second attempt only; see that the"
      ' machine has enough memory'
    )
  corrupt.add(name, reason)


def _reason(error: Exception) -> str:
  """Returns what an error says, in one line without TensorFlow's places."""
  text = re.sub(r'\{\{.*?\}\}|\[Op:.*?\].*', '', str(error))
  return ' '.join(text.split()).rstrip('.')


def _filled(batch: Batch, batch_size: int) -> Batch:
  """Fills a batch with zeros, up to its size."""
  missing = batch_size - tf.shape(batch.labels)[0]

  def fill(values: tf.Tensor) -> tf.Tensor:
    padding = [[0, missing], *([[0, 0]] * (len(values.shape) - 1))]
    return tf.ensure_shape(
      tf.pad(values, padding), [batch_size, *values.shape[1:]]
    )

  return Batch(*map(fill, batch))
