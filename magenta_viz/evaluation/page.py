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

"""The report of an evaluation as a page to look at."""

import base64
import io
from typing import Any, Callable, List, Mapping, Optional
from xml.etree import ElementTree

import numpy as np
from PIL import Image

from magenta_viz.evaluation import page_naturalness
from magenta_viz.evaluation import page_parts
from magenta_viz.evaluation import page_recognition
from magenta_viz.evaluation import page_style
from magenta_viz.evaluation import report as report_lib
from magenta_viz.media import image_files

_element = page_parts.element

# In pixels. A wall of a thousand such pictures is a file of some 30 MB.
_MAX_SIDE = 256
_QUALITY = 90

# In pixels: a smaller picture shows its pixels, instead of a blur.
_COARSE_SIDE = 96

# The browser itself keeps the page from fetching or running anything.
_POLICY = (
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
  "base-uri 'none'; form-action 'none'"
)

_TITLE = 'What the judges see'


def page(
  report: Mapping[str, Any], read_picture: Callable[[str], np.ndarray]
) -> str:
  """Returns a report as one HTML page that needs nothing else.

  It has tables of who recognises what and of naturalness, and below them the
  pictures in the order of the report, each with the judges' guesses. No script
  is in it, nothing is fetched, and names of files and classes stay text.

  Args:
    report: The report as plain data, of `report.Report.as_json`.
    read_picture: Returns the picture of a name in the report, [height, width,
      3] float in [0, 1], RGB; called once a picture, in their order. It is
      shown with at most 256 pixels a side.

  Returns:
    HTML 5, to be written as UTF-8.

  Raises:
    ValueError: If a picture has another shape or type, or values that are not
      finite.
  """
  rulers = page_naturalness.Rulers(report)
  judges = [judge['name'] for judge in report['judges']]
  cards = (
    _card(place, picture, read_picture(picture['name']), judges, rulers)
    for place, picture in enumerate(report['pictures'], start=1)
  )
  main = _element(
    'main',
    *_opening(report),
    _element('h2', 'Who recognises them'),
    _element('p', page_recognition.NOTE, class_='note'),
    page_recognition.table(report),
    _element('h2', 'How natural they are'),
    _element('p', page_naturalness.NOTE, class_='note'),
    page_naturalness.table(report, rulers),
    _element('h2', 'The pictures, best first'),
    _element(
      'p',
      'By the mean rank that the judges give the right class, then by its '
      'mean probability.',
      class_='note',
    ),
    _element('ol', *cards, class_='wall'),
    _closing(report),
  )
  document = _element('html', _head(report), _element('body', main), lang='en')
  text = ElementTree.tostring(document, encoding='unicode', method='html')
  return f'<!DOCTYPE html>\n{text}\n'


def _head(report: Mapping[str, Any]) -> ElementTree.Element:
  """Returns what is in front of the page's body."""
  return _element(
    'head',
    _element('meta', charset='utf-8'),
    _element('meta', http_equiv='Content-Security-Policy', content=_POLICY),
    _element(
      'meta', name='viewport', content='width=device-width, initial-scale=1'
    ),
    _element('meta', name='color-scheme', content='light dark'),
    _element('title', f'{_TITLE}: {report["input_dir"]}'),
    # Else a browser asks the server for an icon.
    _element('link', rel='icon', href='data:,'),
    _element('style', page_style.STYLE),
  )


def _opening(report: Mapping[str, Any]) -> List[ElementTree.Element]:
  """Returns the heading, and what the page is about."""
  text: List[page_parts.Child] = [
    page_parts.count(len(report['pictures']), 'picture'),
    ' in the folder ',
    page_parts.foreign(report['input_dir'], 'code'),
    ', as ',
  ]
  for index, judge in enumerate(report['judges']):
    if index:
      text.append(' and ' if index == len(report['judges']) - 1 else ', ')
    text.append(page_parts.foreign(judge['name']))
  text.append(' sees them.' if len(report['judges']) == 1 else ' see them.')
  notes = [
    _element('p', page_parts.foreign(judge['name']), f' {note}.', class_='note')
    for judge in report['judges']
    for note in [report_lib.Judge(**judge).note]
    if note is not None
  ]
  return [_element('h1', _TITLE), _element('p', *text, class_='lead'), *notes]


def _closing(report: Mapping[str, Any]) -> ElementTree.Element:
  """Returns what it takes to make the page again."""
  lines = []
  for judge in report['judges']:
    lines.append(
      _element(
        'p',
        page_parts.foreign(judge['name']),
        f': {judge["model"]}, {judge["num_classes"]} classes, weights ',
        page_parts.foreign(judge['weights']),
        ', SHA-256 ',
        _element('code', judge['weights_sha256']),
      )
    )
  versions = ', '.join(f'{k} {v}' for k, v in report['versions'].items())
  return _element('footer', *lines, _element('p', versions))


