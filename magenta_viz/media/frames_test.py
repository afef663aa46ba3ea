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

"""Tests for frames."""

import os
from pathlib import Path
import struct
import subprocess
import sys
from typing import Any, List, Sequence
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import imageio_ffmpeg
import numpy as np
from PIL import Image

from magenta_viz.media import decoding
from magenta_viz.media import films
from magenta_viz.media import frames
from magenta_viz.media import image_files
from magenta_viz.testing import folder_case

_HEIGHT, _WIDTH = 24, 36

_COLORS = ((255, 0, 0), (0, 128, 0), (0, 0, 255), (255, 255, 255))


def _picture(level: float) -> np.ndarray:
  """Returns a picture whose mean tells it from others."""
  shade = np.linspace(0.0, 0.2, _WIDTH)[np.newaxis, :, np.newaxis]
  return np.broadcast_to(level * 0.8 + shade, (_HEIGHT, _WIDTH, 3))


def _stills() -> List[Image.Image]:
  return [Image.new('RGB', (_WIDTH, _HEIGHT), color) for color in _COLORS]


class FramesTestCase(folder_case.FolderCase):
  """Has what to put into the folder."""

  def put(self, name: str, level: float = 0.5) -> Path:
    """Writes a picture."""
    path = self.folder / name
    image_files.write_png(path, _picture(level))
    return path

  def film(self, name: str, num: int = 8) -> Path:
    """Writes a film of any kind, each frame brighter than the one before."""
    source = self.folder / 'source.mp4'
    with films.FilmWriter(source, (_HEIGHT, _WIDTH)) as film:
      for index in range(num):
        film.write(_picture(index / num))
    path = self.folder / name
    if path != source:
      program = imageio_ffmpeg.get_ffmpeg_exe()
      quiet = [program, '-v', 'error', '-i', str(source)]
      subprocess.run([*quiet, '-qscale', '2', str(path)], check=True)
      source.unlink()
    return path

  def levels(
    self, sequence: frames.Frames, order: Sequence[int]
  ) -> List[float]:
    """Reads frames in this order; returns what `_picture` was given."""
    found = []
    for index in order:
      image = sequence.read(index)
      self.assertEqual(image.dtype, np.float32)
      self.assertEqual(image.shape, (*sequence.size, 3))
      self.assertBetween(image.min(), 0.0, 1.0)
      found.append((float(image.mean()) - 0.1) / 0.8)
    return found

  def assert_refused(self, path: Path, reason: str) -> None:
    """Checks the error's only line."""
    self.refuses(
      rf"^cannot read frames from '{path}' \({reason}.*\); it must be whole"
      ' and a folder of ',
      frames.open_frames,
      path,
    )


