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

"""Reads arrays from a pickle without Python's own unpickler.

A pickle is a program for a small machine, which Python's unpickler runs as it
comes: it calls what it is told to, nests without end and takes the memory that
a number says. This machine knows only what pickled dictionaries of NumPy's
arrays need, and calls nothing.

References:
  Lib/pickletools.py, which describes each instruction.
"""

import re
import struct
from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple

import numpy as np

# Sixty for each of some hundred arrays.
_MAX_INSTRUCTIONS = 50_000

# Names of instructions in pickletools, by their byte; what follows it is a
# number, and of texts and bytes so many more bytes.
_NUMBERS: Mapping[int, Tuple[str, str]] = {
  0x80: ('PROTO', 'B'),
  0x95: ('FRAME', 'Q'),
  ord('J'): ('INT', 'i'),
  ord('K'): ('INT', 'B'),
  ord('M'): ('INT', 'H'),
  ord('G'): ('FLOAT', '>d'),
  ord('q'): ('PUT', 'B'),
  ord('r'): ('PUT', 'I'),
  ord('h'): ('GET', 'B'),
  ord('j'): ('GET', 'I'),
}
_TEXTS: Mapping[int, Tuple[str, str]] = {
  ord('X'): ('TEXT', 'I'),
  0x8C: ('TEXT', 'B'),
  0x8D: ('TEXT', 'Q'),
  ord('B'): ('BYTES', 'I'),
  ord('C'): ('BYTES', 'B'),
  0x8E: ('BYTES', 'Q'),
  0x8A: ('LONG', 'B'),
}
_OTHERS: Mapping[int, str] = {
  ord('c'): 'GLOBAL',
  0x93: 'STACK_GLOBAL',
  ord('R'): 'REDUCE',
  ord('b'): 'BUILD',
  ord('('): 'MARK',
  ord(')'): 'EMPTY_TUPLE',
  0x85: 'TUPLE1',
  0x86: 'TUPLE2',
  0x87: 'TUPLE3',
  ord('t'): 'TUPLE',
  ord(']'): 'EMPTY_LIST',
  ord('a'): 'APPEND',
  ord('e'): 'APPENDS',
  ord('}'): 'EMPTY_DICT',
  ord('s'): 'SETITEM',
  ord('u'): 'SETITEMS',
  0x94: 'MEMOIZE',
  0x88: 'TRUE',
  0x89: 'FALSE',
  ord('N'): 'NONE',
}
_STOP = ord('.')

_MAX_NAME_BYTES = 200
_DTYPE_CODE = re.compile('[biufc][0-9]{1,2}')


class _Mark:
  """Lies on the stack where a list of items begins."""


class _Dtype:
  """Stands for a `numpy.dtype`: a type code, and then the byte order."""

  def __init__(self, code: Any, *unused_args: Any):
    if not isinstance(code, str) or not _DTYPE_CODE.fullmatch(code):
      raise ValueError(f'it has an array of {code!r}, not of numbers')
    self._code = code
    self.dtype = np.dtype(code)

  def build(self, state: Any) -> None:
    """Takes the byte order, the second of a tuple."""
    if not isinstance(state, tuple) or state[1] not in ('<', '>', '|', '='):
      raise ValueError('it has a type of numbers without their order')
    self.dtype = np.dtype(state[1] + self._code)


class _Array:
  """Stands for a `numpy.ndarray`: made empty, and then given its content."""

  array: Optional[np.ndarray] = None

  def __init__(self, *unused_args: Any):
    pass

  def build(self, state: Any) -> None:
    """Takes shape, dtype, order and content."""
    _, shape, dtype, is_fortran, content = state
    if not isinstance(dtype, _Dtype) or not isinstance(content, bytes):
      raise ValueError('it has an array without content')
    # Refuses content that does not fill the shape. It is not copied: one
    # content may be that of many arrays.
    values = np.frombuffer(content, dtype.dtype)
    self.array = values.reshape(shape, order='F' if is_fortran else 'C')


# NumPy has moved its functions since; these are the names that files have.
_GLOBALS: Mapping[Tuple[str, str], Any] = {
  ('numpy.core.multiarray', '_reconstruct'): _Array,
  ('numpy', 'ndarray'): _Array,
  ('numpy', 'dtype'): _Dtype,
}


def parse(data: bytes) -> Dict[str, np.ndarray]:
  """Returns '<layer>/weights' and '<layer>/biases' of a pickled dictionary.

  Args:
    data: The pickle: layer name to (kernel, biases).

  Returns:
    Arrays that must not be written to.

  Raises:
    ValueError: If it holds, or calls, anything else.
    Others: What Python raises where the machine's stack or memory lacks what
      an instruction needs.
  """
  return dict(_name_arrays(_Machine(data).run()))


def _name_arrays(layers: Any) -> Iterator[Tuple[str, np.ndarray]]:
  if not isinstance(layers, dict):
    raise ValueError('it is no dict, layer name to (kernel, biases)')
  for layer, arrays in layers.items():
    kernel, biases = arrays
    for kind, array in (('weights', kernel), ('biases', biases)):
      if not isinstance(array, _Array) or array.array is None:
        raise ValueError(f'the {kind} of layer {layer!r} are no array')
      yield f'{layer}/{kind}', array.array


