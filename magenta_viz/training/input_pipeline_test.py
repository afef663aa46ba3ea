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
import json
import os
from pathlib import Path
import socket
import subprocess
import sys
import tempfile
from typing import Any, Callable, Dict, Iterable, List, Sequence

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
from magenta_viz.training import input_pipeline
from magenta_viz.training import strategies

_ROOT = Path(__file__).resolve().parents[2]
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
_SECONDS = 300


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


def _run_process(kind: str, folder: str) -> None:
  """Reads as the replicas of this process, and writes what they saw."""
  if kind == 'mirrored':
    (cpu,) = tf.config.list_physical_devices('CPU')
    tf.config.set_logical_device_configuration(
      cpu, [tf.config.LogicalDeviceConfiguration()] * 2
    )
  strategy = strategies.create(kind)
  source = _source(Path(folder, 'pictures'))
  made, num_steps = input_pipeline.eval_batches(
    strategy, source, _EVAL, _BATCH_SIZES[1], corrupt.Corrupt(0)
  )
  found = {
    'train': _seen(strategy, _train(strategy, source), _NUM_STEPS),
    'resumed': _seen(
      strategy,
      _train(strategy, source, start_step=_START_STEP),
      _NUM_STEPS - _START_STEP,
    ),
    # One more than there are.
    'eval': _seen(strategy, made, num_steps + 1),
  }
  for name, parts in found.items():
    for replica, steps in parts.items():
      for part in batches.Batch._fields:
        value = np.stack([getattr(step, part) for step in steps])
        np.save(Path(folder, f'{name}_{part}_{replica}.npy'), value)
  if kind == 'mirrored':
    said = {
      'describe': strategies.describe(strategy),
      'is_chief': strategies.is_chief(strategy),
      'num_steps': num_steps,
      'uneven': _error(lambda: _train(strategy, source, batch_size=5)),
      'corrupt': _error(lambda: _read_corrupt(strategy, source)),
      'label': _error(lambda: _read_wrong_label(strategy, source)),
    }
    Path(folder, 'said.json').write_text(json.dumps(said), encoding='utf-8')


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


def _read_corrupt(
  strategy: tf.distribute.Strategy, source: dataset.Dataset
) -> None:
  counter = corrupt.Corrupt(0)
  with counter.errors():
    _seen(strategy, _train(strategy, source, counter=counter), _NUM_STEPS)


def _read_wrong_label(
  strategy: tf.distribute.Strategy, source: dataset.Dataset
) -> None:
  counter = corrupt.Corrupt(0)
  source = dataclasses.replace(source, class_names=source.class_names[:1])
  made, num_steps = input_pipeline.eval_batches(
    strategy, source, _EVAL, 4, counter
  )
  with counter.errors():
    _seen(strategy, made, num_steps)


def _error(function: Callable[[], Any]) -> str:
  try:
    function()
  except ValueError as error:
    return str(error)
  return ''


def _start(
  kind: str, folder: str, tf_config: str = '{}'
) -> 'subprocess.Popen[str]':
  program = (
    'from magenta_viz.training import input_pipeline_test\n'
    f'input_pipeline_test._run_process({kind!r}, {folder!r})\n'
  )
  return subprocess.Popen(
    [sys.executable, '-c', program],
    cwd=_ROOT,
    env={**os.environ, 'TF_CONFIG': tf_config, 'TF_CPP_MIN_LOG_LEVEL': '2'},
    stdout=subprocess.PIPE,
    stderr=subprocess.STDOUT,
    universal_newlines=True,
  )


def _free_addresses() -> Sequence[str]:
  """Returns two addresses on this machine that nobody has."""
  with socket.socket() as one, socket.socket() as other:
    for each in (one, other):
      each.bind(('127.0.0.1', 0))
    return [f'127.0.0.1:{each.getsockname()[1]}' for each in (one, other)]


def _run_all(folders: Dict[str, str]) -> None:
  """Runs one process of two replicas, and two of one, side by side."""
  jobs = {'cluster': {'worker': _free_addresses()}}
  processes = [_start('mirrored', folders['mirrored'])]
  for index in range(2):
    task = {'task': {'type': 'worker', 'index': index}}
    processes.append(
      _start(
        'multi_worker', folders['multi_worker'], json.dumps({**jobs, **task})
      )
    )
  try:
    for process in processes:
      output, _ = process.communicate(timeout=_SECONDS)
      if process.returncode:
        raise AssertionError(output)
  finally:
    for process in processes:
      process.kill()
      process.communicate()


