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

"""Tests for class_gradients of graphs that are read of files."""

from typing import Dict

from absl.testing import absltest
import numpy as np
import tensorflow as tf

from magenta_viz.attribution import class_gradients
from magenta_viz.models import network_protocol
from magenta_viz.testing import graph_models


class ClassGradientsGraphTest(graph_models.GraphModelsTestCase):
  def test_guided(self) -> None:
    def network(images: tf.Tensor) -> network_protocol.Outputs:
      outputs, found = model(images)
      return network_protocol.Outputs(outputs['scores'], found)

    def function(kernel: tf.Tensor, images: tf.Tensor) -> Dict[str, tf.Tensor]:
      net = tf.nn.relu(tf.nn.conv2d(images - 0.5, kernel, 1, 'SAME'))
      net = tf.nn.relu(tf.nn.conv2d(net[..., :3], kernel, 1, 'SAME'))
      return {'scores': tf.reduce_mean(net, [1, 2])}

    shape = tf.TensorSpec([None, 10, 10, 3], name='images')
    model = self.load(self.saved(function, shape))
    images = graph_models.images(2, shape.shape)
    gradients = {
      rule: class_gradients.ClassGradient(network, 10, rule)(images.numpy(), 1)
      for rule in class_gradients.RULES
    }
    expected = class_gradients.ClassGradient(
      lambda images: network_protocol.Outputs(
        function(graph_models.KERNEL, images)['scores'], {}
      ),
      10,
      'guided',
    )(images.numpy(), 1)
    np.testing.assert_allclose(gradients['guided'], expected, atol=1e-6)
    for rule in ('guided', 'deconvnet'):
      difference = np.abs(gradients['plain'] - gradients[rule])
      self.assertGreater(difference.max(), 1e-3)


if __name__ == '__main__':
  absltest.main()
