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

"""Kills a process at each of its calls that change files."""

import importlib
import io
import itertools
import os
from pathlib import Path
import shutil
import signal
import subprocess
import sys
from typing import Any, Callable
from unittest import mock

# Names of the functions of C that do, of files and of `os`.
_CALLS = frozenset(
  (
    *('open', 'write', 'encode_to_file', 'flush', 'truncate', 'close'),
    *('replace', 'rename', 'unlink', 'remove', 'mkdir', 'rmdir', 'link'),
  )
)


_PROGRAM = (
  'import sys; from magenta_viz.testing import killed;'
  ' killed.kill_all(*sys.argv[1:])'
)


def run(module: str, root: Path) -> None:
  """Kills writers at their first call, their second, and so on to their end.

  Args:
    module: Of the writers: functions that take a folder and write there.
    root: Folder with a folder of each writer's name, in which 'start' is how
      the writer finds things; beside it come '0', '1' and so on, which are what
      it leaves, the last one without being killed.

  Raises:
    AssertionError: If a writer fails.
  """
  ended = subprocess.run(
    [sys.executable, '-c', _PROGRAM, module, str(root)],
    env={**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)},
    stderr=subprocess.PIPE,
    check=False,
    text=True,
  )
  if ended.returncode:
    raise AssertionError(ended.stderr)


def _kill_at(number: int) -> None:
  """Lets this process die at a call, counted from 0, before it is made."""
  left = [number]

  def count(frame: Any, event: str, called: Any) -> None:
    del frame
    if (
      event == 'c_call'
      and called.__name__ in _CALLS
      and not isinstance(called.__self__, io.BytesIO)
    ):
      if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
      left[0] -= 1

  sys.setprofile(count)


def _kill(write: Callable[[Path], None], root: Path) -> None:
  """Runs a writer again and again, until it comes to its end."""
  for number in itertools.count():
    folder = root / str(number)
    shutil.copytree(root / 'start', folder)
    child = os.fork()
    if not child:
      with mock.patch.object(os, 'fsync'):
        _kill_at(number)
        write(folder)
      os._exit(0)
    _, status = os.waitpid(child, 0)
    if not status:
      return
    if status != signal.SIGKILL:
      raise AssertionError(f'{root.name} ended with {status}')


def kill_all(module: str, root: str) -> None:
  """Does as `run` does, in this process and its children."""
  writers = importlib.import_module(module)
  for folder in Path(root).iterdir():
    _kill(getattr(writers, folder.name), folder)
