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
"""How a gradient changes a variable: TensorFlow's own kernels.

They are what slim's programs trained with. A slot is what an optimizer keeps
beside a variable, under the name that TensorFlow 1 gives it.
"""

import dataclasses
from typing import Mapping, Sequence, Union

import tensorflow as tf


@dataclasses.dataclass(frozen=True)
class Momentum:
  """a = momentum * a + gradient; variable -= rate * a.

  Attributes:
    momentum: From 0 to below 1.

  References:
    tf.compat.v1.train.MomentumOptimizer; Caffe's 'SGD' has the rate inside a,
    which is the same as long as the rate does not change.
  """

  momentum: float

  @property
  def slots(self) -> Mapping[str, float]:
    """Names of the slots, and what they begin with."""
    return {'Momentum': 0.0}

  def update(
    self,
    variable: tf.Variable,
    gradient: tf.Tensor,
    slots: Sequence[tf.Variable],
    rate: tf.Tensor,
  ) -> None:
    """Changes a variable and its slots.

    Args:
      variable: Float32 variable, of one device.
      gradient: Of the loss to it.
      slots: As in `slots`.
      rate: Scalar float32, the learning rate.
    """
    (accumulated,) = slots
    tf.raw_ops.ResourceApplyMomentum(
      var=variable.handle,
      accum=accumulated.handle,
      lr=rate,
      grad=gradient,
      momentum=tf.constant(self.momentum),
    )


@dataclasses.dataclass(frozen=True)
class RMSProp:
  """Momentum of the gradient, divided by the root of its mean square.

  s = decay * s + (1 - decay) * gradient^2;
  a = momentum * a + rate * gradient / sqrt(s + epsilon); variable -= a.

  Attributes:
    momentum: From 0 to below 1.
    decay: Of the mean square, from 0 to below 1.
    epsilon: Added to the mean square.

  References:
    tf.compat.v1.train.RMSPropOptimizer, whose mean squares begin with 1.
  """

  momentum: float
  decay: float
  epsilon: float

  @property
  def slots(self) -> Mapping[str, float]:
    """Names of the slots, and what they begin with."""
    return {'RMSProp': 1.0, 'RMSProp_1': 0.0}

  def update(
    self,
    variable: tf.Variable,
    gradient: tf.Tensor,
    slots: Sequence[tf.Variable],
    rate: tf.Tensor,
  ) -> None:
    """Changes a variable and its slots, as of `Momentum`."""
    squares, accumulated = slots
    tf.raw_ops.ResourceApplyRMSProp(
      var=variable.handle,
      ms=squares.handle,
      mom=accumulated.handle,
      lr=rate,
      rho=tf.constant(self.decay),
      momentum=tf.constant(self.momentum),
      epsilon=tf.constant(self.epsilon),
      grad=gradient,
    )


Optimizer = Union[Momentum, RMSProp]
