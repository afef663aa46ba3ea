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

"""Tests of the presets of waves, lucid, maco and `default`, against NumPy.

The pictures and all gradients are float64 and written by hand. Only maco's
noise is TensorFlow's, by the same seeds.
"""

from typing import Any, Iterator, List, Sequence

from absl.testing import absltest
import numpy as np
from PIL import Image
import tensorflow as tf

from magenta_viz.ascent import tiling
from magenta_viz.models import network_protocol
from magenta_viz.testing import drawn_presets
from magenta_viz.testing import reference_ascent as reference
from magenta_viz.testing import tiny_network

# Largest deviation of `default`'s blur here, in pixels of a network of 224.
_BLUR = 1.5

_NUM_SWEEPS = 3


def _grain(height: int, width: int) -> np.ndarray:
  """Returns [height, width, 3] factors, different at each pixel."""
  factors = np.random.default_rng(9).uniform(-1, 1, (height, width, 3))
  return factors.astype(np.float32).astype(np.float64)


def _network(images: tf.Tensor) -> network_protocol.Outputs:
  """Looks at images through a grain, for waves of all lengths to matter.

  Otherwise the gradient to short waves is so near to 0 that rounding gives it
  its sign, which is all that a first step of Adam looks at.
  """
  grain = tf.constant(_grain(*images.shape[1:3]), tf.float32)
  return tiny_network.network(images * grain)


def _seen_gradient(
  image: np.ndarray, stages: Sequence[reference.Stage], class_id: int
) -> np.ndarray:
  """Returns the gradient of `_network`'s score of a view to the image."""

  def gradient(view: np.ndarray) -> np.ndarray:
    grain = _grain(*view.shape[:2])
    return grain * tiny_network.class_gradient(grain * view, class_id)

  return reference.seen_gradient(image, stages, gradient)


def _canvas_gradient(
  canvas: reference.Canvas,
  params: np.ndarray,
  stages: Sequence[reference.Stage],
  index: int,
) -> np.ndarray:
  class_id = drawn_presets.CLASSES[index]
  return canvas.gradient(
    params, lambda image: _seen_gradient(image, stages, class_id)
  )


def _start(generator: np.random.Generator, size: reference.Size) -> np.ndarray:
  """Draws parameters of a deviation of 0.01."""
  noise = generator.standard_normal((*size, 3), dtype=np.float32)
  return 0.01 * noise.astype(np.float64)


def _turn(radians: float, step: float = 1.0) -> List[List[float]]:
  sine, cosine = step * np.sin(radians), step * np.cos(radians)
  return [[cosine, sine], [-sine, cosine]]


def _pad(size: reference.Size, margin: int, value: float) -> reference.Stage:
  down, across = (np.eye(each + 2 * margin, each, -margin) for each in size)
  frame = np.full([len(down), len(across), 1], value)
  frame[margin:-margin, margin:-margin] = 0
  return reference.separable(down, across, frame)


def _shift(
  generator: np.random.Generator, size: reference.Size, reach: int
) -> reference.Stage:
  """Leaves out `reach` rows and columns of a picture of `size`."""
  places = generator.integers(0, reach + 1, size=2)
  down, across = (
    np.eye(each - reach, each, place) for each, place in zip(size, places)
  )
  return reference.separable(down, across)


def _lucid(size: reference.Size, num_steps: int, index: int) -> np.ndarray:
  """Draws one picture of a batch by lucid."""
  generator = np.random.default_rng(drawn_presets.SEEDS[index])
  canvas = reference.Canvas(size, decay=1.0, contrast=0.354)
  padded = (size[0] + 24, size[1] + 24)
  shifted = (size[0] + 16, size[1] + 16)
  middle = ((shifted[0] - 1) / 2, (shifted[1] - 1) / 2)

  def gradient(_: int, params: np.ndarray) -> np.ndarray:
    stages = [_pad(size, 12, 0.5), _shift(generator, padded, 8)]
    step = 1 / generator.uniform(0.9, 1.1)
    angle = np.deg2rad(generator.uniform(-10, 10))
    for turn in (_turn(0.0, step), _turn(angle)):
      stages.append(reference.sample(turn, middle, shifted, shifted))
    stages.append(_shift(generator, shifted, 4))
    return _canvas_gradient(canvas, params, stages, index)

  start = _start(generator, size)
  return canvas.image(reference.adam(start, [0.05] * num_steps, gradient))


