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

"""Tests for receptive_fields and, by it, for dependence."""

from typing import Any, ClassVar, Dict, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models import model_spec
from magenta_viz.models import network_protocol
from magenta_viz.models import networks
from magenta_viz.models import slim_network
from magenta_viz.testing import keras_models
from magenta_viz.testing import random_weights
from magenta_viz.toolbox import receptive_fields


class _Stack:
  """A network of one's own, with as little as is asked of one."""

  def __init__(self, build: Any, side: int = 40):
    self.image_size = side
    self._build = build
    self.count = 0
    self.layers = {
      name: tuple(net.shape[1:].as_list())
      for name, net in self(tf.zeros([1, side, side, 3])).end_points.items()
    }

  def __call__(self, images: tf.Tensor) -> network_protocol.Outputs:
    self.count += 1
    end_points = self._build(images)
    return network_protocol.Outputs(images[:, 0, 0], end_points)


def _of_stack(build: Any, side: int = 40) -> receptive_fields.ReceptiveFields:
  network: Any = _Stack(build, side)
  return receptive_fields.ReceptiveFields(network)


def _kernel(size: int, inputs: int, outputs: int) -> tf.Tensor:
  """Returns weights of a convolution, none of which is 0."""
  generator = np.random.default_rng(size + outputs)
  weights = generator.uniform(-1, 1, (size, size, inputs, outputs))
  return tf.constant(weights, tf.float32)


def _slim(model: str) -> Any:
  """Returns a network of the package with weights of no training."""
  spec = model_spec.find_spec(model)
  shapes = {
    name: each.shape.as_list()
    for name, each in slim_network.variable_specs(spec).items()
  }
  values = random_weights.random_weights(shapes)
  return slim_network.SlimNetwork(spec, values)


def _size(box: receptive_fields.Box) -> Tuple[int, int]:
  return box.bottom - box.top, box.right - box.left