class FolderTest(FramesTestCase):
  def test_reads_in_natural_order(self) -> None:
    for name in 'a2.png a10.png A11.PNG a010b.png b.png 7.png'.split():
      self.put(name, len(name) / 10)
    order = ['7', 'a2', 'a10', 'a010b', 'A11', 'b']
    self.assertTrue(frames.is_sequence(self.folder))
    with frames.open_frames(str(self.folder)) as sequence:
      self.assertEqual(sequence.num_frames, 6)
      self.assertEqual(sequence.size, (_HEIGHT, _WIDTH))
      self.assertEqual(sequence.milliseconds, (40,) * 6)
      np.testing.assert_allclose(
        self.levels(sequence, [5, 0, 1, 1, 2]),
        [len(order[i] + '.png') / 10 for i in (5, 0, 1, 1, 2)],
        atol=0.005,
      )

  def test_leaves_out_what_is_no_picture(self) -> None:
    self.put('1.png')
    for name in ('1.json', 'notes.txt', '._1.png', '.magenta_viz_1.tmp', 'a'):
      (self.folder / name).write_text('{}')
    (self.folder / '2.png').mkdir()
    with frames.open_frames(self.folder) as sequence:
      self.assertEqual(sequence.num_frames, 1)

  @absltest.skipIf(os.name == 'nt', 'needs links')
  def test_link_to_itself(self) -> None:
    self.put('1.png')
    (self.folder / '2.png').symlink_to(self.folder / '2.png')
    with frames.open_frames(self.folder) as sequence:
      self.assertEqual(sequence.num_frames, 1)

  def test_no_pictures(self) -> None:
    message = f"^folder '{self.folder}' has no pictures; .* .bmp, .gif, "
    self.refuses(message, frames.open_frames, self.folder)

  def test_mixed_sizes(self) -> None:
    self.put('1.png')
    path = self.folder / '2.png'
    image_files.write_png(path, np.zeros((5, 7, 3)))
    self.put('3.png')
    self.refuses(
      f"^'{path}' has height 5 and width 7, but the first has 24 and 36; give "
      'all one size$',
      frames.open_frames,
      self.folder,
    )

  def test_frames_that_there_are_not(self) -> None:
    self.put('1.png')
    path = self.put('2.png')
    with frames.open_frames(self.folder) as sequence:
      for index in (-1, 2):
        self.refuses(f"' has no frame {index}; it", sequence.read, index)
      path.unlink()
      self.refuses('has lost its frame 1; restore', sequence.read, 1)

  def test_damaged_picture(self) -> None:
    self.put('1.png')
    path = self.put('2.png')
    path.write_bytes(path.read_bytes()[:-40])
    message = f"^cannot read '{path}' as a pict"
    self.refuses(message, frames.open_frames, self.folder)

  def test_more_frames_than_may_be(self) -> None:
    for name in ('1.png', '2.png', '3.png'):
      self.put(name)
    with mock.patch.object(frames, '_MAX_FRAMES', 2):
      message = f"^'{self.folder}' has more than 2 frames, .* into parts$"
      self.refuses(message, frames.open_frames, self.folder)

  def test_every_format_and_upright(self) -> None:
    endings = ('bmp', 'gif', 'jpeg', 'jpg', 'png', 'ppm', 'tif', 'tiff', 'webp')
    for index, ending in enumerate(endings):
      _stills()[0].save(self.folder / f'{index}.{ending}')
    # Lies on its side, and says so.
    exif = Image.Exif()
    exif[274] = 6
    turned = Image.new('RGB', (_HEIGHT, _WIDTH), 'red')
    turned.save(self.folder / 'turned.jpg', exif=exif)
    with frames.open_frames(self.folder) as sequence:
      self.assertEqual(sequence.num_frames, 10)
      for index in range(10):
        red = np.broadcast_to((1, 0, 0), (_HEIGHT, _WIDTH, 3))
        np.testing.assert_allclose(sequence.read(index), red, atol=0.02)


class AnimationTest(FramesTestCase):
  def _save(
    self, name: str, images: Sequence[Image.Image], **more: Any
  ) -> Path:
    path = self.folder / name
    images[0].save(path, save_all=True, append_images=images[1:], **more)
    return path

  @parameterized.parameters('a.gif', 'a.png', 'a.webp', 'a.dat')
  def test_reads(self, name: str) -> None:
    more = {'format': 'GIF'} if name == 'a.dat' else {}
    times = (50, 500, 120, 1000)
    path = self._save(name, _stills(), duration=list(times), **more)
    self.assertTrue(frames.is_sequence(str(path)))
    with frames.open_frames(path) as sequence:
      self.assertEqual(sequence.num_frames, 4)
      self.assertEqual(sequence.size, (_HEIGHT, _WIDTH))
      self.assertEqual(sequence.milliseconds, times)
      for index in (0, 1, 2, 3, 1, 1, 3, 0):
        got = sequence.read(index)
        self.assertEqual(got.dtype, np.float32)
        wanted = np.array(_COLORS[index]) / 255
        np.testing.assert_allclose(got[5, 7], wanted, atol=0.03)

  @parameterized.parameters('a.gif', 'a.png', 'a.webp', 'a.jpg', 'a.tiff')
  def test_still_picture(self, name: str) -> None:
    path = self.folder / name
    _stills()[0].save(path)
    self.assertFalse(frames.is_sequence(path))
    other = {'a.jpg': 'a JPEG file is no film', 'a.tiff': 'a TIFF file is no '}
    self.assert_refused(path, other.get(name, 'it is a still picture'))

  def test_picture_for_where_it_cannot_move(self) -> None:
    path = self.folder / 'a.png'
    _stills()[3].save(
      path, save_all=True, append_images=_stills()[:2], default_image=True
    )
    with Image.open(path) as image:
      if not image.info.get('default_image'):
        self.skipTest('needs Pillow 9.5 or later, to write such a file')
    with frames.open_frames(path) as sequence:
      self.assertEqual(sequence.num_frames, 2)
      for index in (0, 1):
        wanted = np.array(_COLORS[index]) / 255
        np.testing.assert_allclose(sequence.read(index)[5, 7], wanted)

  def test_frames_without_time(self) -> None:
    path = self._save('a.gif', _stills(), duration=[0, 10, 20, 30])
    with frames.open_frames(path) as sequence:
      self.assertEqual(sequence.milliseconds, (100, 100, 20, 30))

  @parameterized.parameters(1, 2)
  def test_frame_that_is_larger(self, frame: int) -> None:
    data = self._save('a.gif', _stills()).read_bytes()
    # The widths that descriptors of pictures say, after four numbers.
    sides = struct.pack('<4H', 0, 0, _WIDTH, _HEIGHT)
    parts = data.split(b',' + sides)
    self.assertLen(parts, 5)
    larger = struct.pack('<4H', 0, 0, 90, 90)
    separators = [b',' + (larger if i == frame else sides) for i in range(4)]
    path = self.folder / 'b.gif'
    path.write_bytes(b''.join(a + b for a, b in zip(parts, [*separators, b''])))
    self.assert_refused(path, f'its frame {frame} goes beyond the first')

  @parameterized.parameters('a.gif', 'a.png', 'a.webp')
  def test_truncated(self, name: str) -> None:
    random = np.random.RandomState(0)
    images = [
      Image.fromarray(random.randint(0, 256, (24, 36, 3), dtype=np.uint8))
      for _ in range(6)
    ]
    path = self._save(name, images, duration=40)
    data = path.read_bytes()
    for share in (0.3, 0.6, 0.9, 0.99):
      path.write_bytes(data[: int(len(data) * share)])
      self.assert_refused(path, '.')
    path.write_bytes(data[:10])
    self.assertFalse(frames.is_sequence(path))

  def test_transparent_shows_white(self) -> None:
    images = [Image.new('RGBA', (4, 2), (255, 0, 0, a)) for a in (255, 0, 51)]
    path = self._save('a.webp', images, lossless=True)
    with frames.open_frames(path) as sequence:
      for index, rest in enumerate((0.0, 1.0, 0.8)):
        got = sequence.read(index)[0, 0]
        np.testing.assert_allclose(got, [1, rest, rest], atol=0.01)


