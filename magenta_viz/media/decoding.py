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

"""The pixels of a picture's file: one meaning of it for all that read it.

Drawing, saliency, evaluation and training read pictures here, so that the same
file shows them the same. It stands upright, as its EXIF orientation says; what
is transparent shows white; colour profiles are ignored.

What a file takes to be read is known before any pixel is decoded, as a few
bytes may claim more pixels than there is memory for.
"""

import io
import struct
from typing import Any, BinaryIO, Tuple

import numpy as np
from PIL import Image

from magenta_viz.files import free_memory

# Formats that are read. Pillow knows more, some of which start other programs.
FORMATS = ('BMP', 'GIF', 'JPEG', 'PNG', 'PPM', 'TIFF', 'WEBP')

# Their usual endings, for folders; elsewhere the content tells the format.
ENDINGS = tuple(
  '.bmp .gif .jfif .jpeg .jpg .mpo .pbm .pgm .png .pnm .ppm .tif .tiff'
  ' .webp'.split()
)

# Of the largest picture that is drawn.
MAX_PIXELS = 16384 * 16384

# Such a picture in the eight bytes a pixel of RGBA with 16 bits.
_MAX_BYTES = 8 * MAX_PIXELS

# What any file may claim: little enough to be read in any case.
_FREE_PIXELS = 2048 * 2048

# Pixels to a byte of a larger file, all frames together: twice what deflate has
# at its best, which is 8,256 of one bit.
_PIXELS_PER_BYTE = 16384

# The result's three float32 and Pillow's picture, of up to four bytes a pixel.
_BYTES_PER_PIXEL = 3 * 4 + 4

# The decoder of WebP keeps two pictures and the bytes of one.
_OWN_BYTES_PER_PIXEL = {'WEBP': 3 * 4}

# The frame before, what is laid over it, and what it leaves behind.
_FRAME_BYTES_PER_PIXEL = 3 * 4

# Less than this is not worth the question how much is free.
_SMALL_BYTES = 1 << 28

# Pixels that are converted at a time.
_BLOCK_PIXELS = 1 << 18

_ORIENTATION = 274

# What makes a picture upright, by its orientation: EXIF 2.3, section 4.6.4.
_TURNS = {
  2: Image.Transpose.FLIP_LEFT_RIGHT,
  3: Image.Transpose.ROTATE_180,
  4: Image.Transpose.FLIP_TOP_BOTTOM,
  5: Image.Transpose.TRANSPOSE,
  6: Image.Transpose.ROTATE_270,
  7: Image.Transpose.TRANSVERSE,
  8: Image.Transpose.ROTATE_90,
}


def decode(file: BinaryIO) -> np.ndarray:
  """Returns the still picture in a file.

  Args:
    file: From its beginning.

  Returns:
    [height, width, 3] float32, RGB, in levels from 0 to 255; whole numbers
    where the file has 8 bits and nothing that is partly transparent.

  Raises:
    ValueError: If it is no picture, is too large to be read, has several frames
      or values of unknown range.
    Exception: Of any other type, if the bytes are damaged.
  """
  image = open_picture(file)
  if is_animated(image):
    raise ValueError('it is animated or has several pages')
  # Not kept beside the upright one, as large pictures leave no room for both.
  image = _upright(image)
  return levels(image)


def is_plain_jpeg(file: BinaryIO) -> bool:
  """Tells whether a file has nothing but what every decoder of JPEG heeds.

  That is grey or RGB pixels that stand upright: what `decode` returns of it is
  what libjpeg does.

  Args:
    file: From its beginning.

  Raises:
    ValueError: If it is too large to be read, or no picture.
    Exception: Of any other type, if the bytes are damaged.
  """
  image = open_picture(file)
  return (
    image.format in ('JPEG', 'MPO')
    and image.mode in ('L', 'RGB')
    and _orientation(image) not in _TURNS
  )


def open_picture(file: BinaryIO) -> Image.Image:
  """Opens a picture, of one frame or several, and decodes nothing.

  Other than `Image.open` it lets no program's global limit decide, which our
  own largest pictures exceed.

  Raises:
    ValueError: If it is no picture of `FORMATS`, or is too large to be read.
    Exception: Of any other type, if the bytes are damaged.
  """
  num_bytes = file.seek(0, io.SEEK_END)
  if num_bytes > _MAX_BYTES:
    raise ValueError(f'it has {num_bytes} bytes; {_MAX_BYTES} are the most')
  # Some decoders begin with all of them.
  _check_memory(num_bytes)
  file.seek(0)
  prefix = file.read(16)
  if prefix.startswith(b'GIF8'):
    # Pillow makes room for the first frame as it opens the file, and for others
    # before it tells their size.
    check_size(_gif_size(file), num_bytes)
  file.seek(0)
  image = _factory(prefix)(file, '')
  # Some decoders have pictures of their own.
  own = _OWN_BYTES_PER_PIXEL.get(image.format, 0)
  if is_animated(image):
    own += _FRAME_BYTES_PER_PIXEL
  check_size(
    image.size[::-1],
    num_bytes,
    count_frames(image),
    _BYTES_PER_PIXEL + own,
  )
  return image


