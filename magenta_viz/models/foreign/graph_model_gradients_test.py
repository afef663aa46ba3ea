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

"""Tests for gradients through graph_model."""

import collections
from typing import Any, Callable

from absl.testing import absltest
import numpy as np
import tensorflow as tf
from tensorflow.python.framework import convert_to_constants

from magenta_viz.models import conv_gradient
from magenta_viz.models import image_gradient
from magenta_viz.models import network_loading
from magenta_viz.models import network_source
from magenta_viz.models.foreign import raw_model
from magenta_viz.testing import graph_models


class GraphModelGradientsTest(graph_models.GraphModelsTestCase):
  def gradient_of(
    self,
    model: Callable[[tf.Tensor], raw_model.RawOutputs],
    images: tf.Tensor,
    name: str,
  ) -> Any:
    def score(images: tf.Tensor) -> tf.Tensor:
      with conv_gradient.turned_convolutions():
        outputs = model(images).outputs[name]
      return image_gradient.gradient(outputs[:, 1], images)

    spec = tf.TensorSpec([None, *images.shape[1:]])
    traced = tf.function(score, [spec], autograph=False)
    return traced(images), traced.get_concrete_function().graph

  def test_gradient(self) -> None:
    model = self.load(self.saved(graph_models.scores))
    images = graph_models.images(2)
    found, graph = self.gradient_of(model, images, 'scores')
    with tf.GradientTape() as tape:
      tape.watch(images)
      scores = graph_models.scores(graph_models.KERNEL, images)['scores'][:, 1]
    np.testing.assert_allclose(found, tape.gradient(scores, images), atol=1e-6)
    kinds = collections.Counter(each.type for each in graph.get_operations())
    # Its own gradient is a convolution, of weights from outside.
    self.assertEqual(kinds['Conv2D'], 2)
    self.assertEqual(kinds['Conv2DBackpropInput'], 0)

  def test_gradient_of_what_has_its_own(self) -> None:
    original = graph_models.keras_model()
    model = self.load(self.exported(original))
    images = 255 * graph_models.images(2)
    (name,) = model(images).outputs
    found, _ = self.gradient_of(model, images, name)
    with tf.GradientTape() as tape:
      tape.watch(images)
      scores = original(images, training=False)[:, 1]
    expected = tape.gradient(scores, images)
    most = np.max(np.abs(expected))
    self.assertGreater(most, 1e-7)
    np.testing.assert_allclose(found, expected, atol=1e-3 * most)

  def test_as_the_network_that_was_frozen(self) -> None:
    source = network_source.choose('squeezenet')
    network = network_loading.load(source, tf.float32)
    spec = tf.TensorSpec([None, None, None, 3])
    traced = tf.function(lambda images: network(images).logits, [spec])
    frozen = convert_to_constants.convert_variables_to_constants_v2(
      traced.get_concrete_function()
    )
    path = self.folder / 'squeezenet.pb'
    path.write_bytes(frozen.graph.as_graph_def().SerializeToString())
    model = self.load(path)
    (name,) = model(tf.zeros([1, 64, 64, 3])).outputs

    def live(images: tf.Tensor) -> raw_model.RawOutputs:
      return raw_model.RawOutputs({name: network(images).logits}, {})

    images = graph_models.images(1, [None, 64, 80, 3])
    found, graph = self.gradient_of(model, images, name)
    expected, expected_graph = self.gradient_of(live, images, name)
    np.testing.assert_array_equal(found, expected)
    # It takes as long.
    kinds = [
      collections.Counter(
        each.type for each in graph.get_operations() if 'Conv' in each.type
      )
      for graph in (graph, expected_graph)
    ]
    self.assertEqual(*kinds)

  def test_uses_share_weights(self) -> None:
    model = self.load(self.saved(graph_models.scores))
    graphs = [
      self.gradient_of(model, graph_models.images(1), 'scores')[1]
      for _ in range(2)
    ]
    outside = [
      {id(each) for each, _ in graph.captures if each.shape.rank == 4}
      for graph in graphs
    ]
    # And each its own that are turned round.
    self.assertLen(outside[0] & outside[1], 1)
    for graph in graphs:
      constants = [
        each for each in graph.get_operations() if each.type == 'Const'
      ]
      for each in constants:
        self.assertLess(each.outputs[0].shape.num_elements(), 16)


if __name__ == '__main__':
  absltest.main()
