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

"""Graphs with their weights in them, read of files.

A SavedModel's variables become constants and its functions are written out, as
`tf.saved_model` exports it for other machines; a graph of older TensorFlow is
so already. What is left is what its outputs depend on, with weights apart, so
that each use of it is small and shares them.
"""

import dataclasses
import re
from typing import Any, Dict, List, Mapping, Optional, Sequence, Set, Tuple

import tensorflow as tf
from tensorflow.python.framework import convert_to_constants

from magenta_viz.files import untrusted
from magenta_viz.models.foreign import graph_check
from magenta_viz.models.foreign import graph_inlining
from magenta_viz.models.foreign import model_files

DEFAULT_SIGNATURE = 'serving_default'

# Shapes, axes and factors stay in the graph, where their values are looked at.
_MIN_WEIGHTS = 16

# Of whoever wrote the graph: where it was run, and gradients that are not in
# it.
_ATTRIBUTES = ('_class', '_gradient_op_type', '_output_shapes')

_PLACEHOLDERS = ('Placeholder', 'PlaceholderV2')
# As Keras 3 exports its layers of random changes, which are on unless told.
_RANDOM = re.compile('Random|Multinomial|Rng|StatefulUniform|StatefulStandard')

_NORMS = ('FusedBatchNorm', 'FusedBatchNormV2', 'FusedBatchNormV3')


@dataclasses.dataclass(frozen=True)
class FrozenGraph:
  """A graph of which nothing is left to be read.

  Attributes:
    graph_def: What its outputs depend on, without its input and `weights`.
    weights: Constants of it by the name of the tensor that they are.
    input_name: Of the tensor that the pictures are given as.
    input_shape: Of it with the batch, as the file has it; None of unknown
      sides, and all of it None where the file does not say.
    input_dtype: What it is to be.
    is_bytes: Whether the pictures are bytes that the graph makes floats of, of
      which its input is then the result.
    outputs: Names of its tensors by what the file calls them.
  """

  graph_def: Any
  weights: Mapping[str, tf.Tensor]
  input_name: str
  input_shape: Optional[Tuple[Optional[int], ...]]
  input_dtype: tf.DType
  is_bytes: bool
  outputs: Mapping[str, str]


@dataclasses.dataclass(frozen=True)
class _Parts:
  """A graph, its inputs and its outputs by name, as a file has them."""

  graph_def: Any
  inputs: Sequence[tf.Tensor]
  outputs: Mapping[str, tf.Tensor]


def read(
  found: model_files.ModelFile, signature: Optional[str] = None
) -> FrozenGraph:
  """Reads the graph of a file, which `code_check` has let pass.

  Args:
    found: A SavedModel or a graph.
    signature: Of a SavedModel; None for 'serving_default', or its only one.

  Raises:
    ValueError: If it is damaged, has no such signature, does not take one
      picture and give numbers, or is a graph as in training.
    OSError: If it cannot be read.
  """
  if found.kind == model_files.FROZEN_GRAPH.name:
    if signature is not None:
      raise ValueError(
        f"'{found.path}' is a graph, which has no signature {signature!r};"
        ' leave --signature out'
      )
    parts = _of_graph(found)
  else:
    parts = _of_saved_model(found, signature)
  with untrusted.guard(f"cannot draw from '{found.path}'", 'export it again'):
    return _frozen(parts)


def _of_saved_model(
  found: model_files.ModelFile, signature: Optional[str]
) -> _Parts:
  """Reads a SavedModel's signature."""
  with untrusted.guard(f"cannot read '{found.path}'", 'export it again'):
    loaded = tf.saved_model.load(str(found.path))
    signatures = dict(loaded.signatures)
  function = _signature(found, signatures, signature)
  with untrusted.guard(f"cannot read '{found.path}'", 'export it again'):
    outputs = dict(zip(_output_names(function), function.outputs))
    num_inputs = len(function.inputs) - len(function.captured_inputs)
    inputs = function.inputs[:num_inputs]
    return _Parts(_with_constants(function), inputs, outputs)


def _with_constants(function: Any) -> Any:
  """Returns a function's graph with the values of its variables in it.

  But for those that it changes, as Keras 3's layers of random changes do with
  their seeds.
  """
  # `convert_variables_to_constants_v2` refuses such variables, and makes a
  # function again of what it returns.
  data = convert_to_constants._FunctionConverterDataInEager(
    func=function, lower_control_flow=False, aggressive_inlining=False
  )
  nodes = {node.name: node for node in data.graph_def.node}
  for node in data.graph_def.node:
    if node.op.startswith('Assign') or node.op.startswith('Rng'):
      name = _source(node.input[0])
      while nodes[name].op == 'Identity':
        name = _source(nodes[name].input[0])
      data.tensor_data.pop(name, None)
  graph_def, _ = convert_to_constants._replace_variables_by_constants(data)
  return graph_def


