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

"""Pictures in files."""

import io
from typing import Dict, Mapping, Optional

import numpy as np
from PIL import Image
from PIL import PngImagePlugin

from magenta_viz.files import untrusted
from magenta_viz.media import atomic_files
from magenta_viz.media import decoding

_MAX_ASPECT = 10

_ADVICE = 'name a file such as a PNG or a JPEG'

_WHOLE = (
  'it must be one whole, still picture in one of the formats '
  f'{", ".join(decoding.FORMATS)}'
)


def to_uint8(image: np.ndarray) -> np.ndarray:
  """Returns a picture in 8 bits a channel.

  Args:
    image: [height, width, 3] float of any precision, RGB; values are clipped
      to [0, 1] and rounded to the nearest of the 256 levels.

  Returns:
    [height, width, 3] uint8.

  Raises:
    ValueError: If it has another shape or type, or values that are not finite.
  """
  image = np.asarray(image)
  if image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
    raise ValueError(
      f'picture has shape {list(image.shape)}; it must be [height, width, 3], '
      'with at least one pixel'
    )
  if not np.issubdtype(image.dtype, np.floating):
    raise ValueError(
      f'picture has type {image.dtype}; it must be floating-point, with values '
      'in [0, 1]'
    )
  num_bad = image.size - np.count_nonzero(np.isfinite(image))
  if num_bad:
    raise ValueError(
      f'picture has {num_bad} values of {image.size} that are NaN or infinite; '
      'all must be numbers in [0, 1]'
    )
  levels = np.empty(image.shape, np.uint8)
  # Row by row: a large picture has no room for copies of itself.
  for row, level in zip(image, levels):
    # In float32: half precision is too coarse for the products.
    row = np.clip(row, 0.0, 1.0).astype(np.float32) * np.float32(255.0)
    level[...] = np.rint(row)
  return levels


def encode_png(
  image: np.ndarray, text: Optional[Mapping[str, str]] = None
) -> bytes:
  """Returns a picture as the bytes of a PNG file.

  The same picture and text give the same bytes every time.

  Args:
    image: [height, width, 3] float, RGB, as for `to_uint8`.
    text: Keyword -> text to store in the file, in this order.

  Raises:
    ValueError: As `to_uint8`.
  """
  chunks = PngImagePlugin.PngInfo()
  for keyword, value in (text or {}).items():
    chunks.add_text(keyword, value)
  file = io.BytesIO()
  Image.fromarray(to_uint8(image)).save(file, 'PNG', pnginfo=chunks)
  return file.getvalue()


def write_png(
  path: atomic_files.PathLike,
  image: np.ndarray,
  text: Optional[Mapping[str, str]] = None,
) -> None:
  """Writes a picture as a PNG file, whole or not at all.

  Args:
    path: The file; replaced if it exists.
    image: [height, width, 3] float, RGB, as for `to_uint8`.
    text: Keyword -> text to store in the file.

  Raises:
    OSError: If the file cannot be written.
    ValueError: As `to_uint8`.
  """
  atomic_files.write_file(path, encode_png(image, text))


def read_image(path: atomic_files.PathLike) -> np.ndarray:
  """Reads a picture.

  The picture stands upright, as its EXIF orientation says. What is transparent
  shows white. Colour profiles are ignored.

  Args:
    path: BMP, GIF, JPEG, PNG, PPM, TIFF or WebP file of one picture.

  Returns:
    [height, width, 3] float32 in [0, 1], RGB.

  Raises:
    FileNotFoundError: If there is no such file.
    OSError: If it cannot be read.
    ValueError: If it is no picture in a plain file, is damaged, is larger than
      may be or than the memory that is free, has several frames or has values
      of unknown range.
  """
  with untrusted.open_plain(path, 'the picture', _ADVICE) as file:
    with untrusted.guard(f"cannot read '{path}' as a picture", _WHOLE):
      image = decoding.decode(file)
  # In place: the largest picture takes 3.2 GB.
  image /= np.float32(255)
  return image


def read_texts(path: atomic_files.PathLike) -> Dict[str, str]:
  """Returns what `write_png` stored beside a picture, by the keywords.

  Args:
    path: As of `read_image`.

  Raises:
    OSError: If it cannot be read.
    ValueError: If it is no picture in a plain file.
  """
  with untrusted.open_plain(path, 'the picture', _ADVICE) as file:
    with untrusted.guard(f"cannot read '{path}' as a picture", _WHOLE):
      info = decoding.open_picture(file).info
  return {
    str(keyword): str(text)
    for keyword, text in info.items()
    if isinstance(text, str)
  }


def check_aspect(path: atomic_files.PathLike, height: int, width: int) -> None:
  """Checks that a picture is not too long to be looked at.

  A network that sees the shorter side at a given size needs memory for the
  longer one in proportion.

  Raises:
    ValueError: If one side is more than 10 times the other.
  """
  if max(height, width) > _MAX_ASPECT * min(height, width):
    raise ValueError(
      f"'{path}' is {height} x {width} pixels; one side may be at most"
      f' {_MAX_ASPECT} times the other: cut it into parts'
    )
