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

"""Tests of the preset magenta_2017, against the pull request that it is of.

The reference is on the pull request's scale, RGB of 0 to 255, and takes the
published numbers from here.
"""

import functools
import itertools
from typing import Any, Callable, List, Sequence, Tuple

from absl.testing import absltest
import numpy as np
import scipy.ndimage
import tensorflow as tf

from magenta_viz.ascent import drawing
from magenta_viz.ascent import presets
from magenta_viz.ascent.objectives import objectives
from magenta_viz.models import network_protocol
from magenta_viz.testing import tiny_network

# From a tile of 0 to 255 to the gradient of the objective.
_Gradient = Callable[[np.ndarray], np.ndarray]
_Size = Tuple[int, int]

_BACKGROUND = [10.0, 90.0, 140.0]
_KERNEL = np.array([1, 4, 6, 4, 1]) / 16
_SEEDS = (5, 6)
_CLASS_IDS = (tiny_network.STRONG, tiny_network.WEAK)


def _network(strength: float, images: tf.Tensor) -> network_protocol.Outputs:
  """Makes scores of such a strength that the penalty counts beside them."""
  outputs = tiny_network.network(images)
  return outputs._replace(logits=strength * outputs.logits)


def _tile_gradient(
  strength: float, class_id: int, tile: np.ndarray
) -> np.ndarray:
  """Returns the gradient of logit - 0.001 * mean(X^2)."""
  of_logit = strength * tiny_network.class_gradient(tile / 255, class_id) / 255
  return of_logit - 1e-3 * 2 * tile / tile.size


def _tiled_gradient(
  image: np.ndarray, gradient: _Gradient, size: int, stride: int
) -> np.ndarray:
  """Writes the gradient of each tile over those before; none at short ends."""
  result = np.zeros_like(image)
  for y in range(0, image.shape[0], stride):
    for x in range(0, image.shape[1], stride):
      tile = image[y : y + size, x : x + size]
      if tile.shape[:2] == (size, size):
        result[y : y + size, x : x + size] = gradient(tile)
  return result


