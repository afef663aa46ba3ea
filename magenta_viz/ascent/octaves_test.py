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
from typing import Sequence

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.ascent import octaves
from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.ascent import transforms

_RECIPE = recipe_lib.Recipe(
  num_steps=8,
  learning_rate=0.4,
  min_span=0.6,
  max_span=1.2,
  rotation=10.0,
  shift=0.05,
  noise=0.1,
  coarse_share=0.25,
  coarse_size=100,
  base_size=320,
  close_share=0.5,
)
_WHOLE = transforms.RandomViews(224, (0.6, 1.2), 10.0, 0.05, 0.1)
_COARSE = dataclasses.replace(_WHOLE, size=100)


class PlanViewsTest(parameterized.TestCase):
  @parameterized.parameters((320, 320), (64, 400), (320, 640))
  def test_coarse_views_then_fine_ones(self, height: int, width: int) -> None:
    views = octaves.plan_views(_RECIPE, (height, width), 224)
    self.assertEqual(views, [_COARSE] * 2 + [_WHOLE] * 6)

  @parameterized.parameters((0.0, 0), (0.3, 3), (1.0, 8))
  def test_share_of_coarse_views(self, share: float, num_coarse: int) -> None:
    recipe = dataclasses.replace(_RECIPE, coarse_share=share)
    views = octaves.plan_views(recipe, (320, 320), 224)
    self.assertEqual(views.count(_COARSE), num_coarse)
    self.assertLen(views, 8)

  def test_large_pictures_are_begun_small_and_seen_closely(self) -> None:
    views = octaves.plan_views(_RECIPE, (640, 800), 224)
    self.assertEqual(
      [each.canvas_size(640, 800) for each in views],
      [(320, 400)] * 5 + [(640, 800), (320, 400), (640, 800)],
    )
    self.assertEqual([each.size for each in views], [100] * 2 + [224] * 6)
    small = dataclasses.replace(_WHOLE, resolution=0.5)
    self.assertEqual(views[2:5], [small] * 3)
    close = views[5]
    self.assertEqual(views[7], close)
    # As many pixels a view as in the small picture.
    np.testing.assert_allclose(close.span, (0.3, 0.6))
    self.assertEqual(close.rotation, 10.0)
    self.assertEqual(close.noise, 0.1)

  def test_close_views_see_every_part(self) -> None:
    close = octaves.plan_views(_RECIPE, (640, 640), 224)[-1]
    generator = np.random.default_rng(0)
    seen = np.zeros([640, 640], bool)
    for _ in range(300):
      matrix, _ = close.draw(generator, 640, 640)
      top, left = (matrix @ [-112, -112, 1]).astype(int)
      bottom, right = (matrix @ [112, 112, 1]).astype(int)
      seen[max(top, 0) : bottom, max(left, 0) : right] = True
    self.assertGreater(seen.mean(), 0.99)


class PlanLearningRatesTest(parameterized.TestCase):
  @parameterized.parameters(
    (0.5, [0.4] * 5 + [0.3, 0.2, 0.1]),
    (0.0, np.linspace(0.4, 0.05, 8)),
    (1.0, [0.4] * 8),
  )
  def test_steady_then_falling(
    self, steady_share: float, rates: Sequence[float]
  ) -> None:
    recipe = dataclasses.replace(_RECIPE, steady_share=steady_share)
    np.testing.assert_allclose(octaves.plan_learning_rates(recipe), rates)

  def test_one_step(self) -> None:
    recipe = dataclasses.replace(_RECIPE, num_steps=1)
    np.testing.assert_allclose(octaves.plan_learning_rates(recipe), [0.4])


if __name__ == '__main__':
  absltest.main()
