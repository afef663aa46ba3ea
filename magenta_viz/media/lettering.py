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

"""Text of any script, for pictures."""

import functools
import importlib.util
from pathlib import Path
from typing import List, Set, Tuple, Union
import unicodedata

from PIL import ImageDraw
from PIL import ImageFont

_Font = Union[ImageFont.ImageFont, ImageFont.FreeTypeFont]

# Of the extra `fonts`: Noto, as it is published. Packages of other fonts are
# twice as large, or for new versions of Python alone.
_PACKAGES = ('manimgx_fonts', 'manimgx_fonts_cjk')

_REGULAR = 400

# Of no sign that there is: what it shows is what a font has for those it lacks.
_NO_CHARACTER = '\U0010ffff'

# Invisible ones that letters of some scripts need; others turn text round.
_JOINERS = ('\u200c', '\u200d')

# Three, because the font of old versions of Pillow has no ellipsis.
_DOTS = '...'


def has_fonts() -> bool:
  """Tells whether fonts of all scripts are installed."""
  return all(importlib.util.find_spec(name) for name in _PACKAGES)


class Lettering:
  """Writes lines of text.

  Attributes:
    height: Pixels from the top of a line to the lowest that letters reach.
    missing: Characters for which a '?' was written, because no font has them.
  """

  def __init__(self, size: int):
    """Finds the fonts.

    Args:
      size: Of the letters, in pixels; old versions of Pillow have one size.
    """
    self._fonts = _fonts(size)
    self.height = int(self._fonts[0].getbbox('Åg|')[3])
    self.missing: Set[str] = set()

  def length(self, text: str) -> int:
    """Returns how many pixels a line is wide."""
    return round(sum(font.getlength(run) for font, run in self._runs(text)))

  def shorten(self, text: str, width: int, end: str = '') -> str:
    """Returns a line of at most a width, cut where it is longer.

    Args:
      text: What is cut.
      width: Pixels.
      end: What comes after it, and is cut last.
    """
    if self.length(text + end) <= width:
      return text + end
    # Within a letter of several characters no cut is made.
    cuts = [0, *(i for i, mark in enumerate(text) if not _is_part(mark))]
    fitting, too_long = 0, len(cuts)
    while too_long - fitting > 1:
      middle = (fitting + too_long) // 2
      if self.length(text[: cuts[middle]].rstrip() + _DOTS + end) <= width:
        fitting = middle
      else:
        too_long = middle
    if fitting:
      return text[: cuts[fitting]].rstrip() + _DOTS + end
    return self.shorten(end, width) if end else ''

  def draw(
    self, canvas: ImageDraw.ImageDraw, corner: Tuple[int, int], text: str
  ) -> None:
    """Writes a line in black.

    Args:
      canvas: Of the picture.
      corner: Left and top of the line.
      text: The line.
    """
    left: float = corner[0]
    for font, run in self._runs(text):
      # All stand on the line of the first.
      top = corner[1] + _ascent(self._fonts[0]) - _ascent(font)
      canvas.text((round(left), top), run, fill='black', font=font)
      left += font.getlength(run)

  def _runs(self, text: str) -> List[Tuple[_Font, str]]:
    """Returns the parts of a line, each with a font that has it."""
    base = self._fonts[0]
    runs: List[Tuple[_Font, str]] = [(base, '')]
    for character in text:
      font, before = runs[-1]
      # Words of a script that runs from right to left stay together.
      if character != ' ' and not (before and _is_part(character)):
        font, character = self._found(character)
      if font is runs[-1][0]:
        runs[-1] = (font, before + character)
        continue
      if before.endswith(' ') and runs[-1][0] is not base:
        # At their end it would stand on their left.
        runs[-1:] = [(runs[-1][0], before[:-1]), (base, ' ')]
      if font is runs[-1][0]:
        runs[-1] = (font, runs[-1][1] + character)
      else:
        runs.append((font, character))
    return runs

  def _found(self, character: str) -> Tuple[_Font, str]:
    """Returns a font, and what of it stands for a character."""
    if character.isprintable():
      for font in self._fonts:
        if _has(font, character):
          return font, character
    self.missing.add(character)
    return self._fonts[0], '?'


def _is_part(character: str) -> bool:
  """Tells whether a character is part of the letter before it."""
  return character in _JOINERS or unicodedata.category(character)[0] == 'M'


@functools.lru_cache(maxsize=None)
def _fonts(size: int) -> Tuple[_Font, ...]:
  """Returns the fonts of a size, in the order in which they are asked."""
  found: List[_Font] = []
  for name in _PACKAGES:
    spec = importlib.util.find_spec(name)
    for folder in (spec and spec.submodule_search_locations) or ():
      files = [
        path
        for path in Path(folder).glob('*.tt[fc]')
        if 'Italic' not in path.name
      ]
      # The shortest name is that of the font for Latin, Greek and Cyrillic.
      files.sort(key=lambda path: (len(path.name), path.name))
      found += [_opened(path, size) for path in files]
  return tuple(found) or (_default(size),)


def _opened(path: Path, size: int) -> ImageFont.FreeTypeFont:
  """Returns a font of a file, neither thin nor bold."""
  font = ImageFont.truetype(str(path), size)
  try:
    if len(font.get_variation_axes()) == 1:
      font.set_variation_by_axes([_REGULAR])
  # It has one weight, or FreeType is old.
  except (OSError, NotImplementedError):
    pass
  return font


def _default(size: int) -> _Font:
  """Returns the font that Pillow brings along, of Latin letters."""
  try:
    return ImageFont.load_default(size)
  except TypeError:
    # Pillow before 10.1 has it in one size.
    return ImageFont.load_default()


def _ascent(font: _Font) -> int:
  """Returns how far below the top of a font's lines its letters stand."""
  return font.getmetrics()[0] if isinstance(font, ImageFont.FreeTypeFont) else 0


@functools.lru_cache(maxsize=None)
def _has(font: _Font, character: str) -> bool:
  """Tells whether a font has a character."""
  if not isinstance(font, ImageFont.FreeTypeFont):
    return bool(character.encode('latin-1', 'ignore'))
  return _shape(font, character) != _shape(font, _NO_CHARACTER)


def _shape(
  font: ImageFont.FreeTypeFont, character: str
) -> Tuple[Tuple[int, int], bytes]:
  """Returns what a character looks like."""
  mask = font.getmask(character)
  return mask.size, bytes(mask)
