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
too. `features` has those that compare with given features, and `language` reads
all of them from text.
"""

import dataclasses
import numbers
from typing import Callable, List, Optional, Tuple, Union

import tensorflow as tf

from magenta_viz.ascent.objectives import awakening
from magenta_viz.ascent.objectives import layers
from magenta_viz.models import network_protocol

# The heads that --preset=deepdraw raises after the last classifier
# (auduno/deepdraw, deepdraw.ipynb), which many copies of the weights lack.
_AUXILIARY_HEADS = ('loss2/classifier', 'loss1/classifier')

activations = layers.activations
spatial_activations = layers.spatial_activations


class Objective:
  """Gives each picture of a batch a score, by what the network says of it."""

  @property
  def parts(self) -> Tuple['Objective', ...]:
    """The objectives that it is made of; none of a plain one."""
    return ()

  @property
  def is_coupled(self) -> bool:
    """Whether a score depends on the other views of the batch, too.

    Then the views of a batch must be scored together, not in parts.
    """
    return any(each.is_coupled for each in self.parts)

  @property
  def is_whole(self) -> bool:
    """Whether a view must show the whole picture, and every place in it."""
    return any(each.is_whole for each in self.parts)

  @property
  def networks(self) -> Tuple[str, ...]:
    """Names of the networks that it is for together; none of one alone."""
    return ()

  def score(
    self, outputs: network_protocol.Outputs, ids: tf.Tensor
  ) -> tf.Tensor:
    """Returns the scores.

    Args:
      outputs: Of the network, for `batch` views.
      ids: [batch] int32 tensor, the class or the channel of each picture, where
        the objective leaves it to them.

    Returns:
      [batch] float32 tensor; each score depends on its own view only, unless
      the objective `is_coupled`.

    Raises:
      ValueError: If the network has no such layer, channel or class.
    """
    raise NotImplementedError

  def num_units(self, outputs: network_protocol.Outputs) -> Optional[int]:
    """Returns how many channels or the like it leaves to the pictures.

    Args:
      outputs: Of the network.

    Returns:
      Their number; None where it leaves nothing to them.
    """
    counts = [each.num_units(outputs) for each in self.parts]
    return next((each for each in counts if each is not None), None)

  def weighted(self) -> Tuple[Tuple[float, 'Objective'], ...]:
    """Returns the terms that it is a sum of, with their weights."""
    return ((1.0, self),)

  def __add__(self, other: 'Objective') -> 'Sum':
    """Returns the sum of two objectives."""
    if not isinstance(other, Objective):
      return NotImplemented
    return Sum((*self.weighted(), *other.weighted()))

  def __radd__(self, other: int) -> 'Objective':
    """Returns itself for 0, which Python's `sum` begins with."""
    return self if other == 0 else NotImplemented

  def __neg__(self) -> 'Sum':
    """Returns what is lowered where the objective is raised."""
    return -1 * self

  def __sub__(self, other: 'Objective') -> 'Sum':
    """Returns the difference of two objectives."""
    return self + -1 * other

  def __mul__(self, weight: float) -> 'Sum':
    """Returns the objective with a weight."""
    if not isinstance(weight, numbers.Real):
      return NotImplemented
    factor = float(weight)
    return Sum(tuple((factor * each, term) for each, term in self.weighted()))

  __rmul__ = __mul__

  def __truediv__(self, divisor: float) -> 'Sum':
    """Returns the objective with the inverse of a weight."""
    return self * (1 / divisor)


@dataclasses.dataclass(frozen=True)
class Sum(Objective):
  """A weighted sum of objectives.

  Attributes:
    terms: Weights and objectives.
  """

  terms: Tuple[Tuple[float, Objective], ...]

  @property
  def parts(self) -> Tuple[Objective, ...]:
    """The terms, without their weights."""
    return tuple(term for _, term in self.terms)

  def weighted(self) -> Tuple[Tuple[float, Objective], ...]:
    """Returns the terms."""
    return self.terms

  def score(
    self, outputs: network_protocol.Outputs, ids: tf.Tensor
  ) -> tf.Tensor:
    """Returns the scores."""
    return tf.add_n(
      [weight * term.score(outputs, ids) for weight, term in self.terms]
    )

  def __str__(self) -> str:
    """Returns it as `language` reads it."""
    words: List[str] = []
    for weight, term in self.terms:
      # A first term has no sign, but in its weight.
      size = abs(weight) if words else weight
      words += ['-' if weight < 0 else '+'] if words else []
      words.append(str(term) if size == 1 else f'{size:g}*{term}')
    return ' '.join(words)


