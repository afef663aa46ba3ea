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

"""Elements, figures and strips that an evaluation's page is made of.

The page is a tree: whatever text comes into it, from the names of files and of
classes, stays text.
"""

from typing import Any, Iterable, Mapping, NamedTuple, Optional, Tuple, Union
from xml.etree import ElementTree

from magenta_viz.evaluation import report

Child = Union[str, ElementTree.Element]

_MINUS = '\u2212'
# One that no line breaks at.
_SPACE = '\u00a0'

_KINDS = {'preset': 'Preset', 'drawn_by': 'Drawn by'}
_WITHOUT = {'preset': 'Without a preset', 'drawn_by': 'Drawn by others'}


class Scale(NamedTuple):
  """What the left and the right end of a strip stand for."""

  low: float
  high: float

  def share(self, value: float) -> float:
    """Returns where a value is, 0 at the left end, 1 at the right one."""
    if self.high <= self.low:
      return 0.5
    return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)


SHARES = Scale(0.0, 1.0)


def element(
  tag: str, *children: Child, **attributes: str
) -> ElementTree.Element:
  """Returns an HTML element.

  Args:
    tag: Its name.
    *children: What is in it, in order: text or other elements.
    **attributes: Its attributes; `class_` stands for 'class', `data_label` for
      'data-label'.
  """
  result = ElementTree.Element(
    tag,
    {
      name.rstrip('_').replace('_', '-'): _clean(value)
      for name, value in attributes.items()
    },
  )
  last: Optional[ElementTree.Element] = None
  for child in children:
    if isinstance(child, ElementTree.Element):
      result.append(child)
      last = child
    elif last is None:
      result.text = (result.text or '') + _clean(child)
    else:
      last.tail = (last.tail or '') + _clean(child)
  return result


def foreign(text: str, tag: str = 'bdi') -> ElementTree.Element:
  """Returns an element for a text that is not ours, such as a file's name.

  Text that runs from right to left stays inside of it.

  Args:
    text: The text.
    tag: Name of the element.
  """
  return element(tag, text, dir='auto')


def percent(share: float, decimals: int = 0) -> str:
  """Returns a share as text; nearly none is not called 0, nor nearly all 100.

  Args:
    share: In [0, 1].
    decimals: Of the percents.
  """
  return f'{_percents(share, decimals)}{_SPACE}%'


def percents(low: float, high: float, decimals: int = 0) -> str:
  """Returns as text from which share to which something goes."""
  return f'{_percents(low, decimals)} to {percent(high, decimals)}'


def number(value: float, decimals: int) -> str:
  """Returns a number with so many decimals, and a minus as long as a plus."""
  return f'{value:.{decimals}f}'.replace('-', _MINUS)


def seconds(value: float) -> str:
  """Returns a time as text."""
  return f'{value:.{1 if value < 100 else 0}f}{_SPACE}s'


def listed(facts: Iterable[str]) -> str:
  """Returns short facts in a row."""
  return f'{_SPACE}\u00b7 '.join(facts)


def count(value: int, word: str, words: str = '') -> str:
  """Returns so many things as text, such as '1 picture' or '2 pictures'."""
  return f'{value} {word if value == 1 else words or word + "s"}'


def figure(text: str) -> ElementTree.Element:
  """Returns an element for the figure that a cell is about."""
  return element('span', text, class_='number')


def quiet(text: str) -> ElementTree.Element:
  """Returns an element for what stands beside that."""
  return element('span', text, class_='quiet')


def cell(label: str, *children: Child) -> ElementTree.Element:
  """Returns a cell of a table.

  Args:
    label: Name of its column, which a narrow page shows in front of it.
    *children: What is in it.
  """
  return element('td', element('div', *children), data_label=label)


def group_title(group: Mapping[str, Any]) -> Child:
  """Returns the name of a group of pictures of a report."""
  kind, name = group['kind'], group['name']
  if kind == 'all':
    return 'All pictures'
  if name == report.UNKNOWN:
    return _WITHOUT[kind]
  return element('span', f'{_KINDS[kind]} ', foreign(name))


def strip(
  scale: Scale,
  mean: float,
  between: Optional[Tuple[float, float]] = None,
  band: Optional[Tuple[float, float]] = None,
) -> ElementTree.Element:
  """Returns a drawing of a figure on a line: a dot and a bar around it.

  Args:
    scale: The ends of the line.
    mean: Where the dot is.
    between: The ends of the bar, such as those of an interval.
    band: The ends of a paler band behind, to compare with.
  """
  children = []
  for ends, kind in ((band, 'band'), (between, 'range')):
    if ends is not None:
      left, right = (100 * scale.share(end) for end in ends)
      style = f'left:{left:.1f}%;width:{right - left:.1f}%'
      children.append(element('i', class_=kind, style=style))
  style = f'left:{100 * scale.share(mean):.1f}%'
  children.append(element('b', style=style))
  # What it shows stands beside it in figures.
  return element('span', *children, class_='strip', aria_hidden='true')


def _percents(share: float, decimals: int) -> str:
  """Returns the number of a share's percents."""
  least = 10.0**-decimals
  number_of_percents = 100 * share
  if 0 < number_of_percents < least / 2:
    return f'<{least:.{decimals}f}'
  if 100 - least / 2 < number_of_percents < 100:
    return f'>{100 - least:.{decimals}f}'
  return f'{number_of_percents:.{decimals}f}'


def _clean(text: str) -> str:
  """Returns a text that is Unicode, also of a file's name that is not."""
  return text.encode('utf-16', 'surrogatepass').decode('utf-16', 'replace')
