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

"""Tests for preprocessing."""

from typing import Any, Dict, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image
import tensorflow as tf

from magenta_viz.data import preprocessing
from magenta_viz.testing import data_files

# The whole picture as it is, in training.
_WHOLE: Dict[str, Any] = {
  'is_training': True,
  'min_area': 1.0,
  'min_aspect': 0.01,
  'max_aspect': 100.0,
  'mirror_probability': 0.0,
  'distort_colour': False,
}


def _pixels(*shape: int) -> np.ndarray:
  """Smooth in part, for JPEG to keep: [height, width, channels] uint8."""
  small = np.random.RandomState(0).rand(*shape)
  ramp = np.linspace(0.0, 1.0, shape[1])[None, :, None]
  return (255 * (0.3 * small + 0.7 * ramp)).astype(np.uint8)


def _encode(pixels: np.ndarray, file_format: str) -> bytes:
  image = Image.fromarray(pixels)
  return data_files.to_file(image, file_format, quality=98)


def _see(
  data: bytes, seed: Tuple[int, int] = (0, 0), **settings: Any
) -> np.ndarray:
  see = preprocessing.Preprocessing(**settings)
  return see(tf.constant(data), tf.constant(seed)).numpy()


def _boxes(shape: Tuple[int, int, int], **settings: Any) -> np.ndarray:
  """Returns [200, 4] boxes for 200 seeds."""
  see = preprocessing.Preprocessing(size=8, is_training=True, **settings)
  seeds = tf.constant([[3, i] for i in range(200)])
  return tf.map_fn(
    lambda seed: see.box(tf.constant(shape), seed), seeds, tf.int32
  ).numpy()


def _by_hand(pixels: np.ndarray, size: int) -> np.ndarray:
  """Resizes bilinearly, pixels' centres at halves; in float64."""
  image = pixels / 255
  for axis in (0, 1):
    length = image.shape[axis]
    places = (np.arange(size) + 0.5) * length / size - 0.5
    places = np.clip(places, 0, length - 1)
    low = np.floor(places).astype(int)
    high = np.minimum(low + 1, length - 1)
    shape = [1, 1, 1]
    shape[axis] = size
    part = (places - low).reshape(shape)
    image = image.take(low, axis) * (1 - part) + image.take(high, axis) * part
  return image


class SettingsTest(parameterized.TestCase):
  @parameterized.parameters(
    ({'size': 0}, 'size is 0; take 1 pixel or more'),
    ({'min_area': 0.0}, 'area is from 0.0 to 1.0; take two numbers above 0'),
    ({'min_area': 0.5, 'max_area': 0.4}, 'area is from 0.5 to 0.4; '),
    ({'max_area': 1.1}, 'area is from 0.05 to 1.1; .* at most 1'),
    ({'min_aspect': 0.0}, 'aspect is from 0.0 to 1.3'),
    ({'max_aspect': 0.5}, 'aspect is from 0.75 to 0.5; .*smaller one first'),
    ({'max_aspect': np.inf}, 'aspect is from 0.75 to inf; take two finite'),
    ({'max_area': 0.08}, 'min_covered is 0.1; take a number from 0 to 0.08'),
    ({'mirror_probability': 1.5}, 'mirror_probability is 1.5; .* 0 to 1$'),
    ({'brightness': -0.1}, 'brightness is -0.1; take a number from 0 to 1'),
    ({'saturation': 1.1}, 'saturation is 1.1'),
    ({'hue': 0.6}, 'hue is 0.6; take a number from 0 to 0.5'),
    ({'contrast': np.nan}, 'contrast is nan'),
    ({'central_fraction': 0.0}, 'central_fraction is 0.0; .* above 0'),
    ({'central_fraction': 1.1}, 'central_fraction is 1.1; .* at most 1'),
  )
  def test_refuses(self, settings: Dict[str, Any], message: str) -> None:
    with self.assertRaisesRegex(ValueError, message):
      preprocessing.Preprocessing(
        **{'size': 8, 'is_training': True, **settings}
      )


class BoxTest(parameterized.TestCase):
  @parameterized.parameters(
    ((300, 400, 3), {}, 0.1),
    ((400, 250, 3), {'min_covered': 0.0}, 0.05),
    ((300, 400, 1), {'min_area': 0.5, 'max_area': 0.6}, 0.5),
  )
  def test_ranges(
    self, shape: Tuple[int, int, int], settings: Dict[str, Any], least: float
  ) -> None:
    top, left, height, width = _boxes(shape, **settings).T
    self.assertTrue(np.all((top >= 0) & (top + height <= shape[0])))
    self.assertTrue(np.all((left >= 0) & (left + width <= shape[1])))
    # Sides are rounded to pixels.
    aspects, areas = width / height, height * width / (shape[0] * shape[1])
    self.assertTrue(np.all((0.74 < aspects) & (aspects < 1.35)))
    most = settings.get('max_area', 1.0)
    self.assertTrue(np.all((least - 0.01 < areas) & (areas < most + 0.01)))
    # The ranges are used: near both ends, and all over the picture.
    self.assertLess(aspects.min(), 0.78)
    self.assertGreater(aspects.max(), 1.28)
    self.assertLess(areas.min(), least + 0.03)
    self.assertGreater(areas.max(), 0.58)
    self.assertEqual(top.min(), 0)
    self.assertGreater((top + height).max(), shape[0] - 5)

  def test_takes_the_whole_of_odd_pictures(self) -> None:
    for shape in ((1, 1, 3), (1, 500, 3), (500, 2, 3)):
      boxes = _boxes(shape, min_area=0.5)
      np.testing.assert_array_equal(boxes, [[0, 0, *shape[:2]]] * 200)

  @parameterized.parameters(
    # By hand: sides - 2 * floor(sides * 0.125 / 2).
    ((1, 1), 0.875, (0, 0, 1, 1)),
    ((16, 33), 0.875, (1, 2, 14, 29)),
    ((375, 500), 0.875, (23, 31, 329, 438)),
    ((10, 7), 0.8, (1, 0, 8, 7)),
    ((9, 7), 1.0, (0, 0, 9, 7)),
  )
  def test_middle(
    self, sides: Tuple[int, int], fraction: float, box: Tuple[int, ...]
  ) -> None:
    see = preprocessing.Preprocessing(8, False, central_fraction=fraction)
    got = see.box(tf.constant([*sides, 3]), tf.constant([0, 0]))
    self.assertEqual(tuple(got.numpy()), box)
    theirs = tf.image.central_crop(np.zeros((*sides, 3)), fraction)
    self.assertEqual(tuple(theirs.shape[:2]), box[2:])


