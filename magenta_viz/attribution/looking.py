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

"""What a network makes of a picture: all layers, and its classes.

A unit is a channel of a layer. Units that are switched off are 0 everywhere,
and what is computed of them follows.
"""

import functools
from typing import (
  Any,
  Dict,
  List,
  NamedTuple,
  Optional,
  Sequence,
  Set,
  Tuple,
)

import numpy as np
import tensorflow as tf

from magenta_viz.models import network_protocol

# Whose graphs are kept.
_NUM_PARTS = 8


class Unit(NamedTuple):
  """A channel of a layer.

  Attributes:
    layer: Name of an end point.
    channel: From 0.
  """

  layer: str
  channel: int


class Seen(NamedTuple):
  """What a network makes of a picture.

  Attributes:
    layers: [height, width, channels] tensor of each end point, in its own
      precision; a vector is a map of one position.
    probabilities: [num_classes] float32 array; empty without classes.
  """

  layers: Dict[str, tf.Tensor]
  probabilities: np.ndarray

  def map(self, layer: str) -> np.ndarray:
    """Returns a layer's [height, width, channels] float32 array."""
    return tf.cast(self.layers[layer], tf.float32).numpy()

  def top(self, count: int) -> List[Tuple[int, float]]:
    """Returns the likeliest classes with their probabilities."""
    order = np.argsort(-self.probabilities, kind='stable')[:count]
    return [(int(each), float(self.probabilities[each])) for each in order]


class Source(NamedTuple):
  """What the rest of a network is computed of where a layer is looked at.

  Attributes:
    tensor: The layer itself; or, where that is a copy in another form, as of
      channels that come first or of tokens, what it is a copy of.
    axis: That channels are along.
  """

  tensor: tf.Tensor
  axis: int

  def without(
    self, values: tf.Tensor, channels: Sequence[Sequence[int]]
  ) -> tf.Tensor:
    """Returns its values with some channels at 0.

    Args:
      values: Of its tensor.
      channels: Which, for each picture of the batch, or for all of them.
    """
    kept = np.ones([len(channels), values.shape[self.axis]], np.float32)
    for row, several in zip(kept, channels):
      row[list(several)] = 0
    shape = [1] * values.shape.rank
    shape[0], shape[self.axis] = kept.shape
    return values * tf.cast(kept.reshape(shape), values.dtype)


class Tracing:
  """A network's graph, any part of which can be computed alone.

  Attributes:
    layers: Its end points by name, in the order in which they are computed.
    sources: Of these.
  """

  def __init__(
    self, network: network_protocol.Network, batch_size: Optional[int]
  ):
    """Traces the network, once.

    Args:
      network: Looks at squares of its `image_size`.
      batch_size: Of the pictures; None for any.
    """
    side = network.image_size
    names: List[str] = []

    def look(images: tf.Tensor) -> Any:
      logits, end_points = network(images)
      names.extend(end_points)
      return [logits, *end_points.values()]

    wrap: Any = tf.compat.v1.wrap_function
    spec = tf.TensorSpec([batch_size, side, side, 3], tf.float32)
    self._whole = wrap(look, [spec])
    self._logits, *maps = self._whole.outputs
    self.layers: Dict[str, tf.Tensor] = dict(zip(names, maps))
    used = _used_for(self._logits)
    self.sources = {
      name: _source(each, used) for name, each in self.layers.items()
    }
    self.part = functools.lru_cache(maxsize=_NUM_PARTS)(self._part)

  def _part(self, given: Tuple[str, ...], wanted: Tuple[str, ...]) -> Any:
    """Returns what computes the logits, and some layers.

    Args:
      given: Layers whose sources are taken as they are told.
      wanted: Layers.

    Returns:
      Takes pictures and the values of the sources that are given; returns a
      list: logits, layers, and their sources.
    """
    inputs = [self.sources[each].tensor for each in given]
    return self._whole.prune(
      [self._whole.inputs[0], *inputs],
      [
        self._logits,
        *(self.layers[each] for each in wanted),
        *(self.sources[each].tensor for each in wanted),
      ],
    )


def _used_for(tensor: tf.Tensor) -> Set[Any]:
  """Returns references to all that a tensor is computed of, and to itself."""
  found: Set[Any] = set()
  waiting = [tensor]
  while waiting:
    each = waiting.pop()
    if each.ref() not in found:
      found.add(each.ref())
      waiting += each.op.inputs
  return found


