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

"""Tests for random_views."""

import dataclasses
from typing import Any, List, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.ascent.views import blur
from magenta_viz.ascent.views import covers
from magenta_viz.ascent.views import crops_and_tiles
from magenta_viz.ascent.views import random_views as views
from magenta_viz.ascent.views import resampling
from magenta_viz.ascent.views import tints
from magenta_viz.ascent.views import transforms
from magenta_viz.settings import schedules
from magenta_viz.testing import pictures


def _views(
  size: int = 8,
  span: Tuple[float, float] = (1.0, 1.0),
  rotation: float = 0.0,
  shift: float = 0.0,
  noise: float = 0.0,
  blur: float = 0.0,
) -> views.RandomViews:
  return views.RandomViews(size, span, rotation, shift, noise, blur=blur)


_STILL = views.RandomViews(8, (1.0, 1.0), 0.0, 0.0, 0.0)
_MOVING = views.RandomViews(12, (0.6, 1.1), 15.0, 0.1, 0.05, 1.5)


class DrawTest(parameterized.TestCase):
  def test_zero_strength_shows_the_very_picture(self) -> None:
    images = pictures.random_images(1, 8, 8, 3)
    view = pictures.seen(_STILL, images, *pictures.sampled(_STILL, 8, 8))
    np.testing.assert_array_equal(view, images)

  def test_noise(self) -> None:
    still = dataclasses.replace(_STILL, size=40, noise=0.2)
    images = np.full([3, 40, 40, 3], 0.5, np.float32)
    samples = pictures.sampled(still, 40, 40, num=3)
    noise = pictures.seen(still, images, *samples) - 0.5
    self.assertAlmostEqual(noise.mean(), 0, delta=0.01)
    self.assertAlmostEqual(noise.std(), 0.2, delta=0.01)
    correlations = np.corrcoef(noise.reshape(3, -1)) - np.eye(3)
    self.assertLess(np.abs(correlations).max(), 0.1)

  @parameterized.parameters(2, 5, 16, 31)
  def test_whole_view_ends_at_the_edges(self, size: int) -> None:
    matrix, _, _ = _views(size).sample(np.random.default_rng(0), 20, 20)
    # The outer edges of the view's first and of its last pixel.
    corners = np.array([[-size / 2] * 2 + [1], [size / 2] * 2 + [1]])
    np.testing.assert_allclose(
      corners @ matrix.T, [[-0.5, -0.5], [19.5, 19.5]], atol=1e-5
    )

  @parameterized.parameters((30, 20), (20, 30), (20, 20))
  def test_draws_stay_in_their_ranges(self, height: int, width: int) -> None:
    random_views = _views(10, span=(0.5, 1.5), rotation=30, shift=0.1, blur=1.5)
    found, seeds, deviations = pictures.sampled(
      random_views, height, width, num=2000
    )
    self.assertLen(np.unique(seeds, axis=0), 2000)
    self.assertEqual(found.dtype, np.float32)
    matrices = found.astype(np.float64)

    # A turn and an even zoom.
    np.testing.assert_allclose(matrices[:, 0, 0], matrices[:, 1, 1])
    np.testing.assert_allclose(matrices[:, 0, 1], -matrices[:, 1, 0])
    span = np.hypot(matrices[:, 0, 0], matrices[:, 0, 1]) * 10 / 20
    self._assert_fills(span, 0.5, 1.5)
    angle = np.arctan2(matrices[:, 0, 1], matrices[:, 0, 0])
    self._assert_fills(np.rad2deg(angle), -30, 30)
    # To either side: the shift, and half of what the longer side has more.
    for axis, side in enumerate((height, width)):
      reach = 0.1 * side + (side - 20) / 2
      offset = matrices[:, axis, 2] - (side - 1) / 2
      self._assert_fills(offset, -reach, reach)
    self.assertEqual(deviations.dtype, np.float32)
    self._assert_fills(deviations, 0, 1.5)

  def _assert_fills(self, values: np.ndarray, low: float, high: float) -> None:
    """Checks that values stay in a range and come near both of its ends."""
    slack = 0.1 * (high - low)
    self.assertBetween(values.min(), low - 1e-5, low + slack)
    self.assertBetween(values.max(), high - slack, high + 1e-5)


