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

"""Names of files that every system takes, made of foreign texts."""

import hashlib
from typing import List
import unicodedata

# Windows has a meaning for them.
_RESERVED = frozenset('<>:"/\\|?*')


def slug(
  text: str, max_bytes: int = 100, kept: str = '', with_digest: bool = False
) -> str:
  """Returns a text as a part of a file's name.

  Args:
    text: Any text, such as a class's first name.
    max_bytes: The most that the letters may take; systems take names of 255
      bytes.
    kept: Other characters that stay.
    with_digest: Whether to tell the text apart from all others of these
      letters.

  Returns:
    The letters and digits of the text, of every script, in lower case and with
    one '-' for each run of others; Latin letters without accents. A digest of
    the whole text follows where letters are cut off or there are none.
  """
  letters: List[str] = []
  for character in unicodedata.normalize('NFKD', text).casefold():
    before = letters[-1] if letters else ' '
    kind = unicodedata.category(character)[0]
    if kind in 'LN' or character in kept:
      letters.append(character)
    elif kind != 'M':
      letters.append(' ')
    elif before != ' ' and not before.isascii():
      letters.append(character)
  words = unicodedata.normalize('NFC', ''.join(letters)).split()
  found = '-'.join(words) or 'unnamed'
  start = found.encode()[:max_bytes].decode(errors='ignore')
  if words and start == found and not with_digest:
    return found
  return f'{start}-{_digest(text)}'


def part(text: str, max_bytes: int = 100) -> str:
  """Returns a text as it is, if it may be a part of a file's name.

  Args:
    text: Any text, such as a photograph's name.
    max_bytes: The most that it may take.

  Returns:
    The text, or else its `slug` with a digest.
  """
  is_safe = not _RESERVED & set(text) and all(
    character.isprintable() or unicodedata.category(character) == 'Zs'
    for character in text
  )
  # What is printable can be encoded.
  if is_safe and 0 < len(text.encode()) <= max_bytes:
    return text
  return slug(text, max_bytes, with_digest=True)


def _digest(text: str) -> str:
  """Returns some hexadecimal digits that tell texts apart."""
  # A name that is no valid Unicode has surrogates.
  data = text.encode(errors='surrogatepass')
  return hashlib.sha256(data).hexdigest()[:8]
