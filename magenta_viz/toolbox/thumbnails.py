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

"""Small pictures, many of them in one: what a grid of drawings is made of."""

import io
import math

import numpy as np
from PIL import Image

from magenta_viz.media import image_files

# Height and width, in pixels: a cell of the grid has some 24 to 120.
SIDE = 96

# Around pictures that are no squares: that of the grid's empty cells.
_MAT = (28, 27, 25)

# In one row of a sprite.
COLUMNS = 8


def reduced(image: np.ndarray) -> np.ndarray:
  """Returns a picture small, in the middle of a square.

  Args:
    image: [height, width, 3] float array in [0, 1].

  Returns:
    [SIDE, SIDE, 3] uint8 array.
  """
  whole = Image.fromarray(image_files.to_uint8(image))
  scale = SIDE / max(whole.size)
  width, height = (max(round(each * scale), 1) for each in whole.size)
  small = whole.resize((width, height), Image.Resampling.LANCZOS)
  square = Image.new('RGB', (SIDE, SIDE), _MAT)
  square.paste(small, ((SIDE - width) // 2, (SIDE - height) // 2))
  return np.asarray(square)


def sprite(levels: np.ndarray) -> bytes:
  """Returns small pictures in one PNG file, row after row of `COLUMNS`.

  Args:
    levels: [count, SIDE, SIDE, 3] uint8 array.

  Returns:
    The file; nothing of no pictures.
  """
  if not len(levels):
    return b''
  rows = math.ceil(len(levels) / COLUMNS)
  cells = np.zeros((rows * COLUMNS, SIDE, SIDE, 3), np.uint8)
  cells[: len(levels)] = levels
  cells = cells.reshape(rows, COLUMNS, SIDE, SIDE, 3).transpose(0, 2, 1, 3, 4)
  file = io.BytesIO()
  # Lossless, and quick rather than short: it goes no further than the page.
  Image.fromarray(cells.reshape(rows * SIDE, COLUMNS * SIDE, 3)).save(
    file, 'PNG', compress_level=1
  )
  return file.getvalue()
