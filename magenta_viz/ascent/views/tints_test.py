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


"""Tests for tints."""

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.ascent.views import tints
from magenta_viz.testing import pictures


def _lights(tint: tints.Tint, num: int) -> np.ndarray:
  return pictures.sampled(tint, 4, 6, num=num)[0]


class TintTest(parameterized.TestCase):
  @parameterized.parameters(
    {'brightness': 0.2},
    {'contrast': 0.5},
    {'gains': 0.3},
    {'grey': 1.0},
    {'brightness': 0.2, 'contrast': 0.5, 'gains': 0.3},
    {'brightness': 0.2, 'contrast': 0.5, 'gains': 0.3, 'grey': 1.0},
  )
  def test_one_after_the_other(self, **settings: float) -> None:
    # By hand, in the order of the documentation, with the samples of it.
    images = pictures.random_images(2, 4, 6, 3)
    tint = tints.Tint(**settings)
    expected = []
    generator = np.random.default_rng(0)
    for image in images.astype(np.float64):
      if 'brightness' in settings:
        image = image + generator.uniform(-0.2, 0.2)
      if 'contrast' in settings:
        mean = image.mean()
        image = mean + generator.uniform(0.5, 1.5) * (image - mean)
      if 'gains' in settings:
        image = image * generator.uniform(0.7, 1.3, size=3)
      if 'grey' in settings:
        generator.random()
        image = np.repeat(image.mean(axis=-1, keepdims=True), 3, axis=-1)
      expected.append(image)
    seen = pictures.seen(tint, images, _lights(tint, 2))
    np.testing.assert_allclose(seen, expected, atol=1e-6)
    self.assertGreater(abs(seen - images).mean(), 0.01)

  @parameterized.parameters(0.0, 0.2, 0.75, 1.0)
  def test_share_of_grey(self, share: float) -> None:
    lights = _lights(tints.Tint(grey=share), 2000)
    is_grey = lights[:, 0, 1] > 0
    self.assertAlmostEqual(is_grey.mean(), share, delta=0.04)
    for light in lights[~is_grey, :3]:
      np.testing.assert_array_equal(light, np.eye(3))

  def test_draws_fill_their_ranges(self) -> None:
    brightness = _lights(tints.Tint(brightness=0.2), 2000)[:, 6]
    np.testing.assert_array_equal(brightness, brightness[:, :1] * np.ones(3))
    self._assert_even(brightness[:, 0], -0.2, 0.2)
    contrast = _lights(tints.Tint(contrast=0.5), 2000)
    self._assert_even(contrast[:, 0, 0], 0.5, 1.5)
    gains = _lights(tints.Tint(gains=0.3), 2000)[:, [0, 1, 2], [0, 1, 2]]
    for channel in gains.T:
      self._assert_even(channel, 0.7, 1.3)
    correlations = np.corrcoef(gains.T) - np.eye(3)
    self.assertLess(np.abs(correlations).max(), 0.1)

  def _assert_even(self, values: np.ndarray, low: float, high: float) -> None:
    """Checks that values are spread evenly over a range."""
    self.assertBetween(values.min(), low - 1e-6, high)
    self.assertBetween(values.max(), low, high + 1e-6)
    counts, _ = np.histogram(values, 5, (low - 1e-6, high + 1e-6))
    np.testing.assert_allclose(counts / len(values), 0.2, atol=0.04)

  @parameterized.parameters('brightness', 'contrast', 'gains', 'grey')
  def test_no_strength_draws_nothing(self, setting: str) -> None:
    # What others sample does not depend on what is not there.
    generators = [np.random.default_rng(0) for _ in range(2)]
    tints.Tint(**{setting: 0.5}).sample(generators[0], 4, 6)
    tints.Tint().sample(generators[1], 4, 6)
    unused = np.random.default_rng(0).random()
    self.assertNotEqual(generators[0].random(), unused)
    self.assertEqual(generators[1].random(), unused)


class MeanColoursTest(absltest.TestCase):
  def test_mean(self) -> None:
    images = pictures.random_images(2, 5, 7, 3)
    found = tints.mean_colours(tf.constant(images))
    self.assertEqual(found.shape, [2, 1, 3])
    np.testing.assert_allclose(found[:, 0], images.mean((1, 2)), atol=1e-6)


if __name__ == '__main__':
  absltest.main()
