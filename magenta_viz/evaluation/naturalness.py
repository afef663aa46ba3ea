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

"""How much a picture is like a photograph, in figures."""

import dataclasses
from typing import Any, Callable, Optional, Sequence

import numpy as np

from magenta_viz.media import image_files

# Shares of red, green and blue in the luminance: ITU-R BT.709, 3.2.
_LUMINANCE = (0.2126, 0.7152, 0.0722)

# Cycles a pixel between which the spectrum is measured. Below, waves are too
# few; from 0.5 on, only the diagonal ones are there.
_CYCLES = (0.02, 0.45)

# Of half an octave each. From 9 to 24, the slopes of photographs are the same
# to within 0.02.
_NUM_RINGS = 9

# Height and width, in pixels, below which the lowest rings have so few waves
# that the slope is off by more than their chance: at 40 pixels, noise of power
# k**-2 measures -1.6.
_MIN_SIDE = 64

# Mean power of a ring's waves, as a share of the mean of all waves, that is but
# rounding error: in double precision that is below 1e-28; a pixel that differs
# by one level of blue in 10,000 x 10,000 has 1e-15.
_NO_POWER = 1e-24

# In `skimage.data`: the colour photographs of things that have long come
# inside the package itself, so that nothing is downloaded.
PHOTOGRAPHS = ('astronaut', 'chelsea', 'coffee', 'rocket')


@dataclasses.dataclass(frozen=True)
class Naturalness:
  """What is measured of one picture, or of several together.

  Attributes:
    clipped: Share of the pixels, in [0, 1], that have red, green or blue at 0
      or at 255: one channel is enough.
    slope: Slope of the radial power spectrum of the luminance, the exponent a
      of power ~ frequency**a; 0 of white noise, -2 to -3 of photographs. None
      of pictures that have none: less than 64 pixels high or wide, or without
      power at some frequencies, as where all pixels have the same colour.
    brightness: Mean luminance, in [0, 1].
    contrast: Standard deviation of the luminance, in [0, 0.5].
    colourfulness: M3 of Hasler and Suesstrunk, of channels from 0 to 255. To
      their observers 0 was not, 15 slightly, 33 moderately, 45 averagely, 59
      quite, 82 highly and 109 extremely colourful.
    saturation: Mean saturation of the pixels in HSV, in [0, 1]; black has 0.
  """

  clipped: float
  slope: Optional[float]
  brightness: float
  contrast: float
  colourfulness: float
  saturation: float


@dataclasses.dataclass(frozen=True)
class Summary:
  """What is measured of several pictures, each figure by itself.

  Attributes:
    mean: Means over the pictures; of the slope, over those that have one.
    low: The least figures of any picture.
    high: The greatest figures of any picture.
    count: Number of pictures.
  """

  mean: Naturalness
  low: Naturalness
  high: Naturalness
  count: int


def measure(image: np.ndarray) -> Naturalness:
  """Measures a picture.

  What is measured is the picture in 8 bits a channel, as in a file: the file
  and the array that was written into it give the same figures. Luminance is
  the sum of the channels as they are stored, not of linear light.

  Args:
    image: [height, width, 3] float, RGB; values are clipped to [0, 1].

  Returns:
    The figures. None is NaN, whatever the picture.

  Raises:
    ValueError: If it has another shape or type, or values that are not finite.

  References:
    Hasler and Suesstrunk, "Measuring colourfulness in natural images", Human
    Vision and Electronic Imaging VIII, Proc. SPIE 5007, 2003 (M3).
    van der Schaaf and van Hateren, "Modelling the power spectra of natural
    images: statistics and information", Vision Research 36, 1996 (slopes).
  """
  levels = image_files.to_uint8(image)
  clipped = np.any((levels == 0) | (levels == 255), axis=2)
  channels = levels.astype(np.float64) / 255
  luminance = channels @ np.array(_LUMINANCE)
  return Naturalness(
    clipped=float(np.mean(clipped)),
    slope=_slope(luminance),
    brightness=float(np.mean(luminance)),
    contrast=float(np.std(luminance)),
    colourfulness=_colourfulness(channels),
    saturation=_saturation(channels),
  )


