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

"""Tests of pictures that grow in a notebook, with a clock of the test's."""

from unittest import mock

from absl.testing import absltest
import numpy as np

from magenta_viz.testing import notebook_shell
from magenta_viz.visualization import growing as growing_lib


class GrowingTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.now = 100.0
    self.num_made = 0
    self.seconds = 0.0
    self.enter_context(mock.patch('time.monotonic', lambda: self.now))

  def images(self, batch: int = 1) -> np.ndarray:
    """Makes images of 40 x 64 pixels, which takes `seconds`; red ones."""
    self.num_made += 1
    self.now += self.seconds
    return np.ones((batch, 40, 64, 3), np.float32) * (1, 0, 0)

  def test_nothing_is_made_where_nobody_looks(self) -> None:
    with growing_lib.Growing(True) as growing:
      self.now += 10
      growing.look(self.images)
    with notebook_shell.notebook_shell() as shell:
      with growing_lib.Growing(False) as growing:
        self.now += 10
        growing.look(self.images)
    self.assertEqual(self.num_made, 0)
    self.assertEmpty(shell.contents)

  def test_grows_in_its_place_and_goes(self) -> None:
    with notebook_shell.notebook_shell() as shell:
      with growing_lib.Growing(True) as growing:
        # Before any bar, which would be cut in two.
        self.assertEqual(shell.seen(), [notebook_shell.NOTHING])
        for _ in range(40):
          growing.look(self.images)
          self.now += 0.1
        (content,) = shell.seen()
        self.assertEqual(notebook_shell.picture(content).shape, (40, 64, 3))
        np.testing.assert_allclose(
          notebook_shell.picture(content)[20, 32], (1, 0, 0), atol=0.02
        )
      self.assertEqual(shell.seen(), [notebook_shell.NOTHING])
    # In four seconds, twice a second at most.
    self.assertBetween(self.num_made, 5, 8)

  def test_costs_little_of_what_is_slow(self) -> None:
    self.seconds = 2.0
    with notebook_shell.notebook_shell():
      with growing_lib.Growing(True) as growing:
        start = self.now
        while self.now < start + 1000:
          growing.look(self.images)
          self.now += 1
    self.assertBetween(self.num_made, 10, 17)

  def test_batch_is_a_sheet(self) -> None:
    with notebook_shell.notebook_shell() as shell:
      with growing_lib.Growing(True) as growing:
        self.now += 1
        growing.look(lambda: self.images(4))
        sheet = notebook_shell.picture(shell.seen()[0])
    # Two beside one another, and two below.
    red = np.all(np.abs(sheet - (1, 0, 0)) < 0.1, axis=2)
    for axis in (0, 1):
      line = red.any(axis=axis).astype(int)
      self.assertEqual(np.sum(np.diff(line) == 1), 2)

  def test_large_ones_are_made_small(self) -> None:
    with notebook_shell.notebook_shell() as shell:
      with growing_lib.Growing(True) as growing:
        self.now += 1
        growing.look(lambda: np.zeros((1, 400, 1600, 3), np.float32))
        self.assertEqual(
          notebook_shell.picture(shell.seen()[0]).shape, (96, 384, 3)
        )

  def test_goes_after_an_error(self) -> None:
    with notebook_shell.notebook_shell() as shell:
      with self.assertRaises(KeyboardInterrupt):
        with growing_lib.Growing(True) as growing:
          self.now += 1
          growing.look(self.images)
          raise KeyboardInterrupt
      self.assertEqual(shell.seen(), [notebook_shell.NOTHING])


if __name__ == '__main__':
  absltest.main()
