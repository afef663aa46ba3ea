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
from typing import Any, Mapping, Sequence, Type

from magenta_viz.settings import fields
from magenta_viz.settings import parts


@dataclasses.dataclass(frozen=True)
class Optimizer(parts.OpenPart):
  """How a gradient becomes a step.

  Attributes:
    momentum: From 0 to below 1; the default is slim's.
  """

  momentum: float = fields.number(
    0.9, 0.0, 0.9999, 'share of a step in the next one'
  )

  @property
  def slots(self) -> Mapping[str, float]:
    """Names of the slots, and what they begin with."""
    raise NotImplementedError

  def update(
    self, variable: Any, gradient: Any, slots: Sequence[Any], rate: Any
  ) -> None:
    """Changes a variable and its slots.

    Args:
      variable: Float32 `tf.Variable`, of one device.
      gradient: Of the loss to it, a tensor.
      slots: Variables, as in `slots`.
      rate: Scalar float32, the learning rate.
    """
    raise NotImplementedError


@dataclasses.dataclass(frozen=True)
class Momentum(Optimizer):
  """a = momentum * a + gradient; variable -= rate * a.

  References:
    tf.compat.v1.train.MomentumOptimizer; Caffe's 'SGD' has the rate inside a,
    which is the same as long as the rate does not change.
  """

  @property
  def slots(self) -> Mapping[str, float]:
    """As of `Optimizer`."""
    return {'Momentum': 0.0}

  def update(
    self, variable: Any, gradient: Any, slots: Sequence[Any], rate: Any
  ) -> None:
    """As of `Optimizer`."""
    import tensorflow as tf  # `--help` does without.

    (accumulated,) = slots
    tf.raw_ops.ResourceApplyMomentum(
      var=variable.handle,
      accum=accumulated.handle,
      lr=rate,
      grad=gradient,
      momentum=tf.constant(self.momentum),
    )


@dataclasses.dataclass(frozen=True)
class RMSProp(Optimizer):
  """Momentum of the gradient, divided by the root of its mean square.

  s = decay * s + (1 - decay) * gradient^2;
  a = momentum * a + rate * gradient / sqrt(s + epsilon); variable -= a.

  References:
    tf.compat.v1.train.RMSPropOptimizer, whose mean squares begin with 1; the
    defaults are those of slim's train_image_classifier.py.
  """

  decay: float = fields.number(
    0.9,
    0.0,
    0.9999,
    'share of a mean square in the next one',
    name='rmsprop_decay',
  )
  epsilon: float = fields.number(
    1.0,
    1e-12,
    1000.0,
    'what is added to a mean square',
    name='rmsprop_epsilon',
  )

  @property
  def slots(self) -> Mapping[str, float]:
    """As of `Optimizer`."""
    return {'RMSProp': 1.0, 'RMSProp_1': 0.0}

  def update(
    self, variable: Any, gradient: Any, slots: Sequence[Any], rate: Any
  ) -> None:
    """As of `Optimizer`."""
    import tensorflow as tf  # `--help` does without.

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


OPTIMIZERS: Mapping[str, Type[Optimizer]] = {
  'momentum': Momentum,
  'rmsprop': RMSProp,
}
