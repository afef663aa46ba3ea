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

"""The pictures that the toolbox looks at: the user's photographs, and others.

Ids of photographs are 'photo-0', 'photo-1', ... in the order of the folder; of
what the page sends, the beginning of its SHA-256.
"""

import hashlib
import io
import os
from pathlib import Path
import threading
from typing import Dict, List, Sequence, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.files import untrusted
from magenta_viz.media import decoding
from magenta_viz.media import image_files
from magenta_viz.models import sharing

# Of a file that the page sends.
MAX_BYTES = 20 << 20

# Of a picture, which takes 16 bytes for each as it is decoded.
_MAX_PIXELS = 1 << 26

# Large ones are decoded one after the other, as a thousand would take all
# memory.
_DECODING = threading.Lock()

# How a picture becomes a square: its middle, or all of it stretched.
FITS = ('crop', 'stretch')

# Those that the page sent, and squares of pictures, that are kept.
_NUM_KEPT = 16

_PHOTO = 'photo-'


def decode(content: bytes, what: str = 'the picture') -> np.ndarray:
  """Returns the picture in the bytes of a file.

  Returns:
    [height, width, 3] float32 array in [0, 1].

  Raises:
    ValueError: If it is none, or damaged.
  """
  with untrusted.guard(f'cannot read {what}', 'send a PNG or JPEG'), _DECODING:
    file = io.BytesIO(content)
    width, height = decoding.open_picture(file).size
    if width * height > _MAX_PIXELS:
      raise ValueError(f'{height} x {width} pixels are too many')
    return decoding.decode(file) / np.float32(255)


def square(image: np.ndarray, side: int, fit: str = 'crop') -> np.ndarray:
  """Returns the largest square in the middle of a picture, or all of it.

  Args:
    image: [height, width, 3] float32 array in [0, 1].
    side: Height and width to bring it to, in pixels.
    fit: One of `FITS`.

  Returns:
    [side, side, 3] float32 array in [0, 1].

  Raises:
    ValueError: If there is no such fit.
  """
  if fit not in FITS:
    raise ValueError(f"fit is '{fit}'; take one of {', '.join(FITS)}")
  if fit == 'crop':
    shorter = min(image.shape[:2])
    top, left = ((each - shorter) // 2 for each in image.shape[:2])
    image = image[top : top + shorter, left : left + shorter]
  if image.shape[:2] != (side, side):
    image = tf.image.resize(image, (side, side), antialias=True).numpy()
  return np.clip(image, 0, 1)


class Pictures:
  """All pictures of a session, by their ids."""

  def __init__(self, photos: Sequence[Path] = ()):
    """Takes the user's photographs."""
    self._photos = tuple(photos)
    # As files: their pixels may take a hundred times as much.
    self._sent: Dict[str, bytes] = {}
    self._lock = threading.Lock()
    self._squares = sharing.Shared(_NUM_KEPT)

  @property
  def photos(self) -> List[Dict[str, str]]:
    """Ids and names of the photographs."""
    return [
      {'id': f'{_PHOTO}{number}', 'name': path.name}
      for number, path in enumerate(self._photos)
    ]

  def add(self, content: bytes) -> Tuple[str, Tuple[int, int]]:
    """Takes a picture that the page sends.

    Returns:
      Its id, height and width.

    Raises:
      ValueError: If it is no picture.
    """
    key = hashlib.sha256(content).hexdigest()[:16]
    image = decode(content)
    with self._lock:
      # The one that was sent last is the last of the dictionary.
      self._sent.pop(key, None)
      self._sent[key] = content
      while len(self._sent) > _NUM_KEPT:
        self._sent.pop(next(iter(self._sent)))
    return key, image.shape[:2]

  def name(self, picture: str) -> str:
    """Returns what to call a picture."""
    for photo in self.photos:
      if photo['id'] == picture:
        return photo['name']
    return f'a picture that was sent, of SHA-256 {picture}...'

  def square(self, picture: str, side: int, fit: str = 'crop') -> np.ndarray:
    """Returns what a network of a size sees of a picture.

    Raises:
      KeyError: If there is no such picture.
      ValueError, OSError: If a photograph cannot be read, or there is no such
        fit.
    """
    return self._squares.get(
      (picture, side, fit), lambda: square(self._read(picture), side, fit)
    )

  def _read(self, picture: str) -> np.ndarray:
    """Returns a whole picture."""
    number = picture[len(_PHOTO) :]
    is_number = number.isascii() and number.isdecimal() and len(number) < 10
    if picture.startswith(_PHOTO) and is_number:
      if int(number) < len(self._photos):
        return _photo(self._photos[int(number)])
    found = self._sent.get(picture)
    if found is None:
      raise KeyError('there is no such picture any more; send it again')
    return decode(found)


def _photo(path: Path) -> np.ndarray:
  """Returns one of the photographs; its folder is nobody else's business.

  Raises:
    ValueError: If it cannot be read.
  """
  try:
    return image_files.read_image(path)
  except (OSError, ValueError) as error:
    raise ValueError(str(error).replace(os.fspath(path), path.name)) from error
