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


"""Random light on views: brighter, of less contrast, of other colours, grey.

What is recognised in any light is an object rather than a colour.
"""

import dataclasses
from typing import ClassVar

import numpy as np
import tensorflow as tf

from magenta_viz.ascent.views import transforms
from magenta_viz.settings import schedules


@dataclasses.dataclass(frozen=True)
class Tint(transforms.Stage):
  """Pictures in another light, each in its own.

  In this order, each where its setting is not 0, and sampled only there.

  Attributes:
    brightness: Largest value, either way, that is added to all channels, whose
      colours are in [0, 1].
    contrast: Largest change, either way, of the factor, else 1, of what differs
      from the mean over all pixels and channels.
    gains: Largest change, either way, of each channel's own factor, else 1.
    grey: Share of the pictures that have the mean of their channels in each.

  Raises:
    ValueError: If a setting is not in [0, 1].
  """

  num_samples: ClassVar[int] = 1
  brightness: schedules.Schedule = 0.0
  contrast: schedules.Schedule = 0.0
  gains: schedules.Schedule = 0.0
  grey: schedules.Schedule = 0.0

  def __post_init__(self) -> None:
    """Checks the ranges."""
    schedules.check_range('brightness reach', self.brightness, 0, 1)
    schedules.check_range('contrast reach', self.contrast, 0, 1)
    schedules.check_range('gains reach', self.gains, 0, 1)
    schedules.check_range('grey share', self.grey, 0, 1)

  def _sample(
    self,
    generator: np.random.Generator,
    size: transforms.Size,
    at: transforms.At,
  ) -> transforms.Samples:
    """Samples a light.

    Returns:
      A [7, 3] float32 array: what red, green and blue of a pixel, then those of
      the mean of all pixels, and then 1, bring to each channel.
    """
    brightness, contrast = at(self.brightness), at(self.contrast)
    reach, grey = at(self.gains), at(self.grey)
    added, factor, gains = 0.0, 1.0, np.ones(3)
    if brightness:
      added = generator.uniform(-brightness, brightness)
    if contrast:
      factor = generator.uniform(1 - contrast, 1 + contrast)
    if reach:
      gains = generator.uniform(1 - reach, 1 + reach, size=3)
    light = np.vstack(
      [
        factor * np.eye(3),
        np.full([3, 3], (1 - factor) / 3),
        np.full([1, 3], added),
      ]
    )
    light *= gains
    if grey and generator.random() < grey:
      light = light @ np.full([3, 3], 1 / 3)
    return (light.astype(np.float32),)

  def apply(self, images: tf.Tensor, lights: tf.Tensor) -> tf.Tensor:
    """Returns the images in [batch, 7, 3] lights."""
    batch, height, width, channels = images.shape
    lights = transforms.per_view(lights, images)
    of_pixel, of_mean, added = tf.split(lights, [3, 3, 1], axis=1)
    added += tf.matmul(mean_colours(images), of_mean)
    # One product for all that is done, and long rows for the sum.
    pixels = tf.matmul(tf.reshape(images, [batch, -1, channels]), of_pixel)
    rows = tf.reshape(pixels, [batch, height, width * channels])
    return tf.reshape(rows + tf.tile(added, [1, 1, width]), images.shape)


def mean_colours(images: tf.Tensor) -> tf.Tensor:
  """Returns the mean of each channel of [batch, height, width, 3] images.

  A product takes a third of the time of `tf.reduce_mean` and its gradient.

  Returns:
    [batch, 1, 3] tensor.
  """
  batch, height, width, channels = images.shape
  rows = tf.reshape(images, [batch, height, width * channels])
  mean_row = tf.matmul(tf.fill([batch, 1, height], 1 / (height * width)), rows)
  pixels = tf.reshape(mean_row, [batch, width, channels])
  return tf.reduce_sum(pixels, axis=1, keepdims=True)
