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

"""Tests for class_gradients."""

from typing import Any, List

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.attribution import class_gradients
from magenta_viz.models import model_spec
from magenta_viz.models import network_protocol
from magenta_viz.models import slim_network
from magenta_viz.testing import random_weights

# Of the first pixel's red, green and blue to three hidden values, and of these
# to two logits.
_FIRST = np.array([[1.0, 2, -3], [1, -1, 1], [0, 1, 1]], np.float32)
_SECOND = np.array([[1.0, 2], [-2, 1], [3, -1]], np.float32)


class _Counted:
  """Two layers on the first pixel; counts how often they are built."""

  def __init__(self, relu: Any = tf.nn.relu) -> None:
    self.count = 0
    self._relu = relu

  def __call__(self, images: tf.Tensor) -> network_protocol.Outputs:
    self.count += 1
    hidden = self._relu(images[:, 0, 0] @ tf.constant(_FIRST))
    return network_protocol.Outputs(hidden @ tf.constant(_SECOND), {})


def _images(*pixels: List[float]) -> np.ndarray:
  """Returns pictures of 2 x 2 with the first pixel given."""
  images = np.zeros([len(pixels), 2, 2, 3], np.float32)
  images[:, 0, 0] = pixels
  return images


class RulesTest(parameterized.TestCase):
  # At [1, 1, 1] the hidden values are 2, 2 and -1 before the ReLU, at [5, 1, 1]
  # 6, 12 and -13, and at [2, 1, 0] 3, 3 and -5; 6 is where a ReLU6 ends. The
  # gradients that come to it are 1, -2 and 3 of class 0, 2, 1, -1 of class 1.
  @parameterized.parameters(
    ('plain', tf.nn.relu, [1, 1, 1], 0, [1, -2, 0]),
    ('guided', tf.nn.relu, [1, 1, 1], 0, [1, 0, 0]),
    ('deconvnet', tf.nn.relu, [1, 1, 1], 0, [1, 0, 3]),
    ('plain', tf.nn.relu, [1, 1, 1], 1, [2, 1, 0]),
    ('guided', tf.nn.relu, [1, 1, 1], 1, [2, 1, 0]),
    ('deconvnet', tf.nn.relu, [1, 1, 1], 1, [2, 1, 0]),
    ('plain', tf.nn.relu6, [5, 1, 1], 0, [0, 0, 0]),
    ('guided', tf.nn.relu6, [5, 1, 1], 0, [0, 0, 0]),
    ('deconvnet', tf.nn.relu6, [5, 1, 1], 0, [1, 0, 3]),
    ('plain', tf.nn.relu6, [2, 1, 0], 0, [1, -2, 0]),
    ('guided', tf.nn.relu6, [2, 1, 0], 0, [1, 0, 0]),
    ('deconvnet', tf.nn.relu6, [2, 1, 0], 0, [1, 0, 3]),
  )
  def test_by_hand(
    self,
    rule: str,
    relu: Any,
    pixel: List[float],
    class_id: int,
    hidden: List[int],
  ) -> None:
    gradient = class_gradients.ClassGradient(_Counted(relu), 2, rule)
    found = gradient(_images(pixel, [0, 0, 0]), class_id)
    self.assertEqual(found.shape, (2, 2, 2, 3))
    np.testing.assert_allclose(found[0, 0, 0], _FIRST @ hidden)
    np.testing.assert_array_equal(found[:, 1], np.zeros([2, 2, 3]))

  def test_rules_do_not_outlast_their_gradient(self) -> None:
    network = _Counted()
    class_gradients.ClassGradient(network, 2, 'deconvnet')(_images([1] * 3), 0)
    images = tf.constant(_images([1, 1, 1]))
    with tf.GradientTape() as tape:
      tape.watch(images)
      score = network(images).logits[:, 0]
    found = tape.gradient(score, images).numpy()[0, 0, 0]
    np.testing.assert_allclose(found, _FIRST @ [1, -2, 0])

  def test_any_number_of_images_and_any_class_is_one_trace(self) -> None:
    network = _Counted()
    gradient = class_gradients.ClassGradient(network, 2)
    pixels = np.random.default_rng(0).normal(size=(23, 3)).tolist()
    images = _images(*pixels)
    for class_id in (0, 1):
      found = gradient(images, class_id)
      self.assertEqual(found.shape, images.shape)
      single = [gradient(image[None], class_id) for image in images]
      np.testing.assert_allclose(found, np.concatenate(single), rtol=1e-6)
    self.assertEqual(network.count, 1)

  def test_not_finite(self) -> None:
    def network(images: tf.Tensor) -> network_protocol.Outputs:
      return network_protocol.Outputs(tf.sqrt(images[:, 0, 0]), {})

    gradient = class_gradients.ClassGradient(network, 2)
    with self.assertRaisesRegex(FloatingPointError, '^the gradient of class 2'):
      gradient(_images([0, 0, 0]), 2)

  def test_score_that_hangs_on_nothing(self) -> None:
    def network(images: tf.Tensor) -> network_protocol.Outputs:
      return network_protocol.Outputs(tf.zeros([tf.shape(images)[0], 3]), {})

    found = class_gradients.ClassGradient(network, 2)(_images([1, 1, 1]), 2)
    self.assertFalse(found.any())


class NetworksTest(parameterized.TestCase):
  @parameterized.parameters(*model_spec.MODEL_SPECS)
  def test_rules_reach_every_relu(self, model: str) -> None:
    spec = model_spec.find_spec(model)
    shapes = {
      name: each.shape.as_list()
      for name, each in slim_network.variable_specs(spec).items()
    }
    values = random_weights.random_weights(shapes)
    network = slim_network.SlimNetwork(spec, values)
    generator = np.random.default_rng(0)
    images = generator.random((1, 64, 64, 3), np.float32)
    found = {
      rule: class_gradients.ClassGradient(network, 64, rule)(images, 5)
      for rule in ('guided', 'deconvnet')
    }
    with tf.GradientTape() as tape:
      pixels = tf.constant(images)
      tape.watch(pixels)
      score = network(pixels).logits[:, 5]
    expected = tape.gradient(score, pixels).numpy()
    scale = np.abs(expected).max()
    for rule, gradient in found.items():
      difference = np.abs(gradient - expected).max()
      self.assertGreater(difference, 0.1 * scale, rule)
    whole = tf.function(lambda each: network(each).logits, autograph=False)
    graph = whole.get_concrete_function(tf.TensorSpec([1, 64, 64, 3])).graph
    kinds = {operation.type for operation in graph.get_operations()}
    self.assertNotEmpty(kinds & {'Relu', 'Relu6'})
    # No other rectifier that the rules would miss.
    self.assertEmpty(kinds & {'LeakyRelu', 'Elu', 'Selu', 'Softplus'})


if __name__ == '__main__':
  absltest.main()
