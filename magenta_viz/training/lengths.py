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

"""How long a training is, and how often it pauses."""

import dataclasses

from magenta_viz.training import config as train_config
from magenta_viz.training import learning_rates


@dataclasses.dataclass(frozen=True)
class Lengths:
  """How many steps there are.

  Attributes:
    num_steps: Of the whole training.
    eval_every: From one evaluation to the next.
    checkpoint_every: From one checkpoint to the next.
    epoch_steps: Of an epoch, no whole number.
  """

  num_steps: int
  eval_every: int
  checkpoint_every: int
  epoch_steps: float


def of(config: train_config.TrainConfig, num_train: int) -> Lengths:
  """Returns the lengths of a training.

  Args:
    config: What is asked for.
    num_train: Number of pictures to train with.

  Raises:
    ValueError: If the warm-up is longer than the training.
  """
  epoch_steps = num_train / config.batch_size
  num_steps = config.num_steps
  if num_steps is None:
    assert config.num_epochs is not None
    num_steps = learning_rates.steps_in(config.num_epochs, epoch_steps)
  warmup_steps = config.learning_rate.warmup_steps
  if warmup_steps > num_steps:
    raise ValueError(
      f'warmup_steps is {warmup_steps}, but the training has {num_steps}'
      ' steps; take fewer'
    )
  eval_every = config.eval_every or max(
    train_config.MIN_EVAL_STEPS, learning_rates.steps_in(1, epoch_steps)
  )
  checkpoint_every = config.checkpoint_every or min(
    train_config.MAX_CHECKPOINT_STEPS, eval_every
  )
  return Lengths(num_steps, eval_every, checkpoint_every, epoch_steps)
