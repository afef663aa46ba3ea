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

"""The gradient of a class's logit with respect to a layer.

References:
  Selvaraju et al. 2017, arXiv 1610.02391: what it is wanted for.
"""

from typing import Any, Optional, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.attribution import class_traces
from magenta_viz.models import conv_gradient
from magenta_viz.models import image_gradient
from magenta_viz.models import network_protocol
from magenta_viz.models import sharing
from magenta_viz.settings import near_names

# Operations that leave values as they are: a network's end point may be made
# by them of what its scores come from, as a grid of tokens without the class's,
# or a map of channels first, and lie beside the way to the scores.
_REARRANGING = frozenset(
  ('Cast', 'Identity', 'Reshape', 'Slice', 'StridedSlice', 'Transpose')
)

# Limits the memory, as with `class_gradients`.
_MAX_BATCH = 10


class LayerGradient:
  """The activations of layers, and the gradients of classes' logits to them."""

  def __init__(self, network: network_protocol.Function, side: int):
    """Takes what to differentiate.

    Args:
      network: From [batch, side, side, 3] images in [0, 1] to its outputs.
      side: Height and width of the images.
    """
    self._network = network
    self._side = side
    # A run asks for one layer.
    self._traces = sharing.Shared(1)

  def __call__(
    self, images: np.ndarray, layer: str, class_id: int
  ) -> Tuple[np.ndarray, np.ndarray]:
    """Returns a layer's activations and the gradients.

    Args:
      images: [batch, side, side, 3] float32.
      layer: Name of the end point.
      class_id: The class.

    Returns:
      Two arrays of the layer's shape, [batch, rows, columns, channels] float32.

    Raises:
      FloatingPointError: If one is not finite.
      ValueError: If the logits do not depend on the layer.
    """
    traced = self._traces.get(layer, lambda: self._trace(layer))
    wanted = tf.constant(class_id, tf.int32)
    found = [
      traced(tf.constant(images[start : start + _MAX_BATCH]), wanted)
      for start in range(0, len(images), _MAX_BATCH)
    ]
    activations, gradients = map(np.concatenate, zip(*found))
    if not np.isfinite([activations, gradients]).all():
      raise FloatingPointError(
        f'layer {layer} or the gradient of class {class_id} to it is not'
        ' finite; use --precision=float32 or other weights'
      )
    return activations, gradients

  def _trace(self, layer: str) -> Any:
    """Traces the network, for any batch and class."""

    def gradient(
      images: tf.Tensor, class_id: tf.Tensor
    ) -> Tuple[tf.Tensor, tf.Tensor]:
      with conv_gradient.turned_convolutions():
        outputs = self._network(images)
      net = outputs.end_points[layer]
      found = gradient_to_layer(outputs.logits[:, class_id], net)
      if found is None:
        raise ValueError(
          f"the classes' scores do not depend on layer '{layer}'; take one on"
          ' the way to them'
        )
      return tf.cast(net, tf.float32), found

    return class_traces.trace(gradient, self._side)


def gradient_to_layer(scores: tf.Tensor, net: tf.Tensor) -> Optional[tf.Tensor]:
  """Returns the gradient to a layer, or to what it is rearranged from.

  Args:
    scores: [batch] float32 tensor of a graph.
    net: The layer's tensor in it.

  Returns:
    A float32 tensor of the layer's shape; None if the scores do not depend on
    it.
  """
  source = net
  found = image_gradient.gradient(scores, source)
  while found is None and source.op.type in _REARRANGING:
    source = source.op.inputs[0]
    found = image_gradient.gradient(scores, source)
  if found is None or source is net:
    return found
  # What brings a gradient back is linear, and its own gradient rearranges.
  aside = tf.zeros_like(net)
  (back,) = tf.gradients(net, [source], grad_ys=aside)
  (found,) = tf.gradients(back, [aside], grad_ys=tf.cast(found, back.dtype))
  return tf.cast(found, tf.float32)


def choose_layer(
  network: network_protocol.Network,
  outputs: network_protocol.Outputs,
  layer: Optional[str],
) -> str:
  """Returns the layer whose places are looked at.

  Args:
    network: The network.
    outputs: What it says of any images.
    layer: The end point that is asked for; None for the one that the classifier
      looks at or, if that has no places, the last one that has.

  Raises:
    ValueError: If there is no such layer, or it has no places.
  """
  maps = [
    name
    for name, net in outputs.end_points.items()
    if net.shape.rank == 4 and net.shape[1] * net.shape[2] > 1
  ]
  if not maps:
    raise ValueError(
      f'{network.name} has no layer with a map of places, which grad_cam looks'
      ' at; take another --method'
    )
  if layer is None:
    return network.features if network.features in maps else maps[-1]
  if layer in maps:
    return layer
  close = near_names.nearest(layer, maps) or maps[-3:]
  what = f"unknown layer '{layer}'"
  if layer in outputs.end_points:
    shape = tuple(outputs.end_points[layer].shape[1:])
    what = f"layer '{layer}' has no map of places: its shape is {shape}"
  raise ValueError(
    f'{what}; take one such as {", ".join(close)}'
    ' (image_visualization_visualize --list_layers shows them all)'
  )
