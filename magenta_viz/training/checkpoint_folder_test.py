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

"""Tests for checkpoint_folder."""

import json
import os
from pathlib import Path
import shutil
from typing import Any, Mapping, Optional, Set, Tuple
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models import trained_network
from magenta_viz.testing import checkpoint_steps
from magenta_viz.training import checkpoint_folder


class WriteTest(checkpoint_steps.FolderTestCase):
  def test_what_is_written_is_read(self) -> None:
    for _ in range(2):
      self.assertIsNone(self.folder.latest())
      self.prepare()
    prefix = self.write(500, dataset={'name': 'birds'})
    self.assertEqual(prefix, str(self.path / 'model.ckpt-500'))
    self.assertEqual(self.names(), self.files_of(500))
    last = self.last()
    self.assertEqual((last.prefix, last.step), (prefix, 500))
    self.assertEqual(last.record['dataset'], {'name': 'birds'})
    values = self.folder.read(last)
    self.assertCountEqual(values, checkpoint_steps.values_of(500))
    self.assert_bits(prefix, 500)
    self.assertEqual(trained_network.find(str(self.path)), last)

  def test_step_is_the_records(self) -> None:
    self.prepare()
    self.folder.write(
      7, checkpoint_steps.values_of(7), checkpoint_steps.record_of(3)
    )
    record = json.loads((self.path / 'model.ckpt-7.json').read_text())
    self.assertEqual(record['step'], 7)

  def test_same_bytes_again(self) -> None:
    contents = []
    for name in ('a', 'b'):
      folder = checkpoint_folder.CheckpointFolder(self.path / name)
      checkpoint_steps.prepare(folder)
      prefix = checkpoint_steps.write_step(folder, 5)
      files = sorted(Path(prefix).parent.iterdir())
      contents.append([path.read_bytes() for path in files])
    self.assertLen(contents[0], 4)
    self.assertEqual(*contents)

  @parameterized.parameters(
    ({1: None, 2: None, 3: None}, {3}),
    ({1: 0.5, 2: None, 3: None}, {1, 3}),
    ({1: 0.5, 2: 0.6, 3: 0.7}, {3}),
    ({1: 0.5, 2: 0.7, 3: 0.6, 10: 0.4}, {2, 10}),
    ({1: 0.7, 2: 0.7, 3: 0.5, 4: 0.5}, {2, 4}),
  )
  def test_last_and_best_are_kept(
    self, top1: Mapping[int, Optional[float]], kept: Set[int]
  ) -> None:
    self.prepare()
    for step, share in top1.items():
      self.write(step, top1=share)
    self.assertEqual(self.names(), self.files_of(*kept))
    state = tf.train.get_checkpoint_state(str(self.path))
    self.assertEqual(
      list(state.all_model_checkpoint_paths),
      [str(self.path / f'model.ckpt-{step}') for step in sorted(kept)],
    )
    self.assertEqual(
      state.model_checkpoint_path, str(self.path / f'model.ckpt-{max(kept)}')
    )

  def test_those_that_stay(self) -> None:
    for step in (1, 2, 3, 4, 5):
      self.prepare()
      is_kept = {2: True, 3: 'yes', 4: 1}.get(step)
      self.write(step, top1=None, is_kept=is_kept)
    self.assertEqual(self.names(), self.files_of(2, 5))
    state = tf.train.get_checkpoint_state(str(self.path))
    self.assertLen(state.all_model_checkpoint_paths, 2)

  def test_relative_path_and_moved_folder(self) -> None:
    self.path.mkdir(parents=True)
    before = os.getcwd()
    self.addCleanup(os.chdir, before)
    os.chdir(self.path)
    folder = checkpoint_folder.CheckpointFolder('here/train')
    checkpoint_steps.prepare(folder)
    for step in (6, 7):
      checkpoint_steps.write_step(folder, step)
    os.chdir(before)
    moved = self.path / 'moved'
    shutil.move(str(self.path / 'here' / 'train'), moved)
    last = tf.train.latest_checkpoint(str(moved))
    self.assertEqual(last, str(moved / 'model.ckpt-7'))
    self.assert_bits(last, 7)
    best = trained_network.find(str(moved))
    assert best is not None
    self.assertEqual(best.step, 6)

  def test_home_folder(self) -> None:
    with mock.patch.dict(os.environ, {'HOME': str(self.path.parent)}):
      folder = checkpoint_folder.CheckpointFolder('~/train')
    checkpoint_steps.prepare(folder)
    self.assertEqual(
      checkpoint_steps.write_step(folder, 1), str(self.path / 'model.ckpt-1')
    )


class TensorFlowReadsTest(checkpoint_steps.FolderTestCase):
  def setUp(self) -> None:
    super().setUp()
    self.prepare()
    for step in (6, 8):
      self.prefix = self.write(step)

  def test_saver_of_version_1(self) -> None:
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
      with v1.variable_scope('InceptionV1/Conv2d_1a_7x7'):
        weights = v1.get_variable('weights', [200, 300])
      step = v1.train.get_or_create_global_step()
      # As slim's tools take the averages.
      average = tf.train.ExponentialMovingAverage(0.99)
      averaged = v1.get_variable('averaged', [200, 300])
      saver = v1.train.Saver(
        {
          weights.op.name: weights,
          step.op.name: step,
          average.average_name(weights): averaged,
        }
      )
      saver.restore(session, v1.train.latest_checkpoint(str(self.path)))
      found = session.run([weights, averaged, step])
    expected = checkpoint_steps.values_of(8)[checkpoint_steps.WEIGHTS]
    np.testing.assert_array_equal(found[0], expected)
    np.testing.assert_array_equal(found[1], expected / 3)
    self.assertEqual(found[2], 8)


