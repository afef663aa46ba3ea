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


"""Files as torch.save writes them, for tests that have no torch."""

import io
import pickle
import sys
import types
from typing import Any, Dict, NamedTuple, Optional, Sequence, Tuple
from unittest import mock
import zipfile

import numpy as np

_MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
_SYSTEM = {'protocol_version': 1001, 'little_endian': True, 'type_sizes': {}}

# By the types of their numbers; bfloat16 is bytes of two to an array here.
_STORAGES = {
  'f4': 'FloatStorage',
  'f8': 'DoubleStorage',
  'f2': 'HalfStorage',
  'V2': 'BFloat16Storage',
  'i8': 'LongStorage',
  'i4': 'IntStorage',
  'i2': 'ShortStorage',
  'i1': 'CharStorage',
  'u1': 'ByteStorage',
  'b1': 'BoolStorage',
}


class Storage:
  """Numbers in a row.

  Attributes:
    key: Its name in the file.
    values: The numbers, one-dimensional.
    count: How many it claims to have.
    part: What old files say of a storage that is a part of another.
  """

  def __init__(self, key: str, values: np.ndarray, count: Optional[int] = None):
    """Takes the numbers."""
    self.key = key
    self.values = values
    self.count = len(values) if count is None else count
    self.part: Any = None

  @property
  def kind(self) -> str:
    """The name of PyTorch's class."""
    return _STORAGES[self.values.dtype.str[1:]]


class Tensor(NamedTuple):
  """A view of a storage, as PyTorch pickles it."""

  storage: Any
  shape: Sequence[int]
  strides: Sequence[int]
  offset: int = 0
  function: str = '_rebuild_tensor_v2'

  def __reduce__(self) -> Tuple[Any, ...]:
    """Calls the function of the name in torch._utils."""
    arguments: Tuple[Any, ...] = (
      self.storage,
      self.offset,
      tuple(self.shape),
      tuple(self.strides),
    )
    if self.function == '_rebuild_tensor_v2':
      arguments += (False, {})
    return getattr(sys.modules['torch._utils'], self.function), arguments


class Parameter(NamedTuple):
  """A tensor that is trained, as PyTorch pickles it."""

  tensor: Tensor

  def __reduce__(self) -> Tuple[Any, ...]:
    """Calls the function of the name in torch._utils."""
    function = sys.modules['torch._utils']._rebuild_parameter
    return function, (self.tensor, True, {})


def tensor(value: np.ndarray, key: str) -> Tensor:
  """Returns a tensor with a storage of its own."""
  strides = [stride // value.itemsize for stride in value.strides]
  flat = value.ravel(order='K')
  return Tensor(Storage(key, flat), value.shape, strides)


def _modules() -> Dict[str, types.ModuleType]:
  """Returns what pickle looks up by name."""
  torch, utils = types.ModuleType('torch'), types.ModuleType('torch._utils')
  for name in ('_rebuild_tensor', '_rebuild_tensor_v2', '_rebuild_parameter'):
    function = types.FunctionType((lambda: None).__code__, {}, name)
    function.__module__, function.__qualname__ = utils.__name__, name
    setattr(utils, name, function)
  for name in _STORAGES.values():
    setattr(torch, name, type(name, (), {'__module__': 'torch'}))
  return {'torch': torch, 'torch._utils': utils}


def _pickled(content: Any, storages: Dict[str, Storage], is_old: bool) -> bytes:
  """Returns the pickle, and puts its storages where they are asked for."""
  file = io.BytesIO()
  modules = _modules()

  class Pickler(pickle.Pickler):
    """Refers to storages instead of pickling them."""

    def persistent_id(self, each: Any) -> Any:
      """Returns what identifies a storage."""
      if not isinstance(each, Storage):
        return None
      storages[each.key] = each
      kind = getattr(modules['torch'], each.kind)
      identifier = ('storage', kind, each.key, 'cpu', each.count)
      return (*identifier, each.part) if is_old else identifier

  with mock.patch.dict(sys.modules, modules):
    Pickler(file, 2).dump(content)
  return file.getvalue()


def old(content: Any, system: Any = _SYSTEM) -> bytes:
  """Returns what torch.save wrote before 1.6, and writes when asked to.

  Args:
    content: What is saved, with tensors and storages of this module.
    system: What it says of the machine.
  """
  storages: Dict[str, Storage] = {}
  head = [pickle.dumps(each, 2) for each in (_MAGIC_NUMBER, 1001, system)]
  data = b''.join(head) + _pickled(content, storages, True)
  keys = sorted(storages)
  data += pickle.dumps(keys, 2)
  for key in keys:
    values = storages[key].values
    data += len(values).to_bytes(8, 'little') + values.tobytes()
  return data


def zipped(content: Any, byteorder: bytes = b'little') -> bytes:
  """Returns what torch.save writes from 1.6 on."""
  storages: Dict[str, Storage] = {}
  file = io.BytesIO()
  with zipfile.ZipFile(file, 'w') as archive:
    archive.writestr('net/data.pkl', _pickled(content, storages, False))
    archive.writestr('net/byteorder', byteorder)
    for key, storage in storages.items():
      archive.writestr(f'net/data/{key}', storage.values.tobytes())
    archive.writestr('net/version', b'3\n')
  return file.getvalue()
