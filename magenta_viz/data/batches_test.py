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

"""Tests for batches."""

import itertools
from typing import Any, Dict, List, Optional, Sequence
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.data import batches
from magenta_viz.data import corrupt
from magenta_viz.data import dataset
from magenta_viz.data import preprocessing

# The colours' graph takes longest to build, and has tests of its own.
_TRAIN = preprocessing.Preprocessing(8, is_training=True, distort_colour=False)
_EVAL = preprocessing.Preprocessing(8, is_training=False)


def _jpeg(label: int) -> bytes:
  pixels = np.random.RandomState(label).randint(0, 256, (20 + label, 30, 3))
  return tf.io.encode_jpeg(pixels.astype(np.uint8)).numpy()


def _source(
  files: Sequence[bytes], labels: Optional[Sequence[int]] = None
) -> dataset.Dataset:
  """Makes a set whose pictures are of a class each, unless told."""
  num = len(files)
  each = np.arange(num) if labels is None else np.array(labels)

  def read(
    split: str, seed: Optional[int], shard: int, num_shards: int, start: int
  ) -> tf.data.Dataset:
    del split
    order = np.arange(num)
    if seed is not None:
      np.random.RandomState(seed).shuffle(order)
    bounds = dataset.shard_bounds(num, shard, num_shards)
    order = order[bounds.start : bounds.stop][start:]
    parts = (
      tf.constant([files[int(i)] for i in order], tf.string),
      tf.constant(each[order], tf.int32),
      tf.constant([f'picture {i}' for i in order], tf.string),
    )
    return tf.data.Dataset.from_tensor_slices(dataset.Example(*parts))

  names = tuple(map(str, range(num)))
  return dataset.Dataset('tiny', '1', names, num, num, '', read)


def _good(num: int = 7) -> dataset.Dataset:
  return _source([_jpeg(label) for label in range(num)])


def _train(
  source: dataset.Dataset,
  num_steps: int,
  preprocess: preprocessing.Preprocessing = _TRAIN,
  batch_size: int = 4,
  seed: int = 1,
  limit: int = 0,
  **kwargs: Any,
) -> List[batches.Batch]:
  counter = corrupt.Corrupt(limit)
  with counter.errors():
    made = batches.train_batches(
      source, preprocess, batch_size, seed, counter, **kwargs
    )
    return list(made.take(num_steps).as_numpy_iterator())


