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

"""What a judge, a network that looks at pictures, says of one of them."""

import dataclasses
from typing import Optional, Tuple

import numpy as np


@dataclasses.dataclass(frozen=True)
class Guess:
  """A class that a judge takes a picture for.

  Attributes:
    class_id: The class, among the judge's.
    class_name: All its names.
    probability: What the judge gives it, in [0, 1].
  """

  class_id: int
  class_name: str
  probability: float


@dataclasses.dataclass(frozen=True, eq=False)
class Prediction:
  """What a judge says of a picture.

  Attributes:
    class_id: The picture's own class among the judge's; None if it is of none
      of them, as then are rank and probability.
    rank: Place of that class, 1 for the first: one more than the classes that
      are likelier.
    probability: Of that class, in [0, 1].
    guesses: The five likeliest classes, or all where there are fewer, the
      likeliest first; of equals the one of lower id.
    features: [channels] float32, the mean over all positions of the end point
      that the judge's classifier looks at.
    noise: Distance of two noisy copies of the picture; None where it was not
      measured.
  """

  class_id: Optional[int]
  rank: Optional[int]
  probability: Optional[float]
  guesses: Tuple[Guess, ...]
  features: np.ndarray
  noise: Optional[float] = None
