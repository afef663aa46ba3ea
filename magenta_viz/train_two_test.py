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

"""Tests for two trainings in one folder, which are processes."""

from typing import Any, Dict
from unittest import mock

from absl.testing import absltest

from magenta_viz import train
from magenta_viz.testing import training_runs
from magenta_viz.training import checkpoint_folder
from magenta_viz.training import config as train_config


class TwoTrainingsTest(training_runs.RunsTestCase):
  def test_one_is_refused_and_the_other_is_not_disturbed(self) -> None:
    settings: Dict[str, Any] = {
      'program': training_runs.TINY_PROGRAM,
      'num_steps': 100000,
      'checkpoint_every': 1,
      'eval_every': 100000,
    }
    train_dir = self.folder / 'shared'
    first = self.start('shared', **settings)
    first.wait_for(lambda: training_runs.checkpoint_steps(train_dir))
    second = self.start('shared', **settings)
    self.assertEqual(second.wait(), 1, second)
    (line,) = second.own_lines()
    self.assertRegex(
      line,
      f"^tiny: another training is running in '{train_dir}' \\(process"
      rf' {first.process.pid} on .*\); wait for its end, or take another',
    )
    before = training_runs.checkpoint_steps(train_dir)[-1]
    first.wait_for(
      lambda: training_runs.checkpoint_steps(train_dir)[-1:] > [before]
    )
    # Killed without a chance to tidy up, it holds nothing.
    first.stop()
    kept = training_runs.checkpoint_steps(train_dir)[-1]
    third = self.start('shared', **settings)
    third.wait_for(
      lambda: training_runs.checkpoint_steps(train_dir)[-1:] > [kept]
    )
    self.assertEqual(third.first_step(), kept)
    third.stop()

  def test_another_one_saved_while_this_one_began(self) -> None:
    config = train_config.TrainConfig.of(
      **self.settings(self.folder / 'train', num_steps=2)
    )
    prepared = checkpoint_folder.CheckpointFolder.prepared

    def late(folder: checkpoint_folder.CheckpointFolder) -> Any:
      with mock.patch.object(
        checkpoint_folder.CheckpointFolder, 'prepared', prepared
      ):
        train.run(config)
      return prepared(folder)

    with mock.patch.object(
      checkpoint_folder.CheckpointFolder, 'prepared', late
    ):
      with self.assertRaisesRegex(
        ValueError, 'another training has just saved step 2 in .*/train.; give'
      ):
        train.run(config)
    self.assertTrue(train.run(config).is_finished)


if __name__ == '__main__':
  absltest.main()
