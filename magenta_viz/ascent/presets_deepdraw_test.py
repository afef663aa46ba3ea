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

"""Tests for presets: deepdraw and tyka, against references in NumPy."""

import functools
from typing import Any, Callable, List, NamedTuple, Sequence, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import scipy.ndimage

from magenta_viz.ascent import drawing
from magenta_viz.ascent import presets
from magenta_viz.ascent.objectives import objectives
from magenta_viz.testing import tiny_network

_MEAN = np.array([123.0, 117.0, 104.0])
_SEEDS = (7, 8)
_CLASSES = (tiny_network.STRONG, tiny_network.WEAK)
# Of an octave; the last step is three quarters of the way.
_NUM_STEPS = 4

Size = Tuple[int, int]
# From a crop and the share of the octave that is done to the filtered crop.
Filter = Callable[[np.ndarray, float], np.ndarray]


def _between(ends: Tuple[float, float], share: float) -> float:
  return ends[0] + (ends[1] - ends[0]) * share


def _blur(
  sigmas: Tuple[float, float], x: np.ndarray, share: float
) -> np.ndarray:
  sigma = _between(sigmas, share)
  channels = [
    scipy.ndimage.gaussian_filter(x[..., channel], sigma)
    for channel in range(3)
  ]
  return np.stack(channels, axis=-1)


def _bilateral(
  colours: Tuple[float, float],
  spaces: Tuple[float, float],
  x: np.ndarray,
  share: float,
) -> np.ndarray:
  """Tyka's, pixel by pixel, on the picture scaled to [0, 1]."""
  x = x + _MEAN
  low, span = x.min(), x.max() - x.min()
  padded = np.pad((x - low) / span, ((2, 2), (2, 2), (0, 0)), 'symmetric')
  down, across = np.mgrid[-2:3, -2:3]
  near = (down**2 + across**2) / _between(spaces, share) ** 2
  result = np.empty_like(x)
  for row in range(len(x)):
    for column in range(x.shape[1]):
      around = padded[row : row + 5, column : column + 5]
      distance = np.sqrt(np.sum((around - around[2, 2]) ** 2, axis=2)) / 3
      like = (distance / _between(colours, share)) ** 2
      weight = np.exp(-(near + like) / 2)[..., None]
      result[row, column] = np.sum(weight * around, (0, 1)) / np.sum(weight)
  return result * span + low - _MEAN


class _Octave(NamedTuple):
  """A row of the originals' tables."""

  head: str
  zoom: float
  num_steps: int
  step_sizes: Tuple[float, float]
  filtered: Filter


_FIRST = _Octave(
  'logits', 1.0, 190, (11.0, 11.0), functools.partial(_blur, (2.5, 0.78))
)
_OCTAVES = {
  'deepdraw': (
    _FIRST,
    _Octave(
      'logits',
      1.2,
      150,
      (6.0, 6.0),
      functools.partial(_blur, (0.78 * 1.2, 0.78)),
    ),
    _Octave(
      'loss2/classifier',
      1.2,
      150,
      (6.0, 3.0),
      functools.partial(_blur, (0.78 * 1.2, 0.44)),
    ),
    _Octave(
      'loss1/classifier',
      1.0,
      10,
      (3.0, 3.0),
      functools.partial(_blur, (0.44, 0.304)),
    ),
  ),
  'deepdraw_coherent': (
    _FIRST,
    _Octave(
      'logits',
      1.2,
      450,
      (6.0, 3.0),
      functools.partial(_blur, (0.78 * 1.2, 0.4)),
    ),
  ),
  'tyka': (
    _FIRST._replace(
      filtered=functools.partial(_bilateral, (0.4, 0.1), (2.5, 0.8))
    ),
    _Octave(
      'logits',
      1.2,
      450,
      (6.0, 3.0),
      functools.partial(_bilateral, (0.1, 0.05), (1.2, 0.6)),
    ),
  ),
}


def _place(generator: np.random.Generator, room: int) -> int:
  if room == 0:
    return 0
  return int(np.clip(generator.normal(room / 2, 0.3 * room), 0, room))


