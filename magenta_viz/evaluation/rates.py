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

"""Rates and means over pictures, with what chance may have done to them."""

import dataclasses

import numpy as np
import numpy.typing as npt
from scipy import stats

# Drawn for each interval: its ends are then within 0.03 standard errors of
# those of infinitely many.
NUM_RESAMPLES = 10_000

# Values drawn at once, so that memory does not grow with the resamples: 64 MiB.
_MAX_DRAWN = 2**22


@dataclasses.dataclass(frozen=True)
class Rate:
  """A mean over pictures and its 95 % interval.

  Attributes:
    value: The mean; of a rate, the share of the pictures, in [0, 1].
    low: Lower end of the interval.
    high: Upper end of the interval.
    count: Number of pictures.
  """

  value: float
  low: float
  high: float
  count: int


def mean(values: npt.ArrayLike, seed: int = 0) -> Rate:
  """Returns the mean of some values, with a bootstrap percentile interval.

  The pictures are drawn again, with replacement, `NUM_RESAMPLES` times; the
  interval is from the 2.5th to the 97.5th percentile of the means. It takes
  them for independent draws: the pictures of one class are not, so of several
  give one value, their mean.

  Where all values are the same, as where no picture or every one is right, or
  there is but one, the interval has no width. That says that there was nothing
  to draw from, not that the next picture will be the same; `count` tells.

  Args:
    values: [pictures] finite numbers, such as probabilities.
    seed: Seed of the draws. The same gives the same interval, and the same
      draws of as many pictures.

  Raises:
    ValueError: If there are no values, or some are not finite.

  References:
    Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.
  """
  numbers = np.asarray(values, np.float64)
  if numbers.ndim != 1 or not len(numbers):
    raise ValueError(
      f'values have shape {list(numbers.shape)}; it must be [pictures], with '
      'at least one picture'
    )
  num_bad = len(numbers) - np.count_nonzero(np.isfinite(numbers))
  if num_bad:
    raise ValueError(
      f'{num_bad} values of {len(numbers)} are NaN or infinite; all must be '
      'finite numbers'
    )
  value = float(numbers.mean())
  if len(numbers) == 1:
    # Of which SciPy resamples nothing.
    return Rate(value, value, value, 1)
  low, high = stats.bootstrap(
    (numbers,),
    np.mean,
    vectorized=True,
    n_resamples=NUM_RESAMPLES,
    batch=max(1, _MAX_DRAWN // len(numbers)),
    method='percentile',
    random_state=np.random.default_rng(seed),
  ).confidence_interval
  return Rate(value, float(low), float(high), len(numbers))