def _signature(
  found: model_files.ModelFile,
  signatures: Mapping[str, Any],
  asked: Optional[str],
) -> Any:
  """Returns the signature that is asked for."""
  name = asked
  if name is None:
    is_one = len(signatures) == 1
    name = next(iter(signatures)) if is_one else DEFAULT_SIGNATURE
  if name in signatures:
    return signatures[name]
  if not signatures:
    raise ValueError(
      f"'{found.path}' has no signature, so does not say what it takes and"
      ' gives; save it again with signatures, or as a model of Keras'
    )
  raise ValueError(
    f"'{found.path}' has no signature {name!r}; give --signature one of"
    f' {", ".join(sorted(signatures))}'
  )


def _output_names(function: Any) -> List[str]:
  """Returns what a signature calls its outputs, in their order."""
  structure = function.structured_outputs
  if isinstance(structure, dict):
    return sorted(structure)
  return [f'output_{i}' for i, _ in enumerate(tf.nest.flatten(structure))]


def _of_graph(found: model_files.ModelFile) -> _Parts:
  """Reads a graph, whose outputs are what nothing else takes."""
  graph_def = graph_check.read(found)[0].graph_def
  for node in graph_def.node:
    if node.op.startswith(('Variable', 'VarHandleOp')):
      raise ValueError(
        f"'{found.path}' has variables without their values, as"
        f' {node.name[:80]!r}; freeze it with its checkpoint, or give a'
        ' SavedModel'
      )
  problem = f"cannot read '{found.path}'"
  with untrusted.guard(problem, 'freeze it again'), tf.Graph().as_default():
    tf.graph_util.import_graph_def(graph_def, name='')
    graph: Any = tf.compat.v1.get_default_graph()
    operations = graph.get_operations()
    inputs = [each for each in operations if each.type in _PLACEHOLDERS]
    taken = {tensor.ref() for each in operations for tensor in each.inputs}
    outputs = {
      each.name: each.outputs[0]
      for each in operations
      if each.outputs and not any(out.ref() in taken for out in each.outputs)
    }
    # As TensorFlow completes it.
    completed = graph.as_graph_def()
    return _Parts(completed, [each.outputs[0] for each in inputs], outputs)


def _frozen(parts: _Parts) -> FrozenGraph:
  """Returns what a graph computes of a picture."""
  graph_def = graph_inlining.written_out(parts.graph_def)
  nodes = {node.name: node for node in graph_def.node}
  _bypass_identities(nodes)
  floats = {
    name: tensor
    for name, tensor in parts.outputs.items()
    if tensor.dtype.is_floating
  }
  needed = _ancestors(nodes, [each.op.name for each in floats.values()])
  image = _image_input(
    [each for each in parts.inputs if each.op.name in needed]
  )
  seen = _descendants(nodes, image.op.name)
  outputs = {
    name: tensor.name
    for name, tensor in floats.items()
    if tensor.op.name in seen and tensor.op.name != image.op.name
  }
  if not outputs:
    raise ValueError('it gives no numbers that its picture decides')
  needed = _ancestors(
    nodes, [name.partition(':')[0] for name in outputs.values()]
  )
  is_bytes = not image.dtype.is_floating
  name = image.op.name
  if is_bytes:
    name = _cast(nodes, needed, name)
    needed = _ancestors(
      nodes, [n.partition(':')[0] for n in outputs.values()], name
    )
  dtype = image.dtype
  if is_bytes:
    dtype = tf.as_dtype(nodes[name].attr['DstT'].type)
  weights = _weights(nodes, needed)
  kept = [
    nodes[each] for each in needed if each not in weights and each != name
  ]
  # Of what is random, rather than of its seed.
  for node in sorted(kept, key=lambda node: node.op in _PLACEHOLDERS):
    _check_use(node, nodes)
  for node in kept:
    node.device = ''
    for attribute in _ATTRIBUTES:
      node.attr.pop(attribute, None)
  graph_def = tf.compat.v1.GraphDef(
    node=kept, library=graph_def.library, versions=graph_def.versions
  )
  rank = image.shape.rank
  return FrozenGraph(
    graph_def,
    {f'{key}:0': value for key, value in weights.items()},
    f'{name}:0',
    None if rank is None else tuple(image.shape.as_list()),
    dtype,
    is_bytes,
    outputs,
  )


def _source(text: str) -> str:
  """Returns the operation that an input is of."""
  return text.lstrip('^').partition(':')[0]


def _bypass_identities(nodes: Mapping[str, Any]) -> None:
  """Lets operations take what an Identity would only hand them.

  Of a constant it hides that it is one, and of a function's argument, all.
  """

  def origin(text: str) -> str:
    while not text.startswith('^'):
      node = nodes.get(_source(text))
      if node is None or node.op != 'Identity' or len(node.input) != 1:
        break
      above = nodes.get(_source(node.input[0]))
      is_weight = above is not None and above.op in ('Const', 'Identity')
      if not is_weight and not node.name.startswith('Func/'):
        break
      text = node.input[0]
    return text

  for node in nodes.values():
    node.input[:] = [origin(text) for text in node.input]


