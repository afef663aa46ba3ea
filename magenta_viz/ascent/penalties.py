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

"""What a picture is charged for: amounts to take off its score.

All are weighted sums over the picture, as published, in the unit that the
older methods have: white is 255. They depend on the size of the images.
"""

import dataclasses
import math
from typing import Callable, Tuple, Union

import tensorflow as tf

from magenta_viz.ascent.parameterizations import pixels

# Value of white where weights were published.
_WHITE = 255.0


@dataclasses.dataclass(frozen=True)
class L2:
  """The sum of squares of an image.

  Attributes:
    weight: Factor of the sum.
    center: Grey or RGB of no charge, white being 255. In Simonyan's work it is
      the mean of the training pictures: here ImageNet's, RGB, as Caffe's models
      have it (rounded).

  References:
    Simonyan, Vedaldi and Zisserman 2013, arXiv 1312.6034, section 2.

  Raises:
    ValueError: If the weight is no number from 0.
  """

  weight: float
  center: Union[float, Tuple[float, float, float]] = pixels.MEAN

  def __post_init__(self) -> None:
    """Checks the weight."""
    _check_weight('l2', self.weight)

  def charge(self, images: tf.Tensor) -> tf.Tensor:
    """Returns the [batch] charges of [batch, height, width, 3] images."""
    centered = _WHITE * images - tf.constant(self.center, images.dtype)
    return self.weight * tf.reduce_sum(centered**2, axis=[1, 2, 3])


@dataclasses.dataclass(frozen=True)
class TotalVariation:
  """The sum of the absolute differences of neighbouring pixels.

  Down and across apart (anisotropic), as Lucid's objective of that name.

  Attributes:
    weight: Factor of the sum.

  Raises:
    ValueError: If the weight is no number from 0.
  """

  weight: float

  def __post_init__(self) -> None:
    """Checks the weight."""
    _check_weight('total_variation', self.weight)

  def charge(self, images: tf.Tensor) -> tf.Tensor:
    """Returns the [batch] charges of [batch, height, width, 3] images."""
    return self.weight * _variation(images, tf.abs)


@dataclasses.dataclass(frozen=True)
class SquaredVariation:
  """The sum of the squared differences of neighbouring pixels.

  Attributes:
    weight: Factor of the sum.

  References:
    Total variation with beta = 2 of Mahendran and Vedaldi 2015, Understanding
    deep image representations by inverting them, arXiv 1412.0035, section 2.

  Raises:
    ValueError: If the weight is no number from 0.
  """

  weight: float

  def __post_init__(self) -> None:
    """Checks the weight."""
    _check_weight('squared_variation', self.weight)

  def charge(self, images: tf.Tensor) -> tf.Tensor:
    """Returns the [batch] charges of [batch, height, width, 3] images."""
    return self.weight * _variation(images, lambda each: each**2)


def _check_weight(name: str, weight: float) -> None:
  """Raises ValueError if a weight is below 0 or not finite."""
  if not 0 <= weight < math.inf:
    raise ValueError(f'{name} weight is {weight}; take a number of 0 or more')


def _variation(
  images: tf.Tensor, size: Callable[[tf.Tensor], tf.Tensor]
) -> tf.Tensor:
  """Sums the sizes of what each pixel differs from those above and before."""
  images = _WHITE * images
  down = size(images[:, 1:] - images[:, :-1])
  across = size(images[:, :, 1:] - images[:, :, :-1])
  return tf.reduce_sum(down, [1, 2, 3]) + tf.reduce_sum(across, [1, 2, 3])
