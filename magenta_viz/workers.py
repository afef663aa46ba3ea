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
import os
import subprocess
import sys
from typing import Dict, Iterator, List, Mapping, Sequence


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
  program = [sys.executable, '-m', 'magenta_viz.image_visualization_visualize']
  with _ended(
    [
      subprocess.Popen(
        [*program, *flags, f'--worker={index}'],
        env=environment(os.environ, index, num_workers),
      )
      for index in range(num_workers)
    ]
  ) as processes:
    for index, process in enumerate(processes):
      status = process.wait()
      if status:
        raise ChildProcessError(
          f'worker {index} of {num_workers} ended with status {status}; what is'
          ' finished stays: mend what it says, and run the command again'
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
  processes: List[subprocess.Popen],
) -> Iterator[List[subprocess.Popen]]:
  """Stops processes that are still there at the end."""
  try:
    yield processes
  finally:
    for process in processes:
      process.terminate()
    for process in processes:
      process.wait()
