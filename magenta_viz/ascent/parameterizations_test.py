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

from typing import Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image
import tensorflow as tf

from magenta_viz import test_util
from magenta_viz.ascent import optimizers
from magenta_viz.ascent import parameterizations

_SIZES = ((48, 32), (7, 4), (5, 9), (6, 6), (1, 2))

# Red, green and blue of brightness and of two contrasts, as Lucid has them
# before it divides them by the length of the first.
_COLOURS = np.array(
  [[0.26, 0.27, 0.27], [0.09, 0.0, -0.09], [0.02, -0.05, 0.03]]
) / np.sqrt(0.26**2 + 0.27**2 + 0.27**2)


def _fourier(
  height: int, width: int, **settings: float
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
  canvas[..., 1:] *= fourier.chroma
  return 1 / (1 + np.exp(-np.einsum('bhwd,dc->bhwc', canvas, _COLOURS)))


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
  @parameterized.parameters(*_SIZES)
  def test_images_are_those_of_an_inverse_fft(
    self, height: int, width: int
  ) -> None:
    fourier = _fourier(height, width, decay_power=1.3, contrast=0.6, chroma=0.5)
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

  def test_smaller_images_are_of_the_same_picture(self) -> None:
    fourier = _fourier(9, 15)
    params = np.random.default_rng(0).normal(size=(2, 9, 15, 3))
    # Of 1 and of 2 cycles at most, which 3 x 5 pixels can show.
    params[:, 3:] = 0
    params[:, :, 5:] = 0
    params = tf.constant(params, tf.float32)
    # Every third pixel has its middle where a pixel of the small image has.
    np.testing.assert_allclose(
      fourier.to_images(params, (3, 5)),
      fourier.to_images(params)[:, 1::3, 1::3],
      atol=1e-6,
    )

  def test_smaller_images_leave_short_waves_out(self) -> None:
    fourier = _fourier(9, 15)
    params = np.zeros((1, 9, 15, 3), np.float32)
    params[:, 3:] = params[:, :, 5:] = 1
    images = fourier.to_images(tf.constant(params), (3, 5))
    np.testing.assert_array_equal(images, np.full((1, 3, 5, 3), 0.5))

  def test_grey_without_chroma(self) -> None:
    fourier = _fourier(5, 4, chroma=0)
    params = tf.random.stateless_normal([2, 5, 4, 3], (1, 2))
    contrasts = params * [0.0, 1.0, 1.0]
    np.testing.assert_array_equal(
      fourier.to_images(contrasts), np.full((2, 5, 4, 3), 0.5)
    )

  def test_fits_a_photograph(self) -> None:
    with Image.open(test_util.testdata_path('photo_48x32.png')) as file:
      image = np.asarray(file.convert('RGB'), np.float32) / 255
    self.assertEqual(image.shape, (48, 32, 3))
    fourier = _fourier(*image.shape[:2])
    adam = optimizers.Adam()
    params = tf.constant(fourier.initial(np.random.default_rng(0))[None])
    state = adam.initial(params)

    @tf.function(autograph=False)
    def step(
      params: tf.Tensor, state: optimizers.State, index: tf.Tensor
    ) -> Tuple[tf.Tensor, optimizers.State]:
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
    self.assertAlmostEqual(params[0].std(), 0.2, delta=0.01)
    self.assertAlmostEqual(params[0].mean(), 0.0, delta=0.01)


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
