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

"""How large a picture is, what the network sees of it, and how far it moves.

The first steps see small views, which cost less and settle what is where. A
picture that is larger than `Recipe.base_size` is drawn at that size at first;
later every other step looks closer, at full resolution. Close views alone would
draw a small object in each.
"""

import dataclasses
from typing import List, Sequence, Tuple

import numpy as np

from magenta_viz.ascent import cuts
from magenta_viz.ascent import part_language
from magenta_viz.ascent import parts
from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.ascent import schedules
from magenta_viz.ascent import views as views_lib
from magenta_viz.models import model_spec

Size = Tuple[int, int]

# Larger views, in pixels, are cut into tiles, whose height and width is that of
# the tiles in google/deepdream's successor, TensorFlow's tutorial: GoogLeNet
# and its gradient take 2 GB for a view of 1024 x 1024. What moves the views
# also moves the seams.
_MAX_VIEW = 1024 * 1024
_TILE = 512


def plan_sizes(
  recipes: Sequence[recipe_lib.Recipe], image_size: Size
) -> List[Size]:
  """Returns the height and width of the start and of each octave, in pixels.

  As scipy.ndimage.zoom rounds them, from the last octave down.

  Args:
    recipes: Of the octaves.
    image_size: Of the finished picture.
  """
  sizes = [image_size]
  scales = [recipes[0].start_scale]
  scales.extend(each.octave_scale for each in recipes[1:])
  for scale in reversed(scales):
    height, width = (round(side / scale) for side in sizes[-1])
    sizes.append((height, width))
  return sizes[::-1]


def plan_views(
  recipe: recipe_lib.Recipe, image_size: Size, view_size: int
) -> Sequence[parts.Views]:
  """Returns the views of each step.

  Args:
    recipe: Settings.
    image_size: Height and width of the pictures, in pixels.
    view_size: Height and width that the network was trained at.
  """
  if recipe.transforms != 'views':
    plan = part_language.parse_transforms(recipe.transforms, view_size)
    steps = range(recipe.num_steps)
    chains = [plan.at(step, recipe.num_steps) for step in steps]
    return [_in_tiles(chain, image_size) for chain in chains]
  # The sizes of a recipe are for networks of the usual size.
  scale = view_size / model_spec.USUAL_SIZE
  resolution = min(1.0, scale * recipe.base_size / min(image_size))
  whole = views_lib.RandomViews(
    size=view_size,
    span=(recipe.min_span, recipe.max_span),
    rotation=recipe.rotation,
    shift=recipe.shift,
    noise=recipe.noise,
    resolution=resolution,
    blur=scale * recipe.blur,
  )
  coarse = dataclasses.replace(
    whole, size=max(model_spec.MIN_SIZE, round(scale * recipe.coarse_size))
  )
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
  rate = schedules.parse(str(recipe.learning_rate), 'learning_rate')
  falling = max(1 - recipe.steady_share, 1 / recipe.num_steps)
  left = np.minimum((1 - _progress(recipe)) / falling, 1)
  steps = range(recipe.num_steps)
  rates = [schedules.value(rate, step, recipe.num_steps) for step in steps]
  return list(rates * left)


def _in_tiles(chain: views_lib.Chain, image_size: Size) -> views_lib.Chain:
  """Returns views that fit in memory, of a picture that may be large."""
  height, width = chain.output_size(*image_size)
  if height * width <= _MAX_VIEW:
    return chain
  tiles = cuts.Tiles(_TILE, _TILE, covers=True)
  return views_lib.Chain((*chain.stages, tiles))


def _progress(recipe: recipe_lib.Recipe) -> np.ndarray:
  """Returns the share of the steps that are done before each step."""
  return np.arange(recipe.num_steps) / recipe.num_steps
