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

"""Tests of the look at what steps found."""

import io
from typing import Any
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf
import tqdm

from magenta_viz.training import progress as train_watch
from magenta_viz.training import steps as steps_lib
from magenta_viz.training import summaries as train_log


def _findings(
  loss: float = 1.25, norm: float = 2.0, stop: float = 0.0
) -> steps_lib.Findings:
  values = (loss, 0.75, norm, stop)
  return steps_lib.Findings(*(tf.constant(each) for each in values))


class WatchTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.log = mock.create_autospec(train_log.TrainLog, instance=True)
    self.text = io.StringIO()
    self.bar = tqdm.tqdm(total=100, file=self.text, mininterval=0, ncols=120)
    self.addCleanup(self.bar.close)
    # Of the clock, in seconds.
    self.now = 1000.0
    self.enter(mock.patch('time.monotonic', side_effect=lambda: self.now))

  def enter(self, patch: Any) -> None:
    patch.start()
    self.addCleanup(patch.stop)

  def make(self, may_overflow: bool = False) -> train_watch.Watch:
    return train_watch.Watch(self.log, self.bar, 32, may_overflow)

  def pass_step(
    self, watch: train_watch.Watch, step: int, seconds: float = 0.5
  ) -> bool:
    """Notes a step and looks at it."""
    self.now += seconds
    watch.note(step, 0.1, _findings())
    return watch.look()

  def test_nothing_to_look_at(self) -> None:
    watch = self.make()
    self.assertFalse(watch.look())
    self.pass_step(watch, 0)
    # Not twice.
    self.assertFalse(watch.look())
    self.assertEqual(self.bar.n, 1)

  @parameterized.parameters(np.nan, np.inf, -np.inf)
  def test_loss_that_is_no_number(self, loss: float) -> None:
    for may_overflow in (False, True):
      watch = self.make(may_overflow)
      self.pass_step(watch, 6)
      watch.note(7, 0.1, _findings(loss=loss))
      message = f'^the loss of step 7 is {loss}$'
      with self.assertRaisesRegex(FloatingPointError, message):
        watch.look()

  @parameterized.parameters(np.nan, np.inf)
  def test_gradient_that_is_no_number(self, norm: float) -> None:
    watch = self.make()
    watch.note(20, 0.1, _findings(norm=norm))
    message = f'^the gradient of step 20 is {norm}$'
    with self.assertRaisesRegex(FloatingPointError, message):
      watch.look()
    self.log.scalars.assert_not_called()
    self.assertEqual(self.bar.n, 0)

  @parameterized.parameters(np.nan, np.inf)
  def test_gradient_that_may_overflow(self, norm: float) -> None:
    watch = self.make(may_overflow=True)
    self.now += 1
    watch.note(20, 0.1, _findings(norm=norm))
    self.assertFalse(watch.look())
    self.assertEqual(self.bar.n, 1)

  @parameterized.parameters((0.0, False), (1.0, True), (8.0, True))
  def test_stop(self, stop: float, expected: bool) -> None:
    watch = self.make()
    self.now += 1
    watch.note(3, 0.1, _findings(stop=stop))
    self.assertIs(watch.look(), expected)
    # Once.
    self.assertFalse(watch.look())

  def test_looks_at_the_step_before(self) -> None:
    watch = self.make()
    watch.note(0, 0.1, _findings(loss=np.nan))
    # The next step is noted later than this one is looked at.
    with self.assertRaisesRegex(FloatingPointError, 'step 0'):
      watch.look()

  def test_bar(self) -> None:
    watch = self.make()
    for step in range(3):
      self.pass_step(watch, step)
    self.assertEqual(self.bar.n, 3)
    self.bar.refresh()
    last = self.text.getvalue().split('\r')[-1]
    self.assertIn('3/100', last)
    self.assertIn('images/s=64.0', last)
    self.assertIn('loss=1.2500', last)

  def test_log(self) -> None:
    watch = self.make()
    for step in range(25):
      self.pass_step(watch, step)
    steps = [call[0][0] for call in self.log.scalars.call_args_list]
    self.assertEqual(steps, [0, 10, 20])
    values = self.log.scalars.call_args[0][1]
    self.assertEqual(
      values,
      {
        'train/loss': 1.25,
        'train/accuracy': 0.75,
        'train/gradient_norm': 2.0,
        'train/learning_rate': 0.1,
        'train/images_per_second': 64.0,
      },
    )

  def test_speed_is_that_of_late(self) -> None:
    watch = self.make()
    speeds = []
    for step in range(31):
      # The first step is traced, the last ten are slow.
      seconds = {0: 16.0}.get(step, 0.5 if step <= 20 else 1.0)
      self.pass_step(watch, step, seconds)
    for call in self.log.scalars.call_args_list:
      speeds.append(call[0][1]['train/images_per_second'])
    np.testing.assert_allclose(speeds, [2, 64, 64, 32])

  def test_pauses_do_not_count(self) -> None:
    watch = self.make()
    for step in range(10):
      self.pass_step(watch, step)
    # An evaluation.
    self.now += 1000
    watch.resume()
    self.pass_step(watch, 10)
    values = self.log.scalars.call_args[0][1]
    self.assertAlmostEqual(values['train/images_per_second'], 64)


if __name__ == '__main__':
  absltest.main()
