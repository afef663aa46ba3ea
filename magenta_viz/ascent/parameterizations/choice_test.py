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

"""Tests for choice: what pictures start from."""

from typing import Any, List

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.ascent import drawing
from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.ascent.objectives import objectives
from magenta_viz.ascent.parameterizations import choice
from magenta_viz.testing import tiny_network

_CLOUDS = recipe_lib.Recipe.of({'init': 'clouds', 'num_steps': 1})


def _clouds(seed: int, height: int = 40, width: int = 40) -> np.ndarray:
  start = choice.start_image(
    _CLOUDS, (height, width), np.random.default_rng(seed)
  )
  assert start is not None
  return start


class CloudsTest(parameterized.TestCase):
  def test_come_from_the_generator(self) -> None:
    first, again, other = (_clouds(seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    self.assertGreater(np.abs(first - other).mean(), 0.05)

  @parameterized.parameters((40, 40), (33, 64))
  def test_are_soft(self, height: int, width: int) -> None:
    clouds = _clouds(3, height, width)
    self.assertEqual(clouds.shape, (height, width, 3))
    power = np.abs(np.fft.fft2(np.log(clouds / (1 - clouds)), axes=(0, 1))) ** 2
    cycles = [np.abs(np.fft.fftfreq(side)) * side for side in (height, width)]
    longer = np.maximum(cycles[0][:, None], cycles[1]) < 4.5
    np.testing.assert_allclose(power[~longer] / power.sum(), 0, atol=1e-8)
    self.assertGreater(power[longer].min(), 0)

  def test_contrast(self) -> None:
    many = np.stack([_clouds(seed) for seed in range(200)])
    logits = np.log(many / (1 - many))
    # Brightness is 0.577 of a logit in the mean of the colours.
    brightness = logits.mean(axis=-1) / 0.577
    self.assertAlmostEqual(brightness.std(), 1.2, delta=0.1)
    self.assertAlmostEqual(brightness.mean(), 0, delta=0.1)
    self.assertGreater(np.ptp(logits, axis=-1).mean(), 0.1)

  @parameterized.parameters('fourier', 'pixels', 'pyramid')
  def test_each_picture_has_its_own(self, parameterization: str) -> None:
    def draw(seeds: List[int]) -> np.ndarray:
      recipe = recipe_lib.Recipe.of(
        {
          'init': 'clouds',
          'num_steps': 1,
          'learning_rate': 0.0,
          'initial_deviation': 0.0,
          'parameterization': parameterization,
        }
      )
      return (
        drawing.Drawing(
          tiny_network.network,
          64,
          [recipe],
          [objectives.ClassLogit()],
          (48, 40),
        )
        .run(
          np.zeros([len(seeds)], np.int32),
          [np.random.default_rng(seed) for seed in seeds],
        )
        .images
      )

    both = draw([5, 6])
    for image, seed in zip(both, (5, 6)):
      np.testing.assert_allclose(image, _clouds(seed, 48, 40), atol=1e-4)
      np.testing.assert_allclose(draw([seed])[0], image, atol=1e-5)


class TintTest(absltest.TestCase):
  def test_is_one_soft_colour(self) -> None:
    recipe = recipe_lib.Recipe.of({'init': 'tint'})
    starts: List[Any] = [
      choice.start_image(recipe, (48, 40), np.random.default_rng(seed))
      for seed in range(200)
    ]
    many = np.stack(starts)
    self.assertEqual(many.shape, (200, 48, 40, 3))
    np.testing.assert_allclose(np.ptp(many, axis=(1, 2)), 0, atol=1e-5)
    logits = np.log(many / (1 - many))[:, 0, 0]
    self.assertAlmostEqual(logits.mean(axis=-1).std() / 0.577, 1.07, delta=0.1)
    self.assertAlmostEqual(logits.mean(), 0, delta=0.1)
    self.assertGreater(np.ptp(logits, axis=-1).mean(), 0.1)


class StartImageTest(absltest.TestCase):
  def test_colours_draw_nothing(self) -> None:
    generator = np.random.default_rng(0)
    before = generator.bit_generator.state
    for init in ('grey', 'mean', '10,20,30'):
      choice.start_image(
        recipe_lib.Recipe.of({'init': init}), (40, 40), generator
      )
    self.assertEqual(generator.bit_generator.state, before)


if __name__ == '__main__':
  absltest.main()
