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

"""Tests for drawing; `presets_*_test` compare whole presets with references."""

from typing import Any, Callable, List, Mapping, Optional, Sequence, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import scipy.ndimage
import tensorflow as tf

from magenta_viz.ascent import drawing
from magenta_viz.ascent import presets
from magenta_viz.ascent import random_crop
from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.ascent.objectives import features as feature_objectives
from magenta_viz.ascent.objectives import objectives
from magenta_viz.models import network_protocol
from magenta_viz.testing import drawn_presets
from magenta_viz.testing import tiny_network

_SIZE = (40, 48)
_CLASSES = (tiny_network.STRONG, tiny_network.WEAK)
_SEEDS = (7, 8)
# Steps that do not show.
_STILL: Mapping[str, Any] = {'learning_rate': 1e-9, 'initial_deviation': 0.0}
_PARAMETERIZATIONS = ('pixels', 'fourier', 'pyramid')
_COMPANY: Mapping[str, Mapping[str, Any]] = {
  'waves': {
    'noise': 0.05,
    'transforms': 'views',
    'coarse_share': 0.0,
    'octaves': 2,
    'facet': 5.0,
  },
  'crops': {
    'parameterization': 'pixels',
    'window': 'crop',
    'optimizer': 'mean_absolute',
    'learning_rate': 5.0,
    'initial_deviation': 8.0,
    'octaves': 2,
    'octave_scale': 1.2,
    'zoom_order': 3,
    'regularizers': 'clip bilateral=0.4,2 clip_contribution=20',
    'display': 'stretch',
  },
  'phases': {
    'parameterization': 'maco',
    'transforms': 'crops=3,0.5,0.05,0.1 noise=0.08',
    'facet': 5.0,
    'optimizer': 'nadam',
    'alpha_percentile': 80.0,
    'display': 'stretch',
    'display_percentile': 1.0,
  },
}


def _drawing(
  size: Tuple[int, int] = _SIZE,
  view_size: int = 32,
  network: Callable[
    [tf.Tensor], network_protocol.Outputs
  ] = tiny_network.network,
  steps: Sequence[int] = (),
  **settings: Any,
) -> drawing.Drawing:
  """Puts a drawing together.

  Args:
    size: Of the pictures.
    view_size: Of the network.
    network: What sees them.
    steps: Of each octave, where they differ.
    **settings: Of all octaves.
  """
  settings = {'transforms': '', 'steady_share': 1.0, 'num_steps': 2, **settings}
  recipes = [recipe_lib.Recipe.of(settings)] * settings.get('octaves', 1)
  if steps:
    recipes = [recipe_lib.Recipe.of(settings, {'num_steps': n}) for n in steps]
  raised: List[objectives.Objective] = [objectives.ClassLogit()] * len(recipes)
  return drawing.Drawing(network, view_size, recipes, raised, size)


def _run(
  drawn_by: drawing.Drawing,
  photo: Optional[np.ndarray] = None,
  on_step: Optional[drawing.OnStep] = None,
  pictures: Sequence[int] = (0, 1),
) -> drawing.Drawn:
  """Draws some of two pictures."""
  class_ids = np.array([_CLASSES[each] for each in pictures], np.int32)
  generators = [np.random.default_rng(_SEEDS[each]) for each in pictures]
  return drawn_by.run(class_ids, generators, photo, on_step)


def _photo(height: int = _SIZE[0], width: int = _SIZE[1]) -> np.ndarray:
  """Returns noise, of which every octave loses a part."""
  generator = np.random.default_rng(0)
  photo = generator.uniform(0.01, 0.99, (height, width, 3))
  return photo.astype(np.float32)


class StartTest(parameterized.TestCase):
  @parameterized.product(
    parameterization=_PARAMETERIZATIONS,
    start=(
      ('grey', (127.5, 127.5, 127.5)),
      ('mean', (123, 117, 104)),
      ('10,90,140', (10, 90, 140)),
      ('2.5, 2.5e2,90', (2.5, 250, 90)),
    ),
  )
  def test_colour(
    self, parameterization: str, start: Tuple[str, Sequence[float]]
  ) -> None:
    text, colour = start
    settings = {**_STILL, 'parameterization': parameterization}
    images = _run(_drawing(init=text, **settings)).images
    self.assertEqual(images.dtype, np.float32)
    expected = np.broadcast_to(np.array(colour) / 255, (2, *_SIZE, 3))
    np.testing.assert_allclose(images, expected, atol=1e-4)


