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

import json
from pathlib import Path
import tempfile
from typing import Any, List, Tuple

from absl.testing import absltest
from absl.testing import parameterized
from selenium import webdriver

from magenta_viz.evaluation import page
from magenta_viz.testing import browser
from magenta_viz.testing import judged_pictures

_REPORT = judged_pictures.page_report()

# Of all text that is to be seen, the colours of the worst contrast to what is
# behind it: ratio as in WCAG 2.1, text.
_WORST_CONTRAST = """
function light(text) {
  const parts = text.match(/[\\d.]+/g).map(Number);
  if (parts.length > 3 && parts[3] === 0) return null;
  if (parts.length > 3 && parts[3] < 1) throw 'translucent: ' + text;
  const [r, g, b] = parts.slice(0, 3).map(
    v => v <= 10.3 ? v / 3294.6 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function behind(element) {
  for (; element; element = element.parentElement) {
    const found = light(getComputedStyle(element).backgroundColor);
    if (found !== null) return found;
  }
  throw 'no background';
}
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
let worst = [22, ''], count = 0;
while (texts.nextNode()) {
  const element = texts.currentNode.parentElement;
  const text = texts.currentNode.textContent.trim();
  if (!text || !element.checkVisibility()) continue;
  count += 1;
  const pair = [light(getComputedStyle(element).color), behind(element)].sort(
    (a, b) => a - b);
  const ratio = (pair[1] + 0.05) / (pair[0] + 0.05);
  if (ratio < worst[0]) worst = [ratio, text];
}
return [...worst, count];
"""


class PageBrowserTest(parameterized.TestCase):
  _browser: webdriver.Chrome
  _address: str

  @classmethod
  def setUpClass(cls) -> None:
    super().setUpClass()
    folder = tempfile.TemporaryDirectory()
    cls.addClassCleanup(folder.cleanup)
    cls._browser = browser.start(f'{folder.name}/profile')
    cls.addClassCleanup(cls._browser.quit)
    html = page.page(_REPORT, judged_pictures.read_picture)
    path = Path(folder.name, 'evaluation.html')
    path.write_text(html, encoding='utf-8')
    cls._address = path.as_uri()

  def setUp(self) -> None:
    super().setUp()
    self._show(1280)
    self._open(self._address)

  def _open(self, address: str) -> None:
    """Opens a page; the logs are then its own."""
    self._browser.get('about:blank')
    self._browser.get_log('browser')
    self._browser.get_log('performance')
    self._browser.get(address)

  def _show(self, width: int, scheme: str = 'light') -> None:
    """Gives the window a width in pixels and the user a colour scheme."""
    # A window of its own cannot be as narrow as a telephone.
    self._browser.execute_cdp_cmd(
      'Emulation.setDeviceMetricsOverride',
      {'width': width, 'height': 800, 'deviceScaleFactor': 1, 'mobile': False},
    )
    self._browser.execute_cdp_cmd(
      'Emulation.setEmulatedMedia',
      {'features': [{'name': 'prefers-color-scheme', 'value': scheme}]},
    )

  def _run(self, script: str, *arguments: Any) -> Any:
    return self._browser.execute_script(script, *arguments)

  def _requests(self) -> List[str]:
    """Lists what the browser asked for since the page was opened."""
    messages = [
      json.loads(entry['message'])['message']
      for entry in self._browser.get_log('performance')
    ]
    return [
      message['params']['request']['url']
      for message in messages
      if message['method'] == 'Network.requestWillBeSent'
    ]

  def test_all_pictures_are_loaded(self) -> None:
    sizes = self._run(
      'return [...document.images].map(i => [i.naturalWidth, i.naturalHeight])'
    )
    self.assertEqual(
      sizes, [[224, 224], [256, 82], [96, 256], [28, 28], [64, 64]]
    )

  @parameterized.parameters(360, 700, 1280, 2500)
  def test_pictures_are_in_order(self, width: int) -> None:
    self._show(width)
    cards = self._run(
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
    self._show(width)
    boxes: List[Tuple[bool, List[float], List[List[float]]]] = self._run(
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
    shares = self._run(
      'return [...document.querySelectorAll("section .bar")].slice(0, 5).map('
      '  e => e.firstChild.offsetWidth / e.offsetWidth)'
    )
    for share, right in zip(shares, (1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32)):
      self.assertAlmostEqual(share, right, delta=0.005)

  def test_nothing_is_fetched_and_nothing_is_wrong(self) -> None:
    requests = self._requests()
    self.assertIn(self._address, requests)
    for address in requests:
      if address != self._address:
        self.assertStartsWith(address, 'data:')
    self.assertEqual(self._browser.get_log('browser'), [])

  def test_the_check_sees_what_is_fetched_and_wrong(self) -> None:
    picture = 'http://127.0.0.1:9/nothing.png'
    file = self.create_tempfile('bad.html', f'<img src="{picture}">')
    self._open(Path(file.full_path).as_uri())
    self.assertIn(picture, self._requests())
    self.assertNotEmpty(self._browser.get_log('browser'))

  def test_names_do_nothing(self) -> None:
    self.assertIsNone(self._run('return window.hacked'))
    self.assertEqual(
      self._run('return document.querySelectorAll("script,main b b,a").length'),
      0,
    )
    self.assertEqual(
      self._run('return document.images.length'), len(_REPORT['pictures'])
    )
    text = self._run('return document.body.textContent')
    for name in (
      judged_pictures.HOSTILE_CLASS,
      judged_pictures.HOSTILE_FILE.replace('\udce9', '\ufffd'),
      judged_pictures.JUDGES[1],
      _REPORT['input_dir'],
    ):
      self.assertIn(name, text)
    self.assertIn(_REPORT['input_dir'], self._browser.title)

  def test_scripts_that_get_in_do_not_run(self) -> None:
    self._run(
      'const element = document.createElement("p");'
      'document.body.append(element);'
      'element.innerHTML = "<img src=x onerror=hacked=1>"'
    )
    # What happens to the image happens before this returns.
    self._browser.execute_async_script('setTimeout(arguments[0], 100)')
    self.assertIsNone(self._run('return window.hacked'))
    self.assertIn(
      'Content Security Policy', str(self._browser.get_log('browser'))
    )

  @parameterized.parameters(320, 360, 700, 800, 1280)
  def test_no_sideways_scrolling(self, width: int) -> None:
    self._show(width)
    self._run(
      'document.querySelectorAll("details").forEach(e => { e.open = true; })'
    )
    wide, seen = self._run(
      'const e = document.documentElement;return [e.scrollWidth, e.clientWidth]'
    )
    self.assertLessEqual(wide, seen)
    beyond = self._run(
      'return [...document.querySelectorAll("main *")].filter('
      '  e => e.getBoundingClientRect().right > arguments[0]).map('
      '  e => e.outerHTML.slice(0, 200))',
      seen,
    )
    self.assertEqual(beyond, [])

  @parameterized.parameters('light', 'dark')
  def test_contrast(self, scheme: str) -> None:
    self._show(1280, scheme)
    self._run(
      'document.querySelectorAll("details").forEach(e => { e.open = true; })'
    )
    ratio, text, count = self._run(_WORST_CONTRAST)
    self.assertGreater(count, 200)
    self.assertGreaterEqual(ratio, 4.5, text)
    color = self._run('return getComputedStyle(document.body).backgroundColor')
    dark = int(color.strip('rgb()').split(',')[0]) < 128
    self.assertEqual(dark, scheme == 'dark')


if __name__ == '__main__':
  absltest.main()
