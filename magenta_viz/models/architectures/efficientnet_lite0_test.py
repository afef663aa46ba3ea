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


"""Tests of EfficientNet-Lite0, with the weights that are installed."""

import functools
from typing import Any, Dict, Mapping

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models import model_spec
from magenta_viz.models import slim_network
from magenta_viz.models import training_mode
from magenta_viz.models import weights
from magenta_viz.models.architectures import efficientnet_lite0
from magenta_viz.models.checkpoints import checkpoints

_SPEC = model_spec.find_spec('efficientnet_lite0')

# Kernel, stride, channels in and out, as in the table of arXiv 1905.11946, and
# how the published code pads what a block with a stride sees at 224 pixels.
_BLOCKS = (
  (3, 1, 32, 16),
  (3, 2, 16, 24),
  (3, 1, 24, 24),
  (5, 2, 24, 40),
  (5, 1, 40, 40),
  (3, 2, 40, 80),
  (3, 1, 80, 80),
  (3, 1, 80, 80),
  (5, 1, 80, 112),
  (5, 1, 112, 112),
  (5, 1, 112, 112),
  (5, 2, 112, 192),
  (5, 1, 192, 192),
  (5, 1, 192, 192),
  (5, 1, 192, 192),
  (3, 1, 192, 320),
)

_SHAPES = {
  'stem': (112, 112, 32),
  'block_01/depthwise': (112, 112, 32),
  'block_01/project': (112, 112, 16),
  'block_01/output': (112, 112, 16),
  'block_02/expand': (112, 112, 96),
  'block_02/depthwise': (56, 56, 96),
  'block_02/project': (56, 56, 24),
  'block_03/output': (56, 56, 24),
  'block_05/expand': (28, 28, 240),
  'block_05/output': (28, 28, 40),
  'block_08/output': (14, 14, 80),
  'block_11/output': (14, 14, 112),
  'block_12/expand': (14, 14, 672),
  'block_12/depthwise': (7, 7, 672),
  'block_15/output': (7, 7, 192),
  'block_16/output': (7, 7, 320),
  'head': (7, 7, 1280),
  'pool': (1, 1, 1280),
  'logits': (1000,),
}


@functools.lru_cache(maxsize=None)
def _values() -> Dict[str, np.ndarray]:
  path = weights.fetch(_SPEC.weights, progress=False)
  return checkpoints.read_checkpoint(str(path))


@functools.lru_cache(maxsize=None)
def _own_values() -> Dict[str, np.ndarray]:
  return efficientnet_lite0.from_pytorch(_values())


@functools.lru_cache(maxsize=None)
def _network(dtype: tf.DType = tf.float32) -> slim_network.SlimNetwork:
  return slim_network.SlimNetwork(_SPEC, _values(), dtype)


def _images(*shape: int) -> np.ndarray:
  return np.random.RandomState(0).rand(*shape, 3).astype(np.float32)


