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
picture of views that is larger than their enlargement's `base_size` is drawn at
that size, and then enlarged.
"""

import dataclasses
from typing import (
  Callable,
  List,
  Mapping,
  NamedTuple,
  Sequence,
  Tuple,
  Type,
  cast,
)

import numpy as np

from magenta_viz.ascent import part_language
from magenta_viz.ascent import protocols
from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.ascent import recipe_parts
from magenta_viz.ascent.views import covers
from magenta_viz.ascent.views import crops_and_tiles
from magenta_viz.ascent.views import random_views
from magenta_viz.ascent.views import tints
from magenta_viz.ascent.views import transforms
from magenta_viz.models import model_spec
from magenta_viz.settings import schedules

Size = Tuple[int, int]

# Larger views, in pixels, are cut into tiles, whose height and width is that of
# the tiles in google/deepdream's successor, TensorFlow's tutorial: GoogLeNet
# and its gradient take 2 GB for a view of 1024 x 1024. What moves the views
# also moves the seams.
_MAX_VIEW = 1024 * 1024
_TILE = 512

# The networks halve a side five times: from here on, a position is left.
MIN_SIDE = 32


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
  scales = [recipes[0].octaves.start_scale]
  scales.extend(each.octaves.scale for each in recipes[1:])
  for scale in reversed(scales):
    height, width = (round(side / scale) for side in sizes[-1])
    sizes.append((height, width))
  return sizes[::-1]


def plan_views(
  recipe: recipe_lib.Recipe, image_size: Size, view_size: int
) -> Sequence[protocols.Views]:
  """Returns the views of each step.

  Args:
    recipe: Settings.
    image_size: Height and width of the pictures, in pixels.
    view_size: Height and width that the network was trained at.
  """
  return _PLANS[type(recipe.views)].views(recipe, image_size, view_size)


def seen_pixels(
  recipe: recipe_lib.Recipe, size: Size, view_size: int
) -> Tuple[int, int]:
  """Returns how much the network sees of a picture at a step, in pixels.

  Args:
    recipe: Settings.
    size: Height and width of what is drawn at once.
    view_size: Height and width that the network was trained at.

  Returns:
    The pixels of all views, and those of the transforms that lead to them, as
    far as these make the picture larger.

  Raises:
    ValueError: If views would be too small for a network, or too many.
  """
  return _PLANS[type(recipe.views)].seen(recipe, size, view_size)


def _random_views(
  recipe: recipe_lib.Recipe, image_size: Size, view_size: int
) -> Sequence[protocols.Views]:
  """Returns random views of each step, coarse ones first."""
  del image_size
  settings = _settings(recipe)
  whole = whole_views(recipe, view_size)
  coarse_size = round(settings.coarse_size * view_size / model_spec.USUAL_SIZE)
  coarse = dataclasses.replace(
    whole, size=max(model_spec.MIN_SIZE, coarse_size)
  )
  return [
    coarse if progress < settings.coarse_share else whole
    for progress in _progress(recipe)
  ]


def _seen_at_random(
  recipe: recipe_lib.Recipe, size: Size, view_size: int
) -> Tuple[int, int]:
  """Returns what `seen_pixels` does, of random views."""
  del recipe, size
  return view_size**2, 0


def _chains(
  recipe: recipe_lib.Recipe, image_size: Size, view_size: int
) -> Sequence[protocols.Views]:
  """Returns the transforms of each step, one after the other."""
  chain = part_language.parse_transforms(recipe.views.text, view_size)
  return [_in_tiles(chain, image_size)] * recipe.steps.num_steps


def _seen_through_chains(
  recipe: recipe_lib.Recipe, size: Size, view_size: int
) -> Tuple[int, int]:
  """Returns what `seen_pixels` does, of transforms."""
  chain = part_language.parse_transforms(recipe.views.text, view_size)
  chain = _in_tiles(chain, size)
  height, width = size
  count, extra = 1, 0
  for stage in chain.stages:
    count *= stage.num_views(height, width)
    height, width = stage.output_size(height, width)
    extra += max(count * height * width - size[0] * size[1], 0)
  if min(height, width) < MIN_SIDE:
    raise ValueError(
      f"transforms '{recipe.views.text}' leave views of {height} x {width}"
      f' pixels, of which the network sees nothing; leave {MIN_SIDE} at least'
    )
  return count * height * width, extra


class _Plan(NamedTuple):
  """What a kind of views comes to."""

  views: Callable[[recipe_lib.Recipe, Size, int], Sequence[protocols.Views]]
  seen: Callable[[recipe_lib.Recipe, Size, int], Tuple[int, int]]


_PLANS: Mapping[Type[recipe_parts.Views], _Plan] = {
  recipe_parts.RandomViews: _Plan(_random_views, _seen_at_random),
  recipe_parts.Transforms: _Plan(_chains, _seen_through_chains),
}


def whole_views(
  recipe: recipe_lib.Recipe, view_size: int
) -> random_views.RandomViews:
  """Returns random views of the size that the network was trained at."""
  settings = _settings(recipe)
  return random_views.RandomViews(
    size=view_size,
    span=(settings.min_span, settings.max_span),
    rotation=settings.rotation,
    shift=settings.shift,
    noise=settings.noise,
    # As all sizes of a recipe, for networks of the usual size.
    blur=settings.blur * view_size / model_spec.USUAL_SIZE,
    mirror=settings.mirror_share,
    effects=_effects(settings),
  )


def _settings(recipe: recipe_lib.Recipe) -> recipe_parts.RandomViews:
  """Returns the settings of random views."""
  return cast(recipe_parts.RandomViews, recipe.views)


def tile_views(
  recipe: recipe_lib.Recipe, view_size: int
) -> random_views.RandomViews:
  """Returns views of the tiles that an enlargement gets its detail by."""
  # Neither tinted nor covered: these are for the composition, which is settled.
  # Nor would the few sweeps make up for an eighth of each tile that were hidden
  # in each. Two pictures of 640 pixels looked alike with and without.
  return dataclasses.replace(whole_views(recipe, view_size), effects=())


def plan_enlargement(
  recipe: recipe_lib.Recipe, image_size: Size, view_size: int
) -> List[Size]:
  """Returns the sizes that a picture grows through, in pixels.

  Args:
    recipe: Settings.
    image_size: Height and width of the finished picture, which is the last.
    view_size: Height and width that the network was trained at.

  Returns:
    The height and width that it is drawn at, then those of each enlargement, at
    most twice as large as the one before.
  """
  if recipe.views.enlargement is None or recipe.steps.window == 'crop':
    return [image_size]
  shorter = min(image_size)
  base = base_side(recipe.views.enlargement, view_size)
  if shorter <= base:
    return [image_size]
  doublings = np.log2(shorter / base)
  # A picture that is exactly twice as large is not rounded to more.
  count = max(int(np.ceil(doublings - 1e-9)), 1)
  factors = 2 ** (-doublings * np.arange(count, -1, -1) / count)
  height, width = image_size
  return [(round(height * factor), round(width * factor)) for factor in factors]


def base_side(settings: recipe_parts.Enlargement, view_size: int) -> int:
  """Returns the shorter side that larger pictures are drawn at, in pixels."""
  return round(settings.base_size * view_size / model_spec.USUAL_SIZE)


def plan_sweeps(settings: recipe_parts.Enlargement) -> List[float]:
  """Returns how far each sweep of an enlargement goes: less and less."""
  left = 1 - np.arange(settings.sweeps) / max(settings.sweeps, 1)
  return list(settings.detail * left)


def plan_learning_rates(recipe: recipe_lib.Recipe) -> List[float]:
  """Returns the learning rate of each step: steady, then falling to 0."""
  rate = schedules.parse(str(recipe.steps.learning_rate), 'learning_rate')
  falling = max(1 - recipe.steps.steady_share, 1 / recipe.steps.num_steps)
  left = np.minimum((1 - _progress(recipe)) / falling, 1)
  num_steps = recipe.steps.num_steps
  rates = [
    schedules.value(rate, schedules.Step(step, num_steps))
    for step in range(num_steps)
  ]
  return list(rates * left)


def _effects(
  settings: recipe_parts.RandomViews,
) -> Tuple[transforms.Stage, ...]:
  """Returns what is done to views besides, if anything."""
  light = (
    settings.brightness_reach,
    settings.contrast_reach,
    settings.gain_reach,
    settings.grey_share,
  )
  effects: List[transforms.Stage] = []
  if any(light):
    effects.append(tints.Tint(*light))
  if settings.cover:
    effects.append(covers.Cover(settings.cover))
  return tuple(effects)


def _in_tiles(
  chain: random_views.Chain, image_size: Size
) -> random_views.Chain:
  """Returns views that fit in memory, of a picture that may be large."""
  height, width = chain.output_size(*image_size)
  if height * width <= _MAX_VIEW:
    return chain
  tiles = crops_and_tiles.Tiles(_TILE, _TILE, covers=True)
  return random_views.Chain((*chain.stages, tiles))


def _progress(recipe: recipe_lib.Recipe) -> np.ndarray:
  """Returns the share of the steps that are done before each step."""
  return np.arange(recipe.steps.num_steps) / recipe.steps.num_steps
