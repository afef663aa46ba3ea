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


"""Reads PyTorch's files of weights, the old ones and the zipped, without torch.

Both have a pickle of tensors, each a view of a storage that is elsewhere in the
file: the old ones have the storages after it, one after another, and the zipped
(torch 1.6 and later) a member for each.

References:
  torch/serialization.py, which writes and reads both.
"""

import functools
import math
from typing import Any, Dict, Mapping, NamedTuple, Optional, Tuple

import numpy as np

from magenta_viz.files import zip_members
from magenta_viz.models.checkpoints import pickle_machine

# What an old file begins with: a pickle of this number, and one of the other.
_MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_OLD_MAGIC = b'\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.'

_ZIP_MAGIC = b'PK\x03\x04'
# The pickle in a zipped file, which is its first member.
_PICKLE = 'data.pkl'

# How a storage in an old file begins: the number of its numbers.
_COUNT_BYTES = 8

# Of NumPy, for whose dimensions 32 is the most.
_MAX_DIMENSIONS = 32

_BFLOAT16 = 'bfloat16'

# The names of storages, and what is in them; of zipped files' members too.
_TYPES: Mapping[str, str] = {
  'FloatStorage': '<f4',
  'DoubleStorage': '<f8',
  'HalfStorage': '<f2',
  'BFloat16Storage': _BFLOAT16,
  'LongStorage': '<i8',
  'IntStorage': '<i4',
  'ShortStorage': '<i2',
  'CharStorage': '<i1',
  'ByteStorage': '<u1',
  'BoolStorage': '?',
}

# What trainings call the network's tensors beside other things.
_STATE = 'state_dict'


class _Storage:
  """Numbers in a row, whose content comes after the pickle."""

  def __init__(self, kind: str, count: int):
    self.kind = kind
    self.count = count
    self._values: Optional[np.ndarray] = None

  @property
  def num_bytes(self) -> int:
    """Of its content in the file."""
    item = 2 if self.kind == _BFLOAT16 else np.dtype(self.kind).itemsize
    return self.count * item

  def fill(self, content: memoryview) -> None:
    """Takes the content, `num_bytes` long, which is not copied if need not."""
    if self.kind == _BFLOAT16:
      halves = np.frombuffer(content, '<u2').astype(np.uint32)
      self._values = (halves << 16).view(np.float32)
    else:
      self._values = np.frombuffer(content, self.kind)

  def view(self, offset: int, shape: Any, strides: Any) -> np.ndarray:
    """Returns some of its numbers, which must be its own."""
    if self._values is None:
      raise ValueError('it has a tensor whose numbers are not there')
    item = self._values.itemsize
    # NumPy refuses what is not inside.
    return np.ndarray(
      shape,
      self._values.dtype,
      self._values,
      offset * item,
      [stride * item for stride in strides],
    )


class _Tensor(NamedTuple):
  """A view of a storage, which is looked at when this is there."""

  storage: _Storage
  offset: int
  shape: Tuple[int, ...]
  strides: Tuple[int, ...]

  def array(self) -> np.ndarray:
    """Returns the numbers."""
    return self.storage.view(self.offset, self.shape, self.strides)


def _rebuild_tensor(
  storage: Any, offset: Any, shape: Any, strides: Any, *unused_args: Any
) -> _Tensor:
  """Stands for PyTorch's functions of the name."""
  if not isinstance(storage, _Storage):
    raise ValueError('it has a tensor of no numbers')
  sizes = (offset, *shape, *strides)
  if (
    not all(type(size) is int and 0 <= size < 1 << 63 for size in sizes)
    or len(shape) != len(strides)
    or len(shape) > _MAX_DIMENSIONS
  ):
    raise ValueError('it has a tensor whose shape makes no sense')
  # None that repeats its numbers, and is larger than the file.
  if math.prod(shape) > storage.count:
    raise ValueError(
      f'it has a tensor of shape {shape} with {storage.count} numbers'
    )
  return _Tensor(storage, offset, shape, strides)


def _rebuild_parameter(tensor: Any, *unused_args: Any) -> Any:
  """Stands for PyTorch's function of the name."""
  return tensor


class _OrderedDict(dict, pickle_machine.Built):  # type: ignore[type-arg]
  """Stands for Python's own, in which PyTorch keeps versions as well."""

  def __init__(self) -> None:
    super().__init__()

  def build(self, state: Any) -> None:
    """Leaves the versions alone."""


class _Type(NamedTuple):
  """Stands for a class of storages."""

  kind: str


_STAND_INS: Mapping[Tuple[str, str], Any] = {
  ('collections', 'OrderedDict'): _OrderedDict,
  ('torch._utils', '_rebuild_tensor'): _rebuild_tensor,
  ('torch._utils', '_rebuild_tensor_v2'): _rebuild_tensor,
  ('torch._utils', '_rebuild_parameter'): _rebuild_parameter,
  **{('torch', name): _Type(kind) for name, kind in _TYPES.items()},
}