def _card(
  place: int,
  picture: Mapping[str, Any],
  image: np.ndarray,
  judges: List[str],
  rulers: page_naturalness.Rulers,
) -> ElementTree.Element:
  """Returns a picture with what is known and said of it."""
  title = _class_title(picture)
  shown = {'src': _data_uri(image), 'alt': f'{title}: {picture["name"]}'}
  if max(image.shape) < _COARSE_SIDE:
    shown['class_'] = 'coarse'
  label = _element(
    'div',
    _element(
      'h3',
      _element('span', str(place), class_='place'),
      page_parts.foreign(title),
    ),
    _facts(picture),
    *(_verdict(name, picture['judges'][name]) for name in judges),
    page_naturalness.details(picture['naturalness'], rulers),
    class_='label',
  )
  return _element('li', _element('img', **shown), label, class_='card')


def _class_title(picture: Mapping[str, Any]) -> str:
  """Returns the first name of a picture's class."""
  if picture['class_name'] is not None:
    return _first_name(picture['class_name'])
  if picture['class_id'] is not None:
    return f'class {picture["class_id"]}'
  return 'no class'


def _first_name(class_name: str) -> str:
  """Returns the first of a class's synonyms."""
  return class_name.split(', ')[0]


def _facts(picture: Mapping[str, Any]) -> ElementTree.Element:
  """Returns a picture's file, and how it was drawn."""
  children: List[page_parts.Child] = [
    page_parts.foreign(picture['name'], 'code')
  ]
  facts = []
  if picture['drawn_by'] is not None:
    facts.append(f'drawn by {picture["drawn_by"]}')
  if picture['preset'] is not None:
    facts.append(f'preset {picture["preset"]}')
  if picture['seed'] is not None:
    facts.append(f'seed {picture["seed"]}')
  if picture['seconds'] is not None:
    facts.append(page_parts.seconds(picture['seconds']))
  own = picture['self']
  if own is not None:
    facts.append(
      f'own word rank {own["rank"]}, {page_parts.percent(own["probability"])}'
    )
  if facts:
    children.append(_element('br'))
    children.append(page_parts.foreign(page_parts.listed(facts)))
  return _element('p', *children, class_='facts')


def _verdict(
  name: str, verdict: Optional[Mapping[str, Any]]
) -> ElementTree.Element:
  """Returns a judge's guesses, the right one marked."""
  if verdict is None:
    return _element(
      'section',
      _element('h4', _element('span', page_parts.foreign(name))),
      _element('p', 'had a part in it, and was not shown it', class_='facts'),
    )
  itself = ' (itself)' if verdict['is_self'] else ''
  head = [_element('span', page_parts.foreign(name), itself)]
  if verdict['rank'] is not None:
    head.append(_chip(verdict))
  guesses = (_guess(guess, verdict['class_id']) for guess in verdict['guesses'])
  return _element(
    'section',
    _element('h4', *head),
    _element('ol', *guesses, class_='guesses'),
  )


def _chip(verdict: Mapping[str, Any]) -> ElementTree.Element:
  """Returns the place of the right class among all of a judge's."""
  rank = verdict['rank']
  if rank == 1:
    return _element('span', 'first guess', class_='chip first')
  if rank <= len(verdict['guesses']):
    return _element('span', f'rank {rank}', class_='chip near')
  # No bar shows it.
  text = f'rank {rank}, {page_parts.percent(verdict["probability"], 1)}'
  return _element('span', text, class_='chip far')


def _guess(
  guess: Mapping[str, Any], right_id: Optional[int]
) -> ElementTree.Element:
  """Returns one guess, its probability as a bar."""
  is_right = guess['class_id'] == right_id
  name: List[page_parts.Child] = [
    page_parts.foreign(_first_name(guess['class_name']))
  ]
  if is_right:
    name += [' ', _element('span', '\u2713', role='img', aria_label='right')]
  width = f'width:{100 * guess["probability"]:.1f}%'
  children = (
    _element('span', *name),
    page_parts.figure(page_parts.percent(guess['probability'])),
    _element('span', _element('i', style=width), class_='bar'),
  )
  if is_right:
    return _element('li', *children, class_='right')
  return _element('li', *children)


def _data_uri(image: np.ndarray) -> str:
  """Returns a picture as an address that holds it, as a JPEG."""
  small = Image.fromarray(image_files.to_uint8(image))
  small.thumbnail((_MAX_SIDE, _MAX_SIDE), Image.Resampling.LANCZOS)
  file = io.BytesIO()
  # Full resolution of the colours: drawn pictures have fine coloured lines.
  small.save(file, 'JPEG', quality=_QUALITY, subsampling=0)
  return 'data:image/jpeg;base64,' + base64.b64encode(file.getvalue()).decode()
