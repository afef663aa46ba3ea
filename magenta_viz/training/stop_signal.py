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
"""Lets a system that wants the machine back end a training in good order."""

import contextlib
import signal
import threading
from typing import Any


class StopSignal(contextlib.AbstractContextManager):
  """Notes SIGTERM, as cluster managers send it, instead of dying of it.

  A context manager; what SIGTERM did before, it does again afterwards. Outside
  of the main thread, where Python cannot handle signals, it notes nothing.

  Attributes:
    is_set: Whether the signal has come.
  """

  def __init__(self) -> None:
    """Notes nothing yet."""
    self.is_set = False
    self._before: Any = None

  def __enter__(self) -> 'StopSignal':
    """Begins to take note."""
    if threading.current_thread() is threading.main_thread():
      self._before = signal.signal(signal.SIGTERM, self._note)
    return self

  def __exit__(self, *unused_error: Any) -> None:
    """Lets the signal do what it did."""
    if self._before is not None:
      signal.signal(signal.SIGTERM, self._before)

  def _note(self, number: int, frame: Any) -> None:
    """Takes note; the loop saves and ends when it can."""
    del number, frame
    self.is_set = True
