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

"""Which names the classes of a data set may have."""

import re
from typing import Dict, Sequence
import unicodedata

# Pictures are called after their class. Systems take names of 255 bytes, of
# which numbers, a photograph's name and endings want some.
_MAX_BYTES = 150


def check(what: str, names: Sequence[str]) -> None:
  """Checks that there is something to tell apart, and that it can be named.

  Args:
    what: What has the classes, for messages.
    names: Names of the classes.

  Raises:
    ValueError: If there are fewer than two classes, or a name is too long or
      has what is no character to be shown.
  """
  if len(names) < 2:
    raise ValueError(
      f'{what} has {len(names)} class{"" if names else "es"}'
      f' ({_shown(", ".join(names)) or "none"}), and there is nothing to learn'
      ' in telling it from itself; give pictures of two classes or more'
    )
  for name in names:
    # Of a file system whose names are no UTF-8, Python makes surrogates.
    if any(
      unicodedata.category(each) in ('Cc', 'Cs', 'Zl', 'Zp') for each in name
    ):
      raise ValueError(
        f"class '{_shown(name)}' of {what} has a line break, control character"
        ' or byte that is no UTF-8 in its name; give it another name'
      )
    num_bytes = len(name.encode())
    if num_bytes > _MAX_BYTES:
      raise ValueError(
        f"class '{_shown(name)}' of {what} has a name of {num_bytes} bytes;"
        f' pictures are called after it, so give it one of {_MAX_BYTES} at most'
      )


def check_distinct(what: str, names: Sequence[str]) -> None:
  """Checks that each class can be meant by its name.

  Args:
    what: What has the classes, for messages.
    names: Names of the classes.

  Raises:
    ValueError: If two names differ only by upper and lower case, by how Unicode
      writes an accent, or by spaces, '-' and '_'.
  """
  found: Dict[str, str] = {}
  for name in names:
    other = found.setdefault(_key(name), name)
    if other is not name:
      raise ValueError(
        f"classes '{_shown(other)}' and '{_shown(name)}' of {what} cannot be"
        ' told apart by name, where case, spaces, - and _ make no difference;'
        ' rename one, or put their pictures together'
      )


def _key(name: str) -> str:
  """Returns what two names share that look or are typed alike."""
  folded = unicodedata.normalize('NFC', name).casefold()
  # A sign such as '-' or '_' may be the whole name.
  return re.sub(r'[\s_-]+', ' ', folded).strip() or name


def _shown(name: str) -> str:
  """Returns a name as a message shows it: escaped, and not too long."""
  shown = ''.join(
    each if each.isprintable() else ascii(each)[1:-1] for each in name
  )
  return shown if len(shown) <= 60 else f'{shown[:60]} ...'
