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

"""The table of an evaluation's page that says who recognises what."""

from typing import Any, List, Mapping, Optional, Tuple
from xml.etree import ElementTree

from magenta_viz.evaluation import page_parts

_element = page_parts.element

_COLUMNS = (
  'Judge',
  'First guess',
  'First five',
  'Probability',
  'Rank',
  'Diversity',
)

NOTE = (
  'First guess and first five: how often the judge names the right class '
  'first, or among its first five; probability: how likely it finds it. Each '
  'is a mean over the classes, with its 95 % bootstrap interval. Rank: of the '
  'right class among all. Diversity: mean cosine distance of the judge\u2019s '
  'features between variations of a class, and between copies of one picture '
  'that differ by noise only. Whoever judges pictures that it had a part in is '
  'marked (itself). Own word: what the network that drew a picture said of it '
  'then, of several the one that was least sure.'
)


def table(report: Mapping[str, Any]) -> ElementTree.Element:
  """Returns a table: of each group what its judges recognise."""
  labels = (_element('th', label, scope='col') for label in _COLUMNS)
  return _element(
    'table',
    _element('thead', _element('tr', *labels)),
    *(_group(group) for group in report['groups']),
  )


def _group(group: Mapping[str, Any]) -> ElementTree.Element:
  """Returns the rows of a group: its title, its judges and its own word."""
  facts = [
    page_parts.count(group['num_pictures'], 'picture')
    + ' of '
    + page_parts.count(group['num_classes'], 'class', 'classes')
  ]
  if group['num_without_class']:
    facts.append(f'{group["num_without_class"]} without a class')
  if group['seconds'] is not None:
    facts.append(page_parts.seconds(group['seconds']['value']) + ' a picture')
  title = _element(
    'th',
    page_parts.group_title(group),
    ' ',
    page_parts.quiet(page_parts.listed(facts)),
    colspan=str(len(_COLUMNS)),
    scope='rowgroup',
  )
  of_class = group['num_pictures'] - group['num_without_class']
  rows = [
    _judge_row(name, said, of_class) for name, said in group['judges'].items()
  ]
  if group['self'] is not None:
    rows.append(_own_row(group['self']))
  return _element('tbody', _element('tr', title), *rows)


def _judge_row(
  name: str, said: Optional[Mapping[str, Any]], of_class: int
) -> ElementTree.Element:
  """Returns what a judge makes of a group with so many pictures of classes."""
  head: List[page_parts.Child] = [page_parts.foreign(name)]
  if said is None:
    text = 'was shown none of them' if of_class else 'no picture is of a class'
    columns = str(len(_COLUMNS) - 1)
    cells = [_element('td', text, class_='alone', colspan=columns)]
  else:
    cells = [
      *_shares(said),
      page_parts.cell('Rank', *_ranks(said['rank'])),
      page_parts.cell('Diversity', *_diversity(said)),
    ]
    if said['is_self']:
      head.append(' (itself)')
    if said['num_pictures'] < of_class:
      seen = page_parts.count(said['num_pictures'], 'picture')
      head += [' ', page_parts.quiet(f'of {seen}')]
  return _element('tr', _element('th', *head, scope='row'), *cells)


def _own_row(own: Mapping[str, Any]) -> ElementTree.Element:
  """Returns what the networks that drew a group say of it themselves."""
  head = _element('th', 'who drew them (own word)', scope='row')
  empty = (_element('td', class_='empty') for _ in range(2))
  return _element('tr', head, *_shares(own), *empty, class_='own')


def _shares(said: Mapping[str, Any]) -> List[ElementTree.Element]:
  """Returns the cells of what is a share, each with its interval."""
  cells = []
  for label, key in (
    ('First guess', 'first'),
    ('First five', 'first_five'),
    ('Probability', 'probability'),
  ):
    rate = said[key]
    between = (rate['low'], rate['high'])
    cells.append(
      page_parts.cell(
        label,
        page_parts.figure(page_parts.percent(rate['value'])),
        ' ',
        page_parts.quiet(page_parts.percents(*between)),
        page_parts.strip(page_parts.SHARES, rate['value'], between),
      )
    )
  return cells


def _ranks(rank: Mapping[str, float]) -> Tuple[page_parts.Child, ...]:
  """Returns the median of the ranks, and the worst one."""
  median, worst = (f'{rank[key]:g}' for key in ('median', 'worst'))
  return (
    page_parts.figure(median),
    ' ',
    page_parts.quiet(f'median; worst {worst}'),
  )


def _diversity(said: Mapping[str, Any]) -> Tuple[page_parts.Child, ...]:
  """Returns the diversity of variations, and what noise alone does."""
  if said['diversity'] is None:
    return (page_parts.quiet('no variations'),)
  value, noise = (
    page_parts.number(said[key]['value'], 2) for key in ('diversity', 'noise')
  )
  return page_parts.figure(value), page_parts.quiet(f' noise {noise}')
