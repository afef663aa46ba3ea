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

"""From the bytes of a picture to what a network sees of it.

What slim did for its Inception networks, in training and in evaluation. Other
than there, a file shows what it shows to the rest of the package: it stands
upright as EXIF says, and what is transparent is white. ILSVRC's pictures have
next to none of either.

References:
  [1] tensorflow/models, research/slim/preprocessing/inception_preprocessing.py,
      all settings; colours as in its mode that is not the fast one.
  [2] Szegedy et al. (2015), Going Deeper with Convolutions, arXiv:1409.4842,
      section 6: boxes of many sizes, photometric distortions.
"""

import dataclasses
import functools
import io
from typing import Any, BinaryIO, Callable, Mapping, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.files import untrusted
from magenta_viz.media import decoding

# Boxes that are drawn before the whole picture is taken; [1].
_MAX_ATTEMPTS = 100

# Pixels that libjpeg needs on either side of a box: one of a colour at half the
# size, between which and the box's own it interpolates.
_MARGIN = 2

# The four orders of [1]; they do not commute.
_COLOUR_ORDERS = (
  ('brightness', 'saturation', 'hue', 'contrast'),
  ('saturation', 'brightness', 'contrast', 'hue'),
  ('contrast', 'hue', 'brightness', 'saturation'),
  ('hue', 'saturation', 'contrast', 'brightness'),
)


# What changes an image by a draw, in the order of the draws.
_CHANGES: Mapping[str, Callable[[tf.Tensor, tf.Tensor], tf.Tensor]] = {
  'brightness': tf.image.adjust_brightness,
  'saturation': lambda image, d: tf.image.adjust_saturation(image, 1.0 + d),
  'hue': tf.image.adjust_hue,
  'contrast': lambda image, d: tf.image.adjust_contrast(image, 1.0 + d),
}


