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

"""Tests of naturalness."""

import colorsys
import dataclasses
import sys
from typing import Callable, Optional, Tuple
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.evaluation import naturalness
from magenta_viz.media import image_files

_Law = Callable[[np.ndarray], np.ndarray]


def _noise(shape: Tuple[int, int], law: _Law, seed: int = 0) -> np.ndarray:
  """Draws a grey picture.

  Args:
    shape: Height and width.
    law: Power of a wave of so many cycles a pixel.
    seed: Seed of the noise.
  """
  # Cut out of a larger one: a photograph does not go on at its other border.
  height, width = (2 * side for side in shape)
  rows, columns = np.fft.fftfreq(height), np.fft.fftfreq(width)
  cycles = np.hypot(rows[:, None], columns)
  cycles[0, 0] = 1 / max(height, width)
  white = np.random.default_rng(seed).standard_normal((height, width))
  waves = np.fft.fft2(white) * np.sqrt(law(cycles))
  noise = np.fft.ifft2(waves).real[: shape[0], : shape[1]]
  noise = 0.5 + 0.12 * (noise - noise.mean()) / noise.std()
  return np.repeat(noise[..., None], 3, axis=2)


def _broken(
  cycles: np.ndarray, factor: float, low: float, high: float
) -> np.ndarray:
  """Returns a law of one power below 0.1 cycles a pixel, and another above."""
  return np.where(cycles < 0.1, factor * cycles**low, cycles**high)


def _slope(image: np.ndarray) -> float:
  slope = naturalness.measure(image).slope
  assert slope is not None
  return slope


def _random(height: int, width: int) -> np.ndarray:
  return np.random.default_rng(0).uniform(size=(height, width, 3))


def _measured(
  slope: Optional[float], clipped: float
) -> naturalness.Naturalness:
  return naturalness.Naturalness(clipped, slope, 0.5, 0.25, 40.0, 0.5)


class SlopeTest(parameterized.TestCase):
  @parameterized.parameters(
    *(
      (shape, lambda cycles, power=power: cycles**-power, -power)
      for power in (0.0, 1.0, 2.0, 3.0)
      for shape in ((384, 512), (640, 320))
    ),
    # Frequencies are cycles a pixel, whatever the sides.
    ((96, 768), lambda cycles: _broken(cycles, 1e3, 1, -2)),
    ((768, 96), lambda cycles: _broken(cycles, 1e3, 1, -2)),
    # Each ring counts the same: of the waves only 6 in 100 are below 0.1
    # cycles; of the rings, half.
    ((512, 512), lambda cycles: _broken(cycles, 1e-4, -4, 0)),
    # Waves outside do not count.
    (
      (384, 512),
      lambda cycles: (
        cycles**-1.5 * np.where((cycles < 0.014) | (cycles > 0.46), 100, 1)
      ),
      -1.5,
    ),
  )
  def test_of_a_law(
    self, shape: Tuple[int, int], law: _Law, expected: Optional[float] = None
  ) -> None:
    if expected is None:
      cycles = np.geomspace(0.02, 0.45, 100)
      expected = float(np.polyfit(np.log(cycles), np.log(law(cycles)), 1)[0])
    # Of small pictures, the mean.
    num_pictures = 4 if min(shape) < 100 else 1
    slopes = [_slope(_noise(shape, law, seed)) for seed in range(num_pictures)]
    self.assertAlmostEqual(np.mean(slopes), expected, delta=0.1)

  def test_brightness_and_contrast_do_not_matter(self) -> None:
    image = _noise((96, 128), lambda cycles: cycles**-2)
    paler = 0.3 + 0.5 * (image - 0.5)
    self.assertAlmostEqual(_slope(paler), _slope(image), delta=0.02)

  @parameterized.parameters((1, 1), (1, 9), (63, 200), (200, 63))
  def test_small_pictures_have_none(self, *shape: int) -> None:
    measured = naturalness.measure(_random(*shape))
    self.assertIsNone(measured.slope)
    for name, value in dataclasses.asdict(measured).items():
      if name != 'slope':
        self.assertTrue(np.isfinite(value), name)

  def test_the_smallest_picture_has_one(self) -> None:
    self.assertAlmostEqual(_slope(_random(64, 64)), 0, delta=0.5)

  @parameterized.product(
    level=(0.0, 12 / 255, 39 / 255, 0.9, 1.0), shape=((64, 64), (100, 257))
  )
  def test_constant_pictures_have_none(
    self, level: float, shape: Tuple[int, int]
  ) -> None:
    image = np.full((*shape, 3), level) * (1, 0.5, 0.25)
    self.assertIsNone(naturalness.measure(image).slope)

  def test_one_pixel_that_differs_by_a_level_is_enough(self) -> None:
    image = np.full((300, 400, 3), 0.4)
    image[150, 200, 2] += 1 / 255
    # A point has as much of all waves.
    self.assertAlmostEqual(_slope(image), 0, places=3)


