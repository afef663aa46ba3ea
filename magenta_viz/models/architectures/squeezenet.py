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

"""SqueezeNet 1.1, as its released weights want it.

References:
  Iandola et al. 2016, SqueezeNet, arXiv 1602.07360; the 1.1 variant is the
  authors' own (their repository, SqueezeNet_v1.1).
"""

from typing import Dict, Optional, Tuple

import tensorflow as tf
import tf_slim as slim

from magenta_viz.models import training_mode
from magenta_viz.models.architectures import caffe_layers

# Squeeze and expand channels of the fire modules; None is a pooling layer.
_MODULES = (
  ('pool1', None),
  ('fire2', (16, 64)),
  ('fire3', (16, 64)),
  ('pool3', None),
  ('fire4', (32, 128)),
  ('fire5', (32, 128)),
  ('pool5', None),
  ('fire6', (48, 192)),
  ('fire7', (48, 192)),
  ('fire8', (64, 256)),
  ('fire9', (64, 256)),
)

# arXiv 1602.07360: dropout of 50 % after the last fire module.
_DROPOUT = 0.5


def squeezenet(
  images: tf.Tensor,
  num_classes: int = 1000,
  training: Optional[training_mode.TrainingMode] = None,
) -> Tuple[tf.Tensor, Dict[str, tf.Tensor]]:
  """Builds SqueezeNet 1.1.

  Args:
    images: [batch, height, width, 3] float tensor, RGB, in [0, 1], from 64
      pixels a side.
    num_classes: Outputs of the classifier.
    training: What is done in training only.

  Returns:
    The logits, [batch, num_classes], and the end points by the names of
    Caffe's blobs, such as 'fire9/concat'. Logits are means of what a ReLU
    lets through, so they are never negative.
  """
  end_points: Dict[str, tf.Tensor] = {}

  def add(name: str, net: tf.Tensor) -> tf.Tensor:
    end_points[name] = net
    return net

  def conv(net: tf.Tensor, channels: int, side: int, name: str) -> tf.Tensor:
    return add(name, slim.conv2d(net, channels, side, scope=name))

  with slim.arg_scope([slim.conv2d], activation_fn=tf.nn.relu, padding='SAME'):
    net = caffe_layers.subtract_means(images)
    net = slim.conv2d(net, 64, 3, stride=2, padding='VALID', scope='conv1')
    add('conv1', net)
    for name, channels in _MODULES:
      if channels is None:
        net = add(
          name, tf.nn.max_pool2d(net, ksize=3, strides=2, padding='VALID')
        )
        continue
      squeeze, expand = channels
      squeezed = conv(net, squeeze, 1, f'{name}/squeeze1x1')
      branches = [
        conv(squeezed, expand, 1, f'{name}/expand1x1'),
        conv(squeezed, expand, 3, f'{name}/expand3x3'),
      ]
      net = add(f'{name}/concat', tf.concat(branches, axis=3))
    net = training_mode.dropout(net, _DROPOUT, training)
    net = conv(net, num_classes, 1, 'conv10')
    logits = add('pool10', tf.reduce_mean(net, axis=[1, 2]))
  return logits, end_points
