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

"""Settings that change over the steps: a plain number, or `Linear`."""

import dataclasses
import math
from typing import Tuple, Union

# More than the rounding errors of a line, far less than a change that counts.
_ROUNDING = 1e-9


@dataclasses.dataclass(frozen=True)
class Linear:
  """From `start` in a straight line to `end`.

  Attributes:
    start: Value at step 0.
    end: Value that the line leads to.
    endpoint: Whether the last of n steps has the value `end` (i / (n - 1) of
      the way at step i) or the step after it would (i / n), as in McDonald's
      deepdream and in deepdraw; named as in `numpy.linspace`.

  References:
    McDonald 2015, github.com/kylemcdonald/deepdream; Oygard 2015,
    github.com/auduno/deepdraw.
  """

  start: float
  end: float
  endpoint: bool = False


Schedule = Union[float, Linear]


@dataclasses.dataclass(frozen=True)
class Step:
  """When a schedule is read.

  Attributes:
    index: Of the step, from 0.
    num_steps: Of the octave, or whatever else the schedule runs over.
  """

  index: int = 0
  num_steps: int = 1


START = Step()


def parse(text: str, name: str) -> Schedule:
  """Reads a number, or `START..END` for a `Linear`.

  Args:
    text: What is to be read.
    name: Of the setting, for the message.

  Raises:
    ValueError: If it is neither.
  """
  start, dots, end = text.partition('..')
  try:
    return Linear(float(start), float(end)) if dots else float(start)
  except ValueError as error:
    raise ValueError(
      f"{name} is '{text}'; give a number, or START..END as in 3..1.5"
    ) from error


def ends(schedule: Schedule) -> Tuple[float, float]:
  """Returns what a schedule starts with and leads to."""
  if isinstance(schedule, Linear):
    return schedule.start, schedule.end
  return schedule, schedule


def value(schedule: Schedule, step: Step) -> float:
  """Returns the value of a schedule at a step."""
  if not isinstance(schedule, Linear):
    return float(schedule)
  length = step.num_steps - 1 if schedule.endpoint else step.num_steps
  # Of a single step only the start is left.
  share = step.index / length if length else 0.0
  return schedule.start + (schedule.end - schedule.start) * share


def rounded_down(number: float) -> int:
  """Returns the value of a line of whole numbers as Python 2 has it."""
  return math.floor(number + _ROUNDING)


def check_range(
  name: str, schedule: Schedule, low: float, high: float = math.inf
) -> None:
  """Raises ValueError if a schedule ever leaves a range, ends included."""
  for end in ends(schedule):
    if not low <= end <= high:
      allowed = (
        f'{low} or more' if high == math.inf else f'from {low} to {high}'
      )
      raise ValueError(f'{name} is {end}; take a number {allowed}')
