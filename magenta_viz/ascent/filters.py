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

"""Filters of the older methods: what is done to the pixels after a step.

Each has `apply`, which takes the parameters of `pixels.Pixels` after the step,
the gradient of that step and which step it is, and returns the new parameters.
Pictures of a batch do not influence one another.
They work in NumPy, outside of TensorFlow's graph, and in the unit of the
parameters, so that published numbers hold as they are.
"""

import dataclasses
import itertools
from typing import Tuple

import numpy as np
import scipy.ndimage

from magenta_viz.settings import schedules

# A neighbour of so little weight does not show in a float32 sum.
_NEGLIGIBLE = 1e-8


@dataclasses.dataclass(frozen=True)
class Decay:
  """Draws every value towards 0 (L2 decay): x becomes (1 - rate) x.

  Attributes:
    rate: Share of a value that is lost, in [0, 1].

  References:
    Yosinski et al. 2015, Understanding neural networks through deep
    visualization, arXiv 1506.06579, section 3.

  Raises:
    ValueError: If the rate is out of its range.
  """

  rate: schedules.Schedule

  def __post_init__(self) -> None:
    """Checks the range."""
    schedules.check_range('decay rate', self.rate, 0, 1)

  def apply(
    self, params: np.ndarray, gradient: np.ndarray, step: schedules.Step
  ) -> np.ndarray:
    """Returns the decayed [batch, height, width, 3] parameters."""
    del gradient
    rate = schedules.value(self.rate, step)
    return params * params.dtype.type(1 - rate)


@dataclasses.dataclass(frozen=True)
class GaussianBlur:
  """Blurs each channel.

  All the originals use scipy's Gaussian with what it does by default: the
  picture is mirrored at its edges, the kernel cut at 4 sigma. By Yosinski's
  documentation a sigma below 0.3 hardly works.

  Attributes:
    sigma: Standard deviation, in pixels; 0 leaves the picture as it is.
    every: Blurs at the steps 0, `every`, 2 `every` and so on.

  References:
    Yosinski et al. 2015, arXiv 1506.06579, and optimize/gradient_optimizer.py
    in github.com/yosinski/deep-visualization-toolbox.

  Raises:
    ValueError: If a setting is out of its range.
  """

  sigma: schedules.Schedule
  every: int = 1

  def __post_init__(self) -> None:
    """Checks the ranges."""
    _check_sigma('blur sigma', self.sigma)
    if self.every < 1:
      raise ValueError(f'blur every {self.every} steps; take 1 or more')

  def apply(
    self, params: np.ndarray, gradient: np.ndarray, step: schedules.Step
  ) -> np.ndarray:
    """Returns the blurred [batch, height, width, 3] parameters."""
    del gradient
    if step.index % self.every:
      return params
    sigma = schedules.value(self.sigma, step)
    return scipy.ndimage.gaussian_filter(
      params, (0, sigma, sigma, 0), mode='reflect', truncate=4.0
    )


@dataclasses.dataclass(frozen=True)
class Bilateral:
  """Blurs among pixels of like colour, which keeps edges.

  As magenta's pull request 792 does it with scikit-image of 2017: each picture
  is scaled to [0, 1] by its least and largest value, filtered and scaled back.
  A neighbour weighs exp(-(space / sigma_space)^2 / 2 - (colour / sigma_color)^2
  / 2) with the distances in pixels and in colour; that in colour is, as in
  scikit-image, the Euclidean distance divided by the number of channels.

  Attributes:
    sigma_color: Standard deviation in colour, in the scaled picture's unit; 0
      leaves the picture as it is.
    sigma_space: Standard deviation in pixels; 0 leaves the picture as it is.
    window: Height and width of the neighbourhood, in pixels; odd.
    edge: What lies outside of the picture: 'constant' is black, the least value
      in the picture, as scikit-image has it by default; else a mode of
      `numpy.pad`, as 'symmetric'. Black eats into bright edges where the
      sigmas are large.
    black: Parameters of black in each channel, `pixels.Pixels.limits` has them:
      the filter works on colours, and not on what is left of them without
      their mean.

  References:
    Tomasi and Manduchi 1998, Bilateral filtering for gray and color images;
    github.com/magenta/magenta/pull/792.

  Raises:
    ValueError: If a setting is out of its range.
  """

  sigma_color: schedules.Schedule
  sigma_space: schedules.Schedule
  window: int = 5
  edge: str = 'constant'
  black: Tuple[float, float, float] = (0.0, 0.0, 0.0)

  def __post_init__(self) -> None:
    """Checks the ranges."""
    _check_sigma('bilateral sigma_color', self.sigma_color)
    _check_sigma('bilateral sigma_space', self.sigma_space)
    if self.window < 1 or self.window % 2 == 0:
      raise ValueError(
        f'bilateral window is {self.window}; take an odd number of pixels'
      )

  def apply(
    self, params: np.ndarray, gradient: np.ndarray, step: schedules.Step
  ) -> np.ndarray:
    """Returns the filtered [batch, height, width, 3] parameters."""
    del gradient
    sigma_color = schedules.value(self.sigma_color, step)
    sigma_space = schedules.value(self.sigma_space, step)
    if sigma_color == 0 or sigma_space == 0:
      return params
    black = np.asarray(self.black, params.dtype)
    colours = params - black
    low = colours.min(axis=(1, 2, 3), keepdims=True)
    span = colours.max(axis=(1, 2, 3), keepdims=True) - low
    # A picture of one value has no range to be scaled by.
    span[span == 0] = 1
    scaled = (colours - low) / span
    filtered = self._filter(scaled, sigma_color, sigma_space)
    return filtered * span + low + black

  def _filter(
    self, images: np.ndarray, sigma_color: float, sigma_space: float
  ) -> np.ndarray:
    """Filters scaled images, one neighbour of all pixels at a time."""
    radius = self.window // 2
    height, width, channels = images.shape[1:]
    margin = ((0, 0), (radius, radius), (radius, radius), (0, 0))
    padded = np.pad(images, margin, mode=self.edge)  # type: ignore[call-overload]
    totals = np.zeros_like(images)
    weights = np.zeros_like(images[..., :1])
    for down, across in itertools.product(range(self.window), repeat=2):
      space = (down - radius) ** 2 + (across - radius) ** 2
      if np.exp(-space / (2 * sigma_space**2)) < _NEGLIGIBLE:
        continue
      neighbour = padded[:, down : down + height, across : across + width]
      difference = neighbour - images
      # Many times as fast as a sum over the last axis.
      colour = np.einsum('bhwc,bhwc->bhw', difference, difference)
      colour /= (channels * sigma_color) ** 2
      weight = np.exp(-(space / sigma_space**2 + colour) / 2)[..., None]
      totals += np.multiply(weight, neighbour, out=difference)
      weights += weight
    # At least 1: the pixel itself.
    return totals / weights


