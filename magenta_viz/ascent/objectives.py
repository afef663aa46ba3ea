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

"""What is raised: scores of pictures, one a picture.

Objectives are values: `Channel('Mixed_4c', 12) + 0.5 * ClassLogit(281)` is one,
too. `objective_language` reads them from text.
"""

import dataclasses
import difflib
from typing import Optional, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.models import slim_network

# Below this cosine, what is alike no longer counts less (lucid/optvis/
# objectives.py, caricature's comparison).
_LEAST_COSINE = 0.1


class Objective:
  """Gives each picture of a batch a score, by what the network says of it."""

  def score(
    self, outputs: slim_network.Outputs, class_ids: tf.Tensor
  ) -> tf.Tensor:
    """Returns the scores.

    Args:
      outputs: Of the network, for `batch` views.
      class_ids: [batch] int32 tensor, the class of each picture, where the
        pictures have classes.

    Returns:
      [batch] float32 tensor; each score depends on its own view only.

    Raises:
      ValueError: If the network has no such layer, channel or class.
    """
    raise NotImplementedError

  def __add__(self, other: 'Objective') -> 'Sum':
    """Returns the sum of two objectives."""
    return Sum((*_terms(self), *_terms(other)))

  def __sub__(self, other: 'Objective') -> 'Sum':
    """Returns the difference of two objectives."""
    return self + -1 * other

  def __mul__(self, weight: float) -> 'Sum':
    """Returns the objective with a weight."""
    return Sum(tuple((weight * each, term) for each, term in _terms(self)))

  __rmul__ = __mul__


@dataclasses.dataclass(frozen=True)
class Sum(Objective):
  """A weighted sum of objectives.

  Attributes:
    terms: Weights and objectives.
  """

  terms: Tuple[Tuple[float, Objective], ...]

  def score(
    self, outputs: slim_network.Outputs, class_ids: tf.Tensor
  ) -> tf.Tensor:
    """Returns the scores."""
    return tf.add_n(
      [weight * term.score(outputs, class_ids) for weight, term in self.terms]
    )


def _terms(objective: Objective) -> Tuple[Tuple[float, Objective], ...]:
  """Returns the weighted terms of an objective."""
  if isinstance(objective, Sum):
    return objective.terms
  return ((1.0, objective),)


@dataclasses.dataclass(frozen=True)
class ClassLogit(Objective):
  """The logit of a class.

  The logit and not the probability, which also rises where other classes
  fall.

  Attributes:
    class_id: The class; None for each picture's own.

  References:
    Simonyan, Vedaldi and Zisserman 2013, Deep inside convolutional networks,
    arXiv 1312.6034, section 2.
  """

  class_id: Optional[int] = None

  def score(
    self, outputs: slim_network.Outputs, class_ids: tf.Tensor
  ) -> tf.Tensor:
    """Returns the scores."""
    if self.class_id is None:
      return tf.gather(outputs.logits, class_ids, batch_dims=1)
    num_classes = outputs.logits.shape[-1]
    if not 0 <= self.class_id < num_classes:
      raise ValueError(
        f'class {self.class_id} is unknown; take 0 to {num_classes - 1}'
      )
    return outputs.logits[:, self.class_id]


@dataclasses.dataclass(frozen=True)
class Layer(Objective):
  """Half the squared length of a layer's activations.

  Attributes:
    layer: Name of the end point.

  References:
    Mordvintsev, Olah and Tyka 2015, Inceptionism (google/deepdream,
    dream.ipynb, `objective_L2`: the gradient is the activations themselves).
  """

  layer: str

  def score(
    self, outputs: slim_network.Outputs, class_ids: tf.Tensor
  ) -> tf.Tensor:
    """Returns the scores."""
    net = activations(outputs, self.layer)
    return tf.reduce_sum(net**2, axis=list(range(1, net.shape.rank))) / 2


@dataclasses.dataclass(frozen=True)
class Channel(Objective):
  """The mean of one channel of a layer over its positions.

  Attributes:
    layer: Name of the end point.
    channel: Number of the channel, from 0.

  References:
    Olah, Mordvintsev and Schubert 2017, Feature visualization, Distill.
  """

  layer: str
  channel: int

  def score(
    self, outputs: slim_network.Outputs, class_ids: tf.Tensor
  ) -> tf.Tensor:
    """Returns the scores."""
    return tf.reduce_mean(_channel(outputs, self.layer, self.channel), [1, 2])


