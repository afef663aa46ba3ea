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

"""What in a picture the values of a network hang on, by its structure alone.

A mask of the values that count goes back through the graph, operation by
operation, as gradients do. But each operation gives way to a stand-in, which
sees the same places and whose derivative is nowhere zero, whatever the weights
and the picture: a convolution adds up, a max-pooling takes the mean, a ReLU
passes everything. What is not zero after that counts.
"""

import contextlib
import functools
import types
from typing import Any, Callable, Dict, List, Mapping, Sequence, Tuple

import tensorflow as tf

from magenta_viz.models.foreign import graph_inlining

# Gives what an operation does not need the values for.
_OF_SHAPES = frozenset(('OnesLike', 'Rank', 'Shape', 'Size', 'ZerosLike'))

# From an operation, those of its inputs that hang on the picture, and float32
# ones in their place, to what is in its outputs'.
_StandIn = Callable[
  [tf.Operation, Sequence[tf.Tensor], Sequence[tf.Tensor]], List[tf.Tensor]
]

# A value for each value at the same place.
_PLACE_BY_PLACE = (
  # of one,
  'Abs BiasAdd BiasAddV1 Cast Ceil CheckNumerics Cos Elu Erf Erfc Exp Expm1'
  ' Floor FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3 Identity Inv'
  ' IsFinite IsInf IsNan LeakyRelu Log Log1p LogicalNot Neg PreventGradient'
  ' Reciprocal Relu Relu6 Rint Round Rsqrt Selu Sigmoid Sign Sin Softplus'
  ' Softsign Sqrt Square StopGradient Tanh'
  # of several, some of which may be the same for many places.
  ' Add AddN AddV2 ClipByValue Div DivNoNan Equal Greater GreaterEqual Less'
  ' LessEqual LogicalAnd LogicalOr Maximum Minimum Mul MulNoNan NotEqual Pow'
  ' RealDiv Select SelectV2 SquaredDifference Sub Xdivy'
).split()

# Weighs what it adds up.
_WEIGHING = (
  'BatchMatMul BatchMatMulV2 BatchMatMulV3 Conv2DBackpropInput Conv3D'
  ' DepthwiseConv2dNative Einsum'
).split()

# Takes one way or another by what it sees.
_OPAQUE = 'Case If StatelessCase StatelessIf StatelessWhile While'.split()


def of_images(
  images: tf.Tensor, wanted: Sequence[Tuple[tf.Tensor, tf.Tensor]]
) -> tf.Tensor:
  """Returns which values of a picture some values of a network hang on.

  Args:
    images: A tensor of the graph that is being built, of known shape.
    wanted: Tensors that were made of it in this graph, each with its mask, a
      float32 tensor of the same shape: not 0 where a value counts. All shapes
      are known.

  Returns:
    A float32 tensor of the shape of `images`, 0 where nothing hangs on it.
  """
  passed, same = _reached(images)

  def known_as(tensor: tf.Tensor) -> Any:
    return same.get(tensor.ref(), tensor).ref()

  masks: Dict[Any, List[tf.Tensor]] = {images.ref(): [tf.zeros(images.shape)]}
  for tensor, mask in wanted:
    masks.setdefault(known_as(tensor), []).append(mask)
  for operation, seen in reversed(passed):
    given = [masks.get(each.ref()) for each in operation.outputs]
    if any(given):
      upstream = [None if each is None else tf.add_n(each) for each in given]
      for tensor, mask in zip(seen, _through(operation, seen, upstream)):
        masks.setdefault(known_as(tensor), []).append(mask)
  return tf.add_n(masks[images.ref()])


def _reached(
  images: tf.Tensor,
) -> Tuple[List[Tuple[tf.Operation, List[tf.Tensor]]], Dict[Any, tf.Tensor]]:
  """Finds what hangs on the picture.

  Returns:
    Operations, in the order of computing, each with those of its inputs that
    hang on the picture. And, by reference to an output of a call, what it is
    besides: a call, as of a convolution in groups, is written out.
  """
  reached = {images.ref()}
  passed = []
  same: Dict[Any, tf.Tensor] = {}
  graph = images.graph
  # Copies all of it, and so is made once.
  graph_def = functools.lru_cache(1)(graph.as_graph_def)
  # A list of its own: calls that are written out add operations.
  for operation in graph.get_operations():
    operations, is_call = [operation], operation.type in graph_inlining.CALLS
    if is_call:
      made = len(graph.get_operations())
      outputs = graph_inlining.write_out(operation, graph_def())
      same.update(
        (each.ref(), one) for each, one in zip(operation.outputs, outputs)
      )
      operations = graph.get_operations()[made:]
    for each in operations:
      seen = [one for one in each.inputs if one.ref() in reached]
      if seen and each.type not in _OF_SHAPES:
        reached.update(one.ref() for one in each.outputs)
        passed.append((each, seen))
    if is_call:
      reached.update(
        each.ref()
        for each in operation.outputs
        if same[each.ref()].ref() in reached
      )
  return passed, same


def _through(
  operation: tf.Operation, seen: Sequence[tf.Tensor], upstream: Sequence[Any]
) -> List[tf.Tensor]:
  """Returns the masks of an operation's inputs.

  Args:
    operation: The operation.
    seen: Those of its inputs that hang on the picture.
    upstream: A mask for each of its outputs; None where nothing counts.
  """
  stand_in = _STAND_INS.get(operation.type, _again)
  # The values of a float32 stand-in are never computed, and its derivative
  # needs but their shapes.
  ones = [tf.ones(each.shape) for each in seen]
  found: List[Any] = [None] * len(seen)
  with contextlib.suppress(LookupError):
    found = _back(stand_in(operation, seen, ones), ones, upstream)
  if any(each is None for each in found):
    # No derivative is known.
    found = _back(_everything(operation, seen, ones), ones, upstream)
  return [tf.cast(tf.not_equal(each, 0), tf.float32) for each in found]


