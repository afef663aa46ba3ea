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
"""What training lowers, and how often a network is right."""

from typing import NamedTuple, Sequence

import tensorflow as tf


class Counts(NamedTuple):
  """Sums over pictures, as scalar float32 tensors.

  Attributes:
    pictures: How many there are.
    top1: For how many the class comes first.
    top5: For how many it is among the first five.
    loss: Sum of their losses.
  """

  pictures: tf.Tensor
  top1: tf.Tensor
  top5: tf.Tensor
  loss: tf.Tensor


def cross_entropy(
  logits: tf.Tensor, outputs: tf.Tensor, smoothing: float
) -> tf.Tensor:
  """Returns each picture's cross entropy with its class, smoothed.

  Args:
    logits: [batch, num_outputs] float tensor.
    outputs: [batch] int32 tensor, the output of each picture's class.
    smoothing: Share of the target that is spread over all outputs evenly.

  Returns:
    [batch] float32 tensor, in nats.

  References:
    Szegedy et al. 2015, arXiv 1512.00567, section 7.
  """
  logits = tf.cast(logits, tf.float32)
  num_outputs = logits.shape[-1]
  targets = tf.one_hot(outputs, num_outputs) * (1 - smoothing)
  targets += smoothing / num_outputs
  return tf.nn.softmax_cross_entropy_with_logits(targets, logits)


def classification_loss(
  logits: tf.Tensor,
  auxiliary_logits: Sequence[tf.Tensor],
  outputs: tf.Tensor,
  smoothing: float,
  auxiliary_weight: float,
) -> tf.Tensor:
  """Returns each picture's loss, auxiliary classifiers' among it.

  Args:
    logits: [batch, num_outputs] float tensor.
    auxiliary_logits: Tensors of the same shape.
    outputs: As of `cross_entropy`.
    smoothing: As of `cross_entropy`.
    auxiliary_weight: Of each auxiliary classifier's loss.

  Returns:
    [batch] float32 tensor.

  References:
    Szegedy et al. 2014, arXiv 1409.4842, section 5: a weight of 0.3.
  """
  loss = cross_entropy(logits, outputs, smoothing)
  for each in auxiliary_logits:
    loss += auxiliary_weight * cross_entropy(each, outputs, smoothing)
  return loss


def count(
  logits: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor, loss: tf.Tensor
) -> Counts:
  """Counts right answers.

  Args:
    logits: [batch, num_classes] float32 tensor.
    labels: [batch] int32 tensor, class ids.
    weights: [batch] float32 tensor, 0 for what is no picture.
    loss: [batch] float32 tensor.
  """
  # Of fewer classes than five, all are among the first five.
  first = tf.math.top_k(logits, min(5, logits.shape[-1])).indices
  # Of equal logits those of the lower ids come first. in_top_k would call all
  # of them right: every class, of a network that is dead.
  hits = tf.cast(tf.equal(first, labels[:, None]), tf.float32)
  return Counts(
    tf.reduce_sum(weights),
    tf.reduce_sum(hits[:, 0] * weights),
    tf.reduce_sum(tf.reduce_sum(hits, axis=1) * weights),
    # 0 * NaN is NaN, where a picture that is none must not matter.
    loss=tf.reduce_sum(tf.where(weights > 0, loss * weights, 0.0)),
  )