class ReplicasTest(parameterized.TestCase):
  folders: Dict[str, str]
  source: dataset.Dataset

  @classmethod
  def setUpClass(cls) -> None:
    super().setUpClass()
    folder = tempfile.TemporaryDirectory()
    cls.addClassCleanup(folder.cleanup)
    cls.folders = {}
    for kind in ('mirrored', 'multi_worker'):
      cls.folders[kind] = os.path.join(folder.name, kind)
      _write_source(Path(cls.folders[kind], 'pictures'))
    _run_all(cls.folders)
    cls.source = _source(Path(cls.folders['mirrored'], 'pictures'))

  def _load(self, kind: str, name: str, replica: int) -> List[batches.Batch]:
    """Returns the batches that a replica saw."""
    parts = [
      np.load(os.path.join(self.folders[kind], f'{name}_{part}_{replica}.npy'))
      for part in batches.Batch._fields
    ]
    return [batches.Batch(*step) for step in zip(*parts)]

  def _assert_same(
    self, got: Sequence[batches.Batch], expected: Sequence[batches.Batch]
  ) -> None:
    self.assertLen(got, len(expected))
    for one, other in zip(got, expected):
      for part, other_part in zip(one, other):
        np.testing.assert_array_equal(part, other_part)

  @parameterized.product(kind=('mirrored', 'multi_worker'), replica=(0, 1))
  def test_replica_reads_its_shard(self, kind: str, replica: int) -> None:
    made = batches.train_batches(
      self.source,
      _TRAIN,
      _BATCH_SIZES[0] // 2,
      _SEED,
      corrupt.Corrupt(5),
      shard=replica,
      num_shards=2,
    )
    expected = [*made.take(_NUM_STEPS).as_numpy_iterator()]
    # The corrupt picture is there.
    seen = self._load(kind, 'train', replica)
    self._assert_same(seen, expected)
    resumed = self._load(kind, 'resumed', replica)
    self._assert_same(resumed, expected[_START_STEP:])

  def test_replicas_see_different_pictures(self) -> None:
    first, second = (self._load('mirrored', 'train', each) for each in (0, 1))
    for one, other in zip(first, second):
      self.assertFalse(np.array_equal(one.images, other.images))
    weights = [step.weights for step in (*first, *second)]
    self.assertIn(0, np.concatenate(weights))

  @parameterized.parameters('mirrored', 'multi_worker')
  def test_each_picture_is_evaluated_once(self, kind: str) -> None:
    numbers = []
    images = []
    for replica in range(2):
      *steps, after = self._load(kind, 'eval', replica)
      self.assertLen(steps, _NUM_EVAL_STEPS)
      self.assertFalse(any(part.any() for part in after))
      numbers.append([int(step.weights.sum()) for step in steps])
      images += [
        image.tobytes()
        for step in steps
        for image, weight in zip(step.images, step.weights)
        if weight
      ]
    self.assertEqual(numbers, [[2, 2, 1], [2, 2, 0]])
    made = batches.eval_batches(self.source, _EVAL, 9, corrupt.Corrupt(0))
    (batch,) = made.as_numpy_iterator()
    self.assertCountEqual(images, [image.tobytes() for image in batch.images])

  def test_what_one_process_says(self) -> None:
    path = os.path.join(self.folders['mirrored'], 'said.json')
    said = json.loads(Path(path).read_text(encoding='utf-8'))
    self.assertEqual(said['describe'], '2 CPU replicas')
    self.assertTrue(said['is_chief'])
    self.assertEqual(said['num_steps'], _NUM_EVAL_STEPS)
    self.assertEqual(
      said['uneven'],
      'batch_size is 5, of all 2 replicas together; take a multiple of 2',
    )
    for name, message in (
      ('corrupt', r"corrupt picture 'train/b/0.jpg' .* limit of 0; .*"),
      ('label', r"picture 'val/b/\d.\w+' has the label 1; the labels of .*"),
    ):
      # A dot is no line break.
      self.assertRegex(said[name], f'^{message}$')


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
  absltest.main()
