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

"""Made-up weights, for tests that need no trained ones."""

from typing import Dict, Mapping, Sequence

import numpy as np

from magenta_viz.models import model_spec


def random_weights(
  shapes: Mapping[str, Sequence[int]], seed: int = 0
) -> Dict[str, np.ndarray]:
  """Returns values that keep a network's activations in the usual range.

  Args:
    shapes: A network's variables, by tf-slim's names.
    seed: Of the random numbers.

  Returns:
    float32 arrays by name: kernels as in He et al. 2015 (arXiv 1502.01852),
    equation 10, variances and scales in [0.5, 1.5], and all else small.
  """
  generator = np.random.RandomState(seed)
  values = {}
  for name, shape in shapes.items():
    if name.endswith('/depthwise_weights'):
      value = generator.randn(*shape) * np.sqrt(2 / np.prod(shape[:2]))
    elif name.endswith('/weights'):
      value = generator.randn(*shape) * np.sqrt(2 / np.prod(shape[:-1]))
    elif name.endswith(('/moving_variance', '/gamma')):
      value = generator.uniform(0.5, 1.5, shape)
    else:
      value = 0.1 * generator.randn(*shape)
    values[name] = value.astype(np.float32)
  return values


def of_network(
  spec: model_spec.ModelSpec, heads: Sequence[str] = (), seed: int = 0
) -> Dict[str, np.ndarray]:
  """Returns such values of all variables of a network.

  Args:
    spec: The network.
    heads: Its auxiliary classifiers that are to have values, too.
    seed: Of the random numbers.
  """
  # Many tests here need no TensorFlow.
  from magenta_viz.models import slim_network

  variables = slim_network.variable_specs(spec, heads)
  shapes = {name: each.shape.as_list() for name, each in variables.items()}
  return random_weights(shapes, seed)
