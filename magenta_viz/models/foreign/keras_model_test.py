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

"""Tests for keras_model."""

import sys
from typing import Any, Optional
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models.foreign import input_format
from magenta_viz.models.foreign import keras_model

keras: Any = tf.keras
layers: Any = keras.layers


def _sequential(shape: Any, *others: Any, **kwargs: Any) -> Any:
  return keras.Sequential([keras.Input(shape), *others], **kwargs)


def _run(model: Any, *shape: int) -> Any:
  """Returns what a model says, from a graph."""
  raw = keras_model.KerasModel(model)
  traced = tf.function(lambda images: tuple(raw(images)), autograph=False)
  return traced(tf.ones([2, *shape]))


class Own(keras.Model):
  """Is of a class of its own."""

  def __init__(self) -> None:
    super().__init__()
    self.conv = layers.Conv2D(4, 3, name='conv')
    self.flat = layers.GlobalAveragePooling2D(name='flat')

  def call(self, images: Any) -> Any:
    return self.flat(self.conv(images))


class KerasModelTest(parameterized.TestCase):
  @parameterized.parameters(
    ((8, 12, 3), (8, 12, 3)), ((None, None, 1), (None, None, 1))
  )
  def test_shape(self, given: Any, expected: Any) -> None:
    for model in (
      _sequential(given, layers.Conv2D(2, 3)),
      keras.Model(
        *(lambda images: (images, layers.Conv2D(2, 3)(images)))(
          keras.Input(given)
        )
      ),
    ):
      raw = keras_model.KerasModel(model, 'abc')
      self.assertEqual(raw.input_shape, expected)
      self.assertEqual(raw.dtype, tf.float32)
      self.assertFalse(raw.is_channels_first)
      self.assertEqual(raw.sha256, 'abc')
      self.assertEqual(raw.said, input_format.NOTHING_SAID)

  def test_subclassed(self) -> None:
    model = Own()
    self.assertEqual(keras_model.KerasModel(model).input_shape, (None, None, 3))
    # One that nobody has called is built by the first call.
    outputs, found = _run(model, 10, 8, 3)
    self.assertEqual(list(outputs), ['output'])
    self.assertEqual(list(found), ['conv', 'flat'])
    self.assertLen(model.get_weights(), 2)
    kernel, bias = model.get_weights()
    np.testing.assert_allclose(
      outputs['output'][0], kernel.sum((0, 1, 2)) + bias, 1e-4, 1e-5
    )
    model = Own()
    model(np.zeros([2, 10, 8, 1], np.float32))
    raw = keras_model.KerasModel(model)
    self.assertEqual(raw.input_shape, (10, 8, 1))
    self.assertEqual(raw.sha256, '')

  @parameterized.parameters(
    ((3, 8, 12), 'channels_first', True),
    # What its layers say goes before the shape.
    ((3, 8, 12), 'channels_last', False),
    ((8, 3, 3), 'channels_last', False),
    ((3, 8, 12), None, True),
    ((8, 12, 3), None, False),
  )
  def test_channels_first(
    self, shape: Any, order: Optional[str], expected: bool
  ) -> None:
    layer = layers.Flatten()
    if order is not None:
      layer = layers.Conv2D(2, 1, data_format=order)
    raw = keras_model.KerasModel(_sequential(shape, _sequential(shape, layer)))
    self.assertEqual(raw.is_channels_first, expected)

  def test_dtype(self) -> None:
    policy = keras.mixed_precision.global_policy()
    self.addCleanup(keras.mixed_precision.set_global_policy, policy)
    keras.mixed_precision.set_global_policy('mixed_float16')
    model = _sequential([8, 8, 3], layers.Conv2D(2, 3))
    self.assertEqual(keras_model.KerasModel(model).dtype, tf.float16)

  @parameterized.parameters(
    ('mine', 'mine'),
    ('my_model-1.2', 'my_model-1.2'),
    ('.._a b/c:d', 'a_b_c_d'),
    ('\u00e9', 'model'),
    ('', 'model'),
  )
  def test_names(self, given: str, expected: str) -> None:
    self.assertEqual(keras_model.clean_name(given), expected)

  def test_outputs(self) -> None:
    images = keras.Input([8, 8, 3])
    flat = layers.Flatten()(images)
    first = layers.Dense(2, name='first')(flat)
    second = layers.Dense(3, name='second')(flat)
    outputs, _ = _run(keras.Model(images, first), 8, 8, 3)
    self.assertEqual(list(outputs), ['first'])
    outputs, _ = _run(keras.Model(images, [second, first]), 8, 8, 3)
    shapes = {name: each.shape[1] for name, each in outputs.items()}
    self.assertEqual(shapes, {'second': 3, 'first': 2})
    outputs, _ = _run(keras.Model(images, {'x': first, 'y': second}), 8, 8, 3)
    shapes = {name: each.shape[1] for name, each in outputs.items()}
    self.assertEqual(shapes, {'x': 2, 'y': 3})

  def test_outputs_of_one_name(self) -> None:
    images = keras.Input([8, 8, 3])
    dense = layers.Dense(2, name='dense')
    outs = [dense(layers.Flatten()(images)), dense(layers.Flatten()(-images))]
    outputs, _ = _run(keras.Model(images, outs), 8, 8, 3)
    self.assertLen(outputs, 2)

  def test_several_inputs(self) -> None:
    inputs = [keras.Input([8, 8, 3]), keras.Input([4])]
    flat = layers.Concatenate()([layers.Flatten()(inputs[0]), inputs[1]])
    with self.assertRaisesRegex(
      ValueError,
      "^the model 'two' takes 2 inputs; give one that takes pictures alone$",
    ):
      keras_model.KerasModel(keras.Model(inputs, flat, name='two'))

  def test_another_backend(self) -> None:
    backend = mock.Mock(spec=['backend'])
    backend.backend.return_value = 'jax'
    other = mock.Mock(spec=['backend'], backend=backend)
    model = _sequential([8, 8, 3], layers.Flatten(), name='mine')
    with mock.patch.dict(sys.modules, {'keras': other}):
      with self.assertRaisesRegex(
        ValueError, "^the model 'mine' is computed by jax, but TensorFlow draws"
      ):
        keras_model.KerasModel(model)

  def test_is_one(self) -> None:
    self.assertTrue(keras_model.is_one(Own()))
    for thing in (None, layers.Flatten(), Own, lambda images: images):
      self.assertFalse(keras_model.is_one(thing))


if __name__ == '__main__':
  absltest.main()
