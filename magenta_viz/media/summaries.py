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

"""What TensorBoard shows: files of summaries, and those of an ascent."""

import contextlib
from pathlib import Path
import re
import tempfile
import time
from typing import (
  Any,
  Callable,
  ContextManager,
  Iterable,
  Iterator,
  Optional,
  Sequence,
)

import numpy as np
import tensorflow as tf

from magenta_viz.files import places
from magenta_viz.media import atomic_files

# Steps between two scores: a curve is smooth.
_SCORE_EVERY = 10

# On the way to a picture, which cost disk space.
_NUM_IMAGES = 10

# Seconds between two puts of the file at an address: as often as TensorFlow
# itself writes.
_PUT_EVERY = 120.0


def first_line(error: tf.errors.OpError) -> str:
  """Returns the first line of TensorFlow's message, but for its operations."""
  text = re.sub(r'\{\{.*?\}\}|\[Op:.*', '', error.message)
  return text.partition('\n')[0].strip()


class EventFile(ContextManager[Any]):
  """A file of summaries in a folder, or none.

  A context manager; leaving it flushes and closes the file.
  """

  def __init__(self, log_dir: Optional[str]):
    """Opens a file.

    Args:
      log_dir: Folder of the summaries; None writes none.

    Raises:
      OSError: If it cannot be written. So do the methods.
    """
    self._folder = log_dir
    self._writer: Any = None
    self._staging: Any = None
    if log_dir is None:
      return
    if places.is_address(log_dir):
      # TensorFlow appends, which no store does.
      self._staging = tempfile.TemporaryDirectory()
      self._put_at = time.monotonic()
      log_dir = self._staging.name
    with self._errors():
      self._writer = tf.summary.create_file_writer(log_dir)

  def __exit__(self, error: Any, *unused_details: Any) -> None:
    """Closes the file."""
    if self._writer is None:
      return
    # What was raised before counts, and may be why it cannot be closed.
    told = self._errors() if error is None else contextlib.suppress(Exception)
    with self._staging or contextlib.nullcontext():
      with told, contextlib.closing(self._writer):
        # Closing alone keeps errors to itself.
        self._flush()

  def _flush(self) -> None:
    """Lets all that is written reach the folder."""
    self._writer.flush()
    if self._staging is not None:
      assert self._folder is not None
      for file in Path(self._staging.name).iterdir():
        target = places.place(self._folder) / file.name
        atomic_files.write_file(target, file.read_bytes())
      self._put_at = time.monotonic()

  @property
  def is_open(self) -> bool:
    """Whether there is a file."""
    return self._writer is not None

  @contextlib.contextmanager
  def at(self, step: int) -> Iterator[None]:
    """Lets what `tf.summary` writes in the block go to the file, if it is open.

    Args:
      step: That the summaries are of.
    """
    with self._errors(), self._writer.as_default(step=step):
      yield
    if self._staging and time.monotonic() > self._put_at + _PUT_EVERY:
      self._flush()

  @contextlib.contextmanager
  def _errors(self) -> Iterator[None]:
    """Raises TensorFlow's errors as the system's, in one line."""
    try:
      yield
    except tf.errors.OpError as error:
      # 'path; reason'.
      reason = first_line(error).rpartition('; ')[2]
      raise OSError(
        f"cannot write what TensorBoard shows to '{self._folder}': {reason};"
        ' name a --log_dir that can be written, with room on its disk'
      ) from error


class Summaries(EventFile):
  """Writes scores and images of a batch of pictures to a folder."""

  def __init__(
    self, log_dir: Optional[str], names: Sequence[str], num_steps: int
  ):
    """Opens a file for the pictures called `names`, or none without a folder.

    Args:
      log_dir: Folder of the summaries; None writes none.
      names: One a picture.
      num_steps: Of the ascent.

    Raises:
      OSError: If it cannot be written. So do the methods.
    """
    super().__init__(log_dir)
    self._names = names
    self._num_steps = num_steps

  def write(
    self, step: int, scores: np.ndarray, images: Callable[[], tf.Tensor]
  ) -> None:
    """Writes what is due at a step.

    Args:
      step: Counted from 0.
      scores: [batch] array.
      images: Makes the [batch, height, width, 3] images in [0, 1].
    """
    if not self.is_open:
      return
    with self.at(step):
      if step % _SCORE_EVERY == 0:
        for name, score in zip(self._names, scores):
          tf.summary.scalar(f'{name}/score', score)
      if step % max(self._num_steps // _NUM_IMAGES, 1) == 0:
        self._write_images(images())

  def finish(self, images: Sequence[np.ndarray]) -> None:
    """Writes the finished pictures.

    Args:
      images: [height, width, 3] in [0, 1], one a name.
    """
    if self.is_open:
      with self.at(self._num_steps):
        self._write_images(images)

  def _write_images(self, images: Iterable[Any]) -> None:
    """Writes a picture of each name."""
    for name, image in zip(self._names, images):
      tf.summary.image(f'{name}/picture', image[None])
