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

"""The gradient of a class's logit, with the ReLUs' own gradient or another's.

References:
  Simonyan et al. 2013, arXiv 1312.6034: the gradient.
  Springenberg et al. 2014, arXiv 1412.6806: guided backpropagation.
  Zeiler and Fergus 2013, arXiv 1311.2901: the deconvolutional network.
"""

import contextlib
from typing import Any, Mapping

import numpy as np
import tensorflow as tf

from magenta_viz.attribution import class_traces
from magenta_viz.models import conv_gradient
from magenta_viz.models import image_gradient
from magenta_viz.models import network_protocol

# Limits the memory: some 60 MB a crop in GoogLeNet.
_MAX_BATCH = 10


@tf.RegisterGradient('MagentaVizGuidedRelu')
def _guided(op: tf.Operation, gradient: tf.Tensor) -> tf.Tensor:
  """Passes what is positive in the forward and in the backward pass."""
  # A ReLU's output is positive where its input is.
  passes = tf.logical_and(op.outputs[0] > 0, gradient > 0)
  return tf.where(passes, gradient, tf.zeros_like(gradient))


@tf.RegisterGradient('MagentaVizGuidedRelu6')
def _guided6(op: tf.Operation, gradient: tf.Tensor) -> tf.Tensor:
  """Passes what is positive and below the limit, likewise."""
  below = tf.where(op.outputs[0] < 6, gradient, tf.zeros_like(gradient))
  return _guided(op, below)


@tf.RegisterGradient('MagentaVizDeconvnetRelu')
def _deconvnet(unused_op: tf.Operation, gradient: tf.Tensor) -> tf.Tensor:
  """Passes what is positive in the backward pass, and that alone."""
  return tf.maximum(gradient, tf.zeros_like(gradient))


# A rule for ReLUs -> the operations whose gradient is another's, and whose.
# All else is differentiated as it is; a max-pooling's gradient is the
# deconvolutional network's unpooling.
RULES: Mapping[str, Mapping[str, str]] = {
  'plain': {},
  'guided': {
    'Relu': 'MagentaVizGuidedRelu',
    'Relu6': 'MagentaVizGuidedRelu6',
  },
  'deconvnet': {
    'Relu': 'MagentaVizDeconvnetRelu',
    'Relu6': 'MagentaVizDeconvnetRelu',
  },
}


class ClassGradient:
  """The gradient of classes' logits with respect to images."""

  def __init__(
    self, network: network_protocol.Function, side: int, rule: str = 'plain'
  ):
    """Takes what to differentiate.

    Args:
      network: From [batch, side, side, 3] images in [0, 1] to its outputs.
        Its ReLUs must be TensorFlow's operations, as in `tf.nn.relu` and
        `tf.nn.relu6`.
      side: Height and width of the images.
      rule: What ReLUs pass on, one of `RULES`.
    """
    self._network = network
    self._rule = RULES[rule]
    self._traced = class_traces.trace(self._gradient, side)

  def __call__(self, images: np.ndarray, class_id: int) -> np.ndarray:
    """Returns the gradients.

    Args:
      images: [batch, side, side, 3] float32.
      class_id: The class.

    Returns:
      [batch, side, side, 3] float32; each image's is its own.

    Raises:
      FloatingPointError: If one is not finite.
    """
    num_batches = -(-len(images) // _MAX_BATCH)
    batches = np.array_split(images, num_batches)
    wanted = tf.constant(class_id, tf.int32)
    gradients = np.concatenate(
      [self._traced(tf.constant(batch), wanted).numpy() for batch in batches]
    )
    if not np.all(np.isfinite(gradients)):
      raise FloatingPointError(
        f'the gradient of class {class_id} is not finite; use'
        ' --precision=float32 or other weights'
      )
    return gradients

  def _gradient(self, images: tf.Tensor, class_id: tf.Tensor) -> tf.Tensor:
    """Builds the gradient in a graph: `tf.GradientTape` knows of no rules."""
    with contextlib.ExitStack() as stack:
      graph: Any = tf.compat.v1.get_default_graph()
      stack.enter_context(graph.gradient_override_map(dict(self._rule)))
      stack.enter_context(conv_gradient.turned_convolutions())
      logits = self._network(images).logits
    score = logits[:, class_id]
    return image_gradient.gradient(
      score, images, unconnected_gradients=tf.UnconnectedGradients.ZERO
    )
