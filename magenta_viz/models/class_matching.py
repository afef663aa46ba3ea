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

"""Which of a judge's classes a name means."""

from typing import Dict, Iterable, List, Sequence, Set
import unicodedata


class ClassNames:
  """The names of a judge's classes, to find classes by.

  Attributes:
    has_numbers: Whether a class is called by a number; numbers are names then,
      and no ids.
  """

  def __init__(self, lines: Sequence[str]):
    """Takes the names.

    Args:
      lines: All names of each class, with ', ' between them, in the order of
        the classes' ids.
    """
    self._exact: Dict[str, Set[int]] = {}
    self._alike: Dict[str, Set[int]] = {}
    for class_id, line in enumerate(lines):
      for name in (line, *synonyms(line)):
        self._exact.setdefault(name, set()).add(class_id)
        self._alike.setdefault(_plain(name), set()).add(class_id)
    self.has_numbers = any(name.isdecimal() for name in self._exact)

  def find(self, names: Iterable[str]) -> Set[int]:
    """Returns the ids of all classes that have any of some names.

    Args:
      names: Those of one class. If none is a class's to the letter, case, what
        stands between words ('house_finch', 'House Finch') and zeros before a
        number do not count.
    """
    wanted = list(names)
    exact = [self._exact.get(name, set()) for name in wanted]
    alike = [self._alike.get(_plain(name), set()) for name in wanted]
    return set().union(*exact) or set().union(*alike)


def synonyms(line: str) -> List[str]:
  """Returns the names in the line of a class."""
  return [name.strip() for name in line.split(', ')]


def _plain(name: str) -> str:
  """Returns what all ways to write a name have in common.

  A name of signs alone has nothing else, and stays as it is.
  """
  folded = unicodedata.normalize('NFKC', name).casefold()
  # Letters, the marks on them, and numbers.
  signs = (c if unicodedata.category(c)[0] in 'LMN' else ' ' for c in folded)
  words = ' '.join(''.join(signs).split()) or folded
  return (words.lstrip('0') or '0') if words.isdecimal() else words
