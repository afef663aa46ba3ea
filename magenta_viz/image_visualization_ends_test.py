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

"""Tests of how programs end: by errors, by Ctrl-C and by SIGTERM."""

import gc
import logging
import signal
import time
from typing import Any, Callable, List, Sequence

from absl.testing import absltest

from magenta_viz import program
from magenta_viz.testing import programs


class LeaveTest(absltest.TestCase):
  def test_foreign_words_do_nothing(self) -> None:
    def main(argv: Sequence[str]) -> None:
      logging.getLogger('absl').error('%s is read.', 'a\n\x1b[2J')
      raise ValueError("no 'a\x1b[2J\u202eb\nc'; take another")

    ended = programs.run(lambda: program.run(main, __name__), 'program')
    self.assertEqual(
      ended.stderr.splitlines(),
      [
        r'a\n\x1b[2J is read.',
        r"program: no 'a\x1b[2J\u202eb c'; take another",
      ],
    )
    self.assertEqual(ended.status, 1)


class InterruptTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    self.addCleanup(signal.signal, signal.SIGINT, before)

  def _run(self, main: Callable[[Sequence[str]], None]) -> programs.Ended:
    return programs.run(lambda: program.run(main, __name__), 'program')

  def _assert_stopped(self, ended: programs.Ended, status: int = 130) -> None:
    self.assertEqual(ended.status, status)
    self.assertIn('program: stopped; what is finished stays', ended.stderr)

  def test_anywhere(self) -> None:
    def main(argv: Sequence[str]) -> None:
      signal.raise_signal(signal.SIGINT)
      self.fail('it goes on')

    self._assert_stopped(self._run(main))

  def test_of_a_cluster_manager(self) -> None:
    def main(argv: Sequence[str]) -> None:
      signal.raise_signal(signal.SIGTERM)
      self.fail('it goes on')

    self._assert_stopped(self._run(main), 143)
    self.assertEqual(signal.getsignal(signal.SIGTERM), signal.SIG_DFL)

  def test_while_garbage_is_collected(self) -> None:
    calls: List[str] = []

    def callback(phase: str, info: Any) -> None:
      if not calls:
        calls.append(phase)
        signal.raise_signal(signal.SIGINT)

    def main(argv: Sequence[str]) -> None:
      gc.callbacks.append(callback)
      try:
        gc.collect()
      finally:
        gc.callbacks.remove(callback)
      time.sleep(10)
      self.fail('the interrupt is lost')

    self._assert_stopped(self._run(main))
    self.assertLen(calls, 1)

  def test_in_a_destructor(self) -> None:
    class Sender:
      def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)

    def main(argv: Sequence[str]) -> None:
      sender = Sender()
      del sender
      time.sleep(10)
      self.fail('the interrupt is lost')

    self._assert_stopped(self._run(main))

  def test_ignored(self) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ended = self._run(lambda argv: signal.raise_signal(signal.SIGINT))
    self.assertEqual(ended.status, 0)

  def test_once_is_enough(self) -> None:
    """Nothing interrupts what comes after the program's end."""

    def main(argv: Sequence[str]) -> None:
      signal.raise_signal(signal.SIGINT)

    self._assert_stopped(self._run(main))
    self.assertEqual(signal.getitimer(signal.ITIMER_REAL), (0.0, 0.0))
    self.assertIs(signal.getsignal(signal.SIGINT), signal.default_int_handler)


if __name__ == '__main__':
  absltest.main()