def summarize(measured: Sequence[Naturalness]) -> Summary:
  """Returns the means and the ranges of what was measured of pictures.

  Args:
    measured: The pictures' figures, one picture or more.

  Raises:
    ValueError: If there are none.
  """
  if not measured:
    raise ValueError('no pictures were measured; at least one is needed')

  def over_pictures(function: Callable[[np.ndarray], Any]) -> Naturalness:
    figures = {}
    for field in dataclasses.fields(Naturalness):
      values = [getattr(each, field.name) for each in measured]
      there = np.array([value for value in values if value is not None])
      figures[field.name] = float(function(there)) if len(there) else None
    return Naturalness(**figures)  # type: ignore[arg-type]

  return Summary(
    mean=over_pictures(np.mean),
    low=over_pictures(np.min),
    high=over_pictures(np.max),
    count=len(measured),
  )


def of_photographs() -> Summary:
  """Measures the photographs `PHOTOGRAPHS`, which come with scikit-image.

  They are read from the installed package, at their own sizes.

  Raises:
    OSError: If scikit-image is missing.
  """
  try:
    from skimage import data
  except ImportError as error:
    raise OSError(
      'the photographs to compare with come with scikit-image, which is '
      'missing; pip install scikit-image'
    ) from error
  return summarize(
    [
      measure(getattr(data, name)().astype(np.float32) / 255)
      for name in PHOTOGRAPHS
    ]
  )


def _slope(luminance: np.ndarray) -> Optional[float]:
  """Measures the slope of a radial power spectrum.

  A Hann window keeps the picture's borders out of its spectrum. The power is
  averaged (the power, not its logarithm) over the waves of each of 9 rings,
  whose borders are in equal ratio, half an octave, from 0.02 to 0.45 cycles a
  pixel. A straight line is fitted to the logarithm of that mean over the mean
  logarithm of the ring's frequencies, by least squares; each ring counts the
  same. So the few low waves, which are what one sees, weigh as much as the
  many high ones.

  Args:
    luminance: [height, width] float64.

  Returns:
    The slope, or None if the picture has none.
  """
  height, width = luminance.shape
  if min(height, width) < _MIN_SIDE:
    return None
  window = _hann(height)[:, None] * _hann(width)
  middle = np.sum(luminance * window) / np.sum(window)
  power = np.abs(np.fft.fft2((luminance - middle) * window)) ** 2
  cycles = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width))
  # Of each wave the number of its ring, from 1; 0 and the last are outside.
  ring = np.digitize(cycles, np.geomspace(*_CYCLES, _NUM_RINGS + 1))
  inside = (ring > 0) & (ring <= _NUM_RINGS)
  ring, power, cycles = ring[inside] - 1, power[inside], cycles[inside]
  counts = np.bincount(ring)
  powers = np.bincount(ring, power) / counts
  # By Parseval's theorem the mean power of the waves, that of 0 among them.
  mean_power = np.sum((luminance * window) ** 2)
  if powers.min() <= _NO_POWER * mean_power:
    return None
  logarithms = np.bincount(ring, np.log(cycles)) / counts
  return float(np.polyfit(logarithms, np.log(powers), 1)[0])


def _hann(size: int) -> np.ndarray:
  """Returns a Hann window without the zeros at its ends, [size] float64."""
  return np.hanning(size + 2)[1:-1]


def _colourfulness(channels: np.ndarray) -> float:
  """Returns M3 of Hasler and Suesstrunk of [height, width, 3] in [0, 1]."""
  red, green, blue = np.moveaxis(255 * channels, 2, 0)
  opponents = (red - green, (red + green) / 2 - blue)
  deviation = np.hypot(*(np.std(each) for each in opponents))
  mean = np.hypot(*(np.mean(each) for each in opponents))
  return float(deviation + 0.3 * mean)


def _saturation(channels: np.ndarray) -> float:
  """Returns the mean saturation in HSV of [height, width, 3] in [0, 1]."""
  greatest = channels.max(axis=2)
  spread = greatest - channels.min(axis=2)
  # Of black the spread is 0 as well, and any divisor gives 0.
  return float(np.mean(spread / np.where(greatest > 0, greatest, 1)))
