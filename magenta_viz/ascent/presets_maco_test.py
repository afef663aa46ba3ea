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

"""Tests of the preset maco, against NumPy.

The reference is float64, its gradients are written by hand. Only the noise is
TensorFlow's, by the same seeds.
"""

from typing import List, NamedTuple, Tuple

from absl.testing import absltest
import numpy as np
import tensorflow as tf

from magenta_viz.ascent import drawing
from magenta_viz.ascent import presets
from magenta_viz.ascent.objectives import objectives
from magenta_viz.testing import tiny_network

_SEEDS = (13, 14)
_CLASS_IDS = (tiny_network.STRONG, tiny_network.WEAK)
_VIEW_SIZE = 16

# From brightness and two contrasts to RGB: lucid's numbers, as xplique's
# `recorrelate_colors` writes them out.
_COLOURS = np.array(
  [
    [0.56282854, 0.58447580, 0.58447580],
    [0.19482528, 0.00000000, -0.19482528],
    [0.04329450, -0.10823626, 0.06494176],
  ]
)
# Of photographs: strength and power of brightness and the contrasts.
_SPECTRA = ((0.1436, 1.44), (0.2121, 1.55), (0.0835, 1.39))


class _Standardized:
  """Values with a mean of 0 and a deviation of 1, about as xplique has them."""

  def __init__(self, values: np.ndarray):
    self._centered = values - values.mean()
    self._deviation = values.std()
    self._divisor = self._deviation + 1e-5
    self.values = self._centered / self._divisor

  def gradient(self, on_values: np.ndarray) -> np.ndarray:
    """Returns the gradient to the values as they were."""
    through_deviation = np.sum(on_values * self._centered) / self._divisor**2
    slope = self._centered / (self._centered.size * self._deviation)
    centered = on_values - on_values.mean()
    return centered / self._divisor - through_deviation * slope


