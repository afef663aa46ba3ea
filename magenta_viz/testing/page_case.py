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

"""What is true of every page, in a real browser."""

import json
from pathlib import Path
import tempfile
import time
from typing import Any, Callable, ClassVar, List, Tuple

from absl.testing import parameterized
from selenium import webdriver
from selenium.webdriver.common import action_chains

from magenta_viz.testing import browser as browser_lib

# Of all text that is to be seen, the colours of the worst contrast to what is
# behind it: ratio as in WCAG 2.1, text.
WORST_CONTRAST = """
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


def requests(browser: webdriver.Chrome) -> List[str]:
  """Lists what a browser asked for since its log was read last."""
  messages = [
    json.loads(entry['message'])['message']
    for entry in browser.get_log('performance')
  ]
  return [
    message['params']['request']['url']
    for message in messages
    if message['method'] == 'Network.requestWillBeSent'
  ]


class BrowserCase(parameterized.TestCase):
  """Tests of a page; the class that inherits writes it.

  Attributes:
    browser: Shows it.
    browser_flags: Of the browser's command line, beside those of every test.
    seconds: Longest wait for anything.
    tells: Element whose text says how the page is.
  """

  browser: ClassVar[webdriver.Chrome]
  browser_flags: ClassVar[Tuple[str, ...]] = ()
  seconds: ClassVar[float] = 30
  tells: ClassVar[str] = 'body'

  @classmethod
  def write(cls, folder: Path) -> None:
    """Writes what is shown to a temporary folder."""
    raise NotImplementedError

  @classmethod
  def setUpClass(cls) -> None:
    """Opens a browser and writes the page."""
    super().setUpClass()
    folder = tempfile.TemporaryDirectory()
    cls.addClassCleanup(folder.cleanup)
    profile = f'{folder.name}/profile'
    cls.browser = browser_lib.start(profile, *cls.browser_flags)
    cls.addClassCleanup(cls.browser.quit)
    cls.write(Path(folder.name))

  def visit(self, address: str) -> None:
    """Opens a page; the logs are then its own."""
    self.browser.get('about:blank')
    self.browser.get_log('browser')
    self.browser.get_log('performance')
    self.browser.get(address)

  def show(self, width: int = 1280, scheme: str = 'light') -> None:
    """Gives the window a width in pixels and the user a colour scheme."""
    # A window of its own cannot be as narrow as a telephone.
    self.browser.execute_cdp_cmd(
      'Emulation.setDeviceMetricsOverride',
      {'width': width, 'height': 800, 'deviceScaleFactor': 1, 'mobile': False},
    )
    self.browser.execute_cdp_cmd(
      'Emulation.setEmulatedMedia',
      {'features': [{'name': 'prefers-color-scheme', 'value': scheme}]},
    )

  def run_in_page(self, script: str, *arguments: Any) -> Any:
    """Returns what a script in the page returns."""
    return self.browser.execute_script(script, *arguments)

  def wait(self, condition: Callable[[], Any]) -> Any:
    """Waits until something is so, and returns what it says."""
    end = time.monotonic() + self.seconds
    while True:
      found = condition()
      if found:
        return found
      if time.monotonic() > end:
        told = self.text(self.tells)[:500]
        self.fail(f'not so after {self.seconds} s: {told}')
      time.sleep(0.03)

  def text(self, selector: str) -> str:
    """Returns the text of an element, its spaces single ones."""
    script = 'return document.querySelector(arguments[0]).textContent'
    return ' '.join(self.run_in_page(script, selector).split())

  def press(self, *pressed: str) -> None:
    """Presses keys, one after the other."""
    for each in pressed:
      action_chains.ActionChains(self.browser).send_keys(each).perform()


class PageCase(BrowserCase):
  """Tests of a page of one file; the class that inherits says it, by `html`.

  Attributes:
    least_texts: It has more texts than this.
  """

  least_texts = 200
  _address: str

  @classmethod
  def html(cls) -> str:
    """Returns the page."""
    raise NotImplementedError

  @classmethod
  def write(cls, folder: Path) -> None:
    """Writes the page."""
    path = folder / 'page.html'
    path.write_text(cls.html(), encoding='utf-8')
    cls._address = path.as_uri()

  def setUp(self) -> None:
    """Opens the page in a window of usual width."""
    super().setUp()
    self.show()
    self.visit(self._address)

  def _requests(self) -> List[str]:
    """Lists what the browser asked for since the page was opened."""
    return requests(self.browser)

  def test_nothing_is_fetched_and_nothing_is_wrong(self) -> None:
    """Only what is in the page itself is shown."""
    requests = self._requests()
    self.assertIn(self._address, requests)
    for address in requests:
      if address != self._address:
        self.assertStartsWith(address, 'data:')
    self.assertEqual(self.browser.get_log('browser'), [])

  @parameterized.parameters(320, 360, 700, 800, 1280)
  def test_no_sideways_scrolling(self, width: int) -> None:
    """Nothing is wider than the window."""
    self.show(width)
    self.run_in_page(
      'document.querySelectorAll("details").forEach(e => { e.open = true; })'
    )
    wide, seen = self.run_in_page(
      'const e = document.documentElement;return [e.scrollWidth, e.clientWidth]'
    )
    self.assertLessEqual(wide, seen)
    beyond = self.run_in_page(
      'return [...document.querySelectorAll("main *")].filter('
      '  e => e.getBoundingClientRect().right > arguments[0]).map('
      '  e => e.outerHTML.slice(0, 200))',
      seen,
    )
    self.assertEqual(beyond, [])

  @parameterized.parameters('light', 'dark')
  def test_contrast(self, scheme: str) -> None:
    """All text is readable."""
    self.show(1280, scheme)
    self.run_in_page(
      'document.querySelectorAll("details").forEach(e => { e.open = true; })'
    )
    ratio, text, count = self.run_in_page(WORST_CONTRAST)
    self.assertGreater(count, self.least_texts)
    self.assertGreaterEqual(ratio, 4.5, text)
    color = self.run_in_page(
      'return getComputedStyle(document.body).backgroundColor'
    )
    dark = int(color.strip('rgb()').split(',')[0]) < 128
    self.assertEqual(dark, scheme == 'dark')