class MirrorTest(parameterized.TestCase):
  def test_is_what_the_view_would_be_left_for_right(self) -> None:
    # Turned, moved and of a long picture too.
    plain = views.RandomViews(16, (0.5, 1.2), 30.0, 0.1, 0.0)
    image = pictures.random_images(1, 20, 30, 3)
    seen = []
    for mirror in (0.0, 1.0):
      random_views = dataclasses.replace(plain, mirror=mirror)
      samples = pictures.sampled(random_views, 20, 30)
      seen.append(pictures.seen(random_views, image, *samples))
    np.testing.assert_allclose(seen[1], seen[0][:, :, ::-1], atol=1e-5)

  @parameterized.parameters(0.0, 0.25, 1.0)
  def test_share(self, share: float) -> None:
    random_views = dataclasses.replace(_STILL, mirror=share)
    matrices, *_ = pictures.sampled(random_views, 8, 8, num=2000)
    is_mirrored = np.linalg.det(matrices[:, :, :2]) < 0
    self.assertAlmostEqual(is_mirrored.mean(), share, delta=0.04)


class EffectsTest(parameterized.TestCase):
  def test_follow_the_finished_view(self) -> None:
    effects = (tints.Tint(0.1, 0.3, 0.2, 0.5), covers.Cover(0.4))
    random_views = dataclasses.replace(_MOVING, effects=effects)
    images = tf.constant(pictures.random_images(2, 20, 30, 3))
    samples, alone = [], []
    for seed in (1, 2):
      samples.append(random_views.sample(np.random.default_rng(seed), 20, 30))
      # The same samples come first, and those of the effects after them.
      generator = np.random.default_rng(seed)
      alone.append(
        (
          *_MOVING.sample(generator, 20, 30),
          *(effect.sample(generator, 12, 12)[0] for effect in effects),
        )
      )
    stacked, (*places, lights, squares) = (
      [np.stack(each) for each in zip(*one)] for one in (samples, alone)
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


class BytesTest(absltest.TestCase):
  """Pictures are as those of older versions."""

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
    for size, place, seed, each in zip(sizes, places, seeds, blurs):
      found_place, found_seed, found_blur = random_views.sample(
        generator, *size
      )
      np.testing.assert_allclose(found_place, place, rtol=1e-6)
      np.testing.assert_array_equal(found_seed, seed)
      np.testing.assert_allclose(found_blur, each, rtol=1e-6)
    # Nor did anything else take of the generator's numbers.
    self.assertEqual(generator.integers(1_000_000), 509447)

  def test_values_and_graph(self) -> None:
    samples = pictures.sampled(_MOVING, 20, 30, num=2)
    stacked = [tf.constant(each) for each in samples]

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
      return blur.blur(seen + tf.stack(noise), deviations)

    images = tf.constant(pictures.random_images(2, 20, 30, 3))
    np.testing.assert_array_equal(
      _MOVING.apply(images, *stacked), by_hand(images, *stacked)
    )
    kinds = []
    for apply in (_MOVING.apply, by_hand):
      traced = tf.function(apply, autograph=False)
      graph = traced.get_concrete_function(images, *stacked).graph
      kinds.append([each.type for each in graph.get_operations()])
    self.assertEqual(*kinds)


# One of each kind, in an order that mixes them.
_STAGES = (
  transforms.Pad(2),
  transforms.Shift(3),
  transforms.Rotate(20.0),
  transforms.Noise(0.1, 0.2),
  crops_and_tiles.Crops(3, 7, 0.6, 0.1, 0.2),
  transforms.Zoom(0.8, 1.3),
  crops_and_tiles.Tiles(4, 3),
  transforms.Flip(),
  transforms.Roll(2),
  tints.Tint(0.1, 0.3, 0.2, 0.5),
  covers.Cover(0.5),
)


# Strengths that change at each step.
_CHANGING = (
  transforms.Roll(schedules.Linear(1, 5)),
  transforms.Zoom(schedules.Linear(0.9, 0.5), schedules.Linear(1.1, 2)),
  transforms.Rotate(schedules.Linear(1, 50)),
  transforms.Flip(schedules.Linear(0, 1)),
  transforms.Noise(schedules.Linear(0, 1), schedules.Linear(1, 0)),
  crops_and_tiles.Crops(
    2,
    5,
    schedules.Linear(0.5, 1),
    schedules.Linear(0, 0.2),
    schedules.Linear(0, 0.1),
  ),
  tints.Tint(*(schedules.Linear(0, each) for each in (1, 0.8, 0.6, 0.4))),
  covers.Cover(schedules.Linear(0, 0.9)),
)


def _at(stage: Any, step: schedules.Step) -> transforms.Stage:
  """Returns a stage of the strengths that another has at a step."""
  return dataclasses.replace(
    stage,
    **{
      name: schedules.value(setting, step)
      for name, setting in vars(stage).items()
      if isinstance(setting, schedules.Linear)
    },
  )


def _drawn(
  chain: views.Chain, seeds: Any, height: int, width: int
) -> List[np.ndarray]:
  """Returns what is sampled for pictures, stacked as in an ascent."""
  samples = [
    chain.sample(np.random.default_rng(seed), height, width) for seed in seeds
  ]
  return [np.stack(each) for each in zip(*samples)]


class ChainTest(parameterized.TestCase):
  def test_stages_follow_one_another(self) -> None:
    images = pictures.random_images(2, 9, 12, 3)
    chain = views.Chain(_STAGES)
    found = chain.apply(tf.constant(images), *_drawn(chain, (1, 2), 9, 12))
    # By hand: one picture after the other, the samples stage by stage.
    expected = []
    for image, seed in zip(images, (1, 2)):
      generator = np.random.default_rng(seed)
      seen = tf.constant(image[None])
      for stage in _STAGES:
        samples = stage.sample(generator, *seen.shape[1:3])
        self.assertLen(samples, stage.num_samples)
        size = stage.output_size(*seen.shape[1:3])
        seen = stage.apply(seen, *(each[None] for each in samples))
        self.assertEqual(tuple(seen.shape[1:3]), size)
      expected.append(seen)
    self.assertEqual(found.shape, [2 * 3 * 4, 4, 4, 3])
    np.testing.assert_array_equal(found, tf.concat(expected, axis=0))

  def test_graph_agrees_and_knows_its_shape(self) -> None:
    chain = views.Chain(_STAGES)
    images = tf.constant(pictures.random_images(2, 9, 12, 3))
    samples = _drawn(chain, (1, 2), 9, 12)

    @tf.function(autograph=False)
    def apply(images: tf.Tensor, *samples: tf.Tensor) -> tf.Tensor:
      seen = chain.apply(images, *samples)
      # What comes after a chain counts views before there are any.
      self.assertEqual(seen.shape, [24, 4, 4, 3])
      return seen

    np.testing.assert_allclose(
      apply(images, *samples), chain.apply(images, *samples), atol=1e-5
    )

  def test_a_schedule_costs_no_trace(self) -> None:
    chain = views.Chain(_CHANGING)
    images = tf.constant(pictures.random_images(2, 6, 8, 3))
    traced = []

    @tf.function(autograph=False)
    def apply(
      images: tf.Tensor, chain: views.Chain, *samples: tf.Tensor
    ) -> tf.Tensor:
      traced.append(chain)
      return chain.apply(images, *samples)

    for index in range(4):
      step = schedules.Step(index, 5)
      samples = pictures.sampled(chain, 6, 8, num=2, step=step)
      # As if the strengths of this step were those of all.
      steady = views.Chain(tuple(_at(stage, step) for stage in _CHANGING))
      for each, other in zip(samples, pictures.sampled(steady, 6, 8, num=2)):
        np.testing.assert_array_equal(each, other)
      np.testing.assert_allclose(
        apply(images, chain, *samples),
        steady.apply(images, *samples),
        atol=1e-5,
      )
    self.assertLen(traced, 1)

  @parameterized.parameters(*_STAGES)
  def test_what_a_trace_reads_is_compared(
    self, stage: transforms.Stage
  ) -> None:
    settings: Any = dataclasses.fields(stage)  # type: ignore[arg-type]
    self.assertTrue(all(each.compare for each in settings), settings)

  @parameterized.parameters(
    # The tiles see what is left of 9 x 12 pixels.
    (
      (transforms.Shift(3), crops_and_tiles.Tiles(7, 3)),
      r'7 x 7 .* 6 x 9; take smaller',
    ),
    (
      (crops_and_tiles.Tiles(6, 3), transforms.Shift(6)),
      r'by 6 .* 6 x 6; take a smaller',
    ),
    ((transforms.Shift(9),), r'by 9 .* 9 x 12'),
  )
  def test_picture_too_small(self, stages: Any, message: str) -> None:
    with self.assertRaisesRegex(ValueError, message):
      views.Chain(stages).sample(np.random.default_rng(0), 9, 12)


if __name__ == '__main__':
  absltest.main()
