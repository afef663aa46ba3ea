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

"""Sequences of pictures: folders, animated pictures and films."""

import contextlib
import os
from pathlib import Path
from typing import (
  BinaryIO,
  Callable,
  Generator,
  Iterator,
  List,
  Optional,
  Sequence,
  Tuple,
)

import numpy as np

from magenta_viz.files import copies
from magenta_viz.files import folder_entries
from magenta_viz.files import natural_order
from magenta_viz.files import places
from magenta_viz.files import untrusted
from magenta_viz.media import atomic_files
from magenta_viz.media import decoding
from magenta_viz.media import films
from magenta_viz.media import image_files

# What ffmpeg reads; it knows the format by the content.
FILM_ENDINGS = ('.avi', '.mkv', '.mov', '.mp4', '.webm')

# Formats of Pillow that may be animated; a TIFF's pages are no film.
_ANIMATED = ('GIF', 'PNG', 'WEBP')

# More than an hour at 25 a second, and weeks of dreaming.
_MAX_FRAMES = 100_000

_CHOICE = (
  'a folder of pictures, an animated GIF, PNG or WebP, or a film '
  f'({", ".join(FILM_ENDINGS)})'
)

# Yields frames, [height, width, 3] float32 in [0, 1], and their milliseconds.
_Decoding = Generator[Tuple[np.ndarray, float], None, None]


class Frames:
  """A sequence of pictures, read one at a time: a context manager.

  Attributes:
    num_frames: How many there are, at least one.
    size: (height, width) of each, in pixels.
    milliseconds: How long each is shown; 40 in a folder.
  """

  def __init__(self, path: Path, decode: Callable[[Path], _Decoding]) -> None:
    """Decodes each frame once: long runs shall not find damage at their end."""
    self._path = path
    self._decode = decode
    self._decoding: Optional[_Decoding] = None
    self._index = -1
    self._image: Optional[np.ndarray] = None
    milliseconds = []
    for image, time in decode(path):
      milliseconds.append(time)
      self.size: Tuple[int, int] = image.shape[:2]
      if len(milliseconds) > _MAX_FRAMES:
        raise ValueError(
          f"'{path}' has more than {_MAX_FRAMES} frames, the most that a"
          ' sequence may have; cut it into parts'
        )
    self.milliseconds = tuple(milliseconds)
    self.num_frames = len(milliseconds)

  def __enter__(self) -> 'Frames':
    """Returns itself."""
    return self

  def __exit__(self, *error: object) -> None:
    """Lets go of the file."""
    self.close()

  def close(self) -> None:
    """Lets go of the file; no process is left."""
    if self._decoding is not None:
      self._decoding.close()
      self._decoding = None

  def read(self, index: int) -> np.ndarray:
    """Returns a frame, [height, width, 3] float32 in [0, 1], RGB.

    To go back is to decode again from the first.

    Raises:
      OSError: If it cannot be read.
      ValueError: If there is no such frame, or the file has changed.
    """
    if not 0 <= index < self.num_frames:
      raise ValueError(
        f"'{self._path}' has no frame {index}; it has 0 to "
        f'{self.num_frames - 1}'
      )
    if self._decoding is None or index < self._index:
      self.close()
      self._decoding, self._index = self._decode(self._path), -1
    while self._index < index:
      self._image, _ = next(self._decoding, (None, 0.0))
      self._index += 1
    if self._image is None:
      raise ValueError(f"'{self._path}' has lost its frame {index}; restore it")
    return self._image


class Animation:
  """An animated GIF, PNG or WebP, any frame of which can be read.

  Attributes:
    num_frames: How many there are, two or more.
  """

  def __init__(self, file: BinaryIO) -> None:
    """Opens it, and decodes nothing.

    Args:
      file: From its beginning.

    Raises:
      ValueError: If it is no such picture, or too large to be read.
      Exception: Of any other type, if the bytes are damaged.
    """
    self._image = decoding.open_picture(file)
    if self._image.format not in _ANIMATED:
      raise ValueError(f'a {self._image.format} file is no film')
    if not decoding.is_animated(self._image):
      raise ValueError('it is a still picture')
    self._size = self._image.size
    # An animated PNG may begin with what is shown where it cannot move.
    self._first = int(self._image.info.get('default_image', False))
    self.num_frames = decoding.count_frames(self._image) - self._first

  def read(self, index: int) -> Tuple[np.ndarray, float]:
    """Returns a frame.

    Args:
      index: From 0.

    Returns:
      [height, width, 3] float32 in [0, 1], RGB, and its milliseconds.

    Raises:
      ValueError: If it is of another size than the first.
      Exception: Of any other type, if the bytes are damaged.
    """
    self._image.seek(self._first + index)
    # A GIF may grow with its frames, and with them what it takes to be read.
    if self._image.size != self._size:
      raise ValueError(f'its frame {index} goes beyond the first')
    pixels = decoding.levels(self._image)
    pixels /= np.float32(255)
    time = self._image.info.get('duration', 0)
    # Browsers' rule: no time, or nearly none, is 1/10 s.
    return pixels, time if time > 10 else 100


