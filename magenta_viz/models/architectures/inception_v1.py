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

"""InceptionV1 as slim trained it, with the variable names of its checkpoint.

References:
  Szegedy et al. 2014, Going deeper with convolutions, arXiv 1409.4842.
  Ioffe and Szegedy 2015, Batch normalization, arXiv 1502.03167.
"""

from typing import Dict, Optional, Tuple

import tensorflow as tf
import tf_slim as slim
from tf_slim.nets import inception_v1 as slim_inception_v1

from magenta_viz.models import training_mode
from magenta_viz.models.architectures import batch_norm

# slim's dropout_keep_prob is 0.8.
_DROPOUT = 0.2


def inception_v1(
  images: tf.Tensor,
  num_classes: int = 1001,
  training: Optional[training_mode.TrainingMode] = None,
) -> Tuple[tf.Tensor, Dict[str, tf.Tensor]]:
  """Builds slim's InceptionV1 with a head that pools globally.

  Args:
    images: [batch, height, width, 3] float tensor, RGB, in [0, 1], from 64
      pixels a side.
    num_classes: Outputs of the classifier; in the released checkpoint output
      0 is the background.
    training: What is done in training only.

  Returns:
    The logits, [batch, num_classes], and the end points by slim's names, such
    as 'Mixed_4c'.
  """
  with slim.arg_scope(
    [slim.conv2d],
    normalizer_fn=batch_norm.batch_norm,
    normalizer_params={'decay': training and training.statistics_decay},
  ):
    # (x - 127.5) / 127.5 on a scale of 0 to 255.
    net, end_points = slim_inception_v1.inception_v1_base(images * 2 - 1)
  with tf.compat.v1.variable_scope('InceptionV1/Logits'):
    # slim pools a fixed window of 7 x 7, which is this mean at 224 pixels.
    net = tf.reduce_mean(net, axis=[1, 2], keepdims=True)
    end_points['AvgPool_0a_7x7'] = net
    net = training_mode.dropout(net, _DROPOUT, training)
    net = slim.conv2d(
      net,
      num_classes,
      1,
      activation_fn=None,
      scope='Conv2d_0c_1x1',
    )
    logits = tf.squeeze(net, axis=[1, 2])
  end_points['Logits'] = logits
  return logits, end_points
