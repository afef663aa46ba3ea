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


"""Tests of Caffe's layers, against plain NumPy."""

import math

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models.architectures import caffe_layers


def _max_pool(net: np.ndarray) -> np.ndarray:
  """Caffe's pooling, window by window; the last ones may be cut off."""
  batch, height, width, channels = net.shape
  rows = math.ceil((height - 3) / 2) + 1
  columns = math.ceil((width - 3) / 2) + 1
  result = np.empty((batch, rows, columns, channels), net.dtype)
  for i in range(rows):
    for j in range(columns):
      window = net[:, 2 * i : 2 * i + 3, 2 * j : 2 * j + 3]
      result[:, i, j] = window.max(axis=(1, 2))
  return result


def _norm(net: np.ndarray) -> np.ndarray:
  """Caffe's normalization, channel by channel."""
  result = np.empty_like(net)
  for channel in range(net.shape[-1]):
    window = net[..., max(0, channel - 2) : channel + 3]
    total = (window.astype(np.float64) ** 2).sum(axis=-1)
    result[..., channel] = net[..., channel] / (1 + 1e-4 / 5 * total) ** 0.75
  return result


def _activations(*shape: int) -> np.ndarray:
  """Like a ReLU's output: half are zero, the others up to some hundred."""
  values = 100 * np.random.RandomState(0).randn(*shape)
  return np.maximum(values, 0).astype(np.float32)


class SubtractMeansTest(parameterized.TestCase):
  def test_one_pixel_of_each_colour(self) -> None:
    colours = [[[[1, 0, 0]], [[0, 1, 0]], [[0, 0, 1]]]]
    result = caffe_layers.subtract_means(tf.constant(colours, tf.float32))
    expected = [[[[-104, -117, 132]], [[-104, 138, -123]], [[151, -117, -123]]]]
    np.testing.assert_array_equal(result, expected)

  def test_scale(self) -> None:
    images = np.random.RandomState(0).rand(2, 3, 5, 3).astype(np.float32)
    result = caffe_layers.subtract_means(tf.constant(images))
    self.assertEqual(result.dtype, tf.float32)
    for channel, mean in enumerate((104, 117, 123)):
      expected = 255 * images[..., 2 - channel] - mean
      np.testing.assert_allclose(result[..., channel], expected, atol=1e-4)

  def test_keeps_bfloat16(self) -> None:
    result = caffe_layers.subtract_means(tf.zeros([1, 2, 2, 3], tf.bfloat16))
    self.assertEqual(result.dtype, tf.bfloat16)


class MaxPoolTest(parameterized.TestCase):
  @parameterized.parameters(
    (2, 2), (2, 3), (3, 2), (3, 3), (4, 4), (5, 5), (6, 9), (9, 6), (11, 14),
    (15, 7), (28, 56),
  )  # fmt: skip
  def test_against_plain_numpy(self, height: int, width: int) -> None:
    net = _activations(2, height, width, 3)
    result = caffe_layers.max_pool(tf.constant(net))
    np.testing.assert_array_equal(result, _max_pool(net))

  @parameterized.parameters((5, 5), (4, 6), (5, 6))
  def test_in_a_function_of_any_batch(self, height: int, width: int) -> None:
    net = _activations(2, height, width, 3)
    pool = tf.function(
      caffe_layers.max_pool,
      input_signature=[tf.TensorSpec([None, height, width, 3])],
    )
    np.testing.assert_array_equal(pool(net), _max_pool(net))


class NormTest(parameterized.TestCase):
  @parameterized.parameters(1, 2, 3, 5, 64)
  def test_against_plain_numpy(self, channels: int) -> None:
    net = _activations(2, 3, 5, channels)
    result = caffe_layers.local_response_normalization(tf.constant(net))
    np.testing.assert_allclose(result, _norm(net), rtol=1e-5)

  @parameterized.parameters(3, 64)
  def test_against_tensorflows(self, channels: int) -> None:
    net = tf.constant(_activations(2, 3, 5, channels))
    upstream = tf.constant(_activations(2, 3, 5, channels)[::-1] - 30)
    values, gradients = [], []
    for norm in (
      caffe_layers.local_response_normalization,
      lambda net: tf.nn.lrn(
        net, depth_radius=2, bias=1, alpha=1e-4 / 5, beta=0.75
      ),
    ):
      with tf.GradientTape() as tape:
        tape.watch(net)
        value = norm(net)
      values.append(value.numpy())
      gradients.append(tape.gradient(value, net, upstream).numpy())
    np.testing.assert_allclose(values[0], values[1], rtol=1e-5)
    np.testing.assert_allclose(gradients[0], gradients[1], rtol=1e-4, atol=1e-3)

  def test_bfloat16_is_summed_in_float32(self) -> None:
    net = tf.cast(_activations(2, 3, 5, 64), tf.bfloat16)
    result = caffe_layers.local_response_normalization(net)
    self.assertEqual(result.dtype, tf.bfloat16)
    expected = tf.cast(_norm(tf.cast(net, tf.float32).numpy()), tf.bfloat16)
    # Equal but where the two round to different sides of a middle.
    differ = tf.cast(result, tf.float32) != tf.cast(expected, tf.float32)
    self.assertLess(np.mean(differ), 0.01)


if __name__ == '__main__':
  absltest.main()
