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

"""Tests for picture_heads."""

import os
from typing import Dict

from absl.testing import absltest
from PIL import Image

from magenta_viz.data import picture_heads
from magenta_viz.testing import data_files
from magenta_viz.testing import folder_case


class FindDamagedTest(folder_case.FolderCase):
  def setUp(self) -> None:
    super().setUp()
    self.names = ['a.png', 'b.png', 'c.jpg']
    for name in self.names:
      (self.folder / name).write_bytes(data_files.encode(1))

  def _find(self, *names: str) -> Dict[str, str]:
    return picture_heads.find_damaged(str(self.folder), [*self.names, *names])

  def test_good_ones(self) -> None:
    self.assertEqual(self._find(), {})

  def test_heads_alone_count(self) -> None:
    data = data_files.encode(1)
    (self.folder / 'a.png').write_bytes(data[:20])
    (self.folder / 'b.png').write_bytes(data[:-40])
    (self.folder / 'c.jpg').write_bytes(b'')
    (self.folder / 'd.gif').write_bytes(
      b'GIF89a' + b'\xc8\x32\xc8\x32\x80\0\0' + 6 * b'\0' + b',' + 10 * b'\0'
    )
    found = self._find('d.gif')
    self.assertEqual(list(found), ['a.png', 'c.jpg', 'd.gif'])
    self.assertEqual(found['c.jpg'], 'its format is unknown')
    self.assertIn('13000 x 13000 pixels', found['d.gif'])

  def test_names_as_examples_have_them(self) -> None:
    name = os.fsdecode(b'\xff.png')
    try:
      (self.folder / name).write_bytes(b'no picture')
    except OSError:
      self.skipTest('needs a file system for names that are no text')
    self.assertEqual(list(self._find(name)), ['\ufffd.png'])

  def test_animated(self) -> None:
    stills = [Image.new('L', (4, 4), level) for level in (0, 255)]
    path = self.folder / 'd.webp'
    stills[0].save(path, save_all=True, append_images=stills[1:])
    message = f"^'{path}' is animated or has several pages; training takes"
    self.refuses(message, self._find, 'd.webp')

  def test_no_plain_file(self) -> None:
    path = self.folder / 'd.png'
    message = f"^cannot read the picture '{path}': "
    missing = f'{message}No such file'
    self.refuses(missing, self._find, 'd.png', kind=FileNotFoundError)
    path.symlink_to(os.devnull)
    self.refuses(f'{message}it is no plain file; ', self._find, 'd.png')


if __name__ == '__main__':
  absltest.main()
