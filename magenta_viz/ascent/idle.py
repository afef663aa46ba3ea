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

"""Tells of pictures that nothing was raised in, though they may look drawn.

A silent unit's neighbours (`awakening`), filters and octaves change a picture
whose own score never moves.
"""

from typing import Optional

import numpy as np

_HELP = 'another --seed, --init=clouds, an --image or more --num_steps may help'


# Of values in [0, 1]; less is hardly seen. Pixels at a rate for waves (0.05, 64
# steps, --preset=lucid) move by 3.2 of 255, and show nothing.
_LEAST_CHANGE = 4 / 255


def warning(scores: np.ndarray, change: float) -> Optional[str]:
  """Returns what is wrong with an ascent, and what may help; None for nothing.

  Args:
    scores: [num_steps] array, the score of a picture before each step.
    change: By how much the steps have changed any value of the picture, in
      [0, 1].
  """
  if change == 0:
    return (
      'no step changed the picture: its score has no gradient here; take a'
      ' --learning_rate above 0, or another start, --init=clouds or an --image'
    )
  if len(scores) < 2 or np.min(scores) < np.max(scores):
    if change >= _LEAST_CHANGE:
      return None
    return (
      f'all {len(scores)} steps changed no value of the picture by more than'
      f' {255 * change:.1f} of 255; a larger --learning_rate or more'
      ' --num_steps may help'
    )
  if scores[0] == 0:
    return (
      f'the score stayed 0 in all {len(scores)} steps: the picture shows'
      f' nothing that wakes what it is to raise; {_HELP}'
    )
  return (
    f'the score stayed {scores[0]:.4g} in all {len(scores)} steps: the picture'
    f' has no influence on it; {_HELP}'
  )
