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

"""Tests for image_files."""

import io
import os
from pathlib import Path
import struct
from typing import Any
import zlib

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image

from magenta_viz.media import image_files
from magenta_viz.testing import folder_case

_PIXELS = np.random.RandomState(0).randint(0, 256, (5, 7, 3), np.uint8)
_IMAGE = _PIXELS / np.float32(255)
_FLAT = np.full((9, 5, 3), (200, 100, 50), np.uint8)
_LEVELS_16 = np.array([[0, 128, 300], [25700, 40000, 65535]], np.uint16)


class ToUint8Test(parameterized.TestCase):
  @parameterized.parameters(
    (0.0, 0),
    (1.0, 255),
    (-0.3, 0),
    (1e30, 255),
    (0.49 / 255, 0),
    (0.51 / 255, 1),
    (253.51 / 255, 254),
    (254.49 / 255, 254),
    (254.51 / 255, 255),
  )
  def test_clips_and_rounds(self, value: float, expected: int) -> None:
    for dtype in (np.float32, np.float64):
      got = image_files.to_uint8(np.full((2, 3, 3), value, dtype))
      np.testing.assert_array_equal(got, np.full((2, 3, 3), expected))
      self.assertEqual(got.dtype, np.uint8)

  @parameterized.parameters(np.float16, np.float32, np.float64)
  def test_keeps_every_level(self, dtype: Any) -> None:
    levels = np.arange(256).repeat(3).reshape(16, 16, 3)
    image = (levels / 255).astype(dtype)
    np.testing.assert_array_equal(image_files.to_uint8(image), levels)

  @parameterized.parameters(
    *(
      (np.zeros(shape, np.float32), r'has shape \[.*\]; it must be')
      for shape in ((4, 5), (4, 5, 1), (4, 5, 4), (1, 4, 5, 3), (0, 5, 3))
    ),
    *(
      (np.zeros((4, 5, 3), dtype), 'has type .*; it must be floating')
      for dtype in (np.uint8, np.int64, np.bool_, np.complex64)
    ),
    *(
      (np.array([0, value, 1] * 2).reshape(1, 2, 3), 'has 2 values of 6 that')
      for value in (np.nan, np.inf, -np.inf)
    ),
  )
  def test_refuses(self, image: np.ndarray, message: str) -> None:
    with self.assertRaisesRegex(ValueError, message):
      image_files.to_uint8(image)


class PngTest(folder_case.FolderCase):
  def test_pixels_and_text(self) -> None:
    text = {'b': 'tabby, tabby cat', 'a': 'line 1\nline 2', 'x': '猫'}
    data = image_files.encode_png(_IMAGE, text)
    with Image.open(io.BytesIO(data)) as image:
      self.assertEqual((image.format, image.mode), ('PNG', 'RGB'))
      np.testing.assert_array_equal(np.asarray(image), _PIXELS)
      self.assertEqual(image.info, text)
    again = image_files.encode_png(_IMAGE.copy(order='F'), dict(text))
    self.assertEqual(data, again)

  def test_write_and_read(self) -> None:
    path = self.folder / 'a.png'
    image_files.write_png(path, _IMAGE)
    self.assertEqual(path.read_bytes(), image_files.encode_png(_IMAGE))
    read = image_files.read_image(path)
    self.assertEqual(read.dtype, np.float32)
    np.testing.assert_array_equal(read, _IMAGE)

  def test_nothing_is_written_of_a_bad_picture(self) -> None:
    with self.assertRaises(ValueError):
      image_files.write_png(self.folder / 'a.png', np.full((2, 2, 3), np.nan))
    self.assertEmpty(list(self.folder.iterdir()))


def _image(*pixels: Any) -> Image.Image:
  """Returns a picture of one row."""
  return Image.fromarray(np.array([pixels], np.uint8))


def _palette() -> Image.Image:
  image = Image.fromarray(np.array([[0, 1, 2]], np.uint8), 'L').convert('P')
  image.putpalette([255, 0, 0, 0, 128, 0, 1, 2, 3])
  return image


