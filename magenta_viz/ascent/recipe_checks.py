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

"""Settings of a recipe that do not go together, each allowed by itself."""

from typing import Any

from magenta_viz.settings import fields


def check_together(recipe: Any) -> None:
  """Raises ValueError if settings of a recipe do not go together.

  Args:
    recipe: A `recipe.Recipe`, or what has its fields.
  """
  if recipe.min_span > recipe.max_span:
    raise ValueError(
      f'min_span is {recipe.min_span} and max_span {recipe.max_span}; take a'
      ' smaller min_span or a larger max_span'
    )
  if recipe.init not in fields.NAMED_STARTS:
    fields.parse_colour(recipe.init)
  if recipe.parameterization == 'maco' and recipe.init != 'grey':
    raise ValueError(
      f'init is {recipe.init}, which has no phases; take --init=grey'
      ' with --parameterization=maco'
    )
  if recipe.window == 'crop' and recipe.parameterization != 'pixels':
    raise ValueError(
      f'window=crop changes pixels, but parameterization is'
      f' {recipe.parameterization}; take --parameterization=pixels'
    )
  if recipe.window == 'crop' and recipe.optimizer in ('adam', 'nadam'):
    raise ValueError(
      f'window=crop is another crop at each step, but {recipe.optimizer} looks'
      ' back at earlier ones; take --optimizer=mean_absolute'
    )
  if recipe.window == 'crop' and recipe.alpha_percentile:
    raise ValueError(
      'alpha_percentile needs the influence of the whole picture, but'
      ' window=crop sees a part; take --alpha_percentile=0'
    )
  if recipe.laplacian_levels and recipe.parameterization != 'pixels':
    raise ValueError(
      'laplacian_levels works on pixels, but parameterization is'
      f' {recipe.parameterization}; take --laplacian_levels=0'
    )
  is_picture = recipe.octaves > 1 or recipe.start_scale > 1
  if recipe.parameterization == 'maco' and is_picture:
    if recipe.phases == 'standardized':
      raise ValueError(
        'standardised phases cannot be those of a smaller picture; take'
        ' --phases=free, or --octaves=1 and --start_scale=1'
      )