@dataclasses.dataclass(frozen=True)
class ClassLogit(Objective):
  """The logit of a class: not its probability, which others' fall raises, too.

  Attributes:
    class_id: The class; None for each picture's own.
    head: Which classifier: 'logits' for the network's last, else the name of an
      end point of class scores, such as the auxiliary 'loss2/classifier'.
    centring: How much of the other classes' mean logit is taken off: what
      raises all logits says nothing of any class, as no softmax heeds it.

  References:
    Simonyan, Vedaldi and Zisserman 2013, Deep inside convolutional networks,
    arXiv 1312.6034, section 2; auduno/deepdraw for the heads.
  """

  class_id: Optional[int] = None
  head: str = 'logits'
  centring: float = 0.0

  def score(
    self, outputs: network_protocol.Outputs, ids: tf.Tensor
  ) -> tf.Tensor:
    """Returns the scores."""
    return self._of_class(self._logits(outputs), ids)

  def _of_class(self, values: tf.Tensor, ids: tf.Tensor) -> tf.Tensor:
    """Returns the class's own of [batch, num_classes] values, centred."""
    num_classes = values.shape[1]
    if self.class_id is not None:
      if not 0 <= self.class_id < num_classes:
        raise ValueError(
          f'class {self.class_id} is unknown; take 0 to {num_classes - 1}'
        )
      ids = tf.fill(tf.shape(values)[:1], self.class_id)
    own = tf.gather(values, ids, batch_dims=1)
    if not self.centring:
      return own
    # A network may know one class alone.
    others = (tf.reduce_sum(values, axis=1) - own) / max(num_classes - 1, 1)
    return own - self.centring * others

  def _logits(self, outputs: network_protocol.Outputs) -> tf.Tensor:
    """Returns the head's [batch, num_classes] logits."""
    if self.head == 'logits':
      return outputs.logits
    if self.head in _AUXILIARY_HEADS and self.head not in outputs.end_points:
      raise ValueError(
        f"these weights have no head '{self.head}', which --preset=deepdraw"
        ' raises; take --preset=deepdraw_coherent, or --head=logits to raise'
        ' the last classifier instead, or weights with auxiliary heads'
      )
    net = activations(outputs, self.head)
    num_classes = outputs.logits.shape[-1]
    # One more where output 0 is the background, as with slim's networks.
    if net.shape.rank != 2 or net.shape[1] - num_classes not in (0, 1):
      raise ValueError(
        f"layer '{self.head}' is no head: its shape is"
        f' {tuple(net.shape[1:])}, not one score for each of {num_classes}'
        " classes; take --head=logits or a layer named '.../classifier'"
      )
    return net[:, -num_classes:]

  def __str__(self) -> str:
    """Returns it as `language` reads it, with its settings where it has any."""
    kind = 'probability' if isinstance(self, Probability) else 'class'
    whose = 'own' if self.class_id is None else self.class_id
    head = '' if self.head == 'logits' else f'@{self.head}'
    centred = f' centred by {self.centring:g}' if self.centring else ''
    return f'{kind}:{whose}{head}{centred}'


@dataclasses.dataclass(frozen=True)
class Probability(ClassLogit):
  """The probability of a class: what `optimizers.ProgressToOne` is made for."""

  def score(
    self, outputs: network_protocol.Outputs, ids: tf.Tensor
  ) -> tf.Tensor:
    """Returns the scores, in [0, 1]."""
    return self._of_class(tf.nn.softmax(self._logits(outputs)), ids)


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
    self, outputs: network_protocol.Outputs, ids: tf.Tensor
  ) -> tf.Tensor:
    """Returns the scores."""
    net = activations(outputs, self.layer)
    return tf.reduce_sum(net**2, axis=list(range(1, net.shape.rank))) / 2

  def __str__(self) -> str:
    """Returns it as `language` reads it."""
    return f'layer:{self.layer}'


@dataclasses.dataclass(frozen=True)
class Channel(Objective):
  """The mean of one channel of a layer over its positions.

  Attributes:
    layer: Name of the end point.
    channel: Number of the channel, from 0; None for each picture's own.

  References:
    Olah, Mordvintsev and Schubert 2017, Feature visualization, Distill.
  """

  layer: str
  channel: Optional[int]

  def num_units(self, outputs: network_protocol.Outputs) -> Optional[int]:
    """Returns the number of channels."""
    return _num_channels(self, outputs)

  def score(
    self, outputs: network_protocol.Outputs, ids: tf.Tensor
  ) -> tf.Tensor:
    """Returns the scores."""
    net = spatial_activations(outputs, self.layer)
    means = tf.reduce_mean(net, [1, 2])
    return awakening.awaken(
      means, _channels(self.layer, net, self.channel, ids)
    )

  def __str__(self) -> str:
    """Returns it as `language` reads it."""
    return f'channel:{self.layer}:{_written(self.channel)}'


