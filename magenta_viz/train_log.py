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

import contextlib
import os
from typing import Any, Iterator, Mapping, Optional

import numpy as np
import tensorflow as tf

from magenta_viz import train_errors

# Steps between two summaries: a curve is smooth.
EVERY = 10

# Input pictures that are shown.
_NUM_INPUTS = 8


class TrainLog(contextlib.AbstractContextManager):
  """Writes numbers and pictures to a folder.

  A context manager; leaving it flushes and closes the file.
  """

  def __init__(self, log_dir: Optional[str]):
    """Opens a file.

    Args:
      log_dir: Folder of the summaries, in which '~' is the user's home; None
        writes none.

    Raises:
      OSError: If it cannot be written. So do the methods.
    """
    self._writer = None
    if log_dir is not None:
      self._folder = os.path.expanduser(log_dir)
      with self._errors():
        self._writer = tf.summary.create_file_writer(self._folder)

  def __exit__(self, error: Any, *unused_details: Any) -> None:
    """Closes the file."""
    if self._writer is None:
      return
    # What was raised before counts, and may be why it cannot be closed.
    with self._errors() if error is None else contextlib.suppress(Exception):
      self._writer.close()

  def scalars(self, step: int, values: Mapping[str, float]) -> None:
    """Writes numbers.

    Args:
      step: Number of steps made.
      values: By name, such as 'train/loss'.
    """
    if self._writer is None:
      return
    with self._errors(), self._writer.as_default(step=step):
      for name, value in values.items():
        tf.summary.scalar(name, value)

  def inputs(self, step: int, images: np.ndarray) -> None:
    """Writes the first of a batch's pictures, as the network sees them.

    Args:
      step: Number of steps made.
      images: [batch, height, width, 3] float array in [0, 1].
    """
    if self._writer is None:
      return
    with self._errors(), self._writer.as_default(step=step):
      tf.summary.image('inputs', images, max_outputs=_NUM_INPUTS)

  def pictures(self, step: int, images: Mapping[str, np.ndarray]) -> None:
    """Writes pictures of classes.

    Args:
      step: Number of steps made.
      images: [height, width, 3] float array in [0, 1] of each name.
    """
    if self._writer is None:
      return
    with self._errors(), self._writer.as_default(step=step):
      for name, image in images.items():
        tf.summary.image(f'classes/{name}', image[None])

  @contextlib.contextmanager
  def _errors(self) -> Iterator[None]:
    """Raises TensorFlow's errors as the system's, in one line."""
    try:
      yield
    except tf.errors.OpError as error:
      # 'path; reason'.
      reason = train_errors.first_line(error).rpartition('; ')[2]
      raise OSError(
        f"cannot write what TensorBoard shows to '{self._folder}': {reason};"
        ' name a --log_dir that can be written, with room on its disk'
      ) from error
