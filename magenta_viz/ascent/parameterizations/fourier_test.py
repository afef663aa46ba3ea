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

"""Tests for parameterizations."""

from typing import Any, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image
import tensorflow as tf

from magenta_viz.ascent import optimizers
from magenta_viz.ascent import protocols
from magenta_viz.ascent.parameterizations import fourier as parameterizations
from magenta_viz.testing import testdata

_SIZES = ((48, 32), (7, 4), (5, 9), (6, 6), (1, 2))

# Red, green and blue of brightness and of two contrasts, as Lucid has them
# before it divides them by the length of the first.
_COLOURS = np.array(
  [[0.26, 0.27, 0.27], [0.09, 0.0, -0.09], [0.02, -0.05, 0.03]]
) / np.sqrt(0.26**2 + 0.27**2 + 0.27**2)


def _fourier(
  height: int, width: int, **settings: Any
) -> parameterizations.Fourier:
  defaults = {
    'decay_power': 1.0,
    'contrast': 0.25,
    'chroma': 1.0,
    'initial_deviation': 0.01,
  }
  return parameterizations.Fourier(height, width, **{**defaults, **settings})


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


def _reference(
  fourier: parameterizations.Fourier, params: np.ndarray
) -> np.ndarray:
  """Returns what `to_images` shall return, by NumPy's inverse FFT."""
  cycles = np.hypot(
    _cycles(fourier.height)[:, None], _cycles(fourier.width)[None, :]
  )
  weights = 1 / np.maximum(cycles, 1) ** fourier.decay_power
  canvas = params * weights[None, :, :, None]
  canvas = _inverse_fft(_inverse_fft(canvas, 1), 2) * fourier.contrast
  if fourier.decorrelated:
    canvas[..., 1:] *= fourier.chroma
    canvas = np.einsum('bhwd,dc->bhwc', canvas, _COLOURS)
  return 1 / (1 + np.exp(-canvas))


def _canvases(fourier: parameterizations.Fourier) -> np.ndarray:
  """Returns what each parameter of brightness shows when it alone is 1.

  Returns:
    [height * width, height * width] array, one row a parameter: the pixels'
    values before colours and sigmoid.
  """
  height, width = fourier.height, fourier.width
  params = np.zeros((height * width, height, width, 3), np.float32)
  params[..., 0] = np.eye(height * width).reshape(-1, height, width)
  images = fourier.to_images(tf.constant(params)).numpy().astype(np.float64)
  green = np.log(images[..., 1] / (1 - images[..., 1]))
  return green.reshape(height * width, -1) / _COLOURS[0, 1]


