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

"""What a model of any library is, before the package can draw from it.

A `RawModel` takes pictures in its own form and size and says what it says, by
its own names. `foreign_network.ForeignNetwork` makes a network of it that the
rest of the package knows.
"""

from typing import Dict, Mapping, NamedTuple, Optional, Protocol, Tuple

import tensorflow as tf

from magenta_viz.models.foreign import input_format


class RawOutputs(NamedTuple):
  """What a model says of its inputs.

  Attributes:
    outputs: Its outputs by name, in its own order, as it gives them; a softmax
      at their end is still there.
    layers: What its layers give, by name, in the order in which they are run:
      tensors of any shape that begins with the batch.
  """

  outputs: Mapping[str, tf.Tensor]
  layers: Dict[str, tf.Tensor]


class RawModel(Protocol):
  """A model with its weights, always as it is used and never as in training."""

  @property
  def name(self) -> str:
    """What it calls itself; letters, digits, '_', '-' and '.' alone."""

  @property
  def input_shape(self) -> Tuple[Optional[int], ...]:
    """Of a picture, without the batch, as it takes it; None for free sides."""

  @property
  def is_channels_first(self) -> bool:
    """Whether pictures and maps have the channels before height and width."""

  @property
  def dtype(self) -> tf.DType:
    """What it computes in."""

  @property
  def sha256(self) -> str:
    """Of its file, in hexadecimal; '' of one that is in memory alone."""

  @property
  def said(self) -> input_format.Said:
    """What it says of the form of its input."""

  def __call__(self, inputs: tf.Tensor) -> RawOutputs:
    """Runs it in a graph.

    Args:
      inputs: [batch, ...] float32 tensor of `input_shape`, in the range and
        the order of channels that the model was trained with.
    """
