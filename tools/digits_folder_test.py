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

"""Tests for digits_folder."""

import io
from pathlib import Path
import tempfile

from absl.testing import absltest
import numpy as np
from PIL import Image
from sklearn import datasets

from magenta_viz.data import image_folder
from tools import digits_folder


class LoadSplitsTest(absltest.TestCase):
  def test_are_the_digits(self) -> None:
    splits = digits_folder.load_splits()
    train, evaluation = splits['train'], splits['eval']
    self.assertLen(train.labels, 1438)
    self.assertLen(evaluation.labels, 359)
    numbers = [*train.numbers, *evaluation.numbers]
    self.assertEqual(sorted(numbers), list(range(1797)))
    whole = datasets.load_digits()
    for digits in splits.values():
      np.testing.assert_array_equal(digits.images, whole.images[digits.numbers])
      np.testing.assert_array_equal(digits.labels, whole.target[digits.numbers])
      self.assertGreater(np.bincount(digits.labels, minlength=10).min(), 20)

  def test_division_is_the_same_everywhere(self) -> None:
    numbers = digits_folder.load_splits()['eval'].numbers
    self.assertEqual(numbers[:6].tolist(), [4, 5, 6, 9, 14, 17])


class EncodePngTest(absltest.TestCase):
  def test_is_smooth_and_grey(self) -> None:
    image = np.zeros((8, 8))
    image[2, 5] = digits_folder.MAX_VALUE
    data = digits_folder.encode_png(image)
    self.assertEqual(data, digits_folder.encode_png(image))
    with Image.open(io.BytesIO(data)) as file:
      self.assertEqual((file.mode, file.size), ('L', (64, 64)))
      levels = np.asarray(file)
    # In the middle of the pixel's 8 x 8.
    top, left = np.unravel_index(np.argmax(levels), levels.shape)
    self.assertBetween(top, 19, 20)
    self.assertBetween(left, 43, 44)
    self.assertGreater(levels.max(), 200)
    # A cubic reaches over two pixels and goes below black, where it is clipped.
    self.assertGreater(levels[20, 39], 0)
    self.assertEqual(levels[:, :24].max(), 0)
    self.assertLess(np.abs(np.diff(levels[20].astype(int))).max(), 50)

  def test_flat_pictures(self) -> None:
    for value, level in ((0, 0), (8, 128), (16, 255)):
      data = digits_folder.encode_png(np.full((8, 8), float(value)))
      with Image.open(io.BytesIO(data)) as file:
        self.assertEqual(file.getextrema(), (level, level))


class WriteFolderTest(absltest.TestCase):
  folder: Path

  @classmethod
  def setUpClass(cls) -> None:
    super().setUpClass()
    temporary = tempfile.TemporaryDirectory()
    cls.addClassCleanup(temporary.cleanup)
    cls.folder = Path(temporary.name) / 'new' / 'digits'
    digits_folder.main([f'--output_dir={cls.folder}'])

  def test_is_an_image_folder(self) -> None:
    opened = image_folder.open_folder(str(self.folder))
    # So class ids are the digits.
    self.assertEqual(opened.class_names, tuple('0123456789'))
    self.assertEqual((opened.num_train, opened.num_eval), (1438, 359))

  def test_each_picture_is_in_its_place(self) -> None:
    whole = datasets.load_digits()
    paths = sorted(self.folder.glob('*/*/*.png'))
    self.assertLen(paths, 1797)
    for path in paths[::100]:
      number = int(path.stem)
      self.assertEqual(path.parent.name, str(whole.target[number]))
      data = digits_folder.encode_png(whole.images[number])
      self.assertEqual(path.read_bytes(), data)

  def test_again_makes_the_same(self) -> None:
    other = next((self.folder / 'eval' / '9').iterdir())
    before = other.read_bytes()
    other.write_bytes(b'damaged')
    self.assertEqual(digits_folder.write_folder(self.folder), 1797)
    self.assertEqual(other.read_bytes(), before)
    self.assertLen(list(self.folder.glob('*/*/*')), 1797)

  def test_folder_is_asked_for(self) -> None:
    with self.assertRaises(SystemExit) as caught:
      digits_folder.main([])
    self.assertEqual(caught.exception.code, 2)


if __name__ == '__main__':
  absltest.main()
