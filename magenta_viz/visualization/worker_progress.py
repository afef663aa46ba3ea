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

"""One progress bar for the steps of all workers.

A worker tells of its steps in lines of its standard error, among those of its
log. The process that started it adds them up, and passes all others on.
"""

import re
import subprocess
import sys
import threading
import time
from typing import IO, Any, ContextManager, Dict, List, Optional

# Begins what is told. No line of the log does, for it is made harmless.
_MARK = '\x1e'

# Seconds between two lines, as tqdm has it between two looks of a bar.
_INTERVAL = 0.1

# Seconds for the last lines of a process that has ended.
_PATIENCE = 10.0


class Teller(ContextManager['Teller']):
  """Tells of a worker's steps, in place of a progress bar."""

  def __init__(self, total: int):
    """Takes the number of steps."""
    self._total = total
    self._done = 0
    self._score = 'nan'
    self._told_at = 0.0

  def __enter__(self) -> 'Teller':
    """Tells how many steps there will be."""
    self._tell()
    return self

  def __exit__(self, *unused_error: Any) -> None:
    """Tells how many steps there were."""
    self._tell()

  def set_postfix(self, score: str, **unused_options: Any) -> None:
    """Takes what to tell beside the next step, as a progress bar does."""
    self._score = score

  def update(self) -> None:
    """Counts a step."""
    self._done += 1
    if time.monotonic() >= self._told_at + _INTERVAL:
      self._tell()

  def _tell(self) -> None:
    # In one piece, for TensorFlow writes there, too.
    sys.stderr.write(f'{_MARK}{self._done} {self._total} {self._score}\n')
    sys.stderr.flush()
    self._told_at = time.monotonic()


class SharedBar(ContextManager['SharedBar']):
  """Shows the steps of all workers in one bar, below what they write."""

  def __init__(self, num_workers: int):
    """Takes the number of workers; the bar comes when all have told of theirs.

    Args:
      num_workers: How many there are.
    """
    self._num_workers = num_workers
    self._told: Dict[int, List[float]] = {}
    self._lock = threading.Lock()
    self._threads: List[threading.Thread] = []
    self._bar: Any = None

  def follow(self, index: int, process: 'subprocess.Popen[bytes]') -> None:
    """Begins to read what a worker writes.

    Args:
      index: Of the worker, from 0.
      process: Of which those streams are read that are pipes.
    """
    for stream, name in (
      (process.stdout, 'stdout'),
      (process.stderr, 'stderr'),
    ):
      if stream is not None:
        thread = threading.Thread(
          target=self._read, args=(index, stream, name), daemon=True
        )
        thread.start()
        self._threads.append(thread)

  def __exit__(self, *unused_error: Any) -> None:
    """Waits for the last lines of workers, which have ended."""
    for thread in self._threads:
      thread.join(_PATIENCE)
    with self._lock:
      if self._bar is not None:
        self._bar.close()

  def _read(self, index: int, stream: IO[bytes], name: str) -> None:
    """Passes lines on as they come, but for those of steps."""
    import tqdm

    with stream:
      for line in stream:
        text = line.decode(errors='backslashreplace')
        told = _told(text)
        if told is not None:
          self._count(index, told)
          continue
        ours = getattr(sys, name)
        with tqdm.tqdm.external_write_mode(file=ours):
          ours.write(text)
          ours.flush()

  def _count(self, index: int, told: List[float]) -> None:
    """Shows what a worker tells of."""
    import tqdm

    with self._lock:
      self._told[index] = told
      if len(self._told) < self._num_workers:
        return
      done, totals, scores = zip(*self._told.values())
      if self._bar is None:
        self._bar = tqdm.tqdm(total=round(sum(totals)), unit='step')
      known = [score for score in scores if score == score]
      if known:
        mean = sum(known) / len(known)
        self._bar.set_postfix(score=f'{mean:.4g}', refresh=False)
      self._bar.update(round(sum(done)) - self._bar.n)


def _told(line: str) -> Optional[List[float]]:
  """Returns steps that are done, all steps, and the score; None for no such."""
  found = re.fullmatch(rf'{_MARK}(\d+) (\d+) ([-+.\w]+)\n', line)
  return None if found is None else [float(each) for each in found.groups()]
