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
from typing import Iterable, Tuple, Union

import numpy as np
from PIL import Image
from PIL import ImageDraw
from PIL import ImageFont

from magenta_viz.media import image_files

_Font = Union[ImageFont.ImageFont, ImageFont.FreeTypeFont]

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
  other shapes are fitted into their cell, labels are cut to its width. One
  picture at a time is held, so `pictures` may be a generator that reads them.

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
      font = _label_font(layout.cell_width)
      sheet = Image.new('RGB', layout.size, 'white')
    _place(sheet, layout, placed, image, label, font)
    placed += 1
  if placed == 0 or placed < count:
    raise ValueError(
      f'contact sheet of {count} pictures was given {placed}; count those '
      'that come, at least one'
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
  # The height of letters that reach highest and lowest.
  label_height = _label_font(cell_width).getbbox('Åg|')[3]
  return _Layout(
    columns=columns,
    rows=math.ceil(count / columns),
    cell_width=cell_width,
    cell_height=round(cell_width / aspect),
    label_height=2 * _LABEL_GAP + math.ceil(label_height),
  )


def _place(
  sheet: Image.Image,
  layout: _Layout,
  index: int,
  image: Image.Image,
  label: str,
  font: _Font,
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
  text = _shorten(label, font, layout.cell_width)
  ImageDraw.Draw(sheet).text(
    (
      left + (layout.cell_width - math.ceil(font.getlength(text))) // 2,
      top + layout.cell_height + _LABEL_GAP,
    ),
    text,
    fill='black',
    font=font,
  )


def _label_font(cell_width: int) -> _Font:
  """Returns the font that Pillow brings along, smaller for small cells."""
  try:
    return ImageFont.load_default(13 if cell_width >= 160 else 10)
  except TypeError:
    # Pillow before 10.1 has it in one size.
    return ImageFont.load_default()


def _shorten(label: str, font: _Font, width: int) -> str:
  """Returns a label in one line of at most `width` pixels."""
  text = ' '.join(label.split())
  if not isinstance(font, ImageFont.FreeTypeFont):
    # The old font has no other characters.
    text = text.encode('latin-1', 'replace').decode('latin-1')
  if font.getlength(text) <= width:
    return text
  # Three dots, because the old font has no ellipsis.
  for length in range(len(text) - 1, 0, -1):
    shortened = text[:length].rstrip() + '...'
    if font.getlength(shortened) <= width:
      return shortened
  return ''
