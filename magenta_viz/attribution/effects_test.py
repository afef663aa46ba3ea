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

"""Tests for effects."""

from typing import Any

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.attribution import effects
from magenta_viz.models import network_protocol
from magenta_viz.models import networks

# From three channels, the colours, to two.
_TO_TWO = np.array([[2.0, -1.0], [0.5, 0.0], [-4.0, 3.0]], np.float32)
_TO_CLASSES = np.array([[1.0, 0.0, -1.0], [0.0, 5.0, 1.0]], np.float32)


def _mixed(net: tf.Tensor, weights: np.ndarray) -> tf.Tensor:
  return tf.nn.conv2d(net, weights[None, None], 1, 'SAME')


def _small(images: tf.Tensor) -> Any:
  """A layer that is the colours, one that weighs them, a pooling, scores."""
  colours = images * 2
  shrunk = tf.nn.max_pool2d(colours, 2, 2, 'SAME')
  second = tf.nn.relu(_mixed(shrunk, _TO_TWO) + 1)
  side = tf.nn.relu(_mixed(shrunk, _TO_TWO[:, ::-1]))
  joined = tf.concat([second, side], -1)
  scores = tf.reduce_mean(second, [1, 2]) @ _TO_CLASSES
  return scores, {
    'colours': colours,
    'shrunk': shrunk,
    'second': second,
    'side': side,
    'joined': joined,
    'scores': scores,
  }


def _network() -> network_protocol.Network:
  return networks.from_function(_small, 64, class_names=('a', 'b', 'c'))


def _grey(*levels: float) -> np.ndarray:
  """Returns a picture of one colour, which no resizing changes."""
  return np.full((32, 48, 3), levels, np.float32)


class NextLayersTest(parameterized.TestCase):
  @parameterized.parameters(
    # A pooling is no layer that a layer feeds, nor what joins layers.
    ('colours', ('second', 'side')),
    ('shrunk', ('second', 'side')),
    ('second', ('scores',)),
    ('joined', ()),
    ('scores', ()),
  )
  def test_of_all(self, layer: str, expected: Any) -> None:
    network = _network()
    found = effects.Effects(network).next_layers(layer, list(network.layers))
    self.assertEqual(found, expected)

  def test_among_some(self) -> None:
    found = effects.Effects(_network())
    self.assertEqual(found.next_layers('colours', ['joined']), ('joined',))
    self.assertEqual(found.next_layers('colours', ['shrunk']), ())
    self.assertEqual(found.next_layers('colours', ['colours', 'gone']), ())


class MeasureTest(absltest.TestCase):
  def test_is_what_the_weights_say(self) -> None:
    levels = (0.5, 0.25, 0.1)
    images = [_grey(*levels)] * 3
    found = effects.Effects(_network()).measure(
      images, 'colours', [0, 1, 2], ['second', 'shrunk']
    )
    colours = 2 * np.array(levels)
    with_all = np.maximum(colours @ _TO_TWO + 1, 0)
    for channel in range(3):
      kept = colours * (np.arange(3) != channel)
      without = np.maximum(kept @ _TO_TWO + 1, 0)
      change = with_all - without
      np.testing.assert_allclose(
        found.layers['second'][channel], change, atol=1e-5
      )
      classes = change @ _TO_CLASSES
      np.testing.assert_allclose(
        found.classes[channel], classes - classes.mean(), atol=1e-4
      )
      # A layer in between is what it is.
      np.testing.assert_allclose(
        found.layers['shrunk'][channel], colours - kept, atol=1e-5
      )

  def test_each_in_a_picture_of_its_own(self) -> None:
    measure = effects.Effects(_network())
    random = np.random.RandomState(0)
    images = [random.rand(64, 64, 3).astype(np.float32) for _ in range(20)]
    channels = [each % 3 for each in range(20)]
    found = measure.measure(images, 'colours', channels, ['second'])
    for each in (0, 7, 19):
      alone = measure.measure(
        [images[each]], 'colours', [channels[each]], ['second']
      )
      np.testing.assert_allclose(
        found.layers['second'][each], alone.layers['second'][0], atol=1e-5
      )
    again = measure.measure(images, 'colours', channels, ['second'])
    np.testing.assert_array_equal(
      found.layers['second'], again.layers['second']
    )

  def test_a_silent_unit_changes_nothing(self) -> None:
    found = effects.Effects(_network()).measure(
      [_grey(0.5, 0.0, 0.5)], 'colours', [1], ['second']
    )
    np.testing.assert_array_equal(found.layers['second'], np.zeros((1, 2)))
    np.testing.assert_array_equal(found.classes, np.zeros((1, 3)))

  def test_of_a_layer_without_places(self) -> None:
    def scores(images: tf.Tensor) -> Any:
      vector = tf.reduce_mean(images, [1, 2])
      return vector @ _TO_TWO, {'vector': vector}

    network = networks.from_function(scores, 64, class_names=('a', 'b'))
    found = effects.Effects(network).measure(
      [_grey(1, 1, 1)], 'vector', [2], []
    )
    np.testing.assert_allclose(found.classes, [[-3.5, 3.5]], atol=1e-5)

  def test_of_channels_that_come_first(self) -> None:
    def small(images: tf.Tensor) -> Any:
      first = images * 2
      second = tf.einsum('bchw,cd->bdhw', first, _TO_TWO)
      scores = tf.reduce_mean(second, [2, 3]) @ _TO_CLASSES
      return scores, {'first': first, 'second': second}

    measure = effects.Effects(
      networks.from_function(small, 64, is_channels_first=True)
    )
    layers = ['first', 'second']
    self.assertEqual(measure.next_layers('first', layers), ('second',))
    found = measure.measure([_grey(1, 0, 0)], 'first', [0], ['second'])
    np.testing.assert_allclose(found.layers['second'], [[4, -2]], atol=1e-5)
    classes = np.array([4, -2]) @ _TO_CLASSES
    np.testing.assert_allclose(
      found.classes[0], classes - classes.mean(), atol=1e-4
    )

  def test_of_what_nothing_is_computed_of(self) -> None:
    with self.assertRaisesRegex(ValueError, "of the layer 'joined'"):
      effects.Effects(_network()).measure([_grey(1, 1, 1)], 'joined', [0], [])

  def test_without_classes(self) -> None:
    def features(images: tf.Tensor) -> Any:
      first = images * 2
      return images, {'first': first, 'second': _mixed(first, _TO_TWO)}

    network = networks.from_function(features, 64, output='none')
    found = effects.Effects(network).measure(
      [_grey(1, 1, 1)], 'first', [0], ['second']
    )
    np.testing.assert_allclose(found.layers['second'], [[4, -2]], atol=1e-5)
    self.assertEqual(found.classes.shape, (1, 0))


class StrongestTest(absltest.TestCase):
  def test_of_either_sign(self) -> None:
    values = np.array([0.5, -2.0, 0.0, 3.0, -1.0, 0.5, 0.001])
    self.assertEqual(
      effects.strongest(values, 3), [3, 3.0, 0, 0.5, 5, 0.5, 4, -1.0, 1, -2.0]
    )
    self.assertEqual(effects.strongest(values, 1), [3, 3.0, 1, -2.0])

  def test_of_nothing(self) -> None:
    self.assertEqual(effects.strongest(np.zeros(5), 2), [])
    self.assertEqual(effects.strongest(np.zeros(0), 2), [])


if __name__ == '__main__':
  absltest.main()
