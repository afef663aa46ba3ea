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

"""Gradient ascent: the loop, and nothing else."""

import functools
from typing import Any, Callable, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.ascent import ensemble
from magenta_viz.ascent import laplacian
from magenta_viz.ascent import protocols
from magenta_viz.ascent import random_crop
from magenta_viz.ascent import step_results
from magenta_viz.models import conv_gradient
from magenta_viz.models import image_gradient
from magenta_viz.settings import schedules

# Outputs of a `network_protocol.Network`, or of an `ensemble.Ensemble`.
Network = Callable[[tf.Tensor], Any]
Objective = Callable[[Any, tf.Tensor], tf.Tensor]

# Of all views that the network sees at a time, 16 of 224 x 224: more cost
# memory and gain no speed.
_MAX_PIXELS = 16 * 224 * 224


class Result(NamedTuple):
  """What an ascent leads to.

  Attributes:
    params: [batch, ...] float32 array, as the parameterization has them.
    scores: [num_steps, batch] float32 array, before each step; of several
      networks [num_steps, batch, 1 + networks], as of `ensemble.Agreement`.
    influence: [batch, height, width, 3] float32 array, the absolute values of
      the scores' gradient to the images, summed over the steps; None where it
      was not asked for.
  """

  params: np.ndarray
  scores: np.ndarray
  influence: Optional[np.ndarray]