@dataclasses.dataclass(frozen=True)
class ClipNorm:
  """Sets the pixels to 0 whose colour is nearest to 0.

  Attributes:
    percentile: Share of the picture's pixels, in percent: those whose norm over
      the channels is below this percentile.

  References:
    Yosinski et al. 2015, arXiv 1506.06579, section 3, theta_n_pct.

  Raises:
    ValueError: If the percentile is out of its range.
  """

  percentile: schedules.Schedule

  def __post_init__(self) -> None:
    """Checks the range."""
    schedules.check_range('norm percentile', self.percentile, 0, 100)

  def apply(
    self, params: np.ndarray, gradient: np.ndarray, step: schedules.Step
  ) -> np.ndarray:
    """Returns the clipped [batch, height, width, 3] parameters."""
    del gradient
    norms = np.linalg.norm(params, axis=-1, keepdims=True)
    percentile = schedules.value(self.percentile, step)
    return _without_least(params, norms, percentile)


@dataclasses.dataclass(frozen=True)
class ClipContribution:
  """Sets the pixels to 0 that the score owes least to.

  What a pixel contributes is, to first order, what the score would lose without
  it: the sum of gradient times value over the channels. It is taken without its
  sign, with the gradient of the step and the values after it, as the authors'
  code does.

  Attributes:
    percentile: Share of the picture's pixels, in percent.

  References:
    Yosinski et al. 2015, arXiv 1506.06579, section 3, theta_c_pct, and
    optimize/gradient_optimizer.py, px_abs_benefit_percentile.

  Raises:
    ValueError: If the percentile is out of its range.
  """

  percentile: schedules.Schedule

  def __post_init__(self) -> None:
    """Checks the range."""
    schedules.check_range('contribution percentile', self.percentile, 0, 100)

  def apply(
    self, params: np.ndarray, gradient: np.ndarray, step: schedules.Step
  ) -> np.ndarray:
    """Returns the clipped [batch, height, width, 3] parameters."""
    contributions = np.abs(np.sum(gradient * -params, axis=-1, keepdims=True))
    percentile = schedules.value(self.percentile, step)
    return _without_least(params, contributions, percentile)


@dataclasses.dataclass(frozen=True)
class ClipRange:
  """Keeps every value in its channel's range.

  Attributes:
    black: Least value of each channel; `pixels.Pixels.limits` has both.
    white: Largest value of each channel.
  """

  black: Tuple[float, float, float]
  white: Tuple[float, float, float]

  def apply(
    self, params: np.ndarray, gradient: np.ndarray, step: schedules.Step
  ) -> np.ndarray:
    """Returns the clipped [batch, height, width, 3] parameters."""
    del gradient, step
    black = np.asarray(self.black, params.dtype)
    return np.clip(params, black, np.asarray(self.white, params.dtype))


def _check_sigma(name: str, sigma: schedules.Schedule) -> None:
  """Raises ValueError if a standard deviation is ever below 0."""
  for end in schedules.ends(sigma):
    if end < 0:
      raise ValueError(f'{name} is {end}; take 0 or more, 0 for none')


def _without_least(
  params: np.ndarray, measure: np.ndarray, percentile: float
) -> np.ndarray:
  """Sets the pixels to 0 whose measure is below its percentile in the picture.

  Args:
    params: [batch, height, width, 3] array.
    measure: [batch, height, width, 1] array.
    percentile: In percent.
  """
  threshold = np.percentile(measure, percentile, axis=(1, 2, 3), keepdims=True)
  return np.where(measure < threshold, params.dtype.type(0), params)
