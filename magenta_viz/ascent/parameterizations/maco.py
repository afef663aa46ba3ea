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

"""MaCo: the strength of each wave is that of photographs, only phases move.

No picture can then become noise of high frequency, or overly contrasted.
"""

import dataclasses
from typing import ClassVar, Optional

import numpy as np
import tensorflow as tf

from magenta_viz.ascent.parameterizations import fourier

# What xplique adds to a deviation before it divides by it.
_EPSILON = 1e-5

# Amplitude, in logits, below which a picture has no wave that could be told
# from rounding: values of float32 leave less, values of 8 bits far more.
_WEAKEST = 1e-7


@dataclasses.dataclass(frozen=True)
class Spectrum:
  """How strong a channel's waves are: strength / cycles^power.

  Attributes:
    strength: Magnitude of the waves of one cycle, as a coefficient of the
      Fourier series of a picture in [0, 1]; also of the mean.
    power: How steeply magnitudes fall.
  """

  strength: float
  power: float

  def magnitudes(self, cycles: np.ndarray) -> np.ndarray:
    """Returns the magnitudes of waves of so many cycles a picture."""
    return self.strength * np.maximum(cycles, 1.0) ** -self.power


# Measured by tools/measure_spectrum.py of six photographs: `astronaut`,
# `chelsea`, `coffee` and `rocket` of scikit-image 0.26 (public domain or CC0),
# dog_cat.jpg of Lucid's tests and sky.jpg of caffejs. A photograph lies off
# the fit by 0.6 to 1.0 octaves (root mean square), mostly in strength.
_PLAIN = (
  Spectrum(strength=0.0988, power=1.47),
  Spectrum(strength=0.0839, power=1.44),
  Spectrum(strength=0.0773, power=1.43),
)
_DECORRELATED = (
  Spectrum(strength=0.1436, power=1.44),
  Spectrum(strength=0.2121, power=1.55),
  Spectrum(strength=0.0835, power=1.39),
)


