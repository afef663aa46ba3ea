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

"""Tests for ascend."""

from typing import Any, ClassVar, Dict, List, Optional, Sequence, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.ascent import ascend
from magenta_viz.ascent import optimizers
from magenta_viz.ascent import step_results
from magenta_viz.ascent.objectives import objectives
from magenta_viz.ascent.parameterizations import fourier
from magenta_viz.ascent.views import random_views
from magenta_viz.models import slim_network

_HEIGHT, _WIDTH = 12, 10
_SIZE = 8
_STILL = random_views.RandomViews(_SIZE, (1.0, 1.0), 0.0, 0.0, 0.0)
_RANDOM = random_views.RandomViews(_SIZE, (0.5, 1.2), 20.0, 0.1, 0.05)

# What the classes of `_quadratic` want a view to be.
_WANTED = np.random.default_rng(0).uniform(0.2, 0.8, (3, _SIZE, _SIZE, 3))


def _quadratic(views: tf.Tensor) -> slim_network.Outputs:
  """Gives classes that rise to 0 where a view is what they want."""
  difference = views[:, None] - tf.constant(_WANTED[None], tf.float32)
  return slim_network.Outputs(-tf.reduce_mean(difference**2, [2, 3, 4]), {})


def _convolution(views: tf.Tensor) -> slim_network.Outputs:
  """Gives classes of a small net with random weights."""
  kernel = tf.random.stateless_normal([3, 3, 3, 16], (1, 2))
  classifier = tf.random.stateless_normal([16, 5], (3, 4))
  net = tf.nn.relu(tf.nn.conv2d(views, kernel, 2, 'SAME'))
  return slim_network.Outputs(tf.reduce_mean(net, [1, 2]) @ classifier, {})


def _parameterization(
  height: int = _HEIGHT, width: int = _WIDTH
) -> fourier.Fourier:
  return fourier.Fourier(
    height=height,
    width=width,
    decay_power=1.0,
    contrast=0.5,
    chroma=1.0,
    initial_deviation=0.1,
  )


def _ascent(
  network: ascend.Network = _convolution,
  views: Sequence[random_views.RandomViews] = (_RANDOM,) * 4,
  learning_rates: Optional[Sequence[float]] = None,
  parameterization: Optional[fourier.Fourier] = None,
  sum_influence: bool = False,
) -> ascend.Ascent:
  return ascend.Ascent(
    network=network,
    parameterization=parameterization or _parameterization(),
    objective=objectives.ClassLogit().score,
    optimizer=optimizers.Adam(),
    views=views,
    learning_rates=learning_rates or [0.05] * len(views),
    sum_influence=sum_influence,
  )


def _run(
  ascent: ascend.Ascent,
  class_ids: Sequence[int],
  seeds: Optional[Sequence[Any]] = None,
  on_step: Optional[step_results.OnStep] = None,
) -> Tuple[np.ndarray, np.ndarray]:
  """Runs an ascent; a picture's seed is its class unless told."""
  seeds = class_ids if seeds is None else seeds
  generators = [np.random.default_rng(seed) for seed in seeds]
  return _run_with(ascent, class_ids, generators, on_step)


def _run_with(
  ascent: ascend.Ascent,
  class_ids: Sequence[int],
  generators: Sequence[np.random.Generator],
  on_step: Optional[step_results.OnStep] = None,
) -> Tuple[np.ndarray, np.ndarray]:
  """Returns images and scores."""
  canvas = ascent.parameterization
  params = np.stack([canvas.initial(each) for each in generators])
  result = ascent.run(params, np.array(class_ids), generators, on_step)
  return canvas.to_images(tf.constant(result.params)).numpy(), result.scores


class _RecordingFourier(fourier.Fourier):
  """Keeps what it draws, by the id of the generator."""

  drawn: ClassVar[Dict[int, List[np.ndarray]]] = {}

  def initial(
    self, generator: np.random.Generator, start: Optional[np.ndarray] = None
  ) -> np.ndarray:
    params = super().initial(generator, start)
    self.drawn.setdefault(id(generator), []).append(params)
    return params


class _RecordingViews(random_views.RandomViews):
  """Keeps what it draws, by the id of the generator."""

  drawn: ClassVar[Dict[int, List[np.ndarray]]] = {}

  def draw(
    self, generator: np.random.Generator, *place: Any
  ) -> Tuple[np.ndarray, ...]:
    draws = super().draw(generator, *place)
    self.drawn.setdefault(id(generator), []).extend(draws)
    return draws


