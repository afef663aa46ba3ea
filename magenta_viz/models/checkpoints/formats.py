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

"""The formats of files of weights: how each is told, and what reads it.

A format is one entry in `FORMATS`; a new one is a module that parses it, an
entry here and its test.
"""

from typing import Callable, Dict, NamedTuple, Optional, Tuple

import numpy as np

from magenta_viz.files import arrays
from magenta_viz.models.checkpoints import archived_checkpoint
from magenta_viz.models.checkpoints import caffe_model
from magenta_viz.models.checkpoints import checkpoint_v1
from magenta_viz.models.checkpoints import pickled_arrays
from magenta_viz.models.checkpoints import sorted_table
from magenta_viz.models.checkpoints import torch_checkpoint
from magenta_viz.models.foreign import model_files

# Of a file's beginning, for what tells a format by it.
HEAD_BYTES = 512


class Format(NamedTuple):
  """A format of files.

  Attributes:
    name: What such a file is, for messages.
    endings: Of the names that such files have, in lower case.
    is_one: Tells a file by its first `HEAD_BYTES`, whatever its name; None
      where nothing there tells.
    parse: Returns the arrays in a file by name, given its content and how many
      bytes it may hold; None where nothing here reads it.
    is_whole: Whether such a file is a model and not its weights alone.
  """

  name: str
  endings: Tuple[str, ...] = ()
  is_one: Optional[Callable[[bytes], bool]] = None
  parse: Optional[Callable[[bytes, int], Dict[str, np.ndarray]]] = None
  is_whole: bool = False


def tell(name: str, head: bytes) -> Tuple[Format, bool]:
  """Returns the format of a file, and whether its content says so.

  Args:
    name: Of the file, which speaks where the content does not.
    head: Its first `HEAD_BYTES`.
  """
  for each in FORMATS:
    if each.is_one is not None and each.is_one(head):
      return each, True
  named = (each for each in FORMATS if name.lower().endswith(each.endings))
  return next(named), False


def _is_safetensors(head: bytes) -> bool:
  """Tells a file by the length of a JSON text, and that."""
  return int.from_bytes(head[:8], 'little') < 1 << 32 and head[8:10] == b'{"'


def _parse_v1(data: bytes, max_bytes: int) -> Dict[str, np.ndarray]:
  if not sorted_table.is_one(data):
    raise ValueError('it is cut short or of an unknown format')
  return checkpoint_v1.parse(data, max_bytes)


# By their names alone: what begins so is no file of weights.
_WHOLE = [each for each in model_files.KINDS if each.endings]

# The first whose content is so is taken, else the first whose name ends so.
FORMATS: Tuple[Format, ...] = (
  *(Format(each.words, each.endings, is_whole=True) for each in _WHOLE),
  Format('a .safetensors file', ('.safetensors',), _is_safetensors),
  Format('a file of ONNX', ('.onnx',)),
  Format('a file of TensorFlow Lite', ('.tflite',)),
  Format(
    'a file of PyTorch',
    ('.pth', '.pt'),
    torch_checkpoint.is_one,
    torch_checkpoint.parse,
  ),
  Format(
    'an archive of a TensorFlow checkpoint',
    ('.tar',),
    parse=lambda data, most: archived_checkpoint.parse(data, False, most),
  ),
  Format(
    'a compressed archive of a TensorFlow checkpoint',
    ('.tar.gz', '.tgz'),
    parse=lambda data, most: archived_checkpoint.parse(data, True, most),
  ),
  Format('an archive of NumPy', ('.npz',), parse=arrays.parse_npz),
  Format(
    'a file of Caffe',
    ('.caffemodel',),
    parse=lambda data, most: caffe_model.parse(data),
  ),
  Format(
    'a pickle of arrays',
    ('.pkl',),
    parse=lambda data, most: pickled_arrays.parse(data),
  ),
  # Of any name.
  Format('a TensorFlow checkpoint in V1 format', ('',), parse=_parse_v1),
)
