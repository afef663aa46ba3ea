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

"""Tests of the presets of pixels in octaves, against their methods.

The references take the published numbers from here. They are on the methods'
own scale: RGB of 0 to 255, less the mean but for magenta's.
"""

import functools
from typing import (
  Any,
  Callable,
  Dict,
  List,
  NamedTuple,
  Sequence,
  Tuple,
)

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import scipy.ndimage
import tensorflow as tf

from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.ascent.objectives import language as objective_language
from magenta_viz.ascent.objectives import objectives
from magenta_viz.models import network_protocol
from magenta_viz.testing import drawn_presets
from magenta_viz.testing import reference_ascent as reference
from magenta_viz.testing import tiny_network

_GUIDE_LAYER = 'inception_3b/output'
_BLOCKS = {'deepdream': ['4c'], 'mcdonald_layers': ['3b', '4c', '4d']}

# From an octave and an x to the gradient of the objective.
_Gradient = Callable[[int, np.ndarray], np.ndarray]


def _dream(
  x: np.ndarray,
  gradient: _Gradient,
  generator: np.random.Generator,
  *,
  iter_n: int,
  octave_n: int = 1,
  octave_scale: float = 1.0,
  jitter: Tuple[int, int],
  step: reference.Ends = (1.5, 1.5),
  sigma: reference.Ends = (0, 0),
) -> np.ndarray:
  """Deepdream and McDonald's: of `jitter` to `sigma` there are two ends.

  Args:
    x: To start from.
    gradient: Of the objective.
    generator: Of the shifts.
    iter_n: Iterations an octave.
    octave_n: Number of octaves.
    octave_scale: Ratio of their sizes.
    jitter: Largest shift.
    step: Mean change of a value.
    sigma: Of the blur after each step.
  """
  bases = [x]
  for _ in range(octave_n - 1):
    bases.append(reference.zoomed(bases[-1], *[1 / octave_scale] * 2))
  detail = np.zeros_like(bases[-1])
  for octave, base in enumerate(bases[::-1]):
    ratios = np.divide(base.shape[:2], detail.shape[:2])
    x = base + reference.zoomed(detail, *ratios)
    for i in range(iter_n):
      # Whole numbers are divided as Python 2 does it: downwards.
      reach = jitter[0] + (jitter[1] - jitter[0]) * i // iter_n
      shift = generator.integers(-reach, reach + 1, size=2)
      x = np.roll(x, shift, (0, 1))
      size = reference.between(step, i / iter_n)
      x = reference.mean_step(x, gradient(octave, x), size)
      x = reference.clipped(np.roll(x, -shift, (0, 1)))
      x = reference.blurred(x, reference.between(sigma, i / iter_n))
    detail = x - base
  return reference.to_image(bases[0] + detail)


def _gradient(
  name: str, class_id: int, octave: int, x: np.ndarray
) -> np.ndarray:
  """Returns the gradient of what a preset raises in an octave."""
  if name == 'mcdonald_class':
    return reference.class_gradient(x, class_id)
  image = reference.to_image(x)
  if name == 'deepdream_guided':
    return _guided_gradient(image)
  # Half the squared length of a layer: its gradient there is the layer.
  layer = f'inception_{_BLOCKS[name][octave % len(_BLOCKS[name])]}/output'
  on_layer = tiny_network.activations(image, layer)
  return tiny_network.layer_gradient(image, on_layer, layer)


def _guide_features() -> np.ndarray:
  return tiny_network.activations(reference.photo(9, 7, seed=2), _GUIDE_LAYER)


def _guided_gradient(image: np.ndarray) -> np.ndarray:
  """The notebook's `objective_guide`, whose arrays have channels first."""
  net = tiny_network.activations(image, _GUIDE_LAYER)
  features = net.reshape(-1, net.shape[-1]).T
  guide = _guide_features().reshape(-1, net.shape[-1]).T
  products = features.T @ guide
  on_layer = guide[:, products.argmax(1)].T.reshape(net.shape)
  return tiny_network.layer_gradient(image, on_layer, _GUIDE_LAYER)


def _dreamt(recipe: recipe_lib.Recipe) -> objectives.Objective:
  """Reads what a dream raises; the class of each picture where it is none."""
  if not recipe.objective.text:
    return drawn_presets.class_logit(recipe)
  features = {('photo.jpg', _GUIDE_LAYER): _guide_features()}
  return objective_language.parse(
    recipe.objective.text.replace('{guide}', 'photo.jpg'),
    ['a', 'b', 'c'],
    lambda path, layer: features[path, layer],
  )


