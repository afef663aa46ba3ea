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

"""What the local runner's processes run: Beam's harness, without remarks."""

import contextlib
import logging
import os
import shlex
import signal
import sys
import threading
import time
from typing import Any, Iterator

import psutil

# Seconds between two looks at the process that is worked for.
_PAUSE = 0.5

# What Beam calls the threads that wait for its processes.
_WAITING = 'run_worker'


def command() -> str:
  """Returns the shell command of a process that works for this one.

  It imports from where this process does: Python alone would look into the
  current folder first, whose files are not ours to run.
  """
  program = (
    f'import sys; sys.path[:] = {sys.path!a};'
    f' from magenta_viz.atlas import harness; {_call()}'
  )
  return shlex.join([sys.executable, '-c', program])


def _call() -> str:
  """Returns the Python that works for this process."""
  return f'harness.work({os.getpid()})'


@contextlib.contextmanager
def ended() -> Iterator[None]:
  """Ends processes that work for this one, should it be stopped meanwhile.

  Beam waits for them. That one has died, it tells its caller; its threads,
  which lose their connection or what they wait for, would tell a terminal too.
  """
  usual = threading.excepthook

  def tell(args: Any) -> None:
    waits = args.thread is not None and args.thread.name == _WAITING
    if not waits and not args.exc_type.__module__.startswith('grpc'):
      usual(args)

  threading.excepthook = tell
  is_stopped = False
  try:
    yield
  except KeyboardInterrupt:
    is_stopped = True
    if hasattr(signal, 'setitimer'):
      # It is heeded; raised again, it would end this.
      signal.setitimer(signal.ITIMER_REAL, 0)
    for process in psutil.Process().children(recursive=True):
      with contextlib.suppress(psutil.Error):
        if _call() in ' '.join(process.cmdline()):
          process.kill()
    raise
  finally:
    # Of processes that are killed, threads would tell after this.
    if not is_stopped:
      threading.excepthook = usual


def import_beam() -> None:
  """Imports Beam, which tells what of others it does not find, and more.

  Raises:
    ModuleNotFoundError: If it is not installed.
  """
  logging.disable(logging.WARNING)
  try:
    import apache_beam  # noqa: F401
  finally:
    logging.disable(logging.NOTSET)
  logging.getLogger('apache_beam').setLevel(logging.CRITICAL)


def work(employer: int) -> None:
  """Works until the runner needs no more, or is no more.

  Args:
    employer: Id of its process, whatever stands between.
  """
  # Which has it too, and ends this.
  signal.signal(signal.SIGINT, signal.SIG_IGN)
  threading.Thread(target=_follow, args=[employer], daemon=True).start()
  # Before what the runner sends imports TensorFlow.
  from magenta_viz.process import tensorflow_start

  tensorflow_start.start(with_onednn=True)
  import_beam()
  from apache_beam.runners.worker import sdk_worker_main

  # The harness lets all be told.
  logging.disable(logging.INFO)
  sdk_worker_main.main([])


def _follow(employer: int) -> None:
  """Ends this process as soon as another has ended, by whatever."""
  with contextlib.suppress(psutil.NoSuchProcess):
    process = psutil.Process(employer)
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
      time.sleep(_PAUSE)
  os._exit(128 + signal.SIGTERM)
