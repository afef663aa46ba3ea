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

"""Files that somebody else may have made: bytes that a reader must not trust.

Their readers, be they Pillow, NumPy or Python's own, raise nearly every type at
damaged bytes, and some wait for ever or take all memory. Here are the three
things that a reader of such files needs: the bytes of a plain file and no more
of them than it expects, a guard that makes one sentence of whatever its library
raises, and JSON.
"""

import contextlib
import io
import json
import os
import stat
from typing import Any, BinaryIO, Iterator, List

from magenta_viz.files import places

PathLike = places.PathLike

# Of an error's own words, which may repeat a whole damaged file.
_MAX_REASON = 200

# Whole numbers of so many digits and a sign are 64 bits long at most.
_MAX_DIGITS = 19

# A record has some dozens.
_MAX_CONTAINERS = 100_000


def read_bytes(path: PathLike, max_bytes: int, what: str, advice: str) -> bytes:
  """Returns the content of a plain file.

  Args:
    path: The file, or its address. A device, a pipe or a socket, which may have
      no end, is refused without being read.
    max_bytes: The most that it may hold.
    what: What it is, for messages: 'the picture'.
    advice: What to do, for messages: 'name a file such as a PNG'.

  Raises:
    FileNotFoundError: If there is no such file.
    OSError: If it cannot be read, as the subclass that the system raised.
    ValueError: If it is no plain file, or holds more.
  """
  with open_plain(path, what, advice) as file:
    data = b''
    try:
      num_bytes = _size(file)
      if num_bytes <= max_bytes:
        # Not all that it may have, for which Python would make room.
        data = file.read(num_bytes + 1)
      # It grows, or its size is not known before it is read.
      if num_bytes < len(data) <= max_bytes:
        data += file.read(max_bytes + 1 - len(data))
    except OSError as error:
      raise _named(error, path, what, advice) from error
  if num_bytes > max_bytes or len(data) > max_bytes:
    raise ValueError(
      f"cannot read {what} '{os.fspath(path)}': it has more than {max_bytes}"
      f' bytes, the most that one may have; {advice}'
    )
  return data


def open_plain(path: PathLike, what: str, advice: str) -> BinaryIO:
  """Opens a plain file, for readers that do not need all of it at once.

  Args:
    path: As `read_bytes` takes it.
    what: Likewise.
    advice: Likewise.

  Raises:
    FileNotFoundError: If there is no such file.
    OSError: If it cannot be read, as the subclass that the system raised.
    ValueError: If it is no plain file.
  """
  try:
    if places.is_address(path):
      return places.place(path).open('rb')
    file = open(path, 'rb', opener=_open_at_once)
  except OSError as error:
    raise _named(error, path, what, advice) from error
  if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
    file.close()
    raise ValueError(
      f"cannot read {what} '{os.fspath(path)}': it is no plain file; {advice}"
    )
  return file


def _size(file: BinaryIO) -> int:
  """Returns the bytes of a file that is at its beginning."""
  try:
    return os.fstat(file.fileno()).st_size
  except io.UnsupportedOperation:
    # At an address.
    num_bytes = file.seek(0, os.SEEK_END)
    file.seek(0)
    return num_bytes


def _named(error: OSError, path: PathLike, what: str, advice: str) -> OSError:
  """Returns an error that says what could not be read."""
  return type(error)(
    f"cannot read {what} '{os.fspath(path)}': {error.strerror or error};"
    f' {advice}'
  )


def _open_at_once(path: str, flags: int) -> int:
  """Opens a file; of a pipe, does not wait for who writes to it."""
  return os.open(path, flags | getattr(os, 'O_NONBLOCK', 0))


@contextlib.contextmanager
def guard(problem: str = '', advice: str = '') -> Iterator[None]:
  """Turns whatever a reader raises at damaged bytes into one sentence.

  Args:
    problem: What is wrong, before the reader's own words: "cannot read
      'a.npz'"; these alone without it.
    advice: What to do about it, after them.

  Raises:
    ValueError: '<problem> (<the reader's words>); <advice>'.
    MemoryError: As it is: the machine's fault and not the file's, whose size is
      to be looked at before it is decoded.
  """
  try:
    yield
  except MemoryError:
    raise
  except Exception as error:
    words = reason(error)
    sentence = f'{problem} ({words}); {advice}' if problem else words
    raise ValueError(sentence) from error


def reason(error: object, max_length: int = _MAX_REASON) -> str:
  """Returns an error's own words in one line that is not too long."""
  words = ' '.join(str(error).split()) or type(error).__name__
  return words if len(words) <= max_length else f'{words[:max_length]} ...'


def parse_json(data: bytes) -> Any:
  """Returns what a JSON text says, without what Python adds to the standard.

  Raises:
    ValueError: If it is no JSON, is nested too deeply, has too many lists and
      objects, or has NaN or a number that is too large to be one; it says
      where.
  """
  # An empty list takes thirty times the memory that it has in the file.
  if data.count(b'[') + data.count(b'{') > _MAX_CONTAINERS:
    # Which deep ones are too, and that is the plainer word.
    raise ValueError(
      f'it is nested too deeply, or has more than {_MAX_CONTAINERS} lists'
    )
  refused: List[_Refused] = []

  def refuse(problem: str) -> _Refused:
    refused.append(_Refused(problem))
    return refused[-1]

  def parse_float(text: str) -> Any:
    value = float(text)
    if value in (float('inf'), float('-inf')):
      return refuse(f'{text[:40]} is too large for a number')
    return value

  def parse_int(text: str) -> Any:
    if len(text) <= _MAX_DIGITS:
      return int(text)
    return refuse(f'{text[:40]} is too large for a number')

  try:
    parsed = json.loads(
      data,
      parse_constant=lambda name: refuse(f'{name} is no JSON number'),
      parse_float=parse_float,
      parse_int=parse_int,
    )
  except RecursionError as error:
    raise ValueError('it is nested too deeply') from error
  if refused:
    raise ValueError(f'{_place_of(refused[0], parsed)}{refused[0].problem}')
  return parsed


class _Refused:
  """Stands for a number that is none."""

  def __init__(self, problem: str):
    self.problem = problem


def _place_of(wanted: _Refused, parsed: Any) -> str:
  """Returns where something is, as 'settings.sizes[3]: '; empty at the top."""
  places = [('', parsed)]
  while places:
    place, value = places.pop()
    if value is wanted:
      return place and f'{place[:_MAX_REASON]}: '
    if isinstance(value, dict):
      names = [(f'{place}.{name}' if place else name) for name in value]
      places.extend(zip(names, value.values()))
    elif isinstance(value, list):
      places.extend((f'{place}[{i}]', each) for i, each in enumerate(value))
  # A name that is given twice hides what it first was.
  return ''
