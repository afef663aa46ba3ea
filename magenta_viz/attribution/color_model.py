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

"""A mixture of Gaussians for the colours of a part of a picture."""

from typing import NamedTuple

import numpy as np

# Standard deviation of 0.01, or 2.5 of 256 levels: no colour is known better.
_VARIANCE_FLOOR = 1e-4
_NUM_ITERATIONS = 20
# So many colours tell the mixture; more cost time.
_MAX_COLORS = 10_000


class ColorModel(NamedTuple):
  """A mixture of Gaussians.

  Attributes:
    weights: [components] float64; they add up to 1.
    means: [components, 3] float64.
    covariances: [components, 3, 3] float64.
  """

  weights: np.ndarray
  means: np.ndarray
  covariances: np.ndarray

  def log_densities(self, colors: np.ndarray) -> np.ndarray:
    """Returns the logarithm of the density at each of [count, 3] colours."""
    return np.logaddexp.reduce(self._log_terms(colors), axis=1)

  def _log_terms(self, colors: np.ndarray) -> np.ndarray:
    """Returns the logarithm of each component's part, [count, components]."""
    offsets = colors[:, None] - self.means
    inverses = np.linalg.inv(self.covariances)
    distances = np.einsum('nki,kij,nkj->nk', offsets, inverses, offsets)
    _, log_determinants = np.linalg.slogdet(2 * np.pi * self.covariances)
    return np.log(self.weights) - (log_determinants + distances) / 2


def fit(colors: np.ndarray, num_components: int) -> ColorModel:
  """Fits a mixture to colours by expectation maximization.

  It begins with equal parts along the axis of the colours' largest variance,
  so that nothing is random.

  Args:
    colors: [count, 3] float, at least one; of more than 10 000, as many at
      equal distances count.
    num_components: Gaussians in the mixture; fewer if there are fewer colours.
  """
  colors = np.asarray(colors, np.float64)
  if len(colors) > _MAX_COLORS:
    picked = np.linspace(0, len(colors) - 1, _MAX_COLORS).astype(int)
    colors = colors[picked]
  num_components = min(num_components, len(colors))
  _, _, axes = np.linalg.svd(colors - colors.mean(axis=0), full_matrices=False)
  order = np.argsort(colors @ axes[0], kind='stable')
  shares = np.zeros((len(colors), num_components))
  for component, part in enumerate(np.array_split(order, num_components)):
    shares[part, component] = 1
  model = _maximize(colors, shares)
  for _ in range(_NUM_ITERATIONS):
    terms = model._log_terms(colors)
    total = np.logaddexp.reduce(terms, axis=1, keepdims=True)
    model = _maximize(colors, np.exp(terms - total))
  return model


def _maximize(colors: np.ndarray, shares: np.ndarray) -> ColorModel:
  """Returns the likeliest mixture, given each colour's shares in it."""
  # A component that lost all its colours stays, with next to no weight.
  counts = shares.sum(axis=0) + 1e-9
  means = shares.T @ colors / counts[:, None]
  offsets = colors[:, None] - means
  covariances = np.einsum('nk,nki,nkj->kij', shares, offsets, offsets)
  covariances /= counts[:, None, None]
  covariances += _VARIANCE_FLOOR * np.eye(colors.shape[1])
  return ColorModel(counts / counts.sum(), means, covariances)
