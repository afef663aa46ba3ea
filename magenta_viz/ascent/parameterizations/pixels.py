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

"""Pictures as their pixels, in the unit of the methods that used them."""

import dataclasses
from typing import Optional, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.ascent.parameterizations import fourier

Colour = Tuple[float, float, float]

# Of ImageNet's training pictures, RGB, as Caffe's models have it (rounded; the
# authors of deepdraw and deepdream write 104, 117, 123 and 104, 116, 122 BGR).
MEAN: Colour = (123.0, 117.0, 104.0)


@dataclasses.dataclass(frozen=True)
class Pixels:
  """Pictures as pixels minus a mean: step sizes hold as they were published.

  The images are not clipped to [0, 1]: where they were, there would be no
  gradient back. `filters.ClipRange` with `limits` clips after a step.

  Attributes:
    height: Of the picture, in pixels.
    width: Of the picture, in pixels.
    mean: RGB that parameters of 0 stand for, in `unit`.
    unit: Value of white.
    initial_deviation: Standard deviation of the normal noise that the start is
      given, in `unit`.
  """

  height: int
  width: int
  mean: Colour = MEAN
  unit: float = 255.0
  initial_deviation: float = 0.0

  @property
  def limits(self) -> Tuple[Colour, Colour]:
    """Parameters of black and of white, as `filters.ClipRange` wants."""
    red, green, blue = self.mean
    unit = self.unit
    return (-red, -green, -blue), (unit - red, unit - green, unit - blue)

  def initial(
    self, generator: np.random.Generator, start: Optional[np.ndarray] = None
  ) -> np.ndarray:
    """Draws parameters for one picture, [height, width, 3] float32.

    Args:
      generator: Draws the noise, standard normal float64 values; nothing is
        drawn where there is no noise.
      start: [height, width, 3] array in [0, 1] that the noise is added to, kept
        as it is; None for the mean.

    Raises:
      ValueError: If the start has another size.
    """
    size = (self.height, self.width)
    params = np.zeros((*size, 3))
    if start is not None:
      colours = fourier.checked_start(start, size)
      params = self.unit * colours - self.mean
    if self.initial_deviation:
      params += self.initial_deviation * generator.standard_normal(params.shape)
    return params.astype(np.float32)

  def to_images(self, params: tf.Tensor) -> tf.Tensor:
    """Returns the images of a batch of parameters.

    Args:
      params: [batch, height, width, 3] float32 tensor.

    Returns:
      [batch, height, width, 3] float32 tensor, in [0, 1] where the parameters
      are in `limits`.
    """
    return (params + tf.constant(self.mean, params.dtype)) / self.unit
