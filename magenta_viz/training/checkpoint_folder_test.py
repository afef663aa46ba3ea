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
from typing import Any, Mapping, Optional, Set
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
    self.assertIsNone(self.folder.latest())
    checkpoint_steps.prepare(self.folder)
    self.assertIsNone(self.folder.latest())
    prefix = checkpoint_steps.write_step(
      self.folder, 500, dataset={'name': 'birds'}
    )
    self.assertEqual(prefix, str(self.path / 'model.ckpt-500'))
    self.assertEqual(self.names(), self.files_of(500))
    last = self.folder.latest()
    assert last is not None
    self.assertEqual((last.prefix, last.step), (prefix, 500))
    self.assertEqual(last.record['dataset'], {'name': 'birds'})
    values = self.folder.read(last)
    self.assertCountEqual(values, checkpoint_steps.values_of(500))
    self.assert_bits(prefix, 500)
    self.assertEqual(trained_network.find(str(self.path)), last)

  def test_step_is_the_records(self) -> None:
    checkpoint_steps.prepare(self.folder)
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
    checkpoint_steps.prepare(self.folder)
    for step, share in top1.items():
      checkpoint_steps.write_step(self.folder, step, top1=share)
    self.assertEqual(self.names(), self.files_of(*kept))
    state = tf.train.get_checkpoint_state(str(self.path))
    self.assertEqual(
      list(state.all_model_checkpoint_paths),
      [str(self.path / f'model.ckpt-{step}') for step in sorted(kept)],
    )
    self.assertEqual(
      state.model_checkpoint_path, str(self.path / f'model.ckpt-{max(kept)}')
    )

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
    checkpoint_steps.prepare(self.folder)
    for step in (6, 8):
      self.prefix = checkpoint_steps.write_step(self.folder, step)

  def test_load_checkpoint(self) -> None:
    reader = tf.train.load_checkpoint(str(self.path))
    self.assertEqual(reader.get_tensor('global_step'), 8)
    np.testing.assert_array_equal(
      reader.get_tensor(checkpoint_steps.WEIGHTS),
      checkpoint_steps.values_of(8)[checkpoint_steps.WEIGHTS],
    )
    self.assertEqual(
      reader.get_variable_to_shape_map(),
      {
        name: list(np.shape(value))
        for name, value in checkpoint_steps.values_of(8).items()
      },
    )

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


class SameStepTest(checkpoint_steps.FolderTestCase):
  def setUp(self) -> None:
    super().setUp()
    checkpoint_steps.prepare(self.folder)
    checkpoint_steps.write_step(self.folder, 3, top1=0.5)
    checkpoint_steps.write_step(self.folder, 4, top1=None)

  def test_record_is_replaced(self) -> None:
    self.folder.write_record(checkpoint_steps.record_of(4, top1=0.6))
    self.assertEqual(self.names(), self.files_of(4))
    last = self.folder.latest()
    assert last is not None
    self.assertEqual(last.top1, 0.6)
    self.assert_bits(last.prefix, 4)
    state = tf.train.get_checkpoint_state(str(self.path))
    self.assertEqual(list(state.all_model_checkpoint_paths), [last.prefix])

  def test_record_of_less_than_the_best(self) -> None:
    self.folder.write_record(checkpoint_steps.record_of(4, top1=0.4))
    self.assertEqual(self.names(), self.files_of(3, 4))
    last = self.folder.latest()
    assert last is not None
    self.assertEqual(last.top1, 0.4)

  @parameterized.parameters(
    ({}, 3, "the last checkpoint in '.*/train' is not of step 3; write that"),
    ({}, 5, "the last checkpoint in '.*/train' is not of step 5; write that"),
    ({'top1': 2.0}, 4, "ckpt-4.json' cannot be used .its top1 is not a share"),
    ({'note': np.nan}, 4, 'note is nan, not a finite number'),
  )
  def test_records_without_sense(
    self, given: Mapping[str, Any], step: int, message: str
  ) -> None:
    self.assert_refused(
      *(ValueError, self.folder.write_record),
      checkpoint_steps.record_of(step, **given),
      message=message,
    )

  def test_record_of_no_checkpoint(self) -> None:
    empty = checkpoint_folder.CheckpointFolder(self.path / 'none')
    self.assert_refused(
      *(ValueError, empty.write_record, checkpoint_steps.record_of(4)),
      message="the last checkpoint in '.*/none' is not of step 4; ",
    )

  def test_same_step(self) -> None:
    self.assert_refused(
      *(ValueError, checkpoint_steps.write_step, self.folder, 4),
      message="' has a checkpoint of step 4 already; go on from it",
    )

  def test_earlier_step(self) -> None:
    self.assert_refused(
      *(ValueError, checkpoint_steps.write_step, self.folder, 2),
      message="' has a checkpoint of step 4 already, after step 2; ",
    )


