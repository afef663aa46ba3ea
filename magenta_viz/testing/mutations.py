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

"""Damaged copies of a good file, the same each time."""

import random
from typing import Callable, Iterator, List

# What readers trip over: ends of ranges of numbers, and signs of formats.
_PIECES = (
  *(
    bytes([value]) * size for value in (0, 0x7F, 0x80, 0xFF) for size in (1, 4)
  ),
  b'\xff' * 9 + b'\x01',
  (1 << 31).to_bytes(4, 'little'),
  (1 << 62).to_bytes(8, 'little'),
  b'-1',
  b'1e999',
  b'[' * 50,
  b'(' * 50,
  b'NaN',
  b'PK\3\4',
  b'\x93NUMPY',
)


def mutated(data: bytes, seed: int) -> bytes:
  """Returns a copy with one to four changes.

  Args:
    data: The good file.
    seed: Of the changes.
  """
  generator = random.Random(seed)
  changed = bytearray(data)
  for _ in range(generator.randint(1, 4)):
    start = generator.randrange(len(changed) + 1)
    # Most that matters is in few bytes, at the start or the end.
    if generator.random() < 0.3:
      start = min(start, generator.randrange(200))
    elif generator.random() < 0.3:
      start = max(start, len(changed) - generator.randrange(200))
    generator.choice(_CHANGES)(changed, start, generator)
  return bytes(changed)


def _flip(changed: bytearray, start: int, generator: random.Random) -> None:
  if start < len(changed):
    changed[start] ^= 1 << generator.randrange(8)


def _set(changed: bytearray, start: int, generator: random.Random) -> None:
  if start < len(changed):
    changed[start] = generator.randrange(256)


def _insert(changed: bytearray, start: int, generator: random.Random) -> None:
  changed[start:start] = generator.choice(_PIECES)


def _replace(changed: bytearray, start: int, generator: random.Random) -> None:
  piece = generator.choice(_PIECES)
  changed[start : start + len(piece)] = piece


def _delete(changed: bytearray, start: int, generator: random.Random) -> None:
  del changed[start : start + generator.choice((1, 4, 64, 1 << 20))]


def _repeat(changed: bytearray, start: int, generator: random.Random) -> None:
  size = generator.choice((1, 8, 64))
  changed[start:start] = changed[start : start + size] * generator.choice(
    (1, 50)
  )


_CHANGES: List[Callable[[bytearray, int, random.Random], None]] = [
  _flip,
  _set,
  _insert,
  _replace,
  _delete,
  _repeat,
]


def all_mutated(data: bytes, count: int) -> Iterator[bytes]:
  """Yields so many damaged copies."""
  for seed in range(count):
    yield mutated(data, seed)