def _reference(
  octaves: Sequence[_Octave], start: Size, size: int, class_id: int, seed: int
) -> List[np.ndarray]:
  """Deepdraw: the pictures after each step, in [0, 1].

  Args:
    octaves: What to do.
    start: Height and width of the first octave.
    size: Height and width of the network's input.
    class_id: What to raise.
    seed: Of the noise and the crops.
  """
  generator = np.random.default_rng(seed)
  x = 200 + 8 * generator.standard_normal((*start, 3)) - _MEAN
  after = []
  for octave in octaves:
    if octave.zoom != 1:
      x = scipy.ndimage.zoom(x, (octave.zoom, octave.zoom, 1))
    for index in range(_NUM_STEPS):
      share = index / _NUM_STEPS
      top = _place(generator, x.shape[0] - size)
      left = _place(generator, x.shape[1] - size)
      crop = x[top : top + size, left : left + size]
      gradient = tiny_network.class_gradient(
        (crop + _MEAN) / 255, class_id, octave.head
      )
      step_size = _between(octave.step_sizes, share)
      crop = crop + step_size / np.abs(gradient).mean() * gradient
      crop = np.clip(crop, -_MEAN, 255 - _MEAN)
      x[top : top + size, left : left + size] = octave.filtered(crop, share)
      after.append(np.clip((x + _MEAN) / 255, 0, 1))
  return after


def _draw(
  name: str, image_size: Size, view_size: int, **overrides: Any
) -> List[np.ndarray]:
  """Returns the batches after each step, and the result at the end."""
  preset = presets.find_preset(name)
  recipes = preset.plan({}, {'num_steps': _NUM_STEPS, **overrides})
  after: List[np.ndarray] = []
  found = drawing.Drawing(
    tiny_network.network,
    view_size,
    recipes,
    [objectives.ClassLogit(head=recipe.objective.head) for recipe in recipes],
    image_size,
  ).run(
    np.array(_CLASSES, np.int32),
    [np.random.default_rng(seed) for seed in _SEEDS],
    on_step=lambda index, scores, images: after.append(images()),
  )
  return [*after, found.images]


def _assert_equal(
  found: Sequence[np.ndarray], expected: Sequence[Sequence[np.ndarray]]
) -> None:
  for index, pictures in enumerate(expected):
    for batch, picture in zip(found, pictures):
      np.testing.assert_allclose(batch[index], picture, atol=1e-5)


class DeepdrawTest(parameterized.TestCase):
  # As the authors have it, the first octave is as large as the network's
  # input; then one with room on one side only; then one with room.
  @parameterized.product(
    name=sorted(_OCTAVES),
    start_and_view=(((36, 36), 36), ((40, 47), 40), ((41, 36), 33)),
  )
  def test_equals_the_notebook(
    self, name: str, start_and_view: Tuple[Size, int]
  ) -> None:
    start, view_size = start_and_view
    expected = [
      _reference(_OCTAVES[name], start, view_size, class_id, seed)
      for class_id, seed in zip(_CLASSES, _SEEDS)
    ]
    height, width, _ = expected[0][-1].shape
    found = _draw(name, (height, width), view_size)
    self.assertLen(found, len(expected[0]) + 1)
    _assert_equal(found, [[*each, each[-1]] for each in expected])

  @parameterized.parameters(
    ('deepdraw_coherent', {'regularizers': 'blur=2.5..0.78 clip'}),
    ('deepdraw_coherent', {'regularizers': 'clip blur=2.5..0.77'}),
    ('tyka', {'regularizers': 'bilateral=0.4..0.1,2.5..0.8,5,symmetric clip'}),
    ('tyka', {'regularizers': 'clip bilateral=0.4..0.1,2.5..0.8,5,edge'}),
  )
  def test_otherwise_does_not_equal(self, name: str, overrides: Any) -> None:
    # Of the first octave: an override holds in all.
    octave = _OCTAVES[name][0]
    expected = [
      _reference([octave], (36, 40), 36, class_id, seed)
      for class_id, seed in zip(_CLASSES, _SEEDS)
    ]
    found = _draw(name, (43, 48), 36)
    _assert_equal(found, expected)
    changed = _draw(name, (43, 48), 36, **overrides)
    with self.assertRaises(AssertionError):
      _assert_equal(changed, expected)

  @parameterized.parameters(*_OCTAVES)
  def test_published_numbers(self, name: str) -> None:
    preset = presets.find_preset(name)
    recipes = preset.plan({}, {})
    self.assertEqual(
      [recipe.steps.num_steps for recipe in recipes],
      [octave.num_steps for octave in _OCTAVES[name]],
    )
    # 224 pixels at first, the size of GoogLeNet's input.
    side = 224
    for octave in _OCTAVES[name]:
      side = round(octave.zoom * side)
    self.assertEqual(preset.image_size, (side, side))


if __name__ == '__main__':
  absltest.main()
