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

"""A hash of all that a traced function computes with."""

import hashlib
from typing import Any, Dict, Iterable, List, Sequence

import numpy as np
import tensorflow as tf


def sha256(concrete: Any) -> str:
  """Returns the SHA-256 of a graph and of the values that it captures.

  Names do not count, for Keras numbers its layers as they come: the same model
  made twice is the same. Another weight is another model.

  Args:
    concrete: A tf.types.experimental.ConcreteFunction.

  Returns:
    In hexadecimal.
  """
  graph = concrete.graph.as_graph_def()
  outputs = [each.name for each in concrete.outputs]
  digest = hashlib.sha256(
    _Graphs(graph.library.function).digest(graph.node, (), outputs)
  )
  for value in _captured(concrete):
    array = np.asarray(tf.convert_to_tensor(value))
    digest.update(f'{array.dtype}{array.shape}'.encode())
    digest.update(np.ascontiguousarray(array).tobytes())
  return digest.hexdigest()


def _captured(concrete: Any) -> List[Any]:
  """Returns the variables and constants of a graph, as it came upon them.

  Its own list of variables is in no order.
  """
  by_handle = {id(each.handle): each for each in concrete.graph.variables}
  found = [by_handle.get(id(each), each) for each in concrete.captured_inputs]
  return [each for each in found if each.dtype != tf.resource]


class _Graphs:
  """Hashes of a graph and of the functions that it calls."""

  def __init__(self, functions: Iterable[Any]):
    """Takes the functions of its library."""
    self._functions = {each.signature.name: each for each in functions}
    self._known: Dict[str, bytes] = {}

  def digest(
    self, nodes: Iterable[Any], arguments: Sequence[str], outputs: Sequence[str]
  ) -> bytes:
    """Hashes operations, their settings and constants, and what they are given.

    Args:
      nodes: In the order in which they were made.
      arguments: Names of what else they may be given.
      outputs: Of which of them it gives what.
    """
    digest = hashlib.sha256()
    places = {name: place for place, name in enumerate(arguments)}

    def add_edges(sources: Iterable[str]) -> None:
      for source in sources:
        # What only comes before ('^') changes no values.
        if not source.startswith('^'):
          name, _, output = source.partition(':')
          digest.update(f'{places[name]}:{output} '.encode())

    nodes = list(nodes)
    places.update((n.name, len(places) + i) for i, n in enumerate(nodes))
    for node in nodes:
      digest.update(node.op.encode())
      add_edges(node.input)
      for name, value in sorted(node.attr.items()):
        # '_XlaMustCompile' and the like say how, not what.
        if not name.startswith('_'):
          digest.update(name.encode())
          digest.update(self._of_value(value))
    add_edges(outputs)
    return digest.digest()

  def _of_value(self, value: Any) -> bytes:
    """Returns a setting's bytes; of functions, hashes of their content."""
    # Their names have a number.
    called = [value.func] if value.HasField('func') else value.list.func
    if called:
      return b''.join(self._of_function(each.name) for each in called)
    return bytes(value.SerializeToString(deterministic=True))

  def _of_function(self, name: str) -> bytes:
    """Returns the hash of a function."""
    if name not in self._known and name in self._functions:
      function = self._functions[name]
      signature = function.signature
      # Until it is known, for one that calls itself.
      self._known[name] = b''
      self._known[name] = self.digest(
        function.node_def,
        [each.name for each in signature.input_arg],
        [function.ret[each.name] for each in signature.output_arg],
      )
    return self._known.get(name, b'')
