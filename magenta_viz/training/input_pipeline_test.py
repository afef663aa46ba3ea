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

"""Tests of what each replica reads, in processes of their own.

TensorFlow can be given two devices, or another worker, only at its start. The
processes run `_run_process` and write what their replicas saw to files.
"""

import dataclasses
from pathlib import Path
import tempfile
from typing import Any, Dict, Iterable, List

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.data import batches
from magenta_viz.data import corrupt
from magenta_viz.data import dataset
from magenta_viz.data import image_folder
from magenta_viz.data import preprocessing
from magenta_viz.testing import data_files
from magenta_viz.testing import two_devices
from magenta_viz.training import input_pipeline
from magenta_viz.training import strategies

# The colours' graph takes longest to build.
_TRAIN = preprocessing.Preprocessing(8, is_training=True, distort_colour=False)
_EVAL = preprocessing.Preprocessing(8, is_training=False)
_SEED = 3
_NUM_STEPS = 5
_START_STEP = 3
# Of all replicas, in training and in evaluation.
_BATCH_SIZES = (6, 4)
# Of 9 pictures, the second replica's 4 fill its batches of 2, and the first
# replica's 5 take one more.
_NUM_EVAL_STEPS = 3


def _source(folder: Path) -> dataset.Dataset:
  return image_folder.open_folder(str(folder))


def _write_source(folder: Path) -> None:
  """Writes 11 pictures to train with, one of them corrupt, and 9 others."""
  data_files.write_pictures(folder / 'train', {'a': 6, 'b': 5})
  (folder / 'train/b/0.jpg').write_bytes(b'none')
  data_files.write_pictures(folder / 'val', {'a': 4, 'b': 5})


def _train(
  strategy: tf.distribute.Strategy, source: dataset.Dataset, **kwargs: Any
) -> Iterable[batches.Batch]:
  return input_pipeline.train_batches(
    strategy,
    source,
    _TRAIN,
    kwargs.pop('batch_size', _BATCH_SIZES[0]),
    _SEED,
    kwargs.pop('counter', corrupt.Corrupt(5)),
    **kwargs,
  )


def _seen(
  strategy: tf.distribute.Strategy, made: Iterable[Any], num_steps: int
) -> Dict[int, List[batches.Batch]]:
  """Returns the batches of each replica here, by its number among all."""
  replicas: Dict[int, List[batches.Batch]] = {}

  def one(batch: batches.Batch) -> Any:
    context = tf.distribute.get_replica_context()
    return tf.identity(context.replica_id_in_sync_group), *batch

  look = tf.function(lambda batch: strategy.run(one, args=(batch,)))
  for _, batch in zip(range(num_steps), made):
    local = [strategy.experimental_local_results(part) for part in look(batch)]
    for replica, *parts in zip(*local):
      seen = batches.Batch(*(part.numpy() for part in parts))
      replicas.setdefault(int(replica), []).append(seen)
  return replicas


