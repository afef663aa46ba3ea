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

"""Many small pictures on one sheet, each with its label."""

import dataclasses
import math
import re
from typing import Iterable, Tuple

from absl import logging
import numpy as np
from PIL import Image
from PIL import ImageDraw

from magenta_viz.media import image_files
from magenta_viz.media import lettering

# Between a label's name and what tells pictures of that name apart.
APART = ' · '

# What is cut last: that, and the number of one of many channels.
_END = re.compile(f'(:[0-9]+)?({APART}[^·]*)?$')

# All in pixels. The widest sheet is one that viewers still show well.
_MAX_WIDTH = 4096
_GAP = 10
# The size that the networks were trained at, so that such pictures stay sharp.
_MAX_CELL = 224
# Narrower ones show nothing, so the sheet then grows in height alone.
_MIN_CELL = 48
_LABEL_GAP = 4

# A cell that is more oblong leaves too little room for its label.
_MAX_ASPECT = 2.0


@dataclasses.dataclass(frozen=True)
class _Layout:
  """Where the cells of a sheet lie; sizes in pixels."""

  columns: int
  rows: int
  cell_width: int
  cell_height: int
  label_height: int

  @property
  def size(self) -> Tuple[int, int]:
    """Width and height of the sheet."""
    return self.corner(self.columns * self.rows - 1, end=1)

  def corner(self, index: int, end: int = 0) -> Tuple[int, int]:
    """Left and top of a cell; with `end` 1, of the gap beyond its end."""
    row, column = divmod(index, self.columns)
    return (
      _GAP + (column + end) * (self.cell_width + _GAP),
      _GAP + (row + end) * (self.cell_height + self.label_height + _GAP),
    )


def contact_sheet(
  pictures: Iterable[Tuple[str, np.ndarray]], count: int
) -> np.ndarray:
  """Lays pictures out in a grid on white, each with its label below.

  The cells have the shape of the first picture, with a longer side of 224
  pixels, or less where the sheet would be wider than 4096 pixels. Pictures of
  other shapes are fitted into their cell, labels are cut to its width: first
  what is before a number behind a colon, or before the last ' · '. One picture
  at a time is held, so `pictures` may be a generator that reads them.

  Args:
    pictures: Label and picture, [height, width, 3] float in [0, 1], RGB.
    count: Number of pictures.

  Returns:
    [height, width, 3] float32 in [0, 1], RGB: the sheet.

  Raises:
    ValueError: If there are more or fewer pictures than `count`, or none, or
      one has another shape or type, or values that are not finite.
  """
  placed = 0
  for label, picture in pictures:
    if placed == count:
      raise ValueError(
        f'contact sheet of {count} pictures was given more; count them all'
      )
    image = Image.fromarray(image_files.to_uint8(picture))
    if placed == 0:
      layout = _plan(count, image.width / image.height)
      letters = _letters(layout.cell_width)
      sheet = Image.new('RGB', layout.size, 'white')
    _place(sheet, layout, placed, image, label, letters)
    placed += 1
  if placed == 0 or placed < count:
    raise ValueError(
      f'contact sheet of {count} pictures was given {placed}; count those '
      'that come, at least one'
    )
  if letters.missing and not lettering.has_fonts():
    logging.warning(
      "On the sheet '?' stands for letters that no font here has; pip install"
      " 'magenta_viz[fonts]' brings those of all scripts."
    )
  return np.asarray(sheet).astype(np.float32) / np.float32(255.0)


def _plan(count: int, aspect: float) -> _Layout:
  """Returns a layout that makes the sheet about square.

  Args:
    count: Number of cells.
    aspect: Width of the pictures by their height.
  """
  aspect = min(max(aspect, 1.0 / _MAX_ASPECT), _MAX_ASPECT)
  columns = min(
    math.ceil(math.sqrt(count / aspect)),
    (_MAX_WIDTH - _GAP) // (_MIN_CELL + _GAP),
  )
  cell_width = min(
    round(_MAX_CELL * min(aspect, 1.0)),
    (_MAX_WIDTH - _GAP) // columns - _GAP,
  )
  return _Layout(
    columns=columns,
    rows=math.ceil(count / columns),
    cell_width=cell_width,
    cell_height=round(cell_width / aspect),
    label_height=2 * _LABEL_GAP + _letters(cell_width).height,
  )


def _place(
  sheet: Image.Image,
  layout: _Layout,
  index: int,
  image: Image.Image,
  label: str,
  letters: lettering.Lettering,
) -> None:
  """Draws a picture and its label into a cell of the sheet."""
  left, top = layout.corner(index)
  scale = min(
    layout.cell_width / image.width, layout.cell_height / image.height
  )
  width = max(round(image.width * scale), 1)
  height = max(round(image.height * scale), 1)
  sheet.paste(
    image.resize((width, height), Image.Resampling.LANCZOS),
    (
      left + (layout.cell_width - width) // 2,
      top + (layout.cell_height - height) // 2,
    ),
  )
  line = ' '.join(label.split())
  end = _END.search(line)
  assert end is not None
  text = letters.shorten(line[: end.start()], layout.cell_width, end.group())
  letters.draw(
    ImageDraw.Draw(sheet),
    (
      left + (layout.cell_width - letters.length(text)) // 2,
      top + layout.cell_height + _LABEL_GAP,
    ),
    text,
  )


def _letters(cell_width: int) -> lettering.Lettering:
  """Returns what writes labels, smaller for small cells."""
  return lettering.Lettering(13 if cell_width >= 160 else 10)
