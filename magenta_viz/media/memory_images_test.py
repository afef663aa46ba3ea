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


"""Tests for memory_images."""

import os
from pathlib import Path
from typing import Any

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image

from magenta_viz.media import image_files
from magenta_viz.media import memory_images


def _levels() -> np.ndarray:
  """Returns [3, 4, 3] uint8 of all kinds."""
  return np.arange(36, dtype=np.uint8).reshape([3, 4, 3]) * np.uint8(7)


class ShelfTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.shelf = memory_images.Shelf()
    self.addCleanup(self.shelf.close)

  def read(self, image: Any) -> np.ndarray:
    """Returns what is read of a picture, in levels."""
    read = image_files.read_image(self.shelf.path_of(image))
    return np.rint(read * 255).astype(np.uint8)

  def test_arrays(self) -> None:
    levels = _levels()
    np.testing.assert_array_equal(self.read(levels), levels)
    np.testing.assert_array_equal(self.read(levels / 255), levels)

  @parameterized.parameters('RGB', 'RGBA', 'CMYK', 'YCbCr')
  def test_pictures_of_pil(self, mode: str) -> None:
    image = Image.fromarray(_levels()).convert(mode)
    found = self.read(image)
    np.testing.assert_array_equal(found, np.asarray(image.convert('RGB')))

  def test_stands_upright(self) -> None:
    image = Image.fromarray(_levels())
    exif = image.getexif()
    exif[274] = 6
    path = Path(self.create_tempdir().full_path, 'a.jpg')
    image.save(path, exif=exif)
    with Image.open(path) as opened:
      self.assertEqual(self.read(opened).shape, (4, 3, 3))

  def test_same_picture_same_name(self) -> None:
    first, again, other = (
      self.shelf.path_of(each)
      for each in (_levels(), _levels(), _levels()[::-1])
    )
    self.assertEqual(first, again)
    self.assertNotEqual(first, other)

  def test_what_records_tell(self) -> None:
    path = self.shelf.path_of(_levels())
    self.assertTrue(memory_images.is_kept(path))
    self.assertEqual(memory_images.told(path), os.path.basename(path))
    for other in ('a/b.png', 'magenta_viz_image_of_mine.png', None):
      self.assertFalse(memory_images.is_kept(other))
    self.assertEqual(memory_images.told('a/b.png'), 'a/b.png')

  def test_paths_stay(self) -> None:
    self.assertEqual(self.shelf.path_of('a/b.png'), 'a/b.png')
    self.assertEqual(self.shelf.path_of(Path('a')), 'a')

  def test_closes(self) -> None:
    path = self.shelf.path_of(_levels())
    self.assertTrue(os.path.exists(path))
    self.shelf.close()
    self.assertFalse(os.path.exists(os.path.dirname(path)))

  @parameterized.parameters(
    (np.zeros([3, 4]), r'has shape \[3, 4\]'),
    (np.zeros([3, 4, 3], np.int64), 'has type int64'),
    (7, r'has shape \[\]'),
    (np.full([3, 4, 3], 255.0), 'has values from 255 to 255'),
    (np.full([3, 4, 3], -1.0), 'has values from -1 to -1'),
  )
  def test_what_is_none(self, image: Any, words: str) -> None:
    with self.assertRaisesRegex(
      ValueError, f'^image {words}; give a path, a pict'
    ):
      self.shelf.path_of(image)


if __name__ == '__main__':
  absltest.main()
