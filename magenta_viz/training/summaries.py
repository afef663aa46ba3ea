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
"""What TensorBoard shows of a training."""

from typing import Mapping, Optional

import numpy as np
import tensorflow as tf

from magenta_viz.files import places
from magenta_viz.media import summaries

# Steps between two summaries: a curve is smooth.
EVERY = 10

# Input pictures that are shown.
_NUM_INPUTS = 8


class Summaries(summaries.EventFile):
  """Writes numbers and pictures to a folder."""

  def __init__(self, log_dir: Optional[str]):
    """Opens a file.

    Args:
      log_dir: Folder of the summaries, in which '~' is the user's home; None
        writes none.

    Raises:
      OSError: If it cannot be written. So do the methods.
    """
    super().__init__(None if log_dir is None else str(places.of_user(log_dir)))

  def scalars(self, step: int, values: Mapping[str, float]) -> None:
    """Writes numbers.

    Args:
      step: Number of steps made.
      values: By name, such as 'train/loss'.
    """
    if not self.is_open:
      return
    with self.at(step):
      for name, value in values.items():
        tf.summary.scalar(name, value)

  def inputs(self, step: int, images: np.ndarray) -> None:
    """Writes the first of a batch's pictures, as the network sees them.

    Args:
      step: Number of steps made.
      images: [batch, height, width, 3] float array in [0, 1].
    """
    if not self.is_open:
      return
    with self.at(step):
      tf.summary.image('inputs', images, max_outputs=_NUM_INPUTS)

  def pictures(self, step: int, images: Mapping[str, np.ndarray]) -> None:
    """Writes pictures of classes.

    Args:
      step: Number of steps made.
      images: [height, width, 3] float array in [0, 1] of each name.
    """
    if not self.is_open:
      return
    with self.at(step):
      for name, image in images.items():
        tf.summary.image(f'classes/{name}', image[None])
