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

"""Whose turn it is to compute: what somebody waits for, or a drawing."""

import contextlib
import threading
import time
from typing import Iterator

# A drawing goes on after so many seconds, though somebody waits all the time,
# as a camera does.
_LONGEST_PAUSE = 0.25
_GLANCE = 0.002


class Turns:
  """Lets one thread compute at a time: answers first, drawings between them."""

  def __init__(self) -> None:
    """Nobody computes yet."""
    self._machine = threading.Lock()
    self._counting = threading.Lock()
    self._num_waiting = 0

  @contextlib.contextmanager
  def at_once(self) -> Iterator[None]:
    """Computes an answer, after at most one step of a drawing."""
    self._count(1)
    try:
      with self._machine:
        yield
    finally:
      self._count(-1)

  @contextlib.contextmanager
  def in_between(self) -> Iterator[None]:
    """Computes a drawing, which calls `pause` after each step."""
    with self._machine:
      yield

  def pause(self) -> None:
    """Lets answers come first; for the thread that is in `in_between`."""
    self._machine.release()
    try:
      latest = time.monotonic() + _LONGEST_PAUSE
      while self._num_waiting and time.monotonic() < latest:
        time.sleep(_GLANCE)
    finally:
      self._machine.acquire()

  def _count(self, change: int) -> None:
    """Counts those who wait or have an answer computed."""
    with self._counting:
      self._num_waiting += change
