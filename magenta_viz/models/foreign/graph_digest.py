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
from typing import Any, Iterable

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
  digest = hashlib.sha256()
  graph = concrete.graph.as_graph_def()
  for nodes in (
    graph.node,
    *(f.node_def for f in sorted(graph.library.function, key=_operations)),
  ):
    _add_nodes(digest, nodes)
  constants = [
    each for each in concrete.captured_inputs if each.dtype != tf.resource
  ]
  for value in (*concrete.graph.variables, *constants):
    array = np.asarray(tf.convert_to_tensor(value))
    digest.update(f'{array.dtype}{array.shape}'.encode())
    digest.update(np.ascontiguousarray(array).tobytes())
  return digest.hexdigest()


def _operations(function: Any) -> Any:
  """Returns what functions are put in order by, which is not their names."""
  return [node.op for node in function.node_def]


def _add_nodes(digest: Any, nodes: Iterable[Any]) -> None:
  """Adds operations, their settings and constants to a hash."""
  for node in nodes:
    digest.update(node.op.encode())
    for name, value in sorted(node.attr.items()):
      # '_XlaMustCompile' and the like say how, not what; functions have a
      # number in their names.
      is_function = value.HasField('func') or value.list.func
      if not name.startswith('_') and not is_function:
        digest.update(name.encode())
        digest.update(value.SerializeToString(deterministic=True))
