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

"""Tests of the presets of deepdream and McDonald, against their notebooks.

The reference is on a scale of 0 to 255 less the mean, as the notebooks are, and
takes the published numbers from here.
"""

import functools
from typing import Any, Callable, List, Optional, Sequence, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import scipy.ndimage

from magenta_viz.ascent import drawing
from magenta_viz.ascent import presets
from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.ascent.objectives import language as objective_language
from magenta_viz.ascent.objectives import objectives
from magenta_viz.testing import tiny_network

# From an octave and an image in [0, 1] to the gradient of the objective.
_Gradient = Callable[[int, np.ndarray], np.ndarray]
_Ends = Tuple[float, float]

_MEAN = np.array([123.0, 117.0, 104.0])
_SEEDS = (3, 4)
_GUIDE_LAYER = 'inception_3b/output'


def _photo(height: int, width: int, seed: int = 1) -> np.ndarray:
  """Makes a picture that is black here and white there, for clips to show."""
  noise = np.random.default_rng(seed).standard_normal((height, width, 3))
  noise = scipy.ndimage.gaussian_filter(noise, (2, 2, 0))
  return np.clip(0.5 + 0.3 * noise / noise.std(), 0, 1).astype(np.float32)


def _zoomed(image: np.ndarray, factors: Tuple[float, float]) -> np.ndarray:
  # The notebooks leave out the mode: at some sizes, as from 56 to 40, rounding
  # then takes scipy past the last pixel, and an edge of zeros is left.
  return scipy.ndimage.zoom(image, (*factors, 1), order=1, mode='nearest')


def _dream(
  picture: np.ndarray,
  gradient: _Gradient,
  generator: np.random.Generator,
  *,
  iter_n: int,
  octave_n: int,
  octave_scale: float,
  jitter: Tuple[int, int],
  step: _Ends,
  sigma: _Ends = (0, 0),
) -> np.ndarray:
  """Both notebooks, plainly; of `jitter` to `sigma` there are start and end.

  Args:
    picture: [height, width, 3] array, 0 to 255 less the mean.
    gradient: Of the objective.
    generator: Of the shifts.
    iter_n: Iterations an octave.
    octave_n: Number of octaves.
    octave_scale: Ratio of their sizes.
    jitter: Largest shift.
    step: Mean change of a value.
    sigma: Of the blur after each step.
  """
  bases = [picture]
  for _ in range(octave_n - 1):
    bases.append(_zoomed(bases[-1], (1 / octave_scale, 1 / octave_scale)))
  detail = np.zeros_like(bases[-1])
  for octave, base in enumerate(bases[::-1]):
    ratios = (new / old for new, old in zip(base.shape, detail.shape[:2]))
    x = base + _zoomed(detail, tuple(ratios))
    for i in range(iter_n):
      # Whole numbers are divided as Python 2 does it: downwards.
      reach = jitter[0] + (jitter[1] - jitter[0]) * i // iter_n
      step_size = step[0] + (step[1] - step[0]) * i / iter_n
      blur = sigma[0] + (sigma[1] - sigma[0]) * i / iter_n
      down, across = generator.integers(-reach, reach + 1, size=2)
      x = np.roll(np.roll(x, down, 0), across, 1)
      g = gradient(octave, (x + _MEAN) / 255) / 255
      x = x + step_size / np.abs(g).mean() * g
      x = np.roll(np.roll(x, -down, 0), -across, 1)
      x = np.clip(x, -_MEAN, 255 - _MEAN)
      for channel in range(3):
        x[..., channel] = scipy.ndimage.gaussian_filter(x[..., channel], blur)
    detail = x - base
  return (bases[0] + detail + _MEAN) / 255


def _noise(generator: np.random.Generator, *size: int) -> np.ndarray:
  """McDonald's start: the mean with noise of a deviation of 8."""
  return 8 * generator.standard_normal((*size, 3))


def _layer_gradient(layer: str, image: np.ndarray) -> np.ndarray:
  """Half the squared length of a layer: its gradient there is the layer."""
  on_layer = tiny_network.activations(image, layer)
  return tiny_network.layer_gradient(image, on_layer, layer)


def _class_gradient(
  class_id: int, octave: int, image: np.ndarray
) -> np.ndarray:
  del octave
  return tiny_network.class_gradient(image, class_id)


def _guide_features() -> np.ndarray:
  return tiny_network.activations(_photo(9, 7, seed=2), _GUIDE_LAYER)


def _guided_gradient(image: np.ndarray) -> np.ndarray:
  """The notebook's `objective_guide`, whose arrays have channels first."""
  net = tiny_network.activations(image, _GUIDE_LAYER)
  x = net.reshape(-1, net.shape[-1]).T
  y = _guide_features().reshape(-1, net.shape[-1]).T
  products = x.T @ y
  on_layer = y[:, products.argmax(1)].T.reshape(net.shape)
  return tiny_network.layer_gradient(image, on_layer, _GUIDE_LAYER)


