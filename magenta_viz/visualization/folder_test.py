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

"""Tests of the folder of pictures: names, and what is in the files."""

from pathlib import Path
from typing import Any

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.visualization import folder as folder_lib
from magenta_viz.visualization import pictures
from magenta_viz.visualization import task as task_lib

_SETTINGS = {'image_sha256': '01', 'num_steps': 3}
_WANTED = {'settings': _SETTINGS}
_IMAGE = np.zeros((4, 6, 3), np.float32)


class PictureFolderTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.root = Path(self.create_tempdir().full_path)

  def _folder(self, overwrite: bool = False) -> folder_lib.PictureFolder:
    return folder_lib.PictureFolder(str(self.root), overwrite)

  def _write(
    self, task: task_lib.PictureTask, settings: Any = _SETTINGS
  ) -> pictures.Picture:
    self._folder().clear([task])
    record = {**task.describe(), 'settings': settings}
    return self._folder().write(task, _IMAGE, record)

  def _of_photo(self, path: str) -> task_lib.PictureTask:
    return task_lib.PictureTask(0, 281, 'tabby', image=path)

  def test_what_is_written_is_drawn(self) -> None:
    task = self._of_photo('a/cat.png')
    self.assertFalse(self._folder().is_drawn(task, _WANTED))
    picture = self._write(task)
    self.assertTrue(self._folder().is_drawn(task, _WANTED))
    self.assertFalse(self._folder(overwrite=True).is_drawn(task, _WANTED))
    self.assertEqual(self._folder().read(task).record, picture.record)
    # The photograph may move.
    moved = self._of_photo('b/cat.png')
    self.assertTrue(self._folder().is_drawn(moved, _WANTED))

  @parameterized.parameters(
    ('a/cat.png', 'b/cat.png'), ('cat.png', 'cat.jpg'), ('cat.png', 'cat!.png')
  )
  def test_no_photograph_takes_the_place_of_another(
    self, first: str, second: str
  ) -> None:
    self._write(self._of_photo(first))
    settings = {**_SETTINGS, 'image_sha256': '02'}
    for overwrite in (False, True):
      with self.assertRaisesRegex(
        ValueError,
        f"cat_281_tabby_0.json' is of the image '{first}', which gives files"
        f" the same names as '{second}'; take another --output_dir",
      ):
        self._folder(overwrite).is_drawn(
          self._of_photo(second), {'settings': settings}
        )
    # It itself may change.
    mended = self._folder(overwrite=True)
    self.assertFalse(
      mended.is_drawn(self._of_photo(first), {'settings': settings})
    )

  def test_names_in_every_script(self) -> None:
    paths = ('фото.png', '猫.png', '🐈.png', '🐕.png', 'unnamed.png')
    for path in paths:
      self._write(self._of_photo(path), {**_SETTINGS, 'image_sha256': path})
    self.assertLen(list(self.root.glob('*.png')), len(paths))

  @parameterized.parameters('a', '猫')
  def test_long_names(self, letter: str) -> None:
    name = 250 * letter
    task = task_lib.PictureTask(0, 999, name, image=name, frame=0)
    self._write(task)
    self.assertTrue(self._folder().is_drawn(task, _WANTED))

  def test_picture_that_has_changed(self) -> None:
    task = self._of_photo('cat.png')
    path = self._write(task).path
    assert path is not None
    path.write_bytes(path.read_bytes()[:-20])
    with self.assertRaisesRegex(
      ValueError, f"^'{path}' is not the picture that '.*json' tells of: it has"
    ):
      self._folder().is_drawn(task, _WANTED)
    self.assertFalse(self._folder(overwrite=True).is_drawn(task, _WANTED))

  def test_damaged_picture_on_the_sheet(self) -> None:
    tasks = [self._of_photo(f'{letter}.png') for letter in 'abc']
    for task in tasks:
      path = self._write(task).path
    assert path is not None
    path.write_bytes(b'')
    with self.assertRaisesRegex(
      ValueError,
      f"^'{path}' is damaged; delete it, and the same command draws it again",
    ):
      self._folder().write_sheet(tasks)
    self.assertFalse((self.root / 'sheet.png').exists())


if __name__ == '__main__':
  absltest.main()