@dataclasses.dataclass(frozen=True)
class Preprocessing:
  """How a network sees a picture; its draws depend on a seed alone.

  In training a box of the picture, drawn at random, is resized bilinearly to a
  square, mirrored or not, and its colours are changed. In evaluation it is the
  middle of the picture, without any chance. Of most JPEG files, only what is in
  the box is decoded, to the same pixels.

  Attributes:
    size: Height and width of what the network sees, in pixels.
    is_training: Whether for training; all below but `central_fraction` is for
      training alone.
    min_area: Least area of a box, as a share of the picture's; above 0.
    max_area: Largest area of a box, at most 1. The whole picture is taken
      where no box of these shapes and areas is found.
    min_covered: Least share of the picture that a box covers. Asked for beside
      `min_area` in [1], where it is meant for what a given box holds; without
      given boxes, as here, it is the share of the picture.
    min_aspect: Least width of a box by its height; above 0.
    max_aspect: Largest width of a box by its height.
    mirror_probability: Of being mirrored, left for right; 0 for what has a
      reading direction, such as digits.
    distort_colour: Whether the colours are changed, by the four below.
    brightness: Largest value added, either way; from 0 to 1.
    saturation: Largest change of its factor from 1, either way; from 0 to 1.
    hue: Largest turn, either way, as a share of the circle; from 0 to 0.5.
    contrast: Largest change of its factor from 1, either way; from 0 to 1.
    central_fraction: Share of the height and of the width that evaluation
      sees; above 0, at most 1. A comment of [1] has it as a share of the area,
      but its code crops each side.

  Raises:
    ValueError: If a setting is out of its range.
  """

  size: int
  is_training: bool
  min_area: float = 0.05
  max_area: float = 1.0
  min_covered: float = 0.1
  # As fractions; [1] rounds the larger one to 1.33.
  min_aspect: float = 3 / 4
  max_aspect: float = 4 / 3
  mirror_probability: float = 0.5
  distort_colour: bool = True
  brightness: float = 32 / 255
  saturation: float = 0.5
  hue: float = 0.2
  contrast: float = 0.5
  central_fraction: float = 0.875

  def __post_init__(self) -> None:
    """Checks the ranges."""
    if self.size < 1:
      raise ValueError(f'size is {self.size}; take 1 pixel or more')
    if not 0 < self.min_area <= self.max_area <= 1:
      raise ValueError(
        f'area is from {self.min_area} to {self.max_area}; take two numbers'
        ' above 0 and at most 1, the smaller one first'
      )
    if not 0 < self.min_aspect <= self.max_aspect < float('inf'):
      raise ValueError(
        f'aspect is from {self.min_aspect} to {self.max_aspect}; take two'
        ' finite numbers above 0, the smaller one first'
      )
    if not 0 < self.central_fraction <= 1:
      raise ValueError(
        f'central_fraction is {self.central_fraction}; take a number above 0'
        ' and at most 1'
      )
    for name, high in (
      # A box cannot cover more than its own area.
      ('min_covered', self.max_area),
      ('mirror_probability', 1),
      ('brightness', 1),
      ('saturation', 1),
      ('hue', 0.5),
      ('contrast', 1),
    ):
      value = getattr(self, name)
      if not 0 <= value <= high:
        raise ValueError(f'{name} is {value}; take a number from 0 to {high}')

  def __call__(self, data: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Returns what the network sees of a picture.

    The same bytes and seed give the same image, eagerly and in a graph. Bytes
    beyond the box are not looked at: a JPEG file whose end is missing is
    damaged for some seeds only.

    Args:
      data: [] string tensor, the bytes of a file that `decoding.decode` takes.
      seed: [2] int32 or int64 tensor; of no effect in evaluation.

    Returns:
      [size, size, 3] float32 tensor, RGB, in [0, 1].

    Raises:
      ValueError: If it is no picture, is damaged or is too large to be read; or
        tf.errors.InvalidArgumentError, as always in a graph.
    """
    seeds = tf.random.experimental.stateless_split(seed, 3)
    # Without `antialias`, as in [1]; pixels' centres are TensorFlow 2's.
    resize = functools.partial(tf.image.resize, size=[self.size, self.size])
    image = tf.cond(
      _is_plain_jpeg(data),
      lambda: resize(self._decode_jpeg(data, seeds[0])),
      lambda: resize(self._decode_whole(data, seeds[0])),
    )
    # Not divided: a graph would multiply all the same, and round otherwise.
    image *= 1 / 255
    if self.is_training:
      image = self._mirror(image, seeds[1])
      if self.distort_colour:
        image = self._distort_colour(image, seeds[2])
    return tf.ensure_shape(image, [self.size, self.size, 3])

  def box(self, shape: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Returns the box of a picture that is seen.

    Args:
      shape: [3] int32 tensor, the picture's height, width and channels.
      seed: [2] int32 or int64 tensor.

    Returns:
      [4] int32 tensor: top, left, height and width, in pixels.
    """
    if not self.is_training:
      sides = tf.cast(shape[:2], tf.float64)
      # In this order, as tf.image.central_crop rounds.
      margins = tf.cast((sides - sides * self.central_fraction) / 2, tf.int32)
      return tf.concat([margins, shape[:2] - 2 * margins], axis=0)
    begin, sides, _ = tf.image.stateless_sample_distorted_bounding_box(
      shape,
      tf.constant([[[0.0, 0.0, 1.0, 1.0]]]),
      seed,
      min_object_covered=self.min_covered,
      aspect_ratio_range=(self.min_aspect, self.max_aspect),
      area_range=(self.min_area, self.max_area),
      max_attempts=_MAX_ATTEMPTS,
    )
    return tf.concat([begin[:2], sides[:2]], axis=0)

  def _decode_jpeg(self, data: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Returns a box of a plain JPEG file, [height, width, 3] uint8."""
    shape = tf.io.extract_jpeg_shape(data)
    top, left, height, width = tf.unstack(self.box(shape, seed))
    begin = tf.maximum(left - _MARGIN, 0)
    end = tf.minimum(left + width + _MARGIN, shape[1])
    # [1] takes TensorFlow's fast transform, which is wrong by up to 9 levels of
    # 256 where a file is of high quality; this one takes 2% longer, measured.
    image = tf.io.decode_and_crop_jpeg(
      data,
      tf.stack([top, begin, height, end - begin]),
      channels=3,
      dct_method='INTEGER_ACCURATE',
    )
    left -= begin
    return image[:, left : left + width]

  def _decode_whole(self, data: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Returns a box of a file, [height, width, 3] float32 from 0 to 255."""
    image = _in_python(decoding.decode, data, tf.float32)
    image = tf.ensure_shape(image, [None, None, 3])
    top, left, height, width = tf.unstack(self.box(tf.shape(image), seed))
    return image[top : top + height, left : left + width]

  def _mirror(self, image: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Returns the image as in a mirror, or as it is."""
    return tf.cond(
      tf.random.stateless_uniform([], seed) < self.mirror_probability,
      lambda: tf.reverse(image, [1]),
      lambda: image,
    )

  def _distort_colour(self, image: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Returns the image in other colours, clipped to [0, 1]."""
    seeds = tf.random.experimental.stateless_split(seed, 2)
    draws = tf.random.stateless_uniform([4], seeds[0], -1.0, 1.0)

    def distort(order: Tuple[str, ...]) -> tf.Tensor:
      result = image
      for name in order:
        result = self._change(result, name, draws)
      return tf.clip_by_value(result, 0.0, 1.0)

    order = tf.random.stateless_uniform(
      [], seeds[1], 0, len(_COLOUR_ORDERS), tf.int32
    )
    return tf.switch_case(
      order, [lambda names=names: distort(names) for names in _COLOUR_ORDERS]
    )

  def _change(self, image: tf.Tensor, name: str, draws: tf.Tensor) -> tf.Tensor:
    """Changes one property of the colours.

    Args:
      image: [size, size, 3] float32 tensor.
      name: Of the property, which is the name of the setting.
      draws: [4] float32 tensor in [-1, 1), one for each property.

    Returns:
      Tensor like the image, which may go beyond [0, 1].
    """
    reach = getattr(self, name)
    # TensorFlow's adjustments by nothing round.
    if not reach:
      return image
    return _CHANGES[name](image, reach * draws[[*_CHANGES].index(name)])


def _is_plain_jpeg(data: tf.Tensor) -> tf.Tensor:
  """Tells whether TensorFlow decodes a file to the pixels that all see."""
  is_plain = _in_python(decoding.is_plain_jpeg, data, tf.bool)
  return tf.ensure_shape(is_plain, [])


def _in_python(
  function: Callable[[BinaryIO], Any], data: tf.Tensor, dtype: tf.DType
) -> tf.Tensor:
  """Returns what a function makes of a file, or raises ValueError."""

  def call(data: Any) -> np.ndarray:
    # An array where there is no graph.
    file = io.BytesIO(data if isinstance(data, bytes) else data.item())
    with untrusted.guard():
      return np.asarray(function(file))

  # Stateless, so that graphs may leave out what is not asked for.
  return tf.numpy_function(call, [data], dtype, stateful=False)
