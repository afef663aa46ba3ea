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

"""A variable as a TensorFlow checkpoint describes it, checked.

References:
  tensorflow/core/framework/{types,tensor_shape,tensor_slice}.proto
"""

import dataclasses
from typing import Iterable, Mapping, Tuple

import numpy as np

from magenta_viz.models.checkpoints import protobuf_wire

# What an object-based checkpoint (tf.train.Checkpoint) adds to the names.
_OBJECT_SUFFIX = '/.ATTRIBUTES/VARIABLE_VALUE'

_BFLOAT16 = 14

# DataType in types.proto: what can be the value of a network's variable. NumPy
# has no bfloat16.
_DTYPES: Mapping[int, str] = {
  1: '<f4',
  2: '<f8',
  3: '<i4',
  4: '<u1',
  5: '<i2',
  6: '<i1',
  9: '<i8',
  _BFLOAT16: '<u2',
  17: '<u2',
  19: '<f2',
  22: '<u4',
  23: '<u8',
}

# The last DataType there is. What is not above is text, truth, complex or
# quantized, or has numbers of less than two bytes with a fraction.
_MAX_DTYPE = 33

# Kernels have four axes.
_MAX_AXES = 8

# Start and length along each axis; length -1 is all of it.
Part = Tuple[Tuple[int, int], ...]


@dataclasses.dataclass(frozen=True)
class Variable:
  """What a checkpoint says of a variable, or of a part of one.

  Attributes:
    name: Its name.
    dtype: Number of its type in TensorFlow.
    shape: Its shape.
    parts: Those that it is stored in, if it is.
  """

  name: str
  dtype: int
  shape: Tuple[int, ...]
  parts: Tuple[Part, ...]

  @property
  def is_number(self) -> bool:
    """Whether its values are numbers that a network can have."""
    return self.dtype in _DTYPES

  @property
  def stored_dtype(self) -> np.dtype:
    """The type of its values in the file."""
    return np.dtype(_DTYPES[self.dtype])

  @property
  def num_values(self) -> int:
    """How many numbers it has."""
    return _product(self.shape)

  @property
  def num_bytes(self) -> int:
    """How many bytes these have."""
    return self.num_values * self.stored_dtype.itemsize

  @property
  def public_name(self) -> str:
    """Its name, or the path of attributes that leads to it."""
    name = self.name
    if name.endswith(_OBJECT_SUFFIX):
      name = name[: -len(_OBJECT_SUFFIX)]
    return name

  def array(self, values: np.ndarray) -> np.ndarray:
    """Returns values of `stored_dtype` in its shape and type.

    Raises:
      ValueError: If they are not as many as it has.
    """
    if len(values) != self.num_values:
      raise ValueError(
        f"'{self.name}' has {len(values)} values for shape {self.shape}"
      )
    # What starts at an odd byte is not for everyone.
    values = np.require(values, requirements='A')
    if self.dtype == _BFLOAT16:
      # Takes seconds to import, which no other type should cost.
      import tensorflow as tf

      values = values.view(tf.bfloat16.as_numpy_dtype)
    return values.reshape(self.shape)

  def region(self, part: Part) -> Tuple[slice, ...]:
    """Returns where a part lies in it.

    Raises:
      ValueError: If it lies outside.
    """
    if len(part) != len(self.shape):
      raise ValueError(f"a part of '{self.name}' has other axes than it")
    region = []
    for (start, length), size in zip(part, self.shape):
      stop = size if length == -1 else start + length
      if not 0 <= start <= stop <= size:
        raise ValueError(f"a part of '{self.name}' lies outside it")
      region.append(slice(start, stop))
    return tuple(region)

  def part_size(self, part: Part) -> int:
    """Returns how many numbers a part has.

    Raises:
      ValueError: If it lies outside.
    """
    return _product(tuple(each.stop - each.start for each in self.region(part)))

  def assemble(self, pieces: Iterable[Tuple[Part, np.ndarray]]) -> np.ndarray:
    """Returns the values of the whole, of `stored_dtype`, in order.

    Args:
      pieces: Its parts, and the values of each in order.

    Raises:
      ValueError: If they do not make the whole.
    """
    found = []
    missing = self.num_values
    for part, values in pieces:
      region = self.region(part)
      shape = tuple(each.stop - each.start for each in region)
      if _product(shape) != values.size:
        raise ValueError(f"a part of '{self.name}' has {values.size} values")
      found.append((region, values.reshape(shape)))
      missing -= values.size
      if missing < 0:
        break
    if missing or not found:
      raise ValueError(f"the parts of '{self.name}' are not the whole")
    if len(found) == 1:
      return found[0][1].reshape(-1)
    # All of it is known to be there. Zeros, lest overlaps leave gaps.
    whole = np.zeros(self.shape, found[0][1].dtype)
    for region, values in found:
      whole[region] = values
    return whole.reshape(-1)


def _product(sizes: Tuple[int, ...]) -> int:
  """Returns a product that does not overflow."""
  product = 1
  for size in sizes:
    product *= size
  return product


def parse_name(data: memoryview) -> str:
  """Returns the name of a variable.

  Raises:
    ValueError: If it is no UTF-8.
  """
  return str(data, 'utf-8')


def check_dtype(name: str, dtype: int) -> int:
  """Returns the number of a type that there is in TensorFlow.

  Raises:
    ValueError: If there is none of that number.
  """
  if not 0 < dtype <= _MAX_DTYPE:
    raise ValueError(f"'{name}' is of type {dtype}, which TensorFlow lacks")
  return dtype


def parse_shape(name: str, data: memoryview) -> Tuple[int, ...]:
  """Returns the shape in a TensorShapeProto.

  Raises:
    ValueError: If it has sizes below 0, or more axes than a kernel.
  """
  shape = []
  for number, value in protobuf_wire.fields(data):
    if number == 3 and value:
      raise ValueError(f"'{name}' is of unknown shape")
    if number == 2:
      found = protobuf_wire.last(protobuf_wire.content(value))
      size = protobuf_wire.number_in(found, 1)
      if size < 0:
        raise ValueError(f"'{name}' has an axis of size {size}")
      shape.append(size)
    if len(shape) > _MAX_AXES:
      raise ValueError(f"'{name}' has more than {_MAX_AXES} axes")
  return tuple(shape)


def parse_parts(name: str, parts: Iterable[memoryview]) -> Tuple[Part, ...]:
  """Returns the parts of a variable in TensorSliceProtos.

  Raises:
    ValueError: If one has more axes than a kernel, or an empty one.
  """
  return tuple(_parse_part(name, each) for each in parts)


def _parse_part(name: str, data: memoryview) -> Part:
  """Returns the part of a variable in a TensorSliceProto."""
  part = []
  for extent in protobuf_wire.contents(data, 1):
    found = protobuf_wire.last(extent)
    length = protobuf_wire.number_in(found, 2) if 2 in found else -1
    if 2 in found and length < 1:
      raise ValueError(f"a part of '{name}' has length {length}")
    part.append((protobuf_wire.number_in(found, 1), length))
    if len(part) > _MAX_AXES:
      raise ValueError(f"a part of '{name}' has more than {_MAX_AXES} axes")
  return tuple(part)
