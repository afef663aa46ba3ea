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

"""Knows the files of weights that others write and nothing here reads."""

import os
from typing import Mapping, Optional

_HEAD_BYTES = 512

_KERAS = 'a model of Keras (.keras)'
_HDF5 = 'an HDF5 file, as Keras writes its .h5'
_SAFETENSORS = 'a .safetensors file'

# How files begin.
_MAGIC: Mapping[bytes, str] = {
  b'\x89HDF\r\n\x1a\n': _HDF5,
}

# How the first file in a zip file is called at its end.
_FIRST_MEMBERS: Mapping[bytes, str] = {
  b'metadata.json': _KERAS,
  b'config.json': _KERAS,
}

# What has no sign of its own, or not where it is looked for.
_SUFFIXES: Mapping[str, str] = {
  '.keras': _KERAS,
  '.h5': _HDF5,
  '.hdf5': _HDF5,
  '.safetensors': _SAFETENSORS,
  '.onnx': 'a file of ONNX',
  '.pb': 'a graph of TensorFlow (.pb)',
  '.tflite': 'a file of TensorFlow Lite',
}


def describe(path: str) -> Optional[str]:
  """Returns what a file or folder is, as 'a file of ONNX'.

  Args:
    path: Of anything.

  Returns:
    None if it is not there, or nothing of the kind.

  Raises:
    OSError: If it cannot be read.
  """
  if os.path.isfile(os.path.join(path, 'saved_model.pb')):
    return 'a SavedModel of TensorFlow'
  if not os.path.isfile(path):
    return None
  with open(path, 'rb') as file:
    head = file.read(_HEAD_BYTES)
  kind = _by_content(head)
  if kind is None:
    kind = _SUFFIXES.get(os.path.splitext(path)[1].lower())
    kind = kind and f'named as {kind} is'
  return kind


def _by_content(head: bytes) -> Optional[str]:
  """Returns what a file is that begins so."""
  for magic, kind in _MAGIC.items():
    if head.startswith(magic):
      return kind
  if head.startswith(b'PK\x03\x04'):
    name = head[30 : 30 + int.from_bytes(head[26:28], 'little')]
    for ending, kind in _FIRST_MEMBERS.items():
      if name.endswith(ending):
        return kind
  # The length of a JSON text, and that.
  if int.from_bytes(head[:8], 'little') < 1 << 32 and head[8:10] == b'{"':
    return _SAFETENSORS
  return None
