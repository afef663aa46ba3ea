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

"""BVLC GoogLeNet, as Caffe computes it.

References:
  Szegedy et al. 2014, Going deeper with convolutions, arXiv 1409.4842.
  BVLC, models/bvlc_googlenet/train_val.prototxt, for what the paper leaves
  open: padding, rounding, the means, local response normalization.
"""

from typing import Dict, Optional, Sequence, Tuple

import tensorflow as tf
import tf_slim as slim

from magenta_viz.models import first_layer
from magenta_viz.models import training_mode
from magenta_viz.models.architectures import caffe_layers

# Channels of the branches of each inception module: 1x1, 3x3 reduce, 3x3,
# 5x5 reduce, 5x5, pool projection (arXiv 1409.4842, table 1).
_MODULES = (
  ('inception_3a', (64, 96, 128, 16, 32, 32)),
  ('inception_3b', (128, 128, 192, 32, 96, 64)),
  ('pool3/3x3_s2', ()),
  ('inception_4a', (192, 96, 208, 16, 48, 64)),
  ('inception_4b', (160, 112, 224, 24, 64, 64)),
  ('inception_4c', (128, 128, 256, 24, 64, 64)),
  ('inception_4d', (112, 144, 288, 32, 64, 64)),
  ('inception_4e', (256, 160, 320, 32, 128, 128)),
  ('pool4/3x3_s2', ()),
  ('inception_5a', (256, 160, 320, 32, 128, 128)),
  ('inception_5b', (384, 192, 384, 48, 128, 128)),
)
# The module whose output each auxiliary classifier reads.
_AUXILIARY_INPUTS = {
  'loss1': 'inception_4a/output',
  'loss2': 'inception_4d/output',
}
# train_val.prototxt: dropout_ratio before the main and auxiliary classifiers.
_DROPOUT = 0.4
_AUXILIARY_DROPOUT = 0.7
# Side of that output at the training size of 224 pixels.
_AUXILIARY_SIDE = 14


def googlenet(
  images: tf.Tensor,
  num_classes: int = 1000,
  training: Optional[training_mode.TrainingMode] = None,
  auxiliary_heads: Sequence[str] = (),
) -> Tuple[tf.Tensor, Dict[str, tf.Tensor]]:
  """Builds BVLC GoogLeNet.

  Args:
    images: [batch, height, width, 3] float tensor, RGB, in [0, 1], from 64
      pixels a side.
    num_classes: Outputs of the classifiers.
    training: What is done in training only.
    auxiliary_heads: Which of 'loss1' and 'loss2' to build.

  Returns:
    The logits, [batch, num_classes], and the end points by the names of
    Caffe's blobs, such as 'inception_4c/output'.
  """
  end_points: Dict[str, tf.Tensor] = {}

  def add(name: str, net: tf.Tensor) -> tf.Tensor:
    end_points[name] = net
    return net

  def conv(net: tf.Tensor, channels: int, side: int, name: str) -> tf.Tensor:
    return add(name, slim.conv2d(net, channels, side, scope=name))

  with slim.arg_scope([slim.conv2d], activation_fn=tf.nn.relu, padding='SAME'):
    net = caffe_layers.subtract_means(images)
    # Three pixels on every side, where SAME would put two before, three after.
    net = tf.pad(net, [[0, 0], [3, 3], [3, 3], [0, 0]])
    net = first_layer.halving_conv(net, 64, 7, 'conv1/7x7_s2')
    add('conv1/7x7_s2', net)
    net = add('pool1/3x3_s2', caffe_layers.max_pool(net))
    net = add('pool1/norm1', caffe_layers.local_response_normalization(net))
    net = conv(net, 64, 1, 'conv2/3x3_reduce')
    net = conv(net, 192, 3, 'conv2/3x3')
    net = add('conv2/norm2', caffe_layers.local_response_normalization(net))
    net = add('pool2/3x3_s2', caffe_layers.max_pool(net))
    for name, channels in _MODULES:
      if not channels:
        net = add(name, caffe_layers.max_pool(net))
        continue
      one, three_reduce, three, five_reduce, five, projection = channels
      reduced_three = conv(net, three_reduce, 1, f'{name}/3x3_reduce')
      reduced_five = conv(net, five_reduce, 1, f'{name}/5x5_reduce')
      pooled = add(
        f'{name}/pool',
        tf.nn.max_pool2d(net, ksize=3, strides=1, padding='SAME'),
      )
      branches = [
        conv(net, one, 1, f'{name}/1x1'),
        conv(reduced_three, three, 3, f'{name}/3x3'),
        conv(reduced_five, five, 5, f'{name}/5x5'),
        conv(pooled, projection, 1, f'{name}/pool_proj'),
      ]
      net = add(f'{name}/output', tf.concat(branches, axis=3))
    net = add('pool5', tf.reduce_mean(net, axis=[1, 2], keepdims=True))
    net = training_mode.dropout(net, _DROPOUT, training)
    net = slim.conv2d(
      net, num_classes, 1, activation_fn=None, scope='loss3/classifier'
    )
    logits = add('loss3/classifier', tf.squeeze(net, axis=[1, 2]))
    for index, head in enumerate(auxiliary_heads, start=1):
      net = _auxiliary_features(end_points, head)
      net = training_mode.dropout(net, _AUXILIARY_DROPOUT, training, index)
      end_points[f'{head}/classifier'] = slim.fully_connected(
        net, num_classes, activation_fn=None, scope=f'{head}/classifier'
      )
  return logits, end_points


def _auxiliary_features(
  end_points: Dict[str, tf.Tensor], head: str
) -> tf.Tensor:
  """Adds what `head` has below its classifier, and returns the last of it."""
  net = end_points[_AUXILIARY_INPUTS[head]]
  if net.shape[1:3].as_list() != [_AUXILIARY_SIDE, _AUXILIARY_SIDE]:
    # The head's inner product fixes the size of its map.
    dtype = net.dtype
    net = tf.image.resize(net, [_AUXILIARY_SIDE, _AUXILIARY_SIDE])
    net = tf.cast(net, dtype)
  net = tf.nn.avg_pool2d(net, ksize=5, strides=3, padding='VALID')
  end_points[f'{head}/ave_pool'] = net
  net = slim.conv2d(net, 128, 1, scope=f'{head}/conv')
  end_points[f'{head}/conv'] = net
  # Caffe flattens channels first.
  net = slim.flatten(tf.transpose(net, [0, 3, 1, 2]))
  net = slim.fully_connected(net, 1024, scope=f'{head}/fc')
  end_points[f'{head}/fc'] = net
  return net
