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

"""Tests for keras_said."""

from typing import Any, List

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models.foreign import input_format
from magenta_viz.models.foreign import keras_said

keras: Any = tf.keras
layers: Any = keras.layers

_UNIT = input_format.InputFormat()
_BYTES = input_format.InputFormat((0.0, 255.0))
_SYMMETRIC = input_format.InputFormat((-1.0, 1.0))
_CAFFE = input_format.InputFormat(
  (0.0, 255.0), input_format.CAFFE_MEAN, (1.0,), 'bgr'
)


def _model(*first: Any, name: str = 'mine') -> Any:
  return keras.Sequential(
    [keras.Input([32, 32, 3]), *first, layers.Conv2D(2, 3, name='conv')],
    name=name,
  )


def _adapted(mean: float) -> Any:
  return layers.Normalization(mean=[mean] * 3, variance=[1.0] * 3, name='norm')


class FirstLayersTest(parameterized.TestCase):
  @parameterized.parameters(
    (1 / 255, 0.0, _BYTES),
    (1 / 127.5, -1.0, _BYTES),
    (2.0, -1.0, _UNIT),
    (255.0, 0.0, _UNIT),
  )
  def test_rescaling(
    self, scale: float, offset: float, expected: input_format.InputFormat
  ) -> None:
    model = _model(layers.Rescaling(scale, offset, name='scaled'))
    self.assertEqual(
      keras_said.of_model(model),
      input_format.Said(expected, 'as its layer scaled says'),
    )

  @parameterized.parameters((0.45, _UNIT), (117.0, _BYTES))
  def test_normalization(
    self, mean: float, expected: input_format.InputFormat
  ) -> None:
    self.assertEqual(
      keras_said.of_model(_model(_adapted(mean))),
      input_format.Said(expected, 'as its layer norm says'),
    )

  def test_adapted_normalization(self) -> None:
    layer = layers.Normalization(name='norm')
    images = np.random.RandomState(0).rand(4, 32, 32, 3)
    layer.adapt((255 * images).astype(np.float32))
    self.assertEqual(keras_said.of_model(_model(layer)).format, _BYTES)

  def test_the_first_counts(self) -> None:
    model = _model(layers.Rescaling(1 / 255), _adapted(0.45))
    self.assertEqual(keras_said.of_model(model).format, _BYTES)

  def test_augmentation_is_passed_over(self) -> None:
    augmented = keras.Sequential(
      [layers.RandomFlip(), layers.RandomRotation(0.1)], name='augmented'
    )
    model = _model(
      layers.Resizing(32, 32),
      augmented,
      layers.RandomContrast(0.1),
      layers.Dropout(0.1),
      layers.Permute([2, 1, 3]),
      layers.ZeroPadding2D(),
      layers.Rescaling(1 / 255, name='scaled'),
    )
    self.assertEqual(
      keras_said.of_model(model),
      input_format.Said(_BYTES, 'as its layer scaled says'),
    )

  def test_in_a_nested_model(self) -> None:
    model = _model(_model(layers.Rescaling(1 / 255, name='s'), name='inner'))
    self.assertEqual(keras_said.of_model(model).format, _BYTES)

  def test_later_layers_say_nothing(self) -> None:
    model = _model(layers.Conv2D(3, 1), layers.Rescaling(1 / 255))
    self.assertEqual(keras_said.of_model(model), input_format.NOTHING_SAID)
    self.assertEqual(keras_said.of_model(_model()), input_format.NOTHING_SAID)

  def test_subclassed(self) -> None:
    class Own(keras.Model):
      def __init__(self) -> None:
        super().__init__()
        self.scaled = layers.Rescaling(1 / 255, name='scaled')
        self.conv = layers.Conv2D(2, 3)

      def call(self, images: Any) -> Any:
        return self.conv(self.scaled(images))

    self.assertEqual(keras_said.of_model(Own()).format, _BYTES)

  @parameterized.parameters('caffe', 'tf', 'torch')
  def test_preprocessing_in_the_graph(self, mode: str) -> None:
    images = keras.Input([32, 32, 3])
    utils = keras.applications.imagenet_utils
    net = utils.preprocess_input(images, mode=mode)
    # Whatever the network is called.
    net = _model(name='resnet50')(net)
    self.assertEqual(
      keras_said.of_model(keras.Model(images, net)),
      input_format.Said(_BYTES, 'as it begins with operations on bytes'),
    )

  @parameterized.parameters('transpose', 'cast', 'reshape')
  def test_operations_that_leave_values(self, name: str) -> None:
    images = keras.Input([32, 32, 3])
    ops: Any = getattr(keras, 'ops', tf)
    if name == 'transpose':
      net = ops.transpose(images, [0, 2, 1, 3])
    elif name == 'cast':
      net = ops.cast(ops.cast(images, 'float16'), 'float32')
    else:
      net = ops.reshape(images, [-1, 32, 32, 3])
    model = keras.Model(images, _model()(net))
    self.assertEqual(keras_said.of_model(model), input_format.NOTHING_SAID)


