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

"""Lays activations out on a plane, neighbours beside one another, in a grid.

By t-SNE of scikit-learn: it is there for every version of Python and NumPy that
the package is for, and does the same each time. UMAP, which the activation
atlas of Distill took, needs numba, which is behind NumPy's versions by months.

References:
  van der Maaten and Hinton 2008, Visualizing data using t-SNE.
  Carter et al. 2019, Activation atlas, Distill, and its notebook: cosines as
  distances, clipped outliers, a grid of means.
"""

from typing import Any, List, NamedTuple

import numpy as np

# Before t-SNE, as van der Maaten and Hinton have 30 and scikit-learn advises
# 50.
_NUM_COMPONENTS = 50

# With fewer points, their two principal components say all.
_LEAST_FOR_TSNE = 10
_PERPLEXITY = 30

# Percents of the points at either end that do not set the scale, and the share
# of it that they may be outside (the notebook's normalize_layout).
_OUTLIERS = 1
_MARGIN = 0.1

# A mean of fewer is no mean.
LEAST_POINTS = 3


class Cell(NamedTuple):
  """A place of the grid that has enough points.

  Attributes:
    row: From the top.
    column: From the left.
    points: [points] int array, their numbers.
  """

  row: int
  column: int
  points: np.ndarray


def load_manifold() -> Any:
  """Returns scikit-learn's part that has t-SNE.

  Raises:
    OSError: If it is missing.
  """
  try:
    from sklearn import manifold
  except ModuleNotFoundError as error:
    raise OSError(
      'an activation atlas needs scikit-learn, which is missing: pip install'
      " 'magenta_viz[beam]'"
    ) from error
  return manifold


def lay_out(activations: np.ndarray, seed: int) -> np.ndarray:
  """Returns where points are on the plane.

  The same each time on one machine: it works in one thread.

  Args:
    activations: [points, channels] float array; their lengths do not count.
    seed: Of t-SNE.

  Returns:
    [points, 2] float32 in [0, 1]: down, and to the right.
  """
  # Before the threads are limited, for its own to be among them.
  manifold = load_manifold()
  import threadpoolctl

  with threadpoolctl.threadpool_limits(limits=1):
    components = _principal(activations)
    if len(activations) < _LEAST_FOR_TSNE:
      found = components[:, :2]
    else:
      start = components[:, :2] / max(components[:, 0].std(), 1e-12) * 1e-4
      found = manifold.TSNE(
        perplexity=min(_PERPLEXITY, (len(activations) - 1) / 3),
        init=start.astype(np.float32),
        learning_rate='auto',
        random_state=seed,
        n_jobs=1,
      ).fit_transform(components.astype(np.float32))
  return _within(found).astype(np.float32)


def cells(
  places: np.ndarray, side: int, least: int = LEAST_POINTS
) -> List[Cell]:
  """Shares points out among the places of a grid.

  Args:
    places: [points, 2] array in [0, 1], as of `lay_out`.
    side: Rows, and columns, of the grid.
    least: Points without which a place stays empty.

  Returns:
    The places with enough points, row by row.
  """
  rows, columns = np.minimum((places * side).astype(int), side - 1).T
  numbers = rows * side + columns
  found = []
  for number in np.unique(numbers):
    points = np.flatnonzero(numbers == number)
    if len(points) >= least:
      found.append(Cell(int(number) // side, int(number) % side, points))
  return found


def _principal(activations: np.ndarray) -> np.ndarray:
  """Returns principal components of points that are brought to one length.

  Returns:
    [points, components] float64, two at least; each is turned so that its
    largest share is positive.
  """
  points = activations.astype(np.float64)
  lengths = np.linalg.norm(points, axis=1, keepdims=True)
  points /= np.maximum(lengths, 1e-12)
  points -= points.mean(axis=0)
  _, axes = np.linalg.eigh(points.T @ points)
  axes = axes[:, ::-1][:, :_NUM_COMPONENTS]
  largest = np.abs(axes).argmax(axis=0)
  axes = axes * np.sign(axes[largest, np.arange(axes.shape[1])])
  # A layer may have one channel.
  room = max(2 - axes.shape[1], 0)
  return np.pad(points @ axes, [(0, 0), (0, room)])


def _within(places: np.ndarray) -> np.ndarray:
  """Returns places in [0, 1], outliers at the rim."""
  low, high = np.percentile(places, [_OUTLIERS, 100 - _OUTLIERS], axis=0)
  margin = _MARGIN * (high - low)
  clipped = np.clip(places, low - margin, high + margin)
  clipped = clipped - clipped.min(axis=0)
  extent = clipped.max(axis=0)
  # Points that are all in one place are in the middle.
  return np.where(extent > 0, clipped / np.where(extent > 0, extent, 1), 0.5)
