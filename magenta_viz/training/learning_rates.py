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

SCHEDULES = ('cosine', 'step', 'polynomial', 'constant')


@dataclasses.dataclass(frozen=True)
class LearningRate:
  """Learning rate by step; a straight warm-up comes before the schedule.

  Attributes:
    schedule: One of `SCHEDULES`, where t runs from 0 after the warm-up to 1 at
      the end: 'cosine', end + (base - end) * (1 + cos(pi t)) / 2 [1]; 'step',
      base * decay_rate^k after k times `decay_steps` steps, and not below the
      end [2]; 'polynomial', end + (base - end) * (1 - t)^power [3]; 'constant'.
    base: Highest rate.
    num_steps: Steps of the whole training.
    warmup_steps: Steps in which the rate rises from base / warmup_steps to the
      base [4].
    end: Lowest rate.
    decay_rate: Factor of 'step'.
    decay_steps: Steps from one change of 'step' to the next.
    power: Exponent of 'polynomial'.

  References:
    [1] Loshchilov and Hutter 2017, SGDR, arXiv 1608.03983, equation 5.
    [2] tf.compat.v1.train.exponential_decay with staircase.
    [3] Caffe's learning rate policy 'poly'.
    [4] Goyal et al. 2017, arXiv 1706.02677, section 2.2.
  """

  schedule: str
  base: float
  num_steps: int
  warmup_steps: int = 0
  end: float = 0.0
  decay_rate: float = 1.0
  decay_steps: int = 1
  power: float = 1.0

  def __call__(self, step: int) -> float:
    """Returns the rate of a step, counted from 0."""
    if step < self.warmup_steps:
      return self.base * (step + 1) / self.warmup_steps
    done = step - self.warmup_steps
    if self.schedule == 'step':
      rate = self.base * self.decay_rate ** (done // self.decay_steps)
      return max(rate, self.end)
    share = min(1.0, done / max(1, self.num_steps - self.warmup_steps))
    weights = {
      'cosine': (1 + math.cos(math.pi * share)) / 2,
      'polynomial': (1 - share) ** self.power,
      'constant': 1.0,
    }
    return self.end + (self.base - self.end) * weights[self.schedule]


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
