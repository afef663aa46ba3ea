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

"""Measures what pictures are like, to draw for a network that saw them."""

from typing import Iterable, Optional

import numpy as np

from magenta_viz.models import picture_statistics

# Of half an octave each, in pictures of 64 pixels.
_NUM_RINGS = 9

# Cycles a picture up to which it counts: small pictures that were enlarged for
# the network have no finer detail, and their slope would say nothing else.
_MAX_CYCLES = 32

# Below, in pixels, the rings have too few waves.
_MIN_SIDE = 32

# Of a ring, against the mean of all waves, that is but rounding.
_NO_POWER = 1e-12


def measure(
  images: Iterable[np.ndarray],
) -> picture_statistics.PictureStatistics:
  """Measures pictures, of which a few hundred will do.

  Args:
    images: [height, width, 3] float arrays in [0, 1], all of one size: as the
      network sees them.

  Raises:
    ValueError: If there are none, or they differ in size.
  """
  count, shape = 0, None
  total, squares, power = np.zeros(3), np.zeros((3, 3)), np.zeros(())
  for image in images:
    if shape not in (None, image.shape):
      raise ValueError(
        f'pictures of the shapes {shape} and {image.shape} are measured'
        ' together; bring them to one size'
      )
    count, shape = count + 1, image.shape
    darkest = picture_statistics.DARKEST
    colours = np.clip(image.astype(np.float64), darkest, 1 - darkest)
    logits = np.log(colours / (1 - colours)).reshape(-1, 3)
    total += logits.mean(axis=0)
    squares += logits.T @ logits / len(logits)
    power = power + _power(image.astype(np.float64).mean(axis=2))
  if not count:
    raise ValueError('there are no pictures to measure; give one at least')
  mean = total / count
  covariance = squares / count - np.outer(mean, mean)
  red, green, blue = np.round(1 / (1 + np.exp(-mean)), 4).tolist()
  rows = np.round(covariance, 4).tolist()
  return picture_statistics.PictureStatistics(
    colour=(red, green, blue),
    covariance=(tuple(rows[0]), tuple(rows[1]), tuple(rows[2])),
    slope=_slope(power),
  )


def _power(grey: np.ndarray) -> np.ndarray:
  """Returns the power of each wave of a [height, width] picture.

  A Hann window keeps the borders out of it.
  """
  height, width = grey.shape
  window = np.hanning(height + 2)[1:-1, None] * np.hanning(width + 2)[1:-1]
  middle = np.sum(grey * window) / np.sum(window)
  return np.asarray(np.abs(np.fft.fft2((grey - middle) * window)) ** 2)


def _slope(power: np.ndarray) -> Optional[float]:
  """Returns the slope of a radial spectrum.

  Rings are in equal ratio, from one cycle a picture to all that its shorter
  side has, but to `_MAX_CYCLES` at most. A straight line is fitted to the
  logarithms of their mean powers.

  Args:
    power: [height, width] powers of all waves, summed over pictures.
  """
  height, width = power.shape
  side = min(height, width)
  if side < _MIN_SIDE:
    return None
  cycles = side * np.hypot(
    np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)
  )
  top = min(side / 2, _MAX_CYCLES)
  ring = np.digitize(cycles, np.geomspace(1, top, _NUM_RINGS + 1))
  is_inside = (ring > 0) & (ring <= _NUM_RINGS)
  ring, inside = ring[is_inside] - 1, power[is_inside]
  counts = np.maximum(np.bincount(ring, minlength=_NUM_RINGS), 1)
  powers = np.bincount(ring, inside, _NUM_RINGS) / counts
  means = np.bincount(ring, np.log(cycles[is_inside]), _NUM_RINGS) / counts
  is_there = powers > _NO_POWER * np.mean(power)
  if np.sum(is_there) < 3:
    return None
  line = np.polyfit(means[is_there], np.log(powers[is_there]), 1)
  return round(float(line[0]), 3)
