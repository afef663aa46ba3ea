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


"""Runs pickles without Python's own unpickler.

A pickle is a program for a small machine, which Python's unpickler runs as it
comes: it calls what it is told to, nests without end and takes the memory that
a number says. This machine knows only what pickled dictionaries of arrays need,
and calls only what its user has put in place of the names in the file.

References:
  Lib/pickletools.py, which describes each instruction.
"""

import struct
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

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
  ord('Q'): 'PERSISTENT',
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


class _Mark:
  """Lies on the stack where a list of items begins."""


class Built:
  """Stands for an object that is made first, and then given its state."""

  def build(self, state: Any) -> None:
    """Takes the state, of any type."""
    raise NotImplementedError


class Machine:
  """Runs a pickle's instructions; each has a method of its name or none.

  Attributes:
    place: Of the next byte.
  """

  def __init__(
    self,
    data: bytes,
    stand_ins: Mapping[Tuple[str, str], Any],
    start: int = 0,
    load: Optional[Callable[[Any], Any]] = None,
  ):
    """Takes a pickle.

    Args:
      data: What holds it.
      stand_ins: What stands for each (module, name) that it may name. It may
        call those that can be called, with any arguments.
      start: Place of its first byte.
      load: Returns what an identifier of the pickle's own stands for; None
        where it may have none.
    """
    self.place = start
    self._data = data
    self._stand_ins = stand_ins
    self._load = load
    self._stack: List[Any] = []
    self._memo: Dict[int, Any] = {}

  def run(self) -> Any:
    """Returns what the pickle holds; `place` is then where it ends.

    Raises:
      ValueError: If it holds, or calls, what is not allowed.
      Others: What Python raises where the machine's stack or memory lacks what
        an instruction needs, and what the stand-ins raise.
    """
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
    taken = self._data[self.place : self.place + size]
    if len(taken) < size:
      raise ValueError('it is cut short')
    self.place += size
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
      # As in `_push_global`. An optimizer numbers what it has.
      if not isinstance(key, (str, int)):
        raise ValueError('it has an array whose name is no text')
      target[key] = value

  def _global(self) -> None:
    lines = []
    for _ in range(2):
      end = self._data.find(b'\n', self.place, self.place + _MAX_NAME_BYTES)
      if end < 0:
        raise ValueError('it is cut short')
      lines.append(str(self._take(end - self.place), 'utf-8'))
      self._take(1)
    self._push_global(*lines)

  def _stack_global(self) -> None:
    self._push_global(*self._last(2))

  def _push_global(self, module: Any, name: Any) -> None:
    # In this order: the hash of a deep tuple takes more stack than there is.
    if not isinstance(module, str) or not isinstance(name, str):
      raise ValueError('it wants to call what has no name')
    if (module, name) not in self._stand_ins:
      raise ValueError(
        f"it wants to call '{module}.{name}', and only arrays are allowed"
      )
    self._push(self._stand_ins[module, name])

  def _reduce(self) -> None:
    called, arguments = self._last(2)
    is_known = any(called is each for each in self._stand_ins.values())
    if not is_known or not callable(called):
      raise ValueError('it wants to call what is no array')
    self._push(called(*arguments))

  def _persistent(self) -> None:
    (identifier,) = self._last(1)
    if self._load is None:
      raise ValueError('it refers to what is in another file')
    self._push(self._load(identifier))

  def _build(self) -> None:
    (state,) = self._last(1)
    if not isinstance(self._stack[-1], Built):
      raise ValueError('it builds what is no array')
    self._stack[-1].build(state)
