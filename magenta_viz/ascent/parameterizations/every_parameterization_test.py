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

"""Tests of what holds for every parameterization."""

import functools
from typing import Any, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image
import tensorflow as tf

from magenta_viz.ascent import optimizers
from magenta_viz.ascent import protocols
from magenta_viz.ascent.parameterizations import fourier
from magenta_viz.ascent.parameterizations import maco
from magenta_viz.ascent.parameterizations import pixels
from magenta_viz.ascent.parameterizations import pyramid
from magenta_viz.testing import testdata

_HEIGHT, _WIDTH = 48, 32


def _photograph() -> np.ndarray:
  with Image.open(testdata.testdata_path('photo_48x32.png')) as file:
    image = np.asarray(file.convert('RGB'), np.float32) / 255
  assert image.shape == (_HEIGHT, _WIDTH, 3)
  return image


def _fit(picture: Any, params: np.ndarray, rate: float) -> np.ndarray:
  """Returns the image after 300 steps of Adam towards the photograph."""
  image = _photograph()
  adam = optimizers.Adam()

  @tf.function(autograph=False)
  def step(
    params: tf.Tensor, state: protocols.State, index: tf.Tensor
  ) -> Tuple[tf.Tensor, protocols.State]:
    with tf.GradientTape() as tape:
      tape.watch(params)
      score = -tf.reduce_mean((picture.to_images(params) - image) ** 2)
    gradient = tape.gradient(score, params)
    change, state = adam.step(gradient, state, index, tf.constant(rate))
    return params + change, state

  params = tf.constant(params[None])
  state = adam.initial(params)
  for index in range(300):
    params, state = step(params, state, tf.constant(index, tf.float32))
  return picture.to_images(params).numpy()[0]


def _fourier(
  height: int = _HEIGHT, width: int = _WIDTH, **settings: Any
) -> fourier.Fourier:
  defaults = {
    'decay_power': 1.0,
    'contrast': 0.25,
    'chroma': 1.0,
    'initial_deviation': 0.0,
  }
  return fourier.Fourier(height, width, **{**defaults, **settings})


def _pyramid(
  height: int = _HEIGHT, width: int = _WIDTH, **settings: Any
) -> pyramid.LaplacianPyramid:
  return pyramid.LaplacianPyramid(
    height, width, **{'initial_deviation': 0.0, **settings}
  )


def _free_maco(height: int, width: int) -> maco.MaCo:
  return maco.MaCo(height, width, standardize_phases=False)


# Without noise, these are at first the very picture that they start from.
_EXACT = (
  pixels.Pixels,
  _fourier,
  functools.partial(_fourier, decay_power=1.3, chroma=0.4),
  functools.partial(_fourier, decorrelated=False),
  _pyramid,
  functools.partial(_pyramid, num_levels=1),
  functools.partial(_pyramid, decorrelated=False),
)


def _edges(image: np.ndarray) -> np.ndarray:
  """Returns the differences of brightness down, then those across."""
  brightness = image.mean(axis=-1)
  return np.concatenate([np.diff(brightness, axis=i).ravel() for i in (0, 1)])


class EveryTest(parameterized.TestCase):
  @parameterized.parameters(*_EXACT, _free_maco, maco.MaCo)
  def test_pictures_do_not_depend_on_their_batch(self, make: Any) -> None:
    picture = make(7, 10)
    shape = picture.initial(np.random.default_rng(0)).shape
    params = tf.random.stateless_normal([2, *shape], (1, 2))
    together = picture.to_images(params)
    self.assertEqual(together.shape, [2, 7, 10, 3])
    alone = [picture.to_images(params[i : i + 1])[0] for i in range(2)]
    np.testing.assert_allclose(together, alone, atol=1e-6)
    np.testing.assert_allclose(
      tf.function(picture.to_images)(params), together, atol=1e-6
    )

  @parameterized.parameters(
    (_fourier(40, 30, initial_deviation=0.2), (40, 30, 3), 0.2),
    (_pyramid(16, 24, initial_deviation=0.2), (510, 1, 3), 0.2),
    (_pyramid(9, 5, initial_deviation=0.2), (45 + 8 + 2 + 1, 1, 3), 0.2),
    (maco.MaCo(40, 30), (40, 16, 3), 1.0),
  )
  def test_noise_is_the_generators(
    self, picture: Any, shape: Tuple[int, ...], deviation: float
  ) -> None:
    params = picture.initial(np.random.default_rng(1))
    self.assertEqual(params.dtype, np.float32)
    drawn = np.random.default_rng(1).standard_normal(shape, np.float32)
    np.testing.assert_array_equal(params, drawn * np.float32(deviation))

  @parameterized.parameters(_fourier, _pyramid)
  def test_noise_is_added_to_the_start(self, make: Any) -> None:
    start = np.random.default_rng(0).uniform(0.01, 0.99, size=(9, 5, 3))
    noisy = make(9, 5, initial_deviation=0.2)
    np.testing.assert_allclose(
      noisy.initial(np.random.default_rng(1), start)
      - make(9, 5).initial(np.random.default_rng(1), start),
      noisy.initial(np.random.default_rng(1)),
      atol=1e-5,
    )

  @parameterized.product(
    make=_EXACT, size=((48, 32), (9, 5), (7, 10), (6, 6), (1, 2), (1, 1))
  )
  def test_starts_at_pictures(self, make: Any, size: Tuple[int, int]) -> None:
    picture = make(*size)
    starts = np.random.default_rng(0).uniform(0.01, 0.99, size=(2, *size, 3))
    generator = np.random.default_rng(1)
    params = [picture.initial(generator, each) for each in starts]
    self.assertEqual(params[0].dtype, np.float32)
    images = picture.to_images(tf.constant(np.stack(params)))
    np.testing.assert_allclose(images, starts, atol=1e-5)

  @parameterized.parameters(*_EXACT, _free_maco)
  def test_start_of_another_size(self, make: Any) -> None:
    with self.assertRaisesRegex(ValueError, r'\(4, 5, 3\).*\(5, 4, 3\)'):
      make(5, 4).initial(np.random.default_rng(0), np.zeros([4, 5, 3]))


