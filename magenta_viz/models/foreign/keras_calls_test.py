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

"""Tests for keras_calls."""

import threading
from typing import Any, Dict, List, Optional, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models.foreign import keras_calls

keras: Any = tf.keras
layers: Any = keras.layers

_IMAGES = np.random.RandomState(0).rand(2, 8, 8, 3).astype(np.float32)


def _call(model: Any, images: Any = _IMAGES) -> Tuple[Any, Dict[str, Any]]:
  """Returns what a model and its layers give, from a graph."""
  traced = tf.function(
    lambda given: keras_calls.call(model, given), autograph=False
  )
  return traced(images)


def _names(model: Any, images: Any = _IMAGES) -> List[str]:
  """Returns the names of layers in the order in which they are run."""
  names: List[str] = []

  def run(given: tf.Tensor) -> tf.Tensor:
    found, by_name = keras_calls.call(model, given)
    names.extend(by_name)
    return found

  tf.function(run, autograph=False).get_concrete_function(images)
  return names


class Subclassed(keras.Model):
  """Calls its layers as in training, unless it is told how."""

  def __init__(self, how: str) -> None:
    super().__init__()
    self.conv = layers.Conv2D(4, 3, name='conv')
    self.norm = layers.BatchNormalization(name='norm')
    self.drop = layers.Dropout(0.5, name='drop')
    self.how = how

  def call(self, images: Any) -> Any:
    net = self.conv(images)
    if self.how == 'keyword':
      return self.drop(self.norm(net, training=True), training=True)
    if self.how == 'position':
      return self.drop(self.norm(net, True), True)
    return self.drop(self.norm(net))


class Told(Subclassed):
  def call(self, images: Any, training: Optional[bool] = None) -> Any:
    net = self.norm(self.conv(images), training=training)
    return self.drop(net, training=training)


class Given(Subclassed):
  def call(self, images: Any, **kwargs: Any) -> Any:
    net = self.norm(self.conv(images), training=kwargs.get('training', True))
    return self.drop(net, training=kwargs.get('training', True))


def _inner(name: str = 'inner') -> Any:
  return keras.Sequential(
    [
      keras.Input([8, 8, 3]),
      layers.Conv2D(3, 3, padding='same', name='conv'),
      layers.ReLU(name='relu'),
    ],
    name=name,
  )


class LayersTest(parameterized.TestCase):
  def test_values_are_those_of_the_layers(self) -> None:
    images = keras.Input([8, 8, 3])
    net = layers.Conv2D(4, 3, name='conv')(images)
    net = layers.BatchNormalization(name='norm')(net)
    net = layers.GlobalAveragePooling2D(name='mean')(net)
    model = keras.Model(images, layers.Dense(3, name='classes')(net))
    output, found = _call(model)
    np.testing.assert_allclose(output, model(_IMAGES, training=False), 1e-5)
    names = ['conv', 'norm', 'mean', 'classes']
    self.assertEqual([each for each in _names(model) if each in names], names)
    whole = keras.Model(
      model.inputs, [model.get_layer(name).output for name in names]
    )
    for name, expected in zip(names, whole(_IMAGES, training=False)):
      np.testing.assert_allclose(found[name], expected, 1e-5, 1e-6)

  def test_nested(self) -> None:
    images = keras.Input([8, 8, 3])
    net = keras.Sequential([_inner()], name='outer')(images)
    model = keras.Model(images, layers.Flatten(name='flat')(net))
    self.assertEqual(_names(model), ['conv', 'relu', 'inner', 'outer', 'flat'])

  def test_names_that_clash(self) -> None:
    images = keras.Input([8, 8, 3])
    net = layers.Conv2D(3, 1, name='conv')(images)
    net = _inner('second')(_inner('first')(net))
    names = _names(keras.Model(images, net))
    self.assertEqual(
      names,
      [
        *('conv', 'first/conv', 'relu', 'first'),
        *('second/conv', 'second/relu', 'second'),
      ],
    )

  def test_shared(self) -> None:
    images = keras.Input([8, 8, 3])
    conv = layers.Conv2D(3, 3, padding='same', name='conv')
    inner = keras.Sequential([keras.Input([8, 8, 3]), conv], name='inner')
    net = inner(inner(conv(conv(images))))
    model = keras.Model(images, net)
    _, found = _call(model)
    self.assertEqual(
      _names(model),
      ['conv', 'conv/2', 'inner/conv', 'inner', 'inner/conv/2', 'inner/2'],
    )
    np.testing.assert_allclose(found['conv/2'], conv(found['conv']), 1e-4, 1e-6)
    np.testing.assert_allclose(
      found['inner/conv/2'], conv(found['inner']), 1e-4, 1e-6
    )

  def test_what_does_nothing_is_no_layer(self) -> None:
    images = keras.Input([8, 8, 3])
    net = layers.Dropout(0.5, name='drop')(images)
    net = layers.ReLU(name='relu')(net)
    self.assertEqual(_names(keras.Model(images, net)), ['relu'])

  def test_inside_of_attention_is_left_out(self) -> None:
    images = keras.Input([4, 6])
    net = layers.MultiHeadAttention(2, 3, name='attention')(images, images)
    net = layers.LayerNormalization(name='norm')(net)
    names = _names(keras.Model(images, net), np.zeros([2, 4, 6], np.float32))
    self.assertEqual(names, ['attention', 'norm'])

  def test_inside_of_a_layer_of_ones_own(self) -> None:
    class Block(layers.Layer):
      def __init__(self, name: str) -> None:
        super().__init__(name=name)
        self.conv = layers.Conv2D(3, 1, name='conv')

      def call(self, images: Any) -> Any:
        return self.conv(images) + images

    images = keras.Input([8, 8, 3])
    net = Block('b')(Block('a')(images))
    self.assertEqual(
      _names(keras.Model(images, net)), ['conv', 'a', 'b/conv', 'b']
    )

  def test_several_outputs_of_a_layer(self) -> None:
    class Pair(layers.Layer):
      def call(self, images: Any) -> Any:
        return images + 1.0, images + 2.0

    images = keras.Input([8, 8, 3])
    first, second = Pair(name='pair')(images)
    net = layers.Concatenate(name='both')([first, second])
    output, found = _call(keras.Model(images, net))
    np.testing.assert_allclose(found['pair'], _IMAGES + 1)
    np.testing.assert_allclose(output[..., 3:], _IMAGES + 2)


