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

"""Tests for layer_gradients."""

import functools
from typing import Any, Optional
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.attribution import attributions
from magenta_viz.attribution import layer_gradients
from magenta_viz.models import network_protocol

_SIDE = 6
_KERNEL = np.random.default_rng(1).normal(size=(3, 4)).astype(np.float32)
_HEAD = np.random.default_rng(2).normal(size=(3, 3, 4, 5)).astype(np.float32)


class _Network:
  """A map at half of the images' size, whatever that is, and a head on it."""

  name = 'own'
  features = 'vector'
  count = 0

  def __init__(self, dtype: tf.DType = tf.float32):
    self._dtype = dtype

  def __call__(self, images: tf.Tensor) -> network_protocol.Outputs:
    self.count += 1
    small = tf.cast(tf.nn.avg_pool2d(images, 2, 2, 'SAME'), self._dtype)
    net = tf.nn.relu(tf.tensordot(small, tf.cast(_KERNEL, self._dtype), 1))
    # As a resolution of its own has it, for any images.
    net = tf.ensure_shape(net, [None, 3, 3, 4])
    logits = tf.einsum('bhwc,hwcn->bn', tf.cast(net, tf.float32) ** 2, _HEAD)
    end_points = {
      'map': net,
      'mean': tf.reduce_mean(net, [1, 2], keepdims=True),
      'vector': tf.reduce_mean(net, [1, 2]),
      'aside': net + 1,
    }
    return network_protocol.Outputs(logits, end_points)


class _Tokens(_Network):
  """The same, with a token beside those of places, and channels first."""

  def __call__(self, images: tf.Tensor) -> network_protocol.Outputs:
    net = super().__call__(images).end_points['map']
    places = tf.reshape(net, [-1, 9, 4])
    tokens = tf.concat([tf.reduce_sum(places, 1, keepdims=True), places], 1) + 0
    grid = tf.reshape(tf.cast(tokens[:, 1:], tf.float32), [-1, 3, 3, 4])
    first = tf.transpose(net, [0, 3, 1, 2]) + 0
    logits = tf.einsum(
      'btc,tcn->bn', tokens[:, 1:] ** 2, _HEAD.reshape(9, 4, 5)
    )
    logits += tf.einsum('bchw,hwcn->bn', first**2, _HEAD)
    end_points = {'tokens': grid, 'first': tf.transpose(first, [0, 2, 3, 1])}
    return network_protocol.Outputs(logits, end_points)


def _images(count: int = 2) -> np.ndarray:
  shape = (count, _SIDE, _SIDE, 3)
  return np.random.default_rng(0).random(shape, np.float32)


def _expected(images: np.ndarray, class_id: int) -> Any:
  """Returns the map, and the gradient to it, by hand."""
  small = images.reshape(-1, 3, 2, 3, 2, 3).mean(axis=(2, 4))
  net = np.maximum(small @ _KERNEL, 0)
  return net, 2 * net * _HEAD[..., class_id]


class LayerGradientTest(parameterized.TestCase):
  @parameterized.parameters((tf.float32, 1e-4), (tf.float16, 0.02))
  def test_by_hand(self, dtype: tf.DType, tolerance: float) -> None:
    gradient = layer_gradients.LayerGradient(_Network(dtype), _SIDE)
    found = gradient(_images(), 'map', 3)
    for each, expected in zip(found, _expected(_images(), 3)):
      self.assertEqual(each.dtype, np.float32)
      np.testing.assert_allclose(each, expected, atol=tolerance)

  def test_any_number_of_images_and_any_class_is_one_trace(self) -> None:
    network = _Network()
    gradient = layer_gradients.LayerGradient(network, _SIDE)
    for class_id in (0, 4):
      found = gradient(_images(23), 'map', class_id)
      np.testing.assert_allclose(
        found[1], _expected(_images(23), class_id)[1], atol=1e-4
      )
    self.assertEqual(network.count, 1)

  def test_grad_cam_by_hand(self) -> None:
    gradient = layer_gradients.LayerGradient(_Network(), _SIDE)
    found = attributions.grad_cam(
      functools.partial(gradient, class_id=1), _images(), 'map'
    )
    net, gradients = _expected(_images(), 1)
    self.assertEqual(found.shape, (2, 3, 3, 1))
    for each, activations, slopes in zip(found, net, gradients):
      weights = [slopes[..., k].mean() for k in range(4)]
      summed = sum(w * activations[..., k] for k, w in enumerate(weights))
      np.testing.assert_allclose(each[..., 0], np.maximum(summed, 0), atol=1e-4)

  @parameterized.parameters('tokens', 'first')
  def test_layer_that_is_rearranged(self, layer: str) -> None:
    gradient = layer_gradients.LayerGradient(_Tokens(), _SIDE)
    found = gradient(_images(), layer, 3)
    for each, expected in zip(found, _expected(_images(), 3)):
      np.testing.assert_allclose(each, expected, atol=1e-4)

  def test_layer_beside_the_way(self) -> None:
    gradient = layer_gradients.LayerGradient(_Network(), _SIDE)
    with self.assertRaisesRegex(
      ValueError, "^the classes' scores do not depend on layer 'aside'; take"
    ):
      gradient(_images(), 'aside', 0)

  def test_not_finite(self) -> None:
    gradient = layer_gradients.LayerGradient(_Network(), _SIDE)
    with self.assertRaisesRegex(FloatingPointError, '^layer map or the gradi'):
      gradient(np.full_like(_images(), np.inf), 'map', 0)


class ChooseLayerTest(parameterized.TestCase):
  def _choose(self, layer: Optional[str], features: str = 'vector') -> str:
    network: Any = _Network()
    outputs = network(tf.constant(_images()))
    with mock.patch.object(_Network, 'features', features):
      return layer_gradients.choose_layer(network, outputs, layer)

  def test_default(self) -> None:
    self.assertEqual(self._choose(None, 'map'), 'map')
    # What the classifier looks at has no places.
    self.assertEqual(self._choose(None), 'aside')
    self.assertEqual(self._choose('map'), 'map')

  @parameterized.parameters(
    ('mep', "^unknown layer 'mep'; take one such as map "),
    ('x', "^unknown layer 'x'; take one such as map, aside "),
    ('mean', r"^layer 'mean' has no map of places: its shape is \(1, 1, 4\);"),
    ('vector', r"^layer 'vector' has no map of places: its shape is \(4,\); t"),
  )
  def test_refuses(self, layer: str, message: str) -> None:
    with self.assertRaisesRegex(ValueError, message) as caught:
      self._choose(layer)
    self.assertNotIn('\n', str(caught.exception))

  def test_network_without_places(self) -> None:
    outputs = network_protocol.Outputs(
      tf.zeros([1, 3]), {'vector': tf.zeros([1, 3])}
    )
    with self.assertRaisesRegex(ValueError, '^own has no layer with a map of'):
      layer_gradients.choose_layer(_Network(), outputs, None)  # type: ignore


if __name__ == '__main__':
  absltest.main()
