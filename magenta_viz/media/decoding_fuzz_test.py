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

"""Tests what reading makes of thousands of damaged and of hostile files.

Small good files of every format are damaged by chance, always in the same way:
bits, whole numbers in their heads, parts that are missing, doubled or taken
from others. Nothing but `ValueError` in one sentence may come of it, no more
memory than a bound, and no long work.
"""

import io
from pathlib import Path
import re
import struct
import sys
import time
from typing import Any, Callable, Dict, Iterator, List
import zlib

from absl.testing import absltest
import numpy as np
from PIL import Image

from magenta_viz.media import frames
from magenta_viz.media import image_files
from magenta_viz.testing import folder_case
from magenta_viz.testing import mutations

_STILL_COUNT, _ANIMATED_COUNT = 150, 200

# Of memory: for the pixels that a file may claim, 28 bytes each, and the rest.
_MAX_PIXELS = 2048 * 2048
_MAX_PIXELS_PER_BYTE = 16384
_REST = 30e6

_MAX_SECONDS = 10

# Numbers at which readers go wrong.
_NUMBERS = (0, 1, 2, 255, 256, 2000, 2**15, 2**16 - 1, 2**24, 2**31, 2**32 - 1)


def _picture(mode: str, seed: int = 0) -> Image.Image:
  levels = np.random.RandomState(seed).randint(0, 256, (9, 12, 4), np.uint8)
  if mode == 'I;16':
    return Image.fromarray(levels[:, :, :2].copy().view(np.uint16)[:, :, 0])
  return Image.fromarray(levels).convert(mode)


def _encode(image: Image.Image, file_format: str, **more: Any) -> bytes:
  file = io.BytesIO()
  image.save(file, file_format, **more)
  return file.getvalue()


def _stills() -> Dict[str, bytes]:
  exif = Image.Exif()
  exif[274] = 6
  modes = {
    'BMP': ('1', 'L', 'P', 'RGB'),
    'GIF': ('1', 'L', 'P'),
    'JPEG': ('L', 'RGB', 'CMYK'),
    'PNG': ('1', 'L', 'LA', 'P', 'RGB', 'RGBA', 'I;16'),
    'PPM': ('1', 'L', 'RGB'),
    'TIFF': ('1', 'L', 'P', 'RGB', 'RGBA', 'CMYK', 'I;16'),
    'WEBP': ('RGB', 'RGBA'),
  }
  files = {
    f'{file_format} {mode}': _encode(_picture(mode), file_format)
    for file_format, some in modes.items()
    for mode in some
  }
  rgb, palette = _picture('RGB'), _picture('P')
  files['GIF transparent'] = _encode(palette, 'GIF', transparency=3)
  files['JPEG exif'] = _encode(rgb, 'JPEG', exif=exif)
  files['JPEG progressive'] = _encode(rgb, 'JPEG', progressive=True)
  files['PNG exif'] = _encode(rgb, 'PNG', exif=exif)
  files['PNG transparent'] = _encode(palette, 'PNG', transparency=3)
  files['TIFF exif'] = _encode(rgb, 'TIFF', exif=exif)
  for compression in ('tiff_lzw', 'tiff_deflate', 'packbits', 'jpeg'):
    files[f'TIFF {compression}'] = _encode(rgb, 'TIFF', compression=compression)
  files['TIFF group4'] = _encode(_picture('1'), 'TIFF', compression='group4')
  files['WEBP lossless'] = _encode(rgb, 'WEBP', lossless=True, exif=exif)
  return files


def _animations() -> Dict[str, bytes]:
  more: Dict[str, Any] = {'save_all': True, 'duration': [50, 500, 120]}
  files = {}
  for mode in ('P', 'RGB', 'RGBA'):
    first, *others = (_picture(mode, seed) for seed in range(3))
    for file_format in ('GIF', 'PNG', 'WEBP'):
      files[f'{file_format} {mode}'] = _encode(
        first, file_format, append_images=others, **more
      )
  return files


