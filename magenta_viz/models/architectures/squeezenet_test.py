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


"""Tests of SqueezeNet 1.1, with the weights that are installed."""

import functools
from typing import Dict

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models import model_spec
from magenta_viz.models import slim_network
from magenta_viz.models import weights
from magenta_viz.models.checkpoints import checkpoints
from magenta_viz.testing import numpy_layers

_SPEC = model_spec.find_spec('squeezenet')

# Of each layer at 224 pixels; nothing is padded but the 3 x 3 expansions.
_SHAPES = {
  'conv1': (111, 111, 64),
  'pool1': (55, 55, 64),
  'fire2/squeeze1x1': (55, 55, 16),
  'fire2/expand1x1': (55, 55, 64),
  'fire2/expand3x3': (55, 55, 64),
  'fire2/concat': (55, 55, 128),
  'fire3/concat': (55, 55, 128),
  'pool3': (27, 27, 128),
  'fire4/concat': (27, 27, 256),
  'fire5/concat': (27, 27, 256),
  'pool5': (13, 13, 256),
  'fire6/concat': (13, 13, 384),
  'fire7/concat': (13, 13, 384),
  'fire8/concat': (13, 13, 512),
  'fire9/squeeze1x1': (13, 13, 64),
  'fire9/concat': (13, 13, 512),
  'conv10': (13, 13, 1000),
  'pool10': (1000,),
}


@functools.lru_cache(maxsize=None)
def _values() -> Dict[str, np.ndarray]:
  path = weights.fetch(_SPEC.weights, progress=False)
  return checkpoints.read_checkpoint(str(path))


def _images(*shape: int) -> np.ndarray:
  return np.random.RandomState(0).rand(*shape, 3).astype(np.float32)


def _end_points(images: np.ndarray) -> Dict[str, np.ndarray]:
  network = slim_network.SlimNetwork(_SPEC, _values())
  end_points = network(tf.constant(images)).end_points
  return {name: each.numpy() for name, each in end_points.items()}


class SqueezeNetTest(parameterized.TestCase):
  def test_shapes(self) -> None:
    shapes = slim_network.layer_shapes(_SPEC)
    self.assertEqual({name: shapes[name] for name in _SHAPES}, _SHAPES)

  def test_number_of_parameters(self) -> None:
    variables = slim_network.variable_specs(_SPEC)
    total = sum(each.shape.num_elements() for each in variables.values())
    self.assertEqual(total, 1_235_496)
    self.assertCountEqual(variables, _values())

  @parameterized.parameters((64, 64), (64, 67), (67, 64))
  def test_conv1_and_pool1_are_not_padded(
    self, height: int, width: int
  ) -> None:
    images = _images(2, height, width)
    end_points = _end_points(images)
    net = 255 * images[..., ::-1] - np.array([104, 117, 123], np.float32)
    expected = numpy_layers.conv(net, _values()['conv1/weights'], stride=2)
    expected = np.maximum(expected + _values()['conv1/biases'], 0)
    self.assertEqual(end_points['conv1'].shape, expected.shape)
    np.testing.assert_allclose(end_points['conv1'], expected, atol=1e-2)
    pooled = np.max(numpy_layers.taps(end_points['conv1'], 3, 2), axis=0)
    np.testing.assert_array_equal(end_points['pool1'], pooled)

  def test_branches_are_in_order(self) -> None:
    end_points = _end_points(_images(1, 64, 64))
    for module in range(2, 10):
      expected = np.concatenate(
        [end_points[f'fire{module}/expand{side}x{side}'] for side in (1, 3)],
        axis=-1,
      )
      np.testing.assert_array_equal(
        end_points[f'fire{module}/concat'], expected
      )


if __name__ == '__main__':
  absltest.main()
