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

"""Tests for still_folders."""

from pathlib import Path

from absl.testing import absltest
from PIL import Image

from magenta_viz.media import still_folders


class FindWithFilmsTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)

  def put(self, name: str, num_frames: int = 1) -> None:
    """Writes a picture of so many frames, or what has the name of a film."""
    path = self.folder / name
    path.parent.mkdir(exist_ok=True)
    first, *others = [Image.new('L', (4, 4), 9 * i) for i in range(num_frames)]
    if path.suffix in ('.mp4', '.WEBM'):
      path.write_bytes(b'a film')
    elif others:
      first.save(path, save_all=True, append_images=others)
    else:
      first.save(path)

  def test_still_and_moving(self) -> None:
    for name in (
      'a2.png',
      'a10.gif',
      'inner/b.jpg',
      'sheet.png',
      '.hidden.mp4',
    ):
      self.put(name)
    for name in ('a3.gif', 'c.webp', 'inner/d.png'):
      self.put(name, 3)
    for name in ('b.mp4', 'inner/a.WEBM'):
      self.put(name)
    (self.folder / 'folder.mp4').mkdir()
    (self.folder / 'words.txt').write_text('words')
    stills, moving = still_folders.find_with_films(str(self.folder), 'photos')
    names = [
      [path.relative_to(self.folder).as_posix() for path in paths]
      for paths in (stills, moving)
    ]
    self.assertEqual(names[0], ['a2.png', 'a10.gif', 'inner/b.jpg'])
    self.assertEqual(
      names[1], ['a3.gif', 'b.mp4', 'c.webp', 'inner/a.WEBM', 'inner/d.png']
    )
    self.assertEqual(still_folders.find(str(self.folder), 'photos'), stills)

  def test_films_alone(self) -> None:
    self.put('a.mp4')
    stills, moving = still_folders.find_with_films(str(self.folder), 'photos')
    self.assertEqual((stills, [path.name for path in moving]), ([], ['a.mp4']))
    with self.assertRaisesRegex(ValueError, 'has no pictures, not counting'):
      still_folders.find(str(self.folder), 'photos')

  def test_nothing(self) -> None:
    with self.assertRaisesRegex(
      ValueError, 'no pictures and no films; give --p'
    ):
      still_folders.find_with_films(str(self.folder), 'photos')


if __name__ == '__main__':
  absltest.main()