def _view(
  generator: np.random.Generator, size: reference.Size, view_size: int
) -> List[reference.Stage]:
  """Draws a view as `default` has them: zoomed, turned, moved and blurred."""
  span = generator.uniform(0.64, 1.17)
  angle = np.deg2rad(generator.uniform(-15, 15))
  shifts = generator.uniform(-0.06, 0.06, size=2)
  # A long picture is looked at all along.
  along = generator.uniform(-1, 1, size=2)
  generator.integers(np.iinfo(np.int32).max, size=2)  # For noise, of which 0.
  sides = np.array(size)
  middle = (sides - 1) / 2 + shifts * sides + along * (sides - min(size)) / 2
  turn = _turn(angle, span * min(size) / view_size)
  sample = reference.sample(turn, middle, size, (view_size, view_size))
  # What would be outside of the view does not count for its blur.
  distances = np.subtract.outer(np.arange(view_size), np.arange(view_size))
  deviation = generator.uniform(0, _BLUR * 70 / 224)
  weights = np.exp(-((distances / deviation) ** 2) / 2)
  weights /= weights.sum(axis=1, keepdims=True)
  return [sample, reference.separable(weights, weights)]


def _default(index: int) -> np.ndarray:
  """Draws one picture of a batch, 65 x 72, by `default`."""
  generator = np.random.default_rng(drawn_presets.SEEDS[index])
  size = (65, 72)
  canvas = reference.Canvas(size, decay=1.2, contrast=0.7)

  def gradient(step: int, params: np.ndarray) -> np.ndarray:
    # Half of the views are coarse.
    stages = _view(generator, size, (65, 65, 70, 70)[step])
    return _canvas_gradient(canvas, params, stages, index)

  # From 2 / 3 on the rate falls to 0.
  rates = [0.045 * share for share in (1, 1, 1, 0.75)]
  params = reference.adam(_start(generator, size), rates, gradient)
  image = canvas.image(params)
  return _enlarged(image, (72, 80), drawn_presets.CLASSES[index], generator)


def _enlarged(
  image: np.ndarray,
  size: reference.Size,
  class_id: int,
  generator: np.random.Generator,
) -> np.ndarray:
  """Enlarges a picture once, and sweeps it by tiles of 65 pixels."""
  height, width = size
  small = np.log(image / (1 - image)) @ np.linalg.inv(reference.COLOURS)
  channels = [
    np.asarray(
      Image.fromarray(channel.astype(np.float32)).resize(
        (width, height), Image.Resampling.BICUBIC
      )
    )
    for channel in np.moveaxis(small, -1, 0)
  ]
  canvas = np.stack(channels, axis=-1).astype(np.float64)
  waves, cycles = reference.waves(65)
  # Neither waves of less than 12 cycles a tile, nor all others alike.
  strengths = np.hypot(cycles[:, None], cycles).clip(1) ** -1.2
  strengths[:23, :23] = 0
  for sweep in range(_NUM_SWEEPS):
    total = np.zeros_like(canvas)
    top, left = generator.integers(65 - 16, size=2)
    for tile in tiling.tiles(size, 65, 16, (top, left)):
      part = reference.rgb(canvas[tile.place])
      view = _view(generator, (65, 65), 70)
      on_part = _seen_gradient(part, view, class_id)
      on_canvas = reference.rgb_gradient(part, on_part)
      spectrum = reference.along(waves.T, waves.T, on_canvas)
      change = reference.along(waves, waves, strengths[..., None] * spectrum)
      total[tile.place] += tile.weights * change
    rate = 0.06 * (1 - sweep / _NUM_SWEEPS)
    canvas += rate * total / np.sqrt(np.mean(total**2))
  return reference.rgb(canvas)


