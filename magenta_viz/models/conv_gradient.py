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

"""Convolutions' gradient to their input as convolutions themselves.

oneDNN brings a convolution's weights into an order of its own at each call, and
takes longer to do so for its gradient than for the convolution. With the
weights turned round beforehand, the gradient is a convolution too: GoogLeNet
takes a tenth less for a single picture, and as long for one of many
(docs/performance.md). A depthwise convolution's gains nothing by it, but in
bfloat16 TensorFlow 2.9 has none, and later ones a slow one where there are
strides: EfficientNet-Lite0 took twice as long as in float32 for the four that
it has.
"""

import contextlib
import functools
from typing import Any, Dict, Iterator, Optional, Tuple

import tensorflow as tf

_NAME = 'MagentaVizTurnedConv2D'
_DEPTHWISE_NAME = 'MagentaVizDepthwiseConv2D'


@contextlib.contextmanager
def turned_convolutions() -> Iterator[None]:
  """Lets `tf.gradients` differentiate the convolutions that are made within.

  For graphs only: `tf.GradientTape` does not know of it.
  """
  graph: Any = tf.compat.v1.get_default_graph()
  with graph.gradient_override_map(
    {'Conv2D': _NAME, 'DepthwiseConv2dNative': _DEPTHWISE_NAME}
  ):
    yield


@tf.RegisterGradient(_NAME)
def _gradient(
  op: tf.Operation, upstream: tf.Tensor
) -> Tuple[tf.Tensor, tf.Tensor]:
  """Returns the gradients of a convolution to its input and its weights.

  What the graph does not use of them is not computed.
  """
  net, weights = op.inputs
  kwargs = _arguments(op)
  to_weights = tf.raw_ops.Conv2DBackpropFilter(
    input=net,
    filter_sizes=tf.shape(weights),
    out_backprop=upstream,
    **kwargs,
  )
  turned = _turned(weights) if _is_centred(weights, kwargs) else None
  if turned is not None:
    to_net = tf.nn.conv2d(upstream, turned, strides=1, padding='SAME')
  else:
    to_net = tf.raw_ops.Conv2DBackpropInput(
      input_sizes=tf.shape(net),
      filter=weights,
      out_backprop=upstream,
      **kwargs,
    )
  return to_net, to_weights


@tf.RegisterGradient(_DEPTHWISE_NAME)
def _depthwise_gradient(
  op: tf.Operation, upstream: tf.Tensor
) -> Tuple[tf.Tensor, tf.Tensor]:
  """Returns the gradients of a depthwise convolution, as `_gradient` does."""
  net, weights = op.inputs
  kwargs = _arguments(op)
  is_fast = kwargs['strides'] == [1, 1, 1, 1] and _has_gradient(net.dtype)
  dtype = net.dtype if is_fast else tf.float32
  upstream = tf.cast(upstream, dtype)
  to_net = tf.raw_ops.DepthwiseConv2dNativeBackpropInput(
    input_sizes=tf.shape(net),
    filter=tf.cast(weights, dtype),
    out_backprop=upstream,
    **kwargs,
  )
  to_weights = tf.raw_ops.DepthwiseConv2dNativeBackpropFilter(
    input=tf.cast(net, dtype),
    filter_sizes=tf.shape(weights),
    out_backprop=upstream,
    **kwargs,
  )
  return tf.cast(to_net, net.dtype), tf.cast(to_weights, net.dtype)


@functools.lru_cache(maxsize=None)
def _has_gradient(dtype: tf.DType) -> bool:
  """Tells whether TensorFlow has a depthwise convolution's gradient."""
  try:
    with tf.init_scope():
      tf.raw_ops.DepthwiseConv2dNativeBackpropInput(
        input_sizes=[1, 3, 3, 1],
        filter=tf.ones([3, 3, 1, 1], dtype),
        out_backprop=tf.ones([1, 3, 3, 1], dtype),
        strides=[1, 1, 1, 1],
        padding='SAME',
      )
  except tf.errors.OpError:
    return False
  return True


def _arguments(op: tf.Operation) -> Dict[str, Any]:
  """Returns the arguments that a convolution shares with its gradients."""
  kwargs = {
    name: op.get_attr(name)
    for name in ('strides', 'explicit_paddings', 'data_format', 'dilations')
  }
  kwargs['padding'] = op.get_attr('padding').decode()
  kwargs['data_format'] = kwargs['data_format'].decode()
  return kwargs


def _turned(weights: tf.Tensor) -> Optional[tf.Tensor]:
  """Returns weights turned round, the channels of input and output swapped.

  Returns:
    An eager tensor; None where the weights are neither a constant nor an eager
    tensor outside of the graph, but would have to be turned at each step.
  """
  with tf.init_scope():
    value = _value(weights)
    if value is None:
      return None
    return tf.transpose(tf.reverse(value, [0, 1]), [0, 1, 3, 2])


def _value(weights: tf.Tensor) -> Any:
  """Returns what weights are at each step; None if they may differ."""
  if weights.op.type == 'Const':
    return tf.get_static_value(weights)
  graph: Any = weights.graph
  for outside, inside in getattr(graph, 'captures', ()):
    if inside is weights and hasattr(outside, 'numpy'):
      return outside
  return None


def _is_centred(weights: tf.Tensor, kwargs: Any) -> bool:
  """Tells whether each output lies in the middle of the inputs that it sees."""
  is_padded_alike = kwargs['padding'] == 'SAME' or (
    kwargs['padding'] == 'VALID' and weights.shape[:2] == [1, 1]
  )
  return (
    kwargs['strides'] == kwargs['dilations'] == [1, 1, 1, 1]
    and is_padded_alike
    and kwargs['data_format'] == 'NHWC'
    and all(side is not None and side % 2 == 1 for side in weights.shape[:2])
  )
