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

"""The fields of a protobuf message, one by one, without a message class.

protobuf's own reader makes an object of each field before anyone can count
them: three bytes of a file may take a hundred of memory.

References:
  https://protobuf.dev/programming-guides/encoding/
"""

from typing import Dict, Iterator, List, Mapping, Tuple, Union

Value = Union[int, memoryview]

# How a field's value is written.
_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5

_MAX_VARINT_BYTES = 10

# Of a message about one variable.
_MAX_FIELDS = 1000


def read_varint(data: memoryview, place: int) -> Tuple[int, int]:
  """Returns an unsigned number of at most 64 bits, and the place after it.

  Raises:
    ValueError: If there is none.
  """
  value = 0
  for index, byte in enumerate(data[place : place + _MAX_VARINT_BYTES]):
    value |= (byte & 0x7F) << 7 * index
    if byte < 0x80:
      return value & (1 << 64) - 1, place + index + 1
  raise ValueError(f'there is no number at byte {place}')


def fields(
  data: memoryview, max_fields: int = _MAX_FIELDS
) -> Iterator[Tuple[int, Value]]:
  """Yields the number and the value of each field of a message.

  Args:
    data: The message.
    max_fields: The most that it may have.

  Yields:
    Of numbers their 64 bits, without a sign; of all else, a message within it
    included, its bytes.

  Raises:
    ValueError: If the bytes are no message, or one of more fields.
  """
  place = 0
  num_fields = 0
  while place < len(data):
    num_fields += 1
    if num_fields > max_fields:
      raise ValueError(
        f'it has more than {max_fields} fields in one place, the most for a'
        ' network'
      )
    tag, place = read_varint(data, place)
    kind = tag & 7
    value: Value
    if kind == _VARINT:
      value, place = read_varint(data, place)
    elif kind in (_EIGHT_BYTES, _LENGTH, _FOUR_BYTES):
      size = 8 if kind == _EIGHT_BYTES else 4
      if kind == _LENGTH:
        size, place = read_varint(data, place)
      value = data[place : place + size]
      place += size
      if place > len(data):
        raise ValueError(f'field {tag >> 3} goes on after the end')
    else:
      raise ValueError(f'field {tag >> 3} is of unknown kind {kind}')
    yield tag >> 3, value


def signed(value: Value) -> int:
  """Returns a field that is an int32, an int64 or an enum.

  Raises:
    ValueError: If it is no number.
  """
  if not isinstance(value, int):
    raise ValueError('there are bytes in place of a number')
  return value - (1 << 64) if value >> 63 else value


def content(value: Value) -> memoryview:
  """Returns a field that is bytes, a text or a message.

  Raises:
    ValueError: If it is a number.
  """
  if isinstance(value, int):
    raise ValueError('there is a number in place of bytes')
  return value


def last(data: memoryview) -> Dict[int, Value]:
  """Returns the last field of each number in a message, which is its value."""
  return dict(fields(data))


def number_in(found: Mapping[int, Value], number: int) -> int:
  """Returns a field as `signed` does; 0 where it is missing."""
  return signed(found.get(number, 0))


def content_in(found: Mapping[int, Value], number: int) -> memoryview:
  """Returns a field as `content` does; nothing where it is missing."""
  return content(found.get(number, memoryview(b'')))


def contents(
  data: memoryview, number: int, max_fields: int = _MAX_FIELDS
) -> List[memoryview]:
  """Returns all fields of one number, which are bytes."""
  found = fields(data, max_fields)
  return [content(value) for each, value in found if each == number]
