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

"""Reads the numbers in a TensorFlow checkpoint of format V2.

TensorFlow's own reader trusts an index whose checksums are right: a size of -5
ends the process. So no file gets to it: what an index claims is checked before
it is acted on, and nothing is decoded but arrays of numbers.

References:
  tensorflow/core/protobuf/tensor_bundle.proto,
  tensorflow/core/util/{tensor_bundle,saved_tensor_slice_util.cc} and
  tensorflow/core/lib/strings/ordered_code.cc (in later releases xla/tsl/lib).
"""

from typing import Callable, Dict, Iterator, Mapping, Tuple, Union

import numpy as np

from magenta_viz.models.checkpoints import checkpoint_variable
from magenta_viz.models.checkpoints import crc32c
from magenta_viz.models.checkpoints import protobuf_wire
from magenta_viz.models.checkpoints import sorted_table

# TensorFlow's own limit is that of the names of files, in five digits.
_MAX_SHARDS = 99_999

# Of the name of the file with the index.
INDEX_ENDING = '.index'

# The content of a file.
Buffer = Union[bytes, memoryview]


def parse(
  index: Buffer, read_shard: Callable[[str], Buffer]
) -> Dict[str, np.ndarray]:
  """Returns the numbers of a checkpoint, by variable name.

  Args:
    index: Content of its '.index' file.
    read_shard: Gives the content of the data file whose name ends so, as
      '.data-00000-of-00001'.

  Returns:
    Arrays that must not be written to. Where tf.train.Checkpoint wrote them, a
    name is the path of attributes that leads to the variable.

  Raises:
    ValueError: If it is damaged, or makes no sense.
  """
  return dict(_Bundle(index, read_shard).read())


def parse_files(
  prefix: str, contents: Mapping[str, Buffer]
) -> Dict[str, np.ndarray]:
  """Returns the numbers of a checkpoint, by variable name.

  Args:
    prefix: Its path or name, without the endings of its files.
    contents: Of its files and maybe others, by path or name.

  Raises:
    ValueError: As of `parse`, or if one of its files is missing.
  """

  def read_shard(ending: str) -> Buffer:
    if prefix + ending not in contents:
      raise ValueError(f"there is no file '{prefix}{ending}'")
    return contents[prefix + ending]

  return parse(contents[prefix + INDEX_ENDING], read_shard)


class _Bundle:
  """An index and its data files."""

  def __init__(self, index: Buffer, read_shard: Callable[[str], Buffer]):
    self._table: Mapping[bytes, memoryview] = dict(
      sorted_table.entries(memoryview(index))
    )
    if b'' not in self._table:
      raise ValueError('its index has no header')
    self._num_shards = _parse_header(self._table[b''])
    self._read_shard = read_shard
    self._shards: Dict[int, memoryview] = {}
    # Of each data file, the bytes that no variable has had.
    self._left: Dict[int, int] = {}

  def read(self) -> Iterator[Tuple[str, np.ndarray]]:
    """Yields the variables that are numbers."""
    for key, entry in self._table.items():
      # The header; and with a zero at its start, a part of a variable.
      if key[:1] in (b'', b'\0'):
        continue
      variable, place = _parse_entry(key, entry)
      if not variable.is_number:
        continue
      if variable.parts:
        values = variable.assemble(self._pieces(variable))
      else:
        values = self._values(variable, place)
      yield variable.public_name, variable.array(values)

  def _pieces(
    self, whole: checkpoint_variable.Variable
  ) -> Iterator[Tuple[checkpoint_variable.Part, np.ndarray]]:
    """Yields the parts of a variable with their values."""
    for part in whole.parts:
      key = part_key(whole.name, part)
      if key not in self._table:
        raise ValueError(f"a part of '{whole.name}' is missing")
      variable, place = _parse_entry(key, self._table[key], whole.name)
      if variable.dtype != whole.dtype or variable.parts:
        raise ValueError(f"a part of '{whole.name}' is no part")
      yield part, self._values(variable, place)

  def _values(
    self, variable: checkpoint_variable.Variable, place: '_Place'
  ) -> np.ndarray:
    """Returns the values at a place, whose checksum is right."""
    shard, offset, size, checksum = place
    if not 0 <= shard < self._num_shards:
      raise ValueError(
        f"'{variable.name}' is in file {shard} of {self._num_shards}"
      )
    if shard not in self._shards:
      content = self._read_shard(f'.data-{shard:05d}-of-{self._num_shards:05d}')
      self._shards[shard] = memoryview(content)
      self._left[shard] = len(content)
    data = self._shards[shard]
    if offset < 0 or size < 0 or offset + size > len(data):
      raise ValueError(f"'{variable.name}' goes on after the end of its file")
    if size != variable.num_bytes:
      raise ValueError(
        f"'{variable.name}' has {size} bytes for shape {variable.shape}"
      )
    # Else a small file could be read again and again.
    self._left[shard] -= size
    if self._left[shard] < 0:
      raise ValueError(f"'{variable.name}' overlaps with another variable")
    data = data[offset : offset + size]
    if crc32c.masked_crc32c(data) != checksum:
      raise ValueError(f"the checksum of '{variable.name}' is wrong")
    return np.frombuffer(data, variable.stored_dtype)


# Number of the data file, first byte, bytes, checksum.
_Place = Tuple[int, int, int, int]


def _parse_header(data: memoryview) -> int:
  """Returns the number of data files in a BundleHeaderProto."""
  found = protobuf_wire.last(data)
  num_shards = protobuf_wire.number_in(found, 1)
  if found.get(2):
    raise ValueError('its numbers start with their highest byte')
  if not 1 <= num_shards <= _MAX_SHARDS:
    raise ValueError(f'it claims {num_shards} data files')
  return num_shards


def _parse_entry(
  key: bytes, data: memoryview, name: str = ''
) -> Tuple[checkpoint_variable.Variable, _Place]:
  """Returns what a BundleEntryProto says.

  Args:
    key: Of the entry.
    data: The entry.
    name: Of the variable; empty if the key is.
  """
  name = name or checkpoint_variable.parse_name(memoryview(key))
  found = protobuf_wire.last(data)
  variable = checkpoint_variable.Variable(
    name,
    checkpoint_variable.check_dtype(name, protobuf_wire.number_in(found, 1)),
    checkpoint_variable.parse_shape(name, protobuf_wire.content_in(found, 2)),
    checkpoint_variable.parse_parts(name, protobuf_wire.contents(data, 7)),
  )
  shard, offset, size = (
    protobuf_wire.number_in(found, number) for number in (3, 4, 5)
  )
  checksum = int.from_bytes(protobuf_wire.content_in(found, 6), 'little')
  return variable, (shard, offset, size, checksum)


def part_key(name: str, part: checkpoint_variable.Part) -> bytes:
  """Returns the key of a part: EncodeTensorNameSlice."""
  # No byte of UTF-8 is 255, which would have to be escaped too.
  key = b'\0' + name.encode().replace(b'\0', b'\0\xff') + b'\0\x01'
  key += bytes([1, len(part)]) if part else b'\0'
  for start, length in part:
    key += _signed_key(start) + _signed_key(length)
  return key


def _signed_key(value: int) -> bytes:
  """Returns a number so that its order is that of the bytes.

  Which are as many as need be for seven bits each, one of these the sign; the
  eighth ones, all at the start, tell how many.
  """
  size = (~value if value < 0 else value).bit_length() // 7 + 1
  header = ((1 << size) - 1) << 7 * size
  code = (value & (1 << 8 * size) - 1) ^ header
  return code.to_bytes(size, 'big')