class NamesTest(parameterized.TestCase):
  @parameterized.parameters(
    ('resnet50', _CAFFE),
    ('resnet101v2', _SYMMETRIC),
    ('resnet152', _CAFFE),
    ('vgg16', _CAFFE),
    ('vgg19', _CAFFE),
    ('xception', _SYMMETRIC),
    ('inception_v3', _SYMMETRIC),
    ('inception_resnet_v2', _SYMMETRIC),
    ('mobilenetv2_1.00_224', _SYMMETRIC),
    ('MobilenetV3small', _BYTES),
    ('NASNet', _SYMMETRIC),
    ('efficientnetb0', _BYTES),
    ('efficientnetv2-b0', _BYTES),
    ('convnext_tiny', _BYTES),
    ('regnetx002', _BYTES),
    ('resnet-rs-50', _BYTES),
  )
  def test_by_name(self, name: str, expected: input_format.InputFormat) -> None:
    said = input_format.Said(expected, f'as {name} of keras.applications')
    self.assertEqual(keras_said.of_model(_model(name=name)), said)
    # A head of one's own on it.
    whole = _model(_model(name=name))
    whole.add(layers.Flatten())
    self.assertEqual(keras_said.of_model(whole).reason, said.reason)

  def test_densenet(self) -> None:
    form = keras_said.of_model(_model(name='densenet121')).format
    assert form is not None
    self.assertEqual(form.mean, (0.485, 0.456, 0.406))
    np.testing.assert_allclose(1 / np.array(form.scale), (0.229, 0.224, 0.225))

  def test_a_model_of_keras(self) -> None:
    model = keras.applications.MobileNet(
      [32, 32, 3], alpha=0.25, weights=None, classes=10
    )
    said = keras_said.of_model(model)
    self.assertEqual(said.format, _SYMMETRIC)
    self.assertRegex(said.reason, '^as mobilenet.* of keras.applications$')
    images = keras.Input([32, 32, 3])
    head = keras.Model(images, layers.Rescaling(1 / 255)(images))
    # What its layers say goes before its name.
    whole = keras.Model(images, model(head(images)))
    self.assertEqual(keras_said.of_model(whole).format, _BYTES)

  def test_layers_of_such_a_name(self) -> None:
    model = _model(layers.Conv2D(3, 1, name='resnet50'))
    self.assertEqual(keras_said.of_model(model), input_format.NOTHING_SAID)

  def test_flat_layers(self) -> None:
    model = _model(_model(layers.ReLU(name='relu'), name='inner'))
    names: List[str] = [each.name for each in keras_said.flat_layers(model)]
    self.assertEqual(
      [name for name in names if 'input' not in name],
      ['inner', 'relu', 'conv', 'conv'],
    )


if __name__ == '__main__':
  absltest.main()
