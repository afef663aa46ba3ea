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

"""An atlas's page in a real browser, opened from the disk, for tests."""

from pathlib import Path
from typing import ClassVar, List
import urllib.parse

from magenta_viz.atlas import page
from magenta_viz.testing import page_case


class AtlasPageCase(page_case.BrowserCase):
  """Tests of a page in a folder.

  Attributes:
    folder: Of the atlas.
  """

  folder: ClassVar[Path]
  tells = 'main'

  @classmethod
  def make(cls, folder: Path) -> None:
    """Makes the atlas."""
    raise NotImplementedError

  @classmethod
  def write(cls, folder: Path) -> None:
    """Makes the atlas in a folder whose name no address has as it is."""
    cls.folder = folder / 'my atlas #1'
    cls.make(cls.folder)

  def setUp(self) -> None:
    """Opens the page in a window of usual width."""
    super().setUp()
    self.show()
    self.open()

  def tearDown(self) -> None:
    """Nothing was wrong in the browser's eyes."""
    self.assertEqual(self.browser.get_log('browser'), [])
    super().tearDown()

  def open(self, address: str = '') -> None:
    """Opens the page anew at an address."""
    self.visit((self.folder / 'index.html').as_uri() + address)
    self.wait_until_shown()

  def wait_until_shown(self) -> None:
    """Waits until the view that the address names is there."""
    self.wait(
      lambda: self.run_in_page(
        'return page.hash === location.hash'
        ' && !!document.querySelector("main h1")'
      )
    )

  def go(self, address: str) -> None:
    """Goes on to an address."""
    self.run_in_page('location.hash = arguments[0]', address)
    self.wait_until_shown()

  def count(self, selector: str) -> int:
    """Returns the number of elements."""
    script = 'return document.querySelectorAll(arguments[0]).length'
    found: int = self.run_in_page(script, selector)
    return found

  def address(self) -> str:
    """Returns the part of the address that says what is shown."""
    return urllib.parse.urlsplit(self.browser.current_url).fragment

  def is_at(self, address: str) -> bool:
    """Tells whether the page shows what is at an address."""
    self.wait_until_shown()
    return self.address() == address

  def data(self) -> List[str]:
    """Lists the data that were loaded since the page was opened."""
    start = (self.folder / 'page').as_uri() + '/'
    return [
      urllib.parse.unquote(each[len(start) : -len('.js')])
      for each in page_case.requests(self.browser)
      if each.startswith(start)
      and each.endswith('.js')
      and each[len(start) :] not in page.SCRIPTS
    ]
