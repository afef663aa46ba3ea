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

"""Draws batches of an atlas, as many as come, in one process."""

import collections
import contextlib
import dataclasses
import threading
import time
from typing import Any, Dict, List, Optional, Tuple

from absl import logging

from magenta_viz.atlas import plan as plan_lib
from magenta_viz.media import records
from magenta_viz.models import network_source
from magenta_viz.process import tensorflow_modes
from magenta_viz.visualization import networks as networks_lib
from magenta_viz.visualization import run as run_lib
from magenta_viz.visualization import task as task_lib

# Groups whose trace is kept. Batches come in the order of the groups, but for
# those that were shuffled.
_NUM_RUNS = 2

_NUM_TRIES = 3


@dataclasses.dataclass(frozen=True)
class Failure:
  """A picture that could not be drawn.

  Attributes:
    picture: What is in it, and its seed.
    folder: Of its group.
    error: Why not, of the last try.
  """

  picture: str
  folder: str
  error: str


@dataclasses.dataclass(frozen=True)
class Outcome:
  """What became of a batch.

  Attributes:
    num_drawn: Pictures that were drawn.
    num_there: Pictures that were there already.
    num_traces: Groups that were made ready for it: one, or none.
    seconds: That it took.
    failures: Pictures that are not there now.
  """

  num_drawn: int
  num_there: int
  num_traces: int
  seconds: float
  failures: Tuple[Failure, ...] = ()


class Worker:
  """Draws batches; what was loaded and traced for one serves the next.

  Threads take their turns: a batch has all cores, and memory for one.
  """

  def __init__(self, plan: plan_lib.Plan):
    """Takes the plan; networks are loaded with the first batch of theirs."""
    self._plan = plan
    self._networks: Dict[Tuple[str, ...], networks_lib.Networks] = {}
    self._runs: collections.OrderedDict[int, Any] = collections.OrderedDict()
    self._turn = threading.Lock()
    self.num_traces = 0

  def draw(self, batch: plan_lib.Batch) -> Outcome:
    """Draws what is missing of a batch.

    A batch that fails is tried again, and then picture by picture, for one bad
    picture not to take the others with it. One that is there and cannot be read
    has failed; it stays for who looks at it.

    Raises:
      OSError: If pictures cannot be written.
      ValueError: If there are pictures of other settings.
    """
    with self._turn, tensorflow_modes.tensorflow_2():
      began, num_traces = time.monotonic(), self.num_traces
      run = self.run(batch.group)
      tasks = run.tasks[batch.first : batch.first + batch.size]
      missing, failed = _missing(run, tasks)
      num_there = len(tasks) - len(missing) - len(failed)
      num_drawn = len(missing)
      if missing and self._try(run, tasks, missing) is not None:
        for task in missing:
          error = self._try(run, [task], [task])
          if error is not None:
            failed[task] = error
            num_drawn -= 1
      folder = self._plan.groups[batch.group].folder
      return Outcome(
        num_drawn=num_drawn,
        num_there=num_there,
        num_traces=self.num_traces - num_traces,
        seconds=time.monotonic() - began,
        failures=tuple(
          Failure(task.stem, folder, error) for task, error in failed.items()
        ),
      )

  def _try(
    self,
    run: run_lib.Run,
    batch: List[task_lib.PictureTask],
    of: List[task_lib.PictureTask],
  ) -> Optional[str]:
    """Draws pictures of a batch; returns why it cannot, None if it did."""
    message = ''
    for _ in range(_NUM_TRIES):
      try:
        run.draw_missing(batch, of)
      # A folder that cannot be written cannot keep any other picture.
      except OSError:
        raise
      # Of TensorFlow comes anything, and one picture is not to end all.
      except Exception as error:  # pylint: disable=broad-except
        message = _told(error)
        logging.warning('%s: %s', batch[0].stem, message)
      else:
        return None
    return message

  def run(self, group: int) -> run_lib.Run:
    """Returns the run of a group, ready to draw."""
    if group in self._runs:
      self._runs.move_to_end(group)
      found: run_lib.Run = self._runs[group][0]
      return found
    config = self._plan.runs[group]
    key = config.models
    resolved = network_source.resolve(config.choices, config.foreign)
    if key not in self._networks:
      self._networks[key] = networks_lib.load(
        resolved, config.is_open, config.precision
      )
    stack = contextlib.ExitStack()
    run = stack.enter_context(
      run_lib.opened(config, resolved, self._networks[key])
    )
    run.prepare()
    self.num_traces += 1
    self._runs[group] = run, stack
    if len(self._runs) > _NUM_RUNS:
      _, (_, oldest) = self._runs.popitem(last=False)
      oldest.close()
    return run


def _missing(
  run: run_lib.Run, tasks: List[task_lib.PictureTask]
) -> Tuple[List[task_lib.PictureTask], Dict[task_lib.PictureTask, str]]:
  """Returns what is not drawn, and what is there and why it cannot be read."""
  missing: List[task_lib.PictureTask] = []
  unreadable: Dict[task_lib.PictureTask, str] = {}
  for task in tasks:
    try:
      missing += run.missing([task])
    except records.OtherPictureError as error:
      raise records.OtherPictureError(
        error.fault, records.WITHOUT_OVERWRITE
      ) from error
    except (OSError, ValueError) as error:
      unreadable[task] = _told(error)
  return missing, unreadable


def _told(error: Exception) -> str:
  """Returns an error in one line."""
  return ' '.join(str(error).split()) or type(error).__name__
