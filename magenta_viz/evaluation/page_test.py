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
import io
import json
from typing import Any, List, Tuple
from xml.etree import ElementTree

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image

from magenta_viz.evaluation import page
from magenta_viz.testing import html_tree
from magenta_viz.testing import judged_pictures

_tree = html_tree.tree
_text = html_tree.text


def _changed(*changes: Tuple[str, Any]) -> ElementTree.Element:
  """Returns the page of a report with changes: paths of keys, and values."""
  report = json.loads(json.dumps(judged_pictures.page_report()))
  for path, value in changes:
    *keys, last = [int(k) if k.isdigit() else k for k in path.split('/')]
    place = report
    for key in keys:
      place = place[key]
    place[last] = value
  return _tree(page.page(report, judged_pictures.read_picture))


def _sections(root: ElementTree.Element) -> List[ElementTree.Element]:
  """Returns what the judges say of the pictures, two of each."""
  return root.findall('.//li[@class="card"]//section')


class PageTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self._report = judged_pictures.page_report()
    self._read: List[str] = []
    self._html = page.page(self._report, self._read_picture)
    self._root = _tree(self._html)

  def _read_picture(self, name: str) -> np.ndarray:
    self._read.append(name)
    return judged_pictures.read_picture(name)

  def test_is_utf8_of_html_5(self) -> None:
    self.assertStartsWith(self._html, '<!DOCTYPE html>\n<html lang="en">')
    self.assertIn('\ufffd.png', self._html)
    self.assertIn('\u732b', self._html.encode('utf-8').decode('utf-8'))

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

  def test_pictures_are_small_and_like_themselves(self) -> None:
    images = self._root.findall('.//li[@class="card"]/img')
    names = [picture['name'] for picture in self._report['pictures']]
    # Once each, in order.
    self.assertEqual(self._read, names)
    sizes = []
    for element, name in zip(images, names):
      start, data = element.attrib['src'].split(',')
      self.assertEqual(start, 'data:image/jpeg;base64')
      with Image.open(io.BytesIO(base64.b64decode(data))) as image:
        # A small one shows its pixels.
        sizes.append((image.size, element.attrib.get('class')))
        small = np.asarray(image) / 255
      whole = judged_pictures.read_picture(name)
      np.testing.assert_allclose(
        small.mean(axis=(0, 1)), whole.mean(axis=(0, 1)), atol=0.01
      )
      if small.shape == whole.shape:
        np.testing.assert_allclose(small, whole, atol=0.1)
    self.assertEqual(
      sizes,
      [
        *(((224, 224), None), ((256, 82), None), ((96, 256), None)),
        *(((28, 28), 'coarse'), ((64, 64), 'coarse')),
      ],
    )
    self.assertIn(judged_pictures.HOSTILE_CLASS, images[1].attrib['alt'])

  def test_refuses_what_is_no_picture(self) -> None:
    with self.assertRaisesRegex(ValueError, 'NaN or infinite'):
      page.page(self._report, lambda name: np.full((2, 2, 3), np.nan))

  def test_facts(self) -> None:
    facts = [_text(e) for e in self._root.findall('.//p[@class="facts"]')]
    self.assertEqual(
      facts[2],
      'deep/jay_1.pngdrawn by squeezenet:0.5 + efficientnet_lite0 \u00b7 '
      'preset deepdraw \u00b7 seed 8 \u00b7 8.2 s \u00b7 own word rank 2, 88 %',
    )
    self.assertEqual(facts[3], 'tiny.png')

  def test_right_guess_is_marked(self) -> None:
    marks = []
    for section in _sections(self._root):
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
        ('<b>net</b>.npzrank 2', [1]),
        ('squeezenetrank 4', [3]),
        ('<b>net</b>.npz (itself)first guess', [0]),
        ('squeezenetrank 57, <0.1 %', []),
        ('<b>net</b>.npzrank 900, <0.1 %', []),
        ('squeezenet', []),
        ('<b>net</b>.npz', []),
      ],
    )

  def test_right_guess_is_by_the_judges_own_id(self) -> None:
    place = 'pictures/0/judges/squeezenet'
    section, *_ = _sections(
      _changed((f'{place}/class_id', 103), (f'{place}/rank', 3))
    )
    self.assertEqual(
      [guess.get('class') for guess in section.findall('ol/li')],
      [None, None, 'right', None, None],
    )

  def test_fewer_guesses_than_five(self) -> None:
    place = 'pictures/2/judges/squeezenet/guesses'
    guesses = self._report['pictures'][2]['judges']['squeezenet']['guesses']
    section = _sections(_changed((place, guesses[:3])))[4]
    self.assertLen(section.findall('ol/li'), 3)
    self.assertIn('rank 4, 6.2 %', _text(section.find('h4')))

  def test_judges_that_had_a_part(self) -> None:
    root = _changed(
      ('judges/0/num_own', 1),
      ('pictures/2/judges/squeezenet', None),
      ('groups/0/judges/squeezenet/num_pictures', 3),
      ('groups/1/judges/squeezenet', None),
      ('groups/2/judges/squeezenet', None),
      ('groups/2/num_without_class', 3),
    )
    self.assertEqual(
      [_text(each) for each in root.findall('.//p')[1:3]],
      [
        'squeezenet had a part in 1 picture, and was not shown it.',
        '<b>net</b>.npz had a part in 2 pictures: of them its word proves '
        'little.',
      ],
    )
    self.assertEqual(
      _text(_sections(root)[4]),
      'squeezenethad a part in it, and was not shown it',
    )
    heads = [_text(each) for each in root.findall('.//table//tbody/tr')]
    self.assertStartsWith(heads[1], 'squeezenet of 3 pictures')
    self.assertEqual(heads[5], 'squeezenetwas shown none of them')
    self.assertEqual(heads[9], 'squeezenetno picture is of a class')

  def test_names_stay_text(self) -> None:
    title = self._root.find('.//li[@class="card"][2]//h3/bdi')
    self.assertEqual(
      _text(title), ' '.join(judged_pictures.HOSTILE_CLASS.split())
    )
    code = self._root.find('.//li[@class="card"][2]//p/code')
    assert code is not None
    self.assertEqual(
      code.text, judged_pictures.HOSTILE_FILE.replace('\udce9', '\ufffd')
    )
    image = self._root.find('.//li[@class="card"][2]/img')
    assert image is not None
    self.assertIn(judged_pictures.HOSTILE_CLASS, image.attrib['alt'])
    self.assertIn('pictures of <i>mine</i>', _text(self._root.find('.//title')))

  def test_titles_of_pictures(self) -> None:
    root = _changed(('pictures/3/class_name', None))
    titles = [_text(title) for title in root.findall('.//h3/bdi')]
    self.assertEqual(titles[2:], ['jay', 'class 5', 'no class'])

  def test_opening_names_the_judges(self) -> None:
    opening = self._root.find('.//p[@class="lead"]')
    self.assertEqual(
      _text(opening),
      '5 pictures in the folder pictures of <i>mine</i>, as squeezenet and '
      '<b>net</b>.npz see them.',
    )
    report = dict(self._report, judges=self._report['judges'][:1])
    root = _tree(page.page(report, judged_pictures.read_picture))
    self.assertEndsWith(_text(root.find('.//p')), ', as squeezenet sees them.')

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
    report = judged_pictures.page_report(with_photographs)
    root = _tree(page.page(report, judged_pictures.read_picture))
    table = root.findall('.//table')[index]
    return [[_text(cell) for cell in row] for row in table.findall('tbody/tr')]

  def test_recognition(self) -> None:
    rows = self._table(0)
    self.assertEqual(
      rows[:5],
      [
        [
          'All pictures 5 pictures of 3 classes \u00b7 1 without a class '
          '\u00b7 7.8 s a picture'
        ],
        [
          *('squeezenet', '50 % 0 to 100 %', '67 % 0 to 100 %'),
          *('26 % <1 to 50 %', '2.5 median; worst 57', '1.00 noise 0.12'),
        ],
        [
          *('<b>net</b>.npz (itself)', '33 % 0 to 100 %', '67 % 0 to 100 %'),
          *('25 % <1 to 50 %', '1.5 median; worst 900', '0.00 noise 0.12'),
        ],
        [
          *('who drew them (own word)', '0 % 0 to 0 %', '100 % 100 to 100 %'),
          *('88 % 88 to 88 %', '', ''),
        ],
        ['Preset deepdraw 2 pictures of 1 class \u00b7 7.8 s a picture'],
      ],
    )
    self.assertEqual(
      [row[0] for row in rows[8:]],
      [
        'Without a preset 3 pictures of 2 classes \u00b7 1 without a class',
        *judged_pictures.JUDGES,
        'Drawn by squeezenet:0.5 + efficientnet_lite0 2 pictures of 1 class'
        ' \u00b7 7.8 s a picture',
        *('squeezenet', '<b>net</b>.npz (itself)', 'who drew them (own word)'),
        'Drawn by others 3 pictures of 2 classes \u00b7 1 without a class',
        *judged_pictures.JUDGES,
      ],
    )
    self.assertEqual(rows[9][-1], 'no variations')

  def test_naturalness(self) -> None:
    rows = self._table(1)
    self.assertEqual(
      [row[0] for row in rows],
      [
        *('Photographs', 'All pictures', 'Preset deepdraw', 'Without a preset'),
        'Drawn by squeezenet:0.5 + efficientnet_lite0',
        'Drawn by others',
      ],
    )
    summary = judged_pictures.page_report()['groups'][0]['naturalness']
    slope = [summary[key]['slope'] for key in ('mean', 'low', 'high')]
    text = '{:.2f} {:.2f} to {:.2f}'.format(*slope).replace('-', '\u2212')
    self.assertEqual(rows[1][2], text)
    self.assertEqual(rows[1][1], '0.0 % 0.0 to 0.0 %')

  def test_no_photographs(self) -> None:
    row = self._table(1, with_photographs=False)[0]
    self.assertLen(row, 2)
    self.assertIn('pip install scikit-image', row[1])


class NamesTest(parameterized.TestCase):
  @parameterized.parameters(
    ('a\udce9.png', 'a\ufffd.png'),
    ('\udcff\ud800', '\ufffd\ufffd'),
    ('\ud800b', '\ufffdb'),
    ('猫🐈', '猫🐈'),
  )
  def test_names_that_are_no_unicode(self, name: str, shown: str) -> None:
    report = dict(judged_pictures.page_report(), input_dir=name)
    root = _tree(page.page(report, judged_pictures.read_picture))
    self.assertEqual(_text(root.find('.//p/code')), shown)


if __name__ == '__main__':
  absltest.main()