@dataclasses.dataclass(frozen=True)
class Neuron(Objective):
  """One channel of a layer at one position.

  Attributes:
    layer: Name of the end point.
    channel: Its number, from 0; None for each picture's own.
    position: Row and column, from 0; None for half of the sides, rounded down.
  """

  layer: str
  channel: Optional[int]
  position: Optional[Tuple[int, int]] = None

  def num_units(self, outputs: network_protocol.Outputs) -> Optional[int]:
    """Returns the number of channels."""
    return _num_channels(self, outputs)

  def score(
    self, outputs: network_protocol.Outputs, ids: tf.Tensor
  ) -> tf.Tensor:
    """Returns the scores."""
    net = spatial_activations(outputs, self.layer)
    height, width = net.shape[1:3]
    row, column = self.position or (height // 2, width // 2)
    if not (0 <= row < height and 0 <= column < width):
      raise ValueError(
        f'position {row},{column} is outside of layer {self.layer}, which is'
        f' {height} x {width} for these views; take a smaller row and column'
      )
    channels = _channels(self.layer, net, self.channel, ids)
    return awakening.awaken(net[:, row, column], channels)

  def __str__(self) -> str:
    """Returns it as `language` reads it."""
    at = '' if self.position is None else '@{},{}'.format(*self.position)
    return f'neuron:{self.layer}:{_written(self.channel)}{at}'


@dataclasses.dataclass(frozen=True)
class Diversity(Objective):
  """How unlike the pictures of a class are to one another.

  Minus the mean cosine between the Gram matrix of a picture's activations and
  those of the other pictures of the same class in the batch: 0 where they have
  no correlation of channels in common, and for a picture that is alone; -1
  where they are the same. The gradient of the scores' sum moves both pictures
  of a pair.

  Attributes:
    layer: Name of the end point.

  References:
    Olah, Mordvintsev and Schubert 2017, Feature visualization, Distill,
    section Diversity (lucid/optvis/objectives.py, diversity: the sum over the
    others, not the mean, averaged over the batch, and without the sign).
  """

  layer: str

  @property
  def is_coupled(self) -> bool:
    """True."""
    return True

  def score(
    self, outputs: network_protocol.Outputs, ids: tf.Tensor
  ) -> tf.Tensor:
    """Returns the scores."""
    net = spatial_activations(outputs, self.layer)
    grams = tf.einsum('bhwc,bhwd->bcd', net, net)
    # Of length 1; where nothing is active it stays 0, its gradient too.
    grams = tf.math.l2_normalize(grams, axis=[1, 2])
    cosines = tf.einsum('acd,bcd->ab', grams, grams)
    is_same = tf.cast(tf.equal(ids[:, None], ids[None]), tf.float32)
    others = tf.linalg.set_diag(is_same, tf.zeros_like(cosines[0]))
    return -tf.math.divide_no_nan(
      tf.reduce_sum(cosines * others, axis=1), tf.reduce_sum(others, axis=1)
    )

  def __str__(self) -> str:
    """Returns it as `language` reads it."""
    return f'diversity:{self.layer}'


@dataclasses.dataclass(frozen=True)
class FromFunction(Objective):
  """What somebody's function says of each picture.

  Attributes:
    function: From `network_protocol.Outputs` to scores, [batch], each of its
      own picture alone.
    name: Of the objective, in records and in names of files.
  """

  function: Callable[[network_protocol.Outputs], tf.Tensor]
  name: str

  def score(
    self, outputs: network_protocol.Outputs, ids: tf.Tensor
  ) -> tf.Tensor:
    """Returns the scores."""
    named = outputs._replace(end_points=layers.FloatLayers(outputs))
    scores = tf.convert_to_tensor(self.function(named))
    if scores.shape.rank != 1 or not scores.dtype.is_floating:
      raise ValueError(
        f"objective '{self.name}' gives {scores.dtype.name} of shape"
        f' {scores.shape}; it must give a float a picture, [batch], such as'
        ' tf.reduce_mean(layer, [1, 2, 3])'
      )
    return tf.cast(scores, tf.float32)

  def __str__(self) -> str:
    """Returns its name."""
    return self.name


def from_function(
  function: Callable[[network_protocol.Outputs], tf.Tensor],
  name: Optional[str] = None,
) -> FromFunction:
  """Returns an objective that a function computes.

  Args:
    function: From a network's `Outputs`, their `logits` and `end_points`, both
      in float32, to scores, [batch], each of its own picture alone. The same
      function raised again is not traced again.
    name: In records and in names of files; None for the function's own.
  """
  # What can be called has a class, if no name of its own.
  own = getattr(function, '__name__', type(function).__name__)
  return FromFunction(function, name or own)


def _num_channels(
  objective: Union[Channel, Neuron], outputs: network_protocol.Outputs
) -> Optional[int]:
  """Returns the number of its layer's channels, where each picture has one."""
  if objective.channel is not None:
    return None
  return int(activations(outputs, objective.layer).shape[-1])


def _channels(
  layer: str, net: tf.Tensor, channel: Optional[int], ids: tf.Tensor
) -> tf.Tensor:
  """Returns the channel of each picture, [batch].

  Args:
    layer: Name of the layer.
    net: Its activations.
    channel: Of all pictures; None for `ids`.
    ids: [batch] int32 tensor, their own.

  Raises:
    ValueError: If the layer does not have the channel.
  """
  if channel is None:
    return ids
  if not 0 <= channel < net.shape[-1]:
    raise ValueError(
      f'layer {layer} has no channel {channel}; take 0 to {net.shape[-1] - 1}'
    )
  return tf.fill(tf.shape(net)[:1], channel)


def _written(number: Optional[int]) -> str:
  """Returns a number, or what stands for each picture's own."""
  return 'own' if number is None else str(number)
