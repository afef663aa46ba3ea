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

from pathlib import Path
from typing import List, Tuple

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.evaluation import page
from magenta_viz.testing import judged_pictures
from magenta_viz.testing import page_case

_REPORT = judged_pictures.page_report()


class PageBrowserTest(page_case.PageCase):
  @classmethod
  def html(cls) -> str:
    return page.page(_REPORT, judged_pictures.read_picture)

  def test_all_pictures_are_loaded(self) -> None:
    sizes = self.run_in_page(
      'return [...document.images].map(i => [i.naturalWidth, i.naturalHeight])'
    )
    self.assertEqual(
      sizes, [[224, 224], [256, 82], [96, 256], [28, 28], [64, 64]]
    )

  @parameterized.parameters(360, 700, 1280, 2500)
  def test_pictures_are_in_order(self, width: int) -> None:
    self.show(width)
    cards = self.run_in_page(
      'return [...document.querySelectorAll(".card")].map(card => {'
      '  const box = card.getBoundingClientRect();'
      '  return [Math.round(box.top), box.left,'
      '    card.querySelector("code").textContent]; })'
    )
    names = [each['name'] for each in _REPORT['pictures']]
    hostile = names.index(judged_pictures.HOSTILE_FILE)
    names[hostile] = names[hostile].replace('\udce9', '\ufffd')
    self.assertEqual([name for _, _, name in sorted(cards)], names)
    columns = len({left for _, left, _ in cards})
    self.assertEqual(columns, {360: 1, 700: 2, 1280: 4, 2500: 4}[width])

  @parameterized.parameters(360, 1280)
  def test_five_guesses_of_each_judge_are_seen(self, width: int) -> None:
    self.show(width)
    boxes: List[Tuple[bool, List[float], List[List[float]]]] = self.run_in_page(
      'const box = e => { const r = e.getBoundingClientRect();'
      '  return [r.left, r.top, r.right, r.bottom]; };'
      'return [...document.querySelectorAll(".card section")].map(section =>'
      '  [section.querySelector("h4").checkVisibility(),'
      '   box(section.closest(".card")),'
      '   [...section.querySelectorAll("li")].filter('
      '     e => e.checkVisibility()).map(box)])'
    )
    self.assertLen(boxes, 2 * 5)
    for is_visible, card, guesses in boxes:
      self.assertTrue(is_visible)
      self.assertLen(guesses, 5)
      bottom = card[1]
      for left, top, right, low in guesses:
        self.assertGreaterEqual(left, card[0])
        self.assertLessEqual(right, card[2])
        self.assertGreaterEqual(top, bottom)
        self.assertGreater(low, top + 10)
        bottom = low
      self.assertLessEqual(bottom, card[3])

  def test_bars_are_as_long_as_probabilities(self) -> None:
    shares = self.run_in_page(
      'return [...document.querySelectorAll("section .bar")].slice(0, 5).map('
      '  e => e.firstChild.offsetWidth / e.offsetWidth)'
    )
    for share, right in zip(shares, (1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32)):
      self.assertAlmostEqual(share, right, delta=0.005)

  def test_the_check_sees_what_is_fetched_and_wrong(self) -> None:
    picture = 'http://127.0.0.1:9/nothing.png'
    file = self.create_tempfile('bad.html', f'<img src="{picture}">')
    self.visit(Path(file.full_path).as_uri())
    self.assertIn(picture, self._requests())
    self.assertNotEmpty(self.browser.get_log('browser'))

  def test_names_do_nothing(self) -> None:
    self.assertIsNone(self.run_in_page('return window.hacked'))
    self.assertEqual(
      self.run_in_page(
        'return document.querySelectorAll("script,main b b,a").length'
      ),
      0,
    )
    self.assertEqual(
      self.run_in_page('return document.images.length'),
      len(_REPORT['pictures']),
    )
    text = self.run_in_page('return document.body.textContent')
    for name in (
      judged_pictures.HOSTILE_CLASS,
      judged_pictures.HOSTILE_FILE.replace('\udce9', '\ufffd'),
      judged_pictures.JUDGES[1],
      _REPORT['input_dir'],
    ):
      self.assertIn(name, text)
    self.assertIn(_REPORT['input_dir'], self.browser.title)

  def test_scripts_that_get_in_do_not_run(self) -> None:
    self.run_in_page(
      'const element = document.createElement("p");'
      'document.body.append(element);'
      'element.innerHTML = "<img src=x onerror=hacked=1>"'
    )
    # What happens to the image happens before this returns.
    self.browser.execute_async_script('setTimeout(arguments[0], 100)')
    self.assertIsNone(self.run_in_page('return window.hacked'))
    self.assertIn(
      'Content Security Policy', str(self.browser.get_log('browser'))
    )


if __name__ == '__main__':
  absltest.main()
