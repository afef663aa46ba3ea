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
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf
import tqdm

from magenta_viz.training import progress as progress_lib
from magenta_viz.training import steps as steps_lib
from magenta_viz.training import summaries as summaries_lib


def _findings(
  loss: float = 1.25, norm: float = 2.0, stop: float = 0.0
) -> steps_lib.Findings:
  values = (loss, 0.75, norm, stop)
  return steps_lib.Findings(*(tf.constant(each) for each in values))


class ProgressTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.log = mock.create_autospec(summaries_lib.Summaries, instance=True)
    self.text = io.StringIO()
    self.bar = tqdm.tqdm(total=100, file=self.text, mininterval=0, ncols=120)
    self.addCleanup(self.bar.close)
    # Of the clock, in seconds.
    self.now = 1000.0
    self.enter_context(
      mock.patch('time.monotonic', side_effect=lambda: self.now)
    )

  def make(self, may_overflow: bool = False) -> progress_lib.Progress:
    return progress_lib.Progress(self.log, self.bar, 32, may_overflow)

  def pass_step(
    self, progress: progress_lib.Progress, step: int, seconds: float = 0.5
  ) -> bool:
    """Notes a step and looks at it."""
    self.now += seconds
    progress.note(step, 0.1, _findings())
    return progress.look()

  def test_nothing_to_look_at(self) -> None:
    progress = self.make()
    self.assertFalse(progress.look())
    self.pass_step(progress, 0)
    # Not twice.
    self.assertFalse(progress.look())
    self.assertEqual(self.bar.n, 1)

  @parameterized.parameters(
    *(('loss', loss, True) for loss in (np.nan, np.inf, -np.inf)),
    *(('loss', loss, False) for loss in (np.nan, np.inf, -np.inf)),
    ('gradient', np.nan, False),
    ('gradient', np.inf, False),
  )
  def test_what_is_no_number(
    self, what: str, value: float, may_overflow: bool
  ) -> None:
    progress = self.make(may_overflow)
    self.pass_step(progress, 6)
    found = {'loss': 'loss', 'gradient': 'norm'}
    progress.note(20, 0.1, _findings(**{found[what]: value}))
    message = f'^the {what} of step 20 is {value}$'
    with self.assertRaisesRegex(FloatingPointError, message):
      progress.look()
    self.log.scalars.assert_not_called()
    self.assertEqual(self.bar.n, 1)

  @parameterized.parameters(np.nan, np.inf)
  def test_gradient_that_may_overflow(self, norm: float) -> None:
    progress = self.make(may_overflow=True)
    self.now += 1
    progress.note(20, 0.1, _findings(norm=norm))
    self.assertFalse(progress.look())
    self.assertEqual(self.bar.n, 1)

  @parameterized.parameters((0.0, False), (1.0, True), (8.0, True))
  def test_stop(self, stop: float, expected: bool) -> None:
    progress = self.make()
    self.now += 1
    progress.note(3, 0.1, _findings(stop=stop))
    self.assertIs(progress.look(), expected)
    # Once.
    self.assertFalse(progress.look())

  def test_bar(self) -> None:
    progress = self.make()
    for step in range(3):
      self.pass_step(progress, step)
    self.assertEqual(self.bar.n, 3)
    self.bar.refresh()
    last = self.text.getvalue().split('\r')[-1]
    self.assertIn('3/100', last)
    self.assertIn('images/s=64.0', last)
    self.assertIn('loss=1.2500', last)

  def test_log(self) -> None:
    progress = self.make()
    for step in range(25):
      self.pass_step(progress, step)
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
    progress = self.make()
    for step in range(31):
      # The first step is traced, the last ten are slow.
      self.pass_step(progress, step, 16 if not step else 0.5 + (step > 20) / 2)
      if step == 5:
        # Pauses do not count, such as an evaluation.
        self.now += 1000
        progress.resume()
    speeds = [
      call[0][1]['train/images_per_second']
      for call in self.log.scalars.call_args_list
    ]
    np.testing.assert_allclose(speeds, [2, 64, 64, 32])


if __name__ == '__main__':
  absltest.main()