class PreprocessingTest(parameterized.TestCase):
  @parameterized.parameters((12, 17, 5), (5, 30, 9), (1, 1, 4), (6, 6, 6))
  def test_whole_picture_is_resized(
    self, height: int, width: int, size: int
  ) -> None:
    pixels = _pixels(height, width, 3)
    got = _see(_encode(pixels, 'PNG'), size=size, **_WHOLE)
    self.assertEqual((got.shape, got.dtype), ((size, size, 3), np.float32))
    np.testing.assert_allclose(got, _by_hand(pixels, size), atol=1e-6)

  def test_evaluation(self) -> None:
    pixels = _pixels(33, 48, 3)
    data = _encode(pixels, 'PNG')
    expected = _by_hand(pixels[2:31, 3:45], 9)
    for seed in ((0, 0), (1, 2)):
      got = _see(data, seed, size=9, is_training=False)
      np.testing.assert_allclose(got, expected, atol=1e-6)

  def test_bytes_beyond_the_box_are_not_needed(self) -> None:
    data = _encode(_pixels(200, 200, 3), 'JPEG')
    settings: Dict[str, Any] = {
      'size': 8,
      'is_training': False,
      'central_fraction': 0.2,
    }
    full = _see(data, **settings)
    np.testing.assert_array_equal(_see(data[:-900], **settings), full)
    with self.assertRaises(tf.errors.InvalidArgumentError):
      _see(data[:-900], size=8, **_WHOLE)

  @parameterized.parameters('PNG', 'JPEG')
  def test_same_seed_same_image(self, file_format: str) -> None:
    data = tf.constant(_encode(_pixels(60, 80, 3), file_format))
    see = preprocessing.Preprocessing(16, True)
    seeds = [tf.constant([7, i], tf.int64) for i in range(8)]
    images = [see(data, seed).numpy() for seed in seeds]
    graph = tf.function(see.__call__)
    for image, seed in zip(images, seeds):
      np.testing.assert_array_equal(see(data, seed), image)
      np.testing.assert_array_equal(graph(data, seed), image)
      self.assertGreaterEqual(image.min(), 0.0)
      self.assertLessEqual(image.max(), 1.0)
    self.assertLen({image.tobytes() for image in images}, 8)

  def test_known_shape_in_a_graph(self) -> None:
    for is_training in (False, True):
      see = preprocessing.Preprocessing(16, is_training)
      graph = tf.function(see.__call__).get_concrete_function(
        tf.TensorSpec([], tf.string), tf.TensorSpec([2], tf.int64)
      )
      self.assertEqual(graph.output_shapes, [16, 16, 3])

  @parameterized.parameters((0.0, 0), (1.0, 40), (0.3, 12))
  def test_mirror(self, probability: float, expected: int) -> None:
    pixels = _pixels(6, 6, 3)
    data, image = _encode(pixels, 'PNG'), (pixels / 255).astype(np.float32)
    settings = {**_WHOLE, 'size': 6, 'mirror_probability': probability}
    mirrored = 0
    for i in range(40):
      got = _see(data, (0, i), **settings)
      is_mirrored = np.allclose(got, image[:, ::-1], atol=1e-6)
      mirrored += is_mirrored
      self.assertTrue(is_mirrored or np.allclose(got, image, atol=1e-6))
    # Of 40, three standard deviations.
    self.assertAlmostEqual(
      mirrored,
      expected,
      delta=3 * np.sqrt(40 * probability * (1 - probability)),
    )

  @parameterized.parameters(b'', b'no picture', b'\xff\xd8\xff', b'\x89PNG')
  def test_refuses(self, data: bytes) -> None:
    see = preprocessing.Preprocessing(8, is_training=True)
    arguments = tf.constant(data), tf.constant((0, 0))
    with self.assertRaises(ValueError):
      see(*arguments)
    with self.assertRaises(tf.errors.InvalidArgumentError):
      tf.function(see.__call__)(*arguments)


class ColourTest(absltest.TestCase):
  def test_zero_strength(self) -> None:
    pixels = _pixels(4, 4, 3)
    none = dict.fromkeys(('brightness', 'saturation', 'hue', 'contrast'), 0.0)
    settings = {**_WHOLE, **none, 'distort_colour': True, 'size': 4}
    for i in range(10):
      got = _see(_encode(pixels, 'PNG'), (9, i), **settings)
      np.testing.assert_array_equal(got, pixels * np.float32(1 / 255))

  def test_orders(self) -> None:
    pixels = _pixels(4, 4, 3)
    see = preprocessing.Preprocessing(
      size=4, **{**_WHOLE, 'distort_colour': True}
    )
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
