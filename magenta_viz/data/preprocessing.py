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

What slim did for its Inception networks, in training and in evaluation. EXIF's
orientation and colour profiles are ignored and what is transparent keeps the
colour stored beneath, as there; ILSVRC's pictures have next to none.

References:
  [1] tensorflow/models, research/slim/preprocessing/inception_preprocessing.py,
      all settings; colours as in its mode that is not the fast one.
  [2] Szegedy et al. (2015), Going Deeper with Convolutions, arXiv:1409.4842,
      section 6: boxes of many sizes, photometric distortions.
"""

import dataclasses
from typing import Tuple

import tensorflow as tf

# Boxes that are drawn before the whole picture is taken; [1].
_MAX_ATTEMPTS = 100

# The four orders of [1]; they do not commute.
_COLOUR_ORDERS = (
  ('brightness', 'saturation', 'hue', 'contrast'),
  ('saturation', 'brightness', 'contrast', 'hue'),
  ('contrast', 'hue', 'brightness', 'saturation'),
  ('hue', 'saturation', 'contrast', 'brightness'),
)


@dataclasses.dataclass(frozen=True)
class Preprocessing:
  """How a network sees a picture; its draws depend on a seed alone.

  In training a box of the picture, drawn at random, is resized bilinearly to a
  square, mirrored or not, and its colours are changed. In evaluation it is the
  middle of the picture, without any chance. Only what is in the box is decoded
  of a JPEG file.

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
      data: [] string tensor, the bytes of a JPEG, PNG, BMP or GIF file. Grey,
        CMYK and 16-bit pictures are read as RGB of 8 bits; of a GIF, the first
        picture.
      seed: [2] int32 or int64 tensor; of no effect in evaluation.

    Returns:
      [size, size, 3] float32 tensor, RGB, in [0, 1].

    Raises:
      tf.errors.InvalidArgumentError: If it is no picture or is damaged.
    """
    seeds = tf.random.experimental.stateless_split(seed, 3)
    image = tf.cond(
      tf.io.is_jpeg(data),
      lambda: self._decode_jpeg(data, seeds[0]),
      lambda: self._decode_whole(data, seeds[0]),
    )
    # Without `antialias`, as in [1]; pixels' centres are TensorFlow 2's.
    image = tf.image.resize(image, [self.size, self.size])
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
    """Returns a box of a JPEG file, [height, width, 3] uint8."""
    box = self.box(tf.io.extract_jpeg_shape(data), seed)
    # [1] takes TensorFlow's fast transform, which is wrong by up to 9 levels of
    # 256 where a file is of high quality; this one takes 2% longer, measured.
    return tf.io.decode_and_crop_jpeg(
      data, box, channels=3, dct_method='INTEGER_ACCURATE'
    )

  def _decode_whole(self, data: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Returns a box of a file of another format, [height, width, 3] uint8."""
    image = tf.io.decode_image(data, channels=3, expand_animations=False)
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
    draw = reach * draws[_COLOUR_ORDERS[0].index(name)]
    if name == 'brightness':
      return tf.image.adjust_brightness(image, draw)
    if name == 'saturation':
      return tf.image.adjust_saturation(image, 1.0 + draw)
    if name == 'hue':
      return tf.image.adjust_hue(image, draw)
    return tf.image.adjust_contrast(image, 1.0 + draw)
