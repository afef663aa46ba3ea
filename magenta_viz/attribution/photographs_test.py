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

"""Tests for photographs."""

from pathlib import Path
from typing import List

from absl.testing import absltest
import numpy as np

from magenta_viz.attribution import photographs
from magenta_viz.media import image_files

_GREY = np.full((8, 8, 3), 0.5, np.float32)


class FindTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)

  def _write(self, *names: str) -> None:
    for name in names:
      path = self.folder / name
      path.parent.mkdir(parents=True, exist_ok=True)
      path.write_bytes(image_files.encode_png(_GREY))

  def _names(self, output_dir: str) -> List[str]:
    return [
      each.name for each in photographs.find(str(self.folder), output_dir)
    ]

  def test_single_photograph_need_not_be_there(self) -> None:
    self.assertEqual(
      photographs.find('in/none.jpg', 'out'),
      [photographs.Photograph('in/none.jpg', 'none.jpg', 'out')],
    )

  def test_folder_in_natural_order(self) -> None:
    self._write('10.png', '9.png', 'b/c/1.jpg', 'sheet.png', '.a/1.png')
    found = photographs.find(str(self.folder), 'out')
    self.assertEqual(
      [each.name for each in found], ['9.png', '10.png', 'b/c/1.jpg']
    )
    self.assertEqual(
      [each.output_dir for each in found],
      ['out', 'out', str(Path('out', 'b', 'c'))],
    )
    self.assertEqual(found[2].path, str(self.folder / 'b/c/1.jpg'))
    for each in photographs.find(str(self.folder), None):
      self.assertIsNone(each.output_dir)

  def test_output_dir(self) -> None:
    self._write('1.png', 'b/2.png', 'b/out/3.png', 'c/out/4.png')
    self.assertEqual(
      self._names(str(self.folder / 'c' / '..' / 'b' / 'out')),
      ['1.png', 'b/2.png', 'c/out/4.png'],
    )
    with self.assertRaisesRegex(
      ValueError, "^output_dir is '.*', the folder of"
    ):
      self._names(f'{self.folder}/b/..')

  def test_names_of_files_that_are_the_same(self) -> None:
    self._write('a/1.png', 'b/1.png', '1.jpg')
    self.assertLen(self._names('out'), 3)
    self._write('b/1.jpg')
    with self.assertRaisesRegex(
      ValueError, "^'.*b/1.jpg' and '.*b/1.png' give files the same names; call"
    ):
      self._names('out')

  def test_no_photographs(self) -> None:
    with self.assertRaisesRegex(
      ValueError, 'has no pictures, .* give --image a'
    ):
      self._names('out')


if __name__ == '__main__':
  absltest.main()
