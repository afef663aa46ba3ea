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

"""Tests for ascend: views, penalties, filters, windows and what is kept."""

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
from magenta_viz.ascent import protocols
from magenta_viz.ascent import random_crop
from magenta_viz.ascent.objectives import objectives
from magenta_viz.ascent.parameterizations import pixels
from magenta_viz.ascent.views import random_views
from magenta_viz.ascent.views import transforms
from magenta_viz.models import slim_network
from magenta_viz.settings import schedules

_HEIGHT, _WIDTH = 7, 6
_CLASSES = (1, 0)
_RATE = 0.02
_STILL = random_views.Chain()

# What `_Halved` was given: parameters, gradient, index and number of steps.
_Call = Tuple[np.ndarray, np.ndarray, schedules.Step]

# Of the classes: the colour that they want, and how much they want it.
_COLOURS = np.array([[0.9, 0.2, 0.4], [0.1, 0.6, 0.8]])
_SHARPNESS = np.array([1.0, 12.0])


def _ramp(height: int) -> np.ndarray:
  """Tells rows apart."""
  return np.linspace(0.8, 1, height)[:, None, None]


def _network(views: tf.Tensor) -> slim_network.Outputs:
  """Gives classes that are highest, at 0, where all of a view has a colour."""
  colours = tf.constant(_COLOURS[:, None, None], tf.float32)
  squares = _ramp(views.shape[1]) * (views[:, None] - colours) ** 2
  scores = -_SHARPNESS * tf.reduce_sum(squares, [2, 3, 4])
  return slim_network.Outputs(scores, {})


def _score(view: np.ndarray, class_id: int) -> float:
  """What `_network` says of a view, in NumPy."""
  squares = _ramp(len(view)) * (view - _COLOURS[class_id]) ** 2
  return float(-_SHARPNESS[class_id] * np.sum(squares))


def _gradient(view: np.ndarray, class_id: int) -> np.ndarray:
  """The gradient of `_score`."""
  difference = view - _COLOURS[class_id]
  return -2 * _SHARPNESS[class_id] * _ramp(len(view)) * difference


@dataclasses.dataclass(frozen=True)
class _Dimmed(transforms.Stage):
  """Views that are darker than the picture, each by a factor that is drawn."""

  count: int

  def draw(
    self, generator: np.random.Generator, *place: Any
  ) -> Tuple[np.ndarray]:
    return (generator.uniform(0.2, 1, self.count).astype(np.float32),)

  def apply(self, images: tf.Tensor, *draws: tf.Tensor) -> tf.Tensor:
    (factors,) = draws
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
    views: protocols.Views = _STILL,
    rates: Sequence[float] = (_RATE,) * 3,
    **settings: Any,
  ):
    settings = {
      'network': _network,
      'objective': objectives.ClassLogit().score,
      'optimizer': optimizers.Plain(),
      # Parameters that are the values of the image.
      'parameterization': pixels.Pixels(_HEIGHT, _WIDTH, (0.0, 0.0, 0.0), 1.0),
      **settings,
    }
    shape = (len(_CLASSES), _HEIGHT, _WIDTH, 3)
    start = np.random.default_rng(5).uniform(0.3, 0.7, shape)
    start *= settings['parameterization'].unit
    self.before: List[np.ndarray] = [start.astype(np.float32)]
    ascent = ascend.Ascent(
      views=[views] * len(rates), learning_rates=rates, **settings
    )
    self.result = ascent.run(
      self.before[0],
      np.array(_CLASSES),
      _generators(),
      lambda index, scores, images: self.before.append(images().numpy()),
    )


def _generators() -> List[np.random.Generator]:
  return [np.random.default_rng(seed) for seed in (3, 4)]


def _seeing_at_most(num_views: float) -> ContextManager[Any]:
  area = int(num_views * _HEIGHT * _WIDTH)
  return mock.patch.object(ascend, '_MAX_PIXELS', area)


