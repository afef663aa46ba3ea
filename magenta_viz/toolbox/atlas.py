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

"""An atlas: a folder of finished pictures of units and classes, and its news.

It may have ten thousands of pictures, and somebody may still be drawing them:
a thread reads their records, the newest first, and again when it is asked for
after a while.
"""

import collections
from pathlib import Path
import threading
import time
from typing import List, Mapping, Optional

from absl import logging

from magenta_viz.media import pages
from magenta_viz.toolbox import shelf as shelf_lib

# Between the end of one reading and the next, in seconds. To look for what is
# new among 30,000 records takes 0.3.
_SECONDS_A_READING = 10

_OF_OTHERS = 'of networks that are not shown'


class Atlas(shelf_lib.Shelf):
  """The pictures of an atlas, read while others look at them."""

  def __init__(self, folder: Path):
    """Takes the folder.

    Raises:
      OSError: If there is none, or it cannot be read.
    """
    try:
      next(folder.iterdir(), None)
    except OSError as error:
      raise type(error)(
        f"cannot read the folder '{folder}': {error.strerror}; give --atlas a"
        ' folder of pictures with their records'
      ) from error
    super().__init__(folder)
    self._shown: Mapping[str, str] = {}
    self._others: Optional[int] = None
    self._waiting = threading.Lock()
    self._next = 0.0

  def begin(self, shown: Mapping[str, str]) -> None:
    """Begins to read, in a thread.

    Args:
      shown: Names of the networks that are shown, by the SHA-256 of their
        weights.
    """
    self._shown = shown
    self.refresh()

  @property
  def is_reading(self) -> bool:
    """Whether more may come."""
    return self._next == float('inf')

  def refresh(self) -> None:
    """Reads what is new, in a thread, unless that was done just now."""
    with self._waiting:
      if time.monotonic() < self._next:
        return
      # Not before this one has ended.
      self._next = float('inf')
    threading.Thread(target=self._read_and_tell, daemon=True).start()

  def _read_and_tell(self) -> None:
    """Reads what is new, and says in a line what does not count, if any."""
    try:
      self.tell(self.read())
    except OSError as error:
      logging.warning('cannot read the atlas: %s', error)
    finally:
      with self._waiting:
        self._next = time.monotonic() + _SECONDS_A_READING

  def tell(self, errors: List[shelf_lib.PassedOverError]) -> None:
    """Says how many pictures there are, and why others do not count.

    Once: nothing where nothing is new but pictures.
    """
    counts = self.counts()
    others = sum(n for sha, n in counts.items() if sha not in self._shown)
    passed = collections.Counter(each.why for each in errors)
    if others not in (0, self._others):
      passed[_OF_OTHERS] = others
    is_first = self._others is None
    self._others = others
    if not is_first and not passed:
      return
    facts = [
      f'{pages.count(counts.get(sha, 0), "picture")} of {name}'
      for sha, name in self._shown.items()
    ]
    facts += [f'{count} {why} passed over' for why, count in passed.items()]
    if errors:
      facts.append(f'such as {str(errors[0])[:300]!r}')
    logging.info("The atlas '%s': %s.", self.folder, '; '.join(facts))
