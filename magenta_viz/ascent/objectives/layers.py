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

"""Layers of a network, for objectives."""

from typing import Dict

import tensorflow as tf

from magenta_viz.models import network_protocol
from magenta_viz.settings import near_names


def activations(outputs: network_protocol.Outputs, layer: str) -> tf.Tensor:
  """Returns a layer's activations in float32.

  Raises:
    ValueError: If there is no such layer.
  """
  if layer not in outputs.end_points:
    layers = list(outputs.end_points)
    close = near_names.nearest(layer, layers) or layers[:3]
    raise ValueError(
      f"unknown layer '{layer}'; take one such as {', '.join(close)}"
      ' (--list_layers shows them all)'
    )
  return tf.cast(outputs.end_points[layer], tf.float32)


def spatial_activations(
  outputs: network_protocol.Outputs, layer: str
) -> tf.Tensor:
  """Returns a layer's [batch, height, width, channels] float32 activations.

  A layer without positions has one.

  Raises:
    ValueError: If there is no such layer.
  """
  net = activations(outputs, layer)
  return net[:, None, None] if net.shape.rank == 2 else net


class FloatLayers(Dict[str, tf.Tensor]):
  """The end points of outputs, each as `activations` has it."""

  def __init__(self, outputs: network_protocol.Outputs):
    """Takes the outputs."""
    # What no objective asks for is not computed.
    super().__init__(
      {name: activations(outputs, name) for name in outputs.end_points}
    )
    self._outputs = outputs

  def __missing__(self, layer: str) -> tf.Tensor:
    """Raises ValueError: there is no such layer."""
    return activations(self._outputs, layer)