class ViewsTest(parameterized.TestCase):
  @parameterized.parameters(1, 3, 7)
  def test_a_picture_has_the_mean_score_of_its_views(self, count: int) -> None:
    run = _Run(_Dimmed(count))
    self.assertEqual(run.result.scores.shape, (3, 2))
    for picture, generator in enumerate(_generators()):
      for step in range(3):
        before, after = (each[picture] for each in run.before[step : step + 2])
        class_id = _CLASSES[picture]
        scores, gradients = [], []
        for factor in generator.uniform(0.2, 1, count):
          scores.append(_score(factor * before, class_id))
          gradients.append(factor * _gradient(factor * before, class_id))
        np.testing.assert_allclose(
          run.result.scores[step, picture], np.mean(scores), rtol=1e-4
        )
        np.testing.assert_allclose(
          after - before, _RATE * np.mean(gradients, axis=0), atol=1e-5
        )

  @parameterized.parameters(
    # Views of each of 2 pictures, most views at a time, and how many it sees.
    (3, 6, 6),
    (7, 5, 5),
  )
  def test_many_views_are_seen_in_parts(
    self, count: int, most: float, part_size: int
  ) -> None:
    sizes = []

    def network(views: tf.Tensor) -> slim_network.Outputs:
      sizes.append(views.shape[0])
      outputs = _network(views)
      # Not finite for the black views that fill the last part.
      bright = tf.math.log(tf.reduce_mean(views, [1, 2, 3]))
      return outputs._replace(logits=outputs.logits + bright[:, None])

    runs = []
    for limit in (100, most):
      with _seeing_at_most(limit):
        runs.append(
          _Run(
            _Dimmed(count),
            network=network,
            optimizer=optimizers.Adam(),
            penalties=(penalties.L2(1e-5),),
            sum_influence=True,
          )
        )
    self.assertEqual(sizes, [2 * count, part_size])
    at_once, in_parts = (each.result for each in runs)
    for each in at_once._fields:
      np.testing.assert_allclose(
        getattr(in_parts, each), getattr(at_once, each), rtol=1e-4, atol=1e-6
      )
    self.assertGreater(np.ptp(at_once.scores), 1)

  @parameterized.parameters(True, False)
  def test_views_that_are_compared_are_seen_together(
    self, is_coupled: bool
  ) -> None:
    sizes = []

    def objective(
      outputs: slim_network.Outputs, targets: tf.Tensor
    ) -> tf.Tensor:
      sizes.append(targets.shape[0])
      scores = tf.gather(outputs.logits, targets, batch_dims=1)
      return scores - tf.reduce_mean(scores)

    scores = []
    for limit in (100, 1):
      with _seeing_at_most(limit):
        run = _Run(_Dimmed(1), objective=objective, is_coupled=is_coupled)
      scores.append(run.result.scores)
    self.assertEqual(sizes, [2, 2 if is_coupled else 1])
    self.assertEqual(np.allclose(scores[0], scores[1], rtol=1e-4), is_coupled)


class PenaltiesTest(absltest.TestCase):
  def test_are_taken_off_score_and_pull(self) -> None:
    parts = (penalties.L2(2e-6), penalties.L2(1e-6, (10.0, 20.0, 30.0)))
    run = _Run(_Dimmed(2), penalties=parts)
    centers = np.array([pixels.MEAN, (10, 20, 30)])
    for picture, generator in enumerate(_generators()):
      before, after = (each[picture] for each in run.before[:2])
      class_id = _CLASSES[picture]
      scores, gradients = [], []
      for factor in generator.uniform(0.2, 1, 2):
        view = factor * before
        differences = 255 * view - centers[:, None, None]
        charge = [2e-6, 1e-6] @ np.sum(differences**2, axis=(1, 2, 3))
        pull = 2 * 255 * np.tensordot([2e-6, 1e-6], differences, 1)
        scores.append(_score(view, class_id) - charge)
        gradients.append(factor * (_gradient(view, class_id) - pull))
      np.testing.assert_allclose(
        run.result.scores[0, picture], np.mean(scores), rtol=1e-4
      )
      np.testing.assert_allclose(
        after - before, _RATE * np.mean(gradients, axis=0), atol=1e-5
      )