def _shrinking(size: int) -> np.ndarray:
  """Returns the matrix that smooths a row and keeps every second value."""
  coarse = -(-size // 2)
  # TensorFlow's 'SAME' puts the odd one of the missing values at the end.
  first = -(((coarse - 1) * 2 + 5 - size) // 2)
  matrix = np.zeros([coarse, size])
  for row, tap in itertools.product(range(coarse), range(5)):
    column = first + 2 * row + tap
    if 0 <= column < size:
      matrix[row, column] = _KERNEL[tap]
  return matrix


def _normalized(gradient: np.ndarray) -> np.ndarray:
  """Divides 4 levels of a Laplacian pyramid, and the rest, by their RMS."""
  image = gradient.transpose(2, 0, 1)
  levels, matrices = [], []
  for _ in range(4):
    down, across = (_shrinking(side) for side in image.shape[1:])
    coarse = down @ image @ across.T
    levels.append(image - 4 * down.T @ coarse @ across)
    matrices.append((down, across))
    image = coarse
  levels.append(image)
  levels = [level / max(np.sqrt(np.mean(level**2)), 1e-7) for level in levels]
  image = levels.pop()
  for level, (down, across) in zip(levels[::-1], matrices[::-1]):
    image = 4 * down.T @ image @ across + level
  return image.transpose(1, 2, 0)


def _bilateral(image: np.ndarray, sigma: float) -> np.ndarray:
  """Filters as scikit-image's `denoise_bilateral` does, of window 5, 0 outside.

  Its table of colours is read at the distance over the number of channels.
  """
  low, high = image.min(), image.max()
  scaled = (image - low) / (high - low)
  height, width = scaled.shape[:2]
  padded = np.pad(scaled, ((2, 2), (2, 2), (0, 0)))
  total, weights = np.zeros_like(scaled), np.zeros([height, width, 1])
  for y in range(-2, 3):
    for x in range(-2, 3):
      other = padded[2 + y :, 2 + x :][:height, :width]
      colour = np.sqrt(np.sum((other - scaled) ** 2, -1, keepdims=True)) / 3
      weight = np.exp(-0.5 * (y**2 + x**2) / sigma**2)
      weight = weight * np.exp(-0.5 * (colour / sigma) ** 2)
      total += weight * other
      weights += weight
  return total / weights * (high - low) + low


def _reference(
  sizes: Sequence[_Size],
  num_steps: int,
  tile: int,
  gradient: _Gradient,
  seed: int,
) -> np.ndarray:
  """Draws one picture; `sizes` are those of the start and of each octave."""
  generator = np.random.default_rng(seed)
  image = 8 * generator.standard_normal((*sizes[0], 3)) + _BACKGROUND
  for height, width in sizes[1:]:
    factors = (height / image.shape[0], width / image.shape[1], 1)
    image = scipy.ndimage.zoom(image, factors, order=1, mode='nearest')
    for i in range(num_steps):
      sigma = 0.44 + (0.304 - 0.44) * i / num_steps
      down, across = generator.integers(-112, 113, size=2)
      rolled = np.roll(np.roll(image, down, 0), across, 1)
      g = _tiled_gradient(rolled, gradient, tile, tile // 2)
      g = np.roll(np.roll(g, -down, 0), -across, 1)
      image = image + 1.0 * _normalized(g)
      image = _bilateral(image, sigma)
  return (image - image.min()) / (image.max() - image.min())


class MagentaTest(absltest.TestCase):
  def _check(
    self,
    sizes: Sequence[_Size],
    tile: int,
    strength: float,
    num_steps: int,
    **overrides: Any,
  ) -> None:
    """Compares a batch of two, of two classes, with the reference."""
    recipes = presets.find_preset('magenta_2017').plan(
      {}, {'num_steps': num_steps, **overrides}
    )
    drawn = drawing.Drawing(
      functools.partial(_network, strength),
      224,
      recipes,
      [objectives.ClassLogit(head=each.head) for each in recipes],
      sizes[-1],
    ).run(
      np.array(_CLASS_IDS, np.int32),
      [np.random.default_rng(seed) for seed in _SEEDS],
    )
    expected: List[np.ndarray] = []
    for seed, class_id in zip(_SEEDS, _CLASS_IDS):
      gradient = functools.partial(_tile_gradient, strength, class_id)
      expected.append(_reference(sizes, num_steps, tile, gradient, seed))
    np.testing.assert_allclose(drawn.images, expected, atol=1e-5, rtol=0)

  def test_tiles_as_published(self) -> None:
    # Below and to the right of the tiles something is left over.
    sizes = [(171, 250), (240, 350)]
    self._check(sizes, tile=224, strength=0.2, num_steps=3, octaves=1)

  def test_octaves(self) -> None:
    sizes = [(26, 30), (36, 42), (51, 59), (71, 83), (100, 116)]
    filters = 'bilateral=0.44..0.304,0.44..0.304,5,constant'
    self._check(
      sizes,
      tile=32,
      strength=5.0,
      num_steps=2,
      transforms='roll=112 tiles=32,16',
      # The mean over the values of such a tile.
      regularizers=f'l2={1e-3 / (32 * 32 * 3):.6g},0 {filters}',
    )

  def test_what_is_overridden(self) -> None:
    preset = presets.find_preset('magenta_2017')
    recipes = preset.plan({}, {})
    steps = [recipe.num_steps for recipe in recipes]
    self.assertEqual(steps, [190, 150, 150, 10])
    self.assertEqual(preset.image_size, (858, 858))
    for recipe in recipes:
      self.assertEqual(recipe.transforms, 'roll=112 tiles=224,112')
      self.assertIn(
        'bilateral=0.44..0.304,0.44..0.304,5,constant', recipe.regularizers
      )


if __name__ == '__main__':
  absltest.main()
