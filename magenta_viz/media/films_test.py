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

"""Tests for films."""

import os
from pathlib import Path
import sys
from typing import Any, Dict, List, Optional, Tuple
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import imageio.v2
import imageio_ffmpeg
import numpy as np
from PIL import Image
from PIL import ImageSequence

from magenta_viz.media import films
from magenta_viz.testing import folder_case
from magenta_viz.testing import testdata

try:
  import resource
except ImportError:  # Windows.
  resource = None  # type: ignore[assignment]

_KINDS = ('.gif', '.mp4')


def _pictures(num: int, height: int = 36, width: int = 52) -> List[np.ndarray]:
  """Returns smooth pictures, each brighter than the one before."""
  y, x = np.mgrid[:height, :width]
  picture = np.stack([y / height, x / width, (y + x) / (height + width)], 2)
  return [picture * (0.3 + 0.7 * i / num) for i in range(num)]


def _read_gif(path: Path) -> Tuple[List[np.ndarray], List[int], Optional[int]]:
  """Returns frames, their milliseconds, and the number of repetitions."""
  pictures, durations = [], []
  with Image.open(path) as image:
    for frame in ImageSequence.Iterator(image):
      pictures.append(np.asarray(frame.convert('RGB')) / 255)
      durations.append(frame.info['duration'])
    return pictures, durations, image.info.get('loop')


def _read_mp4(path: Path) -> Tuple[List[np.ndarray], Dict[str, Any]]:
  """Returns frames, and what the file says of them."""
  reader: Any = imageio.v2.get_reader(path, format='FFMPEG')
  with reader:
    return [frame / 255 for frame in reader.iter_data()], reader.get_meta_data()


def _read(path: Path) -> List[np.ndarray]:
  """Returns the frames of a film."""
  return (_read_gif if path.suffix == '.gif' else _read_mp4)(path)[0]


class _TestCase(folder_case.FolderCase):
  def write(self, name: str, pictures: List[np.ndarray], **more: Any) -> Path:
    path = self.folder / name
    with films.FilmWriter(path, pictures[0].shape[:2], **more) as film:
      for picture in pictures:
        film.write(picture)
    return path


