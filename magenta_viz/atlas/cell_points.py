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

"""Activations of a layer at random positions of photographs, to lay out.

References:
  Carter, Armstrong, Schubert, Johnson and Olah 2019, Activation atlas, Distill,
  https://distill.pub/2019/activation-atlas: a position a photograph, away from
  the edges, and the linear approximation of its part in a class's logit.
"""

import hashlib
from typing import Any, Iterable, Iterator, List, NamedTuple, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.ascent.objectives import objectives
from magenta_viz.attribution import layer_gradients
from magenta_viz.models import conv_gradient
from magenta_viz.models import network_protocol

# Photographs that are looked at together, always so many: another number is
# rounded otherwise.
_BATCH = 8

# Likeliest classes of a photograph whose logits are shared out.
_NUM_CLASSES = 5


class Photograph(NamedTuple):
  """A photograph as the network sees it.

  Attributes:
    name: What it is called; the random positions depend on it.
    image: [side, side, 3] float32 in [0, 1], RGB.
  """

  name: str
  image: np.ndarray


class Points(NamedTuple):
  """What a layer has at positions of photographs.

  Attributes:
    activations: [points, channels] float32.
    photographs: [points] int32, number of the photograph.
    places: [points, 2] int32, row and column in the layer's map.
    class_ids: [points, classes] int32, the likeliest of the photograph, the
      first one first; no classes where the network has none, or the layer has
      no part in them.
    attributions: [points, classes] float32: the class's logit, as far as it
      comes from this position: activation times gradient, summed over channels.
  """

  activations: np.ndarray
  photographs: np.ndarray
  places: np.ndarray
  class_ids: np.ndarray
  attributions: np.ndarray


def places(
  name: str, height: int, width: int, count: int, seed: int
) -> np.ndarray:
  """Returns random positions of a map, all different, without its edges.

  Args:
    name: Of the photograph.
    height: Of the map.
    width: Of the map.
    count: How many; fewer where there are no more.
    seed: Of all photographs.

  Returns:
    [positions, 2] int32, rows and columns.
  """
  # A map of two rows is nothing but edges.
  edges = [int(side > 2) for side in (height, width)]
  inner = [side - 2 * edge for side, edge in zip((height, width), edges)]
  digest = hashlib.sha256(name.encode(errors='surrogatepass')).digest()
  generator = np.random.default_rng([seed, *digest])
  total = inner[0] * inner[1]
  found = generator.permutation(total)[: min(count, total)]
  rows, columns = np.divmod(found, inner[1])
  return np.stack([rows + edges[0], columns + edges[1]], 1).astype(np.int32)


def collect(
  network: network_protocol.Network,
  layer: str,
  photographs: Iterable[Photograph],
  num_positions: int,
  seed: int,
) -> Points:
  """Looks at photographs, a few at a time.

  Args:
    network: The network.
    layer: Name of the end point.
    photographs: Of the network's own size. The result does not depend on who
      their neighbours are, but for rounding.
    num_positions: In each.
    seed: Of the positions.

  Raises:
    FloatingPointError: If an activation or an attribution is not finite.
    ValueError: If there is no photograph.
  """
  *sides, _ = network.layers[layer]
  height, width = sides or (1, 1)
  looking = _looking(network, layer)
  parts: List[Tuple[np.ndarray, ...]] = []
  for first, batch in _batches(photographs):
    where = np.stack(
      [places(each.name, height, width, num_positions, seed) for each in batch]
    )
    images = np.stack([each.image for each in batch])
    room = [(0, _BATCH - len(batch))]
    found = looking(
      tf.constant(np.pad(images, room + 3 * [(0, 0)])),
      tf.constant(np.pad(where, room + 2 * [(0, 0)])),
    )
    net, ids, attributions = (each.numpy()[: len(batch)] for each in found)
    numbers = np.arange(first, first + len(batch), dtype=np.int32)
    count = where.shape[1]
    parts.append(
      (
        net.reshape(-1, net.shape[-1]),
        np.repeat(numbers, count),
        where.reshape(-1, 2),
        np.repeat(ids, count, axis=0),
        attributions.reshape(len(batch) * count, -1),
      )
    )
  if not parts:
    raise ValueError(
      'there is no photograph that can be read; give --image a folder of some'
    )
  points = Points(*map(np.concatenate, zip(*parts)))
  for each in (points.activations, points.attributions):
    if not np.isfinite(each).all():
      raise FloatingPointError(
        f'layer {layer}, or what it has of the classes, is not finite; use'
        ' --precision=float32 or other weights'
      )
  return points


def _batches(
  photographs: Iterable[Photograph],
) -> Iterator[Tuple[int, List[Photograph]]]:
  """Yields some photographs at a time, and the number of their first."""
  batch: List[Photograph] = []
  first = 0
  for each in photographs:
    batch.append(each)
    if len(batch) == _BATCH:
      yield first, batch
      first, batch = first + len(batch), []
  if batch:
    yield first, batch


def _looking(network: network_protocol.Network, layer: str) -> Any:
  """Returns what takes photographs to a layer's points, traced.

  Returns:
    From [_BATCH, side, side, 3] images and [_BATCH, positions, 2] places to
    [_BATCH, positions, channels] activations, [_BATCH, classes] ids and
    [_BATCH, positions, classes] attributions.
  """
  side = network.image_size

  def look(images: tf.Tensor, where: tf.Tensor) -> Tuple[tf.Tensor, ...]:
    with conv_gradient.turned_convolutions():
      outputs = network(images)
    maps = objectives.spatial_activations(outputs, layer)
    logits = tf.cast(outputs.logits, tf.float32)
    count = min(_NUM_CLASSES, len(network.class_names))
    gradients: List[tf.Tensor] = []
    ids = tf.zeros([_BATCH, 0], tf.int32)
    if count:
      ids = tf.math.top_k(logits, count).indices
      gradients = [
        layer_gradients.gradient_to_layer(
          tf.gather(logits, ids[:, rank], batch_dims=1),
          outputs.end_points[layer],
        )
        for rank in range(count)
      ]
    attributions = [
      tf.reduce_sum(tf.reshape(each, tf.shape(maps)) * maps, 3, keepdims=True)
      for each in gradients
      if each is not None
    ]
    both = tf.gather_nd(tf.concat([maps, *attributions], 3), where, 1)
    count = len(attributions)
    net, found = tf.split(both, [maps.shape[3], count], 2)
    return net, ids[:, :count], found

  return tf.function(
    look,
    input_signature=[
      tf.TensorSpec([_BATCH, side, side, 3], tf.float32),
      tf.TensorSpec([_BATCH, None, 2], tf.int32),
    ],
    autograph=False,
  )
