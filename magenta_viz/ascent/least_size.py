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

"""How small a picture may be for a recipe."""

from typing import Optional, Sequence

from magenta_viz.ascent import octaves
from magenta_viz.ascent import part_language
from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.ascent import recipe_parts

# Of a side, in pixels; a power of two above all that is drawn.
_MOST = 1 << 15


def check(
  recipes: Sequence[recipe_lib.Recipe],
  image_size: octaves.Size,
  view_size: int,
) -> None:
  """Raises ValueError if a picture is too small for a recipe.

  Args:
    recipes: Of the octaves.
    image_size: Height and width of the finished picture, in pixels.
    view_size: Height and width that the network was trained at, in pixels.
  """
  drawn, *_ = octaves.plan_enlargement(recipes[-1], image_size, view_size)
  fault = _fault(recipes, drawn, view_size)
  if fault is None:
    return
  height, width = image_size
  least = least_side(recipes, view_size)
  advice = 'take other --transforms'
  if least is not None:
    advice = f'take one whose sides have {least} or more'
  if len(recipes) > 1:
    advice += ', or fewer --octaves'
  raise ValueError(
    f'a picture of {height} x {width} pixels is too small: {fault}; {advice}'
  )


def least_side(
  recipes: Sequence[recipe_lib.Recipe], view_size: int
) -> Optional[int]:
  """Returns the least side of a picture of a recipe, in pixels.

  Args:
    recipes: Of the octaves.
    view_size: Height and width that the network was trained at, in pixels.

  Returns:
    The side; None if no picture is large enough.
  """
  low, high = 0, _MOST
  if _fault(recipes, (high, high), view_size) is not None:
    return None
  while high - low > 1:
    middle = (low + high) // 2
    is_small = _fault(recipes, (middle, middle), view_size) is not None
    low, high = (middle, high) if is_small else (low, middle)
  return high


def _fault(
  recipes: Sequence[recipe_lib.Recipe], size: octaves.Size, view_size: int
) -> Optional[str]:
  """Says why a picture is too small; None if it is not."""
  _, *sizes = octaves.plan_sizes(recipes, size)
  for number, (recipe, (height, width)) in enumerate(zip(recipes, sizes), 1):
    needed = _needed(recipe, height, width, view_size)
    if needed is not None:
      where = (
        f'in octave {number} of {len(recipes)} ' if len(recipes) > 1 else ''
      )
      return f'{where}it has {height} x {width}, and needs {needed}'
  return None


def _needed(
  recipe: recipe_lib.Recipe, height: int, width: int, view_size: int
) -> Optional[str]:
  """Says what an octave needs that it has not; None if it has all."""
  if min(height, width) < octaves.MIN_SIDE:
    return str(octaves.MIN_SIDE)
  if recipe.steps.window == 'crop':
    if min(height, width) < view_size:
      return f'{view_size} for its crops (--window=crop)'
    height = width = view_size
  if isinstance(recipe.views, recipe_parts.Transforms):
    text = recipe.views.text
    chain = part_language.parse_transforms(text, view_size)
    try:
      chain.output_size(height, width)
    except ValueError as error:
      return f"more for '{text}' ({str(error).partition('; ')[0]})"
  return None