class FiltersTest(parameterized.TestCase):
  @parameterized.parameters(0, 2)
  def test_get_the_gradient_as_it_was(self, levels: int) -> None:
    calls: List[_Call] = []
    run = _Run(filters=(_Halved(calls),) * 2, laplacian_levels=levels)
    self.assertEqual(
      [step for _, _, step in calls],
      [schedules.Step(index, 3) for index in (0, 0, 1, 1, 2, 2)],
    )
    for step in range(3):
      before, after = run.before[step : step + 2]
      gradient = np.stack(list(map(_gradient, before, _CLASSES)))
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
    self.assertEqual(run.result.params.dtype, np.float32)


class KeepBestTest(parameterized.TestCase):
  @parameterized.parameters(True, False)
  def test_picture_of_the_highest_score(self, keep_best: bool) -> None:
    # Too large a step, from the third on, for the picture of class 1 alone.
    run = _Run(rates=(0.01, 0.01, 0.2, 0.2, 0.2), keep_best=keep_best)
    best = run.result.scores.argmax(axis=0)
    self.assertEqual(best.tolist(), [2, 4])
    # One's best is below all of the other's, and counts nevertheless.
    self.assertLess(run.result.scores[:, 0].max(), run.result.scores[0, 1])
    for picture, step in enumerate(best):
      kept = run.before[step if keep_best else -1][picture]
      np.testing.assert_array_equal(run.result.params[picture], kept)
      if keep_best:
        np.testing.assert_allclose(
          _score(kept, _CLASSES[picture]),
          run.result.scores[:, picture].max(),
          rtol=1e-4,
        )


class InfluenceTest(absltest.TestCase):
  def test_sums_the_gradients_to_the_images(self) -> None:
    self.assertIsNone(_Run().result.influence)
    # A gradient to the parameters would be 255 times as small.
    canvas = pixels.Pixels(_HEIGHT, _WIDTH, (0.0, 0.0, 0.0), 255.0)
    rates = (10.0, 4000.0, 20.0)
    run = _Run(rates=rates, parameterization=canvas, sum_influence=True)
    images = [run.before[0] / 255, *run.before[1:]]
    totals, sums = np.zeros_like(images[:2])
    for each in images[:-1]:
      gradient = np.stack(list(map(_gradient, each, _CLASSES)))
      totals += np.abs(gradient)
      sums += gradient
    influence: Any = run.result.influence
    np.testing.assert_allclose(influence, totals, rtol=1e-3)
    # The sign changes on the way, so that it counts.
    self.assertGreater(np.abs(totals - np.abs(sums)).max(), 0.1)


class WindowTest(absltest.TestCase):
  def test_only_the_crop_is_seen_and_changes(self) -> None:
    size = 4
    calls: List[_Call] = []
    window = random_crop.RandomCrop(size)
    square = pixels.Pixels(size, size, (0.0, 0.0, 0.0), 1.0)
    filters = (_Halved(calls),)
    run = _Run(parameterization=square, filters=filters, window=window)
    generators = _generators()
    all_corners = []
    for step in range(3):
      corners = window.draw(generators, run.before[0])
      all_corners.append(corners.tolist())
      expected = run.before[step].astype(np.float64)
      for picture, (top, left) in enumerate(corners):
        place = np.s_[picture, top : top + size, left : left + size]
        crop, class_id = expected[place], _CLASSES[picture]
        np.testing.assert_allclose(
          run.result.scores[step, picture], _score(crop, class_id), rtol=1e-4
        )
        gradient = _gradient(crop, class_id)
        np.testing.assert_allclose(calls[step][1][picture], gradient, atol=1e-4)
        expected[place] = (crop + _RATE * gradient) / 2
      np.testing.assert_allclose(run.before[step + 1], expected, atol=1e-5)
    self.assertNotEqual(all_corners[0], all_corners[1])


if __name__ == '__main__':
  absltest.main()