def is_sequence(path: atomic_files.PathLike) -> bool:
  """Tells whether a path is for `open_frames`, and not for `read_image`.

  Args:
    path: A folder, or a film by its ending, or an animated picture by its
      content. All else, whether it exists or not, is no sequence.
  """
  path = places.place(path)
  if path.is_dir() or path.suffix.lower() in FILM_ENDINGS:
    return True
  try:
    with untrusted.open_plain(path, '', '') as file:
      image = decoding.open_picture(file)
      return image.format in _ANIMATED and decoding.is_animated(image)
  # Pillow raises nearly every type; `read_image` then says what is wrong.
  except Exception:
    return False


def open_frames(path: atomic_files.PathLike) -> Frames:
  """Opens a sequence of pictures, and reads all of it once.

  Args:
    path: A folder, whose pictures are taken in natural order ('a2' before
      'a10'), other files and folders in it left out; a film (.avi, .mkv, .mov,
      .mp4, .webm), for which the extra `video` is needed; or an animated GIF,
      PNG or WebP, of which transparent parts show white.

  Raises:
    FileNotFoundError: If there is none.
    OSError: If it cannot be read, or needs imageio or ffmpeg, which is missing.
    ValueError: If it has no frames, frames of several sizes or damaged ones, or
      is a still picture.
  """
  path = places.place(path)
  if path.is_dir():
    return Frames(path, _decode_folder)
  # Says what is wrong with the path, before ffmpeg does.
  untrusted.open_plain(path, 'the frames of', f'name {_CHOICE}').close()
  is_film = path.suffix.lower() in FILM_ENDINGS
  return Frames(
    copies.file(path), _decode_film if is_film else _decode_animation
  )


def files_in(folder: Path, endings: Sequence[str]) -> List[Path]:
  """Returns the plain files of a folder with some endings, in natural order."""
  files = [
    folder / entry.name
    for entry in folder_entries.entries(os.fspath(folder))
    if os.path.splitext(entry.name)[1].lower() in endings
    and entry.num_bytes is not None
  ]
  return sorted(
    files, key=lambda file: (natural_order.key(file.stem), file.suffix)
  )


def pictures_in(folder: Path) -> List[Path]:
  """Returns the pictures of a folder, in natural order.

  Raises:
    ValueError: If it has none.
  """
  files = files_in(folder, decoding.ENDINGS)
  if not files:
    raise ValueError(
      f"folder '{folder}' has no pictures; their names must end in one of "
      f'{", ".join(decoding.ENDINGS)}'
    )
  return files


def _decode_folder(path: Path) -> _Decoding:
  """Yields the pictures of a folder, at 25 a second."""
  size: Tuple[int, ...] = ()
  for file in pictures_in(path):
    image = image_files.read_image(file)
    size = size or image.shape
    if image.shape != size:
      raise ValueError(
        f"'{file}' has height {image.shape[0]} and width {image.shape[1]}, but "
        f'the first has {size[0]} and {size[1]}; give all one size'
      )
    yield image, 40.0


def _decode_animation(path: Path) -> _Decoding:
  """Yields the frames of an animated picture, with Pillow."""
  with _naming(path), open(path, 'rb') as file:
    animation = Animation(file)
    for index in range(animation.num_frames):
      yield animation.read(index)


def _decode_film(path: Path) -> _Decoding:
  """Yields the frames of a film, with imageio."""
  imageio = films.load_imageio()
  # Absolute, for ffmpeg takes 'http:a.mp4' for an address.
  with _naming(path), imageio.get_reader(
    path.absolute(), format='FFMPEG'
  ) as reader:
    about = reader.get_meta_data()
    decoding.check_size(about['size'][::-1], path.stat().st_size)
    rate = about['fps'] or 25.0
    count = 0
    for pixels in reader.iter_data():
      count += 1
      yield pixels / np.float32(255.0), 1000.0 / rate
    # ffmpeg ends a film that is cut off as if all were well. The stated time
    # is rounded, and that of the sound, if it is longer.
    if count + 1 < 0.9 * about['duration'] * rate:
      raise ValueError(f'it ends after {count} frames, before its stated time')


@contextlib.contextmanager
def _naming(path: Path) -> Iterator[None]:
  """Lets errors of decoding name the file, in one line."""
  problem = f"cannot read frames from '{path}'"
  advice = f'it must be whole and {_CHOICE}'
  with untrusted.guard(problem, advice):
    try:
      yield
    # imageio repeats all that ffmpeg says, of which the end is what matters.
    except (OSError, RuntimeError, IndexError) as error:
      lines = str(error).strip().splitlines()
      raise ValueError(lines[-1] if lines else type(error).__name__) from error
