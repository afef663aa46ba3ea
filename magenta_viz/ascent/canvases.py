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

"""What a recipe draws on, and what is there at the start."""

from typing import Optional, Tuple

import numpy as np

from magenta_viz.ascent import maco
from magenta_viz.ascent import parameterizations
from magenta_viz.ascent import parts
from magenta_viz.ascent import pixels
from magenta_viz.ascent import pyramid
from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.ascent import settings as settings_lib


def start_image(
  recipe: recipe_lib.Recipe, size: Tuple[int, int]
) -> Optional[np.ndarray]:
  """Returns the colour that pictures start from; None for parameters of 0."""
  if recipe.init == 'grey' and recipe.parameterization != 'pixels':
    return None
  named = {'grey': (127.5, 127.5, 127.5), 'mean': pixels.MEAN}
  colour = named.get(recipe.init) or settings_lib.parse_colour(recipe.init)
  return np.broadcast_to(np.array(colour) / 255, (*size, 3))


def canvas(
  recipe: recipe_lib.Recipe, size: Tuple[int, int], deviation: float = 0.0
) -> parts.Parameterization:
  """Returns what is optimised, with noise of a standard deviation at first."""
  height, width = size
  is_decorrelated = recipe.colours == 'decorrelated'
  if recipe.parameterization == 'pixels':
    return pixels.Pixels(height, width, initial_deviation=deviation)
  if recipe.parameterization == 'pyramid':
    return pyramid.LaplacianPyramid(
      height,
      width,
      num_levels=recipe.pyramid_levels,
      decorrelated=is_decorrelated,
      initial_deviation=deviation,
    )
  if recipe.parameterization == 'maco':
    return maco.MaCo(
      height,
      width,
      decorrelated=is_decorrelated,
      standardize_phases=recipe.phases == 'standardized',
    )
  return parameterizations.Fourier(
    height=height,
    width=width,
    decay_power=recipe.decay_power,
    contrast=recipe.contrast,
    chroma=recipe.chroma,
    initial_deviation=deviation,
    decorrelated=is_decorrelated,
  )
