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

"""Work that may wait for ever, as on a server, and that is waited for."""

from concurrent import futures
import threading
from typing import Callable, TypeVar

_Result = TypeVar('_Result')


def within(seconds: float, work: Callable[[], _Result]) -> _Result:
  """Returns what a function returns, or raises what it raises, in time.

  It runs on a thread that can be left alone: a daemon, because it must not keep
  the program from ending.

  Args:
    seconds: The longest wait.
    work: The function.

  Raises:
    TimeoutError: If it takes longer.
  """
  answer: futures.Future[_Result] = futures.Future()

  def do() -> None:
    try:
      answer.set_result(work())
    except BaseException as error:  # It is raised again below, whatever it is.
      answer.set_exception(error)

  threading.Thread(target=do, daemon=True).start()
  # Before Python 3.11 the future's own time-out is no OSError.
  futures.wait([answer], seconds)
  if not answer.done():
    raise TimeoutError(f'no answer in {seconds:g} s')
  return answer.result()