class OptimumTest(absltest.TestCase):
  def test_reaches_the_optimum_of_each_picture(self) -> None:
    rates = list(np.minimum(0.3, np.linspace(0.6, 0, 200)))
    ascent = _ascent(
      _quadratic,
      [_STILL] * 200,
      rates,
      parameterization=_parameterization(_SIZE, _SIZE),
    )
    images, scores = _run(ascent, [2, 0])
    np.testing.assert_allclose(images, _WANTED[[2, 0]], atol=0.01)
    self.assertEqual(scores.shape, (200, 2))
    self.assertEqual(scores.dtype, np.float32)
    np.testing.assert_array_less(scores[0], -0.01)
    np.testing.assert_array_less(-1e-5, scores[-1])

  def test_rises_in_random_views(self) -> None:
    images, scores = _run(_ascent(views=[_RANDOM] * 60), [0, 1, 2, 3, 4])
    self.assertEqual(images.shape, (5, _HEIGHT, _WIDTH, 3))
    self.assertEqual(images.dtype, np.float32)
    self.assertBetween(images.min(), 0, 1)
    self.assertBetween(images.max(), 0, 1)
    rise = scores[-20:].mean(axis=0) - scores[:5].mean(axis=0)
    np.testing.assert_array_less(0.1, rise)


class StepsTest(parameterized.TestCase):
  def test_on_step_sees_every_step(self) -> None:
    steps: List[Tuple[int, np.ndarray, np.ndarray]] = []

    def on_step(
      index: int, scores: np.ndarray, images: step_results.Images
    ) -> None:
      steps.append((index, scores, images().numpy()))

    images, scores = _run(_ascent(), [0, 3], on_step=on_step)
    self.assertEqual([index for index, _, _ in steps], [0, 1, 2, 3])
    np.testing.assert_array_equal([seen for _, seen, _ in steps], scores)
    np.testing.assert_array_equal(steps[-1][2], images)
    self.assertGreater(np.abs(steps[0][2] - steps[1][2]).max(), 0)

  def test_each_step_has_its_own_learning_rate(self) -> None:
    seen: List[np.ndarray] = []

    def on_step(
      index: int, scores: np.ndarray, images: step_results.Images
    ) -> None:
      seen.append(images().numpy())

    _run(_ascent(learning_rates=[0.1, 0.0, 0.1, 0.0]), [0], on_step=on_step)
    moved = [np.abs(b - a).max() > 0 for a, b in zip(seen, seen[1:])]
    self.assertEqual(moved, [False, True, False])

  def test_each_step_has_its_own_views(self) -> None:
    sizes: List[int] = []

    def network(views: tf.Tensor) -> slim_network.Outputs:
      sizes.append(views.shape[1])
      return _convolution(views)

    coarse = random_views.RandomViews(4, (1.0, 1.0), 0.0, 0.0, 0.0)
    ascent = _ascent(network, [coarse, coarse, _STILL, _STILL])
    for _ in range(2):
      _run(ascent, [0, 1])
    # Called to be traced, once a size and not once a step or a run.
    self.assertEqual(sizes, [4, _SIZE])

  def test_influence_is_of_the_whole_picture(self) -> None:
    ascent = _ascent(views=[_RANDOM] * 2, sum_influence=True)
    canvas = ascent.parameterization
    generator = np.random.default_rng(0)
    params = canvas.initial(generator)[None]
    result = ascent.run(params, np.array([0]), [generator])
    assert result.influence is not None
    self.assertEqual(result.influence.shape, (1, _HEIGHT, _WIDTH, 3))
    self.assertGreater(result.influence.max(), 0)

  @parameterized.parameters(np.nan, np.inf, -np.inf)
  def test_score_that_is_not_finite(self, bad: float) -> None:
    def network(views: tf.Tensor) -> slim_network.Outputs:
      # The first picture's is finite.
      offsets = tf.constant([[0.0], [bad]])
      return slim_network.Outputs(_convolution(views).logits + offsets, {})

    with self.assertRaisesRegex(
      FloatingPointError,
      f'^the score or the gradient of a picture is {bad} at step 0; use a'
      ' smaller --learning_rate or --precision=float32$',
    ):
      _run(_ascent(network), [0, 1])

  @parameterized.parameters(1, 3)
  def test_step_that_is_not_finite(self, index: int) -> None:
    rates = [0.1] * 4
    rates[index] = np.inf
    with self.assertRaisesRegex(
      FloatingPointError, f' of a picture is nan at step {index}; use a smaller'
    ):
      _run(_ascent(learning_rates=rates), [0, 1])

  def test_gradient_that_is_not_finite(self) -> None:
    def network(views: tf.Tensor) -> slim_network.Outputs:
      # Finite at 0, where its gradient is not.
      root = tf.sqrt(views - tf.stop_gradient(views))
      return slim_network.Outputs(tf.reduce_mean(root, [1, 2]), {})

    with self.assertRaisesRegex(
      FloatingPointError, 'gradient of a picture is nan at step 0; '
    ):
      _run(_ascent(network), [0, 1])


