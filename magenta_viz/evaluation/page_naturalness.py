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

"""Naturalness on an evaluation's page, always beside that of photographs."""

from typing import Any, Callable, Mapping, NamedTuple, Optional, Tuple
from xml.etree import ElementTree

from magenta_viz.evaluation import page_parts

_element = page_parts.element


class _Figure(NamedTuple):
  """A figure of `naturalness.Naturalness`.

  Attributes:
    key: Its name there.
    label: Its name for a reader.
    text: Returns the figure as text.
    span: Returns as text from where to where it goes.
  """

  key: str
  label: str
  text: Callable[[float], str]
  span: Callable[[float, float], str]


def _number(key: str, label: str, decimals: int) -> _Figure:
  """Returns a figure that is a number."""

  def text(value: float) -> str:
    return page_parts.number(value, decimals)

  return _Figure(
    key, label, text, lambda low, high: f'{text(low)} to {text(high)}'
  )


_FIGURES = (
  _Figure(
    'clipped',
    'Clipped',
    lambda share: page_parts.percent(share, 1),
    lambda low, high: page_parts.percents(low, high, 1),
  ),
  _number('slope', 'Spectrum', 2),
  _number('brightness', 'Brightness', 2),
  _number('contrast', 'Contrast', 2),
  _number('colourfulness', 'Colours', 0),
  _number('saturation', 'Saturation', 2),
)

_ENDS = ('low', 'high')

NOTE = (
  'Mean, and from the least to the greatest; the band is what photographs '
  'have. Clipped: pixels with a channel at its darkest or brightest level. '
  'Spectrum: slope of the power over the frequency, 0 for noise. Brightness '
  'and contrast: mean and deviation of the luminance, from 0 to 1. Colours: '
  'colourfulness, 33 moderate, 59 quite, 109 extreme. Saturation: from 0 to 1.'
)


class Rulers:
  """What every picture's figures are drawn against.

  Attributes:
    photographs: Summary of the photographs, as in the report, or None.
  """

  def __init__(self, report: Mapping[str, Any]):
    """Takes the scales that hold every picture and photograph of a report."""
    self.photographs: Optional[Mapping[str, Any]] = report['photographs']
    summaries = [group['naturalness'] for group in report['groups']]
    if self.photographs is not None:
      summaries.append(self.photographs)
    self._scales = {}
    for figure in _FIGURES:
      ends = [each[end][figure.key] for each in summaries for end in _ENDS]
      there = [end for end in ends if end is not None]
      self._scales[figure.key] = page_parts.Scale(
        min(there, default=0.0), max(there, default=0.0)
      )

  def strip(
    self,
    key: str,
    value: float,
    between: Optional[Tuple[float, float]] = None,
  ) -> ElementTree.Element:
    """Returns a drawing of a figure, the photographs' band behind it."""
    band = None
    if self.photographs is not None:
      low, high = (self.photographs[end][key] for end in _ENDS)
      band = (low, high)
    return page_parts.strip(self._scales[key], value, between, band)


def table(report: Mapping[str, Any], rulers: Rulers) -> ElementTree.Element:
  """Returns a table: the photographs, then each group of pictures."""
  labels = (_element('th', each.label, scope='col') for each in _FIGURES)
  bodies = [_body('Photographs', rulers.photographs, rulers)]
  for group in report['groups']:
    title = page_parts.group_title(group)
    bodies.append(_body(title, group['naturalness'], rulers))
  head = _element('thead', _element('tr', _element('td'), *labels))
  return _element('table', head, *bodies)


def details(
  figures: Mapping[str, Optional[float]], rulers: Rulers
) -> ElementTree.Element:
  """Returns the figures of one picture, folded away."""
  lines = []
  for figure in _FIGURES:
    value = figures[figure.key]
    lines.append(_element('dt', figure.label))
    if value is None:
      lines.append(_element('dd', 'none', class_='wide'))
      continue
    lines.append(_element('dd', figure.text(value), class_='number'))
    lines.append(_element('dd', rulers.strip(figure.key, value)))
  return _element(
    'details',
    _element('summary', 'Beside photographs'),
    _element('dl', *lines),
  )


def _body(
  title: page_parts.Child,
  summary: Optional[Mapping[str, Any]],
  rulers: Rulers,
) -> ElementTree.Element:
  """Returns the row of a group, or of the photographs."""
  if summary is None:
    text = 'not measured: they come with scikit-image; pip install scikit-image'
    cells = [_element('td', text, class_='alone', colspan=str(len(_FIGURES)))]
  else:
    cells = [_cell(figure, summary, rulers) for figure in _FIGURES]
  row = _element('tr', _element('th', title, scope='row'), *cells)
  return _element('tbody', row)


def _cell(
  figure: _Figure, summary: Mapping[str, Any], rulers: Rulers
) -> ElementTree.Element:
  """Returns the mean of a figure and its range."""
  mean = summary['mean'][figure.key]
  if mean is None:
    return page_parts.cell(figure.label, page_parts.quiet('none'))
  low, high = (summary[end][figure.key] for end in _ENDS)
  return page_parts.cell(
    figure.label,
    page_parts.figure(figure.text(mean)),
    ' ',
    page_parts.quiet(figure.span(low, high)),
    rulers.strip(figure.key, mean, (low, high)),
  )
