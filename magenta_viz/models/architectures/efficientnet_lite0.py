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

"""EfficientNet-Lite0, as its released weights want it.

References:
  Tan and Le 2019, EfficientNet, arXiv 1905.11946; table 1 has the blocks.
  Google's own efficientnet/lite (tensorflow/tpu): ReLU6 and no
  squeeze-and-excitation.
  Sandler et al. 2018, MobileNetV2, arXiv 1801.04381: the blocks' own form.
"""

from typing import Dict, Mapping, NamedTuple, Optional, Tuple

import numpy as np
import tensorflow as tf
import tf_slim as slim

from magenta_viz.models import training_mode
from magenta_viz.models.architectures import batch_norm

_SCOPE = 'EfficientNetLite0'


class _Stage(NamedTuple):
  """Blocks of one form; the first of them has the stride."""

  num_blocks: int
  side: int
  stride: int
  expansion: int
  channels: int


_STAGES = (
  _Stage(1, 3, 1, 1, 16),
  _Stage(2, 3, 2, 6, 24),
  _Stage(2, 5, 2, 6, 40),
  _Stage(3, 3, 2, 6, 80),
  _Stage(3, 5, 1, 6, 112),
  _Stage(4, 5, 2, 6, 192),
  _Stage(1, 3, 1, 6, 320),
)
_NUM_BLOCKS = sum(stage.num_blocks for stage in _STAGES)

# Of the stem and the head, which no size of the Lite family changes.
_STEM_CHANNELS = 32
_HEAD_CHANNELS = 1280

# efficientnet_lite_builder.py: what training drops before the classifier, and
# of whole blocks, at the deepest.
_DROPOUT = 0.2
_DROPPED_BLOCKS = 0.2


def efficientnet_lite0(
  images: tf.Tensor,
  num_classes: int = 1000,
  training: Optional[training_mode.TrainingMode] = None,
) -> Tuple[tf.Tensor, Dict[str, tf.Tensor]]:
  """Builds EfficientNet-Lite0.

  Args:
    images: [batch, height, width, 3] float tensor, RGB, in [0, 1], from 64
      pixels a side.
    num_classes: Outputs of the classifier.
    training: What is done in training only.

  Returns:
    The logits, [batch, num_classes], and the end points by the names of the
    variables' scopes, such as 'block_05/expand', each with its activation;
    'block_05/output' is what a block hands on.
  """
  end_points: Dict[str, tf.Tensor] = {}

  def add(name: str, net: tf.Tensor) -> tf.Tensor:
    end_points[name] = net
    return net

  def conv(
    net: tf.Tensor, channels: int, side: int, name: str, stride: int = 1
  ) -> tf.Tensor:
    return add(name, slim.conv2d(net, channels, side, stride, scope=name))

  with tf.compat.v1.variable_scope(_SCOPE), slim.arg_scope(
    [slim.conv2d, slim.separable_conv2d],
    activation_fn=tf.nn.relu6,
    padding='SAME',
    normalizer_fn=batch_norm.batch_norm,
    normalizer_params={
      'decay': training and training.statistics_decay,
      'scale': True,
    },
    # efficientnet_model.py.
    weights_initializer=tf.compat.v1.variance_scaling_initializer(
      2.0, 'fan_out', 'untruncated_normal'
    ),
  ):
    # (x - 127) / 128 on a scale of 0 to 255.
    net = images * (255 / 128) - 127 / 128
    net = conv(net, _STEM_CHANNELS, 3, 'stem', stride=2)
    index = 0
    for stage in _STAGES:
      for i in range(stage.num_blocks):
        index += 1
        block = f'block_{index:02}'
        inputs = net
        if stage.expansion > 1:
          channels = stage.expansion * int(net.shape[-1])
          net = conv(net, channels, 1, f'{block}/expand')
        net = slim.separable_conv2d(
          net,
          None,
          stage.side,
          stride=stage.stride if i == 0 else 1,
          scope=f'{block}/depthwise',
        )
        add(f'{block}/depthwise', net)
        with slim.arg_scope([slim.conv2d], activation_fn=None):
          net = conv(net, stage.channels, 1, f'{block}/project')
        if i > 0:
          share = _DROPPED_BLOCKS * (index - 1) / _NUM_BLOCKS
          net = inputs + training_mode.drop_branch(net, share, training, index)
        add(f'{block}/output', net)
    net = conv(net, _HEAD_CHANNELS, 1, 'head')
    net = add('pool', tf.reduce_mean(net, axis=[1, 2], keepdims=True))
    net = training_mode.dropout(net, _DROPOUT, training)
    net = slim.conv2d(
      net,
      num_classes,
      1,
      activation_fn=None,
      normalizer_fn=None,
      weights_initializer=slim.xavier_initializer(),
      scope='logits',
    )
    logits = add('logits', tf.squeeze(net, axis=[1, 2]))
  return logits, end_points


# What PyTorch calls a convolution's batch norm and its own: the endings.
_BATCH_NORM = {
  'weight': 'gamma',
  'bias': 'beta',
  'running_mean': 'moving_mean',
  'running_var': 'moving_variance',
}


def from_pytorch(values: Mapping[str, np.ndarray]) -> Dict[str, np.ndarray]:
  """Returns this network's variables, of those of the released weights.

  Args:
    values: Arrays by the names, and in the layouts, of lukemelas'
      EfficientNet-PyTorch.

  Returns:
    Views of those that are there.
  """
  found = {}
  for name, released in _released_names().items():
    if released in values:
      found[name] = _own_layout(name, values[released])
  return found


def _own_layout(name: str, value: np.ndarray) -> np.ndarray:
  """Returns PyTorch's kernels, which have the outputs first, as slim's are."""
  if name.endswith('/depthwise_weights') and value.ndim == 4:
    return value.transpose(2, 3, 0, 1)
  if name.endswith('/weights') and value.ndim == 4:
    return value.transpose(2, 3, 1, 0)
  return value.T


def _released_names() -> Dict[str, str]:
  """Returns the name in the released weights of each variable."""
  layers = {'stem': ('_conv_stem', '_bn0'), 'head': ('_conv_head', '_bn1')}
  for i in range(_NUM_BLOCKS):
    parts = ('expand', 'depthwise', 'project')
    for j, part in enumerate(parts):
      layers[f'block_{i + 1:02}/{part}'] = (
        f'_blocks.{i}._{part}_conv',
        f'_blocks.{i}._bn{j}',
      )
  names = {'weights': '_fc.weight', 'biases': '_fc.bias'}
  names = {f'logits/{own}': released for own, released in names.items()}
  for layer, (conv, norm) in layers.items():
    kind = 'depthwise_weights' if layer.endswith('/depthwise') else 'weights'
    names[f'{layer}/{kind}'] = f'{conv}.weight'
    for released, own in _BATCH_NORM.items():
      names[f'{layer}/BatchNorm/{own}'] = f'{norm}.{released}'
  return {f'{_SCOPE}/{own}': released for own, released in names.items()}