def _source(tensor: tf.Tensor, used: Set[Any]) -> Source:
  """Returns the source of a layer.

  Args:
    tensor: The layer.
    used: References to what logits are computed of.
  """
  found = Source(tensor, tensor.shape.rank - 1)
  while found.tensor.ref() not in used:
    before = _before(found)
    if before is None:
      # Of a layer that has no part in the logits.
      return Source(tensor, tensor.shape.rank - 1)
    found = before
  return found


def _before(copy: Source) -> Optional[Source]:
  """Returns what is copied by an operation; None if it does more than that."""
  operation, axis = copy.tensor.op, copy.axis
  if not operation.inputs:
    return None
  tensor = operation.inputs[0]
  if operation.type == 'Transpose':
    order = tf.get_static_value(operation.inputs[1])
    return None if order is None else Source(tensor, int(order[axis]))
  if operation.type not in ('Identity', 'Reshape', 'StridedSlice'):
    return None
  if operation.type == 'Reshape' and axis == copy.tensor.shape.rank - 1:
    axis = tensor.shape.rank - 1
  elif tensor.shape.rank != copy.tensor.shape.rank:
    # One token alone is not the layer.
    return None
  is_whole = tensor.shape[axis] == copy.tensor.shape[copy.axis]
  return Source(tensor, axis) if is_whole else None


class Looker:
  """Looks at one picture after another with a network."""

  def __init__(self, network: network_protocol.Network):
    """Traces the network, once.

    Args:
      network: Looks at squares of its `image_size`.
    """
    self._network = network
    self._tracing = Tracing(network, 1)

  @property
  def layers(self) -> Tuple[str, ...]:
    """Names of the layers, in the order in which they are computed."""
    return tuple(self._tracing.layers)

  def __call__(self, image: np.ndarray, off: Sequence[Unit] = ()) -> Seen:
    """Looks at a picture.

    Args:
      image: [side, side, 3] float32 array in [0, 1] of the network's own size.
      off: Units that are switched off.

    Raises:
      ValueError: If there is no such unit.
    """
    images = tf.constant(np.asarray(image, np.float32)[None])
    tracing = self._tracing
    logits, *maps = tracing.part((), self.layers)(images)
    changed: Dict[str, tf.Tensor] = {}
    for place, layer in enumerate(self.layers):
      channels = [each.channel for each in off if each.layer == layer]
      if channels:
        source = tracing.sources[layer]
        values = maps[len(self.layers) + place]
        changed[layer] = source.without(values, [channels])
        run = tracing.part(tuple(changed), self.layers)
        logits, *maps = run(images, *changed.values())
        # What is told is not computed.
        for number, name in enumerate(self.layers):
          for told, value in changed.items():
            if tracing.layers[name] is tracing.sources[told].tensor:
              maps[number] = value
    found = dict(zip(self.layers, maps))
    num_classes = len(self._network.class_names)
    return Seen(
      {name: _as_map(each) for name, each in found.items()},
      tf.nn.softmax(tf.cast(logits[0, :num_classes], tf.float32)).numpy(),
    )


def _as_map(tensor: tf.Tensor) -> tf.Tensor:
  """Returns the [height, width, channels] tensor of a batch of one."""
  return tf.reshape(tensor, (1, 1, -1)) if tensor.shape.rank == 2 else tensor[0]


def correlations(
  found: np.ndarray, channel: int, count: int
) -> List[List[Any]]:
  """Returns the units of a layer whose maps go most with one's.

  Args:
    found: [height, width, channels] float32 array.
    channel: The one.
    count: Of the others, at most.

  Returns:
    Channels and Pearson's r, the strongest of either sign first.
  """
  flat = found.reshape(-1, found.shape[-1]).astype(np.float64)
  flat = flat - flat.mean(axis=0)
  lengths = np.sqrt((flat**2).sum(axis=0))
  products = flat.T @ flat[:, channel]
  scale = lengths * lengths[channel]
  r = np.divide(products, scale, out=np.zeros_like(products), where=scale > 0)
  r[channel] = 0
  order = np.argsort(-np.abs(r), kind='stable')[:count]
  return [[int(each), round(float(r[each]), 4)] for each in order if r[each]]