class FormulaTest(parameterized.TestCase):
  # r += (k - 1) * jump, jump *= stride, layer by layer, as Caffe's definitions
  # have kernels and strides.
  @parameterized.parameters(
    # 3/2; pool 3/2; 1, 3; 1, 3; pool 3/2; 1, 3; 1, 3.
    ('squeezenet', 'conv1', 3),
    ('squeezenet', 'pool1', 7),
    ('squeezenet', 'fire2/expand3x3', 15),
    ('squeezenet', 'fire3/concat', 23),
    ('squeezenet', 'pool3', 31),
    ('squeezenet', 'fire4/squeeze1x1', 31),
    ('squeezenet', 'fire5/expand3x3', 63),
    # 7/2; pool 3/2; 1, 3; pool 3/2; 5; 5; pool 3/2.
    ('googlenet', 'conv1/7x7_s2', 7),
    ('googlenet', 'pool1/3x3_s2', 11),
    ('googlenet', 'conv2/3x3', 19),
    ('googlenet', 'pool2/3x3_s2', 27),
    ('googlenet', 'inception_3a/1x1', 27),
    ('googlenet', 'inception_3a/3x3', 43),
    ('googlenet', 'inception_3a/5x5', 59),
    ('googlenet', 'inception_3a/output', 59),
    ('googlenet', 'inception_3b/output', 91),
    ('efficientnet_lite0', 'stem', 3),
    ('efficientnet_lite0', 'block_01/depthwise', 7),
  )
  def test_in_the_middle(self, model: str, layer: str, size: int) -> None:
    network = self._networks(model)
    height, width, _ = network._layers[layer]
    box = network.box(layer, height // 2, width // 2 + 1)
    self.assertEqual(_size(box), (size, size))

  _known: ClassVar[Dict[str, receptive_fields.ReceptiveFields]] = {}

  def _networks(self, model: str) -> receptive_fields.ReceptiveFields:
    if model not in self._known:
      self._known[model] = receptive_fields.ReceptiveFields(_slim(model))
    return self._known[model]

  def test_at_the_border(self) -> None:
    fields = self._networks('squeezenet')
    # 31 pixels from 8 before the border on, where two paddings have 4 each, and
    # 8 from one to the next.
    self.assertEqual(fields.box('pool3', 0, 0), (0, 0, 23, 23))
    self.assertEqual(fields.box('pool3', 2, 1), (8, 0, 39, 31))
    fields = self._networks('googlenet')
    self.assertEqual(fields.box('conv1/7x7_s2', 0, 1), (0, 0, 4, 6))
    self.assertEqual(fields.box('conv1/7x7_s2', 111, 110), (219, 217, 224, 224))

  def test_units_of_one_layer_differ(self) -> None:
    fields = self._networks('googlenet')
    # 64 of a 1 x 1 convolution, 128 of a 3 x 3 and 32 of a 5 x 5 one.
    for unit, size in ((0, 27), (63, 27), (64, 43), (191, 43), (192, 59)):
      box = fields.box('inception_3a/output', 14, 14, unit)
      self.assertEqual(_size(box), (size, size), unit)

  def test_alexnet(self) -> None:
    def alexnet(images: tf.Tensor) -> Any:
      found = {}
      net = images
      # Krizhevsky et al. 2012: kernel, stride, and whether it is a pooling.
      for name, kernel, stride, is_pooling in (
        ('conv1', 11, 4, False),
        ('pool1', 3, 2, True),
        ('conv2', 5, 1, False),
        ('pool2', 3, 2, True),
        ('conv3', 3, 1, False),
        ('conv4', 3, 1, False),
        ('conv5', 3, 1, False),
        ('pool5', 3, 2, True),
      ):
        if is_pooling:
          net = tf.nn.max_pool2d(net, kernel, stride, 'VALID')
        else:
          weights = _kernel(kernel, net.shape[-1] // (2 - (net is images)), 4)
          net = tf.nn.relu(tf.nn.conv2d(net, weights, stride, 'SAME'))
        found[name] = net
      return found

    fields = _fields_of(_Stack(alexnet, 227))
    found = {
      name: _size(fields.box(name, s[0] // 2, s[1] // 2))[0]
      for name, s in fields._layers.items()
    }
    expected = {'conv1': 11, 'pool1': 19, 'conv2': 51, 'pool2': 67}
    expected.update({'conv3': 99, 'conv4': 131, 'conv5': 163, 'pool5': 195})
    self.assertEqual(found, expected)


def _fields_of(network: Any) -> receptive_fields.ReceptiveFields:
  return receptive_fields.ReceptiveFields(network)


class StructureTest(parameterized.TestCase):
  def test_dead_units_and_zeros_count(self) -> None:
    def build(images: tf.Tensor) -> Any:
      net = tf.nn.conv2d(images, tf.zeros([5, 5, 3, 2]), 1, 'VALID')
      return {'zeros': net, 'dead': tf.nn.relu(net - 1)}

    fields = _fields_of(_Stack(build))
    self.assertEqual(fields.box('zeros', 3, 9), (3, 9, 8, 14))
    self.assertEqual(fields.box('dead', 3, 9), (3, 9, 8, 14))

  @parameterized.parameters(
    (lambda net: net[:, 4:20, 6:30], (14, 16, 17, 19)),
    (lambda net: tf.pad(net, [[0, 0], [2, 0], [4, 0], [0, 0]]), (8, 6, 11, 9)),
    (lambda net: net[:, ::-1], (27, 10, 30, 13)),
    (lambda net: tf.transpose(net, [0, 2, 1, 3]), (10, 10, 13, 13)),
    (lambda net: tf.nn.softmax(net), (10, 10, 13, 13)),
    (lambda net: tf.maximum(net, 0.1 * net), (10, 10, 13, 13)),
    (lambda net: tf.where(net > 0, net, 0.1 * net), (10, 10, 13, 13)),
    (lambda net: tf.nn.swish(net), (10, 10, 13, 13)),
    (lambda net: tf.nn.local_response_normalization(net), (10, 10, 13, 13)),
    (lambda net: tf.stop_gradient(net), (10, 10, 13, 13)),
    (lambda net: tf.math.squared_difference(net, net), (10, 10, 13, 13)),
    (lambda net: net @ tf.ones([8, 5]), (10, 10, 13, 13)),
    (lambda net: tf.nn.max_pool2d(net, 3, 1, 'SAME'), (9, 9, 14, 14)),
    (
      lambda net: tf.nn.conv2d(net, _kernel(3, 8, 4), 1, 'SAME', dilations=2),
      (8, 8, 15, 15),
    ),
    (
      lambda net: tf.nn.conv2d(net, _kernel(3, 4, 4), 1, 'SAME'),
      (9, 9, 14, 14),
    ),
    (
      lambda net: tf.nn.depthwise_conv2d(
        net, _kernel(3, 8, 1), [1] * 4, 'SAME'
      ),
      (9, 9, 14, 14),
    ),
    (
      lambda net: net * tf.reduce_mean(net, [1, 2], keepdims=True),
      (0, 0, 40, 40),
    ),
    (
      lambda net: net * tf.cast(tf.argmax(net[:, 0, 0, :], -1), tf.float32),
      (0, 0, 13, 13),
    ),
  )
  def test_operations(self, operation: Any, expected: Tuple[int, ...]) -> None:
    def build(images: tf.Tensor) -> Any:
      net = tf.nn.conv2d(images, _kernel(3, 3, 8), 1, 'VALID')
      return {'last': operation(net)}

    fields = _fields_of(_Stack(build))
    self.assertEqual(fields.box('last', 10, 10), expected)

  def test_calls_of_functions_are_written_out(self) -> None:
    @tf.function(jit_compile=True)
    def grouped(net: tf.Tensor, weights: tf.Tensor) -> Any:
      return tf.nn.conv2d(net, weights, 1, 'SAME'), tf.shape(net), net

    @tf.function
    def calling(net: tf.Tensor, weights: tf.Tensor) -> Any:
      found, sides, same = grouped(net, weights)
      return found * tf.cast(sides[1], tf.float32) + same

    # As Keras has convolutions in groups.
    weights = _kernel(3, 2, 4)

    def build(images: tf.Tensor) -> Any:
      net = tf.nn.max_pool2d(images, 2, 2, 'SAME')
      net = tf.pad(net, [[0, 0]] * 3 + [[0, 1]])
      return {
        'grouped': grouped(net, weights)[0],
        'calling': calling(net, weights),
      }

    fields = _of_stack(build)
    self.assertEqual(fields.box('grouped', 10, 10), (18, 18, 24, 24))
    self.assertEqual(fields.box('calling', 10, 10), (18, 18, 24, 24))

  def test_one_trace_for_all(self) -> None:
    network: Any = _Stack(lambda images: {'a': images, 'b': tf.nn.relu(images)})
    fields = receptive_fields.ReceptiveFields(network)
    before = network.count
    for layer in ('a', 'b', 'a'):
      for y in range(5):
        self.assertEqual(fields.box(layer, y, 7), (y, 7, y + 1, 8))
    self.assertEqual(network.count, before + 1)

  def test_what_is_no_unit(self) -> None:
    network: Any = _Stack(
      lambda images: {'pixels': images, 'row': images[:, 0, 0]}
    )
    fields = receptive_fields.ReceptiveFields(network)
    self.assertEqual(fields.box('row', 0, 0), (0, 0, 1, 1))
    with self.assertRaisesRegex(ValueError, "^unknown layer 'pixel'.* pixels"):
      fields.box('pixel', 0, 0)
    for place in ((40, 0), (0, -1), (0, 0, 3), (0, 0, -1)):
      with self.assertRaisesRegex(ValueError, '40 x 40 places and 3 units'):
        fields.box('pixels', *place)
    with self.assertRaisesRegex(ValueError, 'no row 0, column 1: it has 1 x 1'):
      fields.box('row', 0, 1)


def _models() -> Any:
  """Returns models of Keras by name."""
  return {
    'cnn': lambda: keras_models.cnn((64, 64, 3)),
    'grouped': lambda: keras_models.cnn((64, 64, 3), groups=4),
    # Which sees its pictures of 64 x 64 shrunk.
    'shrunk': lambda: keras_models.cnn((32, 32, 3)),
    'transformer': keras_models.vision_transformer,
  }


class PerturbationTest(parameterized.TestCase):
  @parameterized.parameters(*_models(), 'squeezenet')
  def test_what_is_outside_changes_nothing_and_each_edge_does(
    self, model: str
  ) -> None:
    if model == 'squeezenet':
      network: Any = _slim(model)
    else:
      network = networks.from_keras(_models()[model]())
    fields = receptive_fields.ReceptiveFields(network)
    generator = np.random.default_rng(0)
    side = network.image_size
    names = list(network.layers)
    if model == 'squeezenet':
      names = ['conv1', 'pool1', 'fire3/concat', 'fire5/expand3x3', 'pool10']
    for layer in names:
      *sides, _ = fields._layers[layer]
      height, width = sides or (1, 1)
      # Inside, and at a border.
      for y, x in ((height // 2, width // 3), (0, width - 1)):
        box = fields.box(layer, y, x)
        changed = [
          self._changes(network, layer, y, x, box, generator.random, side)
          for _ in range(4)
        ]
        outside, *edges = np.transpose(changed)
        self.assertFalse(outside.any(), (layer, y, x, box))
        for edge in edges:
          # The class's token comes from no picture.
          is_there = box.bottom > box.top
          self.assertEqual(edge.any(), is_there, (layer, y, x, box))

  def _changes(
    self,
    network: Any,
    layer: str,
    y: int,
    x: int,
    box: receptive_fields.Box,
    random: Any,
    side: int,
  ) -> Any:
    """Returns what changes a place: all outside of a box, each of its edges."""
    image = random((side, side, 3)).astype(np.float32)
    inside = np.zeros((side, side, 1), bool)
    inside[box.top : box.bottom, box.left : box.right] = True
    where = [~inside]
    for edge in (
      np.s_[box.top, box.left : box.right],
      np.s_[box.bottom - 1, box.left : box.right],
      np.s_[box.top : box.bottom, box.left],
      np.s_[box.top : box.bottom, box.right - 1],
    ):
      line = np.zeros_like(inside)
      line[edge] = True
      where.append(line)
    other = random((side, side, 3)).astype(np.float32)
    images = [image, *(np.where(each, other, image) for each in where)]
    values = np.stack(
      [
        network(tf.constant(each[None])).end_points[layer].numpy()
        for each in images
      ]
    )[:, 0]
    if values.ndim == 4:
      values = values[:, y, x]
    return np.abs(values[1:] - values[0]).max(-1) > 0


if __name__ == '__main__':
  absltest.main()