class _Picture:
  """The image of phases, and the way back."""

  def __init__(self, phases: np.ndarray, height: int, width: int):
    self._size = (height, width)
    down, across = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)
    cycles = np.maximum(np.hypot(down, across) * min(height, width), 1)
    magnitudes = np.stack([s * cycles**-power for s, power in _SPECTRA], -1)
    magnitudes /= magnitudes.max()
    self._phases = _Standardized(phases)
    self._spectrum = magnitudes * np.exp(1j * self._phases.values)
    sums = np.fft.irfft2(self._spectrum, self._size, axes=(0, 1))
    self._canvas = _Standardized(height * width * sums)
    self.image = 1 / (1 + np.exp(-self._canvas.values @ _COLOURS))

  def gradient(self, on_image: np.ndarray) -> np.ndarray:
    """Returns the gradient to the phases."""
    on_logits = on_image * self.image * (1 - self.image)
    on_sums = self._canvas.gradient(on_logits @ _COLOURS.T)
    width = self._size[1]
    # All columns of the real transform but these two stand for two.
    column = np.arange(width // 2 + 1)
    weights = np.where((column == 0) | (2 * column == width), 1, 2)[:, None]
    waves = np.conj(np.fft.rfft2(on_sums, axes=(0, 1)))
    on_phases = weights * np.real(1j * self._spectrum * waves)
    return self._phases.gradient(on_phases)


def _hats(places: np.ndarray, size: int) -> np.ndarray:
  """Returns the weight of each pixel at places on a mirrored axis."""
  pixels = np.arange(size)
  mirrored = np.stack([pixels, -1 - pixels, 2 * size - 1 - pixels])
  distances = np.abs(places[:, None, None] - mirrored)
  return np.maximum(1 - distances, 0).sum(axis=1)


class _Crop(NamedTuple):
  """A square of a picture and its noise.

  Attributes:
    rows: [view size, height] weights.
    columns: [view size, width] weights.
    noise: [view size, view size, 3].
  """

  rows: np.ndarray
  columns: np.ndarray
  noise: np.ndarray

  def apply(self, image: np.ndarray) -> np.ndarray:
    lines = np.einsum('ab,bcd', self.rows, image)
    return np.einsum('xc,acd->axd', self.columns, lines) + self.noise

  def transpose(self, gradient: np.ndarray) -> np.ndarray:
    lines = np.einsum('ab,acd->bcd', self.rows, gradient)
    return np.einsum('xc,bxd->bcd', self.columns, lines)


def _crops(
  generator: np.random.Generator, span: float, height: int, width: int
) -> List[_Crop]:
  """Draws 32 crops: the side deviates by 0.05, the middle by 0.15."""
  spans = generator.normal(span, 0.05, 32)
  places = generator.normal(0.5, 0.15, (32, 2))
  seed = generator.integers(2**31 - 1, size=2, dtype=np.int32)
  shape = [32, _VIEW_SIZE, _VIEW_SIZE, 3]
  noise = 0.04 * tf.random.stateless_normal(shape, seed).numpy()
  noise += 0.02 * tf.random.stateless_uniform(shape, seed + 1, -1, 1).numpy()
  # Middles of a view's pixels, about its own middle, as a share of its side.
  ticks = (np.arange(_VIEW_SIZE) + 0.5) / _VIEW_SIZE - 0.5
  crops = []
  for share, (y, x), each in zip(np.clip(spans, 0.05, 1), places, noise):
    side = share * min(height, width)
    weights = []
    for place, size in ((y, height), (x, width)):
      middle = np.clip(place * size, side / 2, size - side / 2)
      weights.append(_hats(middle + ticks * side - 0.5, size))
    crops.append(_Crop(weights[0], weights[1], each))
  return crops


class _NAdam:
  """NAdam with a learning rate of 1 and the constants of Keras."""

  def __init__(self) -> None:
    self._t = 0
    self._m = self._v = np.zeros(1)
    self._product = 1.0

  def step(self, g: np.ndarray) -> np.ndarray:
    self._t += 1
    times = (self._t, self._t + 1)
    momentum, ahead = (0.9 * (1 - 0.5 * 0.96 ** (t / 250)) for t in times)
    self._product *= momentum
    self._m = 0.9 * self._m + 0.1 * g
    self._v = 0.999 * self._v + 0.001 * g**2
    m_hat = ahead * self._m / (1 - self._product * ahead)
    m_hat += (1 - momentum) * g / (1 - self._product)
    v_hat = self._v / (1 - 0.999**self._t)
    return 1.0 * m_hat / (np.sqrt(v_hat) + 1e-8)


def _shown(image: np.ndarray, influence: np.ndarray) -> np.ndarray:
  """Stretches a picture and lets through white where little mattered."""
  low, high = np.percentile(image, 1), np.percentile(image, 99)
  image = (np.clip(image, low, high) - low) / (high - low)
  alpha = influence.mean(-1, keepdims=True)
  alpha = np.clip(alpha, 0, np.percentile(alpha, 80))
  alpha = alpha / alpha.max()
  return alpha * image + (1 - alpha) * 1.0


def _maco(size: Tuple[int, int], num_steps: int, index: int) -> np.ndarray:
  """Draws one picture of a batch."""
  height, width = size
  generator = np.random.default_rng(_SEEDS[index])
  shape = (height, width // 2 + 1, 3)
  phases = generator.standard_normal(shape, dtype=np.float32).astype(float)
  influence = np.zeros((height, width, 3))
  optimizer = _NAdam()
  for i in range(num_steps):
    picture = _Picture(phases, height, width)
    on_image = np.zeros((height, width, 3))
    span = 0.5 + (0.05 - 0.5) * i / num_steps
    for crop in _crops(generator, span, height, width):
      view = crop.apply(picture.image)
      on_view = tiny_network.class_gradient(view, _CLASS_IDS[index])
      on_image += crop.transpose(on_view) / 32
    influence += np.abs(on_image)
    phases = phases + optimizer.step(picture.gradient(on_image))
  return _shown(_Picture(phases, height, width).image, influence)


class MacoTest(absltest.TestCase):
  def test_first_steps(self) -> None:
    size = (36, 33)
    recipes = presets.find_preset('maco').plan({}, {'num_steps': 3})
    drawn = drawing.Drawing(
      tiny_network.network,
      _VIEW_SIZE,
      recipes,
      [objectives.ClassLogit(head=each.objective.head) for each in recipes],
      size,
    ).run(
      np.array(_CLASS_IDS, np.int32),
      [np.random.default_rng(seed) for seed in _SEEDS],
    )
    expected = [_maco(size, num_steps=3, index=index) for index in (0, 1)]
    # A phase with a gradient near to 0 goes as far as any other, up to a radian
    # a step: rounding to float32 shows more than in pixels. By other draws a
    # few values differ by up to 2e-5.
    np.testing.assert_allclose(drawn.images, expected, atol=3e-5, rtol=0)
    self.assertLess(np.abs(drawn.images - expected).mean(), 2e-6)

  def test_what_is_overridden(self) -> None:
    preset = presets.find_preset('maco')
    (recipe,) = preset.plan({}, {})
    self.assertEqual(preset.image_size, (512, 512))
    self.assertEqual(recipe.steps.num_steps, 256)


if __name__ == '__main__':
  absltest.main()
