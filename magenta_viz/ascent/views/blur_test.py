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

"""Tests for blur."""

from absl.testing import absltest
import numpy as np
import scipy.ndimage
import tensorflow as tf

from magenta_viz.ascent.views import blur
from magenta_viz.testing import pictures


def _reference(image: np.ndarray, deviation: float) -> np.ndarray:
  """Blurs a picture with scipy; what lies outside does not count."""
  blurred, share = (
    scipy.ndimage.gaussian_filter(
      each, (deviation, deviation, 0), mode='constant', truncate=20
    )
    for each in (image, np.ones_like(image))
  )
  return blurred / share


class BlurTest(absltest.TestCase):
  def test_each_image_has_its_own(self) -> None:
    images = pictures.random_images(4, 11, 16, 2)
    deviations = (0.0, 0.3, 1.0, 4.0)
    blurred = blur.blur(tf.constant(images), tf.constant(deviations))
    np.testing.assert_array_equal(blurred[0], images[0])
    for image, found, deviation in zip(images, blurred.numpy(), deviations):
      expected = _reference(image, deviation)
      np.testing.assert_allclose(found, expected, atol=1e-5)


if __name__ == '__main__':
  absltest.main()
