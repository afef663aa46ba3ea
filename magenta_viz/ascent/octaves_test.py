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

"""Tests for octaves."""

import dataclasses
from typing import Any, Dict, List, Sequence, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.ascent import octaves
from magenta_viz.ascent import presets
from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.ascent import recipe_parts
from magenta_viz.ascent.views import covers
from magenta_viz.ascent.views import crops_and_tiles
from magenta_viz.ascent.views import random_views
from magenta_viz.ascent.views import tints
from magenta_viz.ascent.views import transforms

_SETTINGS = {
  'num_steps': 8,
  'learning_rate': 0.4,
  'min_span': 0.6,
  'max_span': 1.2,
  'rotation': 10.0,
  'shift': 0.05,
  'noise': 0.1,
  'blur': 2.0,
  'coarse_share': 0.25,
  'coarse_size': 100,
  'base_size': 320,
}
_WHOLE = random_views.RandomViews(224, (0.6, 1.2), 10.0, 0.05, 0.1, blur=2.0)
_COARSE = dataclasses.replace(_WHOLE, size=100)


def _recipe(**settings: Any) -> recipe_lib.Recipe:
  return recipe_lib.Recipe.of(_SETTINGS, settings)


class PlanViewsTest(parameterized.TestCase):
  @parameterized.parameters((320, 320), (64, 400), (320, 640))
  def test_coarse_views_then_fine_ones(self, height: int, width: int) -> None:
    views = octaves.plan_views(_recipe(), (height, width), 224)
    self.assertEqual(views, [_COARSE] * 2 + [_WHOLE] * 6)

  @parameterized.parameters((0.0, 0), (0.3, 3), (1.0, 8))
  def test_share_of_coarse_views(self, share: float, num_coarse: int) -> None:
    recipe = _recipe(coarse_share=share)
    views = octaves.plan_views(recipe, (320, 320), 224)
    self.assertEqual(views.count(_COARSE), num_coarse)
    self.assertLen(views, 8)

  def test_sizes_are_for_networks_of_224_pixels(self) -> None:
    recipe = _recipe(coarse_size=160)
    coarse, *_, whole = octaves.plan_views(recipe, (160, 200), 112)
    expected = dataclasses.replace(_WHOLE, size=112, blur=1.0)
    self.assertEqual(whole, expected)
    self.assertEqual(coarse, dataclasses.replace(expected, size=80))
    # Smaller ones are not to be had of the networks.
    coarse, *_ = octaves.plan_views(recipe, (64, 64), 64)
    expected = dataclasses.replace(_WHOLE, size=64, blur=2.0 * 64 / 224)
    self.assertEqual(coarse, expected)


class EffectsTest(parameterized.TestCase):
  @parameterized.parameters(
    ({}, ()),
    ({'mirror_share': 0.5}, ()),
    ({'cover': 0.35}, (covers.Cover(0.35),)),
    ({'brightness_reach': 0.1}, (tints.Tint(brightness=0.1),)),
    ({'contrast_reach': 0.3}, (tints.Tint(contrast=0.3),)),
    ({'gain_reach': 0.15}, (tints.Tint(gains=0.15),)),
    ({'grey_share': 0.2}, (tints.Tint(grey=0.2),)),
    (
      {'cover': 0.35, 'contrast_reach': 0.3, 'grey_share': 0.2},
      (tints.Tint(contrast=0.3, grey=0.2), covers.Cover(0.35)),
    ),
  )
  def test_of_a_recipe(
    self,
    settings: Dict[str, Any],
    effects: Tuple[transforms.Stage, ...],
  ) -> None:
    recipe = _recipe(**settings)
    views = octaves.plan_views(recipe, (320, 320), 224)
    mirror = settings.get('mirror_share', 0.0)
    for each in views:
      assert isinstance(each, random_views.RandomViews)
      self.assertEqual(each.mirror, mirror)
      # What is not compared counts too.
      found = [(type(stage), vars(stage)) for stage in each.effects]
      self.assertEqual(found, [(type(e), vars(e)) for e in effects])
    self.assertLen(set(views), 2)
    # The tiles of an enlargement are shown as they are.
    tiles = octaves.tile_views(recipe, 224)
    self.assertEqual(tiles, dataclasses.replace(_WHOLE, mirror=mirror))


