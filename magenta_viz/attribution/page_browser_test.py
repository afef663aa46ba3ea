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

"""Tests of page in a real browser."""

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.attribution import comparison
from magenta_viz.attribution import page
from magenta_viz.testing import page_case
from magenta_viz.testing import saliency_rows

# Of three photographs, a picture and two for each method.
_NUM_PICTURES = 3 + 2 * (3 + 3 + 2)


class PageBrowserTest(page_case.PageCase):
  least_texts = 60

  @classmethod
  def html(cls) -> str:
    rows = saliency_rows.rows()
    records = [record for row in rows for record, _ in row.found.values()]
    return page.page(
      'photos',
      rows,
      comparison.means(records),
      ["cannot read 'a.png'"],
      saliency_rows.read_picture,
    )

  def test_all_pictures_are_loaded(self) -> None:
    sizes = self.run_in_page(
      'return [...document.images].map(i => [i.naturalWidth, i.naturalHeight])'
    )
    self.assertLen(sizes, _NUM_PICTURES)
    self.assertEqual(sizes[:7], 7 * [[120, 80]])
    self.assertEqual(sizes[7:14], 7 * [[60, 256]])

  @parameterized.parameters(360, 700, 1280)
  def test_methods_are_beside_one_another(self, width: int) -> None:
    self.show(width)
    boxes = self.run_in_page(
      'return [...document.querySelectorAll(".card")[0].querySelectorAll('
      '  "figure")].map(e => { const r = e.getBoundingClientRect();'
      '  return [r.left, r.top, r.right, r.bottom]; })'
    )
    self.assertLen(boxes, 4)
    columns = len({left for left, *_ in boxes})
    self.assertEqual(columns, {360: 1, 700: 3, 1280: 4}[width])
    for (_, _, right, bottom), (left, top, _, _) in zip(boxes, boxes[1:]):
      self.assertTrue(left >= right or top >= bottom)

  def test_pictures_keep_their_shape(self) -> None:
    shapes = self.run_in_page(
      'return [...document.images].map(i => [i.clientWidth / i.clientHeight,'
      ' i.naturalWidth / i.naturalHeight, i.clientHeight])'
    )
    for shown, own, height in shapes:
      # A tall one is fitted into the highest that there may be.
      if height < 350:
        self.assertAlmostEqual(shown, own, delta=0.02)
      self.assertLess(height, 353)

  def test_names_do_nothing(self) -> None:
    self.assertIsNone(self.run_in_page('return window.hacked'))
    self.assertEqual(
      self.run_in_page('return document.querySelectorAll("script,a").length'), 0
    )
    self.assertEqual(
      self.run_in_page('return document.images.length'), _NUM_PICTURES
    )
    text = self.run_in_page('return document.body.textContent')
    self.assertIn(saliency_rows.HOSTILE_CLASS.split(', ')[0], text)


if __name__ == '__main__':
  absltest.main()
