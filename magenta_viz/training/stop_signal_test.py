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

"""Tests of the note of signals, with real ones."""

import os
import pty
import signal
import threading
from typing import Any, List

from absl.testing import absltest

from magenta_viz.training import stop_signal


def _send() -> None:
  # It is handled before this returns, in the main thread.
  os.kill(os.getpid(), signal.SIGTERM)


class StopSignalTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.received: List[int] = []
    # In place of death, where a test fails.
    self.set_handler(signal.SIGTERM, self._receive)

  def set_handler(self, number: int, handler: Any) -> None:
    """Lets a signal do something until the test ends."""
    before = signal.signal(number, handler)
    self.addCleanup(signal.signal, number, before)

  def _receive(self, number: int, frame: Any) -> None:
    del frame
    self.received.append(number)

  def test_notes_it(self) -> None:
    with stop_signal.StopSignal() as stop:
      self.assertFalse(stop.is_set)
      _send()
      self.assertTrue(stop.is_set)
      # As impatient systems do.
      _send()
      self.assertTrue(stop.is_set)
    self.assertTrue(stop.is_set)
    self.assertEmpty(self.received)

  def test_handler_is_back(self) -> None:
    with stop_signal.StopSignal() as stop:
      pass
    _send()
    self.assertEqual(self.received, [signal.SIGTERM])
    self.assertFalse(stop.is_set)
    for before in (self._receive, signal.SIG_DFL):
      signal.signal(signal.SIGTERM, before)
      with self.assertRaisesRegex(OSError, 'disk is full'):
        with stop_signal.StopSignal():
          self.assertNotEqual(signal.getsignal(signal.SIGTERM), before)
          raise OSError('disk is full')
      self.assertEqual(signal.getsignal(signal.SIGTERM), before)

  def test_one_inside_of_another(self) -> None:
    with stop_signal.StopSignal() as outer:
      with stop_signal.StopSignal() as inner:
        _send()
      self.assertTrue(inner.is_set)
      self.assertFalse(outer.is_set)
      _send()
      self.assertTrue(outer.is_set)

  def test_other_thread(self) -> None:
    ended: List[bool] = []

    def enter() -> None:
      with stop_signal.StopSignal() as stop:
        ended.append(stop.is_set)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join(60)
    self.assertEqual(ended, [False])
    self.assertEqual(signal.getsignal(signal.SIGTERM), self._receive)

  def test_a_second_ctrl_c_is_what_it_was(self) -> None:
    self.set_handler(signal.SIGINT, self._receive)
    with stop_signal.StopSignal() as stop:
      # A system that is impatient is no person.
      _send()
      self.assertEqual(
        (stop.is_set, stop.number, stop.is_interrupted),
        (True, signal.SIGTERM, False),
      )
      os.kill(os.getpid(), signal.SIGINT)
      self.assertTrue(stop.is_interrupted)
      self.assertEqual(stop.number, signal.SIGTERM)
      self.assertEmpty(self.received)
      os.kill(os.getpid(), signal.SIGINT)
      self.assertEqual(self.received, [signal.SIGINT])
    os.kill(os.getpid(), signal.SIGINT)
    self.assertEqual(self.received, [signal.SIGINT] * 2)

  def test_a_second_ctrl_c_where_it_was_death(self) -> None:
    self.set_handler(signal.SIGINT, signal.SIG_DFL)
    with self.assertRaises(KeyboardInterrupt):
      with stop_signal.StopSignal():
        for _ in range(2):
          os.kill(os.getpid(), signal.SIGINT)
    self.assertEqual(signal.getsignal(signal.SIGINT), signal.SIG_DFL)

  def test_what_is_ignored_stays_ignored(self) -> None:
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
      self.set_handler(number, signal.SIG_IGN)
    with stop_signal.StopSignal() as stop:
      for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        os.kill(os.getpid(), number)
    self.assertFalse(stop.is_set)

  def test_a_terminal_that_is_there_stays(self) -> None:
    # Under nohup it is ignored, and stays so.
    self.set_handler(signal.SIGHUP, signal.SIG_DFL)
    ours, theirs = pty.openpty()
    self.addCleanup(os.close, ours)
    self.addCleanup(os.close, theirs)
    kept = os.dup(2)
    os.dup2(theirs, 2)
    try:
      with stop_signal.StopSignal() as stop:
        os.kill(os.getpid(), signal.SIGHUP)
      is_terminal = os.isatty(2)
    finally:
      os.dup2(kept, 2)
      os.close(kept)
    self.assertTrue(is_terminal)
    self.assertEqual(stop.number, signal.SIGHUP)


if __name__ == '__main__':
  absltest.main()
