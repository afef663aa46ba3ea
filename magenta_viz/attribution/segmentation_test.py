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

"""Tests for segmentation."""

from typing import Any, Dict, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.attribution import segmentation

_OPTIONS: Dict[str, Any] = {
  'foreground_quantile': 0.95,
  'background_quantile': 0.3,
  'color_components': 5,
  'smoothness': 50.0,
}


def _scene(
  size: Tuple[int, int], box: segmentation.Box
) -> Tuple[np.ndarray, np.ndarray]:
  """Returns a picture of a red ellipse on green, and a map of its middle."""
  height, width = size
  generator = np.random.default_rng(0)
  image = np.empty([height, width, 3], np.float32)
  image[:] = 0.2, 0.5, 0.2
  y, x = np.mgrid[:height, :width] + 0.5
  middle = (box.top + box.bottom) / 2, (box.left + box.right) / 2
  away = np.hypot(
    (y - middle[0]) / (box.bottom - box.top),
    (x - middle[1]) / (box.right - box.left),
  )
  image[away <= 0.5] = 0.8, 0.3, 0.2
  image += 0.03 * generator.standard_normal(image.shape, np.float32)
  saliency = np.exp(-2 * away) + 0.02 * generator.random(away.shape)
  return np.clip(image, 0, 1), saliency.astype(np.float32)


class SegmentTest(parameterized.TestCase):
  @parameterized.parameters(
    ((120, 170), segmentation.Box(20, 60, 90, 130)),
    ((170, 120), segmentation.Box(5, 10, 61, 115)),
    ((100, 100), segmentation.Box(30, 30, 70, 70)),
  )
  def test_box_of_an_object(
    self, size: Tuple[int, int], box: segmentation.Box
  ) -> None:
    image, saliency = _scene(size, box)
    mask = segmentation.segment(image, saliency, **_OPTIONS)
    self.assertEqual(mask.shape, size)
    found = segmentation.bounding_box(mask)
    np.testing.assert_allclose(found, box, atol=1)

  def test_map_of_another_size(self) -> None:
    box = segmentation.Box(20, 60, 90, 130)
    image, saliency = _scene((120, 170), box)
    small = segmentation.resize(saliency[..., None], (60, 85))[..., 0]
    mask = segmentation.segment(image, small, **_OPTIONS)
    np.testing.assert_allclose(segmentation.bounding_box(mask), box, atol=1)

  def test_large_picture_is_divided_at_a_bounded_size(self) -> None:
    box = segmentation.Box(200, 500, 800, 1100)
    image, saliency = _scene((900, 1300), box)
    mask = segmentation.segment(image, saliency, **_OPTIONS)
    self.assertEqual(mask.shape, (900, 1300))
    # A pixel of the 166 x 240 that are divided.
    np.testing.assert_allclose(segmentation.bounding_box(mask), box, atol=6)
    for size in ((900, 1300), (3000, 4000), (100, 1000), (6000, 600)):
      height, width = segmentation.working_size(*size)
      self.assertBetween(height * width, 39_000, 40_600)
      self.assertAlmostEqual(height / width / (size[0] / size[1]), 1, 1)

  def test_smaller_object_is_left_out(self) -> None:
    image, saliency = _scene((120, 170), segmentation.Box(20, 60, 90, 130))
    image[100:110, 5:15] = 0.8, 0.3, 0.2
    saliency[100:110, 5:15] = 2
    mask = segmentation.segment(image, saliency, **_OPTIONS)
    self.assertTrue(mask[55, 95])
    self.assertFalse(mask[100:110, 5:15].any())

  def test_map_of_few_pixels(self) -> None:
    image, saliency = _scene((60, 80), segmentation.Box(20, 30, 32, 46))
    sparse = np.zeros_like(saliency)
    sparse[24:30, 34:42] = 1
    self.assertLess(sparse.mean(), 0.05)
    mask = segmentation.segment(image, sparse, **_OPTIONS)
    # All else is as low as the background.
    np.testing.assert_array_equal(mask, sparse > 0)

  @parameterized.parameters(0.0, 0.5)
  def test_even_map(self, level: float) -> None:
    saliency = np.full([20, 30], level, np.float32)
    saliency[0, 0] = 1
    with self.assertRaisesRegex(
      ValueError, f'^the map is {level:g} at its quantiles 0.3 and 0.95 alike'
    ):
      segmentation.segment(
        np.ones([20, 30, 3], np.float32), saliency, **_OPTIONS
      )

  def test_picture_of_one_color(self) -> None:
    _, saliency = _scene((40, 60), segmentation.Box(10, 20, 30, 40))
    image = np.full([40, 60, 3], 0.5, np.float32)
    mask = segmentation.segment(image, saliency, **_OPTIONS)
    self.assertTrue(mask[20, 30])
    self.assertFalse(mask[0, 0])


class BoundingBoxTest(absltest.TestCase):
  def test_by_hand(self) -> None:
    mask = np.zeros([5, 8], bool)
    mask[1, 6] = mask[3, 2] = True
    self.assertEqual(segmentation.bounding_box(mask), (1, 2, 4, 7))
    self.assertEqual(
      segmentation.bounding_box(~np.zeros((3, 4), bool)), (0, 0, 3, 4)
    )


if __name__ == '__main__':
  absltest.main()
