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

"""Objectives that compare a layer's activations with given features."""

import dataclasses
from typing import Optional

import numpy as np
import tensorflow as tf

from magenta_viz.ascent.objectives import objectives
from magenta_viz.models import network_protocol

# Below this cosine, what is alike no longer counts less (lucid/optvis/
# objectives.py, caricature's comparison).
_LEAST_COSINE = 0.1


@dataclasses.dataclass(frozen=True, eq=False)
class Direction(objectives.Objective):
  """The mean over positions of the activations' part along a direction.

  Attributes:
    layer: Name of the end point.
    vector: [channels] array of numbers; its length counts. It is taken as
      float32.
    has_rows: Whether it is [rows, channels], of which each picture has a row of
      its own.
    power: Of the cosine between activations and direction, 0.1 at least, that
      the part is multiplied by: the larger, the less counts what goes other
      ways besides.

  Raises:
    ValueError: If it is of another shape or of no numbers, if one of these is
      not finite in float32, or if all of a direction are 0, with which nothing
      can agree.

  References:
    lucid/optvis/objectives.py, direction; Carter et al. 2019, Activation atlas,
    Distill, and its notebook, direction_neuron_cossim_S, for the power.
  """

  layer: str
  vector: np.ndarray
  has_rows: bool = False
  power: float = 0.0

  def __post_init__(self) -> None:
    """Checks the vector."""
    vector = np.asarray(self.vector)
    if vector.ndim != 1 + self.has_rows or vector.dtype.kind not in 'iuf':
      what = 'rows' if self.has_rows else 'a vector'
      raise ValueError(
        f'the direction has shape {vector.shape} and is of {vector.dtype.name};'
        f' give {what} of numbers, one a channel'
      )
    with np.errstate(over='ignore'):
      vector = vector.astype(np.float32)
    if not np.isfinite(vector).all():
      raise ValueError(
        'the direction has what is not a finite number in float32; give one'
        ' whose numbers all are'
      )
    if not vector.size or not vector.any(axis=-1).all():
      raise ValueError(
        'the direction is 0 in every channel, so nothing goes along it; give'
        ' one that is not'
      )
    object.__setattr__(self, 'vector', vector)

  def num_units(self, outputs: network_protocol.Outputs) -> Optional[int]:
    """Returns the number of rows."""
    return len(self.vector) if self.has_rows else None

  def score(
    self, outputs: network_protocol.Outputs, ids: tf.Tensor
  ) -> tf.Tensor:
    """Returns the scores."""
    net = objectives.spatial_activations(outputs, self.layer)
    if self.vector.shape[-1] != net.shape[-1]:
      raise ValueError(
        f'the direction has shape {self.vector.shape}, but layer {self.layer}'
        f' has {net.shape[-1]} channels; give a vector of that many numbers'
      )
    vector = tf.constant(self.vector, tf.float32)
    if self.has_rows:
      vector = tf.gather(vector, ids)
    along = _along(net, vector)
    if self.power:
      # Of length 1; where nothing is active it stays 0, its gradient too.
      units = [tf.math.l2_normalize(each, -1) for each in (net, vector)]
      along *= tf.maximum(_along(*units), _LEAST_COSINE) ** self.power
    return tf.reduce_mean(along, axis=[1, 2])


def _along(net: tf.Tensor, vector: tf.Tensor) -> tf.Tensor:
  """Returns the [batch, height, width] inner products with a vector.

  Args:
    net: [batch, height, width, channels] tensor.
    vector: [channels] tensor, or [batch, channels] of one for each.
  """
  if vector.shape.rank == 1:
    return tf.tensordot(net, vector, 1)
  return tf.einsum('bhwc,bc->bhw', net, vector)


@dataclasses.dataclass(frozen=True, eq=False)
class Guide(objectives.Objective):
  """How well each position agrees with its best match in a guide.

  The match of a position is the position of the guide with the largest inner
  product; the sum of these products is raised.

  Attributes:
    layer: Name of the end point.
    features: [height, width, channels] array, the guide's activations.

  References:
    google/deepdream, dream.ipynb, `objective_guide`.
  """

  layer: str
  features: np.ndarray

  def score(
    self, outputs: network_protocol.Outputs, ids: tf.Tensor
  ) -> tf.Tensor:
    """Returns the scores."""
    net = objectives.spatial_activations(outputs, self.layer)
    channels = net.shape[-1]
    guide = tf.constant(self.features.reshape(-1, channels), tf.float32)
    products = tf.tensordot(net, guide, [[3], [1]])
    return tf.reduce_sum(tf.reduce_max(products, axis=3), axis=[1, 2])


@dataclasses.dataclass(frozen=True, eq=False)
class Content(objectives.Objective):
  """How much the activations agree with a photograph's, and exceed them.

  The inner product with the photograph's activations, times their cosine: a
  caricature.

  Attributes:
    layer: Name of the end point.
    features: [height, width, channels] array, the photograph's activations.

  References:
    lucid/optvis/objectives.py, the comparison of caricatures: inner product
    times max(0.1, cosine)^power, here with power 1.
  """

  layer: str
  features: np.ndarray

  @property
  def is_whole(self) -> bool:
    """True: the photograph's places are those of the view."""
    return True

  def score(
    self, outputs: network_protocol.Outputs, ids: tf.Tensor
  ) -> tf.Tensor:
    """Returns the scores."""
    net = objectives.spatial_activations(outputs, self.layer)
    features = tf.image.resize(self.features[None], net.shape[1:3])
    product = tf.reduce_sum(net * features, axis=[1, 2, 3])
    square = tf.reduce_sum(net**2, axis=[1, 2, 3]) * tf.reduce_sum(features**2)
    cosine = tf.math.divide_no_nan(product, tf.sqrt(square))
    return product * tf.maximum(cosine, _LEAST_COSINE)
