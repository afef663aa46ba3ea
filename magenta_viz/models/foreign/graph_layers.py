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

"""Names for what a graph's operations give, by the scopes that they are in.

Keras and tf-slim build each layer in a scope of its name; what a layer gives is
the last tensor there.
"""

import re
from typing import Any, Dict, List, Sequence, Set, Tuple

import tensorflow as tf

# What TensorFlow calls a function that it has written out.
_CALL = re.compile(r'(Stateful)?PartitionedCall(_[0-9]+)?')

# Of a function's arguments and results.
_NOISE = 'Func/'

_RANKS = (2, 3, 4)

_AGAIN = re.compile(r'(.+)_[0-9]+')

Path = Tuple[str, ...]


def named(
  operations: Sequence[Any],
  images: tf.Tensor,
  scope: str,
  is_again: bool = False,
) -> Dict[str, tf.Tensor]:
  """Returns what layers give of pictures, in the order that they are run in.

  A layer is a scope, but for one that is all that is in another; or an
  operation that is in no scope. What is around all of them has no part in
  their names.

  Args:
    operations: Of a graph.
    images: [batch, ...] tensor, its input.
    scope: Where they are in the graph, ending in '/'.
    is_again: Whether Keras 3 may have written it, which numbers its layers.

  Returns:
    Float tensors [batch, ...] of two to four dimensions that depend on the
    pictures.
  """
  tensors: Dict[Path, tf.Tensor] = {}
  seen = {images.ref()}
  for operation in operations:
    if not any(each.ref() in seen for each in operation.inputs):
      continue
    seen.update(each.ref() for each in operation.outputs)
    if not operation.name.startswith(scope):
      continue
    path = path_of(operation.name[len(scope) :])
    # A result of a function is one more name for what a layer gives.
    is_result = operation.type == 'Identity' and len(path) == 1
    if path and not is_result and _is_layer(operation, images):
      tensors[path] = operation.outputs[0]
  paths = _without_common(list(tensors))
  if is_again:
    paths = _without_again(paths)
  return _by_scope(dict(zip(paths, tensors.values())))


def path_of(name: str) -> Path:
  """Returns the scopes of an operation and its own name; () to leave it out."""
  if name.startswith(_NOISE):
    return ()
  parts = [part for part in name.split('/') if not _CALL.fullmatch(part)]
  return tuple(parts)


def _is_layer(operation: Any, images: tf.Tensor) -> bool:
  """Tells whether an operation's first output may be what a layer gives."""
  if not operation.outputs:
    return False
  tensor = operation.outputs[0]
  if not tensor.dtype.is_floating or tensor.shape.rank not in _RANKS:
    return False
  return tensor.shape[0] in (None, images.shape[0])


def _without_common(paths: List[Path]) -> List[Path]:
  """Returns paths without the scopes that all of them are in."""
  while paths and len({path[0] for path in paths}) == 1:
    # A scope of nothing but operations is a layer.
    if all(len(path) == 2 for path in paths) or min(map(len, paths)) < 2:
      break
    paths = [path[1:] for path in paths]
  return paths


def _without_again(paths: List[Path]) -> List[Path]:
  """Returns layers' names without the number of the call that they are from.

  Keras 3 exports a model's second call, in which each layer is another
  '<name>_<number>', as are the layers of a model that is one of them.
  """
  scopes: Dict[Path, Set[str]] = {}
  for path in paths:
    for depth in range(len(path) - 1):
      scopes.setdefault(path[:depth], set()).add(path[depth])
  new = {scope: _first_names(names) for scope, names in scopes.items()}
  if new.get(()) == {name: name for name in scopes.get((), ())}:
    return paths
  return [
    (
      *(new[path[:depth]][path[depth]] for depth in range(len(path) - 1)),
      path[-1],
    )
    for path in paths
  ]


def _first_names(names: Set[str]) -> Dict[str, str]:
  """Returns the names without their numbers, if all have one and differ."""
  matches = [_AGAIN.fullmatch(name) for name in names]
  found = {match[0]: match[1] for match in matches if match is not None}
  is_again = len(found) == len(set(found.values())) == len(names)
  return found if is_again else {name: name for name in names}


def _by_scope(tensors: Dict[Path, tf.Tensor]) -> Dict[str, tf.Tensor]:
  """Returns the last tensor of each scope by the scope's name."""
  last: Dict[Path, Path] = {}
  for path in tensors:
    for depth in range(1, len(path)):
      last[path[:depth]] = path
  inner: Dict[Path, Set[Path]] = {}
  for scope in last:
    inner.setdefault(scope[:-1], set()).add(scope)
  names: Dict[Path, List[str]] = {}
  named: Set[Path] = set()
  # Outer scopes first: a scope around nothing but another is one layer with it.
  for scope in sorted(last, key=len):
    path = last[scope]
    if path not in named:
      names.setdefault(path, []).append('/'.join(scope))
    if len(inner.get(scope, ())) < 2:
      named.add(path)
  for path in tensors:
    if len(path) == 1:
      names.setdefault(path, [path[0]])
  return {
    name: tensor
    for path, tensor in tensors.items()
    for name in reversed(names.get(path, []))
  }
