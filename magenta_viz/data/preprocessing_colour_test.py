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

"""Tests for the colours of preprocessing."""

from typing import Any, Dict, List

from absl.testing import absltest
import numpy as np
import tensorflow as tf

from magenta_viz.data import preprocessing

# The whole picture, whose colours alone change.
_WHOLE: Dict[str, Any] = {
  'is_training': True,
  'min_area': 1.0,
  'mirror_probability': 0.0,
}


def _pixels() -> np.ndarray:
  return np.random.RandomState(0).randint(0, 256, (4, 4, 3)).astype(np.uint8)


class ColourTest(absltest.TestCase):
  def _distorted(self, pixels: np.ndarray, **reach: float) -> List[np.ndarray]:
    """Returns 100 images whose size is the picture's."""
    none = {'brightness': 0.0, 'saturation': 0.0, 'hue': 0.0, 'contrast': 0.0}
    see = preprocessing.Preprocessing(
      size=len(pixels), **{**_WHOLE, **none, **reach}
    )
    data = tf.io.encode_png(pixels)
    seeds = tf.constant([[9, i] for i in range(100)])
    draw = tf.function(
      lambda: tf.map_fn(
        lambda seed: see(data, seed), seeds, fn_output_signature=tf.float32
      )
    )
    return list(draw().numpy())

  def test_zero_strength(self) -> None:
    pixels = _pixels()
    for image in self._distorted(pixels):
      np.testing.assert_array_equal(image, pixels * np.float32(1 / 255))

  def test_brightness(self) -> None:
    pixels = np.full((4, 4, 3), 102, np.uint8)
    images = self._distorted(pixels, brightness=0.5)
    added = np.array([image[0, 0, 0] - 0.4 for image in images])
    self.assertLess(added.min(), -0.39)
    self.assertGreaterEqual(added.min(), -0.4 - 1e-6)
    self.assertBetween(added.max(), 0.45, 0.5)

  def test_contrast(self) -> None:
    pixels = np.zeros((4, 4, 3), np.uint8)
    pixels[:2], pixels[2:] = 102, 153
    images = self._distorted(pixels, contrast=0.5)
    gains = (
      np.array([image[2, 0, 1] - image[1, 0, 1] for image in images]) / 0.2
    )
    self.assertBetween(gains.min(), 0.5 - 1e-5, 0.53)
    self.assertBetween(gains.max(), 1.47, 1.5 + 1e-5)
    np.testing.assert_allclose([image.mean() for image in images], 0.5, 1e-5)

  def test_saturation(self) -> None:
    pixels = np.full((4, 4, 3), [204, 102, 102], np.uint8)
    images = self._distorted(pixels, saturation=0.5)
    # The value stays; the saturation, of 0.5, is between 0.25 and 0.75.
    np.testing.assert_allclose([image.max() for image in images], 0.8, 1e-5)
    got = np.array([1 - image.min() / 0.8 for image in images])
    self.assertBetween(got.min(), 0.25 - 1e-5, 0.28)
    self.assertBetween(got.max(), 0.72, 0.75 + 1e-5)

  def test_hue(self) -> None:
    pixels = np.full((4, 4, 3), [255, 0, 0], np.uint8)
    images = self._distorted(pixels, hue=0.2)
    # 0.2 of the circle is past yellow, 1/6, or magenta.
    turned = [image[0, 0] for image in images]
    self.assertGreater(max(colour[1] for colour in turned), 0.9)
    self.assertGreater(max(colour[2] for colour in turned), 0.9)
    self.assertGreaterEqual(min(colour[0] for colour in turned), 0.8 - 1e-5)

  def test_orders(self) -> None:
    pixels = _pixels()
    see = preprocessing.Preprocessing(size=4, **_WHOLE)
    adjust = {
      'brightness': lambda x, d: tf.image.adjust_brightness(x, 32 / 255 * d),
      'saturation': lambda x, d: tf.image.adjust_saturation(x, 1 + 0.5 * d),
      'hue': lambda x, d: tf.image.adjust_hue(x, 0.2 * d),
      'contrast': lambda x, d: tf.image.adjust_contrast(x, 1 + 0.5 * d),
    }
    names = list(adjust)
    published = ('bshc', 'sbch', 'chbs', 'hscb')
    found = set()
    data = tf.io.encode_png(pixels)
    for i in range(24):
      seed = tf.constant([2, i])
      got = see(data, seed).numpy()
      colour_seed = tf.random.experimental.stateless_split(seed, 3)[2]
      draw_seed = tf.random.experimental.stateless_split(colour_seed, 2)[0]
      draws = tf.random.stateless_uniform([4], draw_seed, -1.0, 1.0)
      matches = []
      for order in published:
        image = tf.constant(pixels * np.float32(1 / 255))
        for letter in order:
          name = next(name for name in names if name[0] == letter)
          image = adjust[name](image, draws[names.index(name)])
        image = np.clip(image.numpy(), 0, 1)
        if np.allclose(got, image, atol=1e-5):
          matches.append(order)
      self.assertNotEmpty(matches)
      if len(matches) == 1:
        found.add(matches[0])
    self.assertEqual(found, set(published))


if __name__ == '__main__':
  absltest.main()
