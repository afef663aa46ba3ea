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

"""What is optimised: parameters, and the images that they stand for.

A parameterization has `initial`, which draws the parameters of one picture,
and `to_images`, which turns a batch of parameters into images. Where the
parameters are coefficients that carry much of a picture each, gradient ascent
finds whole shapes before it finds texture.
"""

import dataclasses
from typing import Optional, Tuple

import numpy as np
import tensorflow as tf

# Square root of the covariance of the colours of ImageNet's training pictures
# (its singular value decomposition), as measured for Lucid
# (lucid/optvis/param/color.py); columns are brightness, and two contrasts.
_COLOUR_CORRELATION = np.array(
  [[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]], np.float32
)
# Lucid scales by the longest column, so that no channel is stretched.
_COLOUR_MATRIX = _COLOUR_CORRELATION / np.max(
  np.linalg.norm(_COLOUR_CORRELATION, axis=0)
)


@dataclasses.dataclass(frozen=True)
class Fourier:
  """Pictures as sums of waves, decorrelated in space and in colour.

  The waves are products of a sine or cosine down the picture and one across
  it, which span the same pictures as the discrete Fourier transform. They are
  applied as two matrix products: these are as fast as an FFT at the sizes of
  class pictures, on every version of TensorFlow and for every size.

  Attributes:
    height: Of the picture, in pixels.
    width: Of the picture, in pixels.
    decay_power: A wave of k cycles a picture is weighted with k^-decay_power.
      Photographs have about 1 (Field 1987, Relations between the statistics of
      natural images and the response properties of cortical cells).
    contrast: What the picture's range is multiplied with before the sigmoid.
    chroma: What the contrasts of colour are multiplied with besides; 1 leaves
      them as photographs have them.
    initial_deviation: Standard deviation of the parameters at the start.

  References:
    Olah, Mordvintsev and Schubert 2017, Feature visualization, Distill, the
    section on preconditioning.
  """

  height: int
  width: int
  decay_power: float
  contrast: float
  chroma: float
  initial_deviation: float

  def initial(self, generator: np.random.Generator) -> np.ndarray:
    """Draws parameters for one picture, [height, width, 3] float32."""
    shape = (self.height, self.width, 3)
    noise = generator.standard_normal(shape, dtype=np.float32)
    return noise * np.float32(self.initial_deviation)

  def to_images(
    self, params: tf.Tensor, size: Optional[Tuple[int, int]] = None
  ) -> tf.Tensor:
    """Returns the images of a batch of parameters.

    Args:
      params: [batch, height, width, 3] float32 tensor; its second and third
        axes count waves, its last brightness and two contrasts of colour.
      size: Height and width of the images, where they are to be smaller than
        the pictures: the waves that are too short for them are left out.

    Returns:
      [batch, height, width, 3] float32 tensor in [0, 1].
    """
    height, width = (self.height, self.width) if size is None else size
    params = params[:, :height, :width]
    down, down_cycles = _waves(height)
    across, across_cycles = _waves(width)
    cycles = np.hypot(down_cycles[:, None], across_cycles[None, :])
    weights = np.maximum(cycles, 1) ** -self.decay_power
    # [batch, 3, height, width], for the products to work on the last two.
    spectrum = tf.transpose(params, [0, 3, 1, 2])
    spectrum *= tf.constant(weights, tf.float32)
    canvas = tf.matmul(tf.matmul(down, spectrum), across, transpose_b=True)
    canvas = tf.transpose(canvas, [0, 2, 3, 1])
    gains = tf.constant([1, self.chroma, self.chroma], tf.float32)
    return decorrelated_to_rgb(canvas * (gains * self.contrast))


def decorrelated_to_rgb(canvas: tf.Tensor) -> tf.Tensor:
  """Turns decorrelated colours into RGB in [0, 1].

  Args:
    canvas: [batch, height, width, 3] tensor of any range: brightness and two
      contrasts of colour.
  """
  return tf.sigmoid(tf.tensordot(canvas, _COLOUR_MATRIX.T, axes=1))


def _waves(size: int) -> Tuple[np.ndarray, np.ndarray]:
  """Returns the waves over `size` pixels and their numbers of cycles.

  Returns:
    A [size, size] float32 array whose columns, orthogonal and each with a mean
    square of 1, are the constant, then pairs of a sine and a cosine (where
    `size` is even the last sine, of alternating signs, stands alone), and a
    [size] array of the columns' cycles.
  """
  index = np.arange(size)
  cycles = (index + 1) // 2
  angles = 2 * np.pi * np.outer(index + 0.5, cycles) / size
  # In the middles of the pixels the last wave is all sine: its cosine is 0.
  waves = np.where(index % 2 == 1, np.sin(angles), np.cos(angles))
  waves /= np.sqrt(np.mean(waves**2, axis=0))
  return waves.astype(np.float32), cycles
