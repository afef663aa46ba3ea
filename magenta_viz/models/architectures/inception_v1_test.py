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


"""Tests of slim's InceptionV1.

`testdata/inception_v1_variables.json` lists the variables of the released
checkpoint: written from the table of layers in slim's own inception_v1.py,
compared with the names under which others restore that checkpoint.
"""

import functools
import json
import math
from pathlib import Path
from typing import Dict, List, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models import model_spec
from magenta_viz.models import slim_network
from magenta_viz.models import training_mode
from magenta_viz.models.architectures import inception_v1
from magenta_viz.testing import numpy_layers
from magenta_viz.testing import random_weights
from magenta_viz.testing import testdata

_SPEC = model_spec.find_spec('inception_v1')

# slim's own table (inception_v1_test.py).
_SHAPES = {
  'Conv2d_1a_7x7': (112, 112, 64),
  'MaxPool_2a_3x3': (56, 56, 64),
  'Conv2d_2b_1x1': (56, 56, 64),
  'Conv2d_2c_3x3': (56, 56, 192),
  'MaxPool_3a_3x3': (28, 28, 192),
  'Mixed_3b': (28, 28, 256),
  'Mixed_3c': (28, 28, 480),
  'MaxPool_4a_3x3': (14, 14, 480),
  'Mixed_4b': (14, 14, 512),
  'Mixed_4c': (14, 14, 512),
  'Mixed_4d': (14, 14, 512),
  'Mixed_4e': (14, 14, 528),
  'Mixed_4f': (14, 14, 832),
  'MaxPool_5a_2x2': (7, 7, 832),
  'Mixed_5b': (7, 7, 832),
  'Mixed_5c': (7, 7, 1024),
}


@functools.lru_cache(maxsize=None)
def _listed_shapes() -> Dict[str, Tuple[int, ...]]:
  text = Path(testdata.testdata_path('inception_v1_variables.json')).read_text()
  return {name: tuple(shape) for name, shape in json.loads(text).items()}


@functools.lru_cache(maxsize=None)
def _values() -> Dict[str, np.ndarray]:
  return random_weights.random_weights(_listed_shapes())


@functools.lru_cache(maxsize=None)
def _network() -> slim_network.SlimNetwork:
  return slim_network.SlimNetwork(_SPEC, _values())


def _images(*shape: int) -> np.ndarray:
  return np.random.RandomState(0).rand(*shape, 3).astype(np.float32)


class VariablesTest(parameterized.TestCase):
  def test_names_and_shapes_are_the_checkpoints(self) -> None:
    variables = slim_network.variable_specs(_SPEC)
    self.assertEqual(
      {name: tuple(each.shape) for name, each in variables.items()},
      _listed_shapes(),
    )

  def test_number_of_parameters(self) -> None:
    sizes = {name: math.prod(each) for name, each in _listed_shapes().items()}
    self.assertEqual(sum(sizes.values()), 6_633_209)
    # slim's own test has this number for what is below the classifier.
    body = [size for name, size in sizes.items() if 'Logits' not in name]
    self.assertEqual(sum(body), 5_607_184)

  def test_in_a_graph_of_tensorflow_1(self) -> None:
    with tf.Graph().as_default():
      images = tf.compat.v1.placeholder(tf.float32, [None, 64, 96, 3])
      logits, _ = inception_v1.inception_v1(
        images, training=_training(tf.constant([0, 0]))
      )
      made = tf.compat.v1.global_variables()
      trainable = tf.compat.v1.trainable_variables()
      # Which slim's own functions restore.
      of_model = tf.compat.v1.get_collection('model_variables')
    self.assertEqual(logits.shape.as_list(), [None, 1001])
    self.assertEqual(
      {each.op.name: tuple(each.shape) for each in made}, _listed_shapes()
    )
    self.assertCountEqual([each.op.name for each in of_model], _listed_shapes())
    self.assertCountEqual(
      [each.op.name for each in trainable],
      [name for name in _listed_shapes() if 'moving_' not in name],
    )


class InceptionV1Test(parameterized.TestCase):
  def test_shapes(self) -> None:
    shapes = slim_network.layer_shapes(_SPEC)
    self.assertLen(_SHAPES, 16)
    self.assertEqual(list(shapes.items())[:16], list(_SHAPES.items()))
    self.assertEqual(
      dict(list(shapes.items())[16:]),
      {'AvgPool_0a_7x7': (1, 1, 1024), 'Logits': (1001,)},
    )

  @parameterized.parameters((64, 64), (67, 96))
  def test_first_layer_against_plain_numpy(
    self, height: int, width: int
  ) -> None:
    images = _images(2, height, width)
    outputs = _network()(tf.constant(images))
    # SAME: so many pixels that the windows reach to the end, the odd one last.
    rows, columns = (height + 1) // 2, (width + 1) // 2
    pads = [
      ((total // 2), (total + 1) // 2)
      for total in (2 * rows + 5 - height, 2 * columns + 5 - width)
    ]
    # From [0, 255] to [-1, 1].
    padded = np.pad((255 * images - 127.5) / 127.5, [(0, 0), *pads, (0, 0)])
    scope = 'InceptionV1/Conv2d_1a_7x7'
    net = numpy_layers.conv(padded, _values()[f'{scope}/weights'], stride=2)
    beta, mean, variance = (
      _values()[f'{scope}/BatchNorm/{kind}']
      for kind in ('beta', 'moving_mean', 'moving_variance')
    )
    expected = np.maximum((net - mean) / np.sqrt(variance + 1e-3) + beta, 0)
    np.testing.assert_allclose(
      outputs.end_points['Conv2d_1a_7x7'], expected, atol=1e-4
    )

  def test_head_pools_as_slims(self) -> None:
    end_points = _network()(tf.constant(_images(1, 224, 224))).end_points
    window = tf.nn.avg_pool2d(
      end_points['Mixed_5c'], ksize=7, strides=1, padding='VALID'
    )
    np.testing.assert_allclose(end_points['AvgPool_0a_7x7'], window, rtol=1e-4)


def _training(seed: tf.Tensor) -> training_mode.TrainingMode:
  return training_mode.TrainingMode(seed, statistics_decay=tf.constant(0.99))


class TrainingTest(parameterized.TestCase):
  def test_averages_move(self) -> None:
    variables = {name: tf.Variable(value) for name, value in _values().items()}

    @functools.partial(tf.function, autograph=False)
    def train(images: tf.Tensor) -> List[tf.Tensor]:
      weights = [
        variable for name, variable in variables.items() if 'moving' not in name
      ]
      with tf.GradientTape() as tape:
        logits, _ = slim_network.build(
          _SPEC,
          images,
          lambda getter, name, **unused_kwargs: variables[name],
          training=_training(tf.constant([1, 2])),
        )
        loss = tf.reduce_sum(logits**2)
      return tape.gradient(loss, weights)

    for gradient in train(tf.constant(_images(2, 64, 96))):
      self.assertTrue(np.isfinite(gradient).all())
    for name, value in _values().items():
      moved = np.any(variables[name].numpy() != value)
      self.assertEqual(moved, 'moving_' in name, name)


if __name__ == '__main__':
  absltest.main()
