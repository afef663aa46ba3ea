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

from typing import Any, Callable, Mapping, Optional, Tuple, Type

import numpy as np
import tensorflow as tf

from magenta_viz.ascent import protocols
from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.ascent import recipe_parts
from magenta_viz.ascent.parameterizations import fourier
from magenta_viz.ascent.parameterizations import maco
from magenta_viz.ascent.parameterizations import pixels
from magenta_viz.ascent.parameterizations import pyramid
from magenta_viz.settings import fields

# Of what each picture has of its own: the most cycles a picture of its waves,
# and their contrast, which makes brightness deviate by 1.2 in clouds and by
# 1.07 in a tint. By eye: other pictures come of them, but nothing that is taken
# for an object itself.
_SOFT_STARTS = {'clouds': (4, 0.405), 'tint': (0, 1.0)}
_SOFT_DECAY = 1.5


def start_image(
  recipe: recipe_lib.Recipe,
  size: Tuple[int, int],
  generator: np.random.Generator,
) -> Optional[np.ndarray]:
  """Returns what a picture starts from; None for parameters of 0.

  Args:
    recipe: Settings.
    size: Height and width, in pixels.
    generator: Draws what is random in it.

  Returns:
    [height, width, 3] array in [0, 1].
  """
  init = recipe.parameterization.init
  if init in _SOFT_STARTS:
    return _soft(size, generator, *_SOFT_STARTS[init])
  if init == 'grey' and not recipe.parameterization.are_pixels:
    return None
  named = {'grey': (127.5, 127.5, 127.5), 'mean': pixels.MEAN}
  colour = named.get(init) or fields.parse_colour(init)
  return np.broadcast_to(np.array(colour) / 255, (*size, 3))


def _soft(
  size: Tuple[int, int],
  generator: np.random.Generator,
  max_cycles: int,
  contrast: float,
) -> np.ndarray:
  """Draws soft light and dark in colours as photographs have them.

  Args:
    size: Height and width, in pixels.
    generator: Draws the waves.
    max_cycles: Of the waves, each way; 0 for one colour.
    contrast: Factor of the waves before the sigmoid.

  Returns:
    [height, width, 3] float32 array in [0, 1].
  """
  # A constant, then a sine and a cosine of each number of cycles.
  num_waves = 2 * max_cycles + 1
  waves = fourier.Fourier(
    *size,
    decay_power=_SOFT_DECAY,
    contrast=contrast,
    chroma=1.0,
    initial_deviation=0.0,
  )
  params = np.zeros((1, *size, 3), np.float32)
  params[:, :num_waves, :num_waves] = generator.standard_normal(
    (num_waves, num_waves, 3), dtype=np.float32
  )
  return waves.to_images(tf.constant(params)).numpy()[0]


def parameterization(
  recipe: recipe_lib.Recipe, size: Tuple[int, int], deviation: float = 0.0
) -> protocols.Parameterization:
  """Returns what is optimised, with noise of a standard deviation at first."""
  settings = recipe.parameterization
  return _MAKERS[type(settings)](settings, size, deviation)


def _fourier(
  settings: recipe_parts.Fourier, size: Tuple[int, int], deviation: float
) -> fourier.Fourier:
  """Returns waves."""
  return fourier.Fourier(
    *size,
    decay_power=settings.decay_power,
    contrast=settings.contrast,
    chroma=settings.chroma,
    initial_deviation=deviation,
    decorrelated=settings.colours == 'decorrelated',
    max_cycles=settings.max_cycles or None,
  )


def _pixels(
  settings: recipe_parts.Pixels, size: Tuple[int, int], deviation: float
) -> pixels.Pixels:
  """Returns pixels."""
  del settings
  return pixels.Pixels(*size, initial_deviation=deviation)


def _pyramid(
  settings: recipe_parts.Pyramid, size: Tuple[int, int], deviation: float
) -> pyramid.LaplacianPyramid:
  """Returns a Laplacian pyramid."""
  return pyramid.LaplacianPyramid(
    *size,
    num_levels=settings.pyramid_levels,
    decorrelated=settings.colours == 'decorrelated',
    initial_deviation=deviation,
  )


def _maco(
  settings: recipe_parts.MaCo, size: Tuple[int, int], deviation: float
) -> maco.MaCo:
  """Returns the phases of waves, which have no noise of their own."""
  del deviation
  return maco.MaCo(
    *size,
    decorrelated=settings.colours == 'decorrelated',
    standardize_phases=settings.phases == 'standardized',
  )


_MAKERS: Mapping[
  Type[recipe_parts.Parameterization],
  Callable[[Any, Tuple[int, int], float], protocols.Parameterization],
] = {
  recipe_parts.Fourier: _fourier,
  recipe_parts.Pixels: _pixels,
  recipe_parts.Pyramid: _pyramid,
  recipe_parts.MaCo: _maco,
}