class RecordTest(checkpoint_steps.FolderTestCase):
  def setUp(self) -> None:
    super().setUp()
    self.prepare()
    self.write(3, top1=0.5)
    self.write(4, top1=None)

  @parameterized.parameters((0.6, (4,)), (0.4, (3, 4)))
  def test_is_replaced(self, top1: float, kept: Tuple[int, ...]) -> None:
    self.folder.write_record(checkpoint_steps.record_of(4, top1=top1))
    self.assertEqual(self.names(), self.files_of(*kept))
    last = self.last()
    self.assertEqual(last.top1, top1)
    self.assert_bits(last.prefix, 4)
    state = tf.train.get_checkpoint_state(str(self.path))
    self.assertLen(state.all_model_checkpoint_paths, len(kept))
    self.assertEqual(state.model_checkpoint_path, last.prefix)

  @parameterized.parameters(
    ({}, 3, "the last checkpoint in '.*/train' is not of step 3; write that"),
    ({}, 5, "the last checkpoint in '.*/train' is not of step 5; write that"),
    ({'top1': 2.0}, 4, "ckpt-4.json' cannot be used .its top1 is not a share"),
    ({'note': np.nan}, 4, 'note is nan, not a finite number'),
  )
  def test_refused(
    self, given: Mapping[str, Any], step: int, message: str
  ) -> None:
    record = checkpoint_steps.record_of(step, **given)
    self.assert_refused(ValueError, message, self.folder.write_record, record)

  def test_of_no_checkpoint(self) -> None:
    empty = checkpoint_folder.CheckpointFolder(self.path / 'none')
    self.assert_refused(
      *(ValueError, "the last checkpoint in '.*/none' is not of step 4; "),
      *(empty.write_record, checkpoint_steps.record_of(4)),
    )


class RefusalTest(checkpoint_steps.FolderTestCase):
  def setUp(self) -> None:
    super().setUp()
    self.prepare()
    self.write(4)

  @parameterized.parameters(
    (4, "' has a checkpoint of step 4 already; go on from it"),
    (2, "' has a checkpoint of step 4 already, after step 2; "),
  )
  def test_earlier_steps(self, step: int, message: str) -> None:
    self.assert_refused(ValueError, message, self.write, step)

  @parameterized.parameters(np.nan, np.inf, -np.inf)
  def test_values_that_are_not_finite(self, value: float) -> None:
    values = checkpoint_steps.values_of(5)
    values[checkpoint_steps.WEIGHTS][3, 4] = value
    self.assert_refused(
      ValueError,
      f'^{checkpoint_steps.WEIGHTS} holds what is not .* at step 5, ',
      *(self.folder.write, 5, values, checkpoint_steps.record_of(5)),
    )

  @parameterized.parameters(
    ({'model': 'squeezenet'}, 'it lacks image_size'),
    (checkpoint_steps.record_of(5, note=np.nan), 'note is nan, not a finite n'),
  )
  def test_records_without_sense(self, record: Any, message: str) -> None:
    values = checkpoint_steps.values_of(5)
    self.assert_refused(
      ValueError, message, self.folder.write, 5, values, record
    )

  def test_settings(self) -> None:
    empty = checkpoint_folder.CheckpointFolder(self.path / 'none')
    empty.check_settings({'settings': {'seed': 1}})
    self.write(5, settings={'seed': 1, 'decay': 0.5, 'sizes': (1, 2)})
    settings = {'seed': 1, 'decay': 0.5, 'sizes': [1, 2]}
    self.folder.check_settings({'settings': settings})
    self.assert_refused(
      ValueError,
      r"train' has a training of other settings \(decay: 0.5 there,"
      r' 0.25 now; momentum: not there, 0.9 now\); take another --train_dir or',
      self.folder.check_settings,
      {'settings': {**settings, 'decay': 0.25, 'momentum': 0.9}},
    )

  def test_checkpoints_of_others(self) -> None:
    (self.path / 'ckpt-7.index').touch()
    message = "ckpt-7.index' is of a checkpoint that has no record, "
    self.assert_refused(ValueError, message, self.prepare)
    self.assert_refused(ValueError, message, self.write, 5)

  def test_damaged_record(self) -> None:
    (self.path / 'model.ckpt-4.json').write_text('{')
    message = r"ckpt-4.json' cannot be used"
    self.assert_refused(ValueError, message, self.prepare)

  def test_lost_file(self) -> None:
    (self.path / 'model.ckpt-4.data-00000-of-00001').unlink()
    self.assert_refused(OSError, "ckpt-4' is not whole: ", self.prepare)

  @parameterized.parameters(
    (OSError, 'model.ckpt-4.json', "json' is no folder"),
    # TensorFlow takes it for a pattern.
    (ValueError, 'birds [old]', r"birds \[old\]' has one of \* \? "),
  )
  def test_paths(self, error: Any, name: str, message: str) -> None:
    folder = checkpoint_folder.CheckpointFolder(self.path / name)
    self.assert_refused(error, message, checkpoint_steps.prepare, folder)


if __name__ == '__main__':
  absltest.main()
