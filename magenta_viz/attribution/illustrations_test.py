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

"""Tests for illustrations."""

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.attribution import illustrations
from magenta_viz.attribution import segmentation


class NormalizeTest(absltest.TestCase):
  def test_white_is_the_quantile(self) -> None:
    saliency = np.arange(101, dtype=np.float32).reshape(1, 101)
    found = illustrations.normalize(saliency)
    self.assertEqual(found.dtype, np.float32)
    np.testing.assert_allclose(found[0, [0, 33, 99, 100]], [0, 1 / 3, 1, 1])

  def test_one_bright_pixel(self) -> None:
    saliency = np.zeros([20, 30], np.float32)
    saliency[3, 4] = 7
    np.testing.assert_array_equal(
      illustrations.normalize(saliency), saliency > 0
    )


class OverlayTest(absltest.TestCase):
  def test_red_where_the_map_is_high_and_grey_elsewhere(self) -> None:
    image = np.zeros([40, 60, 3], np.float32)
    image[..., 1] = 0.6
    levels = np.zeros([40, 60], np.float32)
    levels[10:20, 40:50] = 1
    found = illustrations.overlay(image, levels)
    self.assertEqual(found.dtype, np.float32)
    np.testing.assert_allclose(found[35, 5], [0.2, 0.2, 0.2], atol=1e-6)
    self.assertGreater(found[15, 45, 0], 0.8)
    self.assertLess(found[15, 45, 2], 0.3)
    self.assertBetween(found.min(), 0, 1)
    self.assertLessEqual(found.max(), 1)


class BoxTest(parameterized.TestCase):
  def test_lines_are_inside(self) -> None:
    image = np.full([30, 40, 3], 0.5, np.float32)
    found = illustrations.draw_box(image, segmentation.Box(5, 10, 25, 30))
    self.assertEqual(image.max(), 0.5)
    drawn = np.any(found != image, axis=-1)
    expected = np.zeros([30, 40], bool)
    expected[5:25, 10:30] = True
    expected[7:23, 12:28] = False
    np.testing.assert_array_equal(drawn, expected)

  @parameterized.parameters(
    segmentation.Box(0, 0, 1, 1),
    segmentation.Box(29, 39, 30, 40),
    segmentation.Box(0, 0, 30, 1),
  )
  def test_thin_boxes(self, *box: int) -> None:
    image = np.full([30, 40, 3], 0.5, np.float32)
    found = illustrations.draw_box(image, segmentation.Box(*box))
    drawn = np.any(found != image, axis=-1)
    self.assertEqual(segmentation.bounding_box(drawn), box)
    self.assertEqual(drawn.sum(), (box[2] - box[0]) * (box[3] - box[1]))


class GreyTest(absltest.TestCase):
  def test_mask(self) -> None:
    mask = np.array([[True, False, False]])
    found = illustrations.to_grey(mask)
    self.assertEqual(found.dtype, np.float32)
    np.testing.assert_array_equal(found, [[[1] * 3, [0] * 3, [0] * 3]])


if __name__ == '__main__':
  absltest.main()
