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
from typing import NamedTuple, Optional

from magenta_viz.settings import fields
from magenta_viz.settings import parts
from magenta_viz.training import learning_rates

# Evaluations of small sets are at least so many steps apart, and checkpoints of
# all sets at most so many.
_MIN_EVAL_STEPS = 100
_MAX_CHECKPOINT_STEPS = 1000

_MAX_STEPS = 10**9


class Lengths(NamedTuple):
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


@dataclasses.dataclass(frozen=True)
class Length(parts.OpenPart):
  """How long a training is, and how often it pauses."""

  batch_size: int = fields.number(
    # slim's.
    32,
    1,
    65_536,
    'pictures a step, of all devices together',
  )
  num_steps: Optional[int] = fields.number(
    None, 1, _MAX_STEPS, 'steps of the training, in place of --num_epochs'
  )
  num_epochs: Optional[float] = fields.number(
    30, 1e-6, 1e6, 'how often each picture is seen'
  )
  eval_every: Optional[int] = fields.number(
    None,
    1,
    _MAX_STEPS,
    'steps from one evaluation to the next; an epoch by default, and'
    f' {_MIN_EVAL_STEPS} at least',
  )
  checkpoint_every: Optional[int] = fields.number(
    None,
    1,
    _MAX_STEPS,
    'steps from one checkpoint to the next; as --eval_every by default, and'
    f' {_MAX_CHECKPOINT_STEPS} at most',
  )
  keep_every: int = fields.number(
    0,
    0,
    _MAX_STEPS,
    'steps from one checkpoint that stays to the next; 0 keeps the last and the'
    ' best alone',
  )

  def __post_init__(self) -> None:
    """Lets the steps take the place of epochs, and checks the settings."""
    if self.num_steps is not None:
      object.__setattr__(self, 'num_epochs', None)
    super().__post_init__()
    if self.num_steps is None and self.num_epochs is None:
      raise ValueError('the length is left open; give num_steps or num_epochs')

  def of(self, num_train: int) -> Lengths:
    """Returns the lengths of a training.

    Args:
      num_train: Number of pictures to train with.
    """
    epoch_steps = num_train / self.batch_size
    num_steps = self.num_steps or learning_rates.steps_in(
      self.num_epochs or 0, epoch_steps
    )
    eval_every = self.eval_every or max(
      _MIN_EVAL_STEPS, learning_rates.steps_in(1, epoch_steps)
    )
    checkpoint_every = self.checkpoint_every or min(
      _MAX_CHECKPOINT_STEPS, eval_every
    )
    return Lengths(num_steps, eval_every, checkpoint_every, epoch_steps)
