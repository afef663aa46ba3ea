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

"""What sets the variations of a class apart: each leans to features of its own.

A class has many facets, and seeds alone find like ones: what decides is the
first strong response. So each picture is drawn, at first and less and less, to
a mixture of channels of a middle layer that comes from its seed; the class
finds its place in what has grown there. docs/recipe.md has what that gains.
Nguyen, Yosinski and Clune 2016, Multifaceted feature visualization (arXiv
1602.03616), start from means of training photographs instead, which a network
does not come with.
"""

import dataclasses

import numpy as np
import tensorflow as tf

from magenta_viz.ascent.objectives import objectives
from magenta_viz.models import network_protocol


@dataclasses.dataclass(frozen=True)
class RandomDirection:
  """A direction among a layer's channels, another for each picture.

  Attributes:
    layer: Name of the end point.
    strength: What a view whose features lie in that direction scores at the
      first step; 0 for those that are at right angles to it.
    num_steps: The reward falls in a straight line, to 0 at this step.
  """

  layer: str
  strength: float
  num_steps: int

  def sample(self, generator: np.random.Generator) -> np.ndarray:
    """Samples what a picture's direction is made of, a [2] int32 array."""
    return generator.integers(0, 2**31 - 1, 2, np.int32)

  def reward(
    self,
    outputs: network_protocol.Outputs,
    sampled: tf.Tensor,
    index: tf.Tensor,
  ) -> tf.Tensor:
    """Returns what is added to the scores of views.

    Args:
      outputs: Of the network, for [views, height, width, 3] views.
      sampled: [views, 2] int32 tensor of `sample`.
      index: Of the step, a float32 scalar.

    Returns:
      [views] float32 tensor: the cosine between the direction and the mean of
      the layer over all positions, both less their mean over the channels,
      times what is left of the strength.

    Raises:
      ValueError: If the network has no such layer.
    """
    net = objectives.spatial_activations(outputs, self.layer)
    features = _direction(tf.reduce_mean(net, axis=[1, 2]))
    num_channels = net.shape[-1]
    wanted = tf.map_fn(
      lambda seed: tf.random.stateless_normal([num_channels], seed),
      sampled,
      fn_output_signature=tf.float32,
    )
    cosines = tf.reduce_sum(features * _direction(wanted), axis=1)
    return self.strength * tf.maximum(1 - index / self.num_steps, 0) * cosines


def _direction(features: tf.Tensor) -> tf.Tensor:
  """Returns [views, channels] features less their mean, of length 1."""
  features -= tf.reduce_mean(features, axis=1, keepdims=True)
  return tf.math.l2_normalize(features, axis=1)
