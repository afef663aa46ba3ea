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

"""Tests of image_gradient."""

from typing import Any

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models import image_gradient
from magenta_viz.models import model_spec
from magenta_viz.models import network_loading
from magenta_viz.models import network_source


def _gradient(images: np.ndarray, factor: float, dtype: tf.DType) -> Any:
  """Returns the gradient of factor^2 times each image's sum of squares."""

  @tf.function(autograph=False)
  def run(images: tf.Tensor) -> tf.Tensor:
    net = tf.cast(images, dtype) ** 2
    net *= tf.constant(factor, dtype)
    net *= tf.constant(factor, dtype)
    scores = tf.reduce_sum(tf.cast(net, tf.float32), axis=[1, 2, 3])
    return image_gradient.gradient(scores, images)

  return run(tf.constant(images)).numpy()


class GradientTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.images = np.random.default_rng(0).uniform(size=(2, 64, 64, 3))
    self.images = self.images.astype(np.float32)

  @parameterized.parameters(1.0, 1e-2, 1e3)
  def test_scale_leaves_no_trace(self, factor: float) -> None:
    gradient = _gradient(self.images, factor, tf.float32)
    expected = 2 * factor**2 * self.images
    np.testing.assert_allclose(gradient, expected, rtol=1e-6)

  def test_small_values_in_float16(self) -> None:
    # Of these, float16 holds none itself.
    gradient = _gradient(self.images + 0.5, 1e-4, tf.float16)
    np.testing.assert_allclose(gradient, (2 * self.images + 1) * 1e-8, rtol=0.1)

  def test_images_that_scores_do_not_depend_on(self) -> None:
    with tf.Graph().as_default():
      images = tf.zeros([2, 4, 4, 3])
      self.assertIsNone(image_gradient.gradient(tf.ones([2]), images))
      zeros = image_gradient.gradient(
        tf.ones([2]),
        images,
        unconnected_gradients=tf.UnconnectedGradients.ZERO,
      )
      self.assertEqual(zeros.shape, images.shape)

  @parameterized.parameters((tf.bfloat16, 0.5), (tf.float16, 0.17))
  def test_network_in_less_precision(
    self, dtype: tf.DType, tolerance: float
  ) -> None:
    source = network_source.choose(model_spec.AUTO_MODELS[-1], None)

    def gradient(dtype: tf.DType) -> np.ndarray:
      network = network_loading.load(source, dtype)

      @tf.function(autograph=False)
      def run(images: tf.Tensor) -> tf.Tensor:
        return image_gradient.gradient(network(images).logits[:, 281], images)

      return run(tf.constant(self.images)).numpy()

    expected = gradient(tf.float32)
    error = np.linalg.norm(gradient(dtype) - expected)
    self.assertBetween(error / np.linalg.norm(expected), 1e-3, tolerance)


if __name__ == '__main__':
  absltest.main()
