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

"""What is done to pictures before the network sees them, one by one.

Each is a `Stage` of `random_views.Chain`. Where an earlier one made several
views of a picture, all views of a picture are treated alike. What changes over
the steps is sampled by NumPy, step by step: `apply`, which is traced, is handed
the samples, and a schedule costs no trace.

At zero strength each leaves pictures exactly as they are.
"""

import dataclasses
import functools
from typing import Callable, ClassVar, Sequence, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.ascent.views import resampling
from magenta_viz.settings import schedules

Size = Tuple[int, int]
Samples = Tuple[np.ndarray, ...]
# From a setting that may change to its value at a step.
At = Callable[[schedules.Schedule], float]


class Stage:
  """What is done to pictures; this alone does nothing."""

  # Of arrays that `sample` returns.
  num_samples: ClassVar[int] = 0
  # Whether a view may show a part of the picture alone, and whether there are
  # several views of each.
  shows_parts: ClassVar[bool] = False
  makes_several: ClassVar[bool] = False

  def output_size(self, height: int, width: int) -> Tuple[int, int]:
    """Returns the height and width of a view of `height` x `width` pixels."""
    return height, width

  def num_views(self, height: int, width: int) -> int:
    """Returns how many views it makes of one of `height` x `width` pixels."""
    del height, width
    return 1

  def sample(
    self,
    generator: np.random.Generator,
    height: int,
    width: int,
    step: schedules.Step = schedules.START,
  ) -> Tuple[np.ndarray, ...]:
    """Samples what is random for one picture of `height` x `width` pixels.

    Args:
      generator: Samples it.
      height: Of the picture, in pixels.
      width: Likewise.
      step: At which settings that change are read.
    """
    at = functools.partial(schedules.value, step=step)
    return self._sample(generator, (height, width), at)

  def _sample(
    self, generator: np.random.Generator, size: Size, at: At
  ) -> Samples:
    """Returns what `sample` samples, with what gives a setting's value."""
    del generator, size, at
    return ()

  def apply(self, images: tf.Tensor, *samples: tf.Tensor) -> tf.Tensor:
    """Returns the views of a batch.

    Args:
      images: [batch * k, height, width, 3] float32 tensor of known shape, the k
        views of the first picture before those of the second.
      *samples: What was sampled for each picture, [batch, ...].
    """
    del samples
    return images


@dataclasses.dataclass(frozen=True)
class Roll(Stage):
  """Pictures shifted by whole pixels, what leaves one edge enters at the other.

  Known as jitter in google/deepdream's dream.ipynb.

  Attributes:
    reach: Largest shift, in pixels, either way.

  Raises:
    ValueError: If the reach is below 0.
  """

  num_samples: ClassVar[int] = 1
  reach: schedules.Schedule

  def __post_init__(self) -> None:
    """Checks the range."""
    schedules.check_range('roll reach', self.reach, 0)

  def _sample(
    self, generator: np.random.Generator, size: Size, at: At
  ) -> Samples:
    """Samples a shift down and across, [2] int32."""
    reach = schedules.rounded_down(at(self.reach))
    shifts = generator.integers(-reach, reach + 1, size=2)
    return (shifts.astype(np.int32),)

  def apply(self, images: tf.Tensor, shifts: tf.Tensor) -> tf.Tensor:
    """Returns images of the same size, rolled by [batch, 2] shifts."""
    pairs = zip(tf.unstack(images), tf.unstack(per_view(shifts, images)))
    return tf.stack([tf.roll(image, shift, [0, 1]) for image, shift in pairs])