class RoundTripTest(_TestCase):
  @parameterized.product(
    kind=_KINDS,
    size=[(36, 52), (35, 51), (35, 52), (36, 51), (21, 200)],
  )
  def test_frames_and_colors(self, kind: str, size: Tuple[int, int]) -> None:
    pictures = _pictures(6, *size)
    path = self.write(f'a{kind}', pictures)
    self.assertEqual(os.listdir(self.folder), [path.name])
    if kind == '.mp4':
      padding = [(0, size[0] % 2), (0, size[1] % 2), (0, 0)]
      pictures = [np.pad(each, padding, mode='edge') for each in pictures]
    read = _read(path)
    self.assertLen(read, 6)
    for got, picture in zip(read, pictures):
      self.assertEqual(got.shape, picture.shape)
      self.assertLess(np.abs(got - picture).mean(), 5 / 255)

  @parameterized.parameters(*_KINDS)
  def test_flat_colors(self, kind: str) -> None:
    colors = [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1), (0, 0, 0)]
    pictures = [np.full((16, 16, 3), color, np.float32) for color in colors]
    for got, picture in zip(_read(self.write(f'a{kind}', pictures)), pictures):
      np.testing.assert_allclose(got, picture, atol=4 / 255)

  @parameterized.parameters(
    ([40] * 7, [40] * 7),
    ([20] * 7, [20] * 7),
    ([100 / 3] * 7, [30, 40, 30, 30, 40, 30, 30]),
    ([10_000] * 7, [10_000] * 7),
    ([50, 500, 120, 1000], [50, 500, 120, 1000]),
  )
  def test_gif_keeps_the_time_of_each_frame_and_loops(
    self, times: List[float], expected: List[int]
  ) -> None:
    path = self.write('a.gif', _pictures(len(times)), milliseconds=times)
    self.assertEqual(_read_gif(path)[1:], (expected, 0))

  @parameterized.parameters(1, 4)
  def test_gif_of_equal_frames(self, num: int) -> None:
    path = self.write('a.gif', _pictures(1) * num)
    _, durations, _ = _read_gif(path)
    self.assertEqual(sum(durations), 40 * num)

  @parameterized.parameters(
    *(([1000 / rate] * 3, [1, 1, 1], rate) for rate in (25, 12.5, 240)),
    ([10_000] * 3, [1, 1, 1], 0.1),
    # By hand: ticks of 10, 40, 15 and 10 milliseconds.
    ([50, 500, 120, 1000], [5, 50, 12, 100], 100.0),
    ([40, 400, 120], [1, 10, 3], 25.0),
    ([30, 45.0], [2, 3], 66.67),
    ([33.4, 33.3, 13, 11, 12], [3, 4, 1, 1, 1], 100.0),
    # A rate of 0.04 is 0.0 to some.
    ([25_000, 25_000], [2, 2], 0.08),
  )
  def test_mp4_keeps_the_time_of_each_frame_and_tells_its_format(
    self, times: List[float], counts: List[int], rate: float
  ) -> None:
    pictures = [np.full((16, 16, 3), i / len(times)) for i in range(len(times))]
    path = self.write('a.mp4', pictures, milliseconds=times)
    read, about = _read_mp4(path)
    self.assertEqual((about['fps'], about['codec']), (rate, 'h264'))
    self.assertStartsWith(about['pix_fmt'], 'yuv420p')
    levels = [round(each.mean() * len(times)) for each in read]
    self.assertEqual(levels, np.repeat(range(len(times)), counts).tolist())

  @parameterized.parameters(
    (100.0, 1.5, [100, 100, 1600]),
    ([50, 500, 120], 0.73, [50, 500, 850]),
    # The end of equal frames.
    ([40, 40, 40, 40], 1.0, [40, 40, 40, 1040]),
  )
  def test_gif_holds_its_last_frame(
    self, times: Any, hold: float, expected: List[int]
  ) -> None:
    num = len(expected)
    path = self.write('a.gif', _pictures(num), milliseconds=times, hold=hold)
    self.assertEqual(_read_gif(path)[1], expected)
    path = self.write(
      'b.gif', _pictures(1) * num, milliseconds=times, hold=hold
    )
    self.assertEqual(sum(_read_gif(path)[1]), sum(expected))

  @parameterized.parameters(
    (1000 / 24, 1.5, [1, 1, 1 + 36]), ([40, 400, 120], 1.0, [1, 10, 3 + 25])
  )
  def test_mp4_holds_its_last_frame(
    self, times: Any, hold: float, counts: List[int]
  ) -> None:
    pictures = [np.full((16, 15, 3), i / 3) for i in range(3)]
    path = self.write('a.mp4', pictures, milliseconds=times, hold=hold)
    levels = [round(each.mean() * 3) for each in _read_mp4(path)[0]]
    self.assertEqual(levels, np.repeat(range(3), counts).tolist())

  @parameterized.parameters(*_KINDS)
  def test_frames_of_other_sizes(self, kind: str) -> None:
    (small,), (large,) = _pictures(1, 10, 15), _pictures(1, 80, 120)
    (wanted,) = _pictures(1, 40, 60)
    for got in _read(self.write(f'a{kind}', [wanted, small, large])):
      self.assertEqual(got.shape, (40, 60, 3))
      self.assertLess(np.abs(got - wanted).mean(), 5 / 255)

  @parameterized.parameters(*_KINDS)
  def test_replaces_an_old_film(self, kind: str) -> None:
    path = self.folder / f'a{kind.upper()}'
    path.write_bytes(b'old')
    with films.FilmWriter(str(path), (8, 8)) as film:
      film.write(np.zeros((8, 8, 3)))
      self.assertEqual(path.read_bytes(), b'old')
    self.assertEqual(os.listdir(self.folder), [path.name])
    self.assertNotEqual(path.read_bytes(), b'old')


