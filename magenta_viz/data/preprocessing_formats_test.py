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

"""Tests that training sees what drawing sees, in files of every kind."""

from pathlib import Path
from typing import Any, Dict, Iterator, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image
import tensorflow as tf

from magenta_viz.data import preprocessing
from magenta_viz.media import decoding
from magenta_viz.media import image_files

_HEIGHT, _WIDTH = 19, 26

# The whole picture, enlarged, so that every pixel shows.
_SEE = preprocessing.Preprocessing(
  size=32,
  is_training=True,
  min_area=1.0,
  min_aspect=0.01,
  max_aspect=100.0,
  mirror_probability=0.0,
  distort_colour=False,
)

_MODES = {
  'BMP': ('1', 'L', 'P', 'RGB', 'RGBA'),
  'GIF': ('1', 'L', 'P'),
  'JPEG': ('L', 'RGB', 'CMYK'),
  'PNG': ('1', 'L', 'LA', 'P', 'RGB', 'RGBA', 'I;16'),
  'PPM': ('1', 'L', 'RGB'),
  'TIFF': ('1', 'L', 'LA', 'P', 'RGB', 'RGBA', 'CMYK', 'I;16'),
  'WEBP': ('RGB', 'RGBA'),
}

# Of the modes that they differ for, where a file can say that it lies.
_TURNED = {
  'JPEG': ('L', 'RGB', 'CMYK'),
  'PNG': ('P', 'RGB', 'I;16'),
  'TIFF': ('RGB', 'I;16'),
  'WEBP': ('RGB', 'RGBA'),
}

_OTHERS: Tuple[Tuple[str, str, Dict[str, Any]], ...] = (
  ('GIF', 'P', {'transparency': 3}),
  ('PNG', 'P', {'transparency': 3}),
  ('PNG', 'P', {'transparency': bytes(range(0, 256, 2))}),
  ('PNG', 'L', {'transparency': 80}),
  ('PNG', 'RGB', {'transparency': (80, 90, 100)}),
  ('JPEG', 'RGB', {'progressive': True}),
  ('JPEG', 'RGB', {'keep_rgb': True}),
  *(('JPEG', 'RGB', {'subsampling': each}) for each in (0, 1, 2)),
  ('TIFF', 'RGB', {'compression': 'tiff_lzw'}),
  ('TIFF', 'RGB', {'compression': 'jpeg'}),
  ('TIFF', '1', {'compression': 'group4'}),
  ('WEBP', 'RGB', {'lossless': True}),
)


def _cases() -> Iterator[Tuple[str, str, Dict[str, Any]]]:
  for file_format, modes in _MODES.items():
    for mode in modes:
      yield file_format, mode, {}
  for file_format, modes in _TURNED.items():
    for mode in modes:
      for orientation in range(1, 9):
        exif = Image.Exif()
        exif[274] = orientation
        yield file_format, mode, {'exif': exif}
  yield from _OTHERS


def _picture(mode: str) -> Image.Image:
  """Returns a picture with noise in every channel."""
  noise = np.random.RandomState(0).randint(0, 256, (_HEIGHT, _WIDTH, 4))
  if mode == 'I;16':
    return Image.fromarray((noise[..., 0] * 257).astype(np.uint16))
  return Image.fromarray(noise.astype(np.uint8)).convert(mode)


class FormatsTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.path = Path(self.create_tempdir().full_path) / 'a'

  def _assert_same(self) -> None:
    image = image_files.read_image(self.path)
    expected = tf.image.resize(image, [_SEE.size, _SEE.size])
    data = tf.constant(self.path.read_bytes())
    for see in (_SEE, tf.function(_SEE.__call__)):
      got = see(data, tf.constant([0, 0], tf.int64))
      np.testing.assert_allclose(got, expected, atol=1e-6)

  @parameterized.parameters(*_cases())
  def test_same(
    self, file_format: str, mode: str, more: Dict[str, Any]
  ) -> None:
    _picture(mode).save(self.path, file_format, **more)
    self._assert_same()

  def test_16_bits_that_not_every_pillow_writes(self) -> None:
    noise = np.random.RandomState(0).randint(0, 65536, (_HEIGHT, _WIDTH, 3))
    png = tf.io.encode_png(noise.astype(np.uint16))
    self.path.write_bytes(png.numpy())
    self._assert_same()
    levels = np.asarray(_picture('I;16')).astype('>u2')
    head = f'P5 {_WIDTH} {_HEIGHT} 65535\n'.encode()
    self.path.write_bytes(head + levels.tobytes())
    self._assert_same()

  def test_photo_of_a_phone_with_its_preview(self) -> None:
    Image.init()
    if 'MPO' not in Image.SAVE_ALL:
      self.skipTest('needs Pillow 9.3 or later, to write such a file')
    preview = Image.new('RGB', (8, 8), 'blue')
    _picture('RGB').save(
      self.path, 'MPO', save_all=True, append_images=[preview]
    )
    self._assert_same()

  def test_turned_boxes(self) -> None:
    exif = Image.Exif()
    exif[274] = 6
    _picture('RGB').save(self.path, 'PNG', exif=exif)
    see = preprocessing.Preprocessing(5, is_training=False)
    image = image_files.read_image(self.path)
    self.assertEqual(image.shape, (_WIDTH, _HEIGHT, 3))
    expected = tf.image.resize(tf.image.central_crop(image, 0.875), [5, 5])
    got = see(tf.constant(self.path.read_bytes()), tf.constant([0, 0]))
    np.testing.assert_allclose(got, expected, atol=1e-6)

  @parameterized.parameters(
    # How wide and how high a colour's pixel is, of what a file of the same
    # number of blocks is written with.
    *((1, 1, 0), (2, 1, 1), (1, 2, 1), (2, 2, 2), (4, 1, 2), (1, 4, 2)),
  )
  def test_boxes_of_jpeg_files_to_their_last_pixel(
    self, width: int, height: int, written_as: int
  ) -> None:
    # What is decoded of a box lacks, at its sides, the colours beyond.
    noise = np.random.RandomState(1).randint(0, 256, (64, 96, 3), np.uint8)
    Image.fromarray(noise).save(self.path, 'JPEG', subsampling=written_as)
    data = bytearray(self.path.read_bytes())
    # In the head of the frame, after size, precision, sides and the number of
    # channels: the first one's number and blocks.
    at = data.index(b'\xff\xc0') + 11
    data[at] = 16 * width + height
    self.path.write_bytes(data)
    with open(self.path, 'rb') as file:
      whole = decoding.decode(file)
    lossless = tf.io.encode_png(whole.astype(np.uint8))
    # Pixel for pixel, as large as boxes are at most.
    see = preprocessing.Preprocessing(96, True, distort_colour=False)
    for i in range(20):
      seed = tf.constant([5, i])
      np.testing.assert_array_equal(
        see(tf.constant(bytes(data)), seed), see(lossless, seed)
      )


if __name__ == '__main__':
  absltest.main()
