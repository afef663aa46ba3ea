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
"""Networks for tests of several that draw together."""

from typing import Optional, Sequence, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.ascent import ensemble
from magenta_viz.ascent.objectives import objectives
from magenta_viz.models import network_protocol

# Of what a network sees, in pixels.
SIDE = 6


class Wanted:
  """A network whose classes rise where a view is like what they want."""

  def __init__(self, seed: int, strength: float = 1.0):
    """Draws what it wants, and takes by how much its scores rise."""
    generator = np.random.default_rng(seed)
    self.wanted = generator.uniform(0.2, 0.8, (3, SIDE, SIDE, 3))
    self.strength = strength

  def __call__(self, views: tf.Tensor) -> network_protocol.Outputs:
    """Returns the scores of [batch, height, width, 3] views."""
    views = tf.image.resize(views, [SIDE, SIDE])
    difference = views[:, None] - tf.constant(self.wanted[None], tf.float32)
    squares = tf.reduce_sum(difference**2, [2, 3, 4])
    return network_protocol.Outputs(-self.strength * squares / 2, {})

  def gradient(self, view: np.ndarray, class_id: int) -> np.ndarray:
    """Returns the gradient of a class's score to a view of its own side."""
    return self.strength * (self.wanted[class_id] - view)


def agreement(
  count: int,
  weights: Optional[Sequence[float]] = None,
  class_ids: Optional[Sequence[Optional[Tuple[int, ...]]]] = None,
) -> ensemble.Agreement:
  """Returns the agreement of some networks on the class of a picture."""
  return ensemble.Agreement(
    names=('googlenet', 'squeezenet', 'inception_v1')[:count],
    members=(objectives.ClassLogit(),) * count,
    weights=tuple(weights or (1.0,) * count),
    class_ids=tuple(class_ids or (None,) * count),
  )
