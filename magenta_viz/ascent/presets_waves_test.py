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

"""Tests of the presets of waves, lucid and `default`, against NumPy.

The pictures and all gradients are float64 and written by hand: the image of
parameters, what the network sees of it, and back again by the transposes.
"""

from typing import Any, Iterator, List, Sequence, Tuple

from absl.testing import absltest
import numpy as np
from PIL import Image
import tensorflow as tf

from magenta_viz.ascent import drawing
from magenta_viz.ascent import presets
from magenta_viz.ascent import tiling
from magenta_viz.ascent.objectives import objectives
from magenta_viz.models import network_protocol
from magenta_viz.testing import tiny_network
from magenta_viz.testing import wave_reference

_SEEDS = (7, 8)
_CLASS_IDS = (tiny_network.STRONG, tiny_network.WEAK)

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


def _class_gradient(view: np.ndarray, class_id: int) -> np.ndarray:
  grain = _grain(*view.shape[:2])
  return grain * tiny_network.class_gradient(grain * view, class_id)


def _pad(margin: int, value: float) -> wave_reference.Stage:
  inner = np.s_[margin:-margin, margin:-margin]
  margins = ((margin, margin), (margin, margin), (0, 0))
  return wave_reference.Stage(
    lambda image: np.pad(image, margins, constant_values=value),
    lambda gradient: gradient[inner],
  )


def _shift(
  generator: np.random.Generator, size: Tuple[int, int], reach: int
) -> wave_reference.Stage:
  """Leaves out `reach` rows and columns of a picture of `size`."""
  top, left = generator.integers(0, reach + 1, size=2)
  height, width = size
  margins = ((top, reach - top), (left, reach - left), (0, 0))
  return wave_reference.Stage(
    lambda image: image[
      top : top + height - reach, left : left + width - reach
    ],
    lambda gradient: np.pad(gradient, margins),
  )


def _gradient(
  canvas: wave_reference.Canvas,
  stages: Sequence[wave_reference.Stage],
  class_id: int,
) -> wave_reference.Map:
  """Returns the map from parameters to the gradient of a class's score."""

  def gradient(params: np.ndarray) -> np.ndarray:
    view = canvas.image(params)
    for stage in stages:
      view = stage.apply(view)
    back = _class_gradient(view, class_id)
    for stage in stages[::-1]:
      back = stage.transpose(back)
    return canvas.gradient(params, back)

  return gradient


def _start(
  generator: np.random.Generator, height: int, width: int
) -> np.ndarray:
  """Draws parameters of a deviation of 0.01."""
  noise = generator.standard_normal((height, width, 3), dtype=np.float32)
  return 0.01 * noise.astype(np.float64)


def _lucid(height: int, width: int, num_steps: int, index: int) -> np.ndarray:
  """Draws one picture of a batch by lucid."""
  generator = np.random.default_rng(_SEEDS[index])
  canvas = wave_reference.Canvas(height, width, decay=1.0, contrast=0.354)

  def steps() -> Iterator[Tuple[float, wave_reference.Map]]:
    for _ in range(num_steps):
      size = (height + 24, width + 24)
      stages = [_pad(12, 0.5)]
      stages.append(_shift(generator, size, 8))
      size = (size[0] - 8, size[1] - 8)
      middle = ((size[0] - 1) / 2, (size[1] - 1) / 2)
      step = 1 / generator.uniform(0.9, 1.1)
      stages.append(
        wave_reference.sample([[step, 0], [0, step]], middle, size, size)
      )
      angle = np.deg2rad(generator.uniform(-10, 10))
      sine, cosine = np.sin(angle), np.cos(angle)
      turn = [[cosine, sine], [-sine, cosine]]
      stages.append(wave_reference.sample(turn, middle, size, size))
      stages.append(_shift(generator, size, 4))
      yield 0.05, _gradient(canvas, stages, _CLASS_IDS[index])

  params = wave_reference.adam(_start(generator, height, width), steps())
  return canvas.image(params)


def _view(
  generator: np.random.Generator, size: Tuple[int, int], view_size: int
) -> List[wave_reference.Stage]:
  """Draws a view as `default` has them: zoomed, turned, moved and blurred."""
  span = generator.uniform(0.64, 1.17)
  angle = np.deg2rad(generator.uniform(-15, 15))
  shifts = generator.uniform(-0.06, 0.06, size=2)
  # A long picture is looked at all along.
  along = generator.uniform(-1, 1, size=2)
  generator.integers(np.iinfo(np.int32).max, size=2)  # For noise, of which 0.
  sides = np.array(size)
  middle = (sides - 1) / 2 + shifts * sides + along * (sides - min(size)) / 2
  step = span * min(size) / view_size
  sine, cosine = step * np.sin(angle), step * np.cos(angle)
  turn = [[cosine, sine], [-sine, cosine]]
  sample = wave_reference.sample(turn, middle, size, (view_size, view_size))
  return [sample, _blur(view_size, generator.uniform(0, _BLUR * 70 / 224))]


def _blur(size: int, deviation: float) -> wave_reference.Stage:
  """Blurs a square; what would be outside of it does not count."""
  distances = np.subtract.outer(np.arange(size), np.arange(size))
  weights = np.exp(-((distances / deviation) ** 2) / 2)
  weights /= weights.sum(axis=1, keepdims=True)
  return wave_reference.Stage(
    lambda image: np.einsum('yi,xj,ijc->yxc', weights, weights, image),
    lambda gradient: np.einsum('yi,xj,yxc->ijc', weights, weights, gradient),
  )


