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

from typing import Any, List

from absl.testing import absltest

from magenta_viz.attribution import comparison
from magenta_viz.attribution import page
from magenta_viz.testing import html_tree
from magenta_viz.testing import saliency_rows

_SHOWN = saliency_rows.HOSTILE_FILE.replace('\udce9', '\ufffd')


class PageTest(absltest.TestCase):
  def _page(self, passed_over: Any = ()) -> Any:
    """Returns the page of three photographs as a tree, and keeps its text."""
    rows = saliency_rows.rows()
    records = [record for row in rows for record, _ in row.found.values()]
    self._read: List[str] = []

    def read(path: Any) -> Any:
      self._read.append(str(path))
      return saliency_rows.read_picture(path)

    self.html = page.page(
      'photos of <i>mine</i>',
      rows,
      comparison.means(records),
      passed_over,
      read,
    )
    return html_tree.tree(self.html)

  def test_photographs_with_maps_and_boxes(self) -> None:
    root = self._page()
    cards = root.findall('.//li[@class="card"]')
    self.assertLen(cards, 3)
    captions = [
      [html_tree.text(each) for each in card.findall('.//figcaption')]
      for card in cards
    ]
    everything = ['photograph', 'gradient', 'grad_cam', 'rise']
    self.assertEqual(captions, [everything, everything, everything[:3]])
    name = 'dog_cat.jpg'
    # The photograph once, the map laid over it and the box of each method.
    expected = [name, *[f'{name}|overlay', f'{name}|box'] * 3]
    self.assertEqual(self._read[:7], expected)
    alts = [each.attrib['alt'] for each in cards[0].findall('.//img')]
    self.assertEqual(
      alts[:3], [name, f'gradient, map: {name}', f'gradient, box: {name}']
    )
    coarse = [each.attrib.get('class') for each in cards[2].findall('.//img')]
    self.assertEqual(coarse, 5 * ['coarse'])

  def test_class_probability_and_scores(self) -> None:
    root = self._page()
    titles = [html_tree.text(each) for each in root.findall('.//h3/bdi')]
    self.assertEqual(titles[0], 'tabby')
    facts = [
      html_tree.text(each) for each in root.findall('.//p[@class="facts"]')
    ]
    self.assertEqual(facts[0], 'dog_cat.jpg75.0 %, rank 1')
    self.assertIn('rank 2; first choice tiger cat', facts[1])
    scores = html_tree.text(root.find('.//figure/dl'))
    self.assertEqual(scores, 'Deletion0.125Insertion0.250')

  def test_means(self) -> None:
    rows = self._page().findall('.//table/tbody/tr')
    # The last photograph lacks rise.
    self.assertEqual(
      [html_tree.text(row) for row in rows],
      [
        'gradient0.250 0.500 3',
        'grad_cam0.250 0.500 3',
        'rise0.188 0.375 2',
      ],
    )
    html = page.page(
      'a', saliency_rows.rows(), [], [], saliency_rows.read_picture
    )
    self.assertIsNone(html_tree.tree(html).find('.//table'))

  def test_passed_over(self) -> None:
    self.assertNotIn('Passed over', html_tree.text(self._page()))
    root = self._page(["cannot read '<b>.png'"])
    reasons = root.findall('.//ul/li')
    self.assertEqual(
      [html_tree.text(each) for each in reasons], ["cannot read '<b>.png'"]
    )

  def test_nothing_was_found(self) -> None:
    html = page.page('a', [], [], ['x'], saliency_rows.read_picture)
    self.assertIn('0 photographs of a', html_tree.text(html_tree.tree(html)))

  def test_names_stay_text(self) -> None:
    root = self._page()
    tags = {element.tag for element in root.iter()}
    self.assertNoCommonElements(tags, ('script', 'b b', 'i i', 'a'))
    self.assertIn(' '.join(_SHOWN.split()), html_tree.text(root))
    self.assertIn(
      'photos of <i>mine</i>', html_tree.text(root.find('.//title'))
    )
    self.assertIn('package <ndf>', html_tree.text(root.find('.//footer')))
    self.html.encode('utf-8')


if __name__ == '__main__':
  absltest.main()