class PhotoTest(parameterized.TestCase):
  @parameterized.parameters(
    ('pixels', 1), ('pixels', 2), ('fourier', 1), ('pyramid', 1), ('pyramid', 3)
  )
  def test_detail_of_nothing_leaves_it(
    self, parameterization: str, octaves: int
  ) -> None:
    drawn_by = _drawing(
      (49, 58),
      parameterization=parameterization,
      octaves=octaves,
      octave_scale=1.2,
      carry='detail',
      learning_rate=1e-9,
      # No noise is added.
      initial_deviation=20.0,
    )
    photo = _photo(49, 58)
    images = _run(drawn_by, photo).images
    np.testing.assert_allclose(images, [photo] * 2, atol=1e-4)

  @parameterized.parameters(1, 3)
  def test_picture_of_octaves_is_enlarged(self, zoom_order: int) -> None:
    drawn_by = _drawing(
      (61, 73),
      parameterization='pixels',
      zoom_order=zoom_order,
      octaves=2,
      octave_scale=1.2,
      start_scale=1.1,
      **_STILL,
    )
    expected = _photo(61, 73)
    for height, width in ((46, 55), (51, 61), (61, 73)):
      factors = (height / len(expected), width / expected.shape[1], 1)
      expected = scipy.ndimage.zoom(expected, factors, order=zoom_order)
    self.assertGreater(np.abs(expected - _photo(61, 73)).mean(), 0.01)
    images = _run(drawn_by, _photo(61, 73)).images
    np.testing.assert_allclose(images, np.clip([expected] * 2, 0, 1), atol=1e-4)

  @parameterized.parameters(
    {'side': 56, 'start_scale': 1.4, 'zoom_order': 1},
    {'side': 56, 'start_scale': 1.4, 'zoom_order': 3},
    {'side': 86, 'octave_scale': 1.4, 'octaves': 2},
  )
  def test_edges_stay(self, side: int, **scales: Any) -> None:
    # From 56 to 40 and from 61 to 86 rounding might leave a black edge.
    settings = {**_STILL, 'parameterization': 'pixels', **scales}
    drawn_by = _drawing((side, side), **settings)
    images = _run(drawn_by, np.ones([side, side, 3])).images
    self.assertGreater(images.min(), 0.999)

  def test_phases_cannot_start_from_it(self) -> None:
    with self.assertRaisesRegex(ValueError, 'picture to start from'):
      _run(_drawing(parameterization='maco'), _photo())


class StepsTest(parameterized.TestCase):
  @parameterized.parameters('picture', 'detail')
  def test_are_counted_over_all_octaves(self, carry: str) -> None:
    seen: List[Tuple[int, np.ndarray, np.ndarray]] = []

    settings: Any = {'octave_scale': 1.2, 'carry': carry, 'display': 'stretch'}
    drawn_by = _drawing((46, 55), steps=(3, 1, 2), **settings)
    self.assertEqual(drawn_by.num_steps, 6)
    found = _run(
      drawn_by,
      on_step=lambda index, scores, images: seen.append(
        (index, scores, images())
      ),
    )
    indices, scores, pictures = zip(*seen)
    self.assertEqual(indices, (0, 1, 2, 3, 4, 5))
    np.testing.assert_array_equal(scores, found.scores)
    self.assertEqual(found.scores.dtype, np.float32)
    sizes = [(32, 38)] * 3 + [(38, 46)] + [(46, 55)] * 2
    for images, size in zip(pictures, sizes):
      self.assertEqual(images.shape, (2, *size, 3))
      self.assertEqual(images.dtype, np.float32)
      # As they are shown.
      self.assertEqual((images.min(), images.max()), (0, 1))
    np.testing.assert_array_equal(pictures[-1], found.images)

  @parameterized.parameters(*_PARAMETERIZATIONS, 'maco')
  def test_scores_rise(self, parameterization: str) -> None:
    settings: Any = {'parameterization': parameterization}
    is_pixels = parameterization == 'pixels'
    settings['learning_rate'] = 2.0 if is_pixels else 0.02
    drawn = []
    for colours in ('plain', 'decorrelated'):
      images, scores, *_ = _run(_drawing(colours=colours, **settings))
      self.assertEqual(images.shape, (2, *_SIZE, 3))
      self.assertTrue(np.all((images >= 0) & (images <= 1)))
      np.testing.assert_array_less(scores[0], scores[1])
      exact = images.astype(np.float64)
      after = list(map(tiny_network.class_score, exact, _CLASSES))
      np.testing.assert_array_less(scores[1], after)
      drawn.append(images)
    self.assertEqual(np.allclose(drawn[0], drawn[1], atol=0.01), is_pixels)

  @parameterized.parameters(
    *('adam', 'nadam', 'plain', 'mean_absolute', 'root_mean_square'),
    *('progress', 'progress01'),
  )
  def test_every_optimizer(self, optimizer: str) -> None:
    found = _run(_drawing(optimizer=optimizer, num_steps=1), pictures=(0,))
    self.assertGreater(np.ptp(found.images), 0)

  @parameterized.parameters(*presets.PRESETS)
  def test_every_preset_fits_together(self, name: str) -> None:
    preset = presets.find_preset(name)
    recipes = preset.plan({}, {})
    raised = list(map(drawn_presets.class_logit, recipes))
    size = preset.image_size
    found = drawing.Drawing(tiny_network.network, 224, recipes, raised, size)
    self.assertEqual(
      found.num_steps, sum(each.steps.num_steps for each in recipes)
    )

  def test_views_of_a_crop_are_not_coarser_than_it(self) -> None:
    # The picture is larger than base_size, but not the crop.
    settings = {
      **_STILL,
      'parameterization': 'pixels',
      'window': 'crop',
      'optimizer': 'plain',
      'transforms': 'views',
      # Of a network of 64 pixels: 65.
      'base_size': 228,
      'coarse_share': 0.0,
      **dict.fromkeys(('min_span', 'max_span'), 1.0),
      **dict.fromkeys(('rotation', 'shift'), 0.0),
    }
    drawn_by = _drawing((130, 140), view_size=64, num_steps=1, **settings)
    found = _run(drawn_by, _photo(130, 140))
    window = random_crop.RandomCrop(64)
    photos = np.stack([_photo(130, 140)] * 2)
    generators = [np.random.default_rng(seed) for seed in _SEEDS]
    crops = window.cut(photos, window.sample(generators, photos))
    expected = list(
      map(tiny_network.class_score, crops.astype(np.float64), _CLASSES)
    )
    np.testing.assert_allclose(found.scores[0], expected, rtol=1e-3)

  @parameterized.parameters(
    ((31, 48), 1, 'it has 31 x 48, and needs 32; take one whose sides', 32),
    (
      (60, 37),
      2,
      'in octave 1 of 2 it has 50 x 31, and needs 32; take one whose sides',
      38,
    ),
    (
      (60, 50),
      4,
      'in octave 1 of 4 it has 35 x 29, and needs 32; take one whose sides',
      54,
    ),
  )
  def test_too_small(
    self, size: Tuple[int, int], octaves: int, fault: str, enough: int
  ) -> None:
    with self.assertRaisesRegex(
      ValueError,
      f'^a picture of {size[0]} x {size[1]} pixels is too small: {fault} have'
      f' {enough} or more',
    ):
      _drawing(size, octaves=octaves, octave_scale=1.2)
    larger = (max(size[0], enough), max(size[1], enough))
    _drawing(larger, octaves=octaves, octave_scale=1.2)