@dataclasses.dataclass(frozen=True)
class Shift(Stage):
  """Pictures without some rows and columns at the edges: Lucid's jitter.

  Attributes:
    reach: Rows and columns that are left out, in pixels, some of them on either
      side. Each value has its own size of view, and costs a trace.

  Raises:
    ValueError: If the reach is below 0.
  """

  num_samples: ClassVar[int] = 1
  reach: int

  def __post_init__(self) -> None:
    """Checks the range."""
    schedules.check_range('shift reach', self.reach, 0)

  def output_size(self, height: int, width: int) -> Tuple[int, int]:
    """Returns the height and width of a view of `height` x `width` pixels.

    Raises:
      ValueError: If nothing is left.
    """
    if min(height, width) <= self.reach:
      raise ValueError(
        f'shift by {self.reach} pixels leaves nothing of {height} x {width};'
        ' take a smaller shift or a larger picture'
      )
    return height - self.reach, width - self.reach

  def _sample(
    self, generator: np.random.Generator, size: Size, at: At
  ) -> Samples:
    """Samples how many rows go on top, and columns on the left, [2] int32."""
    corner = generator.integers(0, self.reach + 1, size=2)
    return (corner.astype(np.int32),)

  def apply(self, images: tf.Tensor, corners: tf.Tensor) -> tf.Tensor:
    """Returns the images from [batch, 2] corners on."""
    corners = tf.pad(per_view(corners, images), [[0, 0], [0, 1]])
    height, width = self.output_size(*images.shape[1:3])
    size = [height, width, images.shape[3]]
    pairs = zip(tf.unstack(images), tf.unstack(corners))
    return tf.stack([tf.slice(image, corner, size) for image, corner in pairs])


@dataclasses.dataclass(frozen=True)
class Pad(Stage):
  """Pictures with a frame of one grey.

  Attributes:
    margin: Width of the frame, in pixels.
    value: Its brightness, in [0, 1]; Lucid's standard transforms have 0.5.

  Raises:
    ValueError: If a setting is out of its range.
  """

  margin: int
  value: float = 0.5

  def __post_init__(self) -> None:
    """Checks the ranges."""
    schedules.check_range('pad margin', self.margin, 0)
    schedules.check_range('pad value', self.value, 0, 1)

  def output_size(self, height: int, width: int) -> Tuple[int, int]:
    """Returns the height and width of a view of `height` x `width` pixels."""
    return height + 2 * self.margin, width + 2 * self.margin

  def apply(self, images: tf.Tensor) -> tf.Tensor:
    """Returns the framed images."""
    sides = [self.margin, self.margin]
    padding = [[0, 0], sides, sides, [0, 0]]
    return tf.pad(images, padding, constant_values=self.value)


class _Warp(Stage):
  """Pictures sampled at the points of a matrix; mirrored outside."""

  num_samples: ClassVar[int] = 1

  def apply(self, images: tf.Tensor, matrices: tf.Tensor) -> tf.Tensor:
    """Returns images of the same size, by [batch, 2, 3] matrices."""
    matrices = per_view(matrices, images)
    return resampling.warp(images, matrices, tuple(images.shape[1:3]))


@dataclasses.dataclass(frozen=True)
class Zoom(_Warp):
  """Pictures magnified about their middle; what lies outside is mirrored.

  Attributes:
    low: Least factor; below 1 more than the picture is seen.
    high: Largest factor.

  Raises:
    ValueError: If a factor is not above 0, or they are in the wrong order.
  """

  low: schedules.Schedule
  high: schedules.Schedule

  def __post_init__(self) -> None:
    """Checks the range."""
    for low, high in zip(schedules.ends(self.low), schedules.ends(self.high)):
      if not 0 < low <= high:
        raise ValueError(
          f'zoom is from {low} to {high}; take two factors above 0, the smaller'
          ' one first'
        )

  def _sample(
    self, generator: np.random.Generator, size: Size, at: At
  ) -> Samples:
    """Samples a factor; returns a [2, 3] float32 matrix for `warp`."""
    scale = 1 / generator.uniform(at(self.low), at(self.high))
    return (_about_middle([[scale, 0], [0, scale]], *size),)


