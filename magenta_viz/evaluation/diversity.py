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

"""How different pictures are to a judge."""

import numpy as np
from scipy.spatial import distance

# Standard deviation of the noise, on the scale of pictures, [0, 1]: about 13
# levels of 255, plain to see, and yet nobody takes it for another picture. It
# is our choice: nothing published sets it.
NOISE_DEVIATION = 0.05


def between(features: np.ndarray) -> float:
  """Returns the mean distance of all pairs of pictures.

  The distance is 1 minus the cosine of the angle between the features: 0 of the
  same direction, 1 of a right angle, which is the most for features that are
  never negative. Features that are all zero have no direction: they are at 0
  from each other and at 1 from all others.

  Args:
    features: [pictures, channels] float, finite, of two pictures or more.

  Raises:
    ValueError: If there are fewer pictures, or values that are not finite.
  """
  if features.ndim != 2 or len(features) < 2:
    raise ValueError(
      f'features have shape {list(features.shape)}; they must be [pictures,'
      ' channels], with at least two pictures'
    )
  if not np.isfinite(features).all():
    raise ValueError('features are NaN or infinite; all must be finite numbers')
  wide = features.astype(np.float64)
  norms = np.linalg.norm(wide, axis=1, keepdims=True)
  is_zero = norms == 0
  # The zeros' own direction.
  units = np.hstack([wide / np.where(is_zero, 1, norms), is_zero])
  # Half the square of a chord is 1 - cosine, without its rounding error: copies
  # are at 0, and nothing is below.
  return float(np.mean(distance.pdist(units, 'sqeuclidean')) / 2)


def noisy(image: np.ndarray, generator: np.random.Generator) -> np.ndarray:
  """Returns a picture with Gaussian noise of `NOISE_DEVIATION`.

  How far apart a judge puts such copies of one picture is the floor for the
  distances of pictures that are meant to differ.

  Args:
    image: [height, width, 3] float, RGB, in [0, 1].
    generator: Source of the noise, other in each channel of each pixel.

  Returns:
    [height, width, 3] float32, clipped to [0, 1].
  """
  noise = generator.standard_normal(image.shape)
  return np.clip(image + NOISE_DEVIATION * noise, 0, 1).astype(np.float32)
