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

"""Tests for display."""

from typing import Any

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.ascent import display
from magenta_viz.ascent import recipe as recipe_lib


def _show(images: np.ndarray, *influence: np.ndarray, **settings: Any) -> Any:
  return display.show(images, recipe_lib.Recipe.of(settings), *influence)


def _pictures() -> np.ndarray:
  """Returns two pictures of other ranges, the second a hundredth as wide."""
  values = np.random.default_rng(0).permutation(5 * 4 * 3) / 59.0
  first = 3 * values - 1
  second = 0.5 + 0.03 * values[::-1]
  return np.stack([first, second]).reshape(2, 5, 4, 3)


class ClipTest(parameterized.TestCase):
  @parameterized.parameters(np.float32, np.float64)
  def test_clips(self, dtype: Any) -> None:
    images = np.linspace(-0.5, 1.5, 2 * 3 * 4 * 3).reshape(2, 3, 4, 3)
    images = images.astype(dtype)
    before = images.copy()
    shown = _show(images, display='clip', display_percentile=10.0)
    self.assertEqual(shown.dtype, np.float32)
    expected = [min(max(each, 0), 1) for each in images.ravel()]
    np.testing.assert_allclose(shown.ravel(), expected, rtol=1e-6)
    np.testing.assert_array_equal(images, before)


class CentredTest(parameterized.TestCase):
  @parameterized.parameters(0.0, 10.0)
  def test_stretches_about_the_mean(self, percentile: float) -> None:
    images = _pictures()
    shown = _show(images, display='centred', display_percentile=percentile)
    for image, found in zip(images, shown):
      contrasts = image - np.array([123, 117, 104]) / 255
      reach = np.percentile(np.abs(contrasts), 100 - percentile)
      expected = np.clip(0.5 + contrasts / reach / 2, 0, 1)
      np.testing.assert_allclose(found, expected, atol=1e-6)

  def test_the_mean_is_grey(self) -> None:
    images = np.broadcast_to(np.array([123, 117, 104]) / 255, (2, 3, 4, 3))
    shown = _show(images, display='centred')
    np.testing.assert_allclose(shown, 0.5, atol=1e-6)


class StretchTest(parameterized.TestCase):
  @parameterized.parameters(0.0, 5.0, 25.0, 49.0)
  def test_clips_a_share_of_the_values_at_either_end(
    self, percentile: float
  ) -> None:
    images = _pictures()
    shown = _show(images, display='stretch', display_percentile=percentile)
    self.assertEqual(shown.dtype, np.float32)
    for image, found in zip(images, shown):
      # Of 60 different values, the first at 0 and the last at 100 percent.
      ordered = np.sort(image.ravel())
      ranks = np.array([percentile, 100 - percentile]) / 100 * 59
      low, high = np.interp(ranks, np.arange(60), ordered)
      expected = np.clip((image - low) / (high - low), 0, 1)
      np.testing.assert_allclose(found, expected, atol=1e-4)
      num_black = int(np.floor(ranks[0])) + 1
      self.assertEqual(np.sum(found == 0), num_black)
      self.assertEqual(np.sum(found == 1), num_black)

  @parameterized.parameters(0.0, 10.0)
  def test_picture_of_one_value_is_black(self, percentile: float) -> None:
    images = _pictures()
    images[0] = 0.7
    shown = _show(images, display='stretch', display_percentile=percentile)
    np.testing.assert_array_equal(shown[0], np.zeros([5, 4, 3]))
    self.assertEqual((shown[1].min(), shown[1].max()), (0, 1))


class InfluenceTest(parameterized.TestCase):
  @parameterized.parameters('clip', 'stretch')
  def test_what_did_not_matter_is_white(self, how: str) -> None:
    images = _pictures()
    influence = np.zeros([2, 5, 4, 3])
    # Their mean is 4, of which 1 is a quarter.
    influence[:, :, :2] = [1, 4, 7]
    influence[:, :, 2] = 1
    shown = _show(images, influence, display=how, alpha_percentile=80.0)
    self.assertEqual(shown.dtype, np.float32)
    opaque = _show(images, display=how)
    np.testing.assert_allclose(shown[:, :, :2], opaque[:, :, :2], atol=1e-6)
    np.testing.assert_allclose(
      shown[:, :, 2], 0.25 * opaque[:, :, 2] + 0.75, atol=1e-6
    )
    np.testing.assert_array_equal(shown[:, :, 3], np.ones([2, 5, 3]))

  def test_the_recipe_says_from_which_percentile_on(self) -> None:
    influence = np.arange(20.0).reshape(1, 5, 4, 1) * np.ones([2, 1, 1, 3])
    black = np.zeros([2, 5, 4, 3])
    shown = _show(black, influence, alpha_percentile=100.0)
    np.testing.assert_allclose(1 - shown, influence / 19, atol=1e-6)
    shown = _show(black, influence, alpha_percentile=50.0)
    np.testing.assert_allclose(
      1 - shown, np.minimum(influence / 9.5, 1), atol=1e-6
    )

  def test_each_picture_by_itself(self) -> None:
    influence = np.ones([2, 5, 4, 3])
    influence[1] *= 1000
    black = np.zeros([2, 5, 4, 3])
    shown = _show(black, influence, alpha_percentile=80.0)
    np.testing.assert_array_equal(shown, black)


if __name__ == '__main__':
  absltest.main()
