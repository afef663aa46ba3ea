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

"""From recipes to pictures: puts the parts together, octave by octave."""

from typing import (
  Any,
  Callable,
  List,
  Mapping,
  NamedTuple,
  Optional,
  Sequence,
  Tuple,
  Type,
)

import numpy as np
import scipy.ndimage
import tensorflow as tf

from magenta_viz.ascent import ascend
from magenta_viz.ascent import display
from magenta_viz.ascent import ensemble
from magenta_viz.ascent import least_size
from magenta_viz.ascent import octaves
from magenta_viz.ascent import optimizers
from magenta_viz.ascent import part_language
from magenta_viz.ascent import protocols
from magenta_viz.ascent import random_crop
from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.ascent import recipe_parts
from magenta_viz.ascent import step_results
from magenta_viz.ascent import tiled_upscaling
from magenta_viz.ascent.objectives import objectives as objectives_lib
from magenta_viz.ascent.parameterizations import choice

OnStep = Callable[[int, np.ndarray, Callable[[], np.ndarray]], None]
_Size = Tuple[int, int]

# From the settings of each to the optimizer.
_OPTIMIZERS: Mapping[Type[recipe_parts.Optimizer], Callable[[Any], Any]] = {
  recipe_parts.Adam: lambda settings: optimizers.Adam(),
  recipe_parts.NAdam: lambda settings: optimizers.NAdam(),
  recipe_parts.Plain: lambda settings: optimizers.Plain(),
  recipe_parts.MeanAbsolute: lambda settings: optimizers.MeanAbsolute(),
  recipe_parts.RootMeanSquare: lambda settings: optimizers.RootMeanSquare(),
  recipe_parts.Progress: lambda settings: optimizers.Progress(
    settings.progress
  ),
  recipe_parts.ProgressToOne: lambda settings: optimizers.ProgressToOne(
    settings.progress, settings.late_progress
  ),
}


class Drawn(NamedTuple):
  """A batch of finished pictures.

  Attributes:
    images: [batch, height, width, 3] float32 array in [0, 1].
    scores: [num_steps, batch] float32 array, before each step of all octaves.
    change: [batch] float32 array in [0, 1], by how much the steps of an octave
      changed any value.
    member_scores: [num_steps, batch, networks] float32 array, the scores of
      each of several networks; None of one.
  """

  images: np.ndarray
  scores: np.ndarray
  change: np.ndarray
  member_scores: Optional[np.ndarray] = None


