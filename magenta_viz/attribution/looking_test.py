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

"""Tests for looking."""

from typing import Any

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.attribution import looking
from magenta_viz.models import network_loading
from magenta_viz.models import network_source
from magenta_viz.models import networks
from magenta_viz.testing import keras_models

_IMAGE = np.random.RandomState(0).rand(64, 64, 3).astype(np.float32)
_KERNEL = np.random.RandomState(1).randn(3, 3, 3, 4).astype(np.float32)


def _branches(images: tf.Tensor) -> Any:
  """Returns scores that depend on two layers and on the pictures besides."""
  first = tf.nn.relu(tf.nn.conv2d(images, _KERNEL, 2, 'SAME'))
  second = first * 2 + tf.reduce_mean(images)
  vector = tf.reduce_mean(second, [1, 2])
  scores = vector + tf.reduce_mean(first, [1, 2])
  return scores, {'first': first, 'second': second, 'vector': vector}


_MIXING = np.random.RandomState(2).randn(3, 4).astype(np.float32)


def _channels_first(images: tf.Tensor) -> Any:
  """Returns what `_channels_last` does, of maps with their channels first."""
  first = tf.nn.relu(tf.einsum('bchw,cd->bdhw', images, _MIXING))
  scores = tf.reduce_mean(first**2, [2, 3])
  return scores, {'first': first}


def _channels_last(images: tf.Tensor) -> Any:
  first = tf.nn.relu(images @ _MIXING)
  return tf.reduce_mean(first**2, [1, 2]), {'first': first}


def _tokens(images: tf.Tensor) -> Any:
  """Returns the same of tokens, before which is one that is not used."""
  tokens = tf.reshape(images, [-1, 64 * 64, 3])
  tokens = tf.concat([tokens[:, :1], tokens], 1)
  first = tf.nn.relu(tokens @ _MIXING)
  scores = tf.reduce_mean(first[:, 1:] ** 2, 1)
  return scores, {'first': first}


def _softmax(scores: np.ndarray) -> np.ndarray:
  exponentials = np.exp(scores - scores.max())
  return exponentials / exponentials.sum()


class LookerTest(parameterized.TestCase):
  def test_is_what_the_network_says(self) -> None:
    network = networks.from_keras(keras_models.cnn((64, 64, 3)))
    looker = looking.Looker(network)
    seen = looker(_IMAGE)
    outputs = network(_IMAGE[None])
    self.assertEqual(looker.layers, tuple(outputs.end_points))
    for name, expected in outputs.end_points.items():
      sides = tuple(expected.shape[1:-1]) or (1, 1)
      found = seen.map(name)
      self.assertEqual(found.shape, (*sides, expected.shape[-1]))
      np.testing.assert_allclose(
        found.reshape(-1), tf.reshape(expected, [-1]), atol=1e-6
      )
    np.testing.assert_allclose(
      seen.probabilities, _softmax(outputs.logits[0].numpy()), atol=1e-6
    )
    order = np.argsort(-seen.probabilities)[:2]
    self.assertEqual([each for each, _ in seen.top(2)], order.tolist())

  @parameterized.parameters(
    ([('first', 1)],),
    ([('second', 0), ('second', 3)],),
    ([('second', 2), ('first', 2), ('vector', 1)],),
  )
  def test_units_that_are_off(self, off: Any) -> None:
    network = networks.from_function(_branches, 64)
    looker = looking.Looker(network)
    found = looker(_IMAGE, [looking.Unit(*each) for each in off])
    kept = {name: np.ones(4, np.float32) for name in looker.layers}
    for name, channel in off:
      kept[name][channel] = 0
    image = tf.constant(_IMAGE[None])
    first = tf.nn.relu(tf.nn.conv2d(image, _KERNEL, 2, 'SAME')) * kept['first']
    second = (first * 2 + tf.reduce_mean(image)) * kept['second']
    vector = tf.reduce_mean(second, [1, 2]) * kept['vector']
    scores = (vector + tf.reduce_mean(first, [1, 2]))[0].numpy()
    np.testing.assert_allclose(found.map('first'), first[0], atol=1e-5)
    np.testing.assert_allclose(found.map('second'), second[0], atol=1e-5)
    np.testing.assert_allclose(found.map('vector')[0], vector, atol=1e-5)
    np.testing.assert_allclose(found.probabilities, _softmax(scores), atol=1e-5)
    # Nothing of it stays.
    again, plain = looker(_IMAGE), network(image)
    np.testing.assert_allclose(
      again.probabilities, _softmax(plain.logits[0].numpy()), atol=1e-5
    )

  @parameterized.parameters(
    (_channels_first, True, 'first'), (_tokens, False, 'first')
  )
  def test_layers_that_are_seen_in_another_form(
    self, function: Any, is_channels_first: bool, layer: str
  ) -> None:
    plain = looking.Looker(networks.from_function(_channels_last, 64))
    network = networks.from_function(
      function, 64, is_channels_first=is_channels_first
    )
    looker = looking.Looker(network)
    for off in ([], [looking.Unit(layer, 2)], [looking.Unit(layer, 0)]):
      expected, found = plain(_IMAGE, off), looker(_IMAGE, off)
      np.testing.assert_allclose(
        found.map(layer), expected.map(layer), atol=1e-5
      )
      np.testing.assert_allclose(
        found.probabilities, expected.probabilities, atol=1e-5
      )

  @parameterized.parameters('squeezenet', 'efficientnet_lite0')
  def test_unit_of_our_own_networks(self, model: str) -> None:
    network = network_loading.load(network_source.choose(model), tf.float32)
    looker = looking.Looker(network)
    image = tf.image.resize(_IMAGE, [network.image_size] * 2).numpy()
    plain = looker(image)
    layer = network.features
    strongest = int(plain.map(layer).max(axis=(0, 1)).argmax())
    off = looker(image, [looking.Unit(layer, strongest)])
    self.assertEqual(off.map(layer)[..., strongest].max(), 0)
    others = np.delete(off.map(layer), strongest, -1)
    np.testing.assert_array_equal(
      others, np.delete(plain.map(layer), strongest, -1)
    )
    change = np.abs(off.probabilities - plain.probabilities).max()
    self.assertGreater(change, 1e-4)
    # A unit that is silent changes nothing when it is off.
    (silent,) = np.nonzero(plain.map(layer).max(axis=(0, 1)) == 0)
    if silent.size:
      same = looker(image, [looking.Unit(layer, int(silent[0]))])
      np.testing.assert_allclose(
        same.probabilities, plain.probabilities, atol=1e-6
      )

  def test_without_classes(self) -> None:
    network = networks.from_keras(
      keras_models.cnn((64, 64, 3), None), output='none'
    )
    seen = looking.Looker(network)(_IMAGE)
    self.assertEqual(seen.top(5), [])


if __name__ == '__main__':
  absltest.main()
