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

"""The report of an evaluation as text for a terminal."""

import textwrap
from typing import List, Optional, Sequence

from magenta_viz.evaluation import naturalness
from magenta_viz.evaluation import rates
from magenta_viz.evaluation import report as report_lib
from magenta_viz.process import terminal

# Characters a line; of a row's label, and of its cells of either kind.
_WIDTH = 100
_LABEL = 28
_CELL = 17
_RANGE_CELL = 28

_LEGEND = """\
first         share of the pictures whose class is the judge's first guess
first five    share of those whose class is among its first five; several of a
              class count together as one
probability   what the judge gives the right class
self          the same, of the network that drew the picture, by the record; of
              several, the one that is least sure of it
diversity     how far apart a judge sees pictures of a class that differ by
              their seed alone; beside it, two copies of a picture with noise
in brackets   95 % intervals, by bootstrap over the classes (of seconds, over
              the pictures); of naturalness, the least and the greatest
"""

_HEADINGS = {'preset': 'preset {}', 'drawn_by': 'drawn by {}'}

# Names of `naturalness.Naturalness` for a reader, and the form of the figures.
_NATURALNESS = {
  'clipped': ('share clipped', '{:.3f}'),
  'slope': ('slope of the spectrum', '{:.2f}'),
  'brightness': ('brightness', '{:.2f}'),
  'contrast': ('contrast', '{:.2f}'),
  'colourfulness': ('colourfulness', '{:.0f}'),
  'saturation': ('saturation', '{:.2f}'),
}


def table(report: report_lib.Report) -> str:
  """Returns the figures of a report's groups, in lines of 100 characters.

  Groups of all pictures, as where all are of one preset, are one block.
  """
  everything, *parts = report.groups
  same = [everything]
  blocks = [same]
  for group in parts:
    if group.num_pictures == everything.num_pictures:
      same.append(group)
    else:
      blocks.append([group])
  lines = [f'Pictures in {report.input_dir}, judged by']
  for judge in report.judges:
    lines.append(f'  {judge.name} ({judge.model}, {judge.weights})')
    if judge.note is not None:
      lines.append(f'    which {judge.note}')
  for groups in blocks:
    lines += ['', *_block(groups, report.photographs)]
  lines += ['', *_LEGEND.splitlines()]
  return '\n'.join(_cut(terminal.harmless(line), _WIDTH) for line in lines)


def _block(
  groups: Sequence[report_lib.Group],
  photographs: Optional[naturalness.Summary],
) -> List[str]:
  """Returns the lines of groups of the same pictures."""
  group = groups[0]
  lines = [
    *_recognition(group),
    *_distances(group),
    *_naturalness(group.naturalness, photographs),
  ]
  if group.seconds is not None:
    lines.append(_row('seconds a picture', _rate(group.seconds, 1)))
  return [*_heading(groups), *lines]


def _heading(groups: Sequence[report_lib.Group]) -> List[str]:
  """Returns what groups of the same pictures are called, and their size."""
  group = groups[0]
  names = []
  for each in groups:
    if each.kind != 'all':
      name = 'unknown' if each.name == report_lib.UNKNOWN else each.name
      names.append(_HEADINGS[each.kind].format(name))
  text = ', '.join(names)
  if group.kind == 'all':
    text = f'all pictures ({text})' if names else 'all pictures'
  text += f': {group.num_pictures}, classes: {group.num_classes}'
  if group.num_without_class:
    text += f', pictures of no known class: {group.num_without_class}'
  # Of several networks with their weights it may need more than one line.
  return textwrap.wrap(
    terminal.harmless(text[0].upper() + text[1:]),
    _WIDTH,
    subsequent_indent='    ',
    max_lines=3,
    placeholder=' ...',
  )


def _recognition(group: report_lib.Group) -> List[str]:
  """Returns the rows on how often networks name the classes."""
  rows, notes = [], []
  of_class = group.num_pictures - group.num_without_class
  for name, summary in group.judges.items():
    if summary is not None:
      if summary.num_pictures < of_class:
        notes.append(f'  {name} judged {summary.num_pictures} of them')
      rank = summary.rank
      ranks = f'{rank.median:g} (worst {rank.worst})'
      label = _label(name, summary.is_self)
      rows.append(_row(label, *_rates(summary), ranks))
  if not rows:
    return []
  if group.own is not None:
    rows.append(_row('self (who drew them)', *_rates(group.own)))
  columns = ('first', 'first five', 'probability', 'median rank')
  return [_row('judge', *columns), *rows, *notes]


def _distances(group: report_lib.Group) -> List[str]:
  """Returns the rows on how different the pictures of a class are."""
  rows = []
  for name, summary in group.judges.items():
    if summary is None or summary.diversity is None:
      continue
    assert summary.noise is not None
    rows.append(
      _row(
        _label(name, summary.is_self),
        _rate(summary.diversity),
        _rate(summary.noise),
        f'{summary.diversity.count}',
      )
    )
  if not rows:
    return []
  return [_row('judge', 'diversity', 'repeated noise', 'classes'), *rows]


def _naturalness(
  summary: naturalness.Summary, photographs: Optional[naturalness.Summary]
) -> List[str]:
  """Returns the rows on how natural pictures are, beside photographs."""
  beside = f'{photographs.count} photographs' if photographs else ''
  rows = [_wide_row('naturalness', 'pictures', beside)]
  for name, (label, form) in _NATURALNESS.items():
    ranges = [_range(summary, name, form)]
    if photographs is not None:
      ranges.append(_range(photographs, name, form))
    rows.append(_wide_row(label, *ranges))
  if photographs is None:
    rows.append(
      '  (with scikit-image installed, photographs stand beside them)'
    )
  return rows


def _range(summary: naturalness.Summary, name: str, form: str) -> str:
  """Returns a figure's mean, least and greatest value."""
  values = [
    getattr(each, name) for each in (summary.mean, summary.low, summary.high)
  ]
  if None in values:
    return 'too small to tell'
  mean, low, high = map(form.format, values)
  return f'{mean} ({low} to {high})'


def _rates(found: report_lib.Recognition) -> List[str]:
  return [
    _rate(each) for each in (found.first, found.first_five, found.probability)
  ]


def _rate(rate: rates.Rate, digits: int = 2) -> str:
  """Returns a mean with its interval."""
  values = (rate.value, rate.low, rate.high)
  mean, low, high = (f'{value:.{digits}f}' for value in values)
  return f'{mean} ({low}-{high})'


def _label(judge: str, is_self: bool) -> str:
  """Returns the label of a judge's row."""
  end = ' (itself)' if is_self else ''
  return _cut(judge, _LABEL - 1 - len(end)) + end


def _row(label: str, *cells: str, width: int = _CELL) -> str:
  """Returns a line of a block, without blanks at its end."""
  columns = ''.join(f'{cell:{width}}' for cell in cells)
  return f'  {label:{_LABEL}}{columns}'.rstrip()


def _wide_row(label: str, *cells: str) -> str:
  return _row(label, *cells, width=_RANGE_CELL)


def _cut(text: str, width: int) -> str:
  """Returns a text that is at most so wide, its middle left out."""
  if len(text) <= width:
    return text
  end = (width - 3) // 2
  return f'{text[: width - 3 - end]}...{text[len(text) - end :]}'
