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
"""Lets who wants the machine back end a training in good order."""

import contextlib
import os
import signal
import stat
import threading
from typing import Any, ContextManager, Dict, Optional

# A cluster manager's, Ctrl-C, and that of a terminal that was closed, which
# Windows does not have.
_SIGNALS = tuple(
  getattr(signal, name)
  for name in ('SIGTERM', 'SIGINT', 'SIGHUP')
  if hasattr(signal, name)
)

_NOTICE = (
  b'\nStopping after what is under way; all is saved then. Ctrl-C again ends it'
  b' at once.\n'
)


class StopSignal(ContextManager['StopSignal']):
  """Notes SIGTERM, SIGINT and SIGHUP, instead of dying of them.

  A context manager; what the signals did before, they do again afterwards, and
  those that were ignored, as under nohup, stay ignored. A second SIGINT does at
  once what the first would have done. Outside of the main thread, where Python
  cannot handle signals, it notes nothing.

  Attributes:
    is_set: Whether a signal has come.
    number: The first that came; None without one.
    is_interrupted: Whether SIGINT has come, first or later.
  """

  def __init__(self) -> None:
    """Notes nothing yet."""
    self.is_set = False
    self.number: Optional[int] = None
    self.is_interrupted = False
    self._before: Dict[int, Any] = {}

  def __enter__(self) -> 'StopSignal':
    """Begins to take note."""
    if threading.current_thread() is threading.main_thread():
      for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
          self._before[number] = signal.signal(number, self._note)
    return self

  def __exit__(self, *unused_error: Any) -> None:
    """Lets the signals do what they did."""
    for number, handler in self._before.items():
      # None stands for a handler that is not Python's.
      if handler is not None:
        signal.signal(number, handler)

  def _note(self, number: int, frame: Any) -> None:
    """Takes note; the loop saves and ends when it can."""
    if number == signal.SIGINT:
      if self.is_interrupted:
        self._give_in(frame)
        return
      self.is_interrupted = True
      # What Python's own streams and logs hold may be locked by what the signal
      # has come into.
      with contextlib.suppress(OSError):
        os.write(2, _NOTICE)
    elif number != signal.SIGTERM:
      _let_go_of_terminal()
    self.is_set = True
    self.number = self.number or number

  def _give_in(self, frame: Any) -> None:
    """Does what SIGINT did before."""
    before = self._before[signal.SIGINT]
    if callable(before):
      before(signal.SIGINT, frame)
    else:
      raise KeyboardInterrupt


def _let_go_of_terminal() -> None:
  """Lets what is written to a terminal that was closed go nowhere.

  Else the first line of a log or of a progress bar would be an error.
  """
  nowhere = os.open(os.devnull, os.O_RDWR)
  for descriptor in range(3):
    with contextlib.suppress(OSError):
      is_device = stat.S_ISCHR(os.fstat(descriptor).st_mode)
      # One that is closed does not even say that it is a terminal.
      if is_device and not os.isatty(descriptor):
        os.dup2(nowhere, descriptor)
  os.close(nowhere)