class TrainBatchesTest(parameterized.TestCase):
  def _assert_same(
    self, got: Sequence[batches.Batch], expected: Sequence[batches.Batch]
  ) -> None:
    self.assertLen(got, len(expected))
    for one, other in zip(got, expected):
      for part, other_part in zip(one, other):
        np.testing.assert_array_equal(part, other_part)

  def test_shapes_are_known(self) -> None:
    made = batches.train_batches(_good(), _TRAIN, 4, 1, corrupt.Corrupt(0))
    expected = batches.Batch(
      tf.TensorSpec([4, 8, 8, 3], tf.float32),
      tf.TensorSpec([4], tf.int32),
      tf.TensorSpec([4], tf.float32),
    )
    self.assertEqual(made.element_spec, expected)

  def test_epochs_are_joined(self) -> None:
    # 7 batches of 4 are 4 epochs of 7.
    made = _train(_good(), 7)
    epochs = np.concatenate([batch.labels for batch in made]).reshape(4, 7)
    for epoch in epochs:
      self.assertCountEqual(epoch, range(7))
    self.assertLen({tuple(epoch) for epoch in epochs}, 4)
    for batch in made:
      np.testing.assert_array_equal(batch.weights, np.ones(4))

  def test_images_are_those_of_their_labels(self) -> None:
    # Without chance, what evaluation sees.
    for batch in _train(_good(), 4, preprocess=_EVAL):
      for image, label in zip(batch.images, batch.labels):
        expected = _EVAL(tf.constant(_jpeg(label)), tf.constant([0, 0]))
        np.testing.assert_array_equal(image, expected)

  def test_every_picture_is_seen_in_another_way_each_time(self) -> None:
    made = _train(_good(2), 20, batch_size=3)
    images = np.concatenate([batch.images for batch in made])
    self.assertLen({image.tobytes() for image in images}, 60)

  def test_depends_on_the_seed_alone(self) -> None:
    first = _train(_good(), 3)
    self._assert_same(_train(_good(), 3), first)
    images = [batch.images for batch in _train(_good(), 3, seed=2)]
    self.assertFalse(np.array_equal(images, [b.images for b in first]))
    # The order of one picture is the same for all seeds; what is seen is not.
    one, two = (_train(_good(1), 1, seed=seed)[0] for seed in (1, 2))
    self.assertFalse(np.array_equal(one.images, two.images))

  @parameterized.parameters((0, 1), (1, 2))
  def test_resumes(self, shard: int, num_shards: int) -> None:
    source = _source([_jpeg(0), b'', *map(_jpeg, range(2, 7))])
    settings: Dict[str, Any] = {
      'limit': 1,
      'shard': shard,
      'num_shards': num_shards,
    }
    all_batches = _train(source, 9, **settings)
    # In the first epoch, at its end, later, and many epochs on.
    for step in (1, 2, 5, 7):
      rest = _train(source, 9 - step, start_step=step, **settings)
      self._assert_same(rest, all_batches[step:])

  def test_resuming_decodes_and_reads_nothing_before(self) -> None:
    class StopError(Exception):
      """The call was seen."""

    with mock.patch.object(
      dataset.Dataset, 'examples', side_effect=StopError
    ) as examples, self.assertRaises(StopError):
      _train(_good(), 1, start_step=1000)
    # 4000 = 571 * 7 + 3.
    examples.assert_called_once_with('train', 1, 571, 0, 1, 3)

  def test_shards_are_parts_of_an_epoch(self) -> None:
    labels: List[int] = []
    for shard, num in enumerate((3, 2, 2)):
      made = _train(_good(), 1, batch_size=num, shard=shard, num_shards=3)
      labels.extend(made[0].labels)
    self.assertCountEqual(labels, range(7))

  def test_shards_do_not_see_alike(self) -> None:
    source = _source([_jpeg(0)] * 4, labels=[0] * 4)
    made = [
      _train(source, 1, batch_size=2, shard=i, num_shards=2) for i in (0, 1)
    ]
    images = [image.tobytes() for (batch,) in made for image in batch.images]
    self.assertLen(set(images), 4)

  @parameterized.parameters(
    ({'batch_size': 0}, 'batch_size is 0; take 1 or more'),
    ({'start_step': -1}, 'start_step is -1; take 0 or more'),
    ({'shard': 2, 'num_shards': 2}, 'there is no shard 2 of 2; '),
    ({'shard': -1}, 'there is no shard -1 of 1; '),
    (
      {'shard': 7, 'num_shards': 8},
      'tiny has 7 pictures to train with, and none for shard 7 of 8; take no',
    ),
  )
  def test_refuses(self, settings: Any, message: str) -> None:
    with self.assertRaisesRegex(ValueError, message):
      _train(_good(), 1, **settings)


class EvalBatchesTest(absltest.TestCase):
  def _eval(self, source: dataset.Dataset, size: int, **kwargs: Any) -> Any:
    counter = corrupt.Corrupt(1)
    made = batches.eval_batches(source, _EVAL, size, counter, **kwargs)
    self.assertEqual(made.element_spec.images.shape, [size, 8, 8, 3])
    self.assertEqual(made.element_spec.weights.shape, [size])
    with counter.errors():
      return list(made.as_numpy_iterator())

  def test_fills_the_last_batch(self) -> None:
    first, last = self._eval(_good(), 4)
    np.testing.assert_array_equal(first.labels, [0, 1, 2, 3])
    np.testing.assert_array_equal(first.weights, [1, 1, 1, 1])
    np.testing.assert_array_equal(last.labels, [4, 5, 6, 0])
    np.testing.assert_array_equal(last.weights, [1, 1, 1, 0])
    np.testing.assert_array_equal(last.images[3], np.zeros((8, 8, 3)))
    for i, image in enumerate([*first.images, *last.images[:3]]):
      expected = _EVAL(tf.constant(_jpeg(i)), tf.constant([0, 0]))
      np.testing.assert_array_equal(image, expected)

  def test_shards(self) -> None:
    made = [self._eval(_good(), 3, shard=i, num_shards=2) for i in (0, 1)]
    (first, last), (other,) = made
    np.testing.assert_array_equal(first.labels, [0, 1, 2])
    np.testing.assert_array_equal(last.weights, [1, 0, 0])
    np.testing.assert_array_equal(other.labels, [4, 5, 6])
    self.assertEmpty(self._eval(_good(1), 3, shard=1, num_shards=2))

  def test_corrupt_pictures_have_no_weight(self) -> None:
    (batch,) = self._eval(_source([_jpeg(0), b'text', _jpeg(2)]), 4)
    np.testing.assert_array_equal(batch.weights, [1, 0, 1, 0])
    np.testing.assert_array_equal(batch.labels, [0, 1, 2, 0])


