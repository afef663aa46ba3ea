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


"""Pictures in memory, for what reads pictures from files."""

import hashlib
import io
import os
from pathlib import Path
import tempfile
from typing import Any, Optional

import numpy as np
from PIL import Image

from magenta_viz.media import atomic_files
from magenta_viz.media import image_files

_ALLOWED = (
  'give a path, a picture of PIL, or an array, [height, width, 3], of uint8 or'
  ' of floating-point numbers from 0 to 1'
)

# What resampling makes of values from 0 to 1 is within; what was to be from -1
# to 1, or to 255, is not.
_LEAST, _MOST = -0.5, 1.5


# Of folders that go again, so that no record tells of them.
_PREFIX = 'magenta_viz_image_'


def is_kept(path: Optional[str]) -> bool:
  """Tells whether a path is of a picture in memory, and goes with it."""
  return path is not None and Path(path).parent.name.startswith(_PREFIX)


def told(path: str) -> str:
  """Returns what a record says of a picture: its path or, in memory, a name."""
  return Path(path).name if is_kept(path) else path


class Shelf:
  """A temporary folder of pictures; it goes when it is closed, or with this."""

  def __init__(self) -> None:
    """Makes no folder yet."""
    self._folder: Optional[tempfile.TemporaryDirectory[str]] = None

  def path_of(self, image: Any) -> str:
    """Returns the path of a picture's file.

    Args:
      image: A path, which is returned; a picture of PIL, or one that a run has
        drawn; or an array, [height, width, 3], of uint8 or of float in [0, 1],
        which is rounded to 8 bits.

    Raises:
      ValueError: If it is none of these.
      OSError: If the file cannot be written.
    """
    if isinstance(image, (str, os.PathLike)):
      return os.fspath(image)
    # Of a picture that is drawn, its pixels.
    content = _encode(getattr(image, 'image', image))
    if self._folder is None:
      self._folder = tempfile.TemporaryDirectory(prefix=_PREFIX)
    # The same picture has the same name, which names of files are made of.
    digest = hashlib.sha256(content).hexdigest()[:12]
    path = Path(self._folder.name, f'image_{digest}.png')
    atomic_files.write_file(path, content)
    return str(path)

  def close(self) -> None:
    """Removes the folder."""
    if self._folder is not None:
      self._folder.cleanup()
      self._folder = None


def _encode(image: Any) -> bytes:
  """Returns a picture as the bytes of a PNG file."""
  if isinstance(image, Image.Image):
    file = io.BytesIO()
    is_png = image.mode in ('1', 'L', 'LA', 'P', 'RGB', 'RGBA')
    # Whoever reads it turns it upright, and puts white behind it.
    (image if is_png else image.convert('RGB')).save(
      file, 'PNG', exif=image.getexif()
    )
    return file.getvalue()
  array = np.asarray(image)
  if array.dtype == np.uint8:
    array = array.astype(np.float32) / np.float32(255)
  try:
    content = image_files.encode_png(array)
  except ValueError as error:
    fault = str(error).partition('; ')[0].replace('picture', 'image', 1)
    raise ValueError(f'{fault}; {_ALLOWED}') from error
  least, most = float(array.min()), float(array.max())
  if least < _LEAST or most > _MOST:
    raise ValueError(
      f'image has values from {least:.4g} to {most:.4g}; {_ALLOWED}'
    )
  return content
