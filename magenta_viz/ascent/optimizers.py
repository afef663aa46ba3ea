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

"""How a gradient becomes a step.

An optimizer has `initial`, its state before the first step, and `step`; what
their arguments are is written at `Adam`. Pictures of a batch do not influence
one another, and where a gradient is 0 so is the step.
"""

import dataclasses
from typing import List, Optional, Tuple

import tensorflow as tf

from magenta_viz.ascent import protocols


@dataclasses.dataclass(frozen=True)
class Adam:
  """Adam, upwards.

  The decay rates and epsilon are those of the paper.

  References:
    Kingma and Ba 2015, Adam, arXiv 1412.6980, algorithm 1.
  """

  beta_1: float = 0.9
  beta_2: float = 0.999
  epsilon: float = 1e-8

  def initial(self, params: tf.Tensor) -> protocols.State:
    """Returns the state before the first step."""
    return tf.zeros_like(params), tf.zeros_like(params)

  def step(
    self,
    gradient: tf.Tensor,
    state: protocols.State,
    index: tf.Tensor,
    learning_rate: tf.Tensor,
    scores: Optional[tf.Tensor] = None,
  ) -> Tuple[tf.Tensor, protocols.State]:
    """Returns what to add to the parameters, and the next state.

    Args:
      gradient: Of the score, in the shape of the parameters.
      state: As `initial` or the last step returned it.
      index: Scalar float32, 0 at the first step.
      learning_rate: Scalar float32.
      scores: [batch] float32 tensor, before the step. Only `ProgressToOne`
        uses them.
    """
    del scores
    mean, square = state
    mean += (1 - self.beta_1) * (gradient - mean)
    square += (1 - self.beta_2) * (gradient**2 - square)
    unbiased_mean = mean / (1 - self.beta_1 ** (index + 1))
    unbiased_square = square / (1 - self.beta_2 ** (index + 1))
    change = learning_rate * unbiased_mean
    change /= tf.sqrt(unbiased_square) + self.epsilon
    return change, (mean, square)


@dataclasses.dataclass(frozen=True)
class NAdam:
  """Adam with Nesterov's momentum, upwards.

  Momentum warms up: at step t, from 1, it is beta_1 (1 - 0.96^(t / 250) / 2).
  As Keras and PyTorch have it, and so the published MaCo: the momentum of the
  schedule weighs gradient and mean against each other, beta_1 alone makes the
  mean.

  References:
    Dozat 2015, Incorporating Nesterov momentum into Adam,
    cs229.stanford.edu/proj2015/054_report.pdf, algorithm 8, and the ICLR 2016
    workshop, section 2, for the schedule.
  """

  beta_1: float = 0.9
  beta_2: float = 0.999
  epsilon: float = 1e-8

  def initial(self, params: tf.Tensor) -> protocols.State:
    """Returns the state before the first step."""
    zeros = tf.zeros_like(params)
    return zeros, zeros, tf.ones([], params.dtype)

  def step(
    self,
    gradient: tf.Tensor,
    state: protocols.State,
    index: tf.Tensor,
    learning_rate: tf.Tensor,
    scores: Optional[tf.Tensor] = None,
  ) -> Tuple[tf.Tensor, protocols.State]:
    """Returns what to add to the parameters, and the next state."""
    del scores
    mean, square, product = state
    mean += (1 - self.beta_1) * (gradient - mean)
    square += (1 - self.beta_2) * (gradient**2 - square)
    momentum = self._momentum(index + 1)
    next_momentum = self._momentum(index + 2)
    # Of all momenta so far, for what the start at 0 lacks.
    product *= momentum
    ahead = next_momentum * mean / (1 - product * next_momentum)
    ahead += (1 - momentum) * gradient / (1 - product)
    unbiased_square = square / (1 - self.beta_2 ** (index + 1))
    change = learning_rate * ahead / (tf.sqrt(unbiased_square) + self.epsilon)
    return change, (mean, square, product)

  def _momentum(self, step: tf.Tensor) -> tf.Tensor:
    """Returns the momentum of a step, counted from 1."""
    return self.beta_1 * (1 - 0.5 * 0.96 ** (step / 250))


