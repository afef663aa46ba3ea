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

"""What is asked for of a run and does not go together."""

from typing import List, Tuple

from magenta_viz.ascent import octaves
from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.ascent.objectives import terms as objective_terms
from magenta_viz.settings import parts
from magenta_viz.visualization import config as visualize_config

_DEFAULTS = parts.flat(recipe_lib.Recipe())


def check_alone(config: visualize_config.VisualizeConfig) -> None:
  """Raises ValueError if this process would draw what its workers are to."""
  if config.num_workers > 1:
    raise ValueError(
      f'num_workers is {config.num_workers}, but this process draws alone;'
      ' leave it to image_visualization_visualize'
      f' --num_workers={config.num_workers}'
    )


def check_frames(config: visualize_config.VisualizeConfig) -> None:
  """Raises ValueError if frames of a series would be drawn side by side."""
  default = visualize_config.VisualizeConfig.batch_size
  if config.batch_size not in (1, default):
    raise ValueError(
      f'batch_size is {config.batch_size}, but frames are drawn one after the'
      ' other; leave it out'
    )


def check_company(
  config: visualize_config.VisualizeConfig, is_series: bool
) -> None:
  """Raises ValueError if a picture would have none to be compared with."""
  if is_series:
    raise ValueError(
      f'objective {config.objective!r} compares pictures, but frames are drawn'
      ' one by one; take it without diversity'
    )
  least = min(config.batch_size, config.num_variations)
  if least < 2 or config.num_variations % config.batch_size == 1:
    raise ValueError(
      f'objective {config.objective!r} compares the pictures of a batch, and'
      f' {config.num_variations} in batches of {config.batch_size} leave one'
      ' alone; take another --num_variations or --batch_size'
    )


def check_starts(recipe: recipe_lib.Recipe) -> None:
  """Raises ValueError if a recipe cannot start from a picture."""
  if not recipe.parameterization.starts_from_pictures:
    raise ValueError(
      'standardised phases cannot be those of a picture to start from; take'
      ' --phases=free'
    )


def check_noise(config: visualize_config.VisualizeConfig) -> None:
  """Raises ValueError if a photograph takes the place of another start."""
  for name in ('init', 'initial_deviation', 'start_scale'):
    if name in config.overrides:
      raise ValueError(
        f'{name} does nothing beside --image, which is what pictures start'
        ' from; leave one out'
      )


def check_classes(
  config: visualize_config.VisualizeConfig, recipes: List[recipe_lib.Recipe]
) -> None:
  """Raises ValueError if what is of classes is chosen, but none is raised."""
  texts = [recipe.objective.text for recipe in recipes]
  for name, of_what in (('head', ''), ('centring', "'s logit")):
    is_heeded = config.class_ids or any(
      objective_terms.heeds(text, name) for text in texts
    )
    if _is_chosen(config, name) and not is_heeded:
      raise ValueError(
        f"{name} does nothing, because '{texts[0]}' is of no class{of_what};"
        ' leave it out'
      )


def check_enlarged(
  config: visualize_config.VisualizeConfig,
  recipe: recipe_lib.Recipe,
  image_size: Tuple[int, int],
  view_size: int,
) -> None:
  """Raises ValueError if what is of enlargements is chosen without one."""
  usual = parts.replace(recipe, base_size=_DEFAULTS['base_size'])
  grows, would_grow = (
    len(octaves.plan_enlargement(each, image_size, view_size)) > 1
    for each in (recipe, usual)
  )
  idle = [] if grows else ['sweeps', 'detail']
  if not grows and not would_grow:
    idle.append('base_size')
  if not grows and recipe.parameterization.are_pixels:
    idle.append('colours')
  enlargement = recipe.views.enlargement
  if not grows and enlargement is not None:
    # Else they are of the picture's own waves.
    if recipe.parameterization.waves(enlargement) is enlargement:
      idle += ['decay_power', 'chroma']
  for name in idle:
    if _is_chosen(config, name):
      height, width = image_size
      raise ValueError(
        f'{name} does nothing, because a picture of {height} x {width} pixels'
        f' is drawn at once{" in pixels" if name == "colours" else ""}, and not'
        ' enlarged; leave it out'
      )


def _is_chosen(config: visualize_config.VisualizeConfig, name: str) -> bool:
  """Tells whether somebody chose another value than the default."""
  default = _DEFAULTS[name]
  return bool(config.overrides.get(name, default) != default)