class _SlowScores:
  """Scores of a step that say when they are read."""

  def __init__(self, scores: np.ndarray, events: List[str], index: int):
    self._scores, self._events, self._index = scores, events, index

  def numpy(self) -> np.ndarray:
    self._events.append(f'read {self._index}')
    return self._scores


class ReadingTest(absltest.TestCase):
  def test_next_step_is_under_way_when_scores_are_read(self) -> None:
    ascent = _ascent(views=(_STILL,) * 3)
    step = ascent._traced_step
    events: List[str] = []

    def recorded_step(*args: Any) -> Any:
      index = int(args[3])
      events.append(f'step {index}')
      params, state, scores, *others = step(*args)
      return params, state, _SlowScores(scores.numpy(), events, index), *others

    ascent._traced_step = recorded_step
    images: List[np.ndarray] = []

    def on_step(index: int, scores: np.ndarray, to_images: Any) -> None:
      events.append(f'seen {index}')
      images.append(to_images().numpy())

    last, scores = _run(ascent, [0, 1], on_step=on_step)
    self.assertEqual(
      events,
      'step 0,step 1,read 0,seen 0,step 2,read 1,seen 1,read 2,seen 2'.split(
        ','
      ),
    )
    self.assertEqual(scores.shape, (3, 2))
    # Each step's images are its own, though the next was there already.
    np.testing.assert_array_equal(images[-1], last)
    self.assertGreater(np.abs(images[1] - images[0]).max(), 0)
    self.assertGreater(np.abs(images[2] - images[1]).max(), 0)


class RandomnessTest(parameterized.TestCase):
  def test_same_run_same_bytes(self) -> None:
    runs = [_run(_ascent(), [0, 1, 1], [5, 6, 7]) for _ in range(2)]
    for first, second in zip(*runs):
      self.assertEqual(first.tobytes(), second.tobytes())

  def test_seeds_tell_pictures_of_a_class_apart(self) -> None:
    images, _ = _run(_ascent(), [1, 1], [6, 7])
    self.assertGreater(np.abs(images[0] - images[1]).mean(), 0.01)

  def test_draws_do_not_depend_on_the_batch(self) -> None:
    fields = (12, 10, 1.0, 0.5, 1.0, 0.1)
    parameterization = _RecordingFourier(*fields)
    views = _RecordingViews(_SIZE, (0.5, 1.2), 20.0, 0.1, 0.05, blur=1.0)
    draws: List[List[np.ndarray]] = []
    for seeds in ([8], [7, 8, 9], [9, 8]):
      _RecordingFourier.drawn.clear()
      _RecordingViews.drawn.clear()
      generators = [np.random.default_rng(seed) for seed in seeds]
      ascent = _ascent(views=[views] * 3, parameterization=parameterization)
      _run_with(ascent, [seed % 5 for seed in seeds], generators)
      key = id(generators[seeds.index(8)])
      draws.append(_RecordingFourier.drawn[key] + _RecordingViews.drawn[key])
    # The parameters once, and a view's three draws at each of three steps.
    self.assertLen(draws[0], 1 + 3 * 3)
    for others in draws[1:]:
      for alone, together in zip(draws[0], others):
        np.testing.assert_array_equal(alone, together)

  def test_pictures_do_not_depend_on_the_batch(self) -> None:
    together, scores = _run(_ascent(), [4, 0, 2], [8, 7, 9])
    for index, (class_id, seed) in enumerate(((4, 8), (0, 7), (2, 9))):
      alone, own_scores = _run(_ascent(), [class_id], [seed])
      # Rounding, which Adam's first steps make more of.
      np.testing.assert_allclose(alone[0], together[index], atol=1e-4)
      np.testing.assert_allclose(own_scores[:, 0], scores[:, index], atol=1e-4)


if __name__ == '__main__':
  absltest.main()