class _Reference:
  """The network in NumPy, of the released arrays in their own layouts."""

  def __init__(self, values: Mapping[str, np.ndarray]):
    self._values = values

  def conv(self, net: np.ndarray, name: str, stride: int = 1) -> np.ndarray:
    """A convolution of [channels, height, width], padded as TensorFlow does."""
    kernel = self._values[f'{name}.weight'].astype(np.float64)
    side = kernel.shape[-1]
    sizes = [-(-size // stride) for size in net.shape[1:]]
    pads = [
      max(0, (out - 1) * stride + side - size)
      for out, size in zip(sizes, net.shape[1:])
    ]
    net = np.pad(net, [(0, 0), *((pad // 2, pad - pad // 2) for pad in pads)])
    result: Any = 0.0
    for i in range(side):
      for j in range(side):
        seen = net[
          :,
          i : i + stride * (sizes[0] - 1) + 1 : stride,
          j : j + stride * (sizes[1] - 1) + 1 : stride,
        ]
        if kernel.shape[1] == 1:
          result = result + kernel[:, 0, i, j, None, None] * seen
        else:
          result = result + np.tensordot(kernel[:, :, i, j], seen, 1)
    return np.asarray(result)

  def norm(self, net: np.ndarray, name: str) -> np.ndarray:
    weight, bias, mean, variance = (
      self._values[f'{name}.{kind}'].astype(np.float64)[:, None, None]
      for kind in ('weight', 'bias', 'running_mean', 'running_var')
    )
    return (net - mean) / np.sqrt(variance + 1e-3) * weight + bias

  def logits(self, image: np.ndarray) -> np.ndarray:
    """Returns the logits of one [height, width, 3] image in [0, 1]."""
    net = (255.0 * image.transpose(2, 0, 1) - 127) / 128
    net = np.clip(self.norm(self.conv(net, '_conv_stem', 2), '_bn0'), 0, 6)
    for i, (_, stride, inputs, outputs) in enumerate(_BLOCKS):
      block, before = f'_blocks.{i}', net
      if i > 0:
        net = self.conv(net, f'{block}._expand_conv')
        net = np.clip(self.norm(net, f'{block}._bn0'), 0, 6)
      net = self.conv(net, f'{block}._depthwise_conv', stride)
      net = np.clip(self.norm(net, f'{block}._bn1'), 0, 6)
      net = self.conv(net, f'{block}._project_conv')
      net = self.norm(net, f'{block}._bn2')
      if stride == 1 and inputs == outputs:
        net = net + before
    net = np.clip(self.norm(self.conv(net, '_conv_head'), '_bn1'), 0, 6)
    weight, bias = (self._values[f'_fc.{kind}'] for kind in ('weight', 'bias'))
    return weight.astype(np.float64) @ net.mean(axis=(1, 2)) + bias


class VariablesTest(parameterized.TestCase):
  def test_shapes(self) -> None:
    shapes = slim_network.layer_shapes(_SPEC)
    self.assertEqual({name: shapes[name] for name in _SHAPES}, _SHAPES)

  def test_number_of_parameters(self) -> None:
    variables = slim_network.variable_specs(_SPEC)
    sizes = {
      name: each.shape.num_elements() for name, each in variables.items()
    }
    # 4.7 million, by the Lite networks' own readme; the averages not counted.
    total = sum(size for name, size in sizes.items() if '/moving_' not in name)
    self.assertEqual(total, 4_652_008)
    self.assertCountEqual(variables, _own_values())
    tracked = [name for name in _values() if name.endswith('batches_tracked')]
    self.assertLen(_values(), len(variables) + len(tracked))

  def test_names(self) -> None:
    variables = slim_network.variable_specs(_SPEC)
    for i, (side, _, inputs, outputs) in enumerate(_BLOCKS):
      block = f'EfficientNetLite0/block_{i + 1:02}'
      wide = inputs if i == 0 else 6 * inputs
      shapes = {
        f'{block}/depthwise/depthwise_weights': [side, side, wide, 1],
        f'{block}/depthwise/BatchNorm/gamma': [wide],
        f'{block}/project/weights': [1, 1, wide, outputs],
        f'{block}/project/BatchNorm/moving_variance': [outputs],
      }
      if i > 0:
        shapes[f'{block}/expand/weights'] = [1, 1, inputs, wide]
        shapes[f'{block}/expand/BatchNorm/beta'] = [wide]
      for name, shape in shapes.items():
        self.assertEqual(variables[name].shape.as_list(), shape, name)

  def test_statistics_stay_float32(self) -> None:
    for name, each in slim_network.variable_specs(
      _SPEC, (), tf.bfloat16
    ).items():
      is_norm = '/BatchNorm/' in name
      self.assertEqual(each.dtype, tf.float32 if is_norm else tf.bfloat16)


class EfficientNetLite0Test(parameterized.TestCase):
  @parameterized.parameters((64, 64), (65, 98), (97, 71))
  def test_agrees_with_numpy(self, height: int, width: int) -> None:
    image = _images(height, width)
    expected = _Reference(_values()).logits(image)
    logits = _network()(tf.constant(image[None])).logits[0]
    self.assertGreater(expected.std(), 0.1)
    np.testing.assert_allclose(logits, expected, atol=2e-3)

  def test_own_names_are_taken_as_they_are(self) -> None:
    images = tf.constant(_images(1, 64, 64))
    network = slim_network.SlimNetwork(_SPEC, _own_values())
    np.testing.assert_array_equal(
      network(images).logits, _network()(images).logits
    )
    self.assertEqual(slim_network.recognize(_own_values()), _SPEC)
    self.assertEqual(slim_network.recognize(_values()), _SPEC)

  def test_own_names_come_before_those_of_pytorch(self) -> None:
    name = 'EfficientNetLite0/logits/biases'
    values = {**_values(), name: _own_values()[name] + 1}
    network = slim_network.SlimNetwork(_SPEC, values)
    images = tf.constant(_images(1, 64, 64))
    np.testing.assert_allclose(
      network(images).logits, _network()(images).logits + 1, atol=1e-5
    )

  def test_a_part_is_refused(self) -> None:
    values = {k: v for k, v in _values().items() if '.7._bn1' not in k}
    with self.assertRaisesRegex(ValueError, 'lacks 4 of the 247 variables'):
      slim_network.SlimNetwork(_SPEC, values)
    with self.assertRaisesRegex(ValueError, 'make none of the networks'):
      slim_network.recognize(values)

  def test_blocks_are_dropped_by_seed(self) -> None:
    def run(seed: int) -> Dict[str, tf.Tensor]:
      # Averages that move are variables.
      variables = {
        name: tf.Variable(value.reshape(shapes[name].shape))
        for name, value in _own_values().items()
      }
      mode = training_mode.TrainingMode(
        tf.constant([seed, 0]), statistics_decay=tf.constant(0.99)
      )
      return slim_network.build(
        _SPEC,
        tf.constant(_images(4, 64, 64)),
        lambda getter, name, **unused_kwargs: variables[name],
        training=mode,
      )[1]

    shapes = slim_network.variable_specs(_SPEC)
    first, other = run(1), run(2)
    np.testing.assert_array_equal(run(1)['logits'], first['logits'])
    self.assertGreater(np.abs(other['logits'] - first['logits']).max(), 1e-3)
    # An image's branch is there, larger, or is not; deeper ones go more often.
    dropped = 0
    for end_points in (first, other):
      for i, (_, stride, inputs, outputs) in enumerate(_BLOCKS):
        if stride > 1 or inputs != outputs:
          continue
        block, before = f'block_{i + 1:02}', f'block_{i:02}/output'
        branch = end_points[f'{block}/output'] - end_points[before]
        kept = end_points[f'{block}/project'] / (1 - 0.2 * i / 16)
        for got, whole in zip(branch.numpy(), kept.numpy()):
          is_dropped = not got.any()
          dropped += is_dropped
          np.testing.assert_allclose(
            got, 0 * whole if is_dropped else whole, atol=1e-4
          )
    # Of 72 branches, with 8 expected.
    self.assertBetween(dropped, 1, 20)


if __name__ == '__main__':
  absltest.main()
