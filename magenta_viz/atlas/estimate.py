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

"""How long an atlas takes, and how large it is, told from a few batches."""

import dataclasses
import time
from typing import List, Tuple

import numpy as np

from magenta_viz.atlas import plan as plan_lib
from magenta_viz.atlas import units as units_lib
from magenta_viz.atlas import worker as worker_lib
from magenta_viz.media import image_files
from magenta_viz.process import tensorflow_modes

# Groups that are measured, from the first layer to the last.
_NUM_MEASURED = 3


@dataclasses.dataclass(frozen=True)
class Cost:
  """What a group takes.

  Attributes:
    name: Of the group, as `--units` has it.
    num_pictures: Of it.
    num_batches: Of it.
    seconds_to_trace: Before a worker's first batch.
    seconds: Of all of its batches, on one worker such as this process.
    num_bytes: Of its pictures.
  """

  name: str
  num_pictures: int
  num_batches: int
  seconds_to_trace: float
  seconds: float
  num_bytes: int


def measure(plan: plan_lib.Plan) -> List[Cost]:
  """Draws a batch of some groups, and tells of all from these.

  What a step costs grows with the depth of the layer, so between two layers
  that were measured it is taken to be between theirs. Cells, whose pictures are
  smaller, are measured apart.

  Args:
    plan: What is to be drawn.

  Raises:
    ValueError, OSError: As of `worker.Worker.draw`.
  """
  worker = worker_lib.Worker(plan)
  columns = np.zeros((3, len(plan.groups)))
  for are_cells in (False, True):
    alike = [
      number
      for number, group in enumerate(plan.groups)
      if (group.kind == units_lib.CELLS) == are_cells
    ]
    if alike:
      columns[:, alike] = _interpolated(plan, worker, alike)
  traces, seconds, sizes = columns
  counts = [0] * len(plan.groups)
  for batch in plan.batches():
    counts[batch.group] += 1
  return [
    Cost(
      str(plan.groups[group]),
      len(plan.tasks(group)),
      counts[group],
      float(traces[group]),
      float(seconds[group]) * len(plan.tasks(group)),
      round(sizes[group] * len(plan.tasks(group))),
    )
    for group in range(len(plan.groups))
  ]


def _interpolated(
  plan: plan_lib.Plan, worker: worker_lib.Worker, groups: List[int]
) -> np.ndarray:
  """Returns what `_measure` finds of some groups, and would of the others.

  Returns:
    [3, groups] array.
  """
  measured = np.unique(np.linspace(0, len(groups) - 1, _NUM_MEASURED).round())
  found = np.array(
    [_measure(plan, worker, groups[int(each)]) for each in measured]
  )
  places = range(len(groups))
  return np.array([np.interp(places, measured, each) for each in found.T])


def _measure(
  plan: plan_lib.Plan, worker: worker_lib.Worker, group: int
) -> Tuple[float, float, float]:
  """Draws the first batch of a group.

  Returns:
    Seconds that tracing takes; seconds, and bytes, a picture.
  """
  with tensorflow_modes.tensorflow_2():
    began = time.monotonic()
    run = worker.run(group)
    tasks = run.tasks[: plan.runs[group].batch_size]
    times: List[float] = []
    drawn = run.draw_batch(
      tasks, lambda *unused: times.append(time.monotonic())
    )
    ended = time.monotonic()
  # The first step has the trace in it.
  step = (times[-1] - times[0]) / max(len(times) - 1, 1)
  seconds = step * len(times) + ended - times[-1]
  sizes = [len(image_files.encode_png(image)) for image, _ in drawn.values()]
  return (
    max(times[0] - began - step, 0.0),
    seconds / len(tasks),
    float(np.mean(sizes)),
  )


def table(costs: List[Cost]) -> List[str]:
  """Returns lines that tell of them, and of workers that share them.

  Each such as this process, which has all cores of its machine.
  """
  width = max(len(each.name) for each in costs)
  lines = [f'{"units":{width}}  pictures  batches       time       size']
  for each in [*costs, _total(costs)]:
    lines.append(
      f'{each.name:{width}}  {each.num_pictures:8,}  {each.num_batches:7,}'
      f'  {_duration(each.seconds):>9}  {each.num_bytes / 1e6:6,.0f} MB'
    )
  whole = _total(costs)
  for count in (1, 10, 100, 1000):
    batches = -(-whole.num_batches // count)
    longest = whole.seconds / whole.num_batches * batches
    # A worker traces each group once, and no more groups than it has batches.
    traces = whole.seconds_to_trace * min(1.0, batches / len(costs))
    workers = 'worker' if count == 1 else 'workers'
    lines.append(
      f'{count:,} {workers} such as this process: about'
      f' {_duration(longest + traces)}'
    )
  return lines


def _total(costs: List[Cost]) -> Cost:
  """Returns what all take together."""
  sums = np.sum(
    [
      (each.num_pictures, each.num_batches, each.seconds, each.num_bytes)
      for each in costs
    ],
    axis=0,
  )
  pictures, batches, seconds, num_bytes = sums.tolist()
  traces = sum(each.seconds_to_trace for each in costs)
  return Cost(
    'all', int(pictures), int(batches), traces, seconds, int(num_bytes)
  )


def _duration(seconds: float) -> str:
  """Returns a time in the unit that has two digits or more."""
  for unit, length in (('h', 3600), ('min', 60)):
    if seconds >= 2 * length:
      return f'{seconds / length:,.1f} {unit}'
  return f'{seconds:.0f} s'
