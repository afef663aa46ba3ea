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

"""NumPy's files, read without trust: arrays of numbers in .npy and .npz.

NumPy's own reader evaluates a header as Python, inflates whatever is claimed,
and has met most of Python's errors on the way.
"""

import re
from typing import Dict

import numpy as np

from magenta_viz.files import untrusted
from magenta_viz.files import zip_members

_NPY_MAGIC = b'\x93NUMPY'

# Kind of numbers or texts and bytes of each; NumPy 1 in Python 2 wrote sizes
# with an L.
_HEADER = re.compile(
  rb"\{\s*'descr':\s*'([<>|=]?[biufcSU][0-9]{1,9})',"
  rb"\s*'fortran_order':\s*(True|False),"
  rb"\s*'shape':\s*\(((?:[0-9]{1,19}L?,?\s*){0,32})\),?\s*\}\s*"
)

# A header is less than two hundred bytes, padded to a multiple of 64.
_MAX_HEADER_BYTES = 4096


def read_npy(
  path: untrusted.PathLike, max_bytes: int, what: str, advice: str
) -> np.ndarray:
  """Returns the array in a .npy file.

  Args:
    path: The file.
    max_bytes: The most that it may have.
    what: What it is, for messages: 'the direction'.
    advice: What to do, for messages.

  Raises:
    FileNotFoundError: If there is no such file.
    OSError: If it cannot be read.
    ValueError: If it is damaged, or its array is of other things than numbers,
      truths or text.
  """
  data = untrusted.read_bytes(path, max_bytes, what, advice)
  with untrusted.guard(f"cannot read {what} '{path}'", advice):
    return parse_npy(data)


def parse_npy(data: bytes) -> np.ndarray:
  """Returns the array in the content of a .npy file.

  Raises:
    ValueError: If it is damaged, or its array is of other things than numbers,
      truths or text.
  """
  if data[: len(_NPY_MAGIC)] != _NPY_MAGIC or len(data) < 12:
    raise ValueError('it does not start as a .npy file does')
  num_length_bytes = 2 if data[6] == 1 else 4
  start = 8 + num_length_bytes
  header_bytes = int.from_bytes(data[8:start], 'little')
  header = data[start : start + min(header_bytes, _MAX_HEADER_BYTES)]
  match = _HEADER.fullmatch(header)
  if not match or len(header) != header_bytes:
    raise ValueError(
      f'its header is {header[:80]!r}, not of an array of numbers'
    )
  shape = tuple(int(size) for size in re.findall(rb'[0-9]+', match[3]))
  dtype = np.dtype(match[1].decode())
  num_bytes = dtype.itemsize
  # In Python's integers, which do not overflow.
  for size in shape:
    num_bytes *= size
  content = memoryview(data)[start + header_bytes :]
  if num_bytes != len(content):
    raise ValueError(
      f'it has {len(content)} bytes for shape {shape} of {dtype.name}'
    )
  # A copy lies where arithmetic is fast.
  array = np.ndarray(
    shape, dtype, content, order='F' if match[2] == b'True' else 'C'
  )
  return array.copy(order='K')


def parse_npz(data: bytes, max_bytes: int) -> Dict[str, np.ndarray]:
  """Returns the arrays in the content of a .npz file, by name.

  Args:
    data: The content.
    max_bytes: The most that the arrays may have, together.

  Raises:
    ValueError: If a member is no array of numbers, truths or text, or there are
      too many or too large ones.
    Others: What zipfile and zlib raise at damaged bytes.
  """
  if data[: len(_NPY_MAGIC)] == _NPY_MAGIC:
    raise ValueError('it holds one array without a name')
  return {
    _array_name(name): parse_npy(content)
    for name, content in zip_members.read(data, max_bytes)
  }


def _array_name(member: str) -> str:
  """Returns the name of the array in a member."""
  ending = '.npy'
  if not member.endswith(ending):
    raise ValueError(f"it holds '{member}', which is no array; remove it")
  return member[: -len(ending)]
