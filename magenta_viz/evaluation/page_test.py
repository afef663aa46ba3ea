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

"""Tests of page, without a browser."""

import base64
import copy
from html import parser
import io
from typing import Any, Dict, List, Optional, Tuple
from xml.etree import ElementTree

from absl.testing import absltest
import numpy as np
from PIL import Image

from magenta_viz.evaluation import page
from magenta_viz.testing import page_report

# Elements of HTML that have no end.
_VOID = ('img', 'link', 'meta', 'br')


class _TreeBuilder(parser.HTMLParser):
  """Makes a tree of a page, and refuses one whose elements do not match."""

  def __init__(self) -> None:
    super().__init__()
    self._builder = ElementTree.TreeBuilder()
    self._open: List[str] = []

  def handle_starttag(
    self, tag: str, attrs: List[Tuple[str, Optional[str]]]
  ) -> None:
    self._builder.start(tag, {name: value or '' for name, value in attrs})
    if tag in _VOID:
      self._builder.end(tag)
    else:
      self._open.append(tag)

  def handle_endtag(self, tag: str) -> None:
    expected = self._open.pop()
    if tag != expected:
      raise AssertionError(f'</{tag}> where </{expected}> must be')
    self._builder.end(tag)

  def handle_data(self, data: str) -> None:
    if self._open:
      self._builder.data(data)

  def root(self) -> ElementTree.Element:
    if self._open:
      raise AssertionError(f'still open: {self._open}')
    return self._builder.close()


def _tree(html: str) -> ElementTree.Element:
  builder = _TreeBuilder()
  builder.feed(html)
  builder.close()
  return builder.root()


def _text(element: Optional[ElementTree.Element]) -> str:
  """Returns what is to be read, each white space as one blank."""
  assert element is not None
  return ' '.join(''.join(element.itertext()).split())


def _cards(report: Dict[str, Any]) -> List[ElementTree.Element]:
  root = _tree(page.page(report, page_report.read_picture))
  return root.findall('.//li[@class="card"]')


class PageTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self._report = page_report.make()
    self._read: List[str] = []
    self._html = page.page(self._report, self._read_picture)
    self._root = _tree(self._html)

  def _read_picture(self, name: str) -> np.ndarray:
    self._read.append(name)
    return page_report.read_picture(name)

  def test_is_utf8_of_html_5(self) -> None:
    self.assertStartsWith(self._html, '<!DOCTYPE html>\n<html lang="en">')
    self.assertIn('\ufffd.png', self._html)
    self.assertIn('\u732b', self._html.encode('utf-8').decode('utf-8'))

  def test_reads_each_picture_once_in_order(self) -> None:
    names = [picture['name'] for picture in self._report['pictures']]
    self.assertEqual(self._read, names)

  def test_names_nothing_outside(self) -> None:
    tags = {element.tag for element in self._root.iter()}
    self.assertNoCommonElements(
      tags, ('script', 'iframe', 'object', 'form', 'a', 'base', 'svg')
    )
    for element in self._root.iter():
      for name, value in element.attrib.items():
        self.assertFalse(name.startswith('on'), name)
        if name in ('src', 'href', 'srcset', 'data', 'action'):
          self.assertStartsWith(value, 'data:')
        if name == 'style':
          self.assertNotIn('url', value)
    style = _text(self._root.find('head/style'))
    self.assertNotRegex(style, 'url|@import|//')

  def test_names_stay_text(self) -> None:
    title = self._root.find('.//li[@class="card"][2]//h3/bdi')
    self.assertEqual(_text(title), ' '.join(page_report.HOSTILE_CLASS.split()))
    code = self._root.find('.//li[@class="card"][2]//p/code')
    assert code is not None
    self.assertEqual(
      code.text, page_report.HOSTILE_FILE.replace('\udce9', '\ufffd')
    )
    image = self._root.find('.//li[@class="card"][2]/img')
    assert image is not None
    self.assertIn(page_report.HOSTILE_CLASS, image.attrib['alt'])
    self.assertIn('pictures of <i>mine</i>', _text(self._root.find('.//title')))

  def test_pictures_are_small_and_like_themselves(self) -> None:
    images = self._root.findall('.//li[@class="card"]/img')
    sizes = []
    for element, picture in zip(images, self._report['pictures']):
      start, data = element.attrib['src'].split(',')
      self.assertEqual(start, 'data:image/jpeg;base64')
      with Image.open(io.BytesIO(base64.b64decode(data))) as image:
        sizes.append(image.size)
        small = np.asarray(image) / 255
      whole = page_report.read_picture(picture['name'])
      np.testing.assert_allclose(
        small.mean(axis=(0, 1)), whole.mean(axis=(0, 1)), atol=0.01
      )
      if small.shape == whole.shape:
        np.testing.assert_allclose(small, whole, atol=0.1)
    self.assertEqual(
      sizes, [(224, 224), (256, 82), (96, 256), (28, 28), (64, 64)]
    )

  def test_small_pictures_show_their_pixels(self) -> None:
    images = self._root.findall('.//li[@class="card"]/img')
    self.assertEqual(
      [image.attrib.get('class') for image in images],
      [None, None, None, 'coarse', 'coarse'],
    )

  def test_refuses_what_is_no_picture(self) -> None:
    with self.assertRaisesRegex(ValueError, 'NaN or infinite'):
      page.page(self._report, lambda name: np.full((2, 2, 3), np.nan))

  def test_facts(self) -> None:
    facts = [_text(e) for e in self._root.findall('.//p[@class="facts"]')]
    self.assertEqual(
      facts[2],
      'deep/jay_1.pngdrawn by squeezenet:0.5 + efficientnet_lite0 \u00b7 '
      'preset deepdraw \u00b7 seed 7 \u00b7 7.2 s \u00b7 own word rank 2, 88 %',
    )
    self.assertStartsWith(facts[0], 'jay_0.pngdrawn by googlenet \u00b7 preset')
    self.assertEqual(facts[3], 'tiny.png')

  def test_right_guess_is_marked(self) -> None:
    marks = []
    for section in self._root.findall('.//li[@class="card"]//section'):
      guesses = section.findall('ol/li')
      self.assertLen(guesses, 5)
      right = [k for k, e in enumerate(guesses) if e.get('class') == 'right']
      for k, guess in enumerate(guesses):
        is_marked = guess.find('.//span[@aria-label="right"]') is not None
        self.assertEqual(is_marked, k in right)
      marks.append((_text(section.find('h4')), right))
    self.assertEqual(
      marks,
      [
        ('squeezenetfirst guess', [0]),
        ('<b>net</b>.npz (itself)first guess', [0]),
        ('squeezenetfirst guess', [0]),
        ('<b>net</b>.npz (itself)rank 2', [1]),
        ('squeezenetrank 4', [3]),
        ('<b>net</b>.npz (itself)first guess', [0]),
        ('squeezenetrank 57, <0.1 %', []),
        ('<b>net</b>.npz (itself)rank 900, <0.1 %', []),
        ('squeezenet', []),
        ('<b>net</b>.npz (itself)', []),
      ],
    )

  def test_right_guess_is_by_the_judges_own_id(self) -> None:
    report = copy.deepcopy(self._report)
    verdict = report['pictures'][0]['judges']['squeezenet']
    verdict['class_id'] = verdict['guesses'][2]['class_id']
    verdict['rank'] = 3
    section = _cards(report)[0].find('.//section')
    assert section is not None
    self.assertEqual(
      [guess.get('class') for guess in section.findall('ol/li')],
      [None, None, 'right', None, None],
    )

  def test_fewer_guesses_than_five(self) -> None:
    report = copy.deepcopy(self._report)
    verdict = report['pictures'][2]['judges']['squeezenet']
    del verdict['guesses'][3:]
    section = _cards(report)[2].find('.//section')
    assert section is not None
    self.assertLen(section.findall('ol/li'), 3)
    self.assertIn('rank 4, 6.2 %', _text(section.find('h4')))

  def test_picture_that_its_judge_drew(self) -> None:
    report = copy.deepcopy(self._report)
    report['judges'][0].update(num_own=1)
    report['judges'][1].update(num_own=2, sees_own=True)
    report['pictures'][2]['judges']['squeezenet'] = None
    report['groups'][0]['judges']['squeezenet'].update(num_pictures=3)
    report['groups'][1]['judges']['squeezenet'] = None
    root = _tree(page.page(report, page_report.read_picture))
    lead = root.findall('.//p')[:3]
    self.assertEqual(
      [_text(each) for each in lead[1:]],
      [
        'squeezenet had a part in 1 picture, and was not shown it.',
        '<b>net</b>.npz had a part in 2 pictures: of them its word proves '
        'little.',
      ],
    )
    section = _cards(report)[2].find('.//section')
    assert section is not None
    self.assertEqual(
      _text(section), 'squeezenethad a part in it, and was not shown it'
    )
    heads = [_text(each) for each in root.findall('.//table//tbody/tr')]
    self.assertStartsWith(heads[1], 'squeezenet of 3 pictures')
    self.assertEqual(heads[5], 'squeezenetwas shown none of them')

  def test_titles_of_pictures(self) -> None:
    report = copy.deepcopy(self._report)
    report['pictures'][3]['class_name'] = None
    titles = [_text(card.find('.//h3/bdi')) for card in _cards(report)]
    self.assertEqual(titles[2:], ['jay', 'class 5', 'no class'])

  def test_opening_names_the_judges(self) -> None:
    opening = self._root.find('.//p[@class="lead"]')
    self.assertEqual(
      _text(opening),
      '5 pictures in the folder pictures of <i>mine</i>, as squeezenet and '
      '<b>net</b>.npz see them.',
    )

  def test_closing_tells_weights_and_versions(self) -> None:
    closing = _text(self._root.find('.//footer'))
    for words in (
      'squeezenet, 1000 classes, weights package ndf, SHA-256 f286bbf4f286',
      'magenta_viz 0.1, tensorflow 2.21',
    ):
      self.assertIn(words, closing)


