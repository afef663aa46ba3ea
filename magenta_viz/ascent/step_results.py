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

"""Reads the scores of an ascent, and sees to it that they are numbers."""

import functools
from typing import Callable, List, Optional, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.ascent import ensemble
from magenta_viz.ascent import protocols

Images = Callable[[], tf.Tensor]
OnStep = Callable[[int, np.ndarray, Images], None]


class ScoreReader:
  """Reads the scores of each step while the next one is under way.

  A GPU works off what it is given while Python goes on; asking it for a number
  at once would leave it without work until the next step is prepared.
  """

  def __init__(
    self,
    parameterization: protocols.Parameterization,
    on_step: Optional[OnStep],
  ):
    """Takes what makes images of parameters, and what to call for each step."""
    self._to_images = parameterization.to_images
    self._on_step = on_step
    self._all: List[np.ndarray] = []
    self._next: Optional[Tuple[int, tf.Tensor, np.ndarray]] = None

  def add(self, index: int, scores: tf.Tensor, params: np.ndarray) -> None:
    """Takes a step's scores and parameters, and reads those of the one before.

    Raises:
      FloatingPointError: If a score before is not finite.
    """
    self._read()
    self._next = index, scores, params

  def finish(self) -> List[np.ndarray]:
    """Reads the last scores, and returns those of all steps."""
    self._read()
    return self._all

  def _read(self) -> None:
    if self._next is None:
      return
    index, scores, params = self._next
    self._next = None
    self._all.append(scores.numpy())
    check_finite(self._all[-1], index)
    if self._on_step is not None:
      images = functools.partial(self._to_images, params)
      self._on_step(index, ensemble.of_all(self._all[-1]), images)


def check_finite(scores: np.ndarray, index: int) -> None:
  """Raises FloatingPointError if a score is no number."""
  bad_scores = scores[~np.isfinite(scores)]
  if bad_scores.size:
    raise FloatingPointError(
      f'the score or the gradient of a picture is {bad_scores[0]} at step'
      f' {index}; use a smaller --learning_rate or --precision=float32'
    )