@dataclasses.dataclass(frozen=True, eq=False)
class MaCo:
  """Pictures of given Fourier magnitudes; the parameters are the phases.

  Published MaCo takes ImageNet's mean magnitudes; these are a fit to a few
  photographs. As xplique and Horama have it, the phases of a picture are
  standardised, and its values are before they become colours.

  The inverse Fourier transform is applied as two matrix products, as in
  `fourier.Fourier`.

  Attributes:
    height: Of the picture, in pixels.
    width: Of the picture, in pixels.
    decorrelated: Whether the channels are brightness and two contrasts of
      colour, or red, green and blue.
    magnitudes: [height, width // 2 + 1, 3] array, laid out as `np.fft.rfft2`
      has it; None for those of photographs. Only their ratios count.
    standardize_phases: Whether phases are moved and scaled to a mean of 0 and a
      deviation of 1. Each step then counts the less the further phases have
      gone. But phases of so small a deviation agree at the first pixel, where
      they add up to a bright corner, and not every picture has such phases.
    mean: Of a picture's values before the sigmoid.
    deviation: Standard deviation of a picture's values before the sigmoid.

  References:
    Fel et al. 2023, Unlocking feature visualization for deeper networks with
    magnitude constrained optimization, arXiv 2306.06805; xplique,
    xplique/features_visualizations/preconditioning.py.

  Raises:
    ValueError: If the magnitudes have another size.
  """

  limits: ClassVar[None] = None
  height: int
  width: int
  decorrelated: bool = True
  magnitudes: Optional[np.ndarray] = dataclasses.field(default=None, repr=False)
  standardize_phases: bool = True
  mean: float = 0.0
  deviation: float = 1.0

  def __post_init__(self) -> None:
    """Checks the size of the magnitudes."""
    if self.magnitudes is None:
      return
    wanted = (self.height, self.width // 2 + 1, 3)
    if np.shape(self.magnitudes) != wanted:
      raise ValueError(
        f'the magnitudes have the shape {np.shape(self.magnitudes)}; take an'
        f' array of shape {wanted}'
      )

  def initial(
    self, generator: np.random.Generator, start: Optional[np.ndarray] = None
  ) -> np.ndarray:
    """Draws phases, [height, width // 2 + 1, 3] float32.

    Evenly from [-pi, pi], as in the paper; standard normal ones where they are
    standardised, as in xplique.

    Args:
      generator: Draws the phases.
      start: [height, width, 3] array in [0, 1] whose phases are taken, without
        noise; only waves that it has none of keep what was drawn. Its shapes
        are seen, but it is reproduced only where `magnitudes`, `mean` and
        `deviation` are its own.

    Raises:
      ValueError: If the start has another size or is of a single colour, or if
        phases are standardised: this would shrink those of a picture, which
        fill the whole circle and so deviate by 1.8.
    """
    shape = (self.height, self.width // 2 + 1, 3)
    if self.standardize_phases:
      if start is not None:
        raise ValueError(
          'standardised phases cannot be those of a picture to start from; take'
          ' --phases=free, or no picture'
        )
      return generator.standard_normal(shape, dtype=np.float32)
    drawn = generator.uniform(-np.pi, np.pi, shape).astype(np.float32)
    return drawn if start is None else self._phases(start, drawn)

  def to_images(self, params: tf.Tensor) -> tf.Tensor:
    """Returns the images of a batch of parameters.

    Args:
      params: [batch, height, width // 2 + 1, 3] float32 tensor: phases, in
        radians, laid out as `np.fft.rfft2` has them.

    Returns:
      [batch, height, width, 3] float32 tensor in [0, 1].
    """
    if self.standardize_phases:
      params = _standardized(params)
    # [batch, 3, rows, columns], for the products to work on the last two.
    phases = tf.transpose(params, [0, 3, 1, 2])
    scale = tf.constant(self._magnitudes().transpose(2, 0, 1), tf.float32)
    parts = [scale * tf.cos(phases), scale * tf.sin(phases)]
    down = _down(self.height)
    parts = tf.matmul(down, tf.concat(parts, axis=2))
    parts = tf.concat(tf.split(parts, 2, axis=2), axis=3)
    across = _across(self.width)
    canvas = tf.matmul(parts, across, transpose_b=True)
    canvas = _standardized(tf.transpose(canvas, [0, 2, 3, 1]))
    canvas = self.mean + self.deviation * canvas
    return fourier.to_rgb(canvas, self.decorrelated)

  def _phases(self, start: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Returns a picture's phases, and the drawn ones of waves it has none of.

    Left at 0 the latter would add up to a bright first pixel.
    """
    size = (self.height, self.width)
    canvas = fourier.to_canvas(start, size, self.decorrelated)
    # The mean over all channels is not a picture's own, as in `_standardized`.
    canvas -= np.mean(canvas)
    spectrum = np.fft.rfft2(canvas, axes=(0, 1)) / (self.height * self.width)
    is_wave = np.abs(spectrum) > _WEAKEST
    # The first is the mean of each channel.
    if not np.any(is_wave.reshape(-1, 3)[1:]):
      raise ValueError(
        'the picture to start from is of a single colour, which has no phases;'
        ' take one with shapes, or none'
      )
    return np.where(is_wave, np.angle(spectrum), drawn).astype(np.float32)

  def _magnitudes(self) -> np.ndarray:
    """Returns the [height, width // 2 + 1, 3] magnitudes, at most 1."""
    if self.magnitudes is not None:
      magnitudes = np.asarray(self.magnitudes, np.float64)
    else:
      # In cycles a picture side, the shorter one where they differ.
      down = np.fft.fftfreq(self.height)[:, None]
      across = np.fft.rfftfreq(self.width)
      cycles = np.hypot(down, across) * min(self.height, self.width)
      spectra = _DECORRELATED if self.decorrelated else _PLAIN
      magnitudes = np.stack([each.magnitudes(cycles) for each in spectra], -1)
    # For the largest of all to be 1: the standardisation has an epsilon.
    return magnitudes / np.max(magnitudes)


def alpha_map(totals: np.ndarray, percentile: float = 80.0) -> np.ndarray:
  """Returns how opaque MaCo shows each pixel.

  Args:
    totals: [batch, height, width, 3] array, the sum over all steps of the
      absolute values of the score's gradient to the image.
    percentile: From which on pixels are fully opaque, in percent; 80 in
      xplique's `plot_maco`.

  Returns:
    [batch, height, width] array in [0, 1]; 0 where there never was a gradient.
  """
  means = np.mean(totals, axis=-1)
  top = np.percentile(means, percentile, axis=(1, 2), keepdims=True)
  # Where most pixels have none, the largest of all.
  top = np.where(top > 0, top, np.max(means, axis=(1, 2), keepdims=True))
  return np.minimum(means / np.where(top > 0, top, 1), 1)


def _standardized(values: tf.Tensor) -> tf.Tensor:
  """Moves and scales each picture to a mean of 0 and a deviation of 1."""
  mean, variance = tf.nn.moments(values, [1, 2, 3], keepdims=True)
  return (values - mean) / (tf.sqrt(variance) + _EPSILON)


def _angles(size: int, frequencies: np.ndarray) -> np.ndarray:
  """Returns the [size, frequencies] angles of waves."""
  return 2 * np.pi * np.outer(np.arange(size), frequencies)


def _down(height: int) -> np.ndarray:
  """Returns the matrix that sums waves down the picture.

  Returns:
    [2 height, 2 height] float32 array, from real parts above imaginary ones to
    the same.
  """
  angles = _angles(height, np.fft.fftfreq(height))
  cosines, sines = np.cos(angles), np.sin(angles)
  return np.block([[cosines, -sines], [sines, cosines]]).astype(np.float32)


def _across(width: int) -> np.ndarray:
  """Returns the matrix that sums waves across the picture.

  Returns:
    [width, 2 columns] float32 array, from real parts beside imaginary ones to
    values.
  """
  angles = _angles(width, np.fft.rfftfreq(width))
  weights = _twice(width)
  waves = [weights * np.cos(angles), -weights * np.sin(angles)]
  return np.concatenate(waves, axis=1).astype(np.float32)


def _twice(width: int) -> np.ndarray:
  """Returns how many columns of the whole FFT each of `rfft2`'s stands for."""
  columns = np.arange(width // 2 + 1)
  return np.where((columns == 0) | (2 * columns == width), 1.0, 2.0)