def _ancestors(
  nodes: Mapping[str, Any], names: Sequence[str], stop: str = ''
) -> Dict[str, None]:
  """Returns what operations depend on, and they; nothing beyond `stop`.

  Returns:
    Names as keys, each after those that it depends on, and of branches the
    first before the second.
  """
  found: Dict[str, None] = {}
  begun: Set[str] = set()
  waiting = list(reversed(names))
  while waiting:
    name = waiting[-1]
    if name in begun or name not in nodes:
      waiting.pop()
      if name in nodes:
        found.setdefault(name)
      continue
    begun.add(name)
    if name != stop:
      inputs = map(_source, nodes[name].input)
      waiting += reversed([each for each in inputs if each not in begun])
  return found


def _descendants(nodes: Mapping[str, Any], name: str) -> Set[str]:
  """Returns what depends on an operation, and it."""
  takers: Dict[str, List[str]] = {}
  for node in nodes.values():
    for text in node.input:
      takers.setdefault(_source(text), []).append(node.name)
  found: Set[str] = set()
  waiting = [name]
  while waiting:
    each = waiting.pop()
    if each not in found:
      found.add(each)
      waiting += takers.get(each, [])
  return found


def _image_input(inputs: Sequence[tf.Tensor]) -> tf.Tensor:
  """Returns the one input that is pictures."""
  texts = [each for each in inputs if each.dtype == tf.string]
  if texts:
    raise ValueError(
      f"its input {texts[0].op.name!r} is a picture's file, not its pixels;"
      ' export it with a signature that takes pixels'
    )
  if len(inputs) != 1:
    names = ', '.join(each.op.name for each in inputs) or 'none'
    raise ValueError(
      f'it has {len(inputs)} inputs ({names}), but draws from one that is'
      ' pictures; export it with that alone'
    )
  (image,) = inputs
  is_number = image.dtype.is_floating or image.dtype.is_integer
  if not is_number or image.shape.rank not in (None, 4):
    raise ValueError(
      f'its input {image.op.name!r} is {image.dtype.name} of shape'
      f' {image.shape}, not [batch, height, width, channels] of numbers; export'
      ' it with such an input'
    )
  return image


def _cast(
  nodes: Mapping[str, Any], needed: Mapping[str, None], name: str
) -> str:
  """Returns the operation that makes floats of pictures in bytes."""
  takers = [
    node
    for node in nodes.values()
    if node.name in needed and name in map(_source, node.input)
  ]
  casts = [node for node in takers if node.op == 'Cast']
  is_alone = len(takers) == len(casts) == 1
  if is_alone and tf.as_dtype(casts[0].attr['DstT'].type).is_floating:
    return casts[0].name
  raise ValueError(
    f'its input {name!r} is of whole numbers, and what takes it is not one'
    ' Cast; export it with an input of floats'
  )


def _weights(
  nodes: Mapping[str, Any], needed: Mapping[str, None]
) -> Dict[str, tf.Tensor]:
  """Returns the constants that are weights, out of the graph."""
  found = {}
  with tf.init_scope():
    for name in needed:
      node = nodes[name]
      if node.op != 'Const':
        continue
      tensor = node.attr['value'].tensor
      num_values = 1
      for side in tensor.tensor_shape.dim:
        num_values *= side.size
      if tf.as_dtype(tensor.dtype).is_floating and num_values >= _MIN_WEIGHTS:
        if num_values * tf.as_dtype(tensor.dtype).size > model_files.MAX_BYTES:
          raise ValueError(f'its {name[:80]!r} has {num_values} numbers')
        found[name] = tf.constant(tf.make_ndarray(tensor))
  return found


def _check_use(node: Any, nodes: Mapping[str, Any]) -> None:
  """Refuses what says another thing of the same picture another time."""
  is_training = node.op in _NORMS and node.attr['is_training'].b
  if is_training and not _is_layer_norm(node, nodes):
    raise ValueError(
      f'its batch norm {node.name[:80]!r} is in training mode, where one'
      ' picture changes what is said of another; export it as it is used'
    )
  is_resource = (
    node.op in _PLACEHOLDERS
    and tf.as_dtype(node.attr['dtype'].type) == tf.resource
  )
  if is_resource or _RANDOM.search(node.op):
    raise ValueError(
      f'its {node.name[-60:]!r} is random or changes by itself, as layers of'
      ' training do; export it without these, or give its file (.keras)'
    )


def _is_layer_norm(node: Any, nodes: Mapping[str, Any]) -> bool:
  """Tells whether batch norm's batch is 1, and its channels are the pictures'.

  So Keras 2 computes LayerNormalization: of what it has made
  [1, batch * ..., channels, 1].
  """
  reshape = nodes.get(_source(node.input[0]))
  if reshape is None or reshape.op != 'Reshape':
    return False
  shape = nodes[_source(reshape.input[1])]
  if shape.op != 'Pack' or node.attr['data_format'].s != b'NCHW':
    return False
  first = nodes[_source(shape.input[0])]
  return first.op == 'Const' and bool(
    tf.make_ndarray(first.attr['value'].tensor) == 1
  )
