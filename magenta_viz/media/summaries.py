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

"""What TensorBoard shows of an ascent."""

import contextlib
from typing import Any, Callable, Optional, Sequence

import numpy as np
import tensorflow as tf

# Steps between two summaries: a curve is smooth, and images cost disk space.
_SCORE_EVERY = 10
_IMAGE_EVERY = 80


class Summaries(contextlib.AbstractContextManager):
  """Writes scores and images of a batch of pictures to a folder.

  A context manager; leaving it flushes and closes the file.
  """

  def __init__(self, log_dir: Optional[str], names: Sequence[str]):
    """Opens a file for the pictures called `names`, or none without a folder.

    Args:
      log_dir: Folder of the summaries; None writes none.
      names: One a picture.
    """
    self._names = names
    self._writer = None
    if log_dir is not None:
      self._writer = tf.summary.create_file_writer(log_dir)

  def __exit__(self, *unused_error: Any) -> None:
    """Closes the file."""
    if self._writer is not None:
      self._writer.close()

  def write(
    self, step: int, scores: np.ndarray, images: Callable[[], tf.Tensor]
  ) -> None:
    """Writes what is due at a step.

    Args:
      step: Counted from 0.
      scores: [batch] array.
      images: Makes the [batch, height, width, 3] images in [0, 1].
    """
    if self._writer is None:
      return
    with self._writer.as_default(step=step):
      if step % _SCORE_EVERY == 0:
        for name, score in zip(self._names, scores):
          tf.summary.scalar(f'{name}/score', score)
      if step % _IMAGE_EVERY == 0:
        for name, image in zip(self._names, images()):
          tf.summary.image(f'{name}/picture', image[None])
