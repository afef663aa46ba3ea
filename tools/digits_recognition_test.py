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

"""Tests for digits_recognition."""

import io
from typing import Any

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image

from tools import digits_folder
from tools import digits_recognition


def _drawings(images: np.ndarray) -> np.ndarray:
  """Returns what is in the PNG files of digits, [n, 64, 64, 3] in [0, 1]."""
  drawings = []
  for image in images:
    with Image.open(io.BytesIO(digits_folder.encode_png(image))) as file:
      drawings.append(np.asarray(file.convert('RGB'), np.float32) / 255)
  return np.stack(drawings)


class ToDigitsTest(parameterized.TestCase):
  def test_areas(self) -> None:
    image = np.zeros((2, 24, 16, 3), np.float32)
    # Half of the area of one pixel of 3 x 2, and all of others.
    image[0, 6:9, 3] = 1.0
    image[0, 0:3] = 1.0
    # A channel alone is a third of the brightness; the sets do not mix.
    image[1, 12:24, :, 2] = 1.0
    first, second = digits_recognition.to_digits(image)
    expected = np.zeros((8, 8))
    expected[0] = 16.0
    expected[2, 1] = 8.0
    np.testing.assert_allclose(first.reshape(8, 8), expected, atol=1e-4)
    np.testing.assert_allclose(second, [0] * 32 + [16] * 32, atol=1e-4)

  @parameterized.parameters((0.2, 0.5), (0.0, 0.05), (0.5, 0.5))
  def test_contrast_does_not_matter(self, paper: float, ink: float) -> None:
    images = digits_folder.load_splits()['eval'].images[:5]
    drawings = _drawings(images)
    np.testing.assert_allclose(
      digits_recognition.to_digits(paper + ink * drawings),
      digits_recognition.to_digits(drawings),
      atol=1e-3,
    )

  def test_is_close_to_the_original(self) -> None:
    images = digits_folder.load_splits()['eval'].images
    values = digits_recognition.to_digits(_drawings(images))
    self.assertEqual((values.min(), values.max()), (0.0, 16.0))
    difference = np.abs(values.reshape(images.shape) - images)
    self.assertLess(difference.mean(), 1.0)

  def test_one_grey(self) -> None:
    values = digits_recognition.to_digits(np.full((1, 9, 8, 3), 0.7))
    np.testing.assert_array_equal(values, np.zeros((1, 64)))

  def test_none(self) -> None:
    values = digits_recognition.to_digits(np.zeros((0, 64, 64, 3)))
    self.assertEqual(values.shape, (0, 64))

  @parameterized.parameters(
    ((64, 64, 3),), ((1, 64, 64, 1),), ((1, 7, 64, 3),), ((1, 64, 7, 3),)
  )
  def test_refuses_other_shapes(self, shape: Any) -> None:
    with self.assertRaisesRegex(ValueError, r'must be \[n, height, width, 3\]'):
      digits_recognition.to_digits(np.zeros(shape))


class RecogniseTest(absltest.TestCase):
  def test_held_out_digits(self) -> None:
    machine = digits_recognition.train_svm()
    digits = digits_folder.load_splits()['eval']
    drawings = _drawings(digits.images)
    labels = digits_recognition.recognise(machine, drawings)
    self.assertEqual(labels.shape, (359,))
    self.assertGreater(np.mean(labels == digits.labels), 0.97)
    with self.subTest('it looks at the drawing'):
      mirrored = digits_recognition.recognise(machine, drawings[:, :, ::-1])
      self.assertLess(np.mean(mirrored == digits.labels), 0.7)


if __name__ == '__main__':
  absltest.main()