@dataclasses.dataclass(frozen=True)
class Rotate(_Warp):
  """Pictures turned about their middle; what lies outside is mirrored.

  Attributes:
    degrees: Largest angle, either way.

  Raises:
    ValueError: If the angle is out of its range.
  """

  degrees: schedules.Schedule

  def __post_init__(self) -> None:
    """Checks the range."""
    schedules.check_range('rotate degrees', self.degrees, 0, 180)

  def _sample(
    self, generator: np.random.Generator, size: Size, at: At
  ) -> Samples:
    """Samples an angle, anticlockwise; returns [2, 3] float32 for `warp`."""
    degrees = at(self.degrees)
    angle = np.deg2rad(generator.uniform(-degrees, degrees))
    turn = [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
    return (_about_middle(turn, *size),)


@dataclasses.dataclass(frozen=True)
class Flip(Stage):
  """Pictures as in a mirror, left for right.

  Attributes:
    probability: Of being flipped.

  Raises:
    ValueError: If the probability is none.
  """

  num_samples: ClassVar[int] = 1
  probability: schedules.Schedule = 0.5

  def __post_init__(self) -> None:
    """Checks the range."""
    schedules.check_range('flip probability', self.probability, 0, 1)

  def _sample(
    self, generator: np.random.Generator, size: Size, at: At
  ) -> Samples:
    """Samples from [0, 1), below `probability` to flip; returns a [] bool."""
    return (np.array(generator.random() < at(self.probability)),)

  def apply(self, images: tf.Tensor, flips: tf.Tensor) -> tf.Tensor:
    """Returns the images, those flipped where [batch] `flips` says so."""
    flips = per_view(flips, images)[:, None, None, None]
    return tf.where(flips, tf.reverse(images, [2]), images)


@dataclasses.dataclass(frozen=True)
class Noise(Stage):
  """Pictures with noise, another one for each view.

  Attributes:
    deviation: Standard deviation of normal noise.
    reach: Largest value, either way, of even noise added to it.

  Raises:
    ValueError: If a setting is below 0.
  """

  num_samples: ClassVar[int] = 2
  deviation: schedules.Schedule
  reach: schedules.Schedule = 0.0

  def __post_init__(self) -> None:
    """Checks the ranges."""
    schedules.check_range('noise deviation', self.deviation, 0)
    schedules.check_range('noise reach', self.reach, 0)

  def _sample(
    self, generator: np.random.Generator, size: Size, at: At
  ) -> Samples:
    """Samples a [2] int32 seed; returns it and both strengths, [2] float32."""
    # Less than the largest value, for seed + 1 to be one too.
    seed = generator.integers(np.iinfo(np.int32).max, size=2, dtype=np.int32)
    return seed, np.array([at(self.deviation), at(self.reach)], np.float32)

  def apply(
    self, images: tf.Tensor, seeds: tf.Tensor, strengths: tf.Tensor
  ) -> tf.Tensor:
    """Returns the images with noise.

    Args:
      images: [batch * k, height, width, 3] float32 tensor.
      seeds: [batch, 2] int32 tensor; the noise of all views of a picture is
        sampled at once: the normal one from its seed, the even one from
        seed + 1.
      strengths: [batch, 2] float32 tensor.
    """
    shape = [images.shape[0] // seeds.shape[0], *images.shape[1:]]
    noise = []
    for seed, strength in zip(tf.unstack(seeds), tf.unstack(strengths)):
      normal = tf.random.stateless_normal(shape, seed)
      even = tf.random.stateless_uniform(shape, seed + 1, -1.0, 1.0)
      noise.append(strength[0] * normal + strength[1] * even)
    return images + tf.concat(noise, axis=0)


def per_view(samples: tf.Tensor, images: tf.Tensor) -> tf.Tensor:
  """Returns [batch, ...] samples, each as often as its picture has views."""
  return tf.repeat(samples, images.shape[0] // samples.shape[0], axis=0)


def _about_middle(
  turn: Sequence[Sequence[float]], height: int, width: int
) -> np.ndarray:
  """Returns a [2, 2] map about a picture's middle as a matrix for `warp`."""
  middle = np.array([[height - 1], [width - 1]]) / 2
  return np.hstack([turn, middle]).astype(np.float32)