class FitPhotographTest(parameterized.TestCase):
  @parameterized.parameters(
    pixels.Pixels(_HEIGHT, _WIDTH),
    pixels.Pixels(_HEIGHT, _WIDTH, mean=(0.5, 0.4, 0.3), unit=1.0),
    _fourier(),
    _fourier(decay_power=1.5, contrast=1.0, chroma=0.1),
    _pyramid(),
  )
  def test_by_starting_from_it(self, picture: Any) -> None:
    params = picture.initial(np.random.default_rng(0), _photograph())
    error = np.abs(picture.to_images(params[None])[0] - _photograph())
    self.assertLess(error.mean(), 0.001)

  @parameterized.parameters(True, False)
  def test_maco_shows_its_shapes(self, decorrelated: bool) -> None:
    picture = maco.MaCo(_HEIGHT, _WIDTH, decorrelated, standardize_phases=False)
    likenesses = []
    for start in (_photograph(), None):
      params = picture.initial(np.random.default_rng(0), start)
      edges = _edges(picture.to_images(params[None]).numpy()[0])
      likenesses.append(np.corrcoef(edges, _edges(_photograph()))[0, 1])
    self.assertGreater(likenesses[0], 0.5)
    self.assertBetween(likenesses[1], -0.1, 0.1)

  @parameterized.parameters(
    (pixels.Pixels(_HEIGHT, _WIDTH), 2.0),
    (_fourier(initial_deviation=0.01), 0.3),
    (_fourier(initial_deviation=0.01, decorrelated=False), 0.3),
    (pyramid.LaplacianPyramid(_HEIGHT, _WIDTH), 0.1),
    (pyramid.LaplacianPyramid(_HEIGHT, _WIDTH, decorrelated=False), 0.1),
    (pyramid.LaplacianPyramid(_HEIGHT, _WIDTH, num_levels=1), 0.1),
  )
  def test_by_gradient_ascent(self, picture: Any, rate: float) -> None:
    initial = picture.initial(np.random.default_rng(0))
    error = np.abs(_fit(picture, initial, rate) - _photograph())
    self.assertLess(error.mean(), 0.01)

  @parameterized.parameters(True, False)
  def test_maco_with_the_photographs_magnitudes(
    self, decorrelated: bool
  ) -> None:
    canvas = fourier.to_canvas(_photograph(), (_HEIGHT, _WIDTH), decorrelated)
    spectrum = np.fft.rfft2(canvas - canvas.mean(), axes=(0, 1))
    picture = maco.MaCo(
      _HEIGHT,
      _WIDTH,
      decorrelated,
      magnitudes=np.abs(spectrum),
      standardize_phases=False,
      mean=canvas.mean(),
      deviation=canvas.std(),
    )
    phases = picture.initial(np.random.default_rng(0), _photograph())
    error = np.abs(picture.to_images(phases[None])[0] - _photograph())
    self.assertLess(error.mean(), 0.001)
    # From phases that are some way off, gradient ascent finds it again.
    noise = picture.initial(np.random.default_rng(0))
    start = phases + 0.5 * noise
    error = np.abs(picture.to_images(start[None])[0] - _photograph())
    self.assertGreater(error.mean(), 0.05)
    error = np.abs(_fit(picture, start, 0.03) - _photograph())
    self.assertLess(error.mean(), 0.01)


if __name__ == '__main__':
  absltest.main()
