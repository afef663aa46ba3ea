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
"""What a network does in training and at no other time."""

from typing import Any, NamedTuple, Optional

import tensorflow as tf


class TrainingMode(NamedTuple):
  """Makes a network drop activations and look at the batch's statistics.

  Attributes:
    dropout_seed: [2] integer tensor. The same seed drops the same activations,
      so that a run that is resumed goes on as it would have.
    dropout: Share of the activations dropped before the classifier; None for
      the network's own.
    statistics_decay: Scalar, of batch norm's moving averages; None if batch
      norm is to use them as they are, as in a body that is frozen.
  """

  dropout_seed: tf.Tensor
  dropout: Optional[float] = None
  statistics_decay: Optional[tf.Tensor] = None


def dropout(
  net: tf.Tensor, share: float, training: Optional[TrainingMode], index: int = 0
) -> tf.Tensor:
  """Sets a share of the activations to 0 and scales the others up.

  tf-slim's draws from a generator whose state no checkpoint holds.

  Args:
    net: Float tensor.
    share: The network's own share, from 0 to below 1.
    training: None leaves all activations as they are.
    index: Tells the layers of a network that drop activations apart.

  Returns:
    A tensor of the same shape and dtype.
  """
  if training is None:
    return net
  if training.dropout is not None:
    share = training.dropout
  if not share:
    return net
  draws = _draws(tf.shape(net), training, index)
  return tf.where(draws < share, tf.zeros_like(net), net / (1 - share))


def drop_branch(
  net: tf.Tensor, share: float, training: Optional[TrainingMode], index: int
) -> tf.Tensor:
  """Sets all of a residual branch to 0 for a share of the images.

  A body that is frozen stays as it is.

  Args:
    net: [batch, height, width, channels] float tensor, which is then added to
      what went around the branch.
    share: From 0 to below 1.
    training: None leaves all images' branches as they are.
    index: As of `dropout`, whose own is 0.

  Returns:
    A tensor of the same shape and dtype, scaled up where it is not 0.

  References:
    Huang et al. 2016, Deep networks with stochastic depth, arXiv 1603.09382.
  """
  if training is None or training.statistics_decay is None or not share:
    return net
  draws = _draws([tf.shape(net)[0], 1, 1, 1], training, index)
  return tf.where(draws < share, tf.zeros_like(net), net / (1 - share))


def _draws(shape: Any, training: TrainingMode, index: int) -> tf.Tensor:
  """Returns numbers from 0 to 1, the same ones for the same seed and index."""
  fold_in = tf.random.experimental.stateless_fold_in
  return tf.random.stateless_uniform(
    shape, fold_in(training.dropout_seed, index)
  )