class TablesTest(absltest.TestCase):
  def _table(
    self, index: int, with_photographs: bool = True
  ) -> List[List[str]]:
    """Returns the texts of a table's cells, row by row."""
    report = page_report.make(with_photographs)
    root = _tree(page.page(report, page_report.read_picture))
    table = root.findall('.//table')[index]
    return [[_text(cell) for cell in row] for row in table.findall('tbody/tr')]

  def test_recognition(self) -> None:
    rows = self._table(0)
    judge = ['67 % 0 to 100 %', '100 % 100 to 100 %', '53 % <1 to 90 %']
    self.assertEqual(
      rows[:5],
      [
        [
          'All pictures 5 pictures of 3 classes \u00b7 1 without a class '
          '\u00b7 7.9 s a picture'
        ],
        ['squeezenet', *judge, '1.5 median; worst 57', '0.45 noise 0.03'],
        [
          '<b>net</b>.npz (itself)',
          *judge,
          '1.5 median; worst 57',
          'no variations',
        ],
        ['who drew them (own word)', *['86 % 60 to 100 %'] * 3, '', ''],
        ['Preset deepdraw 2 pictures of 1 class \u00b7 7.9 s a picture'],
      ],
    )
    self.assertEqual(
      rows[-3:],
      [
        ['Drawn by others 1 picture of 0 classes \u00b7 1 without a class'],
        ['squeezenet', 'no picture is of a class'],
        ['<b>net</b>.npz', 'no picture is of a class'],
      ],
    )

  def test_naturalness(self) -> None:
    rows = self._table(1)
    self.assertEqual(
      [row[0] for row in rows],
      [
        'Photographs',
        'All pictures',
        'Preset deepdraw',
        'Without a preset',
        'Drawn by googlenet',
        'Drawn by squeezenet:0.5 + efficientnet_lite0',
        'Drawn by others',
      ],
    )
    summary = page_report.make()['groups'][0]['naturalness']
    slope = [summary[key]['slope'] for key in ('mean', 'low', 'high')]
    text = '{:.2f} {:.2f} to {:.2f}'.format(*slope).replace('-', '\u2212')
    self.assertEqual(rows[1][2], text)
    self.assertEqual(rows[1][1], '0.0 % 0.0 to 0.0 %')

  def test_no_photographs(self) -> None:
    row = self._table(1, with_photographs=False)[0]
    self.assertLen(row, 2)
    self.assertIn('pip install scikit-image', row[1])


if __name__ == '__main__':
  absltest.main()