@dataclasses.dataclass(frozen=True)
class Neuron(Objective):
  """One channel of a layer at one position.

  Attributes:
    layer: Name of the end point.
    channel: Number of the channel, from 0.
    position: Row and column, from 0; None for the middle, whose row and column
      are half of the layer's sides, rounded down.
  """

  layer: str
  channel: int
  position: Optional[Tuple[int, int]] = None

  def score(
    self, outputs: slim_network.Outputs, class_ids: tf.Tensor
  ) -> tf.Tensor:
    """Returns the scores."""
    net = _channel(outputs, self.layer, self.channel)
    height, width = net.shape[1:3]
    row, column = self.position or (height // 2, width // 2)
    if not (0 <= row < height and 0 <= column < width):
      raise ValueError(
        f'position {row},{column} is outside of layer {self.layer}, which is'
        f' {height} x {width} for these views; take a smaller row and column'
      )
    return net[:, row, column]


@dataclasses.dataclass(frozen=True, eq=False)
class Direction(Objective):
  """The mean over positions of the activations' part along a direction.

  Attributes:
    layer: Name of the end point.
    vector: [channels] array; its length counts.

  References:
    lucid/optvis/objectives.py, direction.
  """

  layer: str
  vector: np.ndarray

  def score(
    self, outputs: slim_network.Outputs, class_ids: tf.Tensor
  ) -> tf.Tensor:
    """Returns the scores."""
    net = _spatial(outputs, self.layer)
    if self.vector.shape != (net.shape[-1],):
      raise ValueError(
        f'the direction has shape {self.vector.shape}, but layer {self.layer}'
        f' has {net.shape[-1]} channels; give a vector of that many numbers'
      )
    vector = tf.constant(self.vector, tf.float32)
    return tf.reduce_mean(tf.tensordot(net, vector, 1), axis=[1, 2])


@dataclasses.dataclass(frozen=True, eq=False)
class Guide(Objective):
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
    self, outputs: slim_network.Outputs, class_ids: tf.Tensor
  ) -> tf.Tensor:
    """Returns the scores."""
    net = _spatial(outputs, self.layer)
    channels = net.shape[-1]
    guide = tf.constant(self.features.reshape(-1, channels), tf.float32)
    products = tf.tensordot(net, guide, [[3], [1]])
    return tf.reduce_sum(tf.reduce_max(products, axis=3), axis=[1, 2])


@dataclasses.dataclass(frozen=True, eq=False)
class Content(Objective):
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

  def score(
    self, outputs: slim_network.Outputs, class_ids: tf.Tensor
  ) -> tf.Tensor:
    """Returns the scores."""
    net = _spatial(outputs, self.layer)
    features = tf.image.resize(self.features[None], net.shape[1:3])
    product = tf.reduce_sum(net * features, axis=[1, 2, 3])
    square = tf.reduce_sum(net**2, axis=[1, 2, 3]) * tf.reduce_sum(features**2)
    cosine = tf.math.divide_no_nan(product, tf.sqrt(square))
    return product * tf.maximum(cosine, _LEAST_COSINE)


def activations(outputs: slim_network.Outputs, layer: str) -> tf.Tensor:
  """Returns a layer's activations in float32.

  Raises:
    ValueError: If there is no such layer.
  """
  if layer not in outputs.end_points:
    layers = list(outputs.end_points)
    close = difflib.get_close_matches(layer, layers) or layers[:3]
    raise ValueError(
      f"unknown layer '{layer}'; take one such as {', '.join(close)}"
      ' (--list_layers shows them all)'
    )
  return tf.cast(outputs.end_points[layer], tf.float32)


def _spatial(outputs: slim_network.Outputs, layer: str) -> tf.Tensor:
  """Returns [batch, height, width, channels] activations."""
  net = activations(outputs, layer)
  return net[:, None, None] if net.shape.rank == 2 else net


def _channel(
  outputs: slim_network.Outputs, layer: str, channel: int
) -> tf.Tensor:
  """Returns the [batch, height, width] activations of a channel."""
  net = _spatial(outputs, layer)
  if not 0 <= channel < net.shape[-1]:
    raise ValueError(
      f'layer {layer} has no channel {channel}; take 0 to {net.shape[-1] - 1}'
    )
  return net[..., channel]