class InferenceTest(parameterized.TestCase):
  @parameterized.parameters(
    (Subclassed, 'keyword'),
    (Subclassed, 'position'),
    (Subclassed, 'none'),
    (Told, 'none'),
    (Given, 'none'),
  )
  def test_never_as_in_training(self, kind: Any, how: str) -> None:
    if how == 'position' and hasattr(keras, 'ops'):
      self.skipTest('Keras 3 takes training by its name alone.')
    model = kind(how)
    model(_IMAGES)
    model.norm.set_weights(
      [np.full([4], each, np.float32) for each in (1.5, 0.5, -0.25, 4.0)]
    )
    expected = model.conv(_IMAGES)
    expected = 1.5 * (expected + 0.25) / np.sqrt(4 + 1e-3) + 0.5
    for _ in range(2):
      output, found = _call(model)
      np.testing.assert_allclose(output, expected, 1e-4, 1e-5)
      np.testing.assert_allclose(found['norm'], expected, 1e-4, 1e-5)
    # Nor does it learn anything.
    mean = model.norm.get_weights()[2]
    np.testing.assert_array_equal(mean, np.full([4], -0.25))

  def test_is_the_same_after_training(self) -> None:
    model = keras.Sequential(
      [
        keras.Input([8, 8, 3]),
        layers.BatchNormalization(),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(2),
      ]
    )
    model.compile('sgd', 'mse')
    model.fit(_IMAGES, np.zeros([2, 2]), verbose=0)
    output, _ = _call(model)
    np.testing.assert_allclose(output, model.predict(_IMAGES, verbose=0), 1e-4)


class PatchTest(absltest.TestCase):
  def test_an_error_leaves_keras_as_it_was(self) -> None:
    class Broken(keras.Model):
      def call(self, images: Any) -> Any:
        raise KeyError('broken')

    model = Broken()
    base: Any = keras_calls.base_of(model)
    before = base.__call__
    for _ in range(2):
      with self.assertRaises(Exception) as caught:
        _names(model)
      self.assertIn('broken', str(caught.exception))
      self.assertIs(base.__call__, before)
    self.assertEqual(_names(_inner()), ['conv', 'relu'])
    self.assertIs(base.__call__, before)

  def test_other_threads_are_as_ever(self) -> None:
    norm = layers.BatchNormalization(momentum=0.0)
    norm(_IMAGES)
    means = []

    class Waiting(keras.Model):
      def __init__(self) -> None:
        super().__init__()
        self.conv = layers.Conv2D(3, 1, name='conv')

      def call(self, images: Any) -> Any:
        def train() -> None:
          norm(_IMAGES, training=True)
          means.append(norm.get_weights()[2])

        # Somebody trains meanwhile.
        thread = threading.Thread(target=train)
        thread.start()
        thread.join()
        return self.conv(images)

    model = Waiting()
    model(_IMAGES)
    means.clear()
    self.assertEqual(_names(model), ['conv'])
    np.testing.assert_allclose(means[0], _IMAGES.mean((0, 1, 2)), 1e-4)

  def test_no_models(self) -> None:
    for thing in (None, print, tf.Module(), layers.ReLU(), layers.Conv2D, 3):
      self.assertIsNone(keras_calls.base_of(thing))
    base: Any = keras_calls.base_of(_inner())
    self.assertEqual(base.__name__, 'Layer')
    self.assertIsInstance(layers.ReLU(), base)


if __name__ == '__main__':
  absltest.main()
