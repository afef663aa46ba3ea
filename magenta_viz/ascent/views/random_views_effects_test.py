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

"""Tests for views that are mirrored, tinted and covered."""

import dataclasses

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.ascent.views import blur as blurring
from magenta_viz.ascent.views import covers
from magenta_viz.ascent.views import random_views as views
from magenta_viz.ascent.views import resampling
from magenta_viz.ascent.views import tints

_STILL = views.RandomViews(8, (1.0, 1.0), 0.0, 0.0, 0.0)
_MOVING = views.RandomViews(12, (0.6, 1.1), 15.0, 0.1, 0.05, 1.5)


def _images(*shape: int, seed: int = 0) -> np.ndarray:
  return np.random.default_rng(seed).random(shape, np.float32)


class MirrorTest(parameterized.TestCase):
  def test_is_exact(self) -> None:
    random_views = dataclasses.replace(_STILL, mirror=1.0)
    draws = random_views.draw(np.random.default_rng(0), 8, 8)
    images = _images(1, 8, 8, 3)
    seen = random_views.apply(
      tf.constant(images), *[tf.constant(each[None]) for each in draws]
    )
    np.testing.assert_array_equal(seen, images[:, :, ::-1])

  def test_is_what_the_view_would_be_left_for_right(self) -> None:
    # Turned, moved and of a long picture too.
    plain = views.RandomViews(16, (0.5, 1.2), 30.0, 0.1, 0.0)
    images = tf.constant(_images(2, 20, 30, 3))
    seen = []
    for mirror in (0.0, 1.0):
      random_views = dataclasses.replace(plain, mirror=mirror)
      draws = [
        random_views.draw(np.random.default_rng(seed), 20, 30)
        for seed in (1, 2)
      ]
      stacked = [np.stack(each) for each in zip(*draws)]
      seen.append(random_views.apply(images, *stacked))
    np.testing.assert_allclose(seen[1], seen[0][:, :, ::-1], atol=1e-5)

  @parameterized.parameters(0.0, 0.25, 1.0)
  def test_share(self, share: float) -> None:
    random_views = dataclasses.replace(_STILL, mirror=share)
    generator = np.random.default_rng(0)
    matrices = np.stack(
      [random_views.draw(generator, 8, 8)[0] for _ in range(2000)]
    )
    is_mirrored = np.linalg.det(matrices[:, :, :2]) < 0
    self.assertAlmostEqual(is_mirrored.mean(), share, delta=0.04)


class EffectsTest(parameterized.TestCase):
  def test_follow_the_finished_view(self) -> None:
    effects = (tints.Tint(0.1, 0.3, 0.2, 0.5), covers.Cover(0.4))
    random_views = dataclasses.replace(_MOVING, effects=effects)
    images = tf.constant(_images(2, 20, 30, 3))
    draws, alone = [], []
    for seed in (1, 2):
      draws.append(random_views.draw(np.random.default_rng(seed), 20, 30))
      # The same draws come first, and those of the effects after them.
      generator = np.random.default_rng(seed)
      alone.append(
        (
          *_MOVING.draw(generator, 20, 30),
          *(effect.draw(generator, 12, 12)[0] for effect in effects),
        )
      )
    stacked, (*places, lights, squares) = (
      [np.stack(each) for each in zip(*one)] for one in (draws, alone)
    )
    for found, each in zip(stacked, (*places, lights, squares)):
      np.testing.assert_array_equal(found, each)
      self.assertEqual(found.dtype, each.dtype)
    expected = _MOVING.apply(images, *places)
    expected = effects[0].apply(expected, tf.constant(lights))
    expected = effects[1].apply(expected, tf.constant(squares))
    np.testing.assert_array_equal(
      random_views.apply(images, *stacked), expected
    )


class NothingTest(absltest.TestCase):
  """At no strength all is as it was before there were any of these."""

  def test_draws(self) -> None:
    random_views = views.RandomViews(24, (0.6, 1.1), 15.0, 0.1, 0.05, 1.0)
    generator = np.random.default_rng(7)
    places = (
      [
        [0.74406850, 0.15702246, 14.1557770],
        [-0.15702246, 0.7440685, 8.400828],
      ],
      [
        [0.831995, -0.013969859, 8.712129592],
        [0.013969859, 0.831995, 16.628931],
      ],
    )
    seeds = ([1959843383, 11307154], [1026816910, 1083509134])
    blurs = (0.82122844, 0.55349737)
    sizes = ((30, 20), (20, 40))
    for size, place, seed, blur in zip(sizes, places, seeds, blurs):
      found_place, found_seed, found_blur = random_views.draw(generator, *size)
      np.testing.assert_allclose(found_place, place, rtol=1e-6)
      np.testing.assert_array_equal(found_seed, seed)
      np.testing.assert_allclose(found_blur, blur, rtol=1e-6)
    # Nor did anything else take of the generator's numbers.
    self.assertEqual(generator.integers(1_000_000), 509447)

  def test_values_and_graph(self) -> None:
    draws = _MOVING.draw(np.random.default_rng(0), 20, 30)
    stacked = [tf.constant(each[None]) for each in draws]

    def by_hand(
      images: tf.Tensor,
      matrices: tf.Tensor,
      seeds: tf.Tensor,
      deviations: tf.Tensor,
    ) -> tf.Tensor:
      seen = resampling.warp(images, matrices, (12, 12))
      reach = 0.05 * 3**0.5
      noise = [
        tf.random.stateless_uniform([12, 12, 3], seed, -reach, reach)
        for seed in tf.unstack(seeds)
      ]
      return blurring.blur(seen + tf.stack(noise), deviations)

    images = tf.constant(_images(1, 20, 30, 3))
    np.testing.assert_array_equal(
      _MOVING.apply(images, *stacked), by_hand(images, *stacked)
    )
    kinds = []
    for apply in (_MOVING.apply, by_hand):
      traced = tf.function(apply, autograph=False)
      graph = traced.get_concrete_function(images, *stacked).graph
      kinds.append([each.type for each in graph.get_operations()])
    self.assertEqual(*kinds)


if __name__ == '__main__':
  absltest.main()
