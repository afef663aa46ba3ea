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

Ids of photographs are 'photo-0', 'photo-1', ... in the order of the folder, and
'animation-0' and 'film-0' of what moves; of what the page sends, the beginning
of its SHA-256. Of an animated picture it means the first frame; 'animation-0@4'
is the fifth.
"""

import hashlib
import io
from pathlib import Path
import threading
from typing import (
  Any,
  BinaryIO,
  Dict,
  List,
  NamedTuple,
  Optional,
  Sequence,
  Tuple,
  Union,
)

import numpy as np
import tensorflow as tf

from magenta_viz.files import untrusted
from magenta_viz.media import decoding
from magenta_viz.media import frames
from magenta_viz.models import sharing
from magenta_viz.toolbox import photographs

# Of a file that the page sends.
MAX_BYTES = 20 << 20

# Of a picture, which takes 16 bytes for each as it is decoded.
_MAX_PIXELS = 1 << 26

# Large ones are decoded one after the other, as a thousand would take all
# memory.
_DECODING = threading.Lock()

# TensorFlow's two copies of it as it is brought to a size, a pixel.
_BYTES_TO_RESIZE = 2 * 3 * 4

# How a picture becomes a square: its middle, or all of it stretched.
FITS = ('crop', 'stretch')

# Those that the page sent, and squares of pictures, that are kept.
_NUM_KEPT = 16


class _Sent(NamedTuple):
  """A file that the page sent.

  Attributes:
    content: Its bytes: their pixels may take a hundred times as much.
    num_frames: 1 of a still picture.
  """

  content: bytes
  num_frames: int

  def read(self, frame: Optional[int] = None) -> np.ndarray:
    """Returns the picture, as `decode` does."""
    return decode(self.content, frame=frame)


def decode(
  content: bytes, what: str = 'the picture', frame: Optional[int] = None
) -> np.ndarray:
  """Returns the picture in the bytes of a file.

  Args:
    content: The bytes.
    what: It is, for errors.
    frame: Of an animated picture.

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
    if frame is not None:
      return frames.Animation(file).read(frame)[0]
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
    ValueError: If there is no such fit, or no memory to change its size.
  """
  if fit not in FITS:
    raise ValueError(f"fit is '{fit}'; take one of {', '.join(FITS)}")
  if fit == 'crop':
    shorter = min(image.shape[:2])
    top, left = ((each - shorter) // 2 for each in image.shape[:2])
    image = image[top : top + shorter, left : left + shorter]
  if image.shape[:2] != (side, side):
    decoding.check_size(
      image.shape[:2], image.nbytes, bytes_per_pixel=_BYTES_TO_RESIZE
    )
    image = tf.image.resize(image, (side, side), antialias=True).numpy()
  return np.clip(image, 0, 1)


class Pictures:
  """All pictures of a session, by their ids."""

  def __init__(self, photos: Sequence[Path] = (), moving: Sequence[Path] = ()):
    """Takes the user's photographs, and animated pictures and films."""
    self._files = {
      f'photo-{number}': photographs.Photograph(path, False)
      for number, path in enumerate(photos)
    }
    for number, path in enumerate(moving):
      found = photographs.Photograph(path, True)
      kind = 'film' if found.is_film else 'animation'
      self._files[f'{kind}-{number}'] = found
    self._sent: Dict[str, _Sent] = {}
    self._lock = threading.Lock()
    self._squares = sharing.Shared(_NUM_KEPT)

  @property
  def photos(self) -> List[Dict[str, Any]]:
    """Ids and names of the photographs, and how many frames a few have."""
    return [
      {'id': key, 'name': each.name, **_frames(each.num_frames)}
      for key, each in self._files.items()
      if not each.is_film
    ]

  @property
  def films(self) -> List[Dict[str, str]]:
    """Ids and names of the films, which the page plays."""
    return [
      {'id': key, 'name': each.name}
      for key, each in self._files.items()
      if each.is_film
    ]

  def film(self, film: str) -> BinaryIO:
    """Opens a film.

    Raises:
      KeyError: If there is no such film.
      ValueError: If it cannot be read.
    """
    found = self._files.get(film)
    if found is None or not found.is_film:
      raise KeyError('there is no such film')
    return found.open()

  def add(self, content: bytes) -> Tuple[str, Tuple[int, int]]:
    """Takes a picture that the page sends.

    Returns:
      Its id, height and width.

    Raises:
      ValueError: If it is no picture.
    """
    key = hashlib.sha256(content).hexdigest()[:16]
    num_frames = _count_frames(content)
    image = decode(content, frame=0 if num_frames > 1 else None)
    with self._lock:
      # The one that was sent last is the last of the dictionary.
      self._sent.pop(key, None)
      self._sent[key] = _Sent(content, num_frames)
      while len(self._sent) > _NUM_KEPT:
        self._sent.pop(next(iter(self._sent)))
    return key, image.shape[:2]

  def num_frames(self, picture: str) -> int:
    """Returns how many frames a picture has; 1 if it stands still.

    Raises:
      KeyError: If there is no such picture.
    """
    return self._find(picture.partition('@')[0]).num_frames

  def name(self, picture: str) -> str:
    """Returns what to call a picture."""
    key, at, frame = picture.partition('@')
    which = f', frame {frame}' if at else ''
    if key in self._files:
      return f'{self._files[key].name}{which}'
    return f'a picture that was sent, of SHA-256 {key}...{which}'

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
    key, at, number = picture.partition('@')
    found = self._find(key)
    num_frames = found.num_frames
    is_number = number.isascii() and number.isdecimal() and len(number) < 10
    if at and not (is_number and int(number) < num_frames):
      raise KeyError(
        f"the picture has no frame '{number[:80]}'; take 0 to {num_frames - 1}"
      )
    return found.read(int(number or 0) if num_frames > 1 else None)

  def _find(self, key: str) -> Union[photographs.Photograph, _Sent]:
    """Returns what has pixels."""
    found = self._files.get(key) or self._sent.get(key)
    if found is None or (key in self._files and self._files[key].is_film):
      raise KeyError('there is no such picture any more; send it again')
    return found


def _frames(count: int) -> Dict[str, int]:
  """Returns how many frames a picture has, if it does not stand still."""
  return {'frames': count} if count > 1 else {}


def _count_frames(content: bytes) -> int:
  """Returns how many frames a file has; 1 if it is no animated picture."""
  try:
    with untrusted.guard():
      return frames.Animation(io.BytesIO(content)).num_frames
  except ValueError:
    return 1