def _set_number(data: bytes, random: np.random.RandomState) -> bytes:
  """Sets some numbers, mostly in the head, of either order of bytes."""
  for _ in range(random.randint(1, 4)):
    reach = len(data) if random.randint(3) == 0 else min(len(data), 64)
    at, order = random.randint(reach), '<>'[random.randint(2)]
    number = _NUMBERS[random.randint(len(_NUMBERS))]
    if random.randint(2):
      new = struct.pack(f'{order}H', number % 2**16)
    else:
      new = struct.pack(f'{order}I', number)
    data = data[:at] + new + data[at + len(new) :]
  return data


def _with_checksums(data: bytes) -> bytes:
  """Returns a PNG whose parts have the right checksums, as far as it goes."""
  at, parts = 8, [data[:8]]
  while at + 12 <= len(data):
    length = struct.unpack('>I', data[at : at + 4])[0]
    if at + 12 + length > len(data):
      break
    content = data[at + 4 : at + 8 + length]
    crc = struct.pack('>I', zlib.crc32(content))
    parts.append(data[at : at + 4] + content + crc)
    at += 12 + length
  return b''.join([*parts, data[at:]])


def _damaged(data: bytes, seed: int, count: int) -> Iterator[bytes]:
  random = np.random.RandomState(seed)
  for damaged in mutations.all_mutated(data, count):
    if random.randint(2):
      damaged = _set_number(data if random.randint(2) else damaged, random)
    if data.startswith(b'\x89PNG') and random.randint(4):
      damaged = _with_checksums(damaged)
    yield damaged


def _memory(peak: bool) -> int:
  """Returns the most memory since the last call, or begins to count it."""
  # Where the system tells.
  if sys.platform != 'linux':
    return 0
  if not peak:
    Path('/proc/self/clear_refs').write_text('5')
  found = re.search(r'VmHWM:\s+(\d+) kB', Path('/proc/self/status').read_text())
  assert found is not None
  return 1024 * int(found[1])


class FuzzTest(folder_case.FolderCase):
  def setUp(self) -> None:
    super().setUp()
    self.path = self.folder / 'a'

  def _try(self, read: Callable[[Path], Any], data: bytes, name: str) -> bool:
    """Reads a file; returns whether it was read, and not refused."""
    self.path.write_bytes(data)
    before, start = _memory(peak=False), time.monotonic()
    try:
      read(self.path)
      is_read = True
    except ValueError as error:
      is_read = False
      self.assertNotIn('\n', str(error), name)
      self.assertStartsWith(str(error), 'cannot read ', name)
    except Exception as error:
      raise AssertionError(f'{name}: {error!r}') from error
    self.assertLess(time.monotonic() - start, _MAX_SECONDS, name)
    pixels = max(_MAX_PIXELS, _MAX_PIXELS_PER_BYTE * len(data))
    self.assertLess(_memory(peak=True) - before, 28 * pixels + _REST, name)
    return is_read

  def _fuzz(
    self, read: Callable[[Path], Any], files: Dict[str, bytes], count: int
  ) -> None:
    results: List[bool] = []
    for seed, (name, good) in enumerate(files.items()):
      self.assertTrue(self._try(read, good, name), name)
      for number, data in enumerate(_damaged(good, seed, count)):
        results.append(self._try(read, data, f'{name}, {number}'))
    # Damage shows in many, and is not such that no decoder is reached.
    self.assertBetween(np.mean(results), 0.02, 0.7)

  def test_stills(self) -> None:
    self._fuzz(image_files.read_image, _stills(), _STILL_COUNT)

  def test_animations(self) -> None:
    def read(path: Path) -> None:
      frames.is_sequence(path)
      with frames.open_frames(path) as sequence:
        sequence.read(sequence.num_frames - 1)

    self._fuzz(read, _animations(), _ANIMATED_COUNT)


if __name__ == '__main__':
  absltest.main()
