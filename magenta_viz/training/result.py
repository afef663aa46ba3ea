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

"""What a training came to."""

import dataclasses
from typing import Optional


@dataclasses.dataclass(frozen=True)
class Result:
  """What a training came to.

  Attributes:
    train_dir: Folder of the checkpoints.
    checkpoint: Path of the last one, without the endings of its files.
    step: Number of steps made.
    top1: Share of the evaluated pictures whose class came first, with the last
      checkpoint; None if it was not evaluated.
    top5: Share of those whose class was among the first five.
    is_finished: False if the training was told to stop, by a signal.
    stopped_by: Number of the signal that this process got; None of none, as
      where another worker got one.
  """

  train_dir: str
  checkpoint: str
  step: int
  top1: Optional[float]
  top5: Optional[float]
  is_finished: bool
  stopped_by: Optional[int] = None

  def standing(self) -> str:
    """Returns where a training stands that was told to stop."""
    return (
      f'stopped at step {self.step}, which is saved in {self.train_dir}; the'
      ' same command goes on from there'
    )


class Interrupted(KeyboardInterrupt):
  """Ctrl-C, after the training was saved.

  Attributes:
    result: What the training came to.
  """

  def __init__(self, result: Result):
    """Takes what the training came to."""
    super().__init__(result.standing())
    self.result = result
