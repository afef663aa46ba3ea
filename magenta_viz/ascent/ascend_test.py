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

"""Tests for ascend; `presets_*_test` compare whole ascents with references."""

import dataclasses
from typing import Any, ContextManager, List, Sequence, Tuple
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.ascent import ascend
from magenta_viz.ascent import laplacian
from magenta_viz.ascent import optimizers
from magenta_viz.ascent import penalties
from magenta_viz.ascent import step_results
from magenta_viz.ascent.objectives import objectives
from magenta_viz.ascent.parameterizations import pixels
from magenta_viz.ascent.views import random_views
from magenta_viz.ascent.views import transforms
from magenta_viz.models import network_protocol
from magenta_viz.settings import schedules
from magenta_viz.testing import tiny_network

_HEIGHT, _WIDTH = 7, 6
_CLASSES = (tiny_network.WEAK, tiny_network.STRONG)
_RATE = 0.02
_STILL = random_views.Chain()

# What `_Halved` was given: parameters, gradient, index and number of steps.
_Call = Tuple[np.ndarray, np.ndarray, schedules.Step]


@dataclasses.dataclass(frozen=True)
class _Dimmed(transforms.Stage):
  """Views that are darker than the picture, each by a factor that is drawn."""

  count: int

  def sample(
    self, generator: np.random.Generator, *place: Any
  ) -> Tuple[np.ndarray]:
    return (generator.uniform(0.2, 1, self.count).astype(np.float32),)

  def apply(self, images: tf.Tensor, *samples: tf.Tensor) -> tf.Tensor:
    (factors,) = samples
    views = factors[..., None, None, None] * images[:, None]
    return tf.reshape(views, [-1, *images.shape[1:]])


@dataclasses.dataclass(frozen=True)
class _Halved:
  """A filter that keeps what it is given."""

  calls: List[_Call]

  def apply(
    self, params: np.ndarray, gradient: np.ndarray, step: schedules.Step
  ) -> np.ndarray:
    self.calls.append((params, gradient, step))
    return params.astype(np.float64) / 2


class _Run:
  """A run of two pictures; `before` has them before each step, and at last."""

  def __init__(
    self,
    views: Any = _STILL,
    rates: Sequence[float] = (_RATE,) * 3,
    **settings: Any,
  ):
    self.before = [
      np.random.default_rng(5)
      .uniform(0.3, 0.7, (len(_CLASSES), _HEIGHT, _WIDTH, 3))
      .astype(np.float32)
    ]
    self.events: List[str] = []
    settings = {
      'network': tiny_network.network,
      'objective': objectives.ClassLogit().score,
      'optimizer': optimizers.Plain(),
      # Parameters that are the values of the image.
      'parameterization': pixels.Pixels(_HEIGHT, _WIDTH, (0.0, 0.0, 0.0), 1.0),
      'views': views if isinstance(views, list) else [views] * len(rates),
      'learning_rates': rates,
      **settings,
    }
    self.ascent = ascend.Ascent(**settings)

  def __call__(self) -> ascend.Result:
    return self.ascent.run(
      self.before[0], np.array(_CLASSES), _generators(), self._keep
    )

  def _keep(
    self, index: int, scores: np.ndarray, images: step_results.Images
  ) -> None:
    self.events.append(f'seen {index}')
    self.before.append(images().numpy())


def _generators() -> List[np.random.Generator]:
  return [np.random.default_rng(seed) for seed in (3, 4)]


def _seeing_at_most(num_views: float) -> ContextManager[Any]:
  area = int(num_views * _HEIGHT * _WIDTH)
  return mock.patch.object(ascend, '_MAX_PIXELS', area)


class ViewsTest(parameterized.TestCase):
  @parameterized.parameters(1, 3, 7)
  def test_a_picture_has_the_mean_score_of_its_views(self, count: int) -> None:
    run = _Run(_Dimmed(count))
    result = run()
    self.assertEqual(result.scores.shape, (3, 2))
    for picture, generator in enumerate(_generators()):
      for step in range(3):
        before, after = (each[picture] for each in run.before[step : step + 2])
        class_id = _CLASSES[picture]
        scores, gradients = [], []
        for factor in generator.uniform(0.2, 1, count):
          view = factor * before.astype(np.float64)
          scores.append(tiny_network.class_score(view, class_id))
          gradient = tiny_network.class_gradient(view, class_id)
          gradients.append(factor * gradient)
        np.testing.assert_allclose(
          result.scores[step, picture], np.mean(scores), rtol=1e-4
        )
        np.testing.assert_allclose(
          after - before, _RATE * np.mean(gradients, axis=0), atol=1e-5
        )

  @parameterized.parameters(
    # Views of each of 2 pictures, and most views at a time.
    (3, 6),
    (7, 5),
  )
  def test_many_views_are_seen_in_parts(self, count: int, most: int) -> None:
    sizes = []

    def network(views: tf.Tensor) -> network_protocol.Outputs:
      sizes.append(views.shape[0])
      outputs = tiny_network.network(views)
      # Not finite for the black views that fill the last part.
      bright = tf.math.log(tf.reduce_mean(views, [1, 2, 3]))
      return outputs._replace(logits=outputs.logits + bright[:, None])

    results = []
    for limit in (100, most):
      run = _Run(
        _Dimmed(count),
        network=network,
        optimizer=optimizers.Adam(),
        penalties=(penalties.L2(1e-5),),
        sum_influence=True,
      )
      with _seeing_at_most(limit):
        results.append(run())
    self.assertEqual(sizes, [2 * count, most])
    for at_once, in_parts in zip(*results):
      np.testing.assert_allclose(in_parts, at_once, rtol=1e-4, atol=1e-6)
    self.assertGreater(np.ptp(results[0].scores), 0.1)

  @parameterized.parameters(True, False)
  def test_views_that_are_compared_are_seen_together(
    self, is_coupled: bool
  ) -> None:
    sizes = []

    def objective(
      outputs: network_protocol.Outputs, targets: tf.Tensor
    ) -> tf.Tensor:
      sizes.append(targets.shape[0])
      scores = tf.gather(outputs.logits, targets, batch_dims=1)
      return scores - tf.reduce_mean(scores)

    scores = []
    for limit in (100, 1):
      run = _Run(_Dimmed(1), objective=objective, is_coupled=is_coupled)
      with _seeing_at_most(limit):
        scores.append(run().scores)
    self.assertEqual(sizes, [2, 2 if is_coupled else 1])
    self.assertEqual(np.allclose(scores[0], scores[1], rtol=1e-4), is_coupled)

  def test_each_step_has_its_own(self) -> None:
    sizes: List[int] = []

    def network(views: tf.Tensor) -> network_protocol.Outputs:
      sizes.append(views.shape[1])
      return tiny_network.network(views)

    coarse, fine = (
      random_views.RandomViews(size, (1.0, 1.0), 0.0, 0.0, 0.0)
      for size in (4, 8)
    )
    run = _Run([coarse, coarse, fine, fine], [_RATE] * 4, network=network)
    for _ in range(2):
      run()
    # Called to be traced, once a size and not once a step or a run.
    self.assertEqual(sizes, [4, 8])