def _default(index: int) -> np.ndarray:
  """Draws one picture of a batch, 65 x 72, by `default`."""
  generator = np.random.default_rng(_SEEDS[index])
  size = (65, 72)
  canvas = wave_reference.Canvas(*size, decay=1.2, contrast=0.7)

  def steps() -> Iterator[Tuple[float, wave_reference.Map]]:
    # Half of them coarse; from 2 / 3 on the rate falls to 0.
    for view_size, share in ((65, 1), (65, 1), (70, 1), (70, 0.75)):
      stages = _view(generator, size, view_size)
      yield 0.045 * share, _gradient(canvas, stages, _CLASS_IDS[index])

  params = wave_reference.adam(_start(generator, *size), steps())
  return _enlarged(canvas.image(params), (72, 80), index, generator)


def _enlarged(
  image: np.ndarray,
  size: Tuple[int, int],
  index: int,
  generator: np.random.Generator,
) -> np.ndarray:
  """Enlarges a picture once, and sweeps it by tiles of 65 pixels."""
  height, width = size
  small = np.log(image / (1 - image)) @ np.linalg.inv(wave_reference.COLOURS)
  channels = [
    np.asarray(
      Image.fromarray(channel.astype(np.float32)).resize(
        (width, height), Image.Resampling.BICUBIC
      )
    )
    for channel in np.moveaxis(small, -1, 0)
  ]
  canvas = np.stack(channels, axis=-1).astype(np.float64)
  waves, cycles = wave_reference.waves(65)
  # Neither waves of less than 12 cycles a tile, nor all others alike.
  strengths = np.hypot(cycles[:, None], cycles).clip(1) ** -1.2
  strengths[:23, :23] = 0
  for sweep in range(_NUM_SWEEPS):
    total = np.zeros_like(canvas)
    top, left = generator.integers(65 - 16, size=2)
    for tile in tiling.tiles(size, 65, 16, (top, left)):
      part = 1 / (1 + np.exp(-canvas[tile.place] @ wave_reference.COLOURS))
      view, stages = part, _view(generator, (65, 65), 70)
      for stage in stages:
        view = stage.apply(view)
      back = _class_gradient(view, _CLASS_IDS[index])
      for stage in stages[::-1]:
        back = stage.transpose(back)
      on_canvas = (back * part * (1 - part)) @ wave_reference.COLOURS.T
      spectrum = np.einsum(
        'yi,xj,yxc->ijc', waves, waves, on_canvas, optimize=True
      )
      change = np.einsum(
        'yi,xj,ijc->yxc',
        *(waves, waves, strengths[..., None] * spectrum),
        optimize=True,
      )
      total[tile.place] += tile.weights * change
    rate = 0.06 * (1 - sweep / _NUM_SWEEPS)
    canvas += rate * total / np.sqrt(np.mean(total**2))
  return 1 / (1 + np.exp(-canvas @ wave_reference.COLOURS))


class WavesTest(absltest.TestCase):
  def _check(
    self,
    name: str,
    view_size: int,
    expected: List[np.ndarray],
    **overrides: Any,
  ) -> None:
    """Compares a batch of two, of two classes, with the reference."""
    recipes = presets.find_preset(name).plan({}, overrides)
    drawn = drawing.Drawing(
      _network,
      view_size,
      recipes,
      [objectives.ClassLogit(head=each.head) for each in recipes],
      expected[0].shape[:2],
    ).run(
      np.array(_CLASS_IDS, np.int32),
      [np.random.default_rng(seed) for seed in _SEEDS],
    )
    np.testing.assert_allclose(drawn.images, expected, atol=1e-5, rtol=0)
    self.assertGreater(np.abs(drawn.images - 0.5).mean(), 0.01)

  def test_lucid(self) -> None:
    expected = [_lucid(40, 34, num_steps=3, index=index) for index in (0, 1)]
    self._check('lucid', 224, expected, num_steps=3)

  def test_default(self) -> None:
    expected = [_default(index) for index in (0, 1)]
    # For a network of 70 pixels, 70 / 224 of these sizes.
    self._check(
      *('default', 70, expected),
      num_steps=4,
      sweeps=_NUM_SWEEPS,
      base_size=208,
      coarse_size=208,
    )

  def test_what_is_overridden(self) -> None:
    lucid = presets.find_preset('lucid')
    (recipe,) = lucid.plan({}, {})
    self.assertEqual(lucid.image_size, (128, 128))
    self.assertEqual(recipe.num_steps, 512)
    default = presets.find_preset('default')
    (recipe,) = default.plan({}, {})
    self.assertEqual(default.image_size, (320, 320))
    self.assertEqual(recipe.num_steps, 200)
    self.assertEqual((recipe.base_size, recipe.coarse_size), (320, 160))
    self.assertEqual(recipe.coarse_share, 0.5)
    self.assertEqual((recipe.sweeps, recipe.detail), (8, 0.06))
    self.assertEqual(recipe.steady_share, 2 / 3)


if __name__ == '__main__':
  absltest.main()
