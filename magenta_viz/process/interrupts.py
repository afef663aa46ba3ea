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

"""Ctrl-C and SIGTERM that are heeded wherever they come."""

import contextlib
import signal
from typing import Any, Iterator, List


@contextlib.contextmanager
def heeded() -> Iterator[None]:
  """Lets Ctrl-C and SIGTERM raise KeyboardInterrupt until it is heeded.

  It is raised every second, with the signal's number: Python drops what a
  callback of the garbage collector or of a weak reference raises; jax, which
  older versions of TensorFlow import, has such callbacks. A program that
  ignores Ctrl-C, as under nohup, goes on ignoring it.
  """
  usual = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGTERM: signal.SIG_DFL,
  }
  caught = [
    number for number in usual if signal.getsignal(number) == usual[number]
  ]
  if not hasattr(signal, 'setitimer'):
    yield
    return
  noted: List[int] = []

  def interrupt(number: int, frame: Any) -> None:
    del frame
    if number != signal.SIGALRM:
      noted.append(number)
    signal.setitimer(signal.ITIMER_REAL, 1.0)
    raise KeyboardInterrupt(noted[0])

  before = {
    number: signal.signal(number, interrupt)
    for number in (signal.SIGALRM, *caught)
  }
  try:
    yield
  finally:
    signal.setitimer(signal.ITIMER_REAL, 0)
    for number, handler in before.items():
      signal.signal(number, handler)