_MACO_SEEDS = (13, 14)

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

  def __init__(self, phases: np.ndarray, size: reference.Size):
    self._size = size
    down = np.fft.fftfreq(size[0])[:, None]
    cycles = np.hypot(down, np.fft.rfftfreq(size[1])) * min(size)
    cycles = np.maximum(cycles, 1)
    magnitudes = np.stack([s * cycles**-power for s, power in _SPECTRA], -1)
    magnitudes /= magnitudes.max()
    self._phases = _Standardized(phases)
    self._spectrum = magnitudes * np.exp(1j * self._phases.values)
    sums = np.fft.irfft2(self._spectrum, size, axes=(0, 1))
    self._canvas = _Standardized(size[0] * size[1] * sums)
    self.image = reference.rgb(self._canvas.values)

  def gradient(self, on_image: np.ndarray) -> np.ndarray:
    """Returns the gradient to the phases."""
    on_canvas = reference.rgb_gradient(self.image, on_image)
    on_sums = self._canvas.gradient(on_canvas)
    width = self._size[1]
    # All columns of the real transform but these two stand for two.
    column = np.arange(width // 2 + 1)
    weights = np.where((column == 0) | (2 * column == width), 1, 2)[:, None]
    waves = np.conj(np.fft.rfft2(on_sums, axes=(0, 1)))
    on_phases = weights * np.real(1j * self._spectrum * waves)
    return self._phases.gradient(on_phases)


def _crops(
  generator: np.random.Generator, span: float, size: reference.Size, side: int
) -> Iterator[reference.Stage]:
  """Draws 32 crops: the span deviates by 0.05, the middle by 0.15."""
  spans = generator.normal(span, 0.05, 32)
  places = generator.normal(0.5, 0.15, (32, 2))
  seed = generator.integers(2**31 - 1, size=2, dtype=np.int32)
  shape = [32, side, side, 3]
  noise = 0.04 * tf.random.stateless_normal(shape, seed).numpy()
  noise += 0.02 * tf.random.stateless_uniform(shape, seed + 1, -1, 1).numpy()
  # Middles of a view's pixels, about its own middle, as a share of its side.
  ticks = (np.arange(side) + 0.5) / side - 0.5
  for share, place, each in zip(np.clip(spans, 0.05, 1), places, noise):
    seen = share * min(size)
    middles = np.clip(place * size, seen / 2, np.array(size) - seen / 2)
    down, across = (
      reference.hats(middle + ticks * seen - 0.5, length)
      for middle, length in zip(middles, size)
    )
    yield reference.separable(down, across, each)


def _maco(
  size: reference.Size, view_size: int, num_steps: int, index: int
) -> np.ndarray:
  """Draws one picture of a batch by maco."""
  generator = np.random.default_rng(_MACO_SEEDS[index])
  shape = (size[0], size[1] // 2 + 1, 3)
  phases = generator.standard_normal(shape, dtype=np.float32)
  influence = np.zeros((*size, 3))

  def on_view(view: np.ndarray) -> np.ndarray:
    return tiny_network.class_gradient(view, drawn_presets.CLASSES[index])

  def gradient(step: int, phases: np.ndarray) -> np.ndarray:
    picture = _Picture(phases, size)
    span = reference.between((0.5, 0.05), step / num_steps)
    of_crops = [
      reference.seen_gradient(picture.image, [crop], on_view)
      for crop in _crops(generator, span, size, view_size)
    ]
    on_image = np.mean(of_crops, axis=0)
    influence[...] += np.abs(on_image)
    return picture.gradient(on_image)

  rates = [1.0] * num_steps
  phases = reference.adam(phases.astype(float), rates, gradient, nesterov=True)
  image = _Picture(phases, size).image
  # Stretched, and white where little mattered.
  low, high = np.percentile(image, [1, 99])
  image = (np.clip(image, low, high) - low) / (high - low)
  alpha = influence.mean(-1, keepdims=True)
  alpha = np.clip(alpha, 0, np.percentile(alpha, 80))
  alpha = alpha / alpha.max()
  return alpha * image + (1 - alpha) * 1.0


class WavesTest(absltest.TestCase):
  def _check(
    self,
    name: str,
    view_size: int,
    expected: List[np.ndarray],
    **settings: Any,
  ) -> None:
    """Compares a batch of two, of two classes, with the reference."""
    found = drawn_presets.draw(
      name, expected[0].shape[:2], view_size, network=_network, **settings
    )
    found.assert_equal(list(map(drawn_presets.Expected, expected)))
    self.assertGreater(np.abs(found.drawn.images - 0.5).mean(), 0.01)

  def test_lucid(self) -> None:
    expected = [_lucid((40, 34), num_steps=3, index=index) for index in (0, 1)]
    self._check('lucid', 224, expected, num_steps=3)

  def test_default(self) -> None:
    # For a network of 70 pixels, 70 / 224 of these sizes.
    self._check(
      *('default', 70, [_default(index) for index in (0, 1)]),
      num_steps=4,
      sweeps=_NUM_SWEEPS,
      base_size=208,
      coarse_size=208,
    )

  def test_maco(self) -> None:
    size, view_size = (36, 33), 16
    found = drawn_presets.draw(
      'maco', size, view_size, seeds=_MACO_SEEDS, num_steps=3
    )
    expected = [_maco(size, view_size, 3, index) for index in (0, 1)]
    # A phase with a gradient near to 0 goes as far as any other, up to a radian
    # a step: rounding to float32 shows more than in pixels, by other draws up
    # to 1e-4.
    found.assert_equal(list(map(drawn_presets.Expected, expected)), 3e-5)
    self.assertLess(np.abs(found.drawn.images - expected).mean(), 2e-6)


if __name__ == '__main__':
  absltest.main()
