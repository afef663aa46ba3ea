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

"""Tests for blurring."""

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import scipy.ndimage
import tensorflow as tf

from magenta_viz.ascent.views import blur as blurring


def _images() -> np.ndarray:
  return np.random.default_rng(0).random((3, 11, 16, 2), np.float32)


def _reference(image: np.ndarray, deviation: float) -> np.ndarray:
  """Blurs a picture with scipy; what lies outside does not count."""
  blurred, share = (
    scipy.ndimage.gaussian_filter(
      each, (deviation, deviation, 0), mode='constant', truncate=20
    )
    for each in (image, np.ones_like(image))
  )
  return blurred / share


class BlurTest(parameterized.TestCase):
  @parameterized.parameters(0.3, 1.0, 4.0)
  def test_equals_scipy(self, deviation: float) -> None:
    images = _images()
    blurred = blurring.blur(tf.constant(images), tf.fill([3], deviation))
    for image, found in zip(images, blurred.numpy()):
      np.testing.assert_allclose(found, _reference(image, deviation), atol=1e-5)

  def test_none(self) -> None:
    images = _images()
    blurred = blurring.blur(tf.constant(images), tf.zeros([3]))
    np.testing.assert_array_equal(blurred, images)

  def test_each_image_has_its_own(self) -> None:
    images = _images()
    blurred = blurring.blur(tf.constant(images), tf.constant([0.0, 1.0, 2.0]))
    np.testing.assert_array_equal(blurred[0], images[0])
    for index in (1, 2):
      np.testing.assert_allclose(
        blurred[index], _reference(images[index], index), atol=1e-5
      )


if __name__ == '__main__':
  absltest.main()
