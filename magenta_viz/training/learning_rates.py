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

"""The learning rate over the steps, and how far averages look back."""

import dataclasses
import math
from typing import Mapping, NamedTuple, Type

from magenta_viz.settings import fields
from magenta_viz.settings import parts


class Moment(NamedTuple):
  """Where a training is, after the warm-up.

  Attributes:
    base: Highest rate.
    done: Steps that are made.
    num_steps: All steps.
    epoch_steps: Steps of an epoch, no whole number.
  """

  base: float
  done: int
  num_steps: int
  epoch_steps: float

  @property
  def share(self) -> float:
    """Which share of the steps is made, at most 1."""
    return min(1.0, self.done / max(1, self.num_steps))


class Schedule(parts.OpenPart):
  """How the learning rate falls, after the warm-up."""

  def rate(self, at: Moment) -> float:
    """Returns the rate of a step."""
    raise NotImplementedError


@dataclasses.dataclass(frozen=True)
class Falling(Schedule):
  """Schedules that have an end.

  Attributes:
    end: Lowest rate.
  """

  end: float = fields.number(
    0.0, 0.0, 1000.0, 'the least learning rate', name='end_learning_rate'
  )


@dataclasses.dataclass(frozen=True)
class Cosine(Falling):
  """end + (base - end) * (1 + cos(pi t)) / 2, where t is the share made.

  References:
    Loshchilov and Hutter 2017, SGDR, arXiv 1608.03983, equation 5.
  """

  def rate(self, at: Moment) -> float:
    """As of `Schedule`."""
    weight = (1 + math.cos(math.pi * at.share)) / 2
    return self.end + (at.base - self.end) * weight


@dataclasses.dataclass(frozen=True)
class Step(Falling):
  """base * decay_rate^k after k times `decay_epochs`, not below the end.

  References:
    tf.compat.v1.train.exponential_decay with staircase.
  """

  # Both of slim's train_image_classifier.py.
  decay_rate: float = fields.number(
    0.94, 1e-6, 1.0, 'factor of the learning rate at each step down'
  )
  decay_epochs: float = fields.number(
    2.0, 1e-6, 1e6, 'epochs from one step down to the next'
  )

  def rate(self, at: Moment) -> float:
    """As of `Schedule`."""
    steps_down = at.done // steps_in(self.decay_epochs, at.epoch_steps)
    rate: float = at.base * self.decay_rate**steps_down
    return max(rate, self.end)


@dataclasses.dataclass(frozen=True)
class Polynomial(Falling):
  """end + (base - end) * (1 - t)^power, where t is the share made.

  References:
    Caffe's learning rate policy 'poly'.
  """

  power: float = fields.number(
    1.0, 1e-3, 100.0, 'exponent of what is left of the run'
  )

  def rate(self, at: Moment) -> float:
    """As of `Schedule`."""
    weight: float = (1 - at.share) ** self.power
    return self.end + (at.base - self.end) * weight


@dataclasses.dataclass(frozen=True)
class Constant(Schedule):
  """The same rate to the end."""

  def rate(self, at: Moment) -> float:
    """As of `Schedule`."""
    return at.base


SCHEDULES: Mapping[str, Type[Schedule]] = {
  'cosine': Cosine,
  'step': Step,
  'polynomial': Polynomial,
  'constant': Constant,
}


@dataclasses.dataclass(frozen=True)
class LearningRate(parts.OpenPart):
  """The learning rate.

  Attributes:
    base: Highest rate.
    schedule: How it falls from there.
    warmup_steps: Steps in which it first rises, from base / warmup_steps
      straight to the base.

  Raises:
    ValueError: If the rate would end higher than it begins.

  References:
    Goyal et al. 2017, arXiv 1706.02677, section 2.2: the warm-up, which batches
    of thousands of pictures need only.
  """

  base: float = fields.number(
    0.05,
    1e-12,
    1000.0,
    'size of a step, at its largest',
    name='learning_rate',
  )
  schedule: Schedule = parts.one_of(
    'cosine', SCHEDULES, 'how the learning rate falls'
  )
  warmup_steps: int = fields.number(
    0, 0, 10**9, 'steps in which the learning rate first rises'
  )

  def __post_init__(self) -> None:
    """Checks the settings."""
    super().__post_init__()
    fields.check_order(
      {
        'end_learning_rate': getattr(self.schedule, 'end', 0.0),
        'learning_rate': self.base,
      }
    )

  def __call__(self, step: int, num_steps: int, epoch_steps: float) -> float:
    """Returns the rate of a step.

    Args:
      step: Counted from 0.
      num_steps: Steps of the whole training.
      epoch_steps: Steps of an epoch, no whole number.
    """
    if step < self.warmup_steps:
      return self.base * (step + 1) / self.warmup_steps
    done, left = step - self.warmup_steps, num_steps - self.warmup_steps
    return self.schedule.rate(Moment(self.base, done, left, epoch_steps))


def steps_in(epochs: float, epoch_steps: float) -> int:
  """Returns the number of steps in epochs, rounded up.

  Args:
    epochs: How many.
    epoch_steps: Steps of one, no whole number.
  """
  # Not 12 steps for 11.000000000000002.
  return max(1, math.ceil(round(epochs * epoch_steps, 6)))


def average_decay(most: float, step: int) -> float:
  """Returns the share that a moving average keeps of itself at a step.

  In the first steps it is lower than asked for, so that an average does not
  remember the random numbers that it began with: (1 + step) / (10 + step), as
  tf.train.ExponentialMovingAverage has it.

  Args:
    most: The share in the long run.
    step: Counted from 0.
  """
  return min(most, (1 + step) / (10 + step))
