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

"""Tests for views."""

import dataclasses
from typing import Any, List, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.ascent.views import blur as blurring
from magenta_viz.ascent.views import covers
from magenta_viz.ascent.views import crops_and_tiles
from magenta_viz.ascent.views import random_views as views
from magenta_viz.ascent.views import tints
from magenta_viz.ascent.views import transforms


def _views(
  size: int = 8,
  span: Tuple[float, float] = (1.0, 1.0),
  rotation: float = 0.0,
  shift: float = 0.0,
  noise: float = 0.0,
  blur: float = 0.0,
) -> views.RandomViews:
  return views.RandomViews(size, span, rotation, shift, noise, blur=blur)


def _images(*shape: int, seed: int = 0) -> np.ndarray:
  return np.random.default_rng(seed).random(shape, np.float32)


class DrawTest(parameterized.TestCase):
  def test_zero_strength_shows_the_very_picture(self) -> None:
    random_views = _views(size=8)
    draws = random_views.draw(np.random.default_rng(0), 8, 8)
    images = _images(1, 8, 8, 3)
    view = random_views.apply(
      tf.constant(images), *[tf.constant(each[None]) for each in draws]
    )
    np.testing.assert_array_equal(view, images)

  @parameterized.parameters(2, 5, 16, 31)
  def test_whole_view_ends_at_the_edges(self, size: int) -> None:
    matrix, _, _ = _views(size).draw(np.random.default_rng(0), 20, 20)
    # The outer edges of the view's first and of its last pixel.
    corners = np.array([[-size / 2] * 2 + [1], [size / 2] * 2 + [1]])
    np.testing.assert_allclose(
      corners @ matrix.T, [[-0.5, -0.5], [19.5, 19.5]], atol=1e-5
    )

  @parameterized.parameters((30, 20), (20, 30), (20, 20))
  def test_draws_stay_in_their_ranges(self, height: int, width: int) -> None:
    random_views = _views(10, span=(0.5, 1.5), rotation=30, shift=0.1, blur=1.5)
    generator = np.random.default_rng(0)
    draws = [random_views.draw(generator, height, width) for _ in range(2000)]
    matrices = np.stack([matrix for matrix, _, _ in draws]).astype(np.float64)
    self.assertEqual(draws[0][0].dtype, np.float32)

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
    deviations = np.stack([deviation for *_, deviation in draws])
    self.assertEqual(deviations.dtype, np.float32)
    self._assert_fills(deviations, 0, 1.5)

  def _assert_fills(self, values: np.ndarray, low: float, high: float) -> None:
    """Checks that values stay in a range and come near both of its ends."""
    slack = 0.1 * (high - low)
    self.assertBetween(values.min(), low - 1e-5, low + slack)
    self.assertBetween(values.max(), high - slack, high + 1e-5)

  def test_draws_come_from_the_generator_alone(self) -> None:
    random_views = _views(
      10, span=(0.5, 1.5), rotation=30, shift=0.1, noise=0.1, blur=1.0
    )
    draws = [
      random_views.draw(np.random.default_rng(seed), 30, 20)
      for seed in (1, 1, 2)
    ]
    for first, second, third in zip(*draws):
      np.testing.assert_array_equal(first, second)
      self.assertFalse(np.array_equal(first, third))


class BlurTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.images = _images(2, 12, 12, 3)
    self.random_views = _views(12, blur=2.0)
    generator = np.random.default_rng(0)
    draws = [self.random_views.draw(generator, 12, 12) for _ in range(2)]
    self.draws = [np.stack(each) for each in zip(*draws)]

  def test_each_view_as_drawn(self) -> None:
    seen = self.random_views.apply(tf.constant(self.images), *self.draws)
    expected = blurring.blur(self.images, self.draws[-1])
    np.testing.assert_allclose(seen, expected, atol=1e-6)
    self.assertGreater(abs(seen - self.images).numpy().mean(), 0.1)

  def test_noise_is_blurred_too(self) -> None:
    noisy = dataclasses.replace(self.random_views, noise=0.3)
    sharp = dataclasses.replace(noisy, blur=0.0)
    seen, unblurred = (
      each.apply(tf.constant(self.images), *self.draws)
      for each in (noisy, sharp)
    )
    expected = blurring.blur(unblurred, self.draws[-1])
    np.testing.assert_allclose(seen, expected, atol=1e-6)


class NoiseTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.images = tf.fill([3, 40, 30, 3], 0.5)
    self.matrices = tf.constant([[[0.5, 0, 19.5], [0, 0.5, 14.5]]] * 3)

  def _noise(self, deviation: float, seeds: Any) -> np.ndarray:
    random_views = _views(40, noise=deviation)
    seeds = tf.constant(seeds, tf.int32)
    views_seen = random_views.apply(
      self.images, self.matrices, seeds, tf.zeros([3])
    )
    return views_seen.numpy() - 0.5

  def test_deviation(self) -> None:
    noise = self._noise(0.2, [[1, 2], [3, 4], [5, 6]])
    self.assertAlmostEqual(noise.mean(), 0, delta=0.01)
    self.assertAlmostEqual(noise.std(), 0.2, delta=0.01)

  def test_each_view_has_its_own(self) -> None:
    noise = self._noise(0.2, [[1, 2], [3, 4], [1, 2]])
    np.testing.assert_array_equal(noise[0], noise[2])
    self.assertLess(abs(np.corrcoef(noise[0].flat, noise[1].flat)[0, 1]), 0.1)

  def test_drawn_seeds_differ(self) -> None:
    generator = np.random.default_rng(0)
    seeds = {tuple(_views().draw(generator, 8, 8)[1]) for _ in range(100)}
    self.assertLen(seeds, 100)

  def test_none(self) -> None:
    noise = self._noise(0.0, [[1, 2], [3, 4], [5, 6]])
    np.testing.assert_array_equal(noise, np.zeros_like(noise))


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


def _drawn(chain: views.Chain, seeds: Any, *size: int) -> List[np.ndarray]:
  """Returns what is drawn for pictures, stacked as in an ascent."""
  draws = [chain.draw(np.random.default_rng(seed), *size) for seed in seeds]
  return [np.stack(each) for each in zip(*draws)]