def _back(
  outputs: Sequence[tf.Tensor],
  inputs: Sequence[tf.Tensor],
  upstream: Sequence[Any],
) -> List[Any]:
  """Returns what comes back to the inputs of a stand-in; None for nothing."""
  pairs = [
    (output, tf.cast(mask, output.dtype))
    for output, mask in zip(outputs, upstream)
    if mask is not None
  ]
  ys, grad_ys = zip(*pairs)
  return tf.gradients(list(ys), list(inputs), grad_ys=list(grad_ys))


def _everything(
  operation: tf.Operation, seen: Sequence[Any], ones: Sequence[tf.Tensor]
) -> List[tf.Tensor]:
  """Each output hangs on all of every input."""
  whole = tf.add_n([tf.reduce_sum(each) for each in ones])
  return [tf.fill(each.shape, whole) for each in operation.outputs]


def _place_by_place(
  operation: tf.Operation, seen: Sequence[Any], ones: Sequence[tf.Tensor]
) -> List[tf.Tensor]:
  """Each place of an output hangs on the same place of the inputs."""
  # Those of a normalization after its first one are what it was told.
  return [sum(ones, tf.zeros(operation.outputs[0].shape))]


def _channels(
  operation: tf.Operation, seen: Sequence[Any], ones: Sequence[tf.Tensor]
) -> List[tf.Tensor]:
  """Each value hangs on all channels of its place, as of a matrix product."""
  first, *others = operation.inputs
  if others and (
    first is not seen[0] or len(seen) > 1 or operation.get_attr('transpose_a')
  ):
    return _weighing(operation, seen, ones)
  whole = tf.reduce_sum(ones[0], -1, keepdims=True)
  return [whole + tf.zeros(operation.outputs[0].shape)]


def _convolution(
  operation: tf.Operation, seen: Sequence[Any], ones: Sequence[tf.Tensor]
) -> List[tf.Tensor]:
  """Each value hangs on all channels of the places around, equally."""
  net, weights = operation.inputs
  # As of a first layer that takes several pixels for one, with zeros put in.
  has_zeros = weights.op.type not in ('Const', 'Placeholder')
  is_grouped = weights.shape[2] != net.shape[-1]
  is_plain = operation.get_attr('data_format') == b'NHWC'
  if has_zeros and len(seen) == 1:
    there = {weights.ref(): tf.cast(tf.not_equal(weights, 0), weights.dtype)}
    return _again(operation, seen, ones, there)
  if is_grouped or len(seen) > 1 or not is_plain:
    return _weighing(operation, seen, ones)
  kwargs = {
    name: operation.get_attr(name)
    for name in ('strides', 'explicit_paddings', 'dilations')
  }
  # Of all channels at once.
  whole = tf.raw_ops.Conv2D(
    input=tf.reduce_sum(ones[0], -1, keepdims=True),
    filter=tf.ones([*weights.shape[:2], 1, 1]),
    padding=operation.get_attr('padding').decode(),
    **kwargs,
  )
  return [whole + tf.zeros(operation.outputs[0].shape)]


def _pooling(
  operation: tf.Operation, seen: Sequence[Any], ones: Sequence[tf.Tensor]
) -> List[tf.Tensor]:
  """Each value hangs on the places around, in its channel."""
  kwargs = {name: operation.get_attr(name) for name in ('ksize', 'strides')}
  names = ('padding', 'data_format')
  kwargs.update((name, operation.get_attr(name).decode()) for name in names)
  return [tf.raw_ops.AvgPool(value=ones[0], **kwargs)]


def _weighing(
  operation: tf.Operation, seen: Sequence[Any], ones: Sequence[tf.Tensor]
) -> List[tf.Tensor]:
  """The operation itself, with weights of one."""
  weights = {
    each.ref(): tf.ones(each.shape, each.dtype)
    for each in operation.inputs
    if each.dtype.is_floating
  }
  return _again(operation, seen, ones, weights)


def _again(
  operation: tf.Operation,
  seen: Sequence[Any],
  ones: Sequence[tf.Tensor],
  weights: Mapping[Any, tf.Tensor] = types.MappingProxyType({}),
) -> List[tf.Tensor]:
  """The operation itself, which is linear, or nearly so around one."""
  inputs = {each.ref(): each for each in operation.inputs}
  inputs.update(weights)
  for tensor, one in zip(seen, ones):
    inputs[tensor.ref()] = tf.cast(one, tensor.dtype)
  attributes = operation.node_def.attr

  made: Any = operation.graph.create_op(
    operation.type,
    [inputs[each.ref()] for each in operation.inputs],
    [each.dtype for each in operation.outputs],
    # Without the name of a gradient of its own.
    attrs={name: attributes[name] for name in attributes if name[0] != '_'},
    op_def=operation.op_def,
  )
  return list(made.outputs)


_STAND_INS: Mapping[str, _StandIn] = {
  **dict.fromkeys(_PLACE_BY_PLACE, _place_by_place),
  **dict.fromkeys(_WEIGHING, _weighing),
  **dict.fromkeys(_OPAQUE, _everything),
  **dict.fromkeys(('LogSoftmax', 'MatMul', 'Softmax'), _channels),
  'Conv2D': _convolution,
  'MaxPool': _pooling,
}
