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

"""Films in files, written frame by frame.

A GIF needs Pillow alone; an MP4 needs what the extra `video` brings.
"""

import contextlib
from pathlib import Path
import tempfile
from typing import Any, Iterator, List, Sequence, Tuple, Union

import numpy as np
from PIL import Image

from magenta_viz.files import places
from magenta_viz.media import atomic_files
from magenta_viz.media import image_files

# Of a frame, where none are given: 25 frames a second.
MILLISECONDS = 40.0


def check_codec(kind: str) -> None:
  """Proves that films of a kind can be written.

  Args:
    kind: 'gif' or 'mp4', with or without a dot before it.

  Raises:
    OSError: If imageio or ffmpeg is missing, or ffmpeg cannot encode.
    ValueError: If there is no such kind.
  """
  # A real frame: an encoder that ffmpeg lists may yet fail.
  with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / f'check.{kind.lstrip(".")}'
    with FilmWriter(path, (16, 16)) as film:
      film.write(np.zeros((16, 16, 3)))


def load_imageio() -> Any:
  """Returns the module `imageio.v2`, for which there is an ffmpeg.

  Raises:
    OSError: If one of them is missing.
  """
  try:
    import imageio.v2
    import imageio_ffmpeg

    imageio_ffmpeg.get_ffmpeg_exe()
  # RuntimeError: neither the package nor the system has ffmpeg.
  except (ImportError, RuntimeError) as error:
    raise OSError(
      'films other than GIFs need imageio and ffmpeg, which are missing; pip '
      "install 'magenta_viz[video]', or take --animate=gif or a folder"
    ) from error
  return imageio.v2


