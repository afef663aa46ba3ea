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

"""Values of records, which may come from strangers, each checked."""

import dataclasses
import json
from pathlib import Path
from typing import Any, Dict, List, Optional

# Than which no text has more signs: the longest are the names of classes.
_MAX_TEXT = 1000


@dataclasses.dataclass(frozen=True)
class Reader:
  """Reads a record's values, or a part's, each of which may be missing.

  Attributes:
    path: Of the record, for messages.
    record: It, or a part of it.
    place: Of that part, for messages: 'settings.networks[1].'.
  """

  path: Path
  record: Dict[str, Any]
  place: str = ''

  def get(self, key: str, *types: type) -> Any:
    """Returns a value; None if it is missing or null.

    Raises:
      ValueError: If it is of none of the types, or too long a text.
    """
    value = self.record.get(key)
    if value is None:
      return None
    # To Python, true and false are numbers.
    is_bool = isinstance(value, bool)
    is_long = isinstance(value, str) and len(value) > _MAX_TEXT
    if isinstance(value, types) and not (is_bool or is_long):
      return value
    raise self._damaged(key, value)

  def text(self, key: str) -> str:
    """Returns a text that must be there.

    Raises:
      ValueError: If it is missing, empty or no text.
    """
    value = self.get(key, str)
    if value:
      return str(value)
    raise self._damaged(key, value)

  def parts(self, key: str, most: int) -> Optional[List['Reader']]:
    """Returns the parts of a list; None if it is missing or null.

    Raises:
      ValueError: If it is no list of 1 to `most` parts.
    """
    values = self.get(key, list)
    if values is None:
      return None
    if not 1 <= len(values) <= most:
      raise self._damaged(key, values)
    for index, value in enumerate(values):
      if not isinstance(value, dict):
        raise self._damaged(f'{key}[{index}]', value)
    return [
      Reader(self.path, value, f'{self.place}{key}[{index}].')
      for index, value in enumerate(values)
    ]

  def number(self, key: str, least: int, most: float, *types: type) -> Any:
    """Returns a number; None if it is missing or null.

    Raises:
      ValueError: If it is of none of the types, or not between the two.
    """
    value = self.get(key, *types)
    # Nor is NaN.
    if value is None or least <= value <= most:
      return value
    raise self._damaged(key, value)

  def _damaged(self, key: str, value: Any) -> ValueError:
    """Returns the error for a value that no record has."""
    return ValueError(
      f"record '{self.path}' is damaged ({self.place}{key} is"
      f' {json.dumps(value)[:40]}); delete it, or draw its picture again'
    )
