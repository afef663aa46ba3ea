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

"""Tests for fourier."""

from typing import Any, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.ascent.parameterizations import fourier

_SIZES = ((48, 32), (7, 4), (5, 9), (6, 6), (1, 2), (1, 1))

# Red, green and blue of brightness and of two contrasts, as Lucid has them
# before it divides them by the length of the first.
_COLOURS = np.array(
  [[0.26, 0.27, 0.27], [0.09, 0.0, -0.09], [0.02, -0.05, 0.03]]
) / np.sqrt(0.26**2 + 0.27**2 + 0.27**2)


def _fourier(height: int, width: int, **settings: Any) -> fourier.Fourier:
  defaults = {
    'decay_power': 1.0,
    'contrast': 0.25,
    'chroma': 1.0,
    'initial_deviation': 0.01,
  }
  return fourier.Fourier(height, width, **{**defaults, **settings})


def _cycles(size: int) -> np.ndarray:
  """Returns 0, 1, 1, 2, 2, ..."""
  return np.ceil(np.arange(size) / 2)


def _inverse_fft(coefficients: np.ndarray, axis: int) -> np.ndarray:
  """Sums waves along an axis, of size N, by NumPy's inverse FFT.

  Args:
    coefficients: Of the constant, then of sine and cosine of 1, 2, ... cycles.
    axis: Counts the waves; becomes the axis of pixels.
  """
  values = np.moveaxis(coefficients.astype(np.float64), axis, -1)
  size = values.shape[-1]
  spectrum = np.zeros((*values.shape[:-1], size // 2 + 1), complex)
  spectrum[..., 0] = values[..., 0]
  for cycles in range(1, size // 2 + 1):
    # The FFT's waves start at a pixel's middle, these at the first one's edge.
    phase = np.exp(1j * np.pi * cycles / size)
    sine = values[..., 2 * cycles - 1]
    if 2 * cycles == size:
      spectrum[..., cycles] = sine
    else:
      cosine = values[..., 2 * cycles]
      spectrum[..., cycles] = (cosine - 1j * sine) * phase / np.sqrt(2)
  return np.moveaxis(np.fft.irfft(spectrum * size, size), -1, axis)


def _reference(picture: fourier.Fourier, params: np.ndarray) -> np.ndarray:
  """Returns what `to_images` shall return, by NumPy's inverse FFT."""
  cycles = np.hypot(
    _cycles(picture.height)[:, None], _cycles(picture.width)[None, :]
  )
  weights = 1 / np.maximum(cycles, 1) ** picture.decay_power
  canvas = params * weights[None, :, :, None]
  canvas = _inverse_fft(_inverse_fft(canvas, 1), 2) * picture.contrast
  if picture.decorrelated:
    canvas[..., 1:] *= picture.chroma
    canvas = np.einsum('bhwd,dc->bhwc', canvas, _COLOURS)
  return 1 / (1 + np.exp(-canvas))


class FourierTest(parameterized.TestCase):
  @parameterized.product(size=_SIZES, decorrelated=(True, False))
  def test_images_are_those_of_an_inverse_fft(
    self, size: Tuple[int, int], decorrelated: bool
  ) -> None:
    height, width = size
    picture = _fourier(
      height,
      width,
      decay_power=1.3,
      contrast=0.6,
      chroma=0.5,
      decorrelated=decorrelated,
    )
    params = np.random.default_rng(0).normal(size=(2, height, width, 3))
    images = picture.to_images(tf.constant(params, tf.float32))
    self.assertEqual(images.dtype, tf.float32)
    np.testing.assert_allclose(images, _reference(picture, params), atol=2e-6)

  @parameterized.parameters(0.0, 3.5)
  def test_finer_waves_are_left_out(self, max_cycles: float) -> None:
    height, width = 12, 15
    picture = _fourier(
      height, width, max_cycles=max_cycles, initial_deviation=0.0
    )
    params = np.random.default_rng(0).normal(size=(1, height, width, 3))
    cycles = np.hypot(_cycles(height)[:, None], _cycles(width)[None, :])
    kept = params * (cycles <= max_cycles)[..., None]
    images = picture.to_images(tf.constant(params, tf.float32))
    np.testing.assert_allclose(images, _reference(picture, kept), atol=2e-6)
    # Of a picture to start from, too.
    again = picture.initial(np.random.default_rng(0), images[0].numpy())
    np.testing.assert_allclose(again, kept[0], atol=1e-4)

  @parameterized.parameters(True, False)
  def test_grey_is_no_start(self, decorrelated: bool) -> None:
    picture = _fourier(6, 5, decorrelated=decorrelated)
    np.testing.assert_array_equal(
      picture.initial(np.random.default_rng(1), np.full([6, 5, 3], 0.5)),
      picture.initial(np.random.default_rng(1)),
    )

  def test_black_and_white_are_clipped(self) -> None:
    start = np.zeros([6, 5, 3])
    start[2:, 3:] = 1
    picture = _fourier(6, 5, initial_deviation=0)
    params = picture.initial(np.random.default_rng(0), start)
    np.testing.assert_allclose(
      picture.to_images(tf.constant(params[None]))[0],
      np.where(start == 1, 0.996, 0.004),
      atol=1e-5,
    )

  def test_without_chroma_only_brightness_is_kept(self) -> None:
    start = np.random.default_rng(0).uniform(0.01, 0.99, size=(6, 5, 3))
    coloured, plain = (
      _fourier(6, 5, chroma=chroma, initial_deviation=0).initial(
        np.random.default_rng(0), start
      )
      for chroma in (1, 0)
    )
    np.testing.assert_array_equal(plain[..., 0], coloured[..., 0])
    np.testing.assert_array_equal(plain[..., 1:], np.zeros([6, 5, 2]))
    self.assertGreater(np.abs(coloured[..., 1:]).max(), 1)


class DecorrelatedToRgbTest(absltest.TestCase):
  def test_stays_in_range(self) -> None:
    canvas = tf.random.stateless_normal([1, 9, 9, 3], (1, 2), stddev=100.0)
    images = fourier.decorrelated_to_rgb(canvas).numpy()
    self.assertBetween(images.min(), 0, 0.01)
    self.assertBetween(images.max(), 0.99, 1)


if __name__ == '__main__':
  absltest.main()
