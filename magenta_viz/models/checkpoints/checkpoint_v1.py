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

"""Reads the numbers in a TensorFlow checkpoint of format V1, as of 2016.

As for format V2, no file gets to TensorFlow's own reader.

References:
  tensorflow/core/util/saved_tensor_slice.proto and
  tensorflow/core/framework/tensor.proto
"""

from typing import Dict, Iterator, List, Mapping, Tuple, Union

import numpy as np

from magenta_viz.models.checkpoints import checkpoint_variable
from magenta_viz.models.checkpoints import protobuf_wire
from magenta_viz.models.checkpoints import sorted_table

# The field of a TensorProto with the values of each type that TensorFlow writes
# in this format: those of the first two as they are, all others as varints.
_FLOAT_FIELDS: Mapping[int, int] = {1: 5, 2: 6}
_VARINT_FIELDS: Mapping[int, int] = {3: 7, 4: 7, 5: 7, 6: 7, 9: 10}

_MAX_VARINT_BYTES = 10

# Some hundred of a network, and an optimizer's for each of them.
_MAX_VARIABLES = 50_000

# Of varints, which take many times their memory to decode.
_PIECE_BYTES = 1 << 20


def parse(
  table: Union[bytes, memoryview], max_bytes: int
) -> Dict[str, np.ndarray]:
  """Returns the numbers of a checkpoint, by variable name.

  Args:
    table: Content of its file.
    max_bytes: The most that the arrays may have, together. Those of whole
      numbers have up to eight times the bytes that are stored.

  Returns:
    Arrays that must not be written to.

  Raises:
    ValueError: If it is damaged, makes no sense or has more.
  """
  return dict(_read(memoryview(table), max_bytes))


def _read(
  table: memoryview, max_bytes: int
) -> Iterator[Tuple[str, np.ndarray]]:
  """Yields the variables that are numbers."""
  variables: List[checkpoint_variable.Variable] = []
  stored: Dict[Tuple[str, checkpoint_variable.Part], memoryview] = {}
  for key, value in sorted_table.entries(table):
    if key == b'':
      for meta in protobuf_wire.contents(value, 1):
        for each in protobuf_wire.contents(meta, 1, _MAX_VARIABLES):
          variables.append(_parse_variable(each))
    else:
      for data in protobuf_wire.contents(value, 2):
        name, part, values = _parse_data(data)
        stored[name, part] = values

  def pieces(
    variable: checkpoint_variable.Variable,
  ) -> Iterator[Tuple[checkpoint_variable.Part, np.ndarray]]:
    for part in variable.parts:
      # Each once, so that a small file cannot be read again and again.
      values = stored.pop((variable.name, part), None)
      if values is None:
        raise ValueError(f"a part of '{variable.name}' is missing")
      yield part, _values(variable, part, values)

  numbers = [variable for variable in variables if variable.is_number]
  if sum(variable.num_bytes for variable in numbers) > max_bytes:
    raise ValueError(f'its variables have more than {max_bytes} bytes')
  for variable in numbers:
    whole = variable.assemble(pieces(variable))
    yield variable.public_name, variable.array(whole)


def _parse_variable(data: memoryview) -> checkpoint_variable.Variable:
  """Returns what a SavedSliceMeta says."""
  found = protobuf_wire.last(data)
  name = checkpoint_variable.parse_name(protobuf_wire.content_in(found, 1))
  return checkpoint_variable.Variable(
    name,
    checkpoint_variable.check_dtype(name, protobuf_wire.number_in(found, 3)),
    checkpoint_variable.parse_shape(name, protobuf_wire.content_in(found, 2)),
    checkpoint_variable.parse_parts(name, protobuf_wire.contents(data, 4)),
  )


def _parse_data(
  data: memoryview,
) -> Tuple[str, checkpoint_variable.Part, memoryview]:
  """Returns name, part and values, a TensorProto, of a SavedSlice."""
  found = protobuf_wire.last(data)
  name = checkpoint_variable.parse_name(protobuf_wire.content_in(found, 1))
  (part,) = checkpoint_variable.parse_parts(
    name, [protobuf_wire.content_in(found, 2)]
  )
  return name, part, protobuf_wire.content_in(found, 3)


def _values(
  variable: checkpoint_variable.Variable,
  part: checkpoint_variable.Part,
  tensor: memoryview,
) -> np.ndarray:
  """Returns the values of a part, of `stored_dtype`, in a TensorProto."""
  dtype = variable.stored_dtype
  if variable.dtype in _FLOAT_FIELDS:
    field = _FLOAT_FIELDS[variable.dtype]
    return np.frombuffer(_joined(tensor, field), dtype)
  if variable.dtype not in _VARINT_FIELDS:
    raise ValueError(f"'{variable.name}' is of a type that format V1 lacks")
  field = _VARINT_FIELDS[variable.dtype]
  data = np.frombuffer(_joined(tensor, field), np.uint8)
  values = np.empty(variable.part_size(part), dtype)
  num_values = 0
  while len(data):
    ends = np.flatnonzero(data[:_PIECE_BYTES] < 0x80)
    num_values += len(ends)
    if not len(ends) or num_values > len(values):
      break
    values[num_values - len(ends) : num_values] = _varints(data, ends)
    data = data[ends[-1] + 1 :]
  if len(data) or num_values != len(values):
    raise ValueError(f"a part of '{variable.name}' has other values than it")
  return values


def _joined(message: memoryview, number: int) -> memoryview:
  """Returns a field of numbers, which a writer may split."""
  found = protobuf_wire.contents(message, number)
  return found[0] if len(found) == 1 else memoryview(b''.join(found))


def _varints(data: np.ndarray, ends: np.ndarray) -> np.ndarray:
  """Returns the uint64 numbers in an array of uint8, given their last bytes."""
  starts = np.concatenate([[0], ends[:-1] + 1])
  lengths = ends - starts + 1
  if lengths.max() > _MAX_VARINT_BYTES:
    raise ValueError(f'a number has more than {_MAX_VARINT_BYTES} bytes')
  values = np.zeros(len(ends), np.uint64)
  for place in range(int(lengths.max())):
    longer = lengths > place
    bits = data[starts[longer] + place].astype(np.uint64) & np.uint64(0x7F)
    values[longer] |= bits << np.uint64(7 * place)
  return values
