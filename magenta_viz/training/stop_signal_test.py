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

"""Tests of the note of SIGTERM, with real ones."""

import os
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
    before = signal.signal(signal.SIGTERM, self._receive)
    self.addCleanup(signal.signal, signal.SIGTERM, before)

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

  def test_handler_is_back_after_an_error(self) -> None:
    with self.assertRaisesRegex(OSError, 'disk is full'):
      with stop_signal.StopSignal():
        raise OSError('disk is full')
    self.assertEqual(signal.getsignal(signal.SIGTERM), self._receive)

  def test_default_is_back(self) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with stop_signal.StopSignal():
      self.assertNotEqual(signal.getsignal(signal.SIGTERM), signal.SIG_DFL)
    self.assertEqual(signal.getsignal(signal.SIGTERM), signal.SIG_DFL)

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


if __name__ == '__main__':
  absltest.main()
