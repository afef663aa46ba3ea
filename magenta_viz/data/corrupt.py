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

"""Pictures that cannot be decoded, and errors inside of tf.data."""

import contextlib
import threading
from typing import Dict, Iterator, Mapping, Optional, Tuple

from absl import logging
import tensorflow as tf


class Corrupt:
  """Pictures that cannot be decoded: counted, named, and limited in number.

  Each is logged the first time that it is met. The count is of one process
  and starts anew when a run is resumed. Names tell pictures apart within a
  split, so each split has its own count.
  """

  def __init__(self, limit: int) -> None:
    """Counts none yet.

    Args:
      limit: How many there may be, by their names.

    Raises:
      ValueError: If the limit is below 0.
    """
    if limit < 0:
      raise ValueError(f'limit of corrupt pictures is {limit}; take 0 or more')
    self.limit = limit
    self._reasons: Dict[str, str] = {}
    self._error: Optional[Exception] = None
    # tf.data calls from threads of its own.
    self._lock = threading.Lock()

  @property
  def names(self) -> Tuple[str, ...]:
    """The names of the pictures, in the order in which they were met."""
    return tuple(self._reasons)

  def add(self, name: str, reason: str) -> None:
    """Counts a picture, once.

    Raises:
      ValueError: If there are more than the limit now.
    """
    with self._lock:
      if name in self._reasons:
        return
      self._reasons[name] = reason
      count = len(self._reasons)
    if count > self.limit:
      raise ValueError(
        f"corrupt picture '{name}' ({reason}) is one more than the limit of"
        f' {self.limit}; mend or remove it and those that the log names, or'
        ' raise the limit'
      )
    logging.warning("picture '%s' is left out: %s", name, reason)

  def add_all(self, reasons: Mapping[str, str]) -> None:
    """Counts pictures with their reasons, by their names, as `add` does."""
    for name, reason in reasons.items():
      self.add(name, reason)

  @contextlib.contextmanager
  def kept(self) -> Iterator[None]:
    """Keeps what is raised inside of it for `errors`, and lets it pass."""
    try:
      yield
    except Exception as error:
      self._error = error
      raise

  @contextlib.contextmanager
  def errors(self) -> Iterator[None]:
    """Raises what tf.data raised inside of it as what it was.

    Put it around all that reads the batches.

    Raises:
      ValueError: If there are more corrupt pictures than the limit, or a label
        is none of the classes'.
      Exception: Whatever else the source of the examples raised.
    """
    try:
      yield
    except tf.errors.OpError:
      if self._error is None:
        raise
      raise self._error from None
