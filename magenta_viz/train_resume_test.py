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

"""Tests for trainings that are stopped or killed, and started again."""

import random
import signal
import threading
import time
from typing import Any, Dict

from absl.testing import absltest
import numpy as np

from magenta_viz import test_training_runs as runs
from magenta_viz import train
from magenta_viz import train_config
from magenta_viz.models import checkpoints


class ResumeTest(runs.RunsTestCase):
  def train(self, name: str, **settings: Any) -> Dict[str, np.ndarray]:
    """Trains to the end, in this process; returns all values."""
    config = train_config.TrainConfig(
      **self.settings(self.folder / name, **settings)
    )
    return checkpoints.read_checkpoint(train.run(config).checkpoint)

  def stop_after(self, process: runs.Process, step: int) -> None:
    """Sends SIGTERM once the progress bar shows a step."""
    process.wait_for(lambda: process.shown_step() >= step)
    process.process.send_signal(signal.SIGTERM)

  def values(self, name: str, step: int) -> Dict[str, np.ndarray]:
    return checkpoints.read_checkpoint(
      str(self.folder / name / f'model.ckpt-{step}')
    )

  def assert_same_bits(
    self, found: Dict[str, np.ndarray], expected: Dict[str, np.ndarray]
  ) -> None:
    self.assertEqual(set(found), set(expected))
    for name, value in expected.items():
      self.assertTrue(np.array_equal(found[name], value), name)
      self.assertEqual(found[name].dtype, value.dtype, name)

  def test_stopped_by_sigterm(self) -> None:
    settings: Dict[str, Any] = {
      'model': 'inception_v1',
      'batch_size': 4,
      'num_steps': 8,
      'eval_every': 8,
    }
    process = self.start('stopped', **settings)
    stopper = threading.Thread(target=self.stop_after, args=(process, 2))
    stopper.start()
    # The other one runs meanwhile: weights depend on no load of the machine.
    expected = self.train('whole', **settings)
    layer = 'InceptionV1/Conv2d_1a_7x7'
    for name in ('/weights', '/BatchNorm/beta'):
      for suffix in ('', '/ExponentialMovingAverage', '/Momentum'):
        self.assertIn(f'{layer}{name}{suffix}', expected)
    self.assertIn(f'{layer}/BatchNorm/moving_variance', expected)
    self.assertEqual(expected['global_step'], 8)
    stopper.join()
    self.assertEqual(process.wait(), 143, process)
    step = runs.checkpoint_steps(self.folder / 'stopped')[-1]
    self.assertBetween(step, 2, 7)
    began, *rest = process.lines()
    self.assertEndsWith(began, '; steps 0 to 8.')
    self.assertEqual(
      rest,
      [
        f'image_visualization_train.py: stopped at step {step}, which is saved'
        f' in {self.folder}/stopped; the same command goes on from there'
      ],
    )
    self.assert_same_bits(self.train('stopped', **settings), expected)

  def test_killed_at_any_moment(self) -> None:
    settings: Dict[str, Any] = {
      'program': runs.TINY_PROGRAM,
      'num_steps': 100,
      'checkpoint_every': 2,
      'eval_every': 100,
    }
    train_dir = self.folder / 'killed'
    whole = self.start('whole', **settings)
    kept = [0]
    for _ in range(3):
      process = self.start('killed', **settings)
      least = kept[-1] + random.randint(1, 20)
      while runs.checkpoint_steps(train_dir)[-1:] < [least]:
        self.assertIsNone(process.process.poll(), process)
        time.sleep(0.01)
      time.sleep(random.uniform(0, 0.05))
      process.stop()
      self.assertEqual(process.first_step(), kept[-1])
      kept.append(runs.checkpoint_steps(train_dir)[-1])
      self.assertLessEqual(process.shown_step() - kept[-1], 2)
    self.assertLess(kept[-1], 100, 'all was done before it was killed')
    process = self.start('killed', **settings)
    self.assertEqual(process.wait(), 0, process)
    self.assertEqual(process.first_step(), kept[-1])
    self.assertEqual(whole.wait(), 0, whole)
    self.assert_same_bits(self.values('killed', 100), self.values('whole', 100))
    # What was half written is gone.
    names = set(runs.contents(train_dir))
    self.assertEqual(
      {name for name in names if not name.startswith('events.out.')},
      {
        'checkpoint',
        'model.ckpt-100.data-00000-of-00001',
        'model.ckpt-100.index',
        'model.ckpt-100.json',
      },
    )


if __name__ == '__main__':
  absltest.main()
