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


def warning(scores: np.ndarray, has_changed: bool) -> Optional[str]:
  """Returns what is wrong with an ascent, and what may help; None for nothing.

  Args:
    scores: [num_steps] array, the score of a picture before each step.
    has_changed: Whether any step changed the picture.
  """
  if not has_changed:
    return (
      'no step changed the picture: its score has no gradient here; take a'
      ' --learning_rate above 0, or another start, --init=clouds or an --image'
    )
  if len(scores) < 2 or np.min(scores) < np.max(scores):
    return None
  if scores[0] == 0:
    return (
      f'the score stayed 0 in all {len(scores)} steps: the picture shows'
      f' nothing that wakes what it is to raise; {_HELP}'
    )
  return (
    f'the score stayed {scores[0]:.4g} in all {len(scores)} steps: the picture'
    f' has no influence on it; {_HELP}'
  )
