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

"""What a model is given for pictures, as a part of a graph."""

import dataclasses
from typing import Any, Dict, List, Optional, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.models import model_spec
from magenta_viz.models.foreign import components
from magenta_viz.models.foreign import foreign_settings
from magenta_viz.models.foreign import input_format
from magenta_viz.models.foreign import raw_model

# Rec. ITU-R BT.601: how bright red, green and blue are.
_LUMA = (0.299, 0.587, 0.114)

# What a record says for three directions in the space of many channels.
_COMPONENTS = 'components'


class Inputs:
  """Brings pictures to the size, channels and range that a model takes.

  Attributes:
    height: Of what the model sees, in pixels.
    width: Likewise.
    longer: The longer of both.
    view_size: Height and width of the pictures that are shrunk to that: the
      longer side, or a multiple of it from 64 pixels on.
    is_channels_first: Whether its maps are [batch, channels, height, width].
    format: Range, mean, scale and order of its channels.
    reason: What says so; '' if nothing does, which is a guess.
  """

  def __init__(
    self,
    model: raw_model.RawModel,
    settings: foreign_settings.ForeignSettings,
  ):
    """Takes what the model and the user say.

    Args:
      model: The model.
      settings: What overrides what the model says.

    Raises:
      ValueError: If the model takes no pictures, or a setting does not fit.
    """
    shape = model.input_shape
    if len(shape) != 3:
      raise ValueError(
        f"the model '{model.name}' takes {_shape(shape)}; give one that takes"
        ' pictures: height, width and channels'
      )
    self.is_channels_first = model.is_channels_first
    channels, *sides = (
      shape if self.is_channels_first else (shape[-1], *shape[:-1])
    )
    if channels is None:
      channels = 3
    self._num_channels = channels
    # A model with one free side sees pictures of one size, too.
    self._is_fixed = sides != [None, None]
    self.height, self.width = _size(model.name, sides, settings.input_size)
    self.longer = max(self.height, self.width)
    self.view_size = self.longer * -(-model_spec.MIN_SIZE // self.longer)
    self.format, self.reason = _format(model, channels, settings)
    for name, values in (
      ('input_mean', self.format.mean),
      ('input_scale', self.format.scale),
    ):
      if len(values) not in (1, channels):
        raise ValueError(
          f"{name} has {len(values)} numbers, but the model '{model.name}' has"
          f' {channels} channels; give one number, or one a channel'
        )
    self._channels = _channels(model, channels, settings)
    self._mixing = self._mixed(model)

  @property
  def is_shrunk(self) -> bool:
    """Whether pictures are shown larger than the model sees them."""
    return self.longer < self.view_size

  @property
  def is_grey(self) -> bool:
    """Whether pictures are shown without colours."""
    return self._num_channels == 1

  def of_model(self, images: tf.Tensor) -> tf.Tensor:
    """Returns what the model takes for pictures.

    Args:
      images: [batch, height, width, 3] float tensor in [0, 1] of known sides.
    """
    images = tf.cast(images, tf.float32)
    size = (self.height, self.width)
    if not self._is_fixed:
      # Of any size, but one that was shown larger than it is to be seen.
      share = self.longer / self.view_size
      size = tuple(max(round(share * s), 1) for s in images.shape[1:3])
    if tuple(images.shape[1:3]) != size:
      images = tf.image.resize(images, size, antialias=True)
    return self._to_range(self._to_channels(images))

  def _to_range(self, channels: tf.Tensor) -> tf.Tensor:
    """Returns the model's channels in [0, 1] as it takes them."""
    low, high = self.format.range
    found = channels * (high - low) + low
    mean, scale = self.format.mean, self.format.scale
    found = (found - np.array(mean, np.float32)) * np.array(scale, np.float32)
    return (
      tf.transpose(found, [0, 3, 1, 2]) if self.is_channels_first else found
    )

  def _to_channels(self, images: tf.Tensor) -> tf.Tensor:
    """Returns red, green and blue in [0, 1] as the model's channels in it."""
    if self._mixing is not None:
      # Middle grey is the middle of every channel.
      return tf.tensordot(images - 0.5, self._mixing, 1) + 0.5
    if self.format.order == 'rgb':
      return images
    # A slice backward has a slow gradient: 7 % of SqueezeNet's step.
    return tf.reverse(images, axis=[-1])

  def _mixed(self, model: raw_model.RawModel) -> Optional[np.ndarray]:
    """Returns [3, channels], how much each colour is of each channel."""
    if self._channels is None:
      return None
    if self._num_channels == 1:
      return np.array(_LUMA, np.float32)[:, None]
    if self._channels != _COMPONENTS:
      return np.eye(self._num_channels, dtype=np.float32)[list(self._channels)]
    return components.of_model(
      lambda channels: model(self._to_range(channels)),
      self.height,
      self.width,
      self._num_channels,
    )

  def describe(self) -> Dict[str, Any]:
    """Returns all that was settled, as a record has it."""
    return {
      **dataclasses.asdict(self.format),
      'size': (self.height, self.width),
      'channels': self._channels,
    }

  def tell(self) -> str:
    """Returns in words what the model is given."""
    low, high = self.format.range
    words = [f'{self.height} x {self.width} pixels']
    if self._num_channels == 1:
      words.append('grey')
    elif self._num_channels == 3:
      words.append(self.format.order.upper())
    else:
      words.append(f'channels {self._channels} of {self._num_channels}')
    words.append(f'in [{low:g}, {high:g}]')
    if any(self.format.mean):
      words.append(f'less {_listed(self.format.mean)}')
    if set(self.format.scale) != {1.0}:
      words.append(f'times {_listed(self.format.scale)}')
    return ' '.join(words)


def _channels(
  model: raw_model.RawModel,
  num_channels: int,
  settings: foreign_settings.ForeignSettings,
) -> Any:
  """Returns which channels colours are of; None where they are the channels."""
  asked = settings.input_channels
  if asked is not None and (num_channels <= 3 or max(asked) >= num_channels):
    raise ValueError(
      f"input_channels is {asked}, but the model '{model.name}' has"
      f' {num_channels} channels; leave it out'
    )
  if num_channels == 3:
    return None
  if settings.channel_order is not None:
    raise ValueError(
      f"channel_order does nothing, because the model '{model.name}' has"
      f' {num_channels} channels; leave it out'
    )
  if num_channels == 1:
    return 'grey'
  return _COMPONENTS if asked is None else asked


def _size(
  name: str,
  sides: List[Optional[int]],
  asked: Optional[Tuple[int, int]],
) -> Tuple[int, int]:
  """Returns height and width of what a model sees."""
  usual = model_spec.USUAL_SIZE
  height, width = asked or (
    sides[0] or sides[1] or usual,
    sides[1] or sides[0] or usual,
  )
  if sides[0] not in (None, height) or sides[1] not in (None, width):
    words = ' x '.join('any' if side is None else str(side) for side in sides)
    raise ValueError(
      f"input_size is {asked}, but the model '{name}' takes {words} pixels;"
      ' leave it out'
    )
  return height, width


def _format(
  model: raw_model.RawModel,
  num_channels: int,
  settings: foreign_settings.ForeignSettings,
) -> Tuple[input_format.InputFormat, str]:
  """Returns the form of the input, and what says so."""
  said = model.said
  # A network's name says nothing of one that was made for other channels.
  if said.format and len(said.format.mean) not in (1, num_channels):
    said = input_format.NOTHING_SAID
  given: Dict[str, Any] = {
    'range': settings.input_range,
    'mean': settings.input_mean,
    'scale': settings.input_scale,
    'order': settings.channel_order,
  }
  given = {name: value for name, value in given.items() if value is not None}
  found = said.format or input_format.InputFormat()
  # A range is told without the mean and the scale of what a model says.
  if 'range' in given:
    found = input_format.InputFormat(order=found.order)
  reason = 'as the settings say' if given else said.reason
  return dataclasses.replace(found, **given), reason


def _shape(shape: Tuple[Optional[int], ...]) -> str:
  """Returns a shape in words."""
  return f'arrays of {len(shape)} sides ({", ".join(map(str, shape))})'


def _listed(values: Tuple[float, ...]) -> str:
  """Returns numbers in words."""
  different = values if len(set(values)) > 1 else values[:1]
  return ', '.join(f'{value:g}' for value in different)