class ReplicasTest(absltest.TestCase):
  # As `TwoDevicesTest`.
  __test__ = False

  def setUp(self) -> None:
    super().setUp()
    folder = tempfile.TemporaryDirectory()
    self.addCleanup(folder.cleanup)
    _write_source(Path(folder.name))
    self.source = _source(Path(folder.name))
    self.strategy = strategies.create('mirrored')

  def test_strategy(self) -> None:
    self.assertEqual(strategies.describe(self.strategy), '2 CPU replicas')
    self.assertTrue(strategies.is_chief(self.strategy))

  def test_replicas_read_their_shards(self) -> None:
    seen = _seen(self.strategy, _train(self.strategy, self.source), _NUM_STEPS)
    made = _train(self.strategy, self.source, start_step=_START_STEP)
    resumed = _seen(self.strategy, made, _NUM_STEPS - _START_STEP)
    for replica in range(2):
      shard = batches.train_batches(
        self.source,
        _TRAIN,
        _BATCH_SIZES[0] // 2,
        _SEED,
        corrupt.Corrupt(5),
        shard=replica,
        num_shards=2,
      )
      expected = [*shard.take(_NUM_STEPS).as_numpy_iterator()]
      for got, wanted in (
        (seen[replica], expected),
        (resumed[replica], expected[_START_STEP:]),
      ):
        self.assertLen(got, len(wanted))
        for one, other in zip(got, wanted):
          for part, other_part in zip(one, other):
            np.testing.assert_array_equal(part, other_part)
    for one, other in zip(*seen.values()):
      self.assertFalse(np.array_equal(one.images, other.images))
    # The corrupt picture is there.
    weights = [step.weights for steps in seen.values() for step in steps]
    self.assertIn(0, np.concatenate(weights))

  def test_each_picture_is_evaluated_once(self) -> None:
    made, num_steps = input_pipeline.eval_batches(
      self.strategy, self.source, _EVAL, _BATCH_SIZES[1], corrupt.Corrupt(0)
    )
    self.assertEqual(num_steps, _NUM_EVAL_STEPS)
    numbers = []
    images = []
    # One more than there are.
    for *steps, after in _seen(self.strategy, made, num_steps + 1).values():
      self.assertFalse(any(part.any() for part in after))
      numbers.append([int(step.weights.sum()) for step in steps])
      images += [
        image.tobytes()
        for step in steps
        for image, weight in zip(step.images, step.weights)
        if weight
      ]
    self.assertEqual(numbers, [[2, 2, 1], [2, 2, 0]])
    all_made = batches.eval_batches(self.source, _EVAL, 9, corrupt.Corrupt(0))
    (batch,) = all_made.as_numpy_iterator()
    self.assertCountEqual(images, [image.tobytes() for image in batch.images])

  def test_uneven_batch(self) -> None:
    with self.assertRaisesRegex(
      ValueError,
      '^batch_size is 5, of all 2 replicas together; take a multiple of 2$',
    ):
      _train(self.strategy, self.source, batch_size=5)

  def test_corrupt_picture(self) -> None:
    counter = corrupt.Corrupt(0)
    made = _train(self.strategy, self.source, counter=counter)
    # A dot is no line break.
    with self.assertRaisesRegex(
      ValueError, r"^corrupt picture 'train/b/0.jpg' .* limit of 0; .*$"
    ):
      with counter.errors():
        _seen(self.strategy, made, _NUM_STEPS)

  def test_label_of_no_class(self) -> None:
    source = dataclasses.replace(
      self.source, class_names=self.source.class_names[:1]
    )
    counter = corrupt.Corrupt(0)
    made, num_steps = input_pipeline.eval_batches(
      self.strategy, source, _EVAL, 4, counter
    )
    with self.assertRaisesRegex(
      ValueError, r"^picture 'val/b/\d.\w+' has the label 1; the labels of .*$"
    ):
      with counter.errors():
        _seen(self.strategy, made, num_steps)


class TwoDevicesTest(absltest.TestCase):
  def test_replicas(self) -> None:
    two_devices.run(ReplicasTest)


class OneReplicaTest(parameterized.TestCase):
  """Tests of the strategy of this process, which has one replica."""

  def setUp(self) -> None:
    super().setUp()
    folder = Path(self.create_tempdir())
    _write_source(folder)
    self.source = _source(folder)
    self.strategy = strategies.create('default')

  def test_training_reads_all(self) -> None:
    expected = batches.train_batches(
      self.source, _TRAIN, 6, _SEED, corrupt.Corrupt(5), start_step=1
    )
    made = _train(self.strategy, self.source, start_step=1)
    for got, wanted in zip(made, expected.take(3)):
      for part, other in zip(got, wanted):
        np.testing.assert_array_equal(part, other)

  @parameterized.parameters((1, 9), (2, 5), (9, 1), (10, 1))
  def test_evaluation_has_all(self, batch_size: int, expected: int) -> None:
    made, num_steps = input_pipeline.eval_batches(
      self.strategy, self.source, _EVAL, batch_size, corrupt.Corrupt(0)
    )
    self.assertEqual(num_steps, expected)
    steps = [batch for _, batch in zip(range(num_steps), made)]
    self.assertEqual(sum(float(sum(step.weights)) for step in steps), 9)
    self.assertEqual({step.labels.shape for step in steps}, {(batch_size,)})

  def test_refuses_batches_of_nothing(self) -> None:
    with self.assertRaisesRegex(ValueError, 'batch_size is 0; take 1 or more'):
      _train(self.strategy, self.source, batch_size=0)
    with self.assertRaisesRegex(ValueError, 'batch_size is 0; take 1 or more'):
      input_pipeline.eval_batches(
        self.strategy, self.source, _EVAL, 0, corrupt.Corrupt(0)
      )


if __name__ == '__main__':
  absltest.main(defaultTest=['TwoDevicesTest', 'OneReplicaTest'])