class FilmWriter:
  """Writes a film, whole or not at all: a context manager, for use once.

  If the block ends with an exception, Ctrl-C included, then `path` has its old
  content, and no other file is left.

  An MP4 is H.264 in yuv420p, which every browser shows; it has even sides, for
  which an odd one's last row or column is repeated. Its rate is constant, as
  many programs expect: frames of several times are repeated, to within 1/200 s
  of their time. A GIF has 256 colours a frame and loops forever; a frame equal
  to the one before prolongs that. Its frames are in memory until the end, with
  a byte a pixel.
  """

  def __init__(
    self,
    path: atomic_files.PathLike,
    size: Tuple[int, int],
    milliseconds: Union[float, Sequence[float]] = MILLISECONDS,
    hold: float = 0.0,
  ) -> None:
    """Checks the kind; the block begins the file.

    Args:
      path: The file, .gif or .mp4, whose folder exists; replaced if it exists.
      size: (height, width) in pixels.
      milliseconds: How long each frame is shown: one time for all, or of as
        many as are written. A GIF rounds to 1/100 s.
      hold: Seconds that the last frame stays beyond its time.

    Raises:
      ValueError: If it is of another kind.
    """
    self._path = places.place(path).absolute()
    ending = self._path.suffix.lower()
    if ending not in ('.gif', '.mp4'):
      raise ValueError(f"unknown kind of film '{ending}'; take .gif or .mp4")
    # imageio and Pillow know the kind by the ending.
    self._temporary = atomic_files.temporary_path(self._path.parent, ending)
    self._size = size
    self._milliseconds = milliseconds
    self._hold = hold
    # The unit of times; of GIFs it is 1/100 s.
    self._tick = 10.0
    if ending == '.mp4':
      self._tick = _common_tick(np.atleast_1d(milliseconds).tolist())
    self._num_frames = 0
    self._num_ticks = 0
    self._time = 0.0
    self._gif_frames: List[Image.Image] = []
    self._gif_milliseconds: List[int] = []
    self._mp4_writer: Any = None
    self._mp4_frame = np.empty(0)

  def __enter__(self) -> 'FilmWriter':
    """Raises OSError if imageio, ffmpeg or the folder of an MP4 is missing."""
    if self._temporary.suffix == '.mp4':
      imageio = load_imageio()
      with self._naming_it():
        self._mp4_writer = imageio.get_writer(
          self._temporary,
          format='FFMPEG',
          fps=1000 / self._tick,
          codec='libx264',
          pixelformat='yuv420p',
          macro_block_size=1,
          # ffmpeg's guide to H.264: at 18 hardly any loss is seen.
          output_params=['-crf', '18'],
          ffmpeg_log_level='quiet',
        )
    return self

  def write(self, image: np.ndarray) -> None:
    """Writes the next frame, resized if it is of another size than the film.

    Args:
      image: [height, width, 3] float, RGB, as for `image_files.to_uint8`.

    Raises:
      OSError: If it cannot be written.
      ValueError: As `image_files.to_uint8`.
    """
    picture = Image.fromarray(image_files.to_uint8(image))
    picture = picture.resize(self._size[::-1], Image.Resampling.LANCZOS)
    ticks = self._next_ticks()
    if self._mp4_writer is None:
      self._gif_frames.append(picture.quantize(256))
      self._gif_milliseconds.append(10 * ticks)
    else:
      padding = [(0, side % 2) for side in self._size]
      self._mp4_frame = np.pad(
        np.asarray(picture), [*padding, (0, 0)], mode='edge'
      )
      self._repeat(ticks)

  def _repeat(self, ticks: int) -> None:
    """Writes the newest frame of an MP4 as often as it is shown."""
    with self._naming_it():
      for _ in range(ticks):
        self._mp4_writer.append_data(self._mp4_frame)

  def _next_ticks(self) -> int:
    """Counts a frame and returns how many ticks it is shown."""
    if isinstance(self._milliseconds, (int, float)):
      self._time += self._milliseconds
    else:
      self._time += self._milliseconds[self._num_frames]
    self._num_frames += 1
    # Of the sum, so that roundings do not add up.
    ticks = round(self._time / self._tick) - self._num_ticks
    self._num_ticks += ticks
    return ticks

  def __exit__(self, *error: Any) -> None:
    """Puts the film in its place; after an exception, removes it.

    Raises:
      OSError: If it cannot be written.
      ValueError: If it has no frames.
    """
    try:
      with contextlib.ExitStack() as stack:
        if self._mp4_writer is not None:
          stack.callback(self._mp4_writer.close)
        if error[0] is None and self._num_frames:
          self._hold_last()
      if error[0] is None:
        with self._naming_it():
          self._finish()
    finally:
      self._temporary.unlink(missing_ok=True)

  def _hold_last(self) -> None:
    """Lets the last frame stay."""
    ticks = round(1000 * self._hold / self._tick)
    self._num_ticks += ticks
    if self._mp4_writer is None:
      self._gif_milliseconds[-1] += 10 * ticks
    else:
      self._repeat(ticks)

  def _finish(self) -> None:
    """Moves the film to its place once it is whole."""
    if not self._num_frames:
      raise ValueError(f"film '{self._path}' has no frames; it needs one")
    if self._mp4_writer is None:
      first, *others = self._gif_frames
      first.save(
        self._temporary,
        save_all=True,
        append_images=others,
        duration=self._gif_milliseconds,
        loop=0,
      )
    else:
      import imageio_ffmpeg

      # On a full disk the writer closes as if all were well.
      found, _ = imageio_ffmpeg.count_frames_and_secs(str(self._temporary))
      if found != self._num_ticks:
        raise OSError(f'only {found} of {self._num_ticks} frames were stored')
    atomic_files.move_file(self._temporary, self._path)

  @contextlib.contextmanager
  def _naming_it(self) -> Iterator[None]:
    """Lets errors of writing name the film, in one line."""
    try:
      yield
    except (OSError, RuntimeError) as error:
      # imageio appends ffmpeg's command and its log.
      reason = getattr(error, 'strerror', None) or str(error).split('\n')[0]
      raise OSError(
        f"cannot write the film '{self._path}': {reason}; its folder must "
        'exist, be writable and have room, and ffmpeg the encoder libx264'
      ) from error


def _common_tick(milliseconds: Sequence[float]) -> float:
  """Returns the milliseconds of a constant rate that keeps frames' times."""
  if min(milliseconds) == max(milliseconds):
    tick = milliseconds[0]
  else:
    # Seldom less than this: the unit of GIFs.
    tick = max(10, np.gcd.reduce(np.rint(milliseconds).astype(int)))
  # imageio gives ffmpeg two decimals of the rate.
  return tick / max(1, round(tick / 10_000))
