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

"""Functions of a graph, written out where they are called.

TensorFlow itself leaves those that are to be compiled (`jit_compile`, as Keras
has it for convolutions in groups), whose layers nobody would reach, and which
have no gradient once they are imported.
"""

from typing import Any, Dict, List, Mapping

import tensorflow as tf
from tensorflow.python.framework import function_def_to_graph

CALLS = ('PartitionedCall', 'StatefulPartitionedCall')

# A function may call itself, or each of many twice.
_MAX_CALLS = 10_000


def written_out(graph_def: Any) -> Any:
  """Returns a graph whose calls are the operations of what they call.

  Raises:
    ValueError: If there are too many calls, as of a function by itself.
  """
  graph = tf.Graph()
  # TensorFlow 2.9 looks for what a function calls in a graph.
  library = tf.compat.v1.GraphDef(
    library=graph_def.library, versions=graph_def.versions
  )
  with graph.as_default():
    tf.graph_util.import_graph_def(library, name='')
  functions = {each.signature.name: each for each in graph_def.library.function}
  # Names of tensors that are now another's.
  renamed: Dict[str, str] = {}
  waiting = list(reversed(graph_def.node))
  nodes: List[Any] = []
  num_calls = 0
  while waiting:
    node = waiting.pop()
    function = None
    if node.op in CALLS:
      function = functions.get(node.attr['f'].func.name)
    if function is None:
      nodes.append(node)
      continue
    num_calls += 1
    if num_calls > _MAX_CALLS:
      raise ValueError(f'it has more than {_MAX_CALLS} calls of functions')
    with graph.as_default():
      waiting += reversed(_body(node, function, renamed))
  for node in nodes:
    node.input[:] = [
      _renamed(text, renamed)
      for text in node.input
      # The operations of a call are no longer one to wait for.
      if not text.startswith('^')
    ]
  return tf.compat.v1.GraphDef(
    node=nodes, library=graph_def.library, versions=graph_def.versions
  )


def write_out(call: tf.Operation, outer: Any) -> List[tf.Tensor]:
  """Adds to a call's own graph the operations of what it calls.

  Args:
    call: Of the type of one of `CALLS`, in the graph that is being built.
    outer: That graph as a GraphDef, of whose functions it calls one.

  Returns:
    Its outputs, as these operations make them of its inputs.

  Raises:
    ValueError: If there are too many calls, as of a function by itself.
  """
  graph_def = tf.compat.v1.GraphDef(
    library=outer.library, versions=outer.versions
  )
  inputs = [f'input_{index}' for index in range(len(call.inputs))]
  for name, tensor in zip(inputs, call.inputs):
    node = graph_def.node.add(name=name, op='Placeholder')
    node.attr['dtype'].type = tensor.dtype.base_dtype.as_datatype_enum
  graph_def.node.add(
    name='call', op=call.type, input=inputs, attr=call.node_def.attr
  )
  outputs = [f'output_{index}' for index in range(len(call.outputs))]
  for index, name in enumerate(outputs):
    node = graph_def.node.add(name=name, op='Identity', input=[f'call:{index}'])
    node.attr['T'].type = call.outputs[index].dtype.as_datatype_enum
  found: List[tf.Tensor] = tf.graph_util.import_graph_def(
    written_out(graph_def),
    dict(zip(inputs, call.inputs)),
    [f'{name}:0' for name in outputs],
  )
  return found


def _body(call: Any, function: Any, renamed: Dict[str, str]) -> List[Any]:
  """Returns the operations of a call, and says in `renamed` what it gives."""
  inner, flat_names = function_def_to_graph.function_def_to_graph_def(function)
  inputs = [text for text in call.input if not text.startswith('^')]
  arguments = {
    argument.name: text
    for argument, text in zip(function.signature.input_arg, inputs)
  }
  for index, result in enumerate(function.signature.output_arg):
    tensor = flat_names[function.ret[result.name]]
    # An operation's first output may be named without a number.
    keys = [f'{call.name}:{index}', *([call.name] if not index else [])]
    for key in keys:
      renamed[key] = _outer(tensor, call.name, arguments)
  body = []
  for node in inner.node:
    if node.name in arguments:
      continue
    node.input[:] = [
      _outer(text, call.name, arguments)
      for text in node.input
      if not text.startswith('^')
    ]
    node.name = f'{call.name}/{node.name}'
    body.append(node)
  return body


def _outer(text: str, name: str, arguments: Mapping[str, str]) -> str:
  """Returns what a tensor in a function is called outside."""
  argument = arguments.get(text.partition(':')[0])
  return f'{name}/{text}' if argument is None else argument


def _renamed(text: str, renamed: Mapping[str, str]) -> str:
  """Returns what a tensor is called once all calls are written out."""
  while text in renamed:
    text = renamed[text]
  return text
