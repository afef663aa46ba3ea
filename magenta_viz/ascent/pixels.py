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
from typing import Optional, Tuple, Union

import numpy as np
import tensorflow as tf

Colour = Tuple[float, float, float]

# Of ImageNet's training pictures, RGB, as Caffe's models have it (rounded; the
# authors of deepdraw and deepdream write 104, 117, 123 and 104, 116, 122 BGR).
_MEAN: Colour = (123.0, 117.0, 104.0)


@dataclasses.dataclass(frozen=True, eq=False)
class Pixels:
  """Pictures as pixels minus a mean: step sizes hold as they were published.

  The images are not clipped to [0, 1]: where they were, there would be no
  gradient back. `regularizers.ClipRange` with `limits` clips after a step.

  Attributes:
    height: Of the picture, in pixels.
    width: Of the picture, in pixels.
    mean: RGB that parameters of 0 stand for, in `unit`.
    unit: Value of white.
    start: What the picture is at the start, RGB in `unit` with the mean not
      subtracted: a colour, or a [height, width, 3] array; None for the mean.
    initial_deviation: Standard deviation of the normal noise that the start is
      given, in `unit`.

  Raises:
    ValueError: If the start has another size.
  """

  height: int
  width: int
  mean: Colour = _MEAN
  unit: float = 255.0
  start: Union[Colour, np.ndarray, None] = None
  initial_deviation: float = 0.0

  def __post_init__(self) -> None:
    """Checks the start's size."""
    shape = np.shape(self.mean if self.start is None else self.start)
    wanted = (self.height, self.width, 3)
    if shape not in ((3,), wanted):
      raise ValueError(
        f'the start has the shape {shape}; take a colour (3 numbers) or an'
        f' image of shape {wanted}'
      )

  @property
  def limits(self) -> Tuple[Colour, Colour]:
    """Parameters of black and of white, as `regularizers.ClipRange` wants."""
    red, green, blue = self.mean
    unit = self.unit
    return (-red, -green, -blue), (unit - red, unit - green, unit - blue)

  def initial(self, generator: np.random.Generator) -> np.ndarray:
    """Draws parameters for one picture, [height, width, 3] float32.

    Draws standard normal float64 values, in this order, and nothing where
    there is no noise.
    """
    shape = (self.height, self.width, 3)
    start = self.mean if self.start is None else self.start
    params = np.broadcast_to(np.asarray(start, np.float64) - self.mean, shape)
    if self.initial_deviation:
      params = params + self.initial_deviation * generator.standard_normal(
        shape
      )
    return params.astype(np.float32)

  def to_images(
    self, params: tf.Tensor, size: Optional[Tuple[int, int]] = None
  ) -> tf.Tensor:
    """Returns the images of a batch of parameters.

    Args:
      params: [batch, height, width, 3] float32 tensor.
      size: Height and width of the images, where they are to be smaller than
        the pictures; they are smoothed so as not to skip pixels.

    Returns:
      [batch, height, width, 3] float32 tensor, in [0, 1] where the parameters
      are in `limits`.
    """
    images = (params + tf.constant(self.mean, params.dtype)) / self.unit
    if size is None or tuple(size) == (self.height, self.width):
      return images
    return tf.image.resize(images, size, antialias=True)
