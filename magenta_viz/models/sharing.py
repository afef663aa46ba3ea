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

"""What the runs of one process share, so that each is made once."""

import threading
from typing import Any, Callable, Dict, Hashable


class Shared:
  """The last few things that were made, by what each was made of.

  Threads may use it: of those that want the same at once, one makes it.
  """

  def __init__(self, most: int):
    """Takes how many things are kept.

    Args:
      most: 1 or more; the one that was not asked for the longest is let go.
    """
    self._most = most
    self._things: Dict[Hashable, Any] = {}
    self._lock = threading.RLock()

  def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
    """Returns what was made for a key, or makes it.

    Args:
      key: All that it depends on. What is equal makes the same.
      make: Makes it; what it raises leaves everything as it was.
    """
    with self._lock:
      thing = self._things.pop(key) if key in self._things else make()
      # The last of the dictionary is the one that was asked for last.
      self._things[key] = thing
      if len(self._things) > self._most:
        del self._things[next(iter(self._things))]
      return thing

  def clear(self) -> None:
    """Lets go of everything."""
    with self._lock:
      self._things.clear()
