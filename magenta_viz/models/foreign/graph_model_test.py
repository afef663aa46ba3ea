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

"""Tests for graph_model and graph_layers."""

from typing import Any, Dict

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models.foreign import graph_model
from magenta_viz.models.foreign import input_format
from magenta_viz.models.foreign import model_files
from magenta_viz.testing import graph_models

v1 = tf.compat.v1


class GraphModelTest(graph_models.GraphModelsTestCase):
  def assert_is_scores(self, model: graph_model.GraphModel) -> None:
    """Fails unless a model is `graph_models.scores`."""
    images = graph_models.images()
    expected = graph_models.scores(graph_models.KERNEL, images)['scores']
    outputs, found = model(images)
    self.assertLen(outputs, 1)
    np.testing.assert_allclose(
      next(iter(outputs.values())), expected, atol=1e-6
    )
    self.assertSequenceEqual(
      list(found), ['conv1', 'block/left', 'block/right', 'block', 'pooled']
    )
    self.assertEqual(found['block'].shape, [2, 12, 10, 10])
    self.assertEqual(model.input_shape, (12, 10, 3))
    self.assertEqual(model.dtype, tf.float32)
    self.assertEqual(model.said, input_format.NOTHING_SAID)

  def test_module(self) -> None:
    path = self.saved(graph_models.scores)
    model = self.load(path)
    self.assert_is_scores(model)
    self.assertEqual(model.name, 'a_model')
    self.assertEqual(list(model(graph_models.images()).outputs), ['scores'])
    found = model_files.tell(str(path))
    assert found is not None
    self.assertEqual(model.sha256, found.sha256)

  @parameterized.product(is_resource=(True, False), frozen=(True, False))
  def test_tensorflow_1(self, is_resource: bool, frozen: bool) -> None:
    model = self.load(self.old(is_resource, frozen))
    self.assert_is_scores(model)
    self.assertEqual(model.name, 'old')

  def test_in_a_graph(self) -> None:
    model = self.load(self.saved(graph_models.scores))
    traced = tf.function(lambda images: model(images).outputs['scores'])
    for batch in (1, 3):
      images = graph_models.images(batch)
      np.testing.assert_allclose(
        traced(images), model(images).outputs['scores'], atol=1e-6
      )
    # Pictures do not know of each other.
    np.testing.assert_allclose(
      traced(images)[:1], traced(images[:1]), atol=1e-6
    )

  def test_keras(self) -> None:
    original = graph_models.keras_model()
    model = self.load(self.exported(original))
    images = 255 * graph_models.images(3)
    outputs, found = model(images)
    np.testing.assert_allclose(
      next(iter(outputs.values())), original(images, training=False), atol=1e-5
    )
    self.assertEqual(
      list(found),
      # Each has the name that Keras knows it by.
      [
        'scaled',
        'first',
        'norm',
        'swish',
        'inner/deep',
        'inner/pool',
        'inner',
        *(['drop'] if 'drop' in found else []),
        'mean',
        'classes',
      ],
    )
    whole = tf.keras.Model(
      original.inputs,
      [original.get_layer(name).output for name in ('norm', 'swish', 'mean')],
    )
    for name, expected in zip(('norm', 'swish', 'mean'), whole(images)):
      np.testing.assert_allclose(found[name], expected, atol=1e-4)
    self.assertEqual(model.said.format, input_format.InputFormat((0.0, 255.0)))
    self.assertRegex(model.said.reason, 'its operation scaled')

  def test_names_that_keras_numbers(self) -> None:
    layers: Any = tf.keras.layers
    images = tf.keras.Input([9, 9, 3])
    net = images
    names = ['conv', 'conv_1', 'conv_2', 'conv_10', 'norm_1']
    for name in names[:-1]:
      net = layers.Conv2D(3, 1, activation='relu', name=name)(net)
    net = layers.BatchNormalization(name=names[-1])(net)
    model = tf.keras.Model(images, layers.Flatten(name='flat')(net))
    found = self.load(self.exported(model))(tf.ones([1, 9, 9, 3])).layers
    self.assertEqual(list(found), [*names, 'flat'])

  @parameterized.parameters(False, True)
  def test_function_that_is_compiled(self, is_frozen: bool) -> None:
    @tf.function(autograph=False, jit_compile=True)
    def half(values: tf.Tensor) -> tf.Tensor:
      return tf.nn.relu(values / 2, name='half'), values

    @tf.function(autograph=False, jit_compile=True)
    def quarter(values: tf.Tensor) -> tf.Tensor:
      return half(half(values)[0])[0]

    def function(kernel: tf.Tensor, images: tf.Tensor) -> Dict[str, tf.Tensor]:
      with tf.name_scope('layer'):
        images = quarter(images)
      return graph_models.scores(kernel, images)

    def build() -> None:
      images = v1.placeholder(tf.float32, graph_models.SHAPE, 'images')
      function(graph_models.KERNEL, images)

    model = self.load(self.graph(build) if is_frozen else self.saved(function))
    images = graph_models.images()
    outputs, found = model(images)
    np.testing.assert_allclose(found['layer'], images / 4, atol=1e-6)
    expected = graph_models.scores(graph_models.KERNEL, images / 4)['scores']
    (scores,) = outputs.values()
    np.testing.assert_allclose(scores, expected, atol=1e-6)

    @tf.function(autograph=False)
    def gradient(images: tf.Tensor) -> tf.Tensor:
      (scores,) = model(images).outputs.values()
      return tf.gradients(scores, images)[0]

    self.assertGreater(np.abs(gradient(images)).max(), 0)

  def test_half(self) -> None:
    def function(kernel: tf.Tensor, images: tf.Tensor) -> Dict[str, tf.Tensor]:
      return graph_models.scores(tf.cast(kernel, tf.float16), images)

    spec = tf.TensorSpec(graph_models.SHAPE, tf.float16, name='images')
    model = self.load(self.saved(function, spec))
    self.assertEqual(model.dtype, tf.float16)
    scores = model(graph_models.images()).outputs['scores']
    self.assertEqual(scores.dtype, tf.float16)

  @parameterized.parameters(1, 4)
  def test_fixed_batch(self, batch: int) -> None:
    spec = tf.TensorSpec([batch, *graph_models.SHAPE[1:]], name='images')
    self.assert_is_scores(self.load(self.saved(graph_models.scores, spec)))

  def test_batch_that_is_written_into_it(self) -> None:
    def function(kernel: tf.Tensor, images: tf.Tensor) -> Dict[str, tf.Tensor]:
      net = tf.nn.conv2d(images, kernel, 1, 'SAME')
      return {'scores': tf.reshape(net, [1, -1])}

    spec = tf.TensorSpec([1, *graph_models.SHAPE[1:]], name='images')
    path = self.saved(function, spec)
    with self.refused(f"'{path}'", 'export it with a batch of any size (None)'):
      self.load(path)

  def test_graph_that_says_no_shape(self) -> None:
    def build(is_conv: bool) -> None:
      images = v1.placeholder(tf.float32, None, 'images')
      kernel = np.ones([1, 1, 4, 8], np.float32)
      if is_conv:
        images = tf.nn.conv2d(images, kernel, 1, 'SAME')
      tf.reduce_mean(images, [1, 2], name='scores')

    model = self.load(self.graph(lambda: build(True)))
    self.assertEqual(model.input_shape, (None, None, 4))
    with self.refused('it does not say what shape its input has'):
      self.load(self.graph(lambda: build(False)))

  def test_name(self) -> None:
    path = self.old(True, True)
    for name, expected in (
      ('My net (2).pb', 'My_net_2'),
      ('\u732b.pb', 'graph'),
      ('a-b_c.d.pb', 'a-b_c.d'),
    ):
      path = path.rename(self.folder / name)
      self.assertEqual(self.load(path).name, expected)


if __name__ == '__main__':
  absltest.main()