class ReadImageTest(folder_case.FolderCase):
  def _read(self, image: Image.Image, name: str, **options: Any) -> np.ndarray:
    image.save(self.folder / name, **options)
    got = image_files.read_image(self.folder / name)
    self.assertEqual(got.dtype, np.float32)
    self.assertEqual(got.shape, (got.shape[0], got.shape[1], 3))
    return got

  @parameterized.parameters(
    *(('a.' + each, _IMAGE, 1e-7) for each in ('png', 'bmp', 'ppm', 'tiff')),
    # The content tells the format, not the name.
    ('a.dat', _IMAGE, 1e-7, {'format': 'PNG'}),
    ('a.jpg', _FLAT / 255, 0.02, {'quality': 95}),
    ('a.webp', _FLAT / 255, 0.02, {'quality': 95}),
  )
  def test_formats(
    self, name: str, expected: np.ndarray, atol: float, options: Any = None
  ) -> None:
    image = Image.fromarray(np.rint(expected * 255).astype(np.uint8))
    got = self._read(image, name, **(options or {}))
    np.testing.assert_allclose(got, expected, atol=atol)

  @parameterized.parameters(
    # What is transparent shows white, in part or all.
    (
      _image([255, 0, 0, 255], [255, 0, 0, 0], [0, 0, 0, 51]),
      [[1, 0, 0], [1, 1, 1], [0.8, 0.8, 0.8]],
    ),
    (_image([100, 255], [100, 0]), [[100 / 255] * 3, [1, 1, 1]]),
    (_image(0, 255, 7), [[0] * 3, [1] * 3, [7 / 255] * 3]),
    (_image(0, 255, 255).convert('1'), [[0] * 3, [1] * 3, [1] * 3]),
    (_palette(), [[1, 0, 0], [0, 128 / 255, 0], [1, 1, 1]], 'a.png', 2),
    (_palette(), [[1, 0, 0], [0, 128 / 255, 0], [1, 1, 1]], 'a.gif', 2),
    (
      Image.fromarray(_LEVELS_16[:1]),
      (_LEVELS_16[0, :, None] / 65535).repeat(3, 1),
    ),
    (
      Image.fromarray(_LEVELS_16[1:]),
      (_LEVELS_16[1, :, None] / 65535).repeat(3, 1),
      'a.tiff',
    ),
  )
  def test_pixels(
    self,
    image: Image.Image,
    row: Any,
    name: str = 'a.png',
    transparency: Any = None,
  ) -> None:
    more = {} if transparency is None else {'transparency': transparency}
    got = self._read(image, name, **more)
    np.testing.assert_allclose(got, [row], atol=1e-6)

  @parameterized.parameters('a.tiff', 'a.jpg')
  def test_cmyk(self, name: str) -> None:
    image = Image.new('CMYK', (8, 8), (0, 255, 255, 0))
    got = self._read(image, name)
    np.testing.assert_allclose(got, np.full((8, 8, 3), (1, 0, 0)), atol=0.02)

  @parameterized.parameters(8, 16)
  def test_transparent_grey(self, bits: int) -> None:
    levels = np.array([[1, 2, 3]], np.uint16)
    pixels = levels.astype(np.uint8) if bits == 8 else 257 * levels
    path = self.folder / 'a.png'
    Image.fromarray(pixels).save(path)
    data = path.read_bytes()
    chunk = b'tRNS' + struct.pack('>H', pixels[0, 1])
    chunk = struct.pack('>I', 2) + chunk + struct.pack('>I', zlib.crc32(chunk))
    at = data.index(b'IDAT') - 4
    path.write_bytes(data[:at] + chunk + data[at:])
    got = image_files.read_image(path)
    np.testing.assert_allclose(got[0, :, 1], [1 / 255, 1, 3 / 255], atol=1e-6)

  @parameterized.product(
    # Mirrored and turned, by EXIF 2.3, section 4.6.4: where the first row and
    # the first column of the file belong.
    case=[
      (1, lambda a: a),
      (2, lambda a: a[:, ::-1]),
      (3, lambda a: a[::-1, ::-1]),
      (4, lambda a: a[::-1]),
      (5, lambda a: a.swapaxes(0, 1)),
      (6, lambda a: a.swapaxes(0, 1)[:, ::-1]),
      (7, lambda a: a[::-1, ::-1].swapaxes(0, 1)),
      (8, lambda a: a.swapaxes(0, 1)[::-1]),
    ],
    bits=[8, 16],
    name=['a.png', 'a.tiff'],
  )
  def test_orientation(self, case: Any, bits: int, name: str) -> None:
    orientation, upright = case
    pixels, image = _PIXELS, Image.fromarray(_PIXELS)
    if bits == 16:
      image = Image.fromarray(pixels[:, :, 0].astype(np.uint16) * 257)
      pixels = pixels[:, :, :1].repeat(3, axis=2)
    exif = Image.Exif()
    exif[274] = orientation
    got = self._read(image, name, exif=exif)
    np.testing.assert_allclose(got, upright(pixels) / 255, atol=1e-6)

  def test_damaged_exif(self) -> None:
    image = Image.fromarray(_PIXELS)
    got = self._read(image, 'a.png', exif=b'Exif\0\0MM\1')
    np.testing.assert_array_equal(got, _IMAGE)

  def test_photo_of_a_phone_with_its_preview(self) -> None:
    Image.init()
    if 'MPO' not in Image.SAVE_ALL:
      self.skipTest('needs Pillow 9.3 or later, to write such a file')
    photo = Image.new('RGB', (16, 8), 'red')
    preview = Image.new('RGB', (8, 8), 'blue')
    got = self._read(
      photo, 'a.mpo', save_all=True, append_images=[preview], quality=95
    )
    np.testing.assert_allclose(got, np.full((8, 16, 3), (1, 0, 0)), atol=0.02)

  @parameterized.parameters('a.gif', 'a.png', 'a.webp', 'a.tiff')
  def test_several_frames(self, name: str) -> None:
    first, *others = (
      Image.new('RGB', (8, 8), each) for each in ('red', 'blue')
    )
    message = 'it is animated or has several'
    more = {'save_all': True, 'append_images': others}
    self.refuses(message, self._read, first, name, **more)

  @parameterized.parameters(
    (np.zeros((2, 3), np.float32), 'it has floating-point values'),
    (np.full((2, 3), 70000, np.int32), 'it has grey values beyond 16 bits'),
    (np.full((2, 3), -1, np.int32), 'it has grey values beyond 16 bits'),
  )
  def test_values_of_unknown_range(
    self, pixels: np.ndarray, message: str
  ) -> None:
    self.refuses(message, self._read, Image.fromarray(pixels), 'a.tiff')

  @parameterized.parameters('a.png', 'a.jpg', 'a.gif', 'a.bmp', 'a.webp')
  def test_truncated(self, name: str) -> None:
    path = self.folder / name
    noise = np.random.RandomState(0).randint(0, 256, (40, 50, 3), np.uint8)
    Image.fromarray(noise).save(path)
    data = path.read_bytes()
    for length in (1, 20, len(data) // 2, len(data) * 3 // 4):
      path.write_bytes(data[:length])
      message = rf"^cannot read '{path}' as a picture \(.*TIFF, WEBP$"
      self.refuses(message, image_files.read_image, path)

  @parameterized.parameters(b'', b'{"a": 1}\n', b'%!PS-Adobe-3.0 EPSF-3.0\n')
  def test_no_picture(self, data: bytes) -> None:
    path = self.folder / 'a.png'
    path.write_bytes(data)
    message = rf"^cannot read '{path}' as a picture \(its format is unknown\); "
    self.refuses(message, image_files.read_image, path)

  @absltest.skipIf(os.name == 'nt', 'needs pipes and devices')
  def test_no_plain_file(self) -> None:
    pipe, device = self.folder / 'a.png', Path('/dev/zero')
    # One waits for a writer, the other has no end.
    os.mkfifo(pipe)
    for path, message, kind in (
      (pipe, 'it is no plain file; ', ValueError),
      (device, 'it is no plain file; ', ValueError),
      (self.folder / 'none', 'No such file .*; name', FileNotFoundError),
      (self.folder, '(Is a directory|Permission denied); name', OSError),
    ):
      message = f"^cannot read the picture '{path}': {message}"
      self.refuses(message, image_files.read_image, str(path), kind=kind)


if __name__ == '__main__':
  absltest.main()