class FiguresTest(parameterized.TestCase):
  @parameterized.parameters(
    ((0.0, 0.5, 0.5), True),
    ((0.5, 1.0, 0.5), True),
    ((0.0, 0.0, 1.0), True),
    # Levels 0.49, 0.51, 254.49 and 254.52.
    ((0.5, 0.5, 0.0019), True),
    ((0.5, 0.5, 0.002), False),
    ((0.5, 0.5, 0.998), False),
    ((0.5, 0.5, 0.9981), True),
    ((-3.0, 0.5, 0.5), True),
    ((0.5, 7.0, 0.5), True),
  )
  def test_clipped_is_a_share_of_the_pixels(
    self, pixel: Tuple[float, float, float], counts: bool
  ) -> None:
    image = np.full((4, 5, 3), 0.5)
    image[1, 2:4] = pixel
    measured = naturalness.measure(image)
    self.assertAlmostEqual(measured.clipped, counts * 2 / 20)

  def test_brightness_and_contrast(self) -> None:
    # A red pixel, a green, a blue and a black one.
    image = np.concatenate([np.eye(3), np.zeros((1, 3))])[:, None]
    luminances = (0.2126, 0.7152, 0.0722, 0)
    measured = naturalness.measure(image)
    self.assertAlmostEqual(measured.brightness, 0.25)
    self.assertAlmostEqual(measured.contrast, float(np.std(luminances)))

  def test_colourfulness(self) -> None:
    image = np.array([[[1.0, 0, 0], [0, 0, 1.0]]])
    # Red - green is 255 and 0, yellow - blue is 127.5 and -255.
    expected = np.hypot(127.5, 191.25) + 0.3 * np.hypot(127.5, 63.75)
    measured = naturalness.measure(image)
    self.assertAlmostEqual(measured.colourfulness, expected)

  @parameterized.parameters(0.0, 0.3, 1.0)
  def test_grey_has_no_colour(self, level: float) -> None:
    measured = naturalness.measure(np.full((2, 3, 3), level))
    self.assertAlmostEqual(measured.brightness, round(level * 255) / 255)
    self.assertAlmostEqual(measured.contrast, 0)
    self.assertEqual((measured.colourfulness, measured.saturation), (0, 0))

  def test_saturation_is_that_of_hsv(self) -> None:
    image = np.rint(_random(3, 5) * 255) / 255
    image[0, 0] = 0
    expected = [colorsys.rgb_to_hsv(*each)[1] for each in image.reshape(-1, 3)]
    measured = naturalness.measure(image)
    self.assertAlmostEqual(measured.saturation, float(np.mean(expected)))


class MeasureTest(absltest.TestCase):
  def test_file_and_array_measure_the_same(self) -> None:
    path = self.create_tempdir().create_file('a.png').full_path
    image = _noise((70, 90), lambda cycles: cycles**-2) * (1.3, 0.8, 0.6)
    image_files.write_png(path, image.astype(np.float32))
    self.assertEqual(
      naturalness.measure(image_files.read_image(path)),
      naturalness.measure(image),
    )

  def test_refuses_what_is_no_picture(self) -> None:
    with self.assertRaisesRegex(ValueError, r'shape \[8, 8\]; it must be'):
      naturalness.measure(np.zeros((8, 8)))
    with self.assertRaisesRegex(ValueError, '1 values of 192 that are NaN'):
      image = np.zeros((8, 8, 3))
      image[0, 0, 0] = np.nan
      naturalness.measure(image)


class SummarizeTest(absltest.TestCase):
  def test_mean_and_range(self) -> None:
    pictures = [_measured(-2.0, 0.0), _measured(None, 0.3), _measured(-3.0, 0)]
    summary = naturalness.summarize(pictures)
    self.assertEqual(summary.count, 3)
    self.assertAlmostEqual(summary.mean.clipped, 0.1)
    # Of the two that have one.
    self.assertEqual(summary.mean, _measured(-2.5, summary.mean.clipped))
    self.assertEqual(summary.low, _measured(-3.0, 0.0))
    self.assertEqual(summary.high, _measured(-2.0, 0.3))

  def test_no_picture_has_a_slope(self) -> None:
    summary = naturalness.summarize([_measured(None, 0.25)] * 2)
    for each in (summary.mean, summary.low, summary.high):
      self.assertEqual(each, _measured(None, 0.25))

  def test_refuses_no_pictures(self) -> None:
    with self.assertRaisesRegex(ValueError, 'at least one'):
      naturalness.summarize([])


class PhotographsTest(absltest.TestCase):
  # Without pooch scikit-image cannot download.
  @mock.patch.dict(sys.modules, {'pooch': None})
  def test_are_as_photographs_are(self) -> None:
    found = naturalness.of_photographs()
    self.assertEqual(found.count, 4)
    measured = (found.low, found.mean, found.high)
    for each, slope in zip(measured, (-3.11, -2.78, -2.33)):
      assert each.slope is not None
      self.assertAlmostEqual(each.slope, slope, delta=0.01)
    # Much of the astronaut is black.
    self.assertAlmostEqual(found.high.clipped, 0.117, delta=0.001)
    self.assertLess(found.low.clipped, 0.001)
    self.assertBetween(found.low.colourfulness, 33, 45)
    self.assertBetween(found.high.colourfulness, 59, 82)

  @mock.patch.dict(sys.modules, {'skimage': None})
  def test_says_what_to_install(self) -> None:
    with self.assertRaisesRegex(OSError, '^.*; pip install scikit-image$'):
      naturalness.of_photographs()


if __name__ == '__main__':
  absltest.main()
