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

"""Tests for measure_spectrum."""

import contextlib
import io

from absl.testing import absltest
import numpy as np

from magenta_viz.ascent.parameterizations import maco
from magenta_viz.testing import testdata
from tools import measure_spectrum


def _noise(size: int, spectrum: maco.Spectrum, seed: int) -> np.ndarray:
  """Draws [size, size] noise whose waves are as strong as the spectrum's."""
  values = np.random.default_rng(seed).normal(size=(size, size))
  along = np.fft.fftfreq(size, 1 / size)
  cycles = np.hypot(along[:, None], along)
  # The mean magnitude of white noise's waves; squares are by 4 / pi more.
  scale = spectrum.magnitudes(cycles) * size / np.sqrt(np.pi / 4)
  return np.fft.ifft2(np.fft.fft2(values) * scale).real


class MeasureTest(absltest.TestCase):
  def test_finds_the_spectra_of_noise(self) -> None:
    spectra = (maco.Spectrum(0.2, 1.0), maco.Spectrum(0.05, 1.5))
    images = [
      np.stack([_noise(size, each, size) for each in spectra], axis=-1) + 0.5
      for size in (192, 256)
    ]
    for spectrum, (found, octaves) in zip(
      spectra, measure_spectrum.measure(images)
    ):
      self.assertAlmostEqual(found.power, spectrum.power, delta=0.06)
      self.assertAlmostEqual(found.strength / spectrum.strength, 1, delta=0.15)
      self.assertLess(octaves, 0.3)

  def test_tells_how_far_photographs_are_off(self) -> None:
    image = _noise(128, maco.Spectrum(0.2, 1.2), 0)[..., None]
    # Mean 1.5 of 1 and 2: off by log2(1.5) and log2(2 / 1.5).
    ((_, octaves),) = measure_spectrum.measure([image, 2 * image])
    self.assertAlmostEqual(
      octaves, np.sqrt((0.585**2 + 0.415**2) / 2), delta=0.1
    )

  def test_brightness_and_contrasts(self) -> None:
    colours = np.array([[0.26, 0.27, 0.27], [0.09, 0, -0.09]])
    values = measure_spectrum.decorrelated(colours / 0.4619)
    np.testing.assert_allclose(values, [[1, 0, 0], [0, 1, 0]], atol=1e-3)

  def test_writes_six_spectra(self) -> None:
    path = testdata.testdata_path('photo_48x32.png')
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
      measure_spectrum.main([path])
    self.assertEqual(output.getvalue().count('Spectrum(strength='), 6)

  def test_no_photographs(self) -> None:
    with self.assertRaisesRegex(ValueError, 'no photographs are given'):
      measure_spectrum.main([])


if __name__ == '__main__':
  absltest.main()
