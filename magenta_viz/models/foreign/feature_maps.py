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

"""Feature maps from whatever layers give: token sets and channels-first too."""

from typing import Dict, List, Mapping, Optional, Tuple

import tensorflow as tf

# Extra tokens of a transformer: one of the class (Dosovitskiy et al. 2020,
# arXiv 2010.11929), one more of distillation (Touvron et al. 2020, arXiv
# 2012.12877), four registers beside the class's (Darcet et al. 2023, arXiv
# 2309.16588).
_MOST_EXTRA_TOKENS = 5

# What ends the name of what is set apart.
EXTRA_ENDING = '/class_token'


def of_layers(
  layers: Mapping[str, tf.Tensor], is_channels_first: bool
) -> Dict[str, tf.Tensor]:
  """Returns end points: maps of places, and vectors of layers without places.

  Args:
    layers: What layers give, in the order in which they are run.
    is_channels_first: Whether maps are [batch, channels, height, width].

  Returns:
    By the same names, [batch, height, width, channels] or [batch, channels].
    A set of tokens [batch, tokens, channels] is a map where its tokens form the
    grid of a map before it, the one that leaves the fewest, or else a square;
    up to five before them are set apart, as '<name>/class_token', [batch,
    channels] of the first. All else is left out.
  """
  found: Dict[str, tf.Tensor] = {}
  grids: List[Tuple[int, int]] = []
  for name, tensor in layers.items():
    if not tensor.dtype.is_floating:
      continue
    rank = tensor.shape.rank
    if rank == 4:
      if is_channels_first:
        tensor = tf.transpose(tensor, [0, 2, 3, 1])
      if tensor.shape[-1] is None:
        continue
      found[name] = tensor
      # What was pooled to one place has no grid.
      if None not in tensor.shape[1:3] and tensor.shape[1:3] != [1, 1]:
        grids.append((int(tensor.shape[1]), int(tensor.shape[2])))
    elif rank == 3 and None not in tensor.shape[1:]:
      grid = _grid(int(tensor.shape[1]), grids)
      if grid is not None:
        height, width = grid
        extra = int(tensor.shape[1]) - height * width
        shape = [-1, height, width, int(tensor.shape[2])]
        found[name] = tf.reshape(tensor[:, extra:], shape)
        if extra:
          found[name + EXTRA_ENDING] = tensor[:, 0]
    elif rank == 2 and tensor.shape[-1] is not None:
      found[name] = tensor
  return found


def _grid(
  num_tokens: int, grids: List[Tuple[int, int]]
) -> Optional[Tuple[int, int]]:
  """Returns height and width of the grid of tokens; None if they form none."""
  by_extra = {num_tokens - h * w: (h, w) for h, w in grids}
  fitting = [each for each in by_extra if 0 <= each <= _MOST_EXTRA_TOKENS]
  if fitting:
    return by_extra[min(fitting)]
  # A class token and 3 x 3 others, or none and a square, whose side is even.
  for extra in (0, 1, 2, _MOST_EXTRA_TOKENS):
    side = round(max(num_tokens - extra, 0) ** 0.5)
    if side > 1 and side**2 + extra == num_tokens:
      return side, side
  return None