def _objective(recipe: recipe_lib.Recipe) -> objectives.Objective:
  """Reads what a preset raises; the class of each picture where it is none."""
  if not recipe.objective.text:
    return objectives.ClassLogit(head=recipe.objective.head)
  return objective_language.parse(
    recipe.objective.text.replace('{guide}', 'photo.jpg'),
    ['a', 'b', 'c'],
    lambda path, layer: {('photo.jpg', _GUIDE_LAYER): _guide_features()}[
      path, layer
    ],
  )


def _draw(
  name: str,
  image_size: Tuple[int, int],
  photo: Optional[np.ndarray] = None,
  class_ids: Sequence[int] = (0, 0),
  **overrides: Any,
) -> np.ndarray:
  """Draws two pictures by a preset."""
  recipes = presets.find_preset(name).plan({}, overrides)
  drawn = drawing.Drawing(
    tiny_network.network,
    224,
    recipes,
    [_objective(each) for each in recipes],
    image_size,
  ).run(
    np.array(class_ids, np.int32),
    [np.random.default_rng(seed) for seed in _SEEDS],
    photo,
  )
  return drawn.images


class DreamsTest(parameterized.TestCase):
  def _check(
    self, images: np.ndarray, expected: List[np.ndarray], start: np.ndarray
  ) -> None:
    self.assertEqual(images.dtype, np.float32)
    np.testing.assert_allclose(images, expected, atol=1e-5, rtol=0)
    # All of this moves a picture far, and each by draws of its own.
    self.assertGreater(np.abs(images - start).mean(), 0.01)
    self.assertGreater(np.abs(images[0] - images[1]).mean(), 1e-3)

  @parameterized.named_parameters(
    (
      'layer',
      'deepdream',
      lambda _, image: _layer_gradient('inception_4c/output', image),
    ),
    ('guide', 'deepdream_guided', lambda _, image: _guided_gradient(image)),
  )
  def test_deepdream(self, name: str, gradient: _Gradient) -> None:
    photo = _photo(96, 110)
    images = _draw(name, (96, 110), photo)
    expected = [
      _dream(
        photo.astype(np.float64) * 255 - _MEAN,
        gradient,
        np.random.default_rng(seed),
        iter_n=10,
        octave_n=4,
        octave_scale=1.4,
        jitter=(32, 32),
        step=(1.5, 1.5),
      )
      for seed in _SEEDS
    ]
    self._check(images, expected, photo)
    self.assertGreater(np.mean(images == 0), 0.01)
    self.assertGreater(np.mean(images == 1), 0.01)

  # A photograph has edges of black and white, where it matters whether clip or
  # blur comes first.
  @parameterized.named_parameters(('noise', None), ('photo', _photo(36, 44)))
  def test_mcdonald_class(self, photo: Optional[np.ndarray]) -> None:
    class_ids = (tiny_network.STRONG, tiny_network.WEAK)
    images = _draw(
      'mcdonald_class', (36, 44), photo, class_ids=class_ids, num_steps=6
    )
    expected = []
    for seed, class_id in zip(_SEEDS, class_ids):
      generator = np.random.default_rng(seed)
      if photo is None:
        start = _noise(generator, 36, 44)
      else:
        start = photo.astype(np.float64) * 255 - _MEAN
      expected.append(
        _dream(
          start,
          functools.partial(_class_gradient, class_id),
          generator,
          iter_n=6,
          octave_n=1,
          octave_scale=1.0,
          jitter=(48, 4),
          step=(3, 1.5),
          sigma=(2.5, 0.1),
        )
      )
    self._check(images, expected, _MEAN / 255)

  def test_what_is_overridden(self) -> None:
    preset = presets.find_preset('mcdonald_class')
    (recipe,) = preset.plan({}, {})
    self.assertEqual(recipe.steps.num_steps, 256)
    self.assertEqual(preset.image_size, (224, 224))

  def test_mcdonald_layers(self) -> None:
    layers = [f'inception_{name}/output' for name in ('3b', '4c', '4d')]
    images = _draw('mcdonald_layers', (140, 152))
    expected = []
    for seed in _SEEDS:
      generator = np.random.default_rng(seed)
      expected.append(
        _dream(
          _noise(generator, 140, 152),
          lambda octave, image: _layer_gradient(layers[octave % 3], image),
          generator,
          iter_n=10,
          octave_n=9,
          octave_scale=1.2,
          jitter=(32, 16),
          step=(1.5, 1),
        )
      )
    self._check(images, expected, _MEAN / 255)


if __name__ == '__main__':
  absltest.main()
