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

"""What the network sees, and how far the parameters move, over a run.

The first steps see small views, which cost less and settle what is where. A
picture that is larger than `Recipe.base_size` is drawn at that size at first;
later every other step looks closer, at full resolution. Close views alone would
draw a small object in each.
"""

import dataclasses
from typing import List, Tuple

import numpy as np

from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.ascent import transforms


def plan_views(
  recipe: recipe_lib.Recipe, image_size: Tuple[int, int], view_size: int
) -> List[transforms.RandomViews]:
  """Returns the views of each step.

  Args:
    recipe: Settings.
    image_size: Height and width of the pictures, in pixels.
    view_size: Height and width that the network was trained at.
  """
  resolution = min(1.0, recipe.base_size / min(image_size))
  whole = transforms.RandomViews(
    size=view_size,
    span=(recipe.min_span, recipe.max_span),
    rotation=recipe.rotation,
    shift=recipe.shift,
    noise=recipe.noise,
    resolution=resolution,
  )
  coarse = dataclasses.replace(whole, size=recipe.coarse_size)
  # As many pixels of the picture a view as before, from anywhere in it.
  closest, furthest = recipe.min_span * resolution, recipe.max_span * resolution
  close = dataclasses.replace(
    whole,
    span=(closest, furthest),
    shift=max(recipe.shift, (1 - (closest + furthest) / 2) / 2),
    resolution=1.0,
  )
  views = []
  for index, progress in enumerate(_progress(recipe)):
    if resolution < 1 and progress >= recipe.close_share and index % 2:
      views.append(close)
    else:
      views.append(coarse if progress < recipe.coarse_share else whole)
  return views


def plan_learning_rates(recipe: recipe_lib.Recipe) -> List[float]:
  """Returns the learning rate of each step: steady, then falling to 0."""
  falling = max(1 - recipe.steady_share, 1 / recipe.num_steps)
  left = (1 - _progress(recipe)) / falling
  return list(recipe.learning_rate * np.minimum(left, 1))


def _progress(recipe: recipe_lib.Recipe) -> np.ndarray:
  """Returns the share of the steps that are done before each step."""
  return np.arange(recipe.num_steps) / recipe.num_steps
