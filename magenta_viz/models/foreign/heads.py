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

"""Class scores from what a model ends with: a softmax or a sigmoid is undone.

What raises the probability of a class may be the fall of all others, and where
it is near 0 or 1 its gradient is nearly nothing. The score of a class is what
the model computes before: the logit.
"""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

# What hands values on as they are, but for their type and their shape.
_PASSING = ('Identity', 'Cast', 'Reshape', 'Squeeze', 'EnsureShape')

_UNDONE = {'Softmax': 'softmax', 'LogSoftmax': 'softmax', 'Sigmoid': 'sigmoid'}

# The least positive number of float32 of full precision.
_TINY = float(np.finfo(np.float32).tiny)

# How far from 1 a sum of probabilities may be, which float16 rounds.
_ROUNDING = 1e-2


class Head(NamedTuple):
  """What a model ends with.

  Attributes:
    logits: [batch, num_outputs] float32 tensor.
    undone: 'softmax' or 'sigmoid' where that was taken off; '' where nothing
      was.
  """

  logits: tf.Tensor
  undone: str = ''


def undo(outputs: tf.Tensor, are_probabilities: bool = False) -> Head:
  """Returns a model's class scores before its softmax or sigmoid.

  Args:
    outputs: [batch, num_outputs] float tensor of a graph, or [batch] of one
      output; or [batch, height, width, num_outputs], whose mean over all places
      is taken, of the logits.
    are_probabilities: Whether they are known to come from a softmax: then their
      logarithm is taken where none can be seen, as within a function that the
      graph calls. It is the logit but for a number that all classes have in
      common, as far as float32 can tell a probability from 0.
  """
  tensor = outputs
  while tensor.op.type in _PASSING and tensor.op.inputs:
    tensor = tensor.op.inputs[0]
  undone = _UNDONE.get(tensor.op.type, '')
  if undone:
    found = tensor.op.inputs[0]
    if found.shape.as_list() != outputs.shape.as_list():
      found = tf.reshape(found, tf.shape(outputs))
      found.set_shape(outputs.shape)
    outputs = found
  outputs = tf.cast(outputs, tf.float32)
  if are_probabilities and not undone:
    outputs, undone = tf.math.log(tf.maximum(outputs, _TINY)), 'softmax'
  return Head(_flat(outputs), undone)


def _flat(outputs: tf.Tensor) -> tf.Tensor:
  """Returns outputs of any rank as [batch, num_outputs]."""
  rank = outputs.shape.rank
  if rank == 1:
    return outputs[:, None]
  if rank == 2:
    return outputs
  return tf.reduce_mean(outputs, list(range(1, rank - 1)))


def are_probabilities(values: np.ndarray) -> bool:
  """Tells probabilities of classes that exclude one another by their values.

  Args:
    values: [batch, ..., num_outputs], of a few inputs.
  """
  return bool(
    values.shape[-1] > 1
    and np.isfinite(values).all()
    and values.min() >= 0
    and np.abs(values.sum(-1) - 1).max() < _ROUNDING
  )


def both_classes(logits: tf.Tensor) -> tf.Tensor:
  """Returns [batch, 2] logits of a sigmoid's one, [batch, 1].

  Their softmax is the sigmoid, and each of them can be raised.
  """
  return tf.concat([-logits, logits], axis=1) / 2
