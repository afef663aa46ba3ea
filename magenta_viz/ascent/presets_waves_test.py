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

from typing import Any, Callable, Iterator, List, NamedTuple, Sequence, Tuple

from absl.testing import absltest
import numpy as np
import tensorflow as tf

from magenta_viz.ascent import drawing
from magenta_viz.ascent import objectives
from magenta_viz.ascent import presets
from magenta_viz.ascent import test_tiny_network as tiny
from magenta_viz.models import slim_network

_Map = Callable[[np.ndarray], np.ndarray]

_SEEDS = (7, 8)
_CLASS_IDS = (tiny.STRONG, tiny.WEAK)

# Largest deviation of `default`'s blur here, in pixels of a network of 224.
_BLUR = 1.5

# From brightness and two contrasts to RGB: lucid's numbers, as xplique's
# `recorrelate_colors` writes them out.
_COLOURS = np.array(
  [
    [0.56282854, 0.58447580, 0.58447580],
    [0.19482528, 0.00000000, -0.19482528],
    [0.04329450, -0.10823626, 0.06494176],
  ]
)


def _grain(height: int, width: int) -> np.ndarray:
  """Returns [height, width, 3] factors, different at each pixel."""
  factors = np.random.default_rng(9).uniform(-1, 1, (height, width, 3))
  return factors.astype(np.float32).astype(np.float64)


def _network(images: tf.Tensor) -> slim_network.Outputs:
  """Looks at images through a grain, for waves of all lengths to matter.

  Otherwise the gradient to short waves is so near to 0 that rounding gives it
  its sign, which is all that a first step of Adam looks at.
  """
  grain = tf.constant(_grain(*images.shape[1:3]), tf.float32)
  return tiny.network(images * grain)


def _class_gradient(view: np.ndarray, class_id: int) -> np.ndarray:
  grain = _grain(*view.shape[:2])
  return grain * tiny.class_gradient(grain * view, class_id)