def check_size(
  size: Tuple[int, int],
  num_bytes: int,
  num_frames: int = 1,
  bytes_per_pixel: int = _BYTES_PER_PIXEL,
) -> None:
  """Checks what a picture or a film takes to be read, before that.

  Args:
    size: (height, width) in pixels, as its header says.
    num_bytes: Of its file.
    num_frames: That are read one after the other.
    bytes_per_pixel: Of memory, for one frame.

  Raises:
    ValueError: If it has more pixels than may be, or than its bytes can hold,
      or than fit in the memory that is free.
  """
  height, width = size
  pixels = height * width
  if pixels > MAX_PIXELS:
    raise ValueError(
      f'it is {height} x {width} pixels; {MAX_PIXELS} pixels are the most'
    )
  if pixels * num_frames > max(_FREE_PIXELS, _PIXELS_PER_BYTE * num_bytes):
    frames = f'{num_frames} frames of ' if num_frames > 1 else ''
    raise ValueError(
      f'it claims {frames}{height} x {width} pixels in {num_bytes} bytes, which'
      ' cannot hold so many'
    )
  _check_memory(num_bytes + bytes_per_pixel * pixels)


def is_animated(image: Image.Image) -> bool:
  """Tells whether a picture has several frames or pages."""
  # An MPO is the photo of a phone, with its previews as further frames.
  return count_frames(image) > 1 and image.format != 'MPO'


def count_frames(image: Image.Image) -> int:
  """Returns how many frames or pages a picture has by its head."""
  return getattr(image, 'n_frames', 1)


def levels(image: Image.Image) -> np.ndarray:
  """Returns the pixels of an opened picture, or of its present frame.

  Returns:
    [height, width, 3] float32, RGB, in levels from 0 to 255.

  Raises:
    ValueError: If its values have no known range.
    Exception: Of any other type, if the bytes are damaged.
  """
  image.load()
  width, height = image.size
  result = np.empty((height, width, 3), np.float32)
  # By blocks of rows: a large picture has no room for copies of itself.
  rows = max(1, _BLOCK_PIXELS // width)
  for top in range(0, height, rows):
    bottom = min(top + rows, height)
    result[top:bottom] = _convert(image.crop((0, top, width, bottom)))
  return result


def _factory(prefix: bytes) -> Any:
  """Returns Pillow's opener of the format that a file begins with."""
  for name in FORMATS:
    if name not in Image.OPEN:
      Image.init()
    factory, accepts = Image.OPEN[name]
    accepted = accepts is None or accepts(prefix)
    if isinstance(accepted, str):
      # The reason why it cannot be read here.
      raise ValueError(accepted)
    if accepted:
      return factory
  raise ValueError('its format is unknown')


def _gif_size(file: BinaryIO) -> Tuple[int, int]:
  """Returns the height and width that all frames of a GIF take together."""

  def skip_palette(flags: int) -> None:
    file.seek(3 << (flags & 7) + 1 if flags & 128 else 0, io.SEEK_CUR)

  file.seek(6)
  width, height, flags = struct.unpack('<HHB', file.read(5))
  file.seek(2, io.SEEK_CUR)
  skip_palette(flags)
  kind = file.read(1)
  while kind not in (b'', b';'):
    if kind == b',':
      left, top, *sides, flags = struct.unpack('<4HB', file.read(9))
      width, height = max(width, left + sides[0]), max(height, top + sides[1])
      skip_palette(flags)
    if kind in (b',', b'!'):
      # The size of codes or the kind of extension, and blocks up to an empty
      # one.
      file.seek(1, io.SEEK_CUR)
      while any(length := file.read(1)):
        file.seek(length[0], io.SEEK_CUR)
    kind = file.read(1)
  return height, width


def _check_memory(num_bytes: int) -> None:
  """Raises ValueError if so many bytes are more than are free."""
  if num_bytes > _SMALL_BYTES:
    free = free_memory.free_bytes()
    if num_bytes > free:
      raise ValueError(
        f'to read it takes {num_bytes / 1e9:.1f} GB of memory, and'
        f' {free / 1e9:.1f} GB are free'
      )


def _orientation(image: Image.Image) -> int:
  """Returns EXIF's orientation; 1, which is upright, where there is none."""
  try:
    return image.getexif().get(_ORIENTATION, 1)
  except MemoryError:
    raise
  # Nearly every type. The pixels do not suffer from damage here.
  except Exception:
    return 1


def _upright(image: Image.Image) -> Image.Image:
  """Returns a decoded picture as its orientation says."""
  image.load()
  # Pillow turns a TIFF as it loads it, and old versions would turn it twice.
  turn = None if image.format == 'TIFF' else _TURNS.get(_orientation(image))
  return image if turn is None else image.transpose(turn)


def _convert(image: Image.Image) -> np.ndarray:
  """Returns a decoded picture's levels, [height, width, 1 or 3].

  Raises:
    ValueError: If its values have no known range.
  """
  # Pillow's own conversion of grey values with more than 8 bits clips at 255.
  if image.mode.startswith('I'):
    return _convert_16_bits(image)
  if image.mode == 'F':
    raise ValueError('it has floating-point values')
  if 'transparency' not in image.info and 'A' not in image.getbands():
    return np.asarray(image.convert('RGB'))
  rgba = np.asarray(image.convert('RGBA'))
  alpha = rgba[:, :, 3:] / np.float32(255)
  return rgba[:, :, :3] * alpha + (255 - 255 * alpha)


def _convert_16_bits(image: Image.Image) -> np.ndarray:
  """Returns the levels of grey values of 16 bits, [height, width, 1]."""
  grey = np.asarray(image)
  if grey.min() < 0 or grey.max() > 65535:
    raise ValueError('it has grey values beyond 16 bits')
  is_clear = grey == image.info.get('transparency')
  # 65535 / 255 = 257.
  return np.where(is_clear, 255, grey / np.float32(257))[:, :, np.newaxis]
