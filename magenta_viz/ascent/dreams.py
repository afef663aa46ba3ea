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

"""DeepDream: what a network sees in a photograph, drawn into it.

The photograph is shrunk again and again; from the smallest size on, what the
ascent adds is enlarged and carried to the next size.

References:
  Mordvintsev, Olah and Tyka 2015, Inceptionism; google/deepdream, dream.ipynb.
"""

import dataclasses
from typing import Tuple

import numpy as np
import scipy.ndimage

from magenta_viz.ascent import ascend
from magenta_viz.ascent import objectives
from magenta_viz.ascent import optimizers
from magenta_viz.ascent import pixels
from magenta_viz.ascent import regularizers
from magenta_viz.ascent import transforms

# The networks halve a side five times: from here on, a position is left.
_MIN_SIDE = 32


@dataclasses.dataclass(frozen=True)
class Dream:
  """Settings; the defaults are those of dream.ipynb.

  Attributes:
    num_octaves: Sizes that the photograph is drawn at.
    octave_scale: Ratio of one size to the next smaller one.
    num_steps: Steps of gradient ascent at each size.
    learning_rate: Mean change of a value by a step, on a scale of 0 to 255.
    jitter: Largest shift of what the network sees, in pixels.
  """

  num_octaves: int = 4
  octave_scale: float = 1.4
  num_steps: int = 10
  learning_rate: float = 1.5
  jitter: int = 32


def dream(
  network: ascend.Network,
  photo: np.ndarray,
  objective: objectives.Objective,
  generator: np.random.Generator,
  settings: Dream = Dream(),
) -> np.ndarray:
  """Draws what raises an objective into a photograph.

  Args:
    network: From images in [0, 1] of any size to its outputs.
    photo: [height, width, 3] float array in [0, 1].
    objective: What to raise, such as `objectives.Layer`.
    generator: What the shifts are drawn from.
    settings: Sizes and steps.

  Returns:
    [height, width, 3] float32 array in [0, 1].

  Raises:
    ValueError: If the photograph is too small for so many sizes.
    FloatingPointError: If a score or a gradient is not finite.
  """
  bases = [np.asarray(photo, np.float32) * 255]
  for _ in range(settings.num_octaves - 1):
    bases.append(_zoomed(bases[-1], 1 / settings.octave_scale))
  if min(bases[-1].shape[:2]) < _MIN_SIDE:
    raise ValueError(
      f'a photograph of {photo.shape[0]} x {photo.shape[1]} pixels is too small'
      f' for {settings.num_octaves} octaves; take fewer, or a larger one'
    )
  detail = np.zeros_like(bases[-1])
  for base in reversed(bases):
    detail = _enlarged(detail, base.shape[:2])
    detail = _octave(network, base + detail, objective, generator, settings)
    detail -= base
  return np.clip((bases[0] + detail) / 255, 0, 1)


def _octave(
  network: ascend.Network,
  start: np.ndarray,
  objective: objectives.Objective,
  generator: np.random.Generator,
  settings: Dream,
) -> np.ndarray:
  """Returns a picture, 0 to 255, after the steps at its size."""
  height, width = start.shape[:2]
  canvas = pixels.Pixels(height, width, start=start)
  ascent = ascend.Ascent(
    network=network,
    parameterization=canvas,
    objective=objective.score,
    optimizer=optimizers.MeanAbsolute(),
    views=[transforms.Roll(settings.jitter)] * settings.num_steps,
    learning_rates=[settings.learning_rate] * settings.num_steps,
    filters=[regularizers.ClipRange(*canvas.limits)],
  )
  no_class = np.zeros([1], np.int32)
  images, _ = ascent.run(no_class, [generator])
  return images[0] * 255


def _zoomed(image: np.ndarray, scale: float) -> np.ndarray:
  """Returns a picture of another size, bilinear as in dream.ipynb."""
  return scipy.ndimage.zoom(image, (scale, scale, 1), order=1)


def _enlarged(image: np.ndarray, size: Tuple[int, int]) -> np.ndarray:
  """Returns a picture of the given height and width."""
  factors = (size[0] / image.shape[0], size[1] / image.shape[1], 1)
  return scipy.ndimage.zoom(image, factors, order=1)