def is_one(data: bytes) -> bool:
  """Tells a file of PyTorch by its first bytes."""
  if data.startswith(_ZIP_MAGIC):
    # After 26 bytes the length of the first member's name, and at 30 that.
    end = 30 + int.from_bytes(data[26:28], 'little')
    return data[30:end].endswith(f'/{_PICKLE}'.encode())
  return data.startswith(_OLD_MAGIC)


def parse(data: bytes, max_bytes: int) -> Dict[str, np.ndarray]:
  """Returns the tensors of a state dict by name.

  Args:
    data: The file, as torch.save writes it.
    max_bytes: The most that the tensors may have, together.

  Returns:
    Arrays that must not be written to, bfloat16 as float32. Of a dict with a
    dict 'state_dict' those of that; what is no tensor is left out.

  Raises:
    ValueError: If it holds, or calls, anything else, or is cut short.
    Others: What Python, NumPy and zipfile raise at damaged bytes.
  """
  if data.startswith(_ZIP_MAGIC):
    content = _parse_zip(dict(zip_members.read(data, max_bytes)))
  else:
    content = _parse_old(data)
  if isinstance(content, dict):
    content = content.get(_STATE, content)
  if not isinstance(content, dict):
    raise ValueError('it is no dict of tensors, as model.state_dict() is')
  return {
    name: value.array()
    for name, value in content.items()
    if isinstance(name, str) and isinstance(value, _Tensor)
  }


def _parse_zip(members: Mapping[str, bytes]) -> Any:
  """Returns what a zipped file holds."""
  pickles = [name for name in members if name.endswith(f'/{_PICKLE}')]
  if len(pickles) != 1:
    raise ValueError(f'it has {len(pickles)} members {_PICKLE}, not one')
  folder = pickles[0][: -len(_PICKLE)]
  if members.get(f'{folder}byteorder', b'little') != b'little':
    raise ValueError('its numbers have their first byte first')
  storages: Dict[str, _Storage] = {}
  content = pickle_machine.Machine(
    members[pickles[0]], _STAND_INS, load=functools.partial(_refer, storages)
  ).run()
  for key, storage in storages.items():
    numbers = members.get(f'{folder}data/{key}', b'')
    if len(numbers) != storage.num_bytes:
      raise ValueError(
        f"storage '{key}' has {len(numbers)} bytes, not {storage.num_bytes}"
      )
    storage.fill(memoryview(numbers))
  return content


def _parse_old(data: bytes) -> Any:
  """Returns what an old file holds."""
  magic, place = _run(data, 0)
  protocol, place = _run(data, place)
  if magic != _MAGIC_NUMBER or protocol != _PROTOCOL:
    raise ValueError('it does not start as a file of PyTorch does')
  system, place = _run(data, place)
  if not isinstance(system, dict) or system.get('little_endian') is not True:
    raise ValueError('its numbers have their first byte first')
  storages: Dict[str, _Storage] = {}
  machine = pickle_machine.Machine(
    data, _STAND_INS, place, functools.partial(_refer, storages)
  )
  content = machine.run()
  keys, place = _run(data, machine.place)
  if not isinstance(keys, list):
    raise ValueError('it has no list of its storages')
  for key in keys:
    if not isinstance(key, str) or key not in storages:
      raise ValueError('it has a storage of no tensor')
    storage = storages.pop(key)
    start = place + _COUNT_BYTES
    place = start + storage.num_bytes
    if place > len(data):
      raise ValueError('it is cut short')
    count = int.from_bytes(data[start - _COUNT_BYTES : start], 'little')
    if count != storage.count:
      raise ValueError(f"storage '{key}' has {count} numbers, not the tensors'")
    storage.fill(memoryview(data)[start:place])
  return content


def _run(data: bytes, place: int) -> Tuple[Any, int]:
  """Returns what a pickle without tensors holds, and where it ends."""
  machine = pickle_machine.Machine(data, {}, place)
  return machine.run(), machine.place


def _refer(storages: Dict[str, _Storage], identifier: Any) -> _Storage:
  """Returns the storage that an identifier in a pickle stands for.

  Args:
    storages: Those so far by their keys; a new one is put there.
    identifier: 'storage', class, key, device, number of numbers, and in old
      files the part of another one that it is.
  """
  if not isinstance(identifier, tuple) or len(identifier) not in (5, 6):
    raise ValueError('it refers to what is no storage of numbers')
  name, type_, key, _, count, *part = identifier
  if (
    name != 'storage'
    or not isinstance(type_, _Type)
    or not isinstance(key, str)
    or not isinstance(count, int)
    or part not in ([], [None])
    or count < 0
  ):
    raise ValueError('it refers to what is no storage of numbers')
  storage = storages.setdefault(key, _Storage(type_.kind, count))
  if (storage.kind, storage.count) != (type_.kind, count):
    raise ValueError(f"it has several storages '{key}'")
  return storage
