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
"""Looks at what the steps of a training found, and tells the user."""

import math
import time
from typing import Mapping, Optional, Tuple

import numpy as np
import tqdm

from magenta_viz.training import checkpoint_folder
from magenta_viz.training import steps as steps_lib
from magenta_viz.training import summaries as summaries_lib


class Progress:
  """Looks at each step once the next one is on its way.

  An accelerator so never waits for this program between two steps; on a
  processor a step is over when it returns.
  """

  def __init__(
    self,
    log: summaries_lib.Summaries,
    bar: tqdm.tqdm,
    batch_size: int,
    may_overflow: bool,
  ):
    """Has seen nothing yet.

    Args:
      log: Gets a step's numbers, now and then.
      bar: Shows the progress.
      batch_size: Pictures a step.
      may_overflow: Whether the gradient may be infinite, as in float16, where
        such a step is left out.
    """
    self._log = log
    self._bar = bar
    self._batch_size = batch_size
    self._may_overflow = may_overflow
    self._noted: Optional[Tuple[int, float, steps_lib.Findings]] = None
    self._seconds = 0.0
    self._num_timed = 0
    self._last = time.monotonic()

  def note(self, step: int, rate: float, found: steps_lib.Findings) -> None:
    """Takes note of a step, to look at it later.

    Args:
      step: Counted from 0.
      rate: Its learning rate.
      found: What it found.
    """
    self._noted = (step, rate, found)

  def resume(self) -> None:
    """Begins to count time again, after what is no training."""
    self._last = time.monotonic()

  def look(self) -> bool:
    """Looks at the step that was noted last, if it was not looked at.

    Returns:
      Whether a worker was asked to stop.

    Raises:
      FloatingPointError: If the loss is not a number, or the gradient; without
        a hint of what to do.
    """
    if self._noted is None:
      return False
    step, rate, found = self._noted
    self._noted = None
    loss, norm = float(found.loss), float(found.gradient_norm)
    if not math.isfinite(loss):
      raise FloatingPointError(f'the loss of step {step} is {loss}')
    if not (math.isfinite(norm) or self._may_overflow):
      raise FloatingPointError(f'the gradient of step {step} is {norm}')
    now = time.monotonic()
    self._seconds += now - self._last
    self._num_timed += 1
    self._last = now
    speed = self._batch_size * self._num_timed / self._seconds
    self._bar.set_postfix(
      {'images/s': f'{speed:.1f}', 'loss': f'{loss:.4f}'}, refresh=False
    )
    self._bar.update()
    if step % summaries_lib.EVERY == 0:
      self._log.scalars(
        step,
        {
          'train/loss': loss,
          'train/accuracy': float(found.accuracy),
          'train/gradient_norm': norm,
          'train/learning_rate': rate,
          'train/images_per_second': speed,
        },
      )
      # The speed of late, not since the beginning.
      self._seconds, self._num_timed = 0.0, 0
    return float(found.stop) > 0


def check_finite(step: int, values: Mapping[str, np.ndarray]) -> None:
  """Checks that weights are not lost, as they can be by the very last step.

  Args:
    step: Number of steps made.
    values: Arrays by name.

  Raises:
    FloatingPointError: If one is infinite or NaN; without a hint of what to do.
  """
  lost = checkpoint_folder.first_not_finite(values)
  if lost is not None:
    raise FloatingPointError(
      f'{lost} is not finite any more after step {step - 1}'
    )