class RandomnessTest(parameterized.TestCase):
  @parameterized.parameters(*_COMPANY)
  def test_same_seeds_same_pictures(self, kind: str) -> None:
    drawn_by, again = (_drawing((45, 52), **_COMPANY[kind]) for _ in range(2))
    company = (1, 0, 1)
    together = _run(drawn_by, pictures=company)
    for other in (drawn_by, again):
      for array, same in zip(together[:3], _run(other, pictures=company)):
        np.testing.assert_array_equal(array, same)
    # Alone they are drawn by other sums, but to rounding.
    for index, picture in enumerate(company[:2]):
      alone = _run(drawn_by, pictures=(picture,))
      image, scores = together.images[index], together.scores[:, index]
      np.testing.assert_allclose(alone.images[0], image, atol=1e-3)
      np.testing.assert_allclose(alone.scores[:, 0], scores, 1e-3, 1e-3)


_CONTENT = feature_objectives.Content('conv', np.ones((3, 4, 5), np.float32))
_DIVERSITY = objectives.Diversity('conv')


class ViewsTest(parameterized.TestCase):
  """Objectives of whole pictures get whole pictures."""

  def _drawing(
    self,
    objective: objectives.Objective,
    transforms: str,
    size: Tuple[int, int] = _SIZE,
  ) -> drawing.Drawing:
    overrides = {'transforms': transforms, 'num_steps': 1}
    recipes = presets.find_preset('default').plan({}, overrides)
    return drawing.Drawing(tiny_network.network, 32, recipes, [objective], size)

  @parameterized.parameters(
    (_CONTENT, 'views'),
    (0.5 * _CONTENT + objectives.ClassLogit(0), 'views'),
    (_CONTENT, 'crops=3,0.5,0.05,0.1'),
    (_DIVERSITY, 'roll=8 tiles=32,16'),
    # What is larger is cut into tiles.
    (_DIVERSITY, 'roll=8', (1024, 1025)),
  )
  def test_parts(
    self,
    objective: objectives.Objective,
    transforms: str,
    size: Tuple[int, int] = _SIZE,
  ) -> None:
    with self.assertRaisesRegex(
      ValueError,
      f"^transforms '{transforms}' show parts of a picture of {size[0]} x"
      f' {size[1]} pixels, but content: and diversity: compare whole ones;',
    ):
      self._drawing(objective, transforms, size)

  @parameterized.parameters(
    (_CONTENT, 'roll=8 noise=0.1'),
    (_CONTENT, ''),
    (_DIVERSITY, 'views'),
    (objectives.Layer('conv'), 'crops=3,0.5,0.05,0.1'),
  )
  def test_whole_or_of_no_matter(
    self, objective: objectives.Objective, transforms: str
  ) -> None:
    self.assertEqual(self._drawing(objective, transforms).num_steps, 1)

  def test_large_pictures_are_not_compared(self) -> None:
    with self.assertRaisesRegex(
      ValueError,
      '^a picture of 47 x 50 pixels gets its detail by itself, but diversity:'
      ' compares pictures; take --image_size=46$',
    ):
      self._drawing(_DIVERSITY, 'views', (47, 50))
    found = self._drawing(objectives.Layer('conv'), 'views', (47, 50))
    self.assertEqual(found.num_steps, 1 + 8)


if __name__ == '__main__':
  absltest.main()
