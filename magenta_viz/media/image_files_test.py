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
from typing import Any, Tuple
import zlib

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image

from magenta_viz.media import image_files

# EXIF's tag of the orientation.
_ORIENTATION = 274


def _random_uint8(height: int = 5, width: int = 7) -> np.ndarray:
  return np.random.RandomState(0).randint(
    0, 256, (height, width, 3), dtype=np.uint8
  )


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
    ((4, 5),), ((4, 5, 1),), ((4, 5, 4),), ((1, 4, 5, 3),), ((0, 5, 3),)
  )
  def test_refuses_shapes(self, shape: Tuple[int, ...]) -> None:
    with self.assertRaisesRegex(ValueError, r'has shape \[.*\]; it must be'):
      image_files.to_uint8(np.zeros(shape, np.float32))

  @parameterized.parameters(np.uint8, np.int64, np.bool_, np.complex64)
  def test_refuses_types(self, dtype: Any) -> None:
    with self.assertRaisesRegex(ValueError, 'has type .*; it must be floating'):
      image_files.to_uint8(np.zeros((4, 5, 3), dtype))

  @parameterized.parameters(np.nan, np.inf, -np.inf)
  def test_refuses_what_is_not_finite(self, value: float) -> None:
    image = np.zeros((4, 5, 3), np.float32)
    image[1, 2, 0] = image[3, 4, 2] = value
    with self.assertRaisesRegex(ValueError, 'has 2 values of 60 that are NaN'):
      image_files.to_uint8(image)


class PngTest(absltest.TestCase):
  def test_pixels_and_mode(self) -> None:
    pixels = _random_uint8()
    data = image_files.encode_png(pixels / np.float32(255))
    with Image.open(io.BytesIO(data)) as image:
      self.assertEqual((image.format, image.mode), ('PNG', 'RGB'))
      np.testing.assert_array_equal(np.asarray(image), pixels)

  def test_same_bytes_every_time(self) -> None:
    image = _random_uint8() / np.float32(255)
    text = {'b': '1', 'a': '2'}
    self.assertEqual(
      image_files.encode_png(image, text),
      image_files.encode_png(image.copy(order='F'), dict(text)),
    )

  def test_text(self) -> None:
    text = {'Title': 'tabby, tabby cat', 'Command': 'line 1\nline 2', 'x': '猫'}
    data = image_files.encode_png(np.zeros((2, 3, 3)), text)
    with Image.open(io.BytesIO(data)) as image:
      self.assertEqual(image.info, text)

  def test_write_and_read(self) -> None:
    path = Path(self.create_tempdir().full_path) / 'a.png'
    image = _random_uint8() / np.float32(255)
    image_files.write_png(path, image)
    self.assertEqual(path.read_bytes(), image_files.encode_png(image))
    read = image_files.read_image(path)
    self.assertEqual(read.dtype, np.float32)
    np.testing.assert_array_equal(read, image)

  def test_nothing_is_written_of_a_bad_picture(self) -> None:
    path = Path(self.create_tempdir().full_path) / 'a.png'
    with self.assertRaises(ValueError):
      image_files.write_png(path, np.full((2, 2, 3), np.nan))
    self.assertFalse(path.exists())


class ReadImageTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)

  def _read(self, image: Image.Image, name: str, **options: Any) -> np.ndarray:
    image.save(self.folder / name, **options)
    got = image_files.read_image(self.folder / name)
    self.assertEqual(got.dtype, np.float32)
    self.assertEqual(got.shape, (got.shape[0], got.shape[1], 3))
    return got

  @parameterized.parameters('a.png', 'a.bmp', 'a.ppm', 'a.tiff', 'a.dat')
  def test_formats_without_loss(self, name: str) -> None:
    pixels = _random_uint8()
    # The content tells the format, not the name.
    got = self._read(
      Image.fromarray(pixels), name, format='PNG' if name == 'a.dat' else None
    )
    np.testing.assert_array_equal(got, pixels / np.float32(255))

  @parameterized.parameters('a.jpg', 'a.webp')
  def test_formats_with_loss(self, name: str) -> None:
    pixels = np.full((9, 5, 3), (200, 100, 50), np.uint8)
    got = self._read(Image.fromarray(pixels), name, quality=95)
    np.testing.assert_allclose(got, pixels / np.float32(255), atol=0.02)

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
    pixels = _random_uint8()
    image = Image.fromarray(pixels)
    if bits == 16:
      grey = pixels[:, :, 0].astype(np.uint16) * 257
      image = Image.fromarray(grey)
      pixels = pixels[:, :, :1].repeat(3, axis=2)
    exif = Image.Exif()
    exif[_ORIENTATION] = orientation
    got = self._read(image, name, exif=exif)
    np.testing.assert_allclose(got, upright(pixels) / 255, atol=1e-6)

  def test_transparent_shows_white(self) -> None:
    rgba = np.array([[[255, 0, 0, 255], [255, 0, 0, 0], [0, 0, 0, 51]]])
    got = self._read(Image.fromarray(rgba.astype(np.uint8)), 'a.png')
    expected = np.array([[[1, 0, 0], [1, 1, 1], [0.8, 0.8, 0.8]]])
    np.testing.assert_allclose(got, expected, atol=1e-6)

  def test_grey_with_transparency(self) -> None:
    pixels = np.array([[[100, 255], [100, 0]]], np.uint8)
    got = self._read(Image.fromarray(pixels), 'a.png')
    np.testing.assert_allclose(got[0, :, 0], [100 / 255, 1.0], atol=1e-6)

  @parameterized.parameters('L', '1')
  def test_grey(self, mode: str) -> None:
    pixels = np.array([[0, 255, 0], [255, 255, 0]], np.uint8)
    got = self._read(Image.fromarray(pixels).convert(mode), 'a.png')
    np.testing.assert_array_equal(
      got, pixels[:, :, np.newaxis].repeat(3, 2) / 255
    )

  @parameterized.parameters('a.png', 'a.tiff')
  def test_grey_of_16_bits(self, name: str) -> None:
    pixels = np.array([[0, 128, 300], [25700, 40000, 65535]], np.uint16)
    got = self._read(Image.fromarray(pixels), name)
    for channel in range(3):
      np.testing.assert_allclose(got[:, :, channel], pixels / 65535, atol=1e-6)

  @parameterized.parameters('a.png', 'a.gif')
  def test_palette_with_transparency(self, name: str) -> None:
    image = Image.fromarray(np.array([[0, 1, 2]], np.uint8), 'L').convert('P')
    image.putpalette([255, 0, 0, 0, 128, 0, 1, 2, 3])
    got = self._read(image, name, transparency=2)
    expected = np.array([[[1, 0, 0], [0, 128 / 255, 0], [1, 1, 1]]])
    np.testing.assert_allclose(got, expected, atol=1e-6)

  @parameterized.parameters('a.tiff', 'a.jpg')
  def test_cmyk(self, name: str) -> None:
    image = Image.new('CMYK', (8, 8), (0, 255, 255, 0))
    got = self._read(image, name)
    np.testing.assert_allclose(got, np.full((8, 8, 3), (1, 0, 0)), atol=0.02)

  @parameterized.parameters('a.gif', 'a.png', 'a.webp', 'a.tiff')
  def test_several_frames(self, name: str) -> None:
    frames = [Image.new('RGB', (8, 8), c) for c in ('red', 'green', 'blue')]
    with self.assertRaisesRegex(ValueError, 'it is animated or has several'):
      self._read(frames[0], name, save_all=True, append_images=frames[1:])

  def test_photo_of_a_phone_with_its_preview(self) -> None:
    Image.init()
    if 'MPO' not in Image.SAVE_ALL:
      self.skipTest('needs Pillow 9.3 or later, to write such a file')
    photo = Image.new('RGB', (16, 8), 'red')
    preview = Image.new('RGB', (8, 8), 'blue')
    data = io.BytesIO()
    preview.save(data, 'JPEG')
    got = self._read(
      photo, 'a.mpo', save_all=True, append_images=[preview], quality=95
    )
    np.testing.assert_allclose(got, np.full((8, 16, 3), (1, 0, 0)), atol=0.02)

  def test_values_of_unknown_range(self) -> None:
    for pixels, message in (
      (np.zeros((2, 3), np.float32), 'it has floating-point values'),
      (np.full((2, 3), 70000, np.int32), 'it has grey values beyond 16 bits'),
      (np.full((2, 3), -1, np.int32), 'it has grey values beyond 16 bits'),
    ):
      with self.subTest(message):
        with self.assertRaisesRegex(ValueError, message):
          self._read(Image.fromarray(pixels), 'a.tiff')

  @parameterized.parameters('a.png', 'a.jpg', 'a.gif', 'a.bmp', 'a.webp')
  def test_truncated(self, name: str) -> None:
    path = self.folder / name
    Image.fromarray(_random_uint8(40, 50)).save(path)
    data = path.read_bytes()
    for length in (1, 20, len(data) // 2, len(data) * 3 // 4):
      path.write_bytes(data[:length])
      with self.assertRaises(ValueError) as caught:
        image_files.read_image(path)
      message = str(caught.exception)
      self.assertStartsWith(message, f"cannot read '{path}' as a picture (")
      self.assertEndsWith(message, 'TIFF, WEBP')
      self.assertNotIn('\n', message)

  @parameterized.parameters(b'', b'{"a": 1}\n', b'%!PS-Adobe-3.0 EPSF-3.0\n')
  def test_no_picture(self, data: bytes) -> None:
    path = self.folder / 'a.png'
    path.write_bytes(data)
    with self.assertRaisesRegex(
      ValueError,
      f"^cannot read '{path}' as a picture \\(its format is unknown\\); ",
    ):
      image_files.read_image(path)

  def test_missing(self) -> None:
    path = self.folder / 'none.png'
    with self.assertRaisesRegex(
      FileNotFoundError,
      f"^cannot read the picture '{path}': No such file or directory; name",
    ):
      image_files.read_image(str(path))

  @absltest.skipIf(os.name == 'nt', 'needs pipes and devices')
  def test_no_plain_file(self) -> None:
    pipe, link = self.folder / 'a.png', self.folder / 'b.png'
    # One waits for a writer, the other has no end.
    os.mkfifo(pipe)
    link.symlink_to('/dev/zero')
    for path in (pipe, link):
      with self.assertRaisesRegex(
        ValueError, f"^cannot read the picture '{path}': it is no plain file; "
      ):
        image_files.read_image(path)

  def test_damaged_exif(self) -> None:
    pixels = _random_uint8()
    Image.fromarray(pixels).save(self.folder / 'a.png', exif=b'Exif\0\0MM\1')
    got = image_files.read_image(self.folder / 'a.png')
    np.testing.assert_array_equal(got, pixels / np.float32(255))

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

  def test_folder(self) -> None:
    with self.assertRaisesRegex(OSError, '^cannot read the picture '):
      image_files.read_image(self.folder)


if __name__ == '__main__':
  absltest.main()