class DreamsTest(parameterized.TestCase):
  @parameterized.parameters(
    (
      *('deepdream', (96, 110), True),
      {'octave_n': 4, 'octave_scale': 1.4, 'jitter': (32, 32)},
    ),
    (
      *('deepdream_guided', (96, 110), True),
      {'octave_n': 4, 'octave_scale': 1.4, 'jitter': (32, 32)},
    ),
    # A photograph has edges of black and white, where it matters whether clip
    # or blur comes first.
    *(
      (
        *('mcdonald_class', (36, 44), has_photo),
        {'jitter': (48, 4), 'step': (3, 1.5), 'sigma': (2.5, 0.1)},
      )
      for has_photo in (True, False)
    ),
    (
      *('mcdonald_layers', (140, 152), False),
      {
        'octave_n': 9,
        'octave_scale': 1.2,
        'jitter': (32, 16),
        'step': (1.5, 1),
      },
    ),
  )
  def test_equals_the_notebook(
    self,
    name: str,
    size: reference.Size,
    has_photo: bool,
    published: Dict[str, Any],
  ) -> None:
    photo = reference.photo(*size) if has_photo else None
    # As published, but for McDonald's classes.
    overrides: Dict[str, Any] = {}
    if name == 'mcdonald_class':
      overrides = {'num_steps': 6}
    found = drawn_presets.draw(
      name, size, photo=photo, raised=_dreamt, **overrides
    )
    expected = []
    for seed, class_id in zip(drawn_presets.SEEDS, drawn_presets.CLASSES):
      generator = np.random.default_rng(seed)
      if photo is None:
        start = reference.noise(generator, size, 8)
      else:
        start = reference.of_photo(photo)
      gradient = functools.partial(_gradient, name, class_id)
      iter_n = overrides.get('num_steps', 10)
      image = _dream(start, gradient, generator, iter_n=iter_n, **published)
      expected.append(drawn_presets.Expected(image))
    found.assert_equal(expected)
    # All of this moves a picture far, and each by draws of its own.
    images = found.drawn.images
    start = reference.MEAN / 255 if photo is None else photo
    self.assertGreater(np.abs(images - start).mean(), 0.01)
    self.assertGreater(np.abs(images[0] - images[1]).mean(), 1e-3)


# From a crop and the share of the octave that is done to the filtered crop.
_Filter = Callable[[np.ndarray, float], np.ndarray]


def _blur(start: float, end: float) -> _Filter:
  return lambda x, share: reference.blurred(
    x, reference.between((start, end), share)
  )


def _bilateral(colours: reference.Ends, spaces: reference.Ends) -> _Filter:
  def filtered(x: np.ndarray, share: float) -> np.ndarray:
    colour = reference.between(colours, share)
    space = reference.between(spaces, share)
    image = reference.bilateral(x + reference.MEAN, colour, space, 'symmetric')
    return image - reference.MEAN

  return filtered


class _Octave(NamedTuple):
  """A row of deepdraw's tables, without the steps."""

  head: str
  zoom: float
  step_sizes: reference.Ends
  filtered: _Filter


_FIRST = _Octave('logits', 1.0, (11, 11), _blur(2.5, 0.78))
_OCTAVES = {
  'deepdraw': (
    _FIRST,
    _Octave('logits', 1.2, (6, 6), _blur(0.78 * 1.2, 0.78)),
    _Octave('loss2/classifier', 1.2, (6, 3), _blur(0.78 * 1.2, 0.44)),
    _Octave('loss1/classifier', 1.0, (3, 3), _blur(0.44, 0.304)),
  ),
  'deepdraw_coherent': (
    _FIRST,
    _Octave('logits', 1.2, (6, 3), _blur(0.78 * 1.2, 0.4)),
  ),
  'tyka': (
    _FIRST._replace(filtered=_bilateral((0.4, 0.1), (2.5, 0.8))),
    _Octave('logits', 1.2, (6, 3), _bilateral((0.1, 0.05), (1.2, 0.6))),
  ),
}


def _place(generator: np.random.Generator, room: int) -> int:
  if room == 0:
    return 0
  return int(np.clip(generator.normal(room / 2, 0.3 * room), 0, room))


def _deepdraw(
  octaves: Sequence[_Octave], start: reference.Size, size: int
) -> List[drawn_presets.Expected]:
  """Deepdraw's pictures; `size` is that of the network's input."""
  expected = []
  for seed, class_id in zip(drawn_presets.SEEDS, drawn_presets.CLASSES):
    generator = np.random.default_rng(seed)
    x = 200 + reference.noise(generator, start, 8) - reference.MEAN
    after, scores = [], []
    for octave in octaves:
      if octave.zoom != 1:
        x = scipy.ndimage.zoom(x, (octave.zoom, octave.zoom, 1))
      for share in (0, 0.25, 0.5, 0.75):
        top, left = (_place(generator, side - size) for side in x.shape[:2])
        place = np.s_[top : top + size, left : left + size]
        image = reference.to_image(x[place])
        scores.append(tiny_network.class_score(image, class_id, octave.head))
        gradient = reference.class_gradient(x[place], class_id, octave.head)
        step_size = reference.between(octave.step_sizes, share)
        crop = reference.mean_step(x[place], gradient, step_size)
        x[place] = octave.filtered(reference.clipped(crop), share)
        after.append(np.clip(reference.to_image(x), 0, 1))
    expected.append(drawn_presets.Expected(after[-1], after, scores))
  return expected