class FiltersTest(parameterized.TestCase):
  @parameterized.parameters(0, 2)
  def test_get_the_gradient_as_it_was(self, levels: int) -> None:
    calls: List[_Call] = []
    run = _Run(filters=(_Halved(calls),) * 2, laplacian_levels=levels)
    result = run()
    self.assertEqual(
      [step for _, _, step in calls],
      [schedules.Step(index, 3) for index in (0, 0, 1, 1, 2, 2)],
    )
    for step in range(3):
      before, after = run.before[step : step + 2]
      exact = before.astype(np.float64)
      gradient = np.stack(
        list(map(tiny_network.class_gradient, exact, _CLASSES))
      )
      direction = gradient
      if levels:
        raw = tf.constant(gradient, tf.float32)
        direction = laplacian.laplacian_normalize(raw, levels).numpy()
        self.assertGreater(np.abs(direction - gradient).max(), 0.5)
      moved = before + _RATE * direction
      first, second = calls[2 * step : 2 * step + 2]
      np.testing.assert_allclose(first[0], moved, atol=1e-5)
      np.testing.assert_allclose(second[0], moved / 2, atol=1e-5)
      np.testing.assert_allclose(first[1], gradient, rtol=1e-4, atol=1e-4)
      np.testing.assert_array_equal(second[1], first[1])
      np.testing.assert_allclose(after, moved / 4, atol=1e-5)
    self.assertEqual(result.params.dtype, np.float32)


class FiniteTest(parameterized.TestCase):
  @parameterized.parameters(np.nan, np.inf, -np.inf)
  def test_score(self, bad: float) -> None:
    def network(views: tf.Tensor) -> network_protocol.Outputs:
      # The first picture's is finite.
      offsets = tf.constant([[0.0], [bad]])
      logits = tiny_network.network(views).logits + offsets
      return network_protocol.Outputs(logits, {})

    with self.assertRaisesRegex(
      FloatingPointError,
      f'^the score or the gradient of a picture is {bad} at step 0; use a'
      ' smaller --learning_rate or --precision=float32$',
    ):
      _Run(network=network)()

  @parameterized.parameters(1, 3)
  def test_step(self, index: int) -> None:
    rates = [0.1] * 4
    rates[index] = np.inf
    with self.assertRaisesRegex(
      FloatingPointError, f' of a picture is nan at step {index}; use a smaller'
    ):
      _Run(rates=rates)()

  def test_gradient(self) -> None:
    def network(views: tf.Tensor) -> network_protocol.Outputs:
      # Finite at 0, where its gradient is not.
      root = tf.sqrt(views - tf.stop_gradient(views))
      return network_protocol.Outputs(tf.reduce_mean(root, [1, 2]), {})

    with self.assertRaisesRegex(
      FloatingPointError, 'gradient of a picture is nan at step 0; '
    ):
      _Run(network=network)()


class _SlowScores:
  """Scores of a step that say when they are read."""

  def __init__(self, scores: np.ndarray, events: List[str], index: int):
    self._scores, self._events, self._index = scores, events, index

  def numpy(self) -> np.ndarray:
    self._events.append(f'read {self._index}')
    return self._scores


class ReadingTest(absltest.TestCase):
  def test_next_step_is_under_way_when_scores_are_read(self) -> None:
    run = _Run()
    step, events = run.ascent._traced_step, run.events

    def recorded_step(*args: Any) -> Any:
      index = int(args[3])
      events.append(f'step {index}')
      params, state, scores, *others = step(*args)
      return params, state, _SlowScores(scores.numpy(), events, index), *others

    run.ascent._traced_step = recorded_step
    result = run()
    self.assertEqual(
      ', '.join(events),
      'step 0, step 1, read 0, seen 0, step 2, read 1, seen 1, read 2, seen 2',
    )
    self.assertEqual(result.scores.shape, (3, 2))
    # Each step's images are its own, though the next was there already.
    np.testing.assert_array_equal(run.before[-1], result.params)
    for before, after in zip(run.before, run.before[1:]):
      self.assertGreater(np.abs(after - before).max(), 0)


if __name__ == '__main__':
  absltest.main()
