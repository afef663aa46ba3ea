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

"""Tests for decoding: limits; what is decoded is in `image_files_test`."""

import base64
import io
from pathlib import Path
import struct
import subprocess
import sys
from typing import Any
from unittest import mock
import zlib

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image

from magenta_viz.files import free_memory
from magenta_viz.media import decoding

_SIDE = 3000

# Prints by how many bytes a picture's pixel raised the peak.
_MEASURE = f"""
import re, sys
from magenta_viz.media import decoding

def peak():
  # What getrusage says is at least what the parent took.
  with open('/proc/self/status') as status:
    return 1024 * int(re.search(r'VmHWM:\\s+(\\d+) kB', status.read())[1])

with open(sys.argv[1], 'rb') as file:
  decoding.open_picture(file)
  before = peak()
  decoding.decode(file)
print((peak() - before) / {_SIDE}**2)
"""


def _encode(image: Image.Image, file_format: str, **more: Any) -> bytes:
  file = io.BytesIO()
  image.save(file, file_format, **more)
  return file.getvalue()


def _png_that_claims(height: int, width: int) -> bytes:
  """Returns a PNG file of one pixel that claims to have others."""
  data = _encode(Image.new('L', (1, 1)), 'PNG')
  head = b'IHDR' + struct.pack('>II', width, height) + data[24:29]
  crc = struct.pack('>I', zlib.crc32(head))
  return data[:12] + head + crc + data[33:]


class LimitsTest(parameterized.TestCase):
  def _refuses(self, data: bytes, message: str) -> None:
    with self.assertRaisesRegex(ValueError, message):
      decoding.decode(io.BytesIO(data))

  def test_more_pixels_than_bytes_can_hold(self) -> None:
    # 35 bytes that claim 13,000 pixels a side.
    gif = base64.b64decode('R0lGODlhyDLIMoAAAAAAAAAAACwAAAAAAQABAAACAkwBADs=')
    self._refuses(
      gif, '^it claims 13000 x 13000 pixels in 35 bytes, which cannot hold so'
    )
    self._refuses(
      _png_that_claims(2049, 2143), '^it claims 2049 x 2143 pixels in 67 bytes'
    )

  @parameterized.parameters(0, 1, 2)
  def test_frames_of_a_gif_that_are_larger_than_the_first(
    self, frame: int
  ) -> None:
    stills = [Image.new('L', (6, 4), level) for level in (0, 99, 200)]
    data = _encode(stills[0], 'GIF', save_all=True, append_images=stills[1:])
    head = b',' + struct.pack('<4H', 0, 0, 6, 4)
    parts = data.split(head)
    self.assertLen(parts, 4)
    large = b',' + struct.pack('<4H', 0, 1, 13_000, 9_000)
    heads = [large if i == frame else head for i in range(3)]
    data = b''.join(a + b for a, b in zip(parts, [*heads, b'']))
    with mock.patch('PIL.Image.core.fill') as fill:
      with self.assertRaisesRegex(
        ValueError, '^it claims 9001 x 13000 pixels '
      ):
        decoding.open_picture(io.BytesIO(data))
    fill.assert_not_called()

  def test_as_many_frames_as_bytes_can_hold(self) -> None:
    data = _encode(
      Image.new('L', (2000, 2000)),
      'PNG',
      save_all=True,
      append_images=[Image.new('L', (2000, 2000), 1)],
    )
    at = data.index(b'acTL')
    many = b'acTL' + struct.pack('>II', 10**6, 0)
    many += struct.pack('>I', zlib.crc32(many))
    with self.assertRaisesRegex(
      ValueError, '^it claims 1000000 frames of 2000 x 2000 pixels in'
    ):
      decoding.open_picture(io.BytesIO(data[:at] + many + data[at + 16 :]))

  def test_more_pixels_than_may_be(self) -> None:
    for height, width in ((16385, 16384), (2**31 - 1, 2**31 - 1)):
      self._refuses(
        _png_that_claims(height, width),
        f'^it is {height} x {width} pixels; 268435456 pixels are the most$',
      )

  def test_blank_pictures_may_be_as_large_as_any(self) -> None:
    # Of deflate's best, which is known not to be checked on 3.5 GB.
    num_bytes = decoding.MAX_PIXELS // 8256
    with mock.patch.object(free_memory, 'free_bytes', return_value=10**10):
      decoding.check_size((16384, 16384), num_bytes)

  def test_more_than_fits_in_memory(self) -> None:
    data = _encode(Image.new('RGB', (1000, 1000)), 'PNG')
    with mock.patch.object(decoding, '_SMALL_BYTES', 0):
      needed = 16 * 1000 * 1000 + len(data)
      with mock.patch.object(free_memory, 'free_bytes', return_value=needed):
        decoding.decode(io.BytesIO(data))
      with mock.patch.object(
        free_memory, 'free_bytes', return_value=needed - 1
      ):
        self._refuses(
          data, '^to read it takes 0.0 GB of memory, and 0.0 GB are free$'
        )

  def test_larger_files_than_may_be(self) -> None:
    with mock.patch.object(decoding, '_MAX_BYTES', 66):
      self._refuses(
        _png_that_claims(1, 1), '^it has 67 bytes; 66 are the most$'
      )

  @parameterized.parameters('PNG', 'TIFF', 'JPEG', 'BMP', 'PPM', 'WEBP', 'GIF')
  def test_no_limit_but_ours(self, file_format: str) -> None:
    data = _encode(Image.new('L', (1500, 1500), 7), file_format)
    # Pillow raises at twice as many, and warns at more.
    with mock.patch.object(Image, 'MAX_IMAGE_PIXELS', 1500 * 1500 - 1):
      got = decoding.decode(io.BytesIO(data))
    np.testing.assert_allclose(got, np.full((1500, 1500, 3), 7), atol=1)


@absltest.skipUnless(sys.platform == 'linux', 'needs the peak of memory')
class MemoryTest(parameterized.TestCase):
  @parameterized.parameters(
    ('PNG', 'RGB', 1, 16),
    ('PNG', 'RGB', 6, 16),
    ('PNG', 'RGBA', 1, 16),
    ('PNG', 'P', 1, 13),
    ('PNG', 'L', 1, 13),
    ('JPEG', 'RGB', 8, 16),
    ('JPEG', 'CMYK', 1, 16),
    ('GIF', 'P', 1, 13),
    ('TIFF', 'RGB', 6, 16),
    ('WEBP', 'RGB', 1, 28),
  )
  def test_takes_little_more_than_its_result(
    self, file_format: str, mode: str, orientation: int, expected: int
  ) -> None:
    path = Path(self.create_tempdir().full_path) / 'a'
    exif = Image.Exif()
    exif[274] = orientation
    ramp = np.arange(_SIDE * _SIDE * 3, dtype=np.uint32) // 7
    image = Image.fromarray(ramp.astype(np.uint8).reshape(_SIDE, _SIDE, 3))
    more = {'exif': exif} if orientation > 1 else {}
    path.write_bytes(_encode(image.convert(mode), file_format, **more))
    result = subprocess.run(
      [sys.executable, '-c', _MEASURE, str(path)],
      cwd=Path(__file__).parents[2],
      stdout=subprocess.PIPE,
      check=True,
    )
    # The file, a block of rows, and what the interpreter itself takes.
    constant = path.stat().st_size + 30e6
    self.assertLess(float(result.stdout), expected + constant / _SIDE**2)


if __name__ == '__main__':
  absltest.main()