def _waves(size: int) -> Tuple[np.ndarray, np.ndarray]:
  """Returns waves of a mean square of 1, as columns, and their cycles."""
  middles = (np.arange(size) + 0.5) / size
  waves, cycles = [np.ones(size)], [0]
  for k in range(1, size // 2 + 1):
    waves += [np.sin(2 * np.pi * k * middles), np.cos(2 * np.pi * k * middles)]
    cycles += [k, k]
  columns = [wave / np.sqrt(np.mean(wave**2)) for wave in waves[:size]]
  return np.stack(columns, axis=1), np.array(cycles[:size])


class _Canvas:
  """Pictures as sums of waves."""

  def __init__(self, height: int, width: int, decay: float, contrast: float):
    self._down, cycles_down = _waves(height)
    self._across, cycles_across = _waves(width)
    cycles = np.hypot(cycles_down[:, None], cycles_across)
    self._weights = contrast / np.maximum(cycles, 1)[..., None] ** decay

  def image(self, params: np.ndarray) -> np.ndarray:
    spectrum = self._weights * params[: len(self._down), : len(self._across)]
    canvas = np.einsum('yi,xj,ijc->yxc', self._down, self._across, spectrum)
    return 1 / (1 + np.exp(-canvas @ _COLOURS))

  def gradient(self, params: np.ndarray, on_image: np.ndarray) -> np.ndarray:
    """Returns the gradient to parameters; that of waves left out is 0."""
    image = self.image(params)
    on_canvas = (on_image * image * (1 - image)) @ _COLOURS.T
    result = np.zeros_like(params)
    result[: len(self._down), : len(self._across)] = self._weights * np.einsum(
      'yi,xj,yxc->ijc', self._down, self._across, on_canvas, optimize=True
    )
    return result


class _Stage(NamedTuple):
  """What is done to a picture, and its transpose."""

  apply: _Map
  transpose: _Map


def _pad(margin: int, value: float) -> _Stage:
  inner = np.s_[margin:-margin, margin:-margin]
  margins = ((margin, margin), (margin, margin), (0, 0))
  return _Stage(
    lambda image: np.pad(image, margins, constant_values=value),
    lambda gradient: gradient[inner],
  )


def _shift(
  generator: np.random.Generator, size: Tuple[int, int], reach: int
) -> _Stage:
  """Leaves out `reach` rows and columns of a picture of `size`."""
  top, left = generator.integers(0, reach + 1, size=2)
  height, width = size
  margins = ((top, reach - top), (left, reach - left), (0, 0))
  return _Stage(
    lambda image: image[
      top : top + height - reach, left : left + width - reach
    ],
    lambda gradient: np.pad(gradient, margins),
  )


def _hats(places: np.ndarray, size: int) -> np.ndarray:
  """Returns the weight of each pixel at places on a mirrored axis."""
  pixels = np.arange(size)
  mirrored = np.stack([pixels, -1 - pixels, 2 * size - 1 - pixels])
  distances = np.abs(places[:, None, None] - mirrored)
  return np.maximum(1 - distances, 0).sum(axis=1)


def _sample(
  turn: Sequence[Sequence[float]],
  middle: Sequence[float],
  size: Tuple[int, int],
  new_size: Tuple[int, int],
) -> _Stage:
  """Looks up a picture, bilinearly, at middle + turn @ (y, x from middle)."""
  y, x = (each.ravel() for each in np.indices(new_size))
  offsets = np.stack([y - (new_size[0] - 1) / 2, x - (new_size[1] - 1) / 2])
  places = np.array(turn) @ offsets + np.reshape(middle, [2, 1])
  rows, columns = _hats(places[0], size[0]), _hats(places[1], size[1])

  def apply(image: np.ndarray) -> np.ndarray:
    lines = np.tensordot(rows, image, 1)
    return np.einsum('nx,nxc->nc', columns, lines).reshape(*new_size, 3)

  def transpose(gradient: np.ndarray) -> np.ndarray:
    lines = np.einsum('nx,nc->nxc', columns, gradient.reshape(-1, 3))
    return np.tensordot(rows.T, lines, 1)

  return _Stage(apply, transpose)


def _adam(
  params: np.ndarray, gradients: Iterator[Tuple[float, _Map]]
) -> np.ndarray:
  """Climbs by algorithm 1 of Kingma and Ba, with the paper's constants."""
  m, v = np.zeros_like(params), np.zeros_like(params)
  for t, (rate, gradient) in enumerate(gradients, start=1):
    g = gradient(params)
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g**2
    m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
    params = params + rate * m_hat / (np.sqrt(v_hat) + 1e-8)
  return params


def _gradient(canvas: _Canvas, stages: Sequence[_Stage], class_id: int) -> _Map:
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
  canvas = _Canvas(height, width, decay=1.0, contrast=0.354)

  def steps() -> Iterator[Tuple[float, _Map]]:
    for _ in range(num_steps):
      size = (height + 24, width + 24)
      stages = [_pad(12, 0.5)]
      stages.append(_shift(generator, size, 8))
      size = (size[0] - 8, size[1] - 8)
      middle = ((size[0] - 1) / 2, (size[1] - 1) / 2)
      step = 1 / generator.uniform(0.9, 1.1)
      stages.append(_sample([[step, 0], [0, step]], middle, size, size))
      angle = np.deg2rad(generator.uniform(-10, 10))
      sine, cosine = np.sin(angle), np.cos(angle)
      turn = [[cosine, sine], [-sine, cosine]]
      stages.append(_sample(turn, middle, size, size))
      stages.append(_shift(generator, size, 4))
      yield 0.05, _gradient(canvas, stages, _CLASS_IDS[index])

  params = _adam(_start(generator, height, width), steps())
  return canvas.image(params)


def _view(
  generator: np.random.Generator,
  size: Tuple[int, int],
  view_size: int,
  spans: Tuple[float, float],
  reach: float,
) -> List[_Stage]:
  """Draws a view as `default` has them: zoomed, turned, moved and blurred."""
  span = generator.uniform(*spans)
  angle = np.deg2rad(generator.uniform(-15, 15))
  shifts = generator.uniform(-reach, reach, size=2)
  # A long picture is looked at all along.
  along = generator.uniform(-1, 1, size=2)
  generator.integers(np.iinfo(np.int32).max, size=2)  # For noise, of which 0.
  sides = np.array(size)
  middle = (sides - 1) / 2 + shifts * sides + along * (sides - min(size)) / 2
  step = span * min(size) / view_size
  sine, cosine = step * np.sin(angle), step * np.cos(angle)
  turn = [[cosine, sine], [-sine, cosine]]
  sample = _sample(turn, middle, size, (view_size, view_size))
  return [sample, _blur(view_size, generator.uniform(0, _BLUR * 70 / 224))]


def _blur(size: int, deviation: float) -> _Stage:
  """Blurs a square; what would be outside of it does not count."""
  distances = np.subtract.outer(np.arange(size), np.arange(size))
  weights = np.exp(-((distances / deviation) ** 2) / 2)
  weights /= weights.sum(axis=1, keepdims=True)
  return _Stage(
    lambda image: np.einsum('yi,xj,ijc->yxc', weights, weights, image),
    lambda gradient: np.einsum('yi,xj,yxc->ijc', weights, weights, gradient),
  )


def _default(index: int) -> np.ndarray:
  """Draws one picture of a batch, 72 x 80, begun at 65 x 72, by `default`."""
  generator = np.random.default_rng(_SEEDS[index])
  whole, small = (72, 80), (65, 72)
  share = 65 / 72
  canvas = _Canvas(*whole, decay=1.2, contrast=0.7)
  smaller = _Canvas(*small, decay=1.2, contrast=0.7)
  spans = (0.64, 1.17)
  close_spans = (0.64 * share, 1.17 * share)
  close_reach = (1 - sum(close_spans) / 2) / 2

  def steps() -> Iterator[Tuple[float, _Map]]:
    # Half of them coarse; from 0.6 on every other one close; from 2 / 3 on the
    # rate falls to 0.
    for view_size, is_close, share_of_rate in (
      (65, False, 1),
      (65, False, 1),
      (70, False, 1),
      (70, True, 0.75),
    ):
      seen, size = (canvas, whole) if is_close else (smaller, small)
      sight = (close_spans, close_reach) if is_close else (spans, 0.06)
      stages = _view(generator, size, view_size, *sight)
      rate = 0.045 * share_of_rate
      yield rate, _gradient(seen, stages, _CLASS_IDS[index])

  params = _adam(_start(generator, *whole), steps())
  return canvas.image(params)


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
    self.assertEqual((recipe.coarse_share, recipe.close_share), (0.5, 0.6))
    self.assertEqual(recipe.steady_share, 2 / 3)


if __name__ == '__main__':
  absltest.main()
