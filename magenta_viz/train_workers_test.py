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

"""Tests for trainings on two replicas: of two processes, and of one."""

import json
import signal
import socket
from typing import Any, List, Sequence

from absl.testing import absltest
import numpy as np

from magenta_viz.testing import training_runs
from magenta_viz.testing import two_devices

_PROGRAM = """
from magenta_viz import image_visualization_train
image_visualization_train.console_entry_point()
"""


def _tf_configs() -> List[str]:
  """Returns TF_CONFIG of a chief and a worker, at ports that are free now."""
  with socket.socket() as one, socket.socket() as two:
    jobs = {}
    for job, each in (('chief', one), ('worker', two)):
      each.bind(('127.0.0.1', 0))
      jobs[job] = [f'127.0.0.1:{each.getsockname()[1]}']
  return [
    json.dumps({'cluster': jobs, 'task': {'type': job, 'index': 0}})
    for job in jobs
  ]


class WorkersTest(training_runs.RunsTestCase):
  def start_workers(
    self, program: Sequence[str], **settings: Any
  ) -> List[training_runs.Process]:
    """Starts two workers, or goes on with them."""
    return [
      self.start('workers', program, {'TF_CONFIG': tf_config}, **settings)
      for tf_config in _tf_configs()
    ]

  def start_mirrored(
    self, program: str, **settings: Any
  ) -> training_runs.Process:
    """Starts one process with two replicas."""
    return self.start(
      'mirrored',
      ('-c', two_devices.PROGRAM + program),
      strategy='mirrored',
      **settings,
    )

  def assert_says(self, process: training_runs.Process, text: str) -> None:
    """Fails unless a program ended with one line of its own, and no trace."""
    lines = process.own_lines()
    self.assertLen(lines, 1, process)
    self.assertStartsWith(lines[0], f'tiny: {text}')
    # TensorFlow's own remarks may quote one of another worker.
    self.assertNotRegex(str(process), r'(?m)^Traceback \(')

  def assert_close(self, step: int) -> None:
    """Compares the checkpoints of both, which is of all that there is."""
    found, expected = (
      training_runs.values_of(self.folder / name, step)
      for name in ('workers', 'mirrored')
    )
    self.assertEqual(set(found), set(expected))
    for name, value in expected.items():
      np.testing.assert_allclose(
        found[name], value, rtol=0, atol=1e-5, err_msg=name
      )

  def test_two_workers_are_two_replicas(self) -> None:
    settings = {'model': 'inception_v1', 'num_steps': 2}
    processes = [
      *self.start_workers(training_runs.PROGRAM, **settings),
      self.start_mirrored(_PROGRAM, **settings),
    ]
    for process in processes:
      self.assertEqual(process.wait(), 0, process)
    self.assert_close(2)
    for process, replicas in zip(
      processes, (*['2 workers of 1 CPU replica'] * 2, '2 CPU replicas')
    ):
      self.assertIn(f' pictures, {replicas}; steps 0 to 2.', str(process))
    # Of the same pictures, each counted once.
    accuracies = [
      training_runs.record_of(self.folder / name, 2)['top1']
      for name in ('workers', 'mirrored')
    ]
    self.assertAlmostEqual(*accuracies)
    # The chief alone writes.
    names = set(training_runs.contents(self.folder / 'workers'))
    (events,) = {name for name in names if name.startswith('events.')}
    self.assertEqual(
      names,
      {
        events,
        'checkpoint',
        'model.ckpt-2.data-00000-of-00001',
        'model.ckpt-2.index',
        'model.ckpt-2.json',
      },
    )

  def test_stopped_killed_and_started_again(self) -> None:
    settings = {'num_steps': 60, 'checkpoint_every': 2, 'eval_every': 60}
    train_dir = self.folder / 'workers'
    mirrored = self.start_mirrored(training_runs.TINY_PROGRAM[1], **settings)

    chief, other = self.start_workers(training_runs.TINY_PROGRAM, **settings)
    chief.wait_for(lambda: training_runs.checkpoint_steps(train_dir))
    # Whoever is told to stop, all do, at the same step.
    other.process.send_signal(signal.SIGTERM)
    for process in (chief, other):
      self.assertEqual(process.wait(), 143, process)
    (stopped,) = training_runs.checkpoint_steps(train_dir)
    self.assertLess(stopped, 60)
    for process in (chief, other):
      self.assert_says(process, f'stopped at step {stopped}, which')

    chief, other = self.start_workers(training_runs.TINY_PROGRAM, **settings)
    chief.wait_for(
      lambda: training_runs.checkpoint_steps(train_dir) > [stopped]
    )
    other.process.kill()
    self.assertEqual(chief.wait(), 1, chief)
    self.assertEqual(chief.first_step(), stopped)
    self.assert_says(chief, 'another worker has gone (')
    (kept,) = training_runs.checkpoint_steps(train_dir)
    self.assertLess(kept, 60)

    workers = self.start_workers(training_runs.TINY_PROGRAM, **settings)
    for process in (*workers, mirrored):
      self.assertEqual(process.wait(), 0, process)
    for process in workers:
      self.assertEqual(process.first_step(), kept)
    self.assert_close(60)


if __name__ == '__main__':
  absltest.main()
