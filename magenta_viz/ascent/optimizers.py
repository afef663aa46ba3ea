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

"""How a gradient becomes a step."""

import dataclasses
from typing import Tuple

import tensorflow as tf

State = Tuple[tf.Tensor, ...]


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

  def initial(self, params: tf.Tensor) -> State:
    """Returns the state before the first step."""
    return tf.zeros_like(params), tf.zeros_like(params)

  def step(
    self,
    gradient: tf.Tensor,
    state: State,
    index: tf.Tensor,
    learning_rate: tf.Tensor,
  ) -> Tuple[tf.Tensor, State]:
    """Returns what to add to the parameters, and the next state.

    Args:
      gradient: Of the score, in the shape of the parameters.
      state: As `initial` or the last step returned it.
      index: Scalar float32, 0 at the first step.
      learning_rate: Scalar float32.
    """
    mean, square = state
    mean += (1 - self.beta_1) * (gradient - mean)
    square += (1 - self.beta_2) * (gradient**2 - square)
    unbiased_mean = mean / (1 - self.beta_1 ** (index + 1))
    unbiased_square = square / (1 - self.beta_2 ** (index + 1))
    change = learning_rate * unbiased_mean
    change /= tf.sqrt(unbiased_square) + self.epsilon
    return change, (mean, square)