class DeepdrawTest(parameterized.TestCase):
  # As the authors have it, the first octave is as large as the network's
  # input; then one with room on one side only; then one with room.
  @parameterized.product(
    name=sorted(_OCTAVES),
    start_and_view=(((36, 36), 36), ((40, 47), 40), ((41, 36), 33)),
  )
  def test_equals_the_notebook(
    self, name: str, start_and_view: Tuple[reference.Size, int]
  ) -> None:
    expected = _deepdraw(_OCTAVES[name], *start_and_view)
    size = expected[0].result.shape[:2]
    view_size = start_and_view[1]
    found = drawn_presets.draw(name, size, view_size, num_steps=4)
    found.assert_equal(expected)
    self.assertLen(found.after, len(expected[0].after))

  @parameterized.parameters(
    ('deepdraw_coherent', {'regularizers': 'blur=2.5..0.78 clip'}),
    ('deepdraw_coherent', {'regularizers': 'clip blur=2.5..0.77'}),
    ('tyka', {'regularizers': 'bilateral=0.4..0.1,2.5..0.8,5,symmetric clip'}),
    ('tyka', {'regularizers': 'clip bilateral=0.4..0.1,2.5..0.8,5,edge'}),
  )
  def test_otherwise_does_not_equal(self, name: str, overrides: Any) -> None:
    # Of the first octave: an override holds in all.
    expected = _deepdraw(_OCTAVES[name][:1], (36, 36), 36)
    found = drawn_presets.draw(name, (43, 43), 36, num_steps=4, **overrides)
    differences = [
      np.abs(images[index] - picture).max()
      for index, each in enumerate(expected)
      for images, picture in zip(found.after, each.after)
    ]
    self.assertGreater(max(differences), 1e-5)


def _tile_gradient(
  strength: float, class_id: int, tile: np.ndarray
) -> np.ndarray:
  """Returns the gradient of logit - 0.001 * mean(X^2)."""
  of_logit = strength * tiny_network.class_gradient(tile / 255, class_id) / 255
  return of_logit - 1e-3 * 2 * tile / tile.size


_BACKGROUND = np.array([10.0, 90.0, 140.0])


def _magenta(
  sizes: Sequence[reference.Size],
  num_steps: int,
  side: int,
  gradient: reference.Map,
  seed: int,
) -> np.ndarray:
  """Draws one picture; `sizes` are those of the start and of each octave."""
  generator = np.random.default_rng(seed)
  image = reference.noise(generator, sizes[0], 8) + _BACKGROUND
  for size in sizes[1:]:
    image = reference.zoomed(image, *np.divide(size, image.shape[:2]))
    for i in range(num_steps):
      shift = generator.integers(-112, 113, size=2)
      rolled = np.roll(image, shift, (0, 1))
      g = np.zeros_like(image)
      # Each tile over those before; none at short ends.
      for y in range(0, size[0] - side + 1, side // 2):
        for x in range(0, size[1] - side + 1, side // 2):
          place = np.s_[y : y + side, x : x + side]
          g[place] = gradient(rolled[place])
      g = np.roll(g, -shift, (0, 1))
      image = image + 1.0 * reference.laplacian_normalized(g, 4)
      sigma = reference.between((0.44, 0.304), i / num_steps)
      image = reference.bilateral(image, sigma, sigma, 'constant')
  return (image - image.min()) / np.ptp(image)


class MagentaTest(parameterized.TestCase):
  @parameterized.parameters(
    # Below and to the right of the tiles something is left over.
    ([(171, 250), (240, 350)], 224, 0.2, {'num_steps': 3, 'octaves': 1}),
    (
      [(26, 30), (36, 42), (51, 59), (71, 83), (100, 116)],
      32,
      5.0,
      {
        'num_steps': 2,
        'transforms': 'roll=112 tiles=32,16',
        # The mean over the values of such a tile.
        'regularizers': f'l2={1e-3 / (32 * 32 * 3):.6g},0'
        ' bilateral=0.44..0.304,0.44..0.304,5,constant',
      },
    ),
  )
  def test_equals_the_pull_request(
    self,
    sizes: Sequence[reference.Size],
    side: int,
    strength: float,
    overrides: Dict[str, Any],
  ) -> None:
    def network(images: tf.Tensor) -> network_protocol.Outputs:
      # Scores of such a strength that the penalty counts beside them.
      outputs = tiny_network.network(images)
      return outputs._replace(logits=strength * outputs.logits)

    found = drawn_presets.draw(
      'magenta_2017', sizes[-1], network=network, **overrides
    )
    expected = []
    for seed, class_id in zip(drawn_presets.SEEDS, drawn_presets.CLASSES):
      gradient = functools.partial(_tile_gradient, strength, class_id)
      picture = _magenta(sizes, overrides['num_steps'], side, gradient, seed)
      expected.append(drawn_presets.Expected(picture))
    found.assert_equal(expected)


if __name__ == '__main__':
  absltest.main()
