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
from typing import Callable, List, Optional, Protocol, Sequence, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.ascent import optimizers
from magenta_viz.models import slim_network

Network = Callable[[tf.Tensor], slim_network.Outputs]
Objective = Callable[[slim_network.Outputs, tf.Tensor], tf.Tensor]
Images = Callable[[], tf.Tensor]
OnStep = Callable[[int, np.ndarray, Images], None]


class Parameterization(Protocol):
  """What is optimised, such as `parameterizations.Fourier`."""

  @property
  def height(self) -> int:
    """Height of the pictures, in pixels."""

  @property
  def width(self) -> int:
    """Width of the pictures, in pixels."""

  def initial(self, generator: np.random.Generator) -> np.ndarray:
    """Draws the parameters of one picture."""

  def to_images(
    self, params: tf.Tensor, size: Optional[Tuple[int, int]] = None
  ) -> tf.Tensor:
    """Returns the images of a batch of parameters."""


class Views(Protocol):
  """What the network sees of pictures, such as `transforms.RandomViews`."""

  def canvas_size(self, height: int, width: int) -> Tuple[int, int]:
    """Returns the size to draw a picture of `height` x `width` pixels at."""

  def draw(
    self, generator: np.random.Generator, height: int, width: int
  ) -> Tuple[np.ndarray, ...]:
    """Draws what is random in the view of one picture."""

  def apply(self, images: tf.Tensor, *draws: tf.Tensor) -> tf.Tensor:
    """Returns the views of a batch, with what was drawn for each picture."""


class Optimizer(Protocol):
  """How a gradient becomes a step, such as `optimizers.Adam`."""

  def initial(self, params: tf.Tensor) -> optimizers.State:
    """Returns the state before the first step."""

  def step(
    self,
    gradient: tf.Tensor,
    state: optimizers.State,
    index: tf.Tensor,
    learning_rate: tf.Tensor,
    scores: Optional[tf.Tensor] = None,
  ) -> Tuple[tf.Tensor, optimizers.State]:
    """Returns what to add to the parameters, and the next state."""


class Filter(Protocol):
  """What is done to the parameters after a step, as in `regularizers`."""

  def apply(
    self, params: np.ndarray, gradient: np.ndarray, index: int, num_steps: int
  ) -> np.ndarray:
    """Returns the filtered parameters."""


class Ascent:
  """Raises an objective, for one batch of pictures after another.

  A step takes the parameters to images, the images to one random view each,
  the views to scores, and moves the parameters along the scores' gradient.
  """

  def __init__(
    self,
    network: Network,
    parameterization: Parameterization,
    objective: Objective,
    optimizer: Optimizer,
    views: Sequence[Views],
    learning_rates: Sequence[float],
    filters: Sequence[Filter] = (),
  ):
    """Takes the parts.

    Args:
      network: From [batch, size, size, 3] views in [0, 1] to its outputs.
      parameterization: What the parameters mean.
      objective: From outputs and targets to [batch] scores.
      optimizer: From gradients to changes of the parameters.
      views: What the network sees, step by step; a size of view costs a trace
        of the network.
      learning_rates: One a step.
      filters: What is done to the parameters after each step, in this order.
    """
    self._network = network
    self._parameterization = parameterization
    self._objective = objective
    self._optimizer = optimizer
    self._views = views
    self._learning_rates = learning_rates
    self._filters = filters
    self._traced_step = tf.function(self._step, autograph=False)

  def run(
    self,
    targets: np.ndarray,
    generators: Sequence[np.random.Generator],
    on_step: Optional[OnStep] = None,
  ) -> Tuple[np.ndarray, np.ndarray]:
    """Makes one picture a generator.

    Args:
      targets: [batch, ...] array, what the objective raises for each picture.
      generators: One a picture; all that is random in a picture is drawn from
        its own.
      on_step: Called after each step with its index, the scores before it and
        a function that makes the images after it.

    Returns:
      The images, [batch, height, width, 3] float32 in [0, 1], and the scores,
      [num_steps, batch] float32.

    Raises:
      FloatingPointError: If a score or a gradient is not finite.
    """
    initial = [self._parameterization.initial(each) for each in generators]
    params = tf.constant(np.stack(initial))
    state = self._optimizer.initial(params)
    targets = tf.constant(targets)
    all_scores: List[np.ndarray] = []
    steps = zip(self._views, self._learning_rates)
    for index, (views, learning_rate) in enumerate(steps):
      params, state, scores, gradient = self._traced_step(
        params,
        state,
        targets,
        tf.constant(index, tf.float32),
        tf.constant(learning_rate, tf.float32),
        views,
        *self._draw(views, generators),
      )
      all_scores.append(scores.numpy())
      bad_scores = all_scores[-1][~np.isfinite(all_scores[-1])]
      if bad_scores.size:
        raise FloatingPointError(
          f'the score or the gradient of a picture is {bad_scores[0]} at step'
          f' {index}; use a smaller --learning_rate or --precision=float32'
        )
      for each in self._filters:
        filtered = each.apply(
          params.numpy(), gradient.numpy(), index, len(self._views)
        )
        params = tf.constant(filtered, tf.float32)
      if on_step is not None:
        to_images = self._parameterization.to_images
        on_step(index, all_scores[-1], functools.partial(to_images, params))
    images = self._parameterization.to_images(params).numpy()
    return images, np.stack(all_scores)

  def _draw(
    self,
    views: Views,
    generators: Sequence[np.random.Generator],
  ) -> List[np.ndarray]:
    """Draws a view a picture, each from the picture's own generator."""
    size = self._canvas_size(views)
    draws = [views.draw(each, *size) for each in generators]
    return [np.stack(each) for each in zip(*draws)]

  def _canvas_size(self, views: Views) -> Tuple[int, int]:
    """Returns the height and width that pictures are drawn at for views."""
    whole = self._parameterization
    return views.canvas_size(whole.height, whole.width)

  def _step(
    self,
    params: tf.Tensor,
    state: optimizers.State,
    targets: tf.Tensor,
    index: tf.Tensor,
    learning_rate: tf.Tensor,
    views: Views,
    *draws: tf.Tensor,
  ) -> Tuple[tf.Tensor, optimizers.State, tf.Tensor, tf.Tensor]:
    """Returns parameters and state after a step, scores and gradient before.

    The score of a picture whose parameters would not stay finite is NaN.
    """
    with tf.GradientTape() as tape:
      tape.watch(params)
      size = self._canvas_size(views)
      images = self._parameterization.to_images(params, size)
      outputs = self._network(views.apply(images, *draws))
      scores = self._objective(outputs, targets)
    # A picture's score depends on its own parameters only, so that the
    # gradient of the sum holds each one's own.
    gradient = tape.gradient(scores, params)
    change, state = self._optimizer.step(
      gradient, state, index, learning_rate, scores
    )
    # The scores do not tell: TensorFlow's fused ReLU makes 0 of NaN.
    is_finite = tf.reduce_all(tf.math.is_finite(change), axis=[1, 2, 3])
    scores = tf.where(is_finite, scores, np.nan)
    return params + change, state, scores, gradient