class Drawing:
  """Draws one batch of pictures after another.

  Attributes:
    num_steps: Steps of all octaves.
  """

  def __init__(
    self,
    network: ascend.Network,
    view_size: int,
    recipes: Sequence[recipe_lib.Recipe],
    objectives: Sequence[objectives_lib.Objective],
    image_size: _Size,
  ):
    """Puts the parts together.

    Args:
      network: From images in [0, 1] of any size to its outputs; an
        `ensemble.Ensemble` with objectives that are `ensemble.Agreement`s.
      view_size: Height and width that the network was trained at, in pixels.
      recipes: One an octave; the first says where the pictures start, and how
        one octave follows on another.
      objectives: One an octave.
      image_size: Height and width of the pictures, in pixels.

    Raises:
      ValueError: If the settings do not go together, or the picture is too
        small for so many octaves.
    """
    least_size.check(recipes, image_size, view_size)
    self._recipe = recipes[0]
    self._image_size, *larger = octaves.plan_enlargement(
      recipes[-1], image_size, view_size
    )
    self._start_size, *self._sizes = octaves.plan_sizes(
      recipes, self._image_size
    )
    self._parameterizations = [
      choice.parameterization(recipe, size)
      for recipe, size in zip(recipes, self._sizes)
    ]
    self._ascents = [
      _ascent(network, view_size, recipe, objective, parameterization)
      for recipe, objective, parameterization in zip(
        recipes, objectives, self._parameterizations
      )
    ]
    self._octave_steps = [recipe.steps.num_steps for recipe in recipes]
    self.num_steps = sum(self._octave_steps)
    self._enlargement: Optional[tiled_upscaling.Enlargement] = None
    if larger:
      self._enlargement = tiled_upscaling.plan(
        network, view_size, recipes[-1], objectives[-1], larger
      )
      self.num_steps += self._enlargement.num_sweeps

  def run(
    self,
    ids: np.ndarray,
    generators: Sequence[np.random.Generator],
    photo: Optional[np.ndarray] = None,
    on_step: Optional[OnStep] = None,
  ) -> Drawn:
    """Draws a batch.

    Args:
      ids: [batch] int32 array, as of `Objective.score`.
      generators: One a picture; all that is random in it is drawn from it.
      photo: [height, width, 3] float array in [0, 1] of the pictures' size, to
        start from; no noise is added to it.
      on_step: Called after each step with its index, counted over all octaves,
        the scores before it and a function that makes the images after it, at
        the octave's size.

    Raises:
      FloatingPointError: If a score or a gradient is not finite.
    """
    small = photo
    if photo is not None and self._enlargement is not None:
      small = tiled_upscaling.resized(photo, self._image_size)
    params, bases, carried = self._start(generators, small)
    all_scores: List[np.ndarray] = []
    change = np.zeros(len(generators), np.float32)
    for octave, (ascent, parameterization, size) in enumerate(
      zip(self._ascents, self._parameterizations, self._sizes)
    ):
      if carried is not None:
        carried = self._zoomed(carried, size)
        starts = bases[octave] + carried
        params = _initial(parameterization, generators, starts)
      result = ascent.run(
        params,
        ids,
        generators,
        self._globally(on_step, sum(self._octave_steps[:octave])),
      )
      all_scores.extend(result.scores)
      before, images = (
        np.asarray(parameterization.to_images(tf.constant(each)))
        for each in (params, result.params)
      )
      moved = np.abs(images - before).max(axis=(1, 2, 3))
      change = np.maximum(change, moved)
      carried = images - bases[octave]
    images = display.show(images, self._recipe, result.influence)
    if self._enlargement is not None:
      on_sweep = self._globally(on_step, sum(self._octave_steps))
      images, of_sweeps = self._enlargement.run(
        images, ids, generators, photo, on_sweep
      )
      all_scores.extend(of_sweeps)
    scores, member_scores = ensemble.split(np.stack(all_scores))
    return Drawn(images, scores, change, member_scores)

  def _start(
    self,
    generators: Sequence[np.random.Generator],
    photo: Optional[np.ndarray],
  ) -> Tuple[np.ndarray, List[Any], Optional[np.ndarray]]:
    """Returns what the first octave starts from.

    Returns:
      The parameters at the start; for each octave, what is under the detail
      that is carried; and that detail, None where the parameters are those of
      the first octave as they are.
    """
    carries_detail = self._recipe.octaves.carry == 'detail'
    size = self._image_size if carries_detail else self._start_size
    deviation = self._recipe.parameterization.initial_deviation
    if photo is not None:
      photo = self._zoomed(np.asarray(photo, np.float32)[None], size)[0]
      deviation = 0.0
    parameterization = choice.parameterization(self._recipe, size, deviation)
    starts = [
      choice.start_image(self._recipe, size, each) if photo is None else photo
      for each in generators
    ]
    params = _initial(parameterization, generators, starts)
    no_bases = [0.0] * len(self._sizes)
    if size == self._sizes[0]:
      return params, no_bases, None
    images = parameterization.to_images(tf.constant(params)).numpy()
    if not carries_detail:
      return params, no_bases, images
    bases = [images]
    for smaller in self._sizes[-2::-1]:
      bases.append(self._zoomed(bases[-1], smaller))
    return params, bases[::-1], np.zeros_like(bases[-1])

  def _zoomed(self, images: np.ndarray, size: _Size) -> np.ndarray:
    """Returns [batch, height, width, 3] images of another size."""
    factors = [new / old for new, old in zip(size, images.shape[1:3])]
    if factors == [1, 1]:
      return images
    # At some sizes, as from 56 to 40 pixels, rounding takes scipy past the last
    # pixel, which is black by default; else mirror is the same.
    return scipy.ndimage.zoom(
      images,
      (1, *factors, 1),
      order=self._recipe.octaves.zoom_order,
      mode='mirror',
    )

  def _globally(
    self, on_step: Optional[OnStep], steps_before: int
  ) -> Optional[step_results.OnStep]:
    """Returns what an octave's ascent calls for `on_step`."""
    if on_step is None:
      return None
    call = on_step

    def on_octave_step(
      index: int, scores: np.ndarray, images: step_results.Images
    ) -> None:
      call(
        steps_before + index,
        scores,
        lambda: display.show(images().numpy(), self._recipe),
      )

    return on_octave_step


def _initial(
  parameterization: protocols.Parameterization,
  generators: Sequence[np.random.Generator],
  starts: Sequence[Optional[np.ndarray]],
) -> np.ndarray:
  """Returns the parameters of pictures at their start."""
  return np.stack(
    [
      parameterization.initial(generator, start)
      for generator, start in zip(generators, starts)
    ]
  )


def _check_views(
  objective: objectives_lib.Objective,
  recipe: recipe_lib.Recipe,
  views: Sequence[protocols.Views],
  parameterization: protocols.Parameterization,
) -> None:
  """Raises ValueError if an objective cannot do with parts of pictures."""
  if (objective.is_coupled and views[0].makes_several) or (
    objective.is_whole and views[0].shows_parts
  ):
    raise ValueError(
      f"transforms '{recipe.views.text}' show parts of a picture of"
      f' {parameterization.height} x {parameterization.width} pixels, but'
      ' content: and diversity: compare whole ones; take others, such as'
      ' --transforms="roll=8", and at most 1024 x 1024 pixels'
    )


def _ascent(
  network: ascend.Network,
  view_size: int,
  recipe: recipe_lib.Recipe,
  objective: objectives_lib.Objective,
  parameterization: protocols.Parameterization,
) -> ascend.Ascent:
  """Puts the parts of an octave together."""
  regularizers = part_language.parse_regularizers(
    recipe.steps.regularizers, parameterization.limits
  )
  window: Optional[random_crop.Window] = None
  if recipe.steps.window == 'crop':
    window = random_crop.RandomCrop(view_size)
    parameterization = choice.parameterization(recipe, (view_size, view_size))
  views = octaves.plan_views(
    recipe, (parameterization.height, parameterization.width), view_size
  )
  _check_views(objective, recipe, views, parameterization)
  return ascend.Ascent(
    network=network,
    parameterization=parameterization,
    objective=objective.score,
    optimizer=_OPTIMIZERS[type(recipe.optimizer)](recipe.optimizer),
    views=views,
    learning_rates=octaves.plan_learning_rates(recipe),
    filters=regularizers.filters,
    penalties=regularizers.penalties,
    laplacian_levels=recipe.steps.laplacian_levels,
    window=window,
    keep_best=recipe.steps.keep == 'best',
    sum_influence=recipe.display.alpha_percentile > 0,
    facet=ensemble.facet(recipe, objective),
    is_coupled=objective.is_coupled,
  )
