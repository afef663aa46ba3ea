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

"""Tests for graph_rescaling."""

from typing import Any, Callable, Dict

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models.foreign import input_format
from magenta_viz.testing import graph_models


class GraphRescalingTest(graph_models.GraphModelsTestCase):
  @parameterized.parameters(tf.uint8, tf.int32)
  def test_bytes(self, dtype: tf.DType) -> None:
    def function(kernel: tf.Tensor, images: tf.Tensor) -> Dict[str, tf.Tensor]:
      return graph_models.scores(kernel, tf.cast(images, tf.float32) / 255)

    spec = tf.TensorSpec(graph_models.SHAPE, dtype, name='images')
    model = self.load(self.saved(function, spec))
    images = graph_models.images()
    np.testing.assert_allclose(
      model(255 * images).outputs['scores'],
      graph_models.scores(graph_models.KERNEL, images)['scores'],
      atol=1e-5,
    )
    self.assertEqual(
      model.said,
      input_format.Said(
        input_format.InputFormat((0.0, 255.0)), 'its input of bytes'
      ),
    )

  @parameterized.parameters(
    (lambda x: x / 255, (0, 255)),
    (lambda x: x / 127.5 - 1, (0, 255)),
    (lambda x: (x - 127.5) * (1 / 127.5), (0, 255)),
    (lambda x: x - tf.constant([123.7, 116.8, 103.9]), (0, 255)),
    (
      lambda x: (x / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225],
      (0, 255),
    ),
    (lambda x: x * 2 - 1, (0, 1)),
    (lambda x: (x - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225], (0, 1)),
    (lambda x: tf.reverse(x, [-1]) / 255, None),
    (lambda x: 1 - x, None),
    (lambda x: x * 7, None),
    (lambda x: x + x, None),
    (lambda x: tf.sqrt(x), None),
  )
  def test_rescaling(self, begin: Callable[..., Any], said: Any) -> None:
    model = self.load(
      self.saved(
        lambda kernel, images: graph_models.scores(kernel, begin(images))
      )
    )
    found = model.said.format
    self.assertEqual(found and found.range, said)


if __name__ == '__main__':
  absltest.main()