class Memoryless:
  """A rule that needs no more than the gradient of the step."""

  def initial(self, params: tf.Tensor) -> protocols.State:
    """Returns the state before the first step: none."""
    del params
    return ()

  def step(
    self,
    gradient: tf.Tensor,
    state: protocols.State,
    index: tf.Tensor,
    learning_rate: tf.Tensor,
    scores: Optional[tf.Tensor] = None,
  ) -> Tuple[tf.Tensor, protocols.State]:
    """Returns what to add to the parameters, and no state."""
    del state, index
    return self.change(gradient, learning_rate, scores), ()

  def change(
    self, gradient: tf.Tensor, rate: tf.Tensor, scores: Optional[tf.Tensor]
  ) -> tf.Tensor:
    """Returns what to add to the parameters; see `Adam.step`."""
    raise NotImplementedError


@dataclasses.dataclass(frozen=True)
class Plain(Memoryless):
  """The gradient times the learning rate."""

  def change(
    self, gradient: tf.Tensor, rate: tf.Tensor, scores: Optional[tf.Tensor]
  ) -> tf.Tensor:
    """Returns what to add to the parameters."""
    return rate * gradient


@dataclasses.dataclass(frozen=True)
class MeanAbsolute(Memoryless):
  """The gradient, scaled for its mean absolute value to be the learning rate.

  References:
    Mordvintsev, Tyka and Olah 2015, github.com/google/deepdream, dream.ipynb.
  """

  def change(
    self, gradient: tf.Tensor, rate: tf.Tensor, scores: Optional[tf.Tensor]
  ) -> tf.Tensor:
    """Returns what to add to the parameters."""
    mean = _mean(tf.abs(gradient))
    return tf.math.divide_no_nan(rate * gradient, mean)


@dataclasses.dataclass(frozen=True)
class RootMeanSquare(Memoryless):
  """The gradient, scaled for its root mean square to be the learning rate."""

  def change(
    self, gradient: tf.Tensor, rate: tf.Tensor, scores: Optional[tf.Tensor]
  ) -> tf.Tensor:
    """Returns what to add to the parameters."""
    root = tf.sqrt(_mean(gradient**2))
    return tf.math.divide_no_nan(rate * gradient, root)


@dataclasses.dataclass(frozen=True)
class Progress(Memoryless):
  """The step that would raise a linear score by as much as is desired.

  The learning rate is the largest that is used, `max_lr` of the original.

  Attributes:
    desired: Rise of the score.

  References:
    Yosinski et al. 2015, optimize/gradient_optimizer.py in
    github.com/yosinski/deep-visualization-toolbox, the policy `progress`.
  """

  desired: float

  def change(
    self, gradient: tf.Tensor, rate: tf.Tensor, scores: Optional[tf.Tensor]
  ) -> tf.Tensor:
    """Returns what to add to the parameters."""
    desired = tf.constant(self.desired, gradient.dtype)
    return _progress(gradient, desired, rate)


@dataclasses.dataclass(frozen=True)
class ProgressToOne(Memoryless):
  """As `Progress`, for scores that end at 1: probabilities.

  Attributes:
    early: Rise of the score, at most.
    late_share: Rise, at most, as a share of what the score lacks of 1.

  References:
    As for `Progress`, the policy `progress01`: `early_prog`, `late_prog_mult`.
  """

  early: float
  late_share: float

  def change(
    self, gradient: tf.Tensor, rate: tf.Tensor, scores: Optional[tf.Tensor]
  ) -> tf.Tensor:
    """Returns what to add to the parameters.

    Raises:
      ValueError: If there are no scores.
    """
    if scores is None:
      raise ValueError('scores are None; ProgressToOne needs them at each step')
    scores = tf.reshape(scores, [-1] + [1] * (len(gradient.shape) - 1))
    desired = tf.minimum(self.early, self.late_share * (1 - scores))
    return _progress(gradient, desired, rate)


def _progress(
  gradient: tf.Tensor, desired: tf.Tensor, max_rate: tf.Tensor
) -> tf.Tensor:
  """Returns the step that raises a linear score by `desired`, or less."""
  # Infinite where the gradient is 0, and then `max_rate`.
  rate = desired / tf.reduce_sum(gradient**2, _axes(gradient), keepdims=True)
  return tf.minimum(rate, max_rate) * gradient


def _mean(values: tf.Tensor) -> tf.Tensor:
  """Returns the mean of each picture, of as many axes."""
  return tf.reduce_mean(values, _axes(values), keepdims=True)


def _axes(values: tf.Tensor) -> List[int]:
  """Returns all axes but the batch's."""
  return list(range(1, len(values.shape)))
