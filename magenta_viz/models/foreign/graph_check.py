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

"""What in a graph of TensorFlow would do more than compute.

A graph is a program of TensorFlow's operations, some of which read and write
files, call Python or talk to other machines. Whatever they reach they name in a
text. So an operation may be in a graph if TensorFlow declares that it keeps no
state, takes and gives no texts, and is set up by none but those that choose
among ways to compute: that holds for operations that are yet to come, where a
list of bad ones would not. To these come, by name, those that keep numbers
(variables, tables, lists), draw random ones or call functions of the graph
itself, and those that make texts of texts or pictures of bytes.

Files are read and written by no operation but those that restore a SavedModel's
variables, which nothing else in it may use; those that save them are never run.
"""

import dataclasses
import functools
from typing import Any, Dict, Iterable, Iterator, List, Set, Tuple

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow.python.framework import op_def_registry

from magenta_viz.files import untrusted
from magenta_viz.models.checkpoints import protobuf_wire
from magenta_viz.models.foreign import model_files

# A network has some thousand, and Keras 2 writes each of its layers four times.
_MAX_NODES = 500_000
# Of all but constants: names, and what sets an operation up.
_MAX_NODE_BYTES = 1 << 20

# State that is numbers, random numbers, and calls of the graph's own functions.
_STATEFUL = frozenset(
  """
  Assert AssignAddVariableOp AssignSubVariableOp AssignVariableOp Case
  CheckNumerics CheckNumericsV2 CudnnRNN CudnnRNNBackprop CudnnRNNBackpropV2
  CudnnRNNBackpropV3 CudnnRNNV2 CudnnRNNV3 DestroyResourceOp
  DisableCopyOnRead Empty GuaranteeConst HashTable HashTableV2 If
  InitializeTable InitializeTableV2 LookupTableExportV2 LookupTableFind
  LookupTableFindV2 LookupTableImportV2 LookupTableInsertV2 LookupTableSize
  LookupTableSizeV2 Multinomial MutableDenseHashTableV2 MutableHashTableV2
  ParameterizedTruncatedNormal RandomGamma RandomPoissonV2 RandomShuffle
  RandomStandardNormal RandomUniform RandomUniformInt ReadVariableOp
  ResourceGather ResourceGatherNd ResourceScatterUpdate
  ResourceStridedSliceAssign RngReadAndSkip RngSkip SampleDistortedBoundingBox
  SampleDistortedBoundingBoxV2 StackCloseV2 StackPopV2 StackPushV2 StackV2
  StatefulPartitionedCall StatefulRandomBinomial StatefulStandardNormal
  StatefulStandardNormalV2 StatefulTruncatedNormal StatefulUniform
  StatefulUniformFullInt StatefulUniformInt StatelessRandomGetAlg
  TensorArrayCloseV3 TensorArrayConcatV3 TensorArrayGatherV3 TensorArrayGradV3
  TensorArrayReadV3 TensorArrayScatterV3 TensorArraySizeV3 TensorArraySplitV3
  TensorArrayV3 TensorArrayWriteV3 TruncatedNormal VarHandleOp
  VarIsInitializedOp Variable VariableShape VariableV2 While
""".split()
)

# Texts of texts, numbers of texts and pictures of bytes.
_TEXTS = frozenset(
  """
  AsString DecodeAndCropJpeg DecodeBase64 DecodeBmp DecodeGif DecodeImage
  DecodeJpeg DecodePaddedRaw DecodePng DecodeRaw EncodeBase64 ParseExample
  ParseExampleV2 ParseSingleExample ReduceJoin RegexFullMatch RegexReplace
  StaticRegexFullMatch StaticRegexReplace StringFormat StringJoin StringLength
  StringLower StringSplit StringSplitV2 StringStrip StringToHashBucketFast
  StringToNumber StringUpper Substr
""".split()
)

# What chooses among ways to compute, or names what is in the graph itself.
_CHOICES = frozenset(
  """
  bad_indices_policy config config_proto dst_format equation executor_type
  fill_mode frame_name interpolation kernel_type message noise padding
  row_partition_types src_format
""".split()
)