class _Machine:
  """Runs a pickle's instructions; each has a method of its name or none."""

  def __init__(self, data: bytes):
    self._data = data
    self._place = 0
    self._stack: List[Any] = []
    self._memo: Dict[int, Any] = {}

  def run(self) -> Any:
    """Returns what the pickle holds."""
    for _ in range(_MAX_INSTRUCTIONS):
      code = self._take(1)[0]
      if code == _STOP:
        return self._stack.pop()
      if code in _NUMBERS:
        name, kind = _NUMBERS[code]
        argument: Tuple[Any, ...] = (self._number(kind),)
      elif code in _TEXTS:
        name, kind = _TEXTS[code]
        argument = (self._take(self._number(kind)),)
      elif code in _OTHERS:
        name, argument = _OTHERS[code], ()
      else:
        raise ValueError(f'it has the instruction {code}, which no array needs')
      getattr(self, f'_{name.lower()}')(*argument)
    raise ValueError(
      f'it has more than {_MAX_INSTRUCTIONS} instructions, the most for a'
      ' network'
    )

  def _take(self, size: int) -> bytes:
    """Returns the next bytes."""
    taken = self._data[self._place : self._place + size]
    if len(taken) < size:
      raise ValueError('it is cut short')
    self._place += size
    return taken

  def _number(self, kind: str) -> Any:
    kind = kind if kind.startswith('>') else f'<{kind}'
    return struct.unpack(kind, self._take(struct.calcsize(kind)))[0]

  def _push(self, value: Any) -> None:
    self._stack.append(value)

  _int = _float = _bytes = _push

  def _proto(self, unused_version: int) -> None:
    pass

  _frame = _proto

  def _text(self, data: bytes) -> None:
    # As pickle itself does.
    self._push(str(data, 'utf-8', 'surrogatepass'))

  def _long(self, data: bytes) -> None:
    self._push(int.from_bytes(data, 'little', signed=True))

  def _true(self) -> None:
    self._push(True)

  def _false(self) -> None:
    self._push(False)

  def _none(self) -> None:
    self._push(None)

  def _put(self, index: int) -> None:
    self._memo[index] = self._stack[-1]

  def _memoize(self) -> None:
    self._put(len(self._memo))

  def _get(self, index: int) -> None:
    self._push(self._memo[index])

  def _mark(self) -> None:
    self._push(_Mark)

  def _items(self) -> List[Any]:
    """Takes all from the last mark on off the stack, and the mark."""
    items: List[Any] = []
    while self._stack[-1] is not _Mark:
      items.append(self._stack.pop())
    self._stack.pop()
    return items[::-1]

  def _tuple(self) -> None:
    self._push(tuple(self._items()))

  def _last(self, size: int) -> List[Any]:
    """Takes so many off the stack."""
    return [self._stack.pop() for _ in range(size)][::-1]

  def _empty_tuple(self) -> None:
    self._push(())

  def _tuple1(self) -> None:
    self._push(tuple(self._last(1)))

  def _tuple2(self) -> None:
    self._push(tuple(self._last(2)))

  def _tuple3(self) -> None:
    self._push(tuple(self._last(3)))

  def _empty_list(self) -> None:
    self._push([])

  def _append(self) -> None:
    self._extend(self._last(1))

  def _appends(self) -> None:
    self._extend(self._items())

  def _extend(self, items: List[Any]) -> None:
    if not isinstance(self._stack[-1], list):
      raise ValueError('it puts items into what is no list')
    self._stack[-1].extend(items)

  def _empty_dict(self) -> None:
    self._push({})

  def _setitem(self) -> None:
    self._set(self._last(2))

  def _setitems(self) -> None:
    self._set(self._items())

  def _set(self, items: List[Any]) -> None:
    target = self._stack[-1]
    if not isinstance(target, dict):
      raise ValueError('it puts items into what is no dict')
    for key, value in zip(items[::2], items[1::2]):
      # As in `_push_global`.
      if not isinstance(key, str):
        raise ValueError('it has a layer whose name is no text')
      target[key] = value

  def _global(self) -> None:
    lines = []
    for _ in range(2):
      end = self._data.find(b'\n', self._place, self._place + _MAX_NAME_BYTES)
      if end < 0:
        raise ValueError('it is cut short')
      lines.append(str(self._take(end - self._place), 'utf-8'))
      self._take(1)
    self._push_global(*lines)

  def _stack_global(self) -> None:
    self._push_global(*self._last(2))

  def _push_global(self, module: Any, name: Any) -> None:
    # In this order: the hash of a deep tuple takes more stack than there is.
    if not isinstance(module, str) or not isinstance(name, str):
      raise ValueError('it wants to call what has no name')
    if (module, name) not in _GLOBALS:
      raise ValueError(
        f"it wants to call '{module}.{name}', and only arrays are allowed"
      )
    self._push(_GLOBALS[module, name])

  def _reduce(self) -> None:
    called, arguments = self._last(2)
    if called not in (_Array, _Dtype):
      raise ValueError('it wants to call what is no array')
    self._push(called(*arguments))

  def _build(self) -> None:
    (state,) = self._last(1)
    if not isinstance(self._stack[-1], (_Array, _Dtype)):
      raise ValueError('it builds what is no array')
    self._stack[-1].build(state)