class FourierTest(parameterized.TestCase):
  @parameterized.product(size=_SIZES, decorrelated=(True, False))
  def test_images_are_those_of_an_inverse_fft(
    self, size: Tuple[int, int], decorrelated: bool
  ) -> None:
    height, width = size
    fourier = _fourier(
      height,
      width,
      decay_power=1.3,
      contrast=0.6,
      chroma=0.5,
      decorrelated=decorrelated,
    )
    params = np.random.default_rng(0).normal(size=(2, height, width, 3))
    images = fourier.to_images(tf.constant(params, tf.float32))
    self.assertEqual(images.dtype, tf.float32)
    np.testing.assert_allclose(images, _reference(fourier, params), atol=2e-6)

  @parameterized.parameters((7, 4), (5, 9), (6, 6), (1, 2), (1, 1))
  def test_waves_are_orthogonal_and_span_all_pictures(
    self, height: int, width: int
  ) -> None:
    canvases = _canvases(_fourier(height, width, decay_power=0, contrast=1))
    np.testing.assert_allclose(
      canvases @ canvases.T / (height * width),
      np.eye(height * width),
      atol=1e-5,
    )

  @parameterized.parameters(0.0, 1.0, 1.5)
  def test_weights_fall_with_the_cycles(self, decay_power: float) -> None:
    canvases = _canvases(_fourier(6, 9, decay_power=decay_power, contrast=0.5))
    strengths = np.sqrt(np.mean(canvases**2, axis=1)).reshape(6, 9)
    # Of row 3 and column 8: 2 and 4 cycles.
    for row, column, cycles in ((0, 0, 1), (0, 1, 1), (3, 8, np.hypot(2, 4))):
      self.assertAlmostEqual(
        strengths[row, column], 0.5 * cycles**-decay_power, places=5
      )

  def test_grey_without_chroma(self) -> None:
    fourier = _fourier(5, 4, chroma=0)
    params = tf.random.stateless_normal([2, 5, 4, 3], (1, 2))
    contrasts = params * [0.0, 1.0, 1.0]
    np.testing.assert_array_equal(
      fourier.to_images(contrasts), np.full((2, 5, 4, 3), 0.5)
    )

  @parameterized.parameters(True, False)
  def test_fits_a_photograph(self, decorrelated: bool) -> None:
    with Image.open(testdata.testdata_path('photo_48x32.png')) as file:
      image = np.asarray(file.convert('RGB'), np.float32) / 255
    self.assertEqual(image.shape, (48, 32, 3))
    fourier = _fourier(*image.shape[:2], decorrelated=decorrelated)
    adam = optimizers.Adam()
    params = tf.constant(fourier.initial(np.random.default_rng(0))[None])
    state = adam.initial(params)

    @tf.function(autograph=False)
    def step(
      params: tf.Tensor, state: protocols.State, index: tf.Tensor
    ) -> Tuple[tf.Tensor, protocols.State]:
      with tf.GradientTape() as tape:
        tape.watch(params)
        score = -tf.reduce_mean((fourier.to_images(params) - image) ** 2)
      gradient = tape.gradient(score, params)
      change, state = adam.step(gradient, state, index, tf.constant(0.3))
      return params + change, state

    for index in range(300):
      params, state = step(params, state, tf.constant(index, tf.float32))
    error = np.abs(fourier.to_images(params).numpy()[0] - image)
    self.assertLess(error.mean(), 0.01)

  def test_pictures_do_not_depend_on_their_batch(self) -> None:
    fourier = _fourier(6, 5)
    params = np.random.default_rng(0).normal(size=(2, 6, 5, 3))
    params = tf.constant(params, tf.float32)
    together = fourier.to_images(params)
    alone = [fourier.to_images(params[i : i + 1])[0] for i in range(2)]
    np.testing.assert_allclose(together, alone, atol=1e-6)

  def test_graph_agrees(self) -> None:
    fourier = _fourier(6, 5)
    params = tf.random.stateless_normal([2, 6, 5, 3], (1, 2))
    np.testing.assert_allclose(
      tf.function(fourier.to_images)(params),
      fourier.to_images(params),
      atol=1e-6,
    )

  def test_initial_is_the_generators(self) -> None:
    fourier = _fourier(40, 30, initial_deviation=0.2)
    params = [
      fourier.initial(np.random.default_rng(seed)) for seed in (1, 1, 2)
    ]
    self.assertEqual(params[0].shape, (40, 30, 3))
    self.assertEqual(params[0].dtype, np.float32)
    np.testing.assert_array_equal(params[0], params[1])
    self.assertFalse(np.any(params[0] == params[2]))
    drawn = np.random.default_rng(1).standard_normal((40, 30, 3), np.float32)
    np.testing.assert_array_equal(params[0], drawn * np.float32(0.2))

  @parameterized.product(size=_SIZES, decorrelated=(True, False))
  def test_starts_at_pictures(
    self, size: Tuple[int, int], decorrelated: bool
  ) -> None:
    fourier = _fourier(
      *size,
      decay_power=1.3,
      chroma=0.4,
      initial_deviation=0,
      decorrelated=decorrelated,
    )
    starts = np.random.default_rng(0).uniform(0.01, 0.99, size=(2, *size, 3))
    generator = np.random.default_rng(1)
    params = [fourier.initial(generator, each) for each in starts]
    self.assertEqual(params[0].dtype, np.float32)
    images = fourier.to_images(tf.constant(np.stack(params)))
    np.testing.assert_allclose(images, starts, atol=1e-5)

  def test_noise_is_added_to_the_start(self) -> None:
    start = np.random.default_rng(0).uniform(0.01, 0.99, size=(6, 5, 3))
    noisy, still = (
      _fourier(6, 5, initial_deviation=deviation).initial(
        np.random.default_rng(1), start
      )
      for deviation in (0.2, 0)
    )
    noise = _fourier(6, 5, initial_deviation=0.2).initial(
      np.random.default_rng(1)
    )
    np.testing.assert_allclose(noisy - still, noise, atol=1e-5)

  @parameterized.parameters(True, False)
  def test_grey_is_no_start(self, decorrelated: bool) -> None:
    fourier = _fourier(6, 5, decorrelated=decorrelated)
    np.testing.assert_array_equal(
      fourier.initial(np.random.default_rng(1), np.full([6, 5, 3], 0.5)),
      fourier.initial(np.random.default_rng(1)),
    )

  def test_black_and_white_are_clipped(self) -> None:
    start = np.zeros([6, 5, 3])
    start[2:, 3:] = 1
    fourier = _fourier(6, 5, initial_deviation=0)
    params = fourier.initial(np.random.default_rng(0), start)
    np.testing.assert_allclose(
      fourier.to_images(tf.constant(params[None]))[0],
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

  def test_start_of_another_size(self) -> None:
    with self.assertRaisesRegex(ValueError, r'\(4, 5, 3\).*\(5, 4, 3\)'):
      _fourier(5, 4).initial(np.random.default_rng(0), np.zeros([4, 5, 3]))


class CanvasTest(absltest.TestCase):
  def test_plain_colours_by_hand(self) -> None:
    canvas = tf.constant([[[[0, np.log(3), -np.log(4)]]]], tf.float32)
    image = [[[0.5, 0.75, 0.2]]]
    np.testing.assert_allclose(
      parameterizations.to_rgb(canvas, False)[0], image, atol=1e-6
    )
    np.testing.assert_allclose(
      parameterizations.to_canvas(np.array(image), (1, 1), False),
      canvas[0],
      atol=1e-6,
    )

  def test_decorrelated_colours_by_hand(self) -> None:
    canvas = parameterizations.to_canvas(
      1 / (1 + np.exp(-_COLOURS[None])), (1, 3), True
    )
    np.testing.assert_allclose(canvas[0], np.eye(3), atol=1e-5)


class DecorrelatedToRgbTest(absltest.TestCase):
  def test_grey_without_colour(self) -> None:
    images = parameterizations.decorrelated_to_rgb(tf.zeros([2, 3, 4, 3]))
    np.testing.assert_array_equal(images, np.full((2, 3, 4, 3), 0.5))

  def test_each_colour(self) -> None:
    canvas = tf.reshape(tf.eye(3), [1, 1, 3, 3])
    images = parameterizations.decorrelated_to_rgb(canvas)
    np.testing.assert_allclose(
      images[0, 0], 1 / (1 + np.exp(-_COLOURS)), atol=1e-6
    )

  def test_stays_in_range(self) -> None:
    canvas = tf.random.stateless_normal([1, 9, 9, 3], (1, 2), stddev=100.0)
    images = parameterizations.decorrelated_to_rgb(canvas).numpy()
    self.assertBetween(images.min(), 0, 0.01)
    self.assertBetween(images.max(), 0.99, 1)


if __name__ == '__main__':
  absltest.main()
