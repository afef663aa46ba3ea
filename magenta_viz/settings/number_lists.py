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

"""Lists of numbers as a user writes them: 281,130,0-9 or all."""

import re
from typing import Dict, List, Sequence, Tuple

# A number, or a range with both of its ends. More digits than 18 count nothing
# that there is, and Python itself refuses to read some thousands of them.
_NUMBER_OR_RANGE = re.compile(r'([0-9]{1,18})(?:\s*-\s*([0-9]{1,18}))?')

ALL = 'all'


def parse(text: str, count: int, what: str, whose: str) -> Tuple[int, ...]:
  """Reads a list.

  Args:
    text: Numbers, ranges that include both ends, and 'all', separated by
      commas. Spaces do not matter.
    count: Of all that there are, from 0.
    what: They are numbers of, for errors: 'class id'.
    whose: They are, likewise: 'this network'.

  Returns:
    The numbers, in the order in which they were first asked for, each once.

  Raises:
    ValueError: If a part is neither of these, is a range that runs backwards,
      or asks for a number that there is not.
  """
  # A dict because it keeps the order, which a set does not.
  numbers: Dict[int, None] = {}
  for part in (part.strip() for part in text.split(',')):
    numbers.update(dict.fromkeys(_parse_part(part, count, what, whose)))
  return tuple(numbers)


def write(numbers: Sequence[int]) -> str:
  """Writes numbers as `parse` reads them, runs as ranges."""
  runs: List[List[int]] = []
  for number in numbers:
    if runs and number == runs[-1][1] + 1:
      runs[-1][1] = number
    else:
      runs.append([number, number])
  return ','.join(
    str(first) if first == last else f'{first}-{last}' for first, last in runs
  )


def _parse_part(part: str, count: int, what: str, whose: str) -> Sequence[int]:
  """Returns the numbers that one part between two commas stands for."""
  if part.lower() == ALL:
    return range(count)
  match = _NUMBER_OR_RANGE.fullmatch(part)
  if match is None:
    raise ValueError(
      f'{part!r} is no {what}; give whole numbers from 0 to {count - 1}, ranges'
      " such as 0-9, or 'all', with commas between"
    )
  first = int(match.group(1))
  last = first if match.group(2) is None else int(match.group(2))
  for number in (first, last):
    if number >= count:
      raise ValueError(
        f'{what} {number} in {part!r} is out of range; {whose} has {what}s 0 to'
        f' {count - 1}'
      )
  if last < first:
    raise ValueError(
      f'range {part!r} runs backwards; the smaller number comes first: '
      f'{last}-{first}'
    )
  return range(first, last + 1)
