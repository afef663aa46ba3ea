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

"""Tests of page_parts."""

from xml.etree import ElementTree

from absl.testing import absltest

from magenta_viz.evaluation import page_parts


class PagePartsTest(absltest.TestCase):
  def test_percent(self) -> None:
    for share, decimals, text in (
      (0.0, 0, '0'),
      (1e-9, 0, '<1'),
      (0.0049, 0, '<1'),
      (0.0051, 0, '1'),
      (0.5, 0, '50'),
      (0.9949, 0, '99'),
      (0.996, 0, '>99'),
      (1.0, 0, '100'),
      (0.0004, 1, '<0.1'),
      (0.9996, 1, '>99.9'),
      (0.1234, 1, '12.3'),
    ):
      with self.subTest(share):
        self.assertEqual(page_parts.percent(share, decimals), f'{text}\u00a0%')

  def test_percents(self) -> None:
    self.assertEqual(page_parts.percents(0.002, 0.5), '<1 to 50\u00a0%')

  def test_seconds(self) -> None:
    self.assertEqual(page_parts.seconds(8.04), '8.0\u00a0s')
    self.assertEqual(page_parts.seconds(1234.6), '1235\u00a0s')

  def test_strip(self) -> None:
    strip = page_parts.strip(
      page_parts.Scale(-3, -1), -1.5, between=(-2, -1), band=(-9, -2.5)
    )
    self.assertEqual(
      [(e.tag, e.get('class'), e.get('style')) for e in strip],
      [
        ('i', 'band', 'left:0.0%;width:25.0%'),
        ('i', 'range', 'left:50.0%;width:50.0%'),
        ('b', None, 'left:75.0%'),
      ],
    )

  def test_strip_of_a_scale_without_length(self) -> None:
    strip = page_parts.strip(page_parts.Scale(2, 2), 2, between=(2, 2))
    self.assertEqual(strip[-1].get('style'), 'left:50.0%')

  def test_element_keeps_the_order_of_text(self) -> None:
    inner = page_parts.element('b', 'two')
    element = page_parts.element('p', 'one ', inner, ' three', ' <four>')
    self.assertEqual(
      ElementTree.tostring(element, encoding='unicode', method='html'),
      '<p>one <b>two</b> three &lt;four&gt;</p>',
    )

  def test_names_that_are_no_unicode(self) -> None:
    for name, shown in (
      ('a\udce9.png', 'a\ufffd.png'),
      ('\udcff\ud800', '\ufffd\ufffd'),
      ('\ud800b', '\ufffdb'),
      ('猫🐈', '猫🐈'),
    ):
      self.assertEqual(page_parts.foreign(name).text, shown)


if __name__ == '__main__':
  absltest.main()
