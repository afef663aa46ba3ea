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

"""The settings of a picture, as plain data.

  Recipe(
    parameterization=recipe_parts.Fourier(decay_power=1.3),
    views=recipe_parts.RandomViews(cover=0.35),
    optimizer=recipe_parts.NAdam(),
  )

is the package's own recipe with smoother pictures, views that are partly
hidden, and another way to step. Flags, presets and records have the same
settings flat, as `Recipe.of` takes them:

  {'decay_power': 1.3, 'cover': 0.35, 'optimizer': 'nadam'}
"""

import dataclasses
from typing import Any, Dict, Mapping

from magenta_viz.ascent import recipe_parts
from magenta_viz.settings import parts


@dataclasses.dataclass(frozen=True)
class Recipe(parts.Part):
  """How to draw: what is neither about which picture, nor the machine.

  The numbers are the package's own, measured with GoogLeNet on 24 classes
  (docs/recipe.md). A network may want others: `ModelSpec.recipe`. Those of
  other methods are in `presets`.

  Raises:
    ValueError: If parts do not go together.
  """

  parameterization: recipe_parts.Parameterization = parts.one_of(
    'fourier',
    recipe_parts.PARAMETERIZATIONS,
    'what is optimised: waves, pixels, a Laplacian pyramid, or the phases of'
    ' waves',
  )
  objective: recipe_parts.Objective = parts.part(recipe_parts.Objective)
  views: recipe_parts.Views = parts.one_of(
    'views',
    {'views': recipe_parts.RandomViews},
    'what the network sees: views, as the settings below have them, or one'
    ' transform after the other: pad=12 shift=8 zoom=0.9,1.1 rotate=10 flip'
    ' roll=32 noise=0.1 crops=32,0.5..0.05,0.05,0.15 tiles=224,112'
    ' brightness=0.1 contrast=0.3 gains=0.15 grey=0.2 cover=0.35',
    name='transforms',
    otherwise=recipe_parts.Transforms,
  )
  steps: recipe_parts.Steps = parts.part(recipe_parts.Steps)
  optimizer: recipe_parts.Optimizer = parts.one_of(
    'adam', recipe_parts.OPTIMIZERS, 'how a gradient becomes a step'
  )
  octaves: recipe_parts.Octaves = parts.part(recipe_parts.Octaves)
  display: recipe_parts.Display = parts.one_of(
    'clip',
    recipe_parts.DISPLAYS,
    'how values become colours: clipped, stretched to the whole range, or'
    " stretched about ImageNet's mean, which is shown grey",
  )

  def __post_init__(self) -> None:
    """Checks that the parts can do what the others ask of them."""
    super().__post_init__()
    steps, octaves = self.steps, self.octaves
    what = parts.name_of(self, 'parameterization')
    if steps.window == 'crop' and not self.parameterization.are_pixels:
      raise ValueError(
        f'window=crop changes pixels, but parameterization is {what}; take'
        ' --parameterization=pixels'
      )
    if steps.window == 'crop' and self.optimizer.looks_back:
      raise ValueError(
        f'window=crop is another crop at each step, but'
        f' {parts.name_of(self, "optimizer")} looks back at earlier ones; take'
        ' --optimizer=mean_absolute'
      )
    if steps.window == 'crop' and self.display.alpha_percentile:
      raise ValueError(
        'alpha_percentile needs the influence of the whole picture, but'
        ' window=crop sees a part; take --alpha_percentile=0'
      )
    if steps.laplacian_levels and not self.parameterization.are_pixels:
      raise ValueError(
        f'laplacian_levels works on pixels, but parameterization is {what};'
        ' take --laplacian_levels=0'
      )
    is_zoomed = octaves.count > 1 or octaves.start_scale > 1
    if is_zoomed and not self.parameterization.starts_from_pictures:
      raise ValueError(
        'standardised phases cannot be those of a smaller picture; take'
        ' --phases=free, or --octaves=1 and --start_scale=1'
      )

  @classmethod
  def of(cls, *settings: Mapping[str, Any]) -> 'Recipe':
    """Returns the default recipe with other settings, later ones last.

    Args:
      *settings: By their flat names; those that no part takes are left out.

    Raises:
      ValueError: If there is no such setting, or it is out of its range.
    """
    values: Dict[str, Any] = {}
    for each in settings:
      values.update(each)
    return parts.make(cls, values)
