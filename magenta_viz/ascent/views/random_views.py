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

"""What the network sees of pictures: views of one kind, or step by step.

What raises a class in many views of a picture (nearer and further, turned,
moved) is an object; what raises it in one view only may be noise.
"""

import dataclasses
from typing import ClassVar, List, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.ascent.views import blur
from magenta_viz.ascent.views import resampling
from magenta_viz.ascent.views import transforms
from magenta_viz.settings import schedules


@dataclasses.dataclass(frozen=True)
class RandomViews:
  """Zoomed, turned, shifted, blurred and noisy views, all of one size.

  Attributes:
    size: Height and width of a view, in pixels.
    span: Range of the share of the picture's shorter side that a view spans:
      1 spans all of it, 0.5 half, more than 1 mirrors what lies outside.
    rotation: Largest angle, in degrees, either way.
    shift: Largest shift, as a share of the picture's sides, either way.
    noise: Standard deviation of the noise added to a view.
    blur: Largest standard deviation of a view's Gaussian blur, in pixels of the
      view; each view has its own, from 0 on.
    mirror: Share of the views that are mirrored, left for right.
    effects: What is done to the finished views, such as `tints.Tint` and
      `covers.Cover`, each of which leaves their size and number.
  """

  shows_parts: ClassVar[bool] = True
  makes_several: ClassVar[bool] = False
  size: int
  span: Tuple[float, float]
  rotation: float
  shift: float
  noise: float
  blur: float = 0.0
  mirror: float = 0.0
  effects: Tuple[transforms.Stage, ...] = ()

  def sample(
    self,
    generator: np.random.Generator,
    height: int,
    width: int,
    step: schedules.Step = schedules.START,
  ) -> Tuple[np.ndarray, ...]:
    """Samples one view of a picture of `height` x `width` pixels.

    Returns:
      A [2, 3] float32 array that maps (y, x, 1) of a pixel of the view,
      counted from its middle, to the picture's pixel coordinates; a [2] int32
      array, the seed of the view's noise; a float32 scalar, the standard
      deviation of its blur; and what the effects sample.
    """
    span = generator.uniform(*self.span)
    angle = np.deg2rad(generator.uniform(-self.rotation, self.rotation))
    shifts = generator.uniform(-self.shift, self.shift, size=2)
    scale = span * min(height, width) / self.size
    cosine, sine = scale * np.cos(angle), scale * np.sin(angle)
    middle = np.array([(height - 1) / 2, (width - 1) / 2])
    # What a view leaves out of a long picture's longer side, it can move over.
    room = np.maximum(np.array([height, width]) - min(height, width), 0) / 2
    middle += shifts * (height, width) + generator.uniform(-1, 1, size=2) * room
    matrix = [[cosine, sine, middle[0]], [-sine, cosine, middle[1]]]
    seed = generator.integers(np.iinfo(np.int32).max, size=2, dtype=np.int32)
    deviation = generator.uniform(0, self.blur)
    if self.mirror and generator.random() < self.mirror:
      matrix = [[y, -x, offset] for y, x, offset in matrix]
    return (
      np.array(matrix, np.float32),
      seed,
      np.array(deviation, np.float32),
      *Chain(self.effects).sample(generator, self.size, self.size, step),
    )

  def apply(
    self,
    images: tf.Tensor,
    matrices: tf.Tensor,
    seeds: tf.Tensor,
    deviations: tf.Tensor,
    *effects: tf.Tensor,
  ) -> tf.Tensor:
    """Returns the views that `sample` sampled.

    Args:
      images: [batch, height, width, 3] float32 tensor.
      matrices: [batch, 2, 3] float32 tensor.
      seeds: [batch, 2] int32 tensor.
      deviations: [batch] float32 tensor.
      *effects: What the effects sampled, stacked: [batch, ...].

    Returns:
      [batch, size, size, 3] float32 tensor.
    """
    views = resampling.warp(images, matrices, (self.size, self.size))
    if self.noise:
      shape = [self.size, self.size, 3]
      # Of even distribution: a third of the time of a normal one, and a blurred
      # view has sums of it, which are nearly normal.
      reach = self.noise * 3**0.5
      noise = [
        tf.random.stateless_uniform(shape, seed, -reach, reach)
        for seed in tf.unstack(seeds)
      ]
      views += tf.stack(noise)
    if self.blur:
      # The noise too: a blurred view is smooth.
      views = blur.blur(views, deviations)
    # After the blur, which would let a cover and what it hides leak over its
    # edge.
    return Chain(self.effects).apply(views, *effects)


@dataclasses.dataclass(frozen=True)
class Chain:
  """One stage after the other; none at all shows the picture itself.

  Samples are made per picture, in the order of the stages. After a stage that
  makes several views of a picture, such as `crops_and_tiles.Crops`, others
  treat all views of a picture alike; only the noise of `transforms.Noise`
  differs.

  Attributes:
    stages: In the order in which they are applied.
  """

  stages: Tuple[transforms.Stage, ...] = ()

  @property
  def shows_parts(self) -> bool:
    """Whether a view may show a part of the picture alone."""
    return any(stage.shows_parts for stage in self.stages)

  @property
  def makes_several(self) -> bool:
    """Whether there are several views of each picture."""
    return any(stage.makes_several for stage in self.stages)

  def output_size(self, height: int, width: int) -> Tuple[int, int]:
    """Returns the height and width of the views of a picture.

    Raises:
      ValueError: If the picture is too small for a stage.
    """
    for stage in self.stages:
      height, width = stage.output_size(height, width)
    return height, width

  def sample(
    self,
    generator: np.random.Generator,
    height: int,
    width: int,
    step: schedules.Step = schedules.START,
  ) -> Tuple[np.ndarray, ...]:
    """Samples what is random for one picture of `height` x `width` pixels.

    Returns:
      The arrays of the first stage, then those of the second, and so on.

    Raises:
      ValueError: If the picture is too small for a stage.
    """
    samples: List[np.ndarray] = []
    for stage in self.stages:
      # First of all, for a size that does not fit to be told of.
      next_size = stage.output_size(height, width)
      samples += stage.sample(generator, height, width, step)
      height, width = next_size
    return tuple(samples)

  def apply(self, images: tf.Tensor, *samples: tf.Tensor) -> tf.Tensor:
    """Returns the views that `sample` sampled.

    Args:
      images: [batch, height, width, 3] float32 tensor of known shape.
      *samples: What was sampled for each picture, stacked: [batch, ...].

    Returns:
      [batch * k, height, width, 3] float32 tensor, the k views of the first
      picture before those of the second.
    """
    rest = list(samples)
    for stage in self.stages:
      images = stage.apply(images, *rest[: stage.num_samples])
      del rest[: stage.num_samples]
    return images
