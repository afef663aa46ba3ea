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

"""Measures how strong the waves of photographs are, for `ascent/maco.py`.

  python -m tools.measure_spectrum photo.jpg another.png ...

writes the fitted `Spectrum` of each channel, of plain colours (red, green,
blue) and of decorrelated ones (brightness, two contrasts), and how far the
photographs lie from it.

Of each photograph the largest square in its middle is taken, its mean
subtracted and a Hann window laid over it, for its edges not to be measured.
The magnitudes of the waves are averaged over rings of half an octave and over
the photographs. The waves of less than 4 cycles, into which the window spreads
the longer ones, and of more than 3/4 of what the pixels can show, which cameras
and JPEG blur, are left out.
"""

import sys
from typing import Dict, List, Sequence, Tuple

import numpy as np
from PIL import Image

from magenta_viz.ascent.parameterizations import fourier
from magenta_viz.ascent.parameterizations import maco

_MIN_CYCLES = 4.0
_MAX_SHARE = 0.75


def read_square(path: str) -> np.ndarray:
  """Reads the largest square in the middle of a photograph.

  Returns:
    [size, size, 3] float64 array, RGB in [0, 1].
  """
  with Image.open(path) as file:
    image = np.asarray(file.convert('RGB'), np.float64) / 255
  height, width = image.shape[:2]
  size = min(height, width)
  top, left = (height - size) // 2, (width - size) // 2
  return image[top : top + size, left : left + size]


def decorrelated(images: np.ndarray) -> np.ndarray:
  """Returns brightness and two contrasts of colour of RGB in [0, 1].

  The inverse of the matrix in `fourier.decorrelated_to_rgb`, without
  its sigmoid.

  Args:
    images: [..., 3] array.
  """
  colours = fourier.decorrelated_to_rgb(np.eye(3, dtype=np.float32))
  shares = np.asarray(colours, np.float64)
  return images @ np.linalg.inv(np.log(shares / (1 - shares)))


def rings(size: int) -> List[Tuple[float, float]]:
  """Returns the rings of waves to measure, half an octave each.

  Args:
    size: Height and width of the photograph, in pixels.

  Returns:
    The least number of cycles of each ring and the number that it ends before.
  """
  largest = _MAX_SHARE * size / 2
  num_rings = int(2 * np.log2(largest / _MIN_CYCLES))
  edges = _MIN_CYCLES * 2 ** (np.arange(num_rings + 1) / 2)
  return list(zip(edges[:-1], edges[1:]))


def magnitudes(image: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
  """Measures one photograph.

  Args:
    image: [size, size, channels] array.

  Returns:
    [rings] array, the geometric middle of each ring in cycles a picture, and a
    [rings, channels] array, the mean magnitude of its waves: of a wave's
    coefficient in the Fourier series.
  """
  size = len(image)
  window = np.hanning(size + 2)[1:-1]
  window = (window[:, None] * window)[..., None]
  centred = image - np.sum(image * window, axis=(0, 1)) / np.sum(window)
  spectrum = np.abs(np.fft.fft2(centred * window, axes=(0, 1)))
  # As strong as without the window.
  spectrum /= size**2 * np.sqrt(np.mean(window**2))
  along = np.fft.fftfreq(size, 1 / size)
  cycles = np.hypot(along[:, None], along)
  all_rings = rings(size)
  means = [
    spectrum[(cycles >= low) & (cycles < high)].mean(axis=0)
    for low, high in all_rings
  ]
  middles = [np.sqrt(low * high) for low, high in all_rings]
  return np.array(middles), np.array(means)


def fit(cycles: np.ndarray, means: np.ndarray) -> maco.Spectrum:
  """Fits a `maco.Spectrum` to magnitudes, by least squares of their logarithms.

  Args:
    cycles: [rings] array.
    means: [rings] array.
  """
  slope, height = np.polyfit(np.log(cycles), np.log(means), 1)
  return maco.Spectrum(strength=float(np.exp(height)), power=float(-slope))


def measure(
  images: Sequence[np.ndarray],
) -> List[Tuple[maco.Spectrum, float]]:
  """Measures photographs.

  Args:
    images: [size, size, channels] arrays.

  Returns:
    Of each channel the spectrum that fits the mean of the photographs, and the
    root mean square of the single photographs' distance from it, in octaves.
  """
  by_ring: Dict[float, List[np.ndarray]] = {}
  for image in images:
    for middle, means in zip(*magnitudes(image)):
      by_ring.setdefault(float(middle), []).append(means)
  # Rings that only the larger photographs have would tell of these alone.
  cycles = sorted(each for each in by_ring if len(by_ring[each]) == len(images))
  measured = np.array([by_ring[each] for each in cycles])
  results = []
  for channel in range(measured.shape[-1]):
    means = measured[..., channel].mean(axis=1)
    spectrum = fit(np.array(cycles), means)
    fitted = spectrum.magnitudes(np.array(cycles))
    octaves = np.log2(measured[..., channel] / fitted[:, None])
    results.append((spectrum, float(np.sqrt(np.mean(octaves**2)))))
  return results


def main(paths: Sequence[str]) -> None:
  """Writes what is measured of photographs to the standard output.

  Raises:
    ValueError: If there are no paths.
  """
  if not paths:
    raise ValueError('no photographs are given; give the paths of some')
  images = [read_square(path) for path in paths]
  for name, channels in (
    ('plain', images),
    ('decorrelated', [decorrelated(image) for image in images]),
  ):
    sys.stdout.write(f'{name}:\n')
    for spectrum, octaves in measure(channels):
      sys.stdout.write(
        f'  Spectrum(strength={spectrum.strength:.4f},'
        f' power={spectrum.power:.2f})'
        f'  # Photographs: {octaves:.2f} octaves off.\n'
      )


if __name__ == '__main__':
  main(sys.argv[1:])
