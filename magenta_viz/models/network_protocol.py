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

"""What a network is to the rest of the package, whatever it is made of.

`slim_network` makes networks of tf-slim's functions; a model of another library
is one as soon as it has what is here. Nothing but this folder, and training,
knows what a network is made of.
"""

from typing import (
  Any,
  Callable,
  Dict,
  List,
  Mapping,
  NamedTuple,
  Protocol,
  Tuple,
)

import numpy as np
import tensorflow as tf

from magenta_viz.models import sharing


class Outputs(NamedTuple):
  """What a network says of images.

  Attributes:
    logits: [batch, num_classes] float32 tensor; column i is class id i.
    end_points: Layers' activations by name.
  """

  logits: tf.Tensor
  end_points: Dict[str, tf.Tensor]


# From [batch, height, width, 3] float images in [0, 1] to outputs: all that
# gradient ascent needs of a network.
Function = Callable[[tf.Tensor], Outputs]


class Architecture(Protocol):
  """What is known of a network before its weights are read."""

  @property
  def name(self) -> str:
    """What `--model` and records call it."""

  @property
  def image_size(self) -> int:
    """Height and width, in pixels, that it was trained at."""

  @property
  def layers(self) -> Mapping[str, Tuple[int, ...]]:
    """Shape of each end point, without batch, at that size."""


class Network(Architecture, Protocol):
  """A network with its weights."""

  @property
  def class_names(self) -> Tuple[str, ...]:
    """Names of its classes, in the order of their ids."""

  @property
  def dtype(self) -> tf.DType:
    """What it computes in."""

  @property
  def features(self) -> str:
    """The end point that its classifier looks at."""

  @property
  def recipe(self) -> Mapping[str, Any]:
    """Settings of the class-picture recipe that it wants otherwise."""

  @property
  def shared(self) -> sharing.Shared:
    """What was made of it for the runs that want the same again."""

  def __call__(self, images: tf.Tensor) -> Outputs:
    """Runs the network, eagerly or in a graph.

    Args:
      images: [batch, height, width, 3] float tensor in [0, 1], from 64 pixels
        a side.
    """

  def look_at(self, images: np.ndarray) -> Outputs:
    """Runs the network on pictures of any size.

    Args:
      images: [batch, height, width, 3] float array in [0, 1]; brought to the
        network's own size by the shorter side.
    """

  def own_layers(self, text: str) -> str:
    """Puts the network's layers for GoogLeNet's that presets name.

    Args:
      text: An objective, or the name of a layer.
    """


def look_at(network: Network, images: np.ndarray) -> Outputs:
  """Runs a network as `Network.look_at` has it, for any to have it by."""
  scale = network.image_size / min(images.shape[1:3])
  size = [round(side * scale) for side in images.shape[1:3]]
  return network(tf.image.resize(images, size, antialias=True))


def describe_layers(network: Architecture) -> List[str]:
  """Returns a line a layer: its name, and its shape at the default size."""
  width = max(map(len, network.layers))
  lines = []
  for name, shape in network.layers.items():
    sides = ' x '.join(map(str, shape[:-1]))
    lines.append(f'{name:{width}}  {sides:>9}  {shape[-1]:>4} channels')
  return lines
