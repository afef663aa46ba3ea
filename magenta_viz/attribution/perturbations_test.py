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

"""Tests for perturbations."""

from typing import List
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.attribution import perturbations

_WEIGHTS = np.random.default_rng(1).normal(size=(4, 6, 3)).astype(np.float32)


def _images() -> np.ndarray:
  """Returns two pictures, 4 high and 6 wide."""
  return np.random.default_rng(0).random((2, 4, 6, 3), np.float32)


def _linear(images: np.ndarray) -> np.ndarray:
  return (images * _WEIGHTS).sum(axis=(1, 2, 3))


class OcclusionTest(parameterized.TestCase):
  @parameterized.parameters(0.0, 0.5)
  def test_of_a_linear_score(self, hidden_value: float) -> None:
    images = _images()
    # Squares of 2 x 2, at each of 3 x 5 places.
    found = perturbations.occlusion(_linear, images, 0.5, 0.25, hidden_value)
    own = ((images - hidden_value) * _WEIGHTS).sum(axis=3)
    falls = own[:, 1:, 1:] + own[:, 1:, :-1] + own[:, :-1, 1:]
    falls += own[:, :-1, :-1]
    total, count = np.zeros([2, 4, 6]), np.zeros([4, 6])
    for down in (0, 1):
      for across in (0, 1):
        total[:, down : down + 3, across : across + 5] += falls
        count[down : down + 3, across : across + 5] += 1
    expected = np.maximum(total / count, 0)
    self.assertEqual(expected.min(), 0)
    np.testing.assert_allclose(found[..., 0], expected, atol=1e-5)

  def test_pixels_of_the_smallest_images(self) -> None:
    found = perturbations.occlusion(_linear, _images(), 0.01, 0.01, 0.5)
    expected = ((_images() - 0.5) * _WEIGHTS).sum(axis=3)
    np.testing.assert_allclose(
      found[..., 0], np.maximum(expected, 0), atol=1e-5
    )

  @parameterized.parameters((0.3, 0.2), (0.5, 0.5), (1.0, 0.1), (0.13, 0.12))
  def test_squares_reach_every_pixel(self, size: float, stride: float) -> None:
    image = np.ones([1, 23, 31, 3], np.float32)
    found = perturbations.occlusion(
      lambda images: images.sum(axis=(1, 2, 3)), image, size, stride, 0.0
    )
    self.assertGreater(found.min(), 0)


class MasksTest(parameterized.TestCase):
  @parameterized.parameters((40, 60, 7), (8, 8, 7), (13, 9, 7), (5, 6, 64))
  def test_masks(self, height: int, width: int, cells: int) -> None:
    masks = perturbations.random_masks(
      np.random.default_rng(0), 300, (height, width), cells, 0.3
    )
    self.assertEqual(masks.shape, (300, height, width))
    self.assertEqual(masks.dtype, np.float32)
    self.assertBetween(float(masks.min()), 0, 1e-6)
    self.assertBetween(float(masks.max()), 1 - 1e-6, 1 + 1e-6)
    # Any pixel is as likely to be shown.
    np.testing.assert_allclose(masks.mean(axis=0), 0.3, atol=0.11)

  def test_by_hand(self) -> None:
    generator = mock.Mock()
    generator.random.return_value = np.array([[[0.0, 0.9], [0.9, 0.9]]])
    generator.integers.side_effect = [np.array([1]), np.array([0])]
    masks = perturbations.random_masks(generator, 1, (4, 4), 2, 0.5)
    # Of two cells, the first 1 and the other 0, six pixels.
    ramp = np.array([1, 1, 2 / 3, 1 / 3, 0, 0])
    np.testing.assert_allclose(
      masks[0], np.outer(ramp[1:5], ramp[:4]), atol=1e-6
    )


class RiseTest(absltest.TestCase):
  def _rise(self, images: np.ndarray, masks: int, seed: int = 0) -> np.ndarray:
    return perturbations.rise(
      lambda points: 10 + _linear(points), images, masks, 3, 0.5, 0.25, seed
    )

  def test_by_hand(self) -> None:
    image = _images()[:1]
    masks = np.random.default_rng(3).random((5, 4, 6)).astype(np.float32)
    with mock.patch.object(perturbations, 'random_masks', return_value=masks):
      found = self._rise(image, 5)
    shown = 0.25 + masks[..., None] * (image - 0.25)
    scores = 10 + _linear(shown)
    expected = np.einsum('n,nhw->hw', scores, masks) / masks.sum(axis=0)
    np.testing.assert_allclose(
      found[0, ..., 0], expected - expected.min(), atol=1e-4
    )

  def test_many_masks_find_what_raises_the_score(self) -> None:
    images = np.full([1, 4, 6, 3], 0.75, np.float32)
    weights = np.zeros([4, 6, 3], np.float32)
    weights[2, 4] = 1

    def score(points: np.ndarray) -> np.ndarray:
      return (points * weights).sum(axis=(1, 2, 3))

    found = perturbations.rise(score, images, 2000, 5, 0.5, 0.25, 0)[0, ..., 0]
    self.assertEqual(np.unravel_index(found.argmax(), found.shape), (2, 4))
    self.assertEqual(found.min(), 0)

  def test_seeds(self) -> None:
    images = _images()
    first = self._rise(images, 300)
    np.testing.assert_array_equal(first, self._rise(images, 300))
    self.assertGreater(np.abs(first - self._rise(images, 300, seed=1)).max(), 0)
    # Each picture's own: all see the same masks.
    np.testing.assert_allclose(first[1:], self._rise(images[1:], 300))

  def test_scores_few_pictures_at_once(self) -> None:
    sizes: List[int] = []

    def score(points: np.ndarray) -> np.ndarray:
      sizes.append(len(points))
      return np.ones(len(points), np.float32)

    found = perturbations.rise(score, _images()[:1], 300, 3, 0.5, 0.5, 0)
    self.assertEqual(sum(sizes), 300)
    self.assertLessEqual(max(sizes), 128)
    # What does not depend on the picture hangs on no place.
    np.testing.assert_allclose(found, 0, atol=1e-6)


if __name__ == '__main__':
  absltest.main()