class ErrorsTest(absltest.TestCase):
  def _bad(self) -> dataset.Dataset:
    # Cut off within the head.
    files = [_jpeg(0)[:300], _jpeg(1), b'This is a text.', b'', _jpeg(4)]
    return _source(files)

  def test_corrupt_pictures_keep_their_places(self) -> None:
    expected = _train(_source([_jpeg(i) for i in range(5)]), 10)
    counter = corrupt.Corrupt(3)
    with self.assertLogs('absl', 'WARNING') as logs, counter.errors():
      made = batches.train_batches(self._bad(), _TRAIN, 4, 1, counter)
      got = list(made.take(10).as_numpy_iterator())
    for one, other in zip(got, expected):
      np.testing.assert_array_equal(one.labels, other.labels)
      is_good = np.isin(one.labels, [1, 4])
      np.testing.assert_array_equal(one.weights, is_good)
      images = other.images * is_good[:, None, None, None]
      np.testing.assert_array_equal(one.images, images)
    # Once each, in the order of the first epoch, though met eight times.
    order = [i for i in np.concatenate([b.labels for b in got])[:5]]
    names = [f'picture {i}' for i in order if i not in (1, 4)]
    self.assertEqual(counter.names, tuple(names))
    self.assertLen(logs.output, 3)
    for line, name in zip(logs.output, names):
      self.assertIn(f"picture '{name}' is left out: ", line)
    text = '\n'.join(logs.output)
    self.assertIn("'picture 0' is left out: Truncated File Read", text)
    self.assertIn("'picture 2' is left out: its format is unknown", text)
    self.assertIn("'picture 3' is left out: its format is unknown", text)
    self.assertNotIn('{{', text)
    self.assertNotIn('[Op', text)

  def test_ends_at_the_batch_of_the_picture(self) -> None:
    counter = corrupt.Corrupt(0)
    files = [_jpeg(i) for i in range(5)] + [b'']
    made = batches.eval_batches(_source(files), _EVAL, 2, counter)
    seen = []
    with self.assertRaisesRegex(ValueError, "^corrupt picture 'picture 5'"):
      with counter.errors():
        for batch in made:
          seen.extend(batch.labels.numpy())
    self.assertEqual(seen, [0, 1, 2, 3])

  def test_inside_a_graph(self) -> None:
    counter = corrupt.Corrupt(0)
    made = batches.train_batches(self._bad(), _TRAIN, 2, 1, counter)
    total = tf.function(
      lambda: made.reduce(
        0.0, lambda total, b: total + tf.reduce_sum(b.weights)
      )
    )
    with self.assertRaisesRegex(ValueError, 'more than the limit of 0'):
      with counter.errors():
        total()

  def test_label_out_of_range(self) -> None:
    for label in (-1, 3):
      source = _source([_jpeg(i) for i in range(3)], labels=[0, label, 2])
      with self.assertRaises(ValueError) as caught:
        _train(source, 2)
      self.assertEqual(
        str(caught.exception),
        f"picture 'picture 1' has the label {label}; the labels of 3 classes"
        ' are from 0 to 2',
      )

  def test_what_the_source_raises(self) -> None:
    source = _good()
    error = OSError('the disk is gone')
    with mock.patch.object(dataset.Dataset, 'examples', side_effect=error):
      with self.assertRaisesRegex(OSError, '^the disk is gone$'):
        _train(source, 1)

  def test_decoded_at_the_second_attempt(self) -> None:
    given = itertools.chain([0], itertools.repeat(1))

    def see(data: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
      del seed
      # Traced first, when it reads a picture that there is not.
      return _EVAL(tf.constant(b'') if next(given) == 0 else data, [0, 0])

    fake = mock.Mock(side_effect=see, size=8)
    with self.assertRaisesRegex(
      RuntimeError,
      "^picture 'picture 0' was decoded at the second attempt only",
    ):
      _train(_good(1), 1, preprocess=fake)


if __name__ == '__main__':
  absltest.main()