_RESTORING = frozenset(('Restore', 'RestoreSlice', 'RestoreV2'))
_SAVING = frozenset(
  """
  MergeV2Checkpoints Save SaveSlices SaveV2 ShardedFilename ShardedFilespec
""".split()
)

_INIT_COLLECTIONS = ('saved_model_main_op', 'legacy_init_op')

_ADVICE = 'save it again'
_ALLOWED = (
  'only what computes is run, and all else with --allow_code where you trust'
  ' whoever made it'
)


def check(found: model_files.ModelFile, allow_code: bool = False) -> None:
  """Refuses what does more than compute, before TensorFlow loads a graph.

  Args:
    found: A SavedModel or a graph.
    allow_code: Whether its maker is trusted, so that all operations may be in
      it.

  Raises:
    ValueError: If it has such an operation, or is damaged.
    OSError: If it cannot be read.
  """
  meta_graphs = read(found)
  if allow_code:
    return
  for meta_graph in meta_graphs:
    problem = next(_problems(meta_graph), None)
    if problem is not None:
      raise ValueError(f"'{found.path}' has {problem}; {_ALLOWED}")


def read(found: model_files.ModelFile) -> List[Any]:
  """Returns the graphs of a file, each as a MetaGraphDef.

  Args:
    found: A SavedModel, which has one or several; or a graph, which has one.

  Raises:
    ValueError: If it is damaged or has more than a network can have.
    OSError: If it cannot be read.
  """
  is_saved_model = found.kind == model_files.SAVED_MODEL.name
  path = found.path
  if is_saved_model:
    path = path / model_files.SAVED_MODEL_NAME
  data = untrusted.read_bytes(
    path, model_files.MAX_BYTES, 'the model', 'give a smaller one'
  )
  with untrusted.guard(f"cannot read '{path}': it is damaged", _ADVICE):
    if not is_saved_model:
      _check_size(memoryview(data))
      meta_graph = tf.compat.v1.MetaGraphDef()
      meta_graph.graph_def.ParseFromString(data)
      meta_graphs = [meta_graph]
    else:
      _check_sizes(memoryview(data))
      meta_graphs = list(
        saved_model_pb2.SavedModel.FromString(data).meta_graphs
      )
    if not any(each.graph_def.node for each in meta_graphs):
      raise ValueError('it has no graph')
  return meta_graphs


def _check_sizes(saved_model: memoryview) -> None:
  """Refuses a SavedModel whose graphs would take more memory than it has."""
  for meta_graph in protobuf_wire.contents(saved_model, 2):
    for graph in protobuf_wire.contents(meta_graph, 2, _MAX_NODES):
      _check_size(graph)


def _check_size(graph: memoryview) -> None:
  """Refuses a graph that would take much more memory parsed than it has bytes.

  A message of three bytes may become an object of a hundred; of a constant's
  numbers it makes none.
  """
  nodes = protobuf_wire.contents(graph, 1, _MAX_NODES)
  for library in protobuf_wire.contents(graph, 2, _MAX_NODES):
    for function in protobuf_wire.contents(library, 1, _MAX_NODES):
      nodes += protobuf_wire.contents(function, 3, _MAX_NODES)
  if len(nodes) > _MAX_NODES:
    raise ValueError(f'it has more than {_MAX_NODES} operations')
  for node in nodes:
    if len(node) > _MAX_NODE_BYTES:
      operation = protobuf_wire.content_in(protobuf_wire.last(node), 2)
      if bytes(operation) != b'Const':
        raise ValueError(f'an operation has {len(node)} bytes')


@dataclasses.dataclass(frozen=True)
class _Program:
  """The operations of a graph, as what each of them runs.

  Attributes:
    nodes: The graph's own by name.
    functions: Operations of each of its functions.
  """

  nodes: Dict[str, Any]
  functions: Dict[str, List[Any]]

  def reach(
    self, names: Iterable[str], functions: Iterable[str] = ()
  ) -> Tuple[Set[str], Set[str]]:
    """Returns all operations and functions that some of them run.

    Args:
      names: Of operations or of their outputs; what is not there is left out.
      functions: Names of functions.
    """
    reached: Set[str] = set()
    called: Set[str] = set()
    waiting, calls = list(names), list(functions)
    while waiting or calls:
      if waiting:
        name = waiting.pop().lstrip('^').partition(':')[0]
        if name not in reached and name in self.nodes:
          reached.add(name)
          waiting += self.nodes[name].input
          calls += _called(self.nodes[name])
      else:
        name = calls.pop()
        if name not in called and name in self.functions:
          called.add(name)
          for node in self.functions[name]:
            calls += _called(node)
    return reached, called


