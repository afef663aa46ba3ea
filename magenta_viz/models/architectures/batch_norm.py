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

"""Batch normalization for slim's layers, without Keras.

`slim.batch_norm` of tf-slim 1.1.0 needs parts of TensorFlow that are gone
from today's. This one makes the same variables under the same names.
"""

from typing import Any, Dict, Mapping, Optional

import numpy as np
import tensorflow as tf
import tf_slim as slim

# slim's argument at the release of its Inception checkpoints
# (inception_utils.py), and EfficientNet's.
_EPSILON = 0.001

# What a kernel can have in it.
_TAKEN_IN = ('moving_mean', 'moving_variance', 'gamma')


def batch_norm(
  inputs: tf.Tensor, decay: Optional[tf.Tensor] = None, scale: bool = False
) -> tf.Tensor:
  """Normalizes each channel and adds `beta`; a `normalizer_fn` for slim.

  Args:
    inputs: [batch, height, width, channels] float tensor.
    decay: Scalar from 0 to 1. With it, the statistics are the batch's, and
      the averages keep this share of themselves as they move there; None uses
      the averages.
    scale: Whether to multiply by a `gamma` before. Slim's Inception networks
      have none, for a ReLU follows.

  Returns:
    A tensor of the same shape and dtype.

  References:
    Ioffe and Szegedy 2015, arXiv 1502.03167, section 3.
  """
  channels = inputs.shape[-1]
  with tf.compat.v1.variable_scope('BatchNorm'):
    beta = slim.model_variable(
      'beta', [channels], initializer=tf.compat.v1.zeros_initializer()
    )
    gamma = tf.ones([channels])
    if scale:
      gamma = slim.model_variable(
        'gamma', [channels], initializer=tf.compat.v1.ones_initializer()
      )
    moving_mean = slim.model_variable(
      'moving_mean',
      [channels],
      initializer=tf.compat.v1.zeros_initializer(),
      trainable=False,
    )
    moving_variance = slim.model_variable(
      'moving_variance',
      [channels],
      initializer=tf.compat.v1.ones_initializer(),
      trainable=False,
    )
  if moving_mean is None:
    return tf.nn.bias_add(inputs, beta)
  is_training = decay is not None
  outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
    inputs,
    scale=gamma,
    offset=beta,
    mean=None if is_training else moving_mean,
    variance=None if is_training else moving_variance,
    epsilon=_EPSILON,
    is_training=is_training,
  )
  if decay is not None:
    moving_mean.assign_sub((1 - decay) * (moving_mean - mean))
    moving_variance.assign_sub((1 - decay) * (moving_variance - variance))
  return outputs


def folded(values: Mapping[str, np.ndarray]) -> Dict[str, Any]:
  """Returns a network's variables with its averages in the kernels.

  A product and a sum for each channel do not need a pass over the activations:
  the product is the kernel's, and the sum can be taken as biases are.

  Args:
    values: Arrays by the names that slim gives variables.

  Returns:
    The same, but that `beta` is all that `batch_norm` adds, and None stands for
    what the kernels have taken in: it leaves that out.
  """
  found: Dict[str, Any] = dict(values)
  for name in values:
    scope, is_norm, _ = name.partition('/BatchNorm/moving_mean')
    if not is_norm:
      continue
    # Rounded once, whatever the numbers are.
    beta, mean, variance, gamma = (
      np.asarray(found.get(f'{scope}/BatchNorm/{kind}', 1.0), np.float64)
      for kind in ('beta', 'moving_mean', 'moving_variance', 'gamma')
    )
    # What is not finite is found where it is drawn.
    with np.errstate(invalid='ignore', divide='ignore'):
      scale = gamma / np.sqrt(variance + _EPSILON)
    kernel, shape = f'{scope}/weights', (1, -1)
    if kernel not in found:
      kernel, shape = f'{scope}/depthwise_weights', (-1, 1)
    found[kernel] = found[kernel] * scale.reshape(shape)
    found[f'{scope}/BatchNorm/beta'] = beta - mean * scale
    taken_in = [f'{scope}/BatchNorm/{kind}' for kind in _TAKEN_IN]
    found.update(dict.fromkeys(each for each in taken_in if each in values))
  return found
