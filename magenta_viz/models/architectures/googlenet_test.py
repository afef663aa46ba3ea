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


"""Tests of BVLC GoogLeNet."""

import functools
from typing import Dict, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models import model_spec
from magenta_viz.models import slim_network
from magenta_viz.testing import numpy_layers
from magenta_viz.testing import precisions as precision
from magenta_viz.testing import random_weights

_SPEC = model_spec.find_spec('googlenet')
_HEADS = ('loss1', 'loss2')

# Output of each part at 224 pixels (arXiv 1409.4842, table 1).
_SHAPES = {
  'conv1/7x7_s2': (112, 112, 64),
  'pool1/3x3_s2': (56, 56, 64),
  'conv2/3x3': (56, 56, 192),
  'pool2/3x3_s2': (28, 28, 192),
  'inception_3a/output': (28, 28, 256),
  'inception_3b/output': (28, 28, 480),
  'pool3/3x3_s2': (14, 14, 480),
  'inception_4a/output': (14, 14, 512),
  'inception_4b/output': (14, 14, 512),
  'inception_4c/output': (14, 14, 512),
  'inception_4d/output': (14, 14, 528),
  'inception_4e/output': (14, 14, 832),
  'pool4/3x3_s2': (7, 7, 832),
  'inception_5a/output': (7, 7, 832),
  'inception_5b/output': (7, 7, 1024),
  'pool5': (1, 1, 1024),
  'loss3/classifier': (1000,),
}


@functools.lru_cache(maxsize=None)
def _values() -> Dict[str, np.ndarray]:
  return random_weights.of_network(_SPEC, _HEADS)


@functools.lru_cache(maxsize=None)
def _network() -> slim_network.SlimNetwork:
  return slim_network.SlimNetwork(_SPEC, _values())


@functools.lru_cache(maxsize=None)
def _run(height: int, width: int) -> Tuple[np.ndarray, Dict[str, np.ndarray]]:
  """Returns two images and the end points of the made-up network."""
  generator = np.random.RandomState(0)
  images = generator.rand(2, height, width, 3).astype(np.float32)
  end_points = _network()(tf.constant(images)).end_points
  return images, {name: each.numpy() for name, each in end_points.items()}


def _dense(net: np.ndarray, scope: str) -> np.ndarray:
  """An inner product, or at each place a 1 x 1 convolution."""
  weights, biases = (
    _values()[f'{scope}/{kind}'] for kind in ('weights', 'biases')
  )
  return net @ weights.reshape(weights.shape[-2:]) + biases


