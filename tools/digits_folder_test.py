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

from absl.testing import absltest
import numpy as np
from PIL import Image
from sklearn import datasets

from magenta_viz.data import image_folder
from tools import digits_folder


class DigitsFolderTest(absltest.TestCase):
  def test_pictures_are_smooth_and_grey(self) -> None:
    image = np.zeros((8, 8))
    image[2, 5] = digits_folder.MAX_VALUE
    with Image.open(io.BytesIO(digits_folder.encode_png(image))) as file:
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

  def test_is_an_image_folder_of_all_digits(self) -> None:
    folder = Path(self.create_tempdir().full_path) / 'new' / 'digits'
    # Again makes the same.
    for _ in range(2):
      digits_folder.main([f'--output_dir={folder}'])
    opened = image_folder.open_folder(str(folder))
    # So class ids are the digits.
    self.assertEqual(opened.class_names, tuple('0123456789'))
    self.assertEqual((opened.num_train, opened.num_eval), (1438, 359))
    whole = datasets.load_digits()
    paths = sorted(folder.glob('*/*/*'), key=lambda path: path.stem)
    self.assertEqual([int(path.stem) for path in paths], list(range(1797)))
    for path in paths[::100]:
      number = int(path.stem)
      self.assertEqual(path.parent.name, str(whole.target[number]))
      data = digits_folder.encode_png(whole.images[number])
      self.assertEqual(path.read_bytes(), data)
    # The division is the same everywhere.
    held_out = [int(path.stem) for path in paths if 'eval' in path.parts]
    self.assertEqual(held_out[:6], [4, 5, 6, 9, 14, 17])


if __name__ == '__main__':
  absltest.main()