class FilmTest(FramesTestCase):
  @absltest.skipIf(os.name == 'nt', 'needs pipes')
  @parameterized.parameters('a.mp4', 'a.gif')
  def test_pipe(self, name: str) -> None:
    path = self.folder / name
    # Whoever opens it waits for a writer.
    os.mkfifo(path)
    self.assertEqual(frames.is_sequence(path), name == 'a.mp4')
    message = f"'{path}': it is no plain file; "
    self.refuses(message, frames.open_frames, path)

  def test_more_pixels_than_may_be(self) -> None:
    path = self.film('source.mp4')
    with mock.patch.object(decoding, 'MAX_PIXELS', 863):
      self.assert_refused(path, '.*it is 24 x 36 pixels; 863 .* are the most')

  @parameterized.parameters('source.mp4', 'a.AVI', 'a.mkv', 'a.mov', 'a.webm')
  def test_reads(self, name: str) -> None:
    path = self.film(name, num=12)
    self.assertTrue(frames.is_sequence(path))
    with frames.open_frames(path) as sequence:
      self.assertEqual(sequence.num_frames, 12)
      self.assertEqual(sequence.size, (_HEIGHT, _WIDTH))
      self.assertEqual(sequence.milliseconds, (40,) * 12)
      order = [*range(12), 11, 3, 4, 9, 0]
      np.testing.assert_allclose(
        self.levels(sequence, order), np.array(order) / 12, atol=0.02
      )

  @parameterized.parameters('none', 'none.mp4', 'none.gif')
  def test_missing(self, name: str) -> None:
    path = self.folder / name
    self.assertEqual(frames.is_sequence(path), name == 'none.mp4')
    message = f"of '{path}': No such file or directory; name a folder"
    self.refuses(message, frames.open_frames, path, kind=FileNotFoundError)

  @parameterized.parameters('source.mp4', 'a.mkv', 'a.webm', 'a.mov')
  def test_truncated(self, name: str) -> None:
    path = self.film(name, num=30)
    data = path.read_bytes()
    for share in (0.02, 0.3, 0.6):
      path.write_bytes(data[: int(len(data) * share)])
      self.assert_refused(path, '[A-Za-z]')

  @parameterized.parameters(b'', b'hello\n' * 100, b'#EXTM3U\n/etc/passwd\n')
  def test_no_film(self, data: bytes) -> None:
    path = self.folder / 'a.mp4'
    path.write_bytes(data)
    self.assertTrue(frames.is_sequence(path))
    self.assert_refused(path, '[A-Za-z]')

  def test_without_ffmpeg(self) -> None:
    path = self.film('source.mp4')
    message = r"are missing; pip install 'magenta_viz\[video\]', or take"
    self.put('1.png')
    with mock.patch.dict(sys.modules, {'imageio.v2': None}):
      self.refuses(message, frames.open_frames, path, kind=OSError)
      with frames.open_frames(self.folder) as sequence:
        self.assertEqual(sequence.num_frames, 1)


if __name__ == '__main__':
  absltest.main()
