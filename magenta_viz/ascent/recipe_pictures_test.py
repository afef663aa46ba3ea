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

"""Tests for recipes that follow the pictures of a data set."""

from typing import Any

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.ascent import recipe_parts
from magenta_viz.ascent.parameterizations import fourier
from magenta_viz.models import picture_statistics

_GREY = picture_statistics.PictureStatistics(
  colour=(0.2, 0.2, 0.2),
  covariance=((6.0,) * 3, (6.0,) * 3, (6.0,) * 3),
  slope=-4.0,
)
_COLOURFUL = picture_statistics.PictureStatistics(
  colour=(0.5, 0.4, 0.6),
  covariance=((0.5, 0.0, 0.0), (0.0, 0.5, 0.0), (0.0, 0.0, 0.5)),
  slope=-3.0,
)


class RecipeOfPicturesTest(parameterized.TestCase):
  @parameterized.parameters(_GREY, _COLOURFUL)
  def test_waves_of_1_deviate_as_the_pictures_do(
    self, pictures: picture_statistics.PictureStatistics
  ) -> None:
    settings = recipe_lib.Recipe.of(pictures.recipe()).parameterization
    assert isinstance(settings, recipe_parts.Fourier)
    waves = fourier.Fourier(
      64,
      64,
      decay_power=settings.decay_power,
      contrast=settings.contrast,
      chroma=settings.chroma,
      initial_deviation=0.0,
    )
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (1, 64, 64, 3))
    signs[:, 0, 0] = 0
    images = np.float64(waves.to_images(np.float32(signs)))
    found = np.cov(np.log(images / (1 - images)).reshape(-1, 3).T)
    expected = np.array(pictures.covariance)
    # All waves of 32 cycles are there but a few.
    self.assertAlmostEqual(found.sum() / expected.sum(), 1, delta=0.03)
    self.assertAlmostEqual(np.trace(found) / np.trace(expected), 1, delta=0.03)

  @parameterized.parameters(
    ((0.0, 0.0, 0.0),), ((16.0, 0.0, -16.0),), ((-1.0, -1.0, -1.0),)
  )
  def test_any_record_makes_a_recipe(self, row: Any) -> None:
    for slope in (None, -100.0, 0.0, 100.0):
      record = {'covariance': [row] * 3, 'slope': slope, 'colour': [0, 1, 0.3]}
      self.assertTrue(picture_statistics.is_record(record))
      pictures = picture_statistics.from_record(record)
      assert pictures is not None
      recipe_lib.Recipe.of(pictures.recipe())
      self.assertEqual('decay_power' in pictures.recipe(), slope is not None)


if __name__ == '__main__':
  absltest.main()
