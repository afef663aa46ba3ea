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

A parameterization has `initial`, which draws the parameters of one picture or
takes them from a given one, and `to_images`, which turns a batch of parameters
into images. Where the parameters are coefficients that carry much of a picture
each, gradient ascent finds whole shapes before it finds texture.
"""

import dataclasses
from typing import ClassVar, Optional, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.ascent.parameterizations import separable

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

# Black and white have no logits: pictures to start from are clipped to this and
# to 1 minus this, about the first and the last but one of 8-bit values.
_DARKEST = 0.004


# Waves that are made at a time: in float64, of a picture that may be long.
_WAVES = 1024
# From here on, in pixels, the waves of a side take 4 MB and more.
_LONG = 1024


@dataclasses.dataclass(frozen=True)
class Fourier:
  """Pictures as sums of waves: decorrelated in space, by default in colour too.

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
      them as photographs have them. Without `decorrelated` it does not count.
    initial_deviation: Standard deviation of the noise in the parameters at the
      start.
    decorrelated: Whether the channels are brightness and two contrasts of
      colour, or red, green and blue.
    max_cycles: Of a wave, a picture; None for as many as its pixels allow.

  References:
    Olah, Mordvintsev and Schubert 2017, Feature visualization, Distill, the
    section on preconditioning.
  """

  limits: ClassVar[None] = None
  height: int
  width: int
  decay_power: float
  contrast: float
  chroma: float
  initial_deviation: float
  decorrelated: bool = True
  max_cycles: Optional[float] = None

  def initial(
    self, generator: np.random.Generator, start: Optional[np.ndarray] = None
  ) -> np.ndarray:
    """Draws parameters for one picture, [height, width, 3] float32.

    Args:
      generator: Draws the noise, standard normal float32 values.
      start: [height, width, 3] array in [0, 1] that the noise is added to, kept
        but for values outside of [0.004, 0.996], which are clipped; None for
        grey. With a `chroma` of 0 only its brightness is kept.

    Raises:
      ValueError: If the start has another size.
    """
    shape = (self.height, self.width, 3)
    noise = generator.standard_normal(shape, dtype=np.float32)
    noise *= np.float32(self.initial_deviation)
    if start is None:
      return noise
    canvas = to_canvas(start, (self.height, self.width), self.decorrelated)
    return (self._params_of(canvas) + noise).astype(np.float32)

  def to_images(self, params: tf.Tensor) -> tf.Tensor:
    """Returns the images of a batch of parameters.

    Args:
      params: [batch, height, width, 3] float32 tensor; its second and third
        axes count waves, its last the channels.

    Returns:
      [batch, height, width, 3] float32 tensor in [0, 1].
    """
    return to_rgb(self.to_canvas(params), self.decorrelated)

  def to_canvas(self, params: tf.Tensor) -> tf.Tensor:
    """Returns what `to_rgb` turns into the images: linear in the parameters.

    Args:
      params: As `to_images` has them.

    Returns:
      [batch, height, width, 3] float32 tensor of any range.
    """
    down, across, weights = self._basis()
    scales = (weights[..., None] * self._gains()).astype(np.float32)
    if max(self.height, self.width) > _LONG:
      # As arguments of the graph: TensorFlow has a constant many times over.
      with tf.init_scope():
        down, across, scales = map(tf.constant, (down, across, scales))
    return separable.mix(params * scales, down, across)

  def _params_of(self, canvas: np.ndarray) -> np.ndarray:
    """Returns the parameters of a canvas, both [height, width, 3] float64."""
    gains = self._gains()
    # A channel that is not shown cannot be found again, nor need it be.
    shown = np.divide(
      canvas, gains, out=np.zeros_like(canvas), where=gains != 0
    )
    down, across, weights = self._basis()
    # As the waves are orthogonal, each with a mean square of 1.
    spectrum = down.T @ shown.transpose(2, 0, 1) @ across
    spectrum /= self.height * self.width
    # Nor a wave that is left out.
    found = np.divide(
      spectrum, weights, out=np.zeros_like(spectrum), where=weights != 0
    )
    return found.transpose(1, 2, 0)

  def _gains(self) -> np.ndarray:
    """Returns what each channel is multiplied with, [3] float32."""
    chroma = self.chroma if self.decorrelated else 1
    return np.array([1, chroma, chroma], np.float32) * np.float32(self.contrast)

  def _basis(self) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns the waves of a picture, as `_waves` has them, and their weights.

    Returns:
      [height, height] and [width, width] float32 arrays, the waves down and
      across, and the [height, width] float64 weights of their products.
    """
    down, down_cycles = _waves(self.height)
    across, across_cycles = _waves(self.width)
    cycles = np.hypot(down_cycles[:, None], across_cycles[None, :])
    weights = np.maximum(cycles, 1) ** -self.decay_power
    if self.max_cycles is not None:
      weights[cycles > self.max_cycles] = 0
    return down, across, weights


def to_rgb(canvas: tf.Tensor, decorrelated: bool) -> tf.Tensor:
  """Turns the channels of a canvas into RGB in [0, 1].

  Args:
    canvas: [batch, height, width, 3] tensor of any range.
    decorrelated: Whether its channels are brightness and two contrasts of
      colour, or red, green and blue.
  """
  return decorrelated_to_rgb(canvas) if decorrelated else tf.sigmoid(canvas)


def decorrelated_to_rgb(canvas: tf.Tensor) -> tf.Tensor:
  """Turns decorrelated colours into RGB in [0, 1].

  Args:
    canvas: [batch, height, width, 3] tensor of any range: brightness and two
      contrasts of colour.
  """
  return tf.sigmoid(tf.tensordot(canvas, _COLOUR_MATRIX.T, axes=1))


def to_canvas(
  start: np.ndarray, size: Tuple[int, int], decorrelated: bool
) -> np.ndarray:
  """Returns the canvas that `to_rgb` turns into a picture.

  Args:
    start: [height, width, 3] array in [0, 1]; clipped to [0.004, 0.996].
    size: Height and width that it must have.
    decorrelated: As in `to_rgb`.

  Returns:
    [height, width, 3] float64 array; exactly 0 for a grey of 0.5.

  Raises:
    ValueError: If the picture has another size.
  """
  colours = np.clip(checked_start(start, size), _DARKEST, 1 - _DARKEST)
  logits = np.log(colours / (1 - colours))
  if not decorrelated:
    return logits
  return logits @ np.linalg.inv(_COLOUR_MATRIX.T.astype(np.float64))


def checked_start(start: np.ndarray, size: Tuple[int, int]) -> np.ndarray:
  """Returns a picture to start from as a float64 array.

  Args:
    start: [height, width, 3] array.
    size: Height and width that it must have.

  Raises:
    ValueError: If it has another size.
  """
  wanted = (*size, 3)
  if np.shape(start) != wanted:
    raise ValueError(
      f'the picture to start from has the shape {np.shape(start)}; resize it to'
      f' the shape {wanted}'
    )
  return np.asarray(start, np.float64)


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
  found = np.empty([size, size], np.float32)
  for first in range(0, size, _WAVES):
    some = slice(first, first + _WAVES)
    angles = 2 * np.pi * np.outer(index + 0.5, cycles[some]) / size
    # In the middles of the pixels the last wave is all sine: its cosine is 0.
    waves = np.where(index[some] % 2 == 1, np.sin(angles), np.cos(angles))
    waves /= np.sqrt(np.mean(waves**2, axis=0))
    found[:, some] = waves
  return found, cycles
