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
"""The variables of a network that is to be trained, with their first values."""

from typing import Any, Dict, NamedTuple, Sequence, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.models import model_spec
from magenta_viz.models import slim_network


class InitialWeights(NamedTuple):
  """What a network begins with.

  Attributes:
    values: Float32 array of each variable by its name, in the order in which
      the network asks for them.
    trainable: Names of those that gradients change; the others are moving
      averages of batch norm.
  """

  values: Dict[str, np.ndarray]
  trainable: Tuple[str, ...]


def sample(
  spec: model_spec.ModelSpec, seed: int, auxiliary_heads: Sequence[str] = ()
) -> InitialWeights:
  """Samples the variables of a network as its own initializers have it.

  Args:
    spec: The network.
    seed: Of all samples; the same one gives the same values, whatever was
      sampled before.
    auxiliary_heads: Which of the network's auxiliary classifiers to have.
  """
  initial: Dict[str, tf.Tensor] = {}
  trainable = []

  def answer(
    getter: Any,
    name: str,
    shape: Any,
    initializer: Any,
    **kwargs: Any,
  ) -> tf.Tensor:
    del getter
    initial[name] = initializer(shape, tf.float32)
    if kwargs['trainable']:
      trainable.append(name)
    return initial[name]

  # The seed of a graph is its own; that of eager TensorFlow would be global.
  with tf.Graph().as_default():
    tf.compat.v1.set_random_seed(seed)
    images = tf.zeros([1, spec.image_size, spec.image_size, 3])
    slim_network.build(spec, images, answer, auxiliary_heads)
    with tf.compat.v1.Session() as session:
      values = session.run(initial)
  return InitialWeights(values, tuple(trainable))