def _called(node: Any) -> Iterator[str]:
  """Yields the functions that an operation may call."""
  yield node.op
  for value in node.attr.values():
    if value.HasField('func'):
      yield value.func.name
    yield from (each.name for each in value.list.func)


def _problems(meta_graph: Any) -> Iterator[str]:
  """Yields what a graph has that does more than compute."""
  graph = meta_graph.graph_def
  program = _Program(
    {node.name: node for node in graph.node},
    {
      each.signature.name: list(each.node_def)
      for each in graph.library.function
    },
  )
  saver = meta_graph.saver_def
  used = program.reach(_used(meta_graph), _used_functions(meta_graph))
  restoring = program.reach([saver.restore_op_name])
  saving = program.reach([saver.save_tensor_name])

  def extra(part: int, name: str) -> Set[str]:
    """Returns what else an operation, or one of a function, may be."""
    may_be: Set[str] = set()
    if name not in used[part]:
      if name in restoring[part]:
        may_be |= _RESTORING
      elif name in saving[part]:
        may_be |= _RESTORING | _SAVING
    return may_be

  for node in graph.node:
    yield from _problems_of(node, program, extra(0, node.name))
  for name, nodes in program.functions.items():
    for node in nodes:
      yield from _problems_of(node, program, extra(1, name))
  for asset in meta_graph.asset_file_def:
    parts = asset.filename.replace('\\', '/').split('/')
    if '..' in parts or not parts[0] or ':' in parts[0]:
      yield f'an asset outside of its folder, {asset.filename[:80]!r}'


def _used(meta_graph: Any) -> Iterator[str]:
  """Yields the graph's outputs, and what is run when it is loaded."""
  for signature in meta_graph.signature_def.values():
    for tensors in (signature.inputs, signature.outputs):
      for tensor in tensors.values():
        yield tensor.name
        yield tensor.coo_sparse.values_tensor_name
        yield from (each.name for each in tensor.composite_tensor.components)
  for name in _INIT_COLLECTIONS:
    if name in meta_graph.collection_def:
      yield from meta_graph.collection_def[name].node_list.value


def _used_functions(meta_graph: Any) -> Iterator[str]:
  """Yields the functions of the objects that TensorFlow 2 makes of a file."""
  return iter(meta_graph.object_graph_def.concrete_functions)


def _problems_of(
  node: Any, program: _Program, extra: Set[str]
) -> Iterator[str]:
  """Yields why an operation may not be in a graph."""
  calls = [name for name in _called(node) if name != node.op]
  is_call = node.op in program.functions
  if not (is_call or node.op in extra or _computes(node.op)):
    yield (
      'an operation that does more than compute,'
      f' {untrusted.reason(node.op, 80)}'
      f' ({node.name[:80]!r})'
    )
  for name in calls:
    if name not in program.functions:
      yield f'a call of {name[:80]!r}, which is no function of its own'


@functools.lru_cache(maxsize=None)
def _computes(operation: str) -> bool:
  """Tells whether an operation of TensorFlow does no more than compute."""
  if operation in _STATEFUL or operation in _TEXTS:
    return True
  definition = op_def_registry.get(operation)
  # Data sets read what they are made of.
  if definition is None or definition.is_stateful or 'Dataset' in operation:
    return False
  handles = (tf.string.as_datatype_enum, tf.resource.as_datatype_enum)
  tensors = [*definition.input_arg, *definition.output_arg]
  return all(each.type not in handles for each in tensors) and all(
    each.name in _CHOICES or each.HasField('allowed_values')
    for each in definition.attr
    if each.type in ('string', 'list(string)')
  )
