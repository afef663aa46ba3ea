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

"""Pictures as sums of coarse and fine ones."""

import dataclasses
from typing import ClassVar, List, Optional, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.ascent.parameterizations import fourier


@dataclasses.dataclass(frozen=True)
class LaplacianPyramid:
  """Pictures as sums of pictures, each of half the size of the one before.

  The smaller ones are enlarged bilinearly. With one level these are plain
  pixels before the sigmoid, as Lucid's `pixel_image`.

  Attributes:
    height: Of the picture, in pixels.
    width: Of the picture, in pixels.
    num_levels: Of the pyramid; a level is 1 pixel high and wide at least.
    decorrelated: Whether the channels are brightness and two contrasts of
      colour, or red, green and blue.
    initial_deviation: Standard deviation of the noise in the parameters at the
      start.

  References:
    Lucid, lucid/optvis/param/spatial.py, `laplacian_pyramid_image`: 4 levels,
    a deviation of 0.01.
  """

  limits: ClassVar[None] = None
  height: int
  width: int
  num_levels: int = 4
  decorrelated: bool = True
  initial_deviation: float = 0.01

  def initial(
    self, generator: np.random.Generator, start: Optional[np.ndarray] = None
  ) -> np.ndarray:
    """Draws parameters for one picture, [numbers, 1, 3] float32.

    The levels' pixels one after the other, the finest level first. The axis of
    one is for parameters to have as many axes as pictures.

    Args:
      generator: Draws the noise, standard normal float32 values.
      start: [height, width, 3] array in [0, 1] that the noise is added to, kept
        but for values outside of [0.004, 0.996], which are clipped; None for
        grey.

    Raises:
      ValueError: If the start has another size.
    """
    num_pixels = sum(height * width for height, width in self._level_sizes())
    noise = generator.standard_normal((num_pixels, 1, 3), dtype=np.float32)
    noise *= np.float32(self.initial_deviation)
    if start is None:
      return noise
    whole = (self.height, self.width)
    canvas = fourier.to_canvas(start, whole, self.decorrelated)
    return (self._params_of(canvas) + noise).astype(np.float32)

  def to_images(self, params: tf.Tensor) -> tf.Tensor:
    """Returns the images of a batch of parameters.

    Args:
      params: [batch, numbers, 1, 3] float32 tensor, as `initial` orders them.

    Returns:
      [batch, height, width, 3] float32 tensor in [0, 1].
    """
    whole = (self.height, self.width)
    sizes = self._level_sizes()
    lengths = [height * width for height, width in sizes]
    canvas = tf.zeros([1, *whole, 3])
    for level, level_size in zip(tf.split(params, lengths, axis=1), sizes):
      level = tf.reshape(level, [-1, *level_size, 3])
      canvas += tf.image.resize(level, whole)
    return fourier.to_rgb(canvas, self.decorrelated)

  def _params_of(self, canvas: np.ndarray) -> np.ndarray:
    """Returns the parameters of a canvas, [numbers, 1, 3] float64.

    Each level takes the means of what the coarser ones leave, so that the
    coarse shapes are in the coarse levels; the finest takes all that is left.
    """
    levels = []
    for size in reversed(self._level_sizes()):
      level = tf.image.resize(canvas, size, 'area').numpy()
      canvas = canvas - tf.image.resize(level, canvas.shape[:2]).numpy()
      levels.append(level.reshape(-1, 1, 3))
    return np.concatenate(levels[::-1])

  def _level_sizes(self) -> List[Tuple[int, int]]:
    """Returns height and width of each level, the finest first."""
    shrinks = [2**level for level in range(self.num_levels)]
    return [
      (max(self.height // shrink, 1), max(self.width // shrink, 1))
      for shrink in shrinks
    ]
