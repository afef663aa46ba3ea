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

"""How values become the colours that are shown."""

from typing import Any, Callable, Mapping, Optional, Type

import numpy as np

from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.ascent import recipe_parts
from magenta_viz.ascent.parameterizations import maco
from magenta_viz.ascent.parameterizations import pixels


def show(
  images: np.ndarray,
  recipe: recipe_lib.Recipe,
  influence: Optional[np.ndarray] = None,
) -> np.ndarray:
  """Returns images in [0, 1].

  Args:
    images: [batch, height, width, 3] float array of any range.
    recipe: Says how; each picture by itself.
    influence: As `ascend.Result` has it; None shows all of a picture.
  """
  images = _DISPLAYS[type(recipe.display)](images, recipe.display)
  images = np.clip(images, 0, 1).astype(np.float32)
  if influence is None:
    return images
  alpha = maco.alpha_map(influence, recipe.display.alpha_percentile)[..., None]
  return (alpha * images + (1 - alpha)).astype(np.float32)


def _as_they_are(images: np.ndarray, settings: recipe_parts.Clip) -> np.ndarray:
  """Returns images, to be clipped."""
  del settings
  return images


def _stretched(
  images: np.ndarray, settings: recipe_parts.Stretch
) -> np.ndarray:
  """Returns images whose values, but for the outermost, reach from 0 to 1."""
  share = settings.percentile
  low, high = np.percentile(
    images, [share, 100 - share], axis=(1, 2, 3), keepdims=True
  )
  # A picture of one value has no range: it is shown black.
  return (images - low) / np.where(high > low, high - low, 1)


def _centred(images: np.ndarray, settings: recipe_parts.Centred) -> np.ndarray:
  """Returns images that reach as far from grey as they may."""
  contrasts = images - np.array(pixels.MEAN, images.dtype) / 255
  reach = np.percentile(
    np.abs(contrasts), 100 - settings.percentile, axis=(1, 2, 3), keepdims=True
  )
  # Where there is nothing but the mean, grey.
  return 0.5 + contrasts / (2 * np.where(reach > 0, reach, 1))


_DISPLAYS: Mapping[
  Type[recipe_parts.Display], Callable[[np.ndarray, Any], np.ndarray]
] = {
  recipe_parts.Clip: _as_they_are,
  recipe_parts.Stretch: _stretched,
  recipe_parts.Centred: _centred,
}