class PlanEnlargementTest(parameterized.TestCase):
  @parameterized.parameters(
    ((320, 900), [(320, 900)]),
    ((321, 321), [(320, 320), (321, 321)]),
    ((640, 800), [(320, 400), (640, 800)]),
    ((641, 641), [(320, 320), (453, 453), (641, 641)]),
    ((1280, 1280), [(320, 320), (640, 640), (1280, 1280)]),
  )
  def test_sizes(self, image_size: Tuple[int, int], sizes: List[Any]) -> None:
    self.assertEqual(
      octaves.plan_enlargement(_recipe(), image_size, 224), sizes
    )

  def test_sizes_are_for_networks_of_224_pixels(self) -> None:
    found = octaves.plan_enlargement(_recipe(), (320, 400), 112)
    self.assertEqual(found, [(160, 200), (320, 400)])
    self.assertEqual(
      octaves.base_side(recipe_parts.Enlargement(base_size=320), 112), 160
    )

  @parameterized.parameters(
    {'transforms': 'roll=8'},
    {'window': 'crop', 'parameterization': 'pixels', 'optimizer': 'plain'},
  )
  def test_what_has_parts_of_its_own_is_not_enlarged(
    self, **other: Any
  ) -> None:
    recipe = _recipe(**other)
    found = octaves.plan_enlargement(recipe, (4000, 4000), 224)
    self.assertEqual(found, [(4000, 4000)])

  def test_sweeps_go_less_far_each_time(self) -> None:
    some = recipe_parts.Enlargement(sweeps=4, detail=0.2)
    np.testing.assert_allclose(
      octaves.plan_sweeps(some), [0.2, 0.15, 0.1, 0.05]
    )
    self.assertEqual(
      octaves.plan_sweeps(recipe_parts.Enlargement(sweeps=0)), []
    )


class LargeViewsTest(parameterized.TestCase):
  @parameterized.parameters(
    ((1024, 1024), 0), ((1024, 1025), 1), ((400, 4000), 1)
  )
  def test_are_cut_into_tiles(
    self, image_size: Tuple[int, int], num_tiled: int
  ) -> None:
    recipe = presets.find_preset('deepdream').plan({}, {})[0]
    views = octaves.plan_views(recipe, image_size, 224)
    self.assertLen(views, 10)
    for each in views:
      assert isinstance(each, random_views.Chain)
      tiles = [
        stage
        for stage in each.stages
        if isinstance(stage, crops_and_tiles.Tiles)
      ]
      self.assertEqual(
        tiles, [crops_and_tiles.Tiles(512, 512, covers=True)] * num_tiled
      )

  def test_crops_are_none(self) -> None:
    recipe = presets.find_preset('maco').plan({}, {'num_steps': 1})[0]
    (views,) = octaves.plan_views(recipe, (4000, 4000), 224)
    assert isinstance(views, random_views.Chain)
    self.assertEqual(views.output_size(4000, 4000), (224, 224))


class PlanSizesTest(parameterized.TestCase):
  @parameterized.parameters(
    # As published for deepdraw, for magenta's pull request and, rounded by
    # scipy.ndimage.zoom, for deepdream.
    ('deepdraw', (323, 323), [224, 224, 269, 323, 323]),
    ('magenta_2017', (858, 858), [224, 313, 438, 613, 858]),
    ('deepdream', (480, 480), [175, 175, 245, 343, 480]),
    ('default', (320, 320), [320, 320]),
  )
  def test_published(
    self, preset: str, image_size: Tuple[int, int], sides: List[int]
  ) -> None:
    recipes = presets.find_preset(preset).plan({}, {})
    sizes = octaves.plan_sizes(recipes, image_size)
    self.assertEqual(sizes, [(side, side) for side in sides])

  def test_height_before_width(self) -> None:
    recipes = presets.find_preset('deepdream').plan({}, {'octaves': 2})
    sizes = octaves.plan_sizes(recipes, (280, 100))
    self.assertEqual(sizes, [(200, 71), (200, 71), (280, 100)])


class PlanLearningRatesTest(parameterized.TestCase):
  @parameterized.parameters(
    (0.5, [0.4] * 5 + [0.3, 0.2, 0.1]),
    (0.0, np.linspace(0.4, 0.05, 8)),
    (1.0, [0.4] * 8),
  )
  def test_steady_then_falling(
    self, steady_share: float, rates: Sequence[float]
  ) -> None:
    recipe = _recipe(steady_share=steady_share)
    np.testing.assert_allclose(octaves.plan_learning_rates(recipe), rates)

  def test_schedule(self) -> None:
    recipe = _recipe(steady_share=0.5, learning_rate='9.6..8')
    expected = [9.6, 9.4, 9.2, 9.0, 8.8, 8.6 * 0.75, 8.4 * 0.5, 8.2 * 0.25]
    np.testing.assert_allclose(octaves.plan_learning_rates(recipe), expected)

  def test_one_step(self) -> None:
    recipe = _recipe(num_steps=1)
    np.testing.assert_allclose(octaves.plan_learning_rates(recipe), [0.4])


if __name__ == '__main__':
  absltest.main()
