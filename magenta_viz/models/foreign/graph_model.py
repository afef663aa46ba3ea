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

"""Models of TensorFlow's graphs: SavedModels and graphs with their weights."""

import re
from typing import Any, Dict, List, Optional, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.files import untrusted
from magenta_viz.models.foreign import frozen_graph
from magenta_viz.models.foreign import graph_layers
from magenta_viz.models.foreign import graph_rescaling
from magenta_viz.models.foreign import input_format
from magenta_viz.models.foreign import model_files
from magenta_viz.models.foreign import raw_model

_UNSAID = re.compile(r'[^A-Za-z0-9_.-]+')

# Whose numbers are what a network computes in.
_HEAVY = (
  'Conv2D',
  'DepthwiseConv2dNative',
  'MatMul',
  'BatchMatMulV2',
  'Einsum',
  'Conv3D',
)

# Which no graph has for another size.
_BATCH = 3

_FREE = 'export it with a batch of any size (None)'


class GraphModel:
  """A graph with its weights, as `raw_model.RawModel` has it.

  Attributes:
    name: The file's or folder's own, without its ending.
    input_shape: Of a picture, without the batch; None for free sides.
    is_channels_first: Whether the channels are its first side.
    dtype: What its convolutions compute in.
    sha256: Of its files.
    said: What its first operations say of its input.
  """

  def __init__(
    self, found: model_files.ModelFile, signature: Optional[str] = None
  ):
    """Reads the model, which `code_check` has let pass.

    Args:
      found: A SavedModel or a graph.
      signature: Of a SavedModel; None for 'serving_default', or its only one.

    Raises:
      ValueError: If it is damaged, or does not take pictures in batches of any
        size and give numbers.
      OSError: If it cannot be read.
    """
    self._graph = frozen_graph.read(found, signature)
    self.sha256 = found.sha256
    name = found.path.resolve().name
    if found.path.is_file():
      name = found.path.stem
    self.name = _UNSAID.sub('_', name).strip('_.') or 'graph'
    self.said: input_format.Said = graph_rescaling.said(self._graph)
    self.dtype = _dtype(self._graph)
    # Keras 2 says that it is the one that wrote it.
    is_again = found.kind == model_files.SAVED_MODEL.name and not found.is_keras
    problem = f"cannot draw from '{found.path}'"
    with untrusted.guard(problem, 'export it again'):
      shape = self._graph.input_shape or _guessed_shape(self._graph)
      self.input_shape: Tuple[Optional[int], ...] = shape[1:]
      self.is_channels_first = input_format.is_channels_first(shape[1:])
      # Names of tensors by the layers' own.
      self._layers = self._look(is_again)
    self._traced = tf.function(
      self.__call__,
      [tf.TensorSpec([None, *self.input_shape], tf.float32)],
      autograph=False,
    )

  def __call__(self, inputs: tf.Tensor) -> raw_model.RawOutputs:
    """Runs it, eagerly or in a graph.

    Args:
      inputs: [batch, ...] float32 tensor of `input_shape`, in the range and
        the order of channels that the model was trained with.
    """
    if tf.executing_eagerly():
      return self._traced(inputs)
    outputs = self._graph.outputs
    tensors, _ = self._imported(
      inputs, [*outputs.values(), *self._layers.values()]
    )
    return raw_model.RawOutputs(
      dict(zip(outputs, tensors)),
      dict(zip(self._layers, tensors[len(outputs) :])),
    )

  def _imported(
    self, inputs: tf.Tensor, names: List[str]
  ) -> Tuple[List[tf.Tensor], str]:
    """Copies the operations to the function that is being traced.

    Args:
      inputs: As of `__call__`.
      names: Of tensors.

    Returns:
      The tensors, and the scope that the operations are in, with its '/'.
    """
    graph: Any = tf.compat.v1.get_default_graph()
    # From outside of the graph, as `conv_gradient` wants them.
    input_map = {
      name: graph.capture(value) for name, value in self._graph.weights.items()
    }
    with tf.name_scope('graph_model') as scope:
      input_map[self._graph.input_name] = tf.cast(
        inputs, self._graph.input_dtype
      )
      tensors = tf.graph_util.import_graph_def(
        _with_gradients(self._graph.graph_def, graph),
        input_map,
        return_elements=names,
        name='imported',
      )
    return tensors, f'{scope}imported/'

  def _look(self, is_again: bool) -> Dict[str, str]:
    """Returns the names of tensors by the layers'.

    Args:
      is_again: As of `graph_layers.named`.

    Raises:
      ValueError: If it takes no batch of any size.
    """
    found: Dict[str, str] = {}

    def trace(images: tf.Tensor) -> List[tf.Tensor]:
      with untrusted.guard('it takes no batch of pictures', _FREE):
        tensors, scope = self._imported(
          images, list(self._graph.outputs.values())
        )
      for tensor in tensors:
        batch = tensor.shape[0] if tensor.shape.rank else None
        if tensor.shape.rank == 0 or batch not in (None, _BATCH):
          raise ValueError(
            f'its output of shape {tensor.shape} is not one for each of'
            f' {_BATCH} pictures; {_FREE}'
          )
      graph: Any = tf.compat.v1.get_default_graph()
      layers = graph_layers.named(
        graph.get_operations(), images, scope, is_again
      )
      for name, tensor in layers.items():
        found[name] = tensor.name[len(scope) :]
      return tensors

    spec = tf.TensorSpec([_BATCH, *self.input_shape], tf.float32)
    tf.function(trace, autograph=False).get_concrete_function(spec)
    return found


def _with_gradients(graph_def: Any, graph: Any) -> Any:
  """Returns operations with the gradients that a graph asks for.

  What is imported does not heed `Graph.gradient_override_map`.
  """
  # TensorFlow has no other way to it.
  overrides = graph._gradient_override_map
  if not overrides:
    return graph_def
  copied = tf.compat.v1.GraphDef()
  copied.CopyFrom(graph_def)
  for node in copied.node:
    if node.op in overrides:
      node.attr['_gradient_op_type'].s = overrides[node.op].encode()
  return copied


def _dtype(graph: frozen_graph.FrozenGraph) -> tf.DType:
  """Returns what a graph computes in."""
  for node in graph.graph_def.node:
    if node.op in _HEAVY:
      return tf.as_dtype(node.attr['T'].type)
  return graph.input_dtype


def _guessed_shape(
  graph: frozen_graph.FrozenGraph,
) -> Tuple[Optional[int], ...]:
  """Returns the shape of an input that the file does not tell.

  Raises:
    ValueError: If no convolution tells how many channels it has.
  """
  for node in graph.graph_def.node:
    kernel = node.input[1] if len(node.input) > 1 else ''
    weights = graph.weights.get(f'{kernel}:0')
    if node.op == 'Conv2D' and weights is not None:
      return (None, None, None, int(np.shape(weights)[2]))
  raise ValueError('it does not say what shape its input has')
