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

"""A page of HTML as a tree of elements, for tests."""

from html import parser
from typing import List, Optional, Tuple
from xml.etree import ElementTree

# Elements of HTML that have no end.
_VOID = ('img', 'link', 'meta', 'br')


class _TreeBuilder(parser.HTMLParser):
  """Makes a tree of a page, and refuses one whose elements do not match."""

  def __init__(self) -> None:
    """Starts with nothing."""
    super().__init__()
    self._builder = ElementTree.TreeBuilder()
    self._open: List[str] = []

  def handle_starttag(
    self, tag: str, attrs: List[Tuple[str, Optional[str]]]
  ) -> None:
    """Opens an element."""
    self._builder.start(tag, {name: value or '' for name, value in attrs})
    if tag in _VOID:
      self._builder.end(tag)
    else:
      self._open.append(tag)

  def handle_endtag(self, tag: str) -> None:
    """Closes an element."""
    expected = self._open.pop()
    if tag != expected:
      raise AssertionError(f'</{tag}> where </{expected}> must be')
    self._builder.end(tag)

  def handle_data(self, data: str) -> None:
    """Takes the text in an element."""
    if self._open:
      self._builder.data(data)

  def root(self) -> ElementTree.Element:
    """Returns the outermost element."""
    if self._open:
      raise AssertionError(f'still open: {self._open}')
    return self._builder.close()


def tree(html: str) -> ElementTree.Element:
  """Returns the elements of a page.

  Raises:
    AssertionError: If they do not match.
  """
  builder = _TreeBuilder()
  builder.feed(html)
  builder.close()
  return builder.root()


def text(element: Optional[ElementTree.Element]) -> str:
  """Returns what is to be read, each white space as one blank."""
  assert element is not None
  return ' '.join(''.join(element.itertext()).split())