class FailureTest(_TestCase):
  @parameterized.product(
    kind=_KINDS, error=[ValueError, OSError, KeyboardInterrupt], num=[0, 3]
  )
  def test_block_fails(self, kind: str, error: Any, num: int) -> None:
    path = self.folder / f'a{kind}'
    path.write_bytes(b'old')
    with self.assertRaisesRegex(error, '^mine$'):
      with films.FilmWriter(path, (36, 52)) as film:
        for _ in range(num):
          film.write(np.zeros((36, 52, 3)))
        raise error('mine')
    self.assertEqual(os.listdir(self.folder), [path.name])
    self.assertEqual(path.read_bytes(), b'old')

  @parameterized.parameters(*_KINDS)
  def test_bad_picture(self, kind: str) -> None:
    with self.assertRaisesRegex(ValueError, 'NaN'):
      self.write(f'a{kind}', [np.zeros((8, 8, 3)), np.full((8, 8, 3), np.nan)])
    self.assertEmpty(os.listdir(self.folder))

  @parameterized.parameters(*_KINDS)
  def test_no_frames(self, kind: str) -> None:
    path = self.folder / f'a{kind}'
    with self.assertRaisesRegex(ValueError, f"^film '{path}' has no frames; "):
      with films.FilmWriter(path, (8, 8)):
        pass
    self.assertEmpty(os.listdir(self.folder))

  def assert_not_written(self, name: str, reason: str) -> None:
    """Checks the only line of the error, and that no file is left."""
    self.refuses(
      f"^cannot write the film '{self.folder / name}': {reason}.*; its folder "
      'must exist, be .* encoder libx264$',
      self.write,
      name,
      list(np.random.RandomState(0).rand(9, 64, 64, 3)),
      kind=OSError,
    )
    self.assertEmpty(os.listdir(self.folder))

  @parameterized.parameters(*_KINDS)
  def test_missing_folder(self, kind: str) -> None:
    self.assert_not_written(f'none/a{kind}', '[A-Z]')

  @parameterized.parameters(*_KINDS)
  def test_folder_in_the_place(self, kind: str) -> None:
    path = self.folder / f'a{kind}'
    path.mkdir()
    with self.assertRaisesRegex(OSError, f"film '{path}': Is a directory; its"):
      self.write(path.name, _pictures(2))
    self.assertEqual(os.listdir(self.folder), [path.name])

  def test_frames_are_lost(self) -> None:
    with mock.patch.object(
      imageio_ffmpeg, 'count_frames_and_secs', return_value=(7, 0.28)
    ):
      self.assert_not_written('a.mp4', 'only 7 of 9 frames were stored')

  @parameterized.parameters('cat > /dev/null', 'exit 8')
  @absltest.skipIf(os.name == 'nt', 'needs a shell')
  def test_ffmpeg_writes_nothing(self, script: str) -> None:
    program = Path(self.create_tempdir().full_path) / 'ffmpeg'
    program.write_text(f'#!/bin/sh\n{script}\n')
    program.chmod(0o755)
    environment = {'IMAGEIO_FFMPEG_EXE': str(program)}
    with mock.patch.dict(os.environ, environment):
      self.assert_not_written('a.mp4', '.')
      with self.assertRaisesRegex(OSError, '^cannot write .* libx264$'):
        films.check_codec('mp4')

  @parameterized.parameters(*_KINDS)
  @absltest.skipIf(resource is None, 'needs a limit for file sizes')
  def test_film_that_does_not_fit(self, kind: str) -> None:
    with testdata.full_disk(10_000):
      self.assert_not_written(f'a{kind}', '')


class KindTest(_TestCase):
  @parameterized.parameters('.mp4', 'mp4', '.MP4', '.gif', 'gif', 'GIF')
  def test_known(self, kind: str) -> None:
    films.check_codec(kind)

  @parameterized.parameters('', '.avi', 'png')
  def test_unknown(self, kind: str) -> None:
    message = "^unknown kind of film '.*'; take .gif or .mp4$"
    with self.assertRaisesRegex(ValueError, message):
      films.check_codec(kind)
    with self.assertRaisesRegex(ValueError, message):
      films.FilmWriter(f'a{kind}', (8, 8))

  @parameterized.parameters('imageio', 'imageio_ffmpeg', 'program')
  def test_missing(self, what: str) -> None:
    if what == 'program':
      patch: Any = mock.patch.object(
        imageio_ffmpeg, 'get_ffmpeg_exe', side_effect=RuntimeError('None.\n')
      )
    else:
      hidden = {what: None, f'{what}.v2': None}
      patch = mock.patch.dict(sys.modules, hidden)
    message = r"missing; pip install 'magenta_viz\[video\]', or take --animate"
    with patch:
      with self.assertRaisesRegex(OSError, message):
        films.check_codec('mp4')
      with self.assertRaisesRegex(OSError, message):
        self.write('a.mp4', _pictures(2))
      films.check_codec('gif')
      self.write('a.gif', _pictures(2))
    self.assertEqual(os.listdir(self.folder), ['a.gif'])


if __name__ == '__main__':
  absltest.main()
