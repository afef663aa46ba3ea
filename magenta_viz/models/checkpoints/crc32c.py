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

"""CRC-32C, the checksum in TensorFlow's files, at the speed of NumPy.

zlib has another polynomial. google-crc32c would be a compiled package more, for
this alone; TensorFlow has it and does not hand it out.

References:
  Castagnoli et al. (1993), "Optimization of cyclic redundancy-check codes with
  24 and 32 parity bits", IEEE Transactions on Communications 41. The mask:
  tensorflow/core/lib/hash/crc32c.h (in later releases xla/tsl/lib/hash).
"""

import functools
from typing import Tuple

import numpy as np

# The polynomial, the lowest bit first.
_POLYNOMIAL = 0x82F63B78

_WORD_BYTES = 4

# So many words go side by side: enough to leave Python out of account, few
# enough for the cache.
_MAX_LANES = 1 << 13


def masked_crc32c(data: memoryview) -> int:
  """Returns the CRC-32C of bytes as TensorFlow stores it.

  Args:
    data: One byte an item.
  """
  crc = _crc32c(np.frombuffer(data, np.uint8))
  return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def _crc32c(data: np.ndarray) -> int:
  """Returns the CRC-32C of a [length] array of uint8.

  The register is linear over the field of two elements: that of many words is
  the sum of theirs, each moved on by the words after it. So word i is in lane
  i modulo the lanes' number, all lanes are moved on at once, and are added up
  at the end.
  """
  if len(data) < _WORD_BYTES:
    return _crc32c_of_few(data)
  lanes = _MAX_LANES
  while lanes > 1 and lanes * _WORD_BYTES * 4 > len(data):
    lanes //= 2
  # Zeros before the first byte change nothing, but the register's own start
  # must meet the first bytes.
  padding = -len(data) % (lanes * _WORD_BYTES)
  words = np.empty(padding + len(data), np.uint8)
  words[:padding] = 0
  words[padding:] = data
  words[padding : padding + _WORD_BYTES] ^= 0xFF
  total = np.zeros(lanes, np.uint32)
  tables = _tables(lanes)
  for row in words.view('<u4').reshape(-1, lanes):
    total = _advance(total, tables) ^ row
  while lanes > 1:
    lanes //= 2
    total = _advance(total[:lanes], _tables(lanes)) ^ total[lanes:]
  return int(_advance(total, _tables(1))[0]) ^ 0xFFFFFFFF


def _crc32c_of_few(data: np.ndarray) -> int:
  """Returns the CRC-32C bit by bit."""
  crc = 0xFFFFFFFF
  for byte in data.tolist():
    crc = _shift(crc ^ byte, 8)
  return crc ^ 0xFFFFFFFF


def _shift(register: int, num_bits: int) -> int:
  """Returns a register that has taken in so many zeros."""
  for _ in range(num_bits):
    register = (register >> 1) ^ (_POLYNOMIAL if register & 1 else 0)
  return register


def _advance(
  registers: np.ndarray, tables: Tuple[np.ndarray, np.ndarray]
) -> np.ndarray:
  """Returns registers moved on as by `_tables`."""
  low, high = tables
  moved: np.ndarray = low[registers & 0xFFFF] ^ high[registers >> 16]
  return moved


@functools.lru_cache(maxsize=None)
def _tables(num_words: int) -> Tuple[np.ndarray, np.ndarray]:
  """Returns where the two halves of a register go by so many words of zeros.

  Args:
    num_words: A power of two.

  Returns:
    Two [65536] uint32 arrays, for the low and the high 16 bits.
  """
  units = np.left_shift(np.uint32(1), np.arange(32, dtype=np.uint32))
  if num_words == 1:
    moved = np.array([_shift(int(unit), 32) for unit in units], np.uint32)
  else:
    half = _tables(num_words // 2)
    moved = _advance(_advance(units, half), half)
  low, high = np.zeros(1, np.uint32), np.zeros(1, np.uint32)
  for bit in range(16):
    low = np.concatenate([low, low ^ moved[bit]])
    high = np.concatenate([high, high ^ moved[16 + bit]])
  return low, high