class Ascent:
  """Raises an objective, for one batch of pictures after another.

  A step takes the parameters to images, the images to random views, the views
  to scores, and moves the parameters along the scores' gradient.

  Attributes:
    parameterization: What the parameters in the window mean.
  """

  def __init__(
    self,
    network: Network,
    parameterization: protocols.Parameterization,
    objective: Objective,
    optimizer: protocols.Optimizer,
    views: Sequence[protocols.Views],
    learning_rates: Sequence[float],
    *,
    filters: Sequence[protocols.Filter] = (),
    penalties: Sequence[protocols.Penalty] = (),
    laplacian_levels: int = 0,
    window: Optional[random_crop.Window] = None,
    keep_best: bool = False,
    sum_influence: bool = False,
    facet: Optional[protocols.Facet] = None,
    is_coupled: bool = False,
  ):
    """Takes the parts.

    Args:
      network: From [batch, height, width, 3] views in [0, 1] to its outputs.
      parameterization: What the parameters in the window mean.
      objective: From outputs and targets to [batch] scores, or to those of
        `ensemble.Agreement`.
      optimizer: From gradients to changes of the parameters.
      views: What the network sees, step by step; a size of view costs a trace
        of the network.
      learning_rates: One a step.
      filters: What is done to the parameters after each step, in this order.
      penalties: What is taken off the score of each view.
      laplacian_levels: Scales that the gradient is normalised at; 0 leaves it
        as it is.
      window: The part of the parameters that a step sees and changes; None for
        all.
      keep_best: Whether the result is the picture of the highest score, and not
        the last one.
      sum_influence: Whether to sum up the gradient to the images.
      facet: What each picture is drawn to at first, besides; None for nothing.
      is_coupled: Whether the objective compares the pictures of a batch, and
        must see all at a time.
    """
    self._network = network
    self.parameterization = parameterization
    self._objective = objective
    self._optimizer = optimizer
    self._views = views
    self._learning_rates = learning_rates
    self._filters = filters
    self._penalties = penalties
    self._laplacian_levels = laplacian_levels
    self._window = window or random_crop.Whole()
    self._keep_best = keep_best
    self._sum_influence = sum_influence
    self._facet = facet
    self._is_coupled = is_coupled
    # TensorFlow warns of code that is traced again and again, as each ascent's
    # is once; what has no code of its own is not taken for another's.
    self._traced_step = tf.function(
      functools.partial(self._step), autograph=False
    )

  def run(
    self,
    params: np.ndarray,
    targets: np.ndarray,
    generators: Sequence[np.random.Generator],
    on_step: Optional[step_results.OnStep] = None,
  ) -> Result:
    """Raises the objective for a batch of pictures.

    Args:
      params: [batch, ...] float32 array to start from.
      targets: [batch, ...] array, what the objective raises for each picture.
      generators: One a picture; all that is random in a picture comes from
        its own.
      on_step: Called with the index of each step, the scores before it and a
        function that makes the images after it, once the next step is on its
        way.

    Raises:
      FloatingPointError: If a score or a gradient is not finite.
    """
    wanted = self._wanted(targets, generators)
    best = params
    best_scores = np.full(len(params), -np.inf)
    reader = step_results.ScoreReader(self.parameterization, on_step)
    influence: Optional[np.ndarray] = None
    state = None
    for index, views in enumerate(self._views):
      step = schedules.Step(index, len(self._views))
      place = self._window.sample(generators, params)
      part = tf.convert_to_tensor(self._window.cut(params, place))
      if state is None:
        state = self._optimizer.initial(part)
      part, state, scores, gradient, step_influence = self._traced_step(
        part,
        state,
        wanted,
        tf.constant(index, tf.float32),
        tf.constant(self._learning_rates[index], tf.float32),
        views,
        *self._sample(views, generators, step),
      )
      if self._keep_best:
        of_all = ensemble.of_all(scores).numpy()
        is_best = of_all > best_scores
        best_scores = np.where(is_best, of_all, best_scores)
        best = np.where(is_best[:, None, None, None], params, best)
      if step_influence is not None:
        total = step_influence.numpy()
        influence = total if influence is None else influence + total
      if self._filters:
        step_results.check_finite(scores.numpy(), index)
        part = self._filter(part.numpy(), gradient.numpy(), step)
      params = self._window.paste(params, part, place)
      reader.add(index, scores, params)
    return Result(
      params=np.asarray(best if self._keep_best else params),
      scores=np.stack(reader.finish()),
      influence=influence,
    )

  def _wanted(
    self, targets: np.ndarray, generators: Sequence[np.random.Generator]
  ) -> Tuple[tf.Tensor, ...]:
    """Returns the targets and, with a facet, each picture's own part of it."""
    if self._facet is None:
      return (tf.constant(targets),)
    sampled = np.stack([self._facet.sample(each) for each in generators])
    return tf.constant(targets), tf.constant(sampled)

  def _filter(
    self, params: np.ndarray, gradient: np.ndarray, step: schedules.Step
  ) -> np.ndarray:
    """Returns the float32 parameters after all filters of a step."""
    for each in self._filters:
      params = each.apply(params, gradient, step)
    return np.asarray(params, np.float32)

  def _sample(
    self,
    views: protocols.Views,
    generators: Sequence[np.random.Generator],
    step: schedules.Step,
  ) -> List[np.ndarray]:
    """Draws the views of each picture from the picture's own generator."""
    whole = self.parameterization
    samples = [
      views.sample(each, whole.height, whole.width, step) for each in generators
    ]
    return [np.stack(each) for each in zip(*samples)]

  def _step(
    self,
    params: tf.Tensor,
    state: protocols.State,
    wanted: Tuple[tf.Tensor, ...],
    index: tf.Tensor,
    learning_rate: tf.Tensor,
    views: protocols.Views,
    *samples: tf.Tensor,
  ) -> Tuple[
    tf.Tensor, protocols.State, tf.Tensor, tf.Tensor, Optional[tf.Tensor]
  ]:
    """Returns parameters and state after a step, and what was before it.

    What was before are the scores, their gradient to the parameters and, where
    they are summed, the absolute values of that to the images. The score of a
    picture whose parameters would not stay finite is NaN.
    """
    with tf.GradientTape() as tape:
      tape.watch(params)
      images = self.parameterization.to_images(params)
      seen = views.apply(images, *samples)
    batch, num_views = params.shape[0], seen.shape[0]
    each = num_views // batch
    wanted = tuple(tf.repeat(part, each, axis=0) for part in wanted)
    scores, on_views = self._look(seen, wanted, index)
    by_picture = tf.reshape(scores, [batch, each, *scores.shape[1:]])
    scores = tf.reduce_mean(by_picture, axis=1)
    # The gradient of the scores' sum: unless the objective is coupled, a score
    # depends on its own picture only, and so the gradient holds each one's own.
    gradient, on_images = tape.gradient(
      seen, [params, images], output_gradients=on_views / each
    )
    influence = None
    if self._sum_influence:
      influence = tf.abs(on_images)
    direction = gradient
    if self._laplacian_levels:
      direction = laplacian.laplacian_normalize(
        gradient, self._laplacian_levels
      )
    change, state = self._optimizer.step(
      direction, state, index, learning_rate, ensemble.of_all(scores)
    )
    # The scores do not tell: TensorFlow's fused ReLU makes 0 of NaN.
    is_finite = tf.reduce_all(tf.math.is_finite(change), axis=[1, 2, 3])
    scores = ensemble.added(scores, tf.where(is_finite, 0.0, np.nan))
    return params + change, state, scores, gradient, influence

  def _look(
    self, views: tf.Tensor, wanted: Tuple[tf.Tensor, ...], index: tf.Tensor
  ) -> Tuple[tf.Tensor, tf.Tensor]:
    """Returns the scores of views and their gradient, not too many at a time.

    Args:
      views: [views, height, width, 3] tensor.
      wanted: Of `_wanted`, each a [views, ...] tensor.
      index: Of the step.
    """
    num_views = views.shape[0]
    pixels = views.shape[1] * views.shape[2]
    num_parts = -(-num_views // max(_MAX_PIXELS // pixels, 1))
    if num_parts == 1 or self._is_coupled:
      return self._look_at(index, (views, *wanted))
    # Parts of one size, for the network to be traced once.
    part_size = -(-num_views // num_parts)
    stacks = []
    for each in (views, *wanted):
      room = [[0, num_parts * part_size - num_views]]
      each = tf.pad(each, room + [[0, 0]] * (each.shape.rank - 1))
      stacks.append(tf.reshape(each, [num_parts, part_size, *each.shape[1:]]))
    found = tf.map_fn(
      functools.partial(self._look_at, index),
      tuple(stacks),
      parallel_iterations=1,
      fn_output_signature=(tf.float32, views.dtype),
    )
    scores, gradient = (
      tf.reshape(each, [-1, *each.shape[2:]])[:num_views] for each in found
    )
    return scores, gradient

  def _look_at(
    self, index: tf.Tensor, views_and_wanted: Tuple[tf.Tensor, ...]
  ) -> Tuple[tf.Tensor, tf.Tensor]:
    """Returns the scores of views, less the penalties, and their gradient."""
    views, targets, *sampled = views_and_wanted
    with conv_gradient.turned_convolutions():
      outputs = self._network(views)
      scores = self._objective(outputs, targets)
      if self._facet is not None:
        reward = self._facet.reward(outputs, sampled[0], index)
        scores = ensemble.added(scores, reward)
    for penalty in self._penalties:
      scores = ensemble.added(scores, -penalty.charge(views))
    # Of a model that rounds its pictures, nothing depends on them: `idle` says.
    gradient = image_gradient.gradient(
      scores, views, unconnected_gradients=tf.UnconnectedGradients.ZERO
    )
    return scores, gradient