class GoogLeNetTest(parameterized.TestCase):
  def assert_close(self, actual: np.ndarray, expected: np.ndarray) -> None:
    self.assertEqual(actual.shape, expected.shape)
    np.testing.assert_allclose(
      actual, expected, atol=1e-5 * np.abs(expected).max()
    )

  def test_shapes(self) -> None:
    shapes = slim_network.layer_shapes(_SPEC)
    self.assertEqual({name: shapes[name] for name in _SHAPES}, _SHAPES)

  def test_number_of_parameters(self) -> None:
    # Of BVLC's file with and without the auxiliary heads.
    for heads, expected in ((_HEADS, 13_378_280), ((), 6_998_552)):
      variables = slim_network.variable_specs(_SPEC, heads).values()
      total = sum(each.shape.num_elements() for each in variables)
      self.assertEqual(total, expected)

  @parameterized.parameters((64, 64), (64, 97), (97, 64))
  def test_conv1_is_padded_by_three_pixels(
    self, height: int, width: int
  ) -> None:
    images, end_points = _run(height, width)
    net = 255 * images[..., ::-1] - np.array([104, 117, 123], np.float32)
    padded = np.pad(net, [(0, 0), (3, 3), (3, 3), (0, 0)])
    kernel = _values()['conv1/7x7_s2/weights']
    expected = numpy_layers.conv(padded, kernel, stride=2)
    expected += _values()['conv1/7x7_s2/biases']
    self.assert_close(end_points['conv1/7x7_s2'], np.maximum(expected, 0))

  def test_order_of_pools_and_norms(self) -> None:
    _, end_points = _run(64, 97)
    sides = {
      name: each.shape[1:3]
      for name, each in end_points.items()
      if name.endswith('3x3_s2')
    }
    # Rounded up as Caffe does: of 49 pixels after conv1, 24.
    self.assertEqual(
      sides,
      {
        'pool1/3x3_s2': (16, 24),
        'pool2/3x3_s2': (8, 12),
        'pool3/3x3_s2': (4, 6),
        'pool4/3x3_s2': (2, 3),
      },
    )
    for name, before in (
      ('pool1/norm1', 'pool1/3x3_s2'),
      ('conv2/norm2', 'conv2/3x3'),
    ):
      expected = tf.nn.lrn(
        end_points[before], depth_radius=2, bias=1, alpha=1e-4 / 5, beta=0.75
      )
      self.assert_close(end_points[name], expected.numpy())
    reduced = _dense(end_points['pool1/norm1'], 'conv2/3x3_reduce')
    self.assert_close(end_points['conv2/3x3_reduce'], np.maximum(reduced, 0))
    corner = end_points['conv2/norm2'][:, :3, :3].max(axis=(1, 2))
    self.assert_close(end_points['pool2/3x3_s2'][:, 0, 0], corner)

  def test_branches_are_in_caffes_order(self) -> None:
    _, end_points = _run(64, 97)
    branches = ('1x1', '3x3', '5x5', 'pool_proj')
    for module in ('3a', '4e', '5b'):
      name = f'inception_{module}'
      expected = np.concatenate(
        [end_points[f'{name}/{branch}'] for branch in branches], axis=-1
      )
      np.testing.assert_array_equal(end_points[f'{name}/output'], expected)

  def test_branches_of_a_module(self) -> None:
    _, end_points = _run(64, 97)
    before = end_points['inception_4a/output']
    around = np.pad(before, [(0, 0), (1, 1), (1, 1), (0, 0)])
    pooled = np.max(numpy_layers.taps(around, 3), axis=0)
    np.testing.assert_array_equal(end_points['inception_4b/pool'], pooled)
    for branch, net in (
      ('1x1', before),
      ('3x3_reduce', before),
      ('5x5_reduce', before),
      ('pool_proj', pooled),
    ):
      name = f'inception_4b/{branch}'
      self.assert_close(end_points[name], np.maximum(_dense(net, name), 0))
    # True 5 x 5 kernels, where slim has 3 x 3.
    net = end_points['inception_4b/5x5_reduce']
    around = np.pad(net, [(0, 0), (2, 2), (2, 2), (0, 0)])
    kernel = _values()['inception_4b/5x5/weights']
    expected = numpy_layers.conv(around, kernel)
    expected += _values()['inception_4b/5x5/biases']
    self.assert_close(end_points['inception_4b/5x5'], np.maximum(expected, 0))

  @parameterized.parameters(
    ('loss1', 'inception_4a/output'), ('loss2', 'inception_4d/output')
  )
  def test_head(self, head: str, source: str) -> None:
    _, end_points = _run(224, 224)
    net = end_points[source]
    pooled = np.empty((2, 4, 4, net.shape[-1]), np.float32)
    for i in range(4):
      for j in range(4):
        window = net[:, 3 * i : 3 * i + 5, 3 * j : 3 * j + 5]
        pooled[:, i, j] = window.mean(axis=(1, 2))
    self.assert_close(end_points[f'{head}/ave_pool'], pooled)
    reduced = np.maximum(_dense(pooled, f'{head}/conv'), 0)
    self.assert_close(end_points[f'{head}/conv'], reduced)
    # Caffe's arrays are [batch, channels, height, width].
    flat = reduced.transpose(0, 3, 1, 2).reshape(2, -1)
    hidden = np.maximum(_dense(flat, f'{head}/fc'), 0)
    self.assert_close(end_points[f'{head}/fc'], hidden)
    expected = _dense(hidden, f'{head}/classifier')
    self.assert_close(end_points[f'{head}/classifier'], expected)

  @parameterized.parameters((64, 96), (320, 320), (96, 320))
  def test_heads_at_other_sizes(self, height: int, width: int) -> None:
    _, end_points = _run(height, width)
    for head, source in zip(_HEADS, ('4a', '4d')):
      net = tf.image.resize(
        end_points[f'inception_{source}/output'], (14, 14)
      ).numpy()
      corner = net[:, :5, :5].mean(axis=(1, 2))
      self.assert_close(end_points[f'{head}/ave_pool'][:, 0, 0], corner)
      logits = end_points[f'{head}/classifier']
      self.assertEqual(logits.shape, (2, 1000))
      self.assertTrue(np.isfinite(logits).all())

  def test_heads_in_bfloat16(self) -> None:
    precision.need_bfloat16()
    network = slim_network.SlimNetwork(_SPEC, _values(), tf.bfloat16)
    images, expected = _run(64, 96)
    end_points = network(tf.constant(images)).end_points
    for head in _HEADS:
      logits = end_points[f'{head}/classifier']
      self.assertEqual(logits.dtype, tf.bfloat16)
      float32 = expected[f'{head}/classifier']
      np.testing.assert_allclose(
        tf.cast(logits, tf.float32), float32, atol=0.05 * np.abs(float32).max()
      )

  def test_without_heads(self) -> None:
    values = {
      name: value
      for name, value in _values().items()
      if not name.startswith(_HEADS)
    }
    network = slim_network.SlimNetwork(_SPEC, values)
    self.assertEmpty(network.auxiliary_heads)
    images, expected = _run(64, 97)
    outputs = network(tf.constant(images))
    np.testing.assert_array_equal(outputs.logits, expected['loss3/classifier'])
    self.assertCountEqual(
      outputs.end_points,
      [name for name in expected if not name.startswith(_HEADS)],
    )


if __name__ == '__main__':
  absltest.main()
