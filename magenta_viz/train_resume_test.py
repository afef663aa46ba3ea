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

import fcntl
import os
import pty
import random
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from typing import Any, Dict
from unittest import mock

from absl.testing import absltest
import numpy as np

from magenta_viz import train
from magenta_viz.testing import training_runs
from magenta_viz.training import progress as progress_lib

# The tiny program with steps that take long, in Python.
_SLOW_STEPS = (
  '-c',
  """
import time
from magenta_viz.training import steps
train = steps.Steps.train
def slow(*arguments, **others):
  if int(arguments[2].step) > 2:
    time.sleep(600 if arguments[2].stop else 1)
  return train(*arguments, **others)
steps.Steps.train = slow
"""
  + training_runs.TINY_PROGRAM[1],
)

# The program that is its argument, in the terminal that is its standard input.
_IN_TERMINAL = """
import fcntl, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
program = sys.argv.pop(1)
exec(program)
"""


class ResumeTest(training_runs.TinyRunsTestCase):
  def train(self, name: str, **settings: Any) -> Dict[str, np.ndarray]:
    """Trains to the end, in this process; returns all values."""
    result = train.run(self.config(self.folder / name, **settings))
    return training_runs.values_of(self.folder / name, result.step)

  def stop_after(
    self,
    process: training_runs.Process,
    step: int,
    number: int = signal.SIGTERM,
  ) -> None:
    """Sends a signal once the progress bar shows a step."""
    process.wait_for(lambda: process.shown_step() >= step)
    process.process.send_signal(number)

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
    step = training_runs.checkpoint_steps(self.folder / 'stopped')[-1]
    self.assertBetween(step, 2, 7)
    began, *rest = process.lines()
    self.assertEndsWith(began, '; steps 0 to 8.')
    self.assertEqual(
      rest,
      [
        f'image_visualization_train: stopped at step {step}, which is saved'
        f' in {self.folder}/stopped; the same command goes on from there'
      ],
    )
    self.assert_same_bits(self.train('stopped', **settings), expected)

  def test_young_run_stopped_by_a_person(self) -> None:
    settings: Any = {
      'num_steps': 400,
      'checkpoint_every': 500,
      'eval_every': 500,
    }
    last = 0
    for number, status in ((signal.SIGINT, 130), (signal.SIGHUP, 129)):
      process = self.start('stopped', training_runs.TINY_PROGRAM, **settings)
      self.stop_after(process, last + 7, number)
      self.assertEqual(process.wait(), status, process)
      self.assertEqual(process.first_step(), last)
      # Long before the first checkpoint that is due.
      (step,) = training_runs.checkpoint_steps(self.folder / 'stopped')
      self.assertBetween(step, last + 7, 399)
      self.assertEqual(
        process.lines().count(
          'Stopping after what is under way; all is saved then. Ctrl-C again'
          ' ends it at once.'
        ),
        number == signal.SIGINT,
      )
      self.assertEqual(
        process.own_lines(),
        [
          f'tiny: stopped at step {step}, which is saved in'
          f' {self.folder}/stopped; the same command goes on from there'
        ],
      )
      last = step
    self.assert_same_bits(
      self.train('stopped', **settings), self.train('whole', **settings)
    )

  def test_a_second_ctrl_c_ends_at_once(self) -> None:
    settings: Any = {'num_steps': 99, 'checkpoint_every': 2}
    process = self.start('stopped', _SLOW_STEPS, **settings)
    self.stop_after(process, 3, signal.SIGINT)
    process.wait_for(lambda: 'Stopping after' in str(process))
    process.process.send_signal(signal.SIGINT)
    self.assertEqual(process.wait(), 130, process)
    self.assertEqual(
      process.own_lines(), ['tiny: stopped; what is finished stays']
    )
    # One that was due, however long the steps took to be seen.
    kept = training_runs.checkpoint_steps(self.folder / 'stopped')[-1]
    self.assertBetween(kept, 2, 98)
    self.assertEqual(kept % 2, 0)
    with self.assertLogs(level='INFO') as log:
      self.train('stopped', **settings)
    self.assertEndsWith(log.output[0], f'; steps {kept} to 99.')

  def test_closed_terminal(self) -> None:
    ours, theirs = pty.openpty()
    # Rows and columns, else there is no place for a progress bar.
    size = struct.pack('4H', 24, 100, 0, 0)
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, size)
    with subprocess.Popen(
      [
        *(sys.executable, '-c', _IN_TERMINAL, *training_runs.TINY_PROGRAM[1:]),
        *training_runs.flags(
          self.settings(self.folder / 'closed', num_steps=100000)
        ),
      ],
      env={**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)},
      stdin=theirs,
      stdout=theirs,
      stderr=theirs,
      start_new_session=True,
    ) as process:
      os.close(theirs)
      text = b''
      while not re.search(rb'\| [1-9]\d*/100000 \[', text):
        text += os.read(ours, 4096)
      # The kernel sends SIGHUP, and whoever writes there gets an error.
      os.close(ours)
      self.assertEqual(process.wait(training_runs.LIMIT), 129)
    self.assertLen(training_runs.checkpoint_steps(self.folder / 'closed'), 1)

  def test_interrupted_in_python(self) -> None:
    note = progress_lib.Progress.note

    def interrupt(watch: Any, step: int, *others: Any) -> None:
      if step == 2:
        os.kill(os.getpid(), signal.SIGINT)
      note(watch, step, *others)

    with mock.patch.object(progress_lib.Progress, 'note', interrupt):
      with self.assertRaisesRegex(
        KeyboardInterrupt,
        r'^stopped at step \d, which is saved in .*/stopped; ',
      ) as caught:
        self.train('stopped', num_steps=1000)
    assert isinstance(caught.exception, train.Interrupted)
    result = caught.exception.result
    self.assertEqual(
      (result.is_finished, result.stopped_by), (False, signal.SIGINT)
    )
    self.assertEqual(
      training_runs.checkpoint_steps(self.folder / 'stopped'), [result.step]
    )
    self.assertLess(result.step, 6)

  def test_one_is_refused_and_the_other_is_not_disturbed(self) -> None:
    settings: Dict[str, Any] = {
      'program': training_runs.TINY_PROGRAM,
      'num_steps': 100000,
      'checkpoint_every': 1,
      'eval_every': 100000,
    }
    train_dir = self.train_dir
    first = self.start('train', **settings)
    first.wait_for(lambda: training_runs.checkpoint_steps(train_dir))
    second = self.start('train', **settings)
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
    third = self.start('train', **settings)
    third.wait_for(
      lambda: training_runs.checkpoint_steps(train_dir)[-1:] > [kept]
    )
    self.assertEqual(third.first_step(), kept)
    third.stop()

  def test_killed_at_any_moment(self) -> None:
    settings: Any = {'num_steps': 100, 'checkpoint_every': 2, 'eval_every': 100}
    train_dir = self.folder / 'killed'
    kept = [0]
    for _ in range(3):
      process = self.start('killed', training_runs.TINY_PROGRAM, **settings)
      least = kept[-1] + random.randint(1, 20)
      while training_runs.checkpoint_steps(train_dir)[-1:] < [least]:
        self.assertIsNone(process.process.poll(), process)
        time.sleep(0.01)
      time.sleep(random.uniform(0, 0.05))
      process.stop()
      self.assertEqual(process.first_step(), kept[-1])
      kept.append(training_runs.checkpoint_steps(train_dir)[-1])
      self.assertLessEqual(process.shown_step() - kept[-1], 2)
    self.assertLess(kept[-1], 100, 'all was done before it was killed')
    with self.assertLogs(level='INFO') as log:
      found = self.train('killed', **settings)
    self.assertEndsWith(log.output[0], f'; steps {kept[-1]} to 100.')
    self.assert_same_bits(found, self.train('whole', **settings))
    # What was half written is gone.
    names = set(training_runs.contents(train_dir))
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
