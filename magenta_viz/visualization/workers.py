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

"""Several processes that share the pictures of a run."""

import contextlib
import dataclasses
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from typing import Dict, Iterator, List, Mapping, Sequence

from absl import logging

from magenta_viz.models import network_choice
from magenta_viz.models import network_source
from magenta_viz.settings import command_line
from magenta_viz.visualization import config as visualize_config
from magenta_viz.visualization import worker_progress

# Seconds that a worker gets to end: TensorFlow finishes its step first.
_PATIENCE = 10.0


def share(
  config: visualize_config.VisualizeConfig,
) -> visualize_config.VisualizeConfig:
  """Draws in as many processes as the configuration asks for.

  Returns:
    What is left to do, for this process alone: the sheet.

  Raises:
    ChildProcessError: As of `run`.
    ValueError: If there is no network to draw from, or frames are to be drawn.
    OSError: Likewise.
  """
  # Brings SciPy, which --help does without.
  from magenta_viz.visualization import source_images

  with source_images.SourceImages(config) as sources:
    if sources.num_frames is not None:
      raise ValueError(
        f'num_workers is {config.num_workers}, but frames are drawn one after'
        ' the other; take --num_workers=1'
      )
  config = settled(config)
  flags = [
    *shlex.split(command_line.command(config))[1:],
    f'--num_workers={config.num_workers}',
    f'--verbosity={logging.get_verbosity()}',
  ]
  run(flags + config.overwrite * ['--overwrite'], config.num_workers)
  return dataclasses.replace(config, num_workers=1, overwrite=False)


def settled(
  config: visualize_config.VisualizeConfig,
) -> visualize_config.VisualizeConfig:
  """Returns the configuration with the networks named that 'auto' means.

  Workers shall all draw from the same, also where a download fails for one of
  them; and what cannot be downloaded is said once, before there are workers.

  Raises:
    ValueError: As of `network_source.find`.
    OSError: Likewise.
  """
  resolved = network_source.resolve(config.choices, config.foreign)
  if config.choices != (network_choice.Choice(network_choice.AUTO),):
    for each in resolved:
      if each.is_released:
        each.find()
    return config
  found = network_source.find(resolved, config.is_open)
  logging.info('Drawing: %s.', found[0].reason)
  models = network_choice.texts(
    [each.model or '' for each in found],
    [each.weight for each in found],
  )
  return dataclasses.replace(config, models=models)


def run(flags: Sequence[str], num_workers: int) -> None:
  """Draws what a command asks for in several processes, and waits for them.

  Each draws every `num_workers`-th batch, with its share of the processor's
  cores and, where CUDA_VISIBLE_DEVICES names several, with one of the GPUs.

  Args:
    flags: Of image_visualization_visualize.
    num_workers: Number of processes.

  Raises:
    ChildProcessError: If one of them fails; its message is on the standard
      error. The others are stopped; what is finished stays.
  """
  with worker_progress.SharedBar(num_workers) as bar, _ended(
    [
      subprocess.Popen(
        [sys.executable, '-c', _program(index), *flags],
        env=environment(os.environ, index, num_workers),
        # Closed by the system if this process dies, whatever kills it.
        stdin=subprocess.PIPE,
        # A bar and lines of others get along on a terminal only if one process
        # writes them all.
        stdout=subprocess.PIPE if sys.stdout.isatty() else None,
        stderr=subprocess.PIPE,
      )
      for index in range(num_workers)
    ]
  ) as processes:
    for index, process in enumerate(processes):
      bar.follow(index, process)
    for index, process in enumerate(processes):
      status = process.wait()
      if status:
        raise ChildProcessError(
          f'worker {index} of {num_workers} ended with status {status}; what is'
          ' finished stays: mend what it says, and run the command again'
        )


def end_with_parent() -> None:
  """Lets this process, a worker, end when the one that started it does."""
  threading.Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
  """Ends this process as soon as its standard input does."""
  with contextlib.suppress(OSError):
    while os.read(sys.stdin.fileno(), 4096):
      pass
  # As a command that is told to stop, so that nothing half-written stays.
  os.kill(os.getpid(), signal.SIGTERM)
  time.sleep(_PATIENCE)
  os._exit(128 + signal.SIGTERM)


def _program(index: int) -> str:
  """Returns the Python program of a worker, which is told which one it is.

  It imports from where this process does: Python alone would look into the
  current folder first, whose files are not ours to run.
  """
  # Nothing but what is built in may be imported before.
  return (
    f'import sys; sys.path[:] = {sys.path!a};'
    f' sys.argv[0] = {sys.argv[0]!a};'
    ' from magenta_viz.visualization import workers; workers.end_with_parent();'
    ' from magenta_viz import image_visualization_visualize as program;'
    f' program.console_entry_point({index})'
  )


def environment(
  variables: Mapping[str, str], index: int, num_workers: int
) -> Dict[str, str]:
  """Returns the environment of a worker.

  Args:
    variables: Of this process.
    index: Of the worker, from 0.
    num_workers: Number of workers.
  """
  own = dict(variables)
  num_threads = str(max((os.cpu_count() or 1) // num_workers, 1))
  own.setdefault('TF_NUM_INTRAOP_THREADS', num_threads)
  gpus = [gpu for gpu in own.get('CUDA_VISIBLE_DEVICES', '').split(',') if gpu]
  if gpus:
    own['CUDA_VISIBLE_DEVICES'] = gpus[index % len(gpus)]
  return own


@contextlib.contextmanager
def _ended(
  processes: List['subprocess.Popen[bytes]'],
) -> Iterator[List['subprocess.Popen[bytes]']]:
  """Stops processes that are still there at the end, and waits for them."""
  try:
    yield processes
  finally:
    if hasattr(signal, 'setitimer'):
      # Ctrl-C is heeded; raised again, it would end the waiting.
      signal.setitimer(signal.ITIMER_REAL, 0)
    for process in processes:
      process.terminate()
    for process in processes:
      try:
        process.wait(_PATIENCE)
      except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
      if process.stdin is not None:
        process.stdin.close()
