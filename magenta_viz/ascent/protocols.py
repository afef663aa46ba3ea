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

"""What an ascent is made of, as protocols."""

from typing import Any, Optional, Protocol, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.settings import schedules

# Of an optimizer: what it keeps from step to step.
State = Tuple[tf.Tensor, ...]

# Parameters of black and of white.
_Colour = Tuple[float, float, float]
Limits = Tuple[_Colour, _Colour]


class Parameterization(Protocol):
  """What is optimised, such as `fourier.Fourier`."""

  @property
  def height(self) -> int:
    """Height of the pictures, in pixels."""

  @property
  def width(self) -> int:
    """Width of the pictures, in pixels."""

  @property
  def limits(self) -> Optional[Limits]:
    """Parameters of black and white; None where these are no pixels."""

  def initial(
    self, generator: np.random.Generator, start: Optional[np.ndarray] = None
  ) -> np.ndarray:
    """Samples the parameters of one picture, near those of `start`."""

  def to_images(self, params: tf.Tensor) -> tf.Tensor:
    """Returns the images of a batch of parameters."""


class Views(Protocol):
  """What the network sees of pictures, such as `random_views.RandomViews`.

  It is part of a traced step: what changes by step is sampled.
  """

  @property
  def shows_parts(self) -> bool:
    """Whether a view may show a part of the picture alone."""

  @property
  def makes_several(self) -> bool:
    """Whether there are several views of each picture."""

  def sample(
    self,
    generator: np.random.Generator,
    height: int,
    width: int,
    step: schedules.Step,
  ) -> Tuple[np.ndarray, ...]:
    """Samples what is random in the views of one picture at a step."""

  def apply(self, images: tf.Tensor, *samples: tf.Tensor) -> tf.Tensor:
    """Returns the views of a batch, as many of each picture, one after another.

    Args:
      images: [batch, height, width, 3] tensor.
      *samples: What was sampled for each picture, stacked.
    """


class Optimizer(Protocol):
  """How a gradient becomes a step, such as `optimizers.Adam`."""

  def initial(self, params: tf.Tensor) -> State:
    """Returns the state before the first step."""

  def step(
    self,
    gradient: tf.Tensor,
    state: State,
    index: tf.Tensor,
    learning_rate: tf.Tensor,
    scores: Optional[tf.Tensor] = None,
  ) -> Tuple[tf.Tensor, State]:
    """Returns what to add to the parameters, and the next state."""


class Filter(Protocol):
  """What is done to the parameters after a step, as in `filters`."""

  def apply(
    self, params: np.ndarray, gradient: np.ndarray, step: schedules.Step
  ) -> np.ndarray:
    """Returns the filtered parameters."""


class Penalty(Protocol):
  """What is taken off the scores, as in `penalties`."""

  def charge(self, images: tf.Tensor) -> tf.Tensor:
    """Returns the [batch] penalties of images."""


class Facet(Protocol):
  """What sets the pictures of a class apart, as in `random_direction`."""

  def sample(self, generator: np.random.Generator) -> np.ndarray:
    """Samples what a picture's own facet is made of."""

  def reward(
    self, outputs: Any, sampled: tf.Tensor, index: tf.Tensor
  ) -> tf.Tensor:
    """Returns what is added to the [views] scores of views at a step."""
