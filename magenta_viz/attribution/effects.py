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

"""What a unit of a network feeds: what falls where it is switched off.

In a picture that excites it, the network is run with the unit, and with its
channel 0 everywhere and all after it computed anew. A later channel whose mean
activation falls without it, or a class whose logit does, is what the unit
raises; what rises without it is what it lowers. That asks nothing of how layers
hang together: branches, poolings and graphs of others are all the same.

References:
  Zeiler and Fergus 2014, "Visualizing and Understanding Convolutional Networks"
  (arXiv:1311.2901), for switching off as a measure; Olah et al. 2018, "The
  Building Blocks of Interpretability" (distill.pub/2018/building-blocks), for
  the effect of a channel on classes; Cammarata et al. 2020, "Thread: Circuits"
  (distill.pub/2020/circuits), for reading what feeds what.
"""

from typing import Any, Dict, List, NamedTuple, Sequence, Set, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.attribution import looking
from magenta_viz.models import network_protocol

# Of pictures that the network looks at together.
_BATCH_SIZE = 16

# Of the strongest effect: what is below is not told.
_LEAST_SHARE = 0.01

# Operations that leave each channel to itself, or put channels beside others. A
# layer that is no more than these on another, as a pooling, is not fed by it in
# any way that there was to learn.
_WITHOUT_MIXING = frozenset(
  (
    'Add AddV2 AvgPool BiasAdd Cast ConcatV2 DepthwiseConv2dNative Elu'
    ' ExpandDims FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3 Identity'
    ' LeakyRelu LRN Max MaxPool Maximum Mean Minimum MirrorPad Mul Pad PadV2'
    ' RealDiv Relu Relu6 Reshape Rsqrt Selu Sigmoid Softplus Squeeze'
    ' StopGradient StridedSlice Sub Sum Tanh Transpose'
  ).split()
)


# Give what does not depend on the values.
_OF_SHAPES = frozenset(('OnesLike', 'Rank', 'Shape', 'ShapeN', 'Size'))


class Effect(NamedTuple):
  """What units raise, each in a picture of its own.

  Attributes:
    layers: [units, channels] float32 array of each layer: by how much the mean
      activation of a channel is higher with the unit than without it.
    classes: [units, num_classes] float32 array: by how much a class's logit is
      higher, beside the mean of all classes.
  """

  layers: Dict[str, np.ndarray]
  classes: np.ndarray


class Effects:
  """Measures what the units of a network feed."""

  def __init__(self, network: network_protocol.Network):
    """Traces the network, once.

    Args:
      network: Best of float32: differences are small.
    """
    self._num_classes = len(network.class_names)
    self._side = network.image_size
    self._tracing = looking.Tracing(network, None)

  def next_layers(self, layer: str, among: Sequence[str]) -> Tuple[str, ...]:
    """Returns the layers that a layer feeds, without others between them.

    Args:
      layer: Name of an end point.
      among: Names of those that count.
    """
    sources = self._tracing.sources
    places: Dict[Any, str] = {}
    for each in sources:
      if each in among and each != layer:
        places.setdefault(sources[each].tensor.ref(), each)
    found: Set[str] = set()
    seen: Set[Tuple[Any, bool]] = set()
    waiting: List[Tuple[tf.Tensor, bool]] = [(sources[layer].tensor, False)]
    while waiting:
      tensor, is_mixed = waiting.pop()
      if (tensor.ref(), is_mixed) in seen:
        continue
      seen.add((tensor.ref(), is_mixed))
      if is_mixed and tensor.ref() in places:
        found.add(places[tensor.ref()])
        continue
      for operation in tensor.consumers():
        if operation.type not in _OF_SHAPES:
          mixes = is_mixed or operation.type not in _WITHOUT_MIXING
          waiting += [(each, mixes) for each in operation.outputs]
    return tuple(each for each in sources if each in found)

  def measure(
    self,
    images: Sequence[np.ndarray],
    layer: str,
    channels: Sequence[int],
    targets: Sequence[str],
  ) -> Effect:
    """Measures what some units raise.

    Args:
      images: A picture of each unit, [height, width, 3] float array in [0, 1].
      layer: Name of the units' layer.
      channels: Of the units.
      targets: Names of later layers.

    Raises:
      ValueError: If the layer has no part in what comes after it.
    """
    source = self._tracing.sources[layer]
    if not source.tensor.consumers():
      raise ValueError(f"nothing is computed of the layer '{layer}'")
    whole = self._tracing.part((), (layer,))
    onward = self._tracing.part((layer,), tuple(targets))
    found: List[List[np.ndarray]] = []
    for first in range(0, len(channels), _BATCH_SIZE):
      batch = slice(first, first + _BATCH_SIZE)
      pictures = tf.stack([_square(each, self._side) for each in images[batch]])
      *_, there = whole(pictures)
      with_it = onward(pictures, there)
      off = source.without(there, [[each] for each in channels[batch]])
      without = onward(pictures, off)
      pairs = list(zip(with_it, without))[: 1 + len(targets)]
      found.append([_change(*pair) for pair in pairs])
    classes, *layers = [np.concatenate(each) for each in zip(*found)]
    classes = classes[:, : self._num_classes]
    if classes.size:
      # Of logits that all rise together, the probabilities stay.
      classes = classes - classes.mean(axis=-1, keepdims=True)
    return Effect(dict(zip(targets, layers)), classes)


def _square(image: np.ndarray, side: int) -> tf.Tensor:
  """Returns the middle of a picture, at the network's own size."""
  height, width = image.shape[:2]
  least = min(height, width)
  top, left = (height - least) // 2, (width - least) // 2
  middle = image[top : top + least, left : left + least]
  return tf.image.resize(middle, [side, side], antialias=True)


def _change(with_it: tf.Tensor, without: tf.Tensor) -> np.ndarray:
  """Returns how much higher the mean of each channel is with the unit."""
  change = tf.cast(with_it, tf.float32) - tf.cast(without, tf.float32)
  found: np.ndarray = tf.reduce_mean(
    change, list(range(1, change.shape.rank - 1))
  ).numpy()
  return found


def strongest(effects: np.ndarray, count: int) -> List[float]:
  """Returns what is raised most, and lowered most.

  Args:
    effects: [any] float array.
    count: At most so many of either sign; what is next to nothing beside the
      strongest is left out.

  Returns:
    A place and its effect, another place and its, and so on, from the highest
    to the lowest; equal ones by their place.
  """
  least = _LEAST_SHARE * np.abs(effects).max(initial=0)
  order = np.argsort(-effects, kind='stable')
  shown = dict.fromkeys([*order[:count].tolist(), *order[-count:].tolist()])
  found: List[float] = []
  for place in shown:
    if abs(effects[place]) > least:
      found += [place, float(f'{effects[place]:.3g}')]
  return found
