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

"""The user's own files: photographs, animated pictures and films.

Requests know them by ids alone, and errors by their names: where they are is
nobody else's business.
"""

import contextlib
import functools
import os
from pathlib import Path
from typing import BinaryIO, Iterator, Optional

import numpy as np

from magenta_viz.files import untrusted
from magenta_viz.media import frames
from magenta_viz.media import image_files

_ADVICE = 'put it back, or start again'


class Photograph:
  """A file that is read when somebody looks at it.

  Attributes:
    name: Of the file.
    is_film: Whether it is one that a browser plays.
  """

  def __init__(self, path: Path, moves: bool = False):
    """Takes the file, which may be an animated picture or a film."""
    self.name = path.name
    self._moves = moves
    self.is_film = moves and path.suffix.lower() in frames.FILM_ENDINGS
    self._path = path
    self._real = os.path.realpath(path)

  @functools.cached_property
  def num_frames(self) -> int:
    """Of an animated picture; 1 of all else, or if it cannot be read."""
    if not self._moves:
      return 1
    try:
      with self.open() as file, untrusted.guard():
        return frames.Animation(file).num_frames
    except ValueError:
      return 1

  def read(self, frame: Optional[int] = None) -> np.ndarray:
    """Returns the picture, [height, width, 3] float32 in [0, 1].

    Args:
      frame: Of an animated one.

    Raises:
      ValueError: If it cannot be read.
    """
    with self._unnamed():
      if frame is None:
        return image_files.read_image(self._checked())
      problem = f"cannot read frame {frame} of '{self._path}'"
      with self.open() as file, untrusted.guard(problem, _ADVICE):
        return frames.Animation(file).read(frame)[0]

  def open(self) -> BinaryIO:
    """Opens the file.

    Raises:
      ValueError: If it cannot be read.
    """
    with self._unnamed():
      return untrusted.open_plain(self._checked(), 'the film', _ADVICE)

  def _checked(self) -> Path:
    """Returns the path, if it still leads to where it led at the start."""
    if os.path.realpath(self._path) != self._real:
      raise ValueError(
        f"cannot read the picture '{self._path}': it leads elsewhere than at"
        f' the start; {_ADVICE}'
      )
    return self._path

  @contextlib.contextmanager
  def _unnamed(self) -> Iterator[None]:
    """Lets errors name the file without its folder.

    Raises:
      ValueError: In place of them.
    """
    try:
      yield
    except (OSError, ValueError) as error:
      words = str(error).replace(os.fspath(self._path), self.name)
      raise ValueError(words) from error
