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


"""Views of which a part is hidden.

What is still recognised with any part of it hidden is a whole object, and not
one part that says it all.
"""

import dataclasses
from typing import ClassVar

import numpy as np
import tensorflow as tf

from magenta_viz.ascent.views import tints
from magenta_viz.ascent.views import transforms
from magenta_viz.settings import schedules

# From here on there is hardly a picture left.
MAX_SHARE = 0.9


@dataclasses.dataclass(frozen=True)
class Cover(transforms.Stage):
  """Pictures with a square of their own mean colour, anywhere inside.

  Its edge is hard: a blur of the views is to come before it.

  Attributes:
    share: Side of the square, as a share of the shorter side.

  References:
    DeVries and Taylor 2017, arXiv 1708.04552: cutout, to train networks with.

  Raises:
    ValueError: If the share is out of its range.
  """

  num_samples: ClassVar[int] = 1
  share: schedules.Schedule

  def __post_init__(self) -> None:
    """Checks the range."""
    schedules.check_range('cover share', self.share, 0, MAX_SHARE)

  def _sample(
    self,
    generator: np.random.Generator,
    size: transforms.Size,
    at: transforms.At,
  ) -> transforms.Samples:
    """Samples a place; returns top, left and side in pixels, [3] int32."""
    side = round(at(self.share) * min(size))
    room = np.array(size) - side
    corner = generator.integers(0, room, endpoint=True)
    return (np.array([*corner, side], np.int32),)

  def apply(self, images: tf.Tensor, squares: tf.Tensor) -> tf.Tensor:
    """Returns the images, each with its own of [batch, 3] squares."""
    batch, height, width, channels = images.shape
    squares = transforms.per_view(squares, images)
    top, left, side = tf.split(squares, 3, axis=1)
    down, across = tf.range(height), tf.repeat(tf.range(width), channels)
    is_down, is_across = (
      tf.cast((start <= places) & (places < start + side), tf.float32)
      for start, places in ((top, down), (left, across))
    )
    # As long rows, and what is hidden as a product, in a third of the time of
    # `tf.where` with pixels.
    is_down, is_across = is_down[:, :, None], is_across[:, None, :]
    rows = tf.reshape(images, [batch, height, width * channels])
    colours = tf.tile(tints.mean_colours(images), [1, 1, width])
    seen = rows * (1 - is_down * is_across)
    hidden = tf.matmul(is_down, is_across * colours)
    return tf.reshape(seen + hidden, images.shape)