class ChainTest(parameterized.TestCase):
  def test_empty_is_the_identity(self) -> None:
    images = tf.constant(_images(2, 5, 7, 3))
    chain = views.Chain()
    self.assertEqual(chain.draw(np.random.default_rng(0), 5, 7), ())
    np.testing.assert_array_equal(chain.apply(images), images)

  def test_stages_follow_one_another(self) -> None:
    images = _images(2, 9, 12, 3)
    chain = views.Chain(_STAGES)
    found = chain.apply(tf.constant(images), *_drawn(chain, (1, 2), 9, 12))
    # By hand: one picture after the other, the draws stage by stage.
    expected = []
    for image, seed in zip(images, (1, 2)):
      generator = np.random.default_rng(seed)
      seen = tf.constant(image[None])
      for stage in _STAGES:
        draws = stage.draw(generator, *seen.shape[1:3])
        self.assertLen(draws, stage.num_draws)
        size = stage.output_size(*seen.shape[1:3])
        seen = stage.apply(seen, *(each[None] for each in draws))
        self.assertEqual(tuple(seen.shape[1:3]), size)
      expected.append(seen)
    self.assertEqual(found.shape, [2 * 3 * 4, 4, 4, 3])
    np.testing.assert_array_equal(found, tf.concat(expected, axis=0))

  def test_order_matters(self) -> None:
    image = tf.constant(_images(1, 4, 6, 3))
    stages = (transforms.Pad(1, 0.0), transforms.Flip(1.0), transforms.Shift(1))
    seen = []
    for order in (stages, stages[::-1]):
      chain = views.Chain(order)
      seen.append(chain.apply(image, *_drawn(chain, (0,), 4, 6)))
    self.assertFalse(np.array_equal(*seen))

  def test_graph_agrees_and_knows_its_shape(self) -> None:
    chain = views.Chain(_STAGES)
    images = tf.constant(_images(2, 9, 12, 3))
    draws = _drawn(chain, (1, 2), 9, 12)

    @tf.function(autograph=False)
    def apply(images: tf.Tensor, *draws: tf.Tensor) -> tf.Tensor:
      seen = chain.apply(images, *draws)
      # What comes after a chain counts views before there are any.
      self.assertEqual(seen.shape, [24, 4, 4, 3])
      return seen

    np.testing.assert_allclose(
      apply(images, *draws), chain.apply(images, *draws), atol=1e-5
    )

  def test_gradient_is_exact(self) -> None:
    # All but noise and tiles are linear, and noise and tints add: what a change
    # of the picture brings is its product with the gradient.
    chain = views.Chain(_STAGES[:6] + _STAGES[7:])
    images = tf.constant(_images(2, 9, 12, 3))
    change = tf.constant(_images(2, 9, 12, 3, seed=1))
    draws = _drawn(chain, (1, 2), 9, 12)
    weights = tf.constant(_images(6, 7, 7, 3, seed=2))

    def score(images: tf.Tensor) -> tf.Tensor:
      return tf.reduce_sum(weights * chain.apply(images, *draws))

    with tf.GradientTape() as tape:
      tape.watch(images)
      before = score(images)
    gradient = tf.convert_to_tensor(tape.gradient(before, images))
    np.testing.assert_allclose(
      tf.reduce_sum(gradient * change),
      score(images + change) - before,
      rtol=1e-4,
    )

  def test_a_schedule_costs_no_trace(self) -> None:
    chains = [
      views.Chain(
        (
          transforms.Roll(i),
          transforms.Zoom(1 - i / 10, 1 + i / 10),
          transforms.Rotate(i),
          transforms.Flip(i / 4),
          transforms.Noise(i / 9, i / 8),
          crops_and_tiles.Crops(2, 5, 0.5 + i / 10, i / 20, i / 30),
          tints.Tint(i / 5, i / 4, i / 6, i / 3),
          covers.Cover(i / 4),
        )
      )
      for i in range(4)
    ]
    self.assertLen({hash(each) for each in chains}, 1)
    traced = []

    @tf.function(autograph=False)
    def apply(
      images: tf.Tensor, chain: views.Chain, *draws: tf.Tensor
    ) -> tf.Tensor:
      traced.append(chain)
      return chain.apply(images, *draws)

    images = tf.constant(_images(2, 6, 8, 3))
    for chain in chains:
      draws = _drawn(chain, (1, 2), 6, 8)
      np.testing.assert_allclose(
        apply(images, chain, *draws), chain.apply(images, *draws), atol=1e-5
      )
    self.assertLen(traced, 1)

  @parameterized.parameters(
    (transforms.Shift(1), transforms.Shift(2)),
    (transforms.Pad(1), transforms.Pad(2)),
    (transforms.Pad(1), transforms.Pad(1, 0.25)),
    (
      crops_and_tiles.Crops(1, 5, 1, 0, 0),
      crops_and_tiles.Crops(2, 5, 1, 0, 0),
    ),
    (
      crops_and_tiles.Crops(1, 5, 1, 0, 0),
      crops_and_tiles.Crops(1, 6, 1, 0, 0),
    ),
    (crops_and_tiles.Tiles(5, 4), crops_and_tiles.Tiles(5, 5)),
    (transforms.Roll(1), transforms.Rotate(1)),
  )
  def test_another_graph_is_not_equal(
    self, first: transforms.Stage, second: transforms.Stage
  ) -> None:
    self.assertNotEqual(views.Chain((first,)), views.Chain((second,)))

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
      views.Chain(stages).draw(np.random.default_rng(0), 9, 12)


if __name__ == '__main__':
  absltest.main()