class RefusalTest(checkpoint_steps.FolderTestCase):
  def setUp(self) -> None:
    super().setUp()
    checkpoint_steps.prepare(self.folder)
    checkpoint_steps.write_step(self.folder, 1)

  @parameterized.parameters(np.nan, np.inf, -np.inf)
  def test_values_that_are_not_finite(self, value: float) -> None:
    values = checkpoint_steps.values_of(2)
    values[checkpoint_steps.WEIGHTS][3, 4] = value
    self.assert_refused(
      *(
        ValueError,
        self.folder.write,
        2,
        values,
        checkpoint_steps.record_of(2),
      ),
      message=f'^{checkpoint_steps.WEIGHTS} holds what is not .* at step 2, ',
    )

  def test_records_without_sense(self) -> None:
    self.assert_refused(
      *(
        ValueError,
        self.folder.write,
        2,
        checkpoint_steps.values_of(2),
        {'model': 'squeezenet'},
      ),
      message='it lacks image_size',
    )
    self.assert_refused(
      *(ValueError, self.folder.write, 2, checkpoint_steps.values_of(2)),
      checkpoint_steps.record_of(2, note=np.nan),
      message='note is nan, not a finite number',
    )

  def test_settings(self) -> None:
    empty = checkpoint_folder.CheckpointFolder(self.path / 'none')
    empty.check_settings({'seed': 1})
    checkpoint_steps.write_step(
      self.folder, 2, settings={'seed': 1, 'decay': 0.5, 'sizes': (1, 2)}
    )
    settings = {'seed': 1, 'decay': 0.5, 'sizes': [1, 2]}
    self.folder.check_settings(settings)
    self.assert_refused(
      *(ValueError, self.folder.check_settings),
      {**settings, 'decay': 0.25, 'momentum': 0.9},
      message=r"train' is of a training with other settings \(decay: 0.5 there,"
      r' 0.25 now; momentum: not there, 0.9 now\); take another --train_dir or',
    )

  def test_checkpoints_of_others(self) -> None:
    (self.path / 'ckpt-7.index').touch()
    for call in (
      lambda: checkpoint_steps.prepare(self.folder),
      lambda: checkpoint_steps.write_step(self.folder, 2),
    ):
      self.assert_refused(
        *(ValueError, call),
        message="ckpt-7.index' is of a checkpoint that has no record, ",
      )

  def test_damaged_record(self) -> None:
    (self.path / 'model.ckpt-1.json').write_text('{')
    self.assert_refused(
      *(ValueError, checkpoint_steps.prepare, self.folder),
      message=r"ckpt-1.json' cannot be used",
    )

  def test_lost_file(self) -> None:
    (self.path / 'model.ckpt-1.data-00000-of-00001').unlink()
    self.assert_refused(
      *(OSError, checkpoint_steps.prepare, self.folder),
      message="ckpt-1' is not whole: ",
    )

  def test_no_folder(self) -> None:
    path = self.path / 'model.ckpt-1.json'
    folder = checkpoint_folder.CheckpointFolder(path)
    self.assert_refused(
      OSError, checkpoint_steps.prepare, folder, message="json' is no folder"
    )

  def test_path_that_tensorflow_takes_for_a_pattern(self) -> None:
    folder = checkpoint_folder.CheckpointFolder(self.path / 'birds [old]')
    self.assert_refused(
      *(ValueError, checkpoint_steps.prepare, folder),
      message=r"birds \[old\]' has one of \* \? ",
    )


if __name__ == '__main__':
  absltest.main()
