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

"""Tests for atlas."""

import logging as std_logging
from pathlib import Path
import time
from typing import List
from unittest import mock

from absl.testing import absltest

from magenta_viz.testing import atlas_folders
from magenta_viz.toolbox import atlas as atlas_lib

_SHA = atlas_folders.SHA256
_OTHER = 'f' * 64


class AtlasTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)
    self.atlas = atlas_lib.Atlas(self.folder)
    self.enter_context(mock.patch.object(atlas_lib, '_SECONDS_A_READING', 0))

  def read(self, **shown: str) -> List[str]:
    """Reads, and returns what is said meanwhile."""
    with self.assertLogs(level=std_logging.INFO) as logs:
      std_logging.getLogger('absl').info('begins')
      self.atlas.begin({sha: name for name, sha in shown.items()})
      until = time.monotonic() + 60
      while self.atlas.is_reading and time.monotonic() < until:
        time.sleep(0.01)
    self.assertFalse(self.atlas.is_reading)
    return [each.getMessage() for each in logs.records[1:]]

  def test_a_line_says_what_does_not_count_and_why_once(self) -> None:
    for unit in range(3):
      atlas_folders.write(self.folder, f'a{unit}', f'channel:a:{unit}')
    for unit in range(2):
      name = f'b{unit}'
      atlas_folders.write(self.folder, name, f'channel:a:{unit}', sha256=_OTHER)
    atlas_folders.write(self.folder, 'c', 'channel:a:9').write_bytes(b'{')
    (self.folder / 'a1.png').unlink()
    (line,) = self.read(small=_SHA)
    self.assertIn(': 2 pictures of small; ', line)
    self.assertIn('; 1 damaged passed over; ', line)
    self.assertIn('; 1 without their picture passed over; ', line)
    self.assertIn('; 2 of networks that are not shown passed over; ', line)
    self.assertIn('.json', line)
    self.assertLen(self.atlas.unit(_SHA, 'a', 0), 1)
    # Of nothing new there is nothing to say, nor of more pictures.
    self.assertEqual(self.read(small=_SHA), [])
    atlas_folders.write(self.folder, 'd', 'channel:a:9')
    self.assertEqual(self.read(small=_SHA), [])
    self.assertLen(self.atlas.unit(_SHA, 'a', 9), 1)
    atlas_folders.write(self.folder, 'e', 'channel:a:8').write_bytes(b'{')
    (line,) = self.read(small=_SHA)
    self.assertIn('3 pictures of small; 1 damaged passed over; such as', line)
    self.assertIn('e.json', line)

  def test_one_network_of_two(self) -> None:
    atlas_folders.write(self.folder, 'a', 'channel:a:1')
    (line,) = self.read(one=_SHA, two=_OTHER)
    self.assertEndsWith(line, ': 1 picture of one; 0 pictures of two.')

  def test_reads_when_it_is_asked_after_a_while(self) -> None:
    self.read(small=_SHA)
    atlas_folders.write(self.folder, 'a', 'channel:a:1')
    with mock.patch.object(self.atlas, '_next', time.monotonic() + 60):
      self.atlas.refresh()
      self.assertFalse(self.atlas.is_reading)
      self.assertEqual(self.atlas.units(_SHA, 'a'), {})
    self.read(small=_SHA)
    self.assertLen(self.atlas.units(_SHA, 'a'), 1)

  def test_a_name_with_a_line_break_makes_no_line(self) -> None:
    atlas_folders.write(self.folder, 'a\nb', 'channel:a:1').write_bytes(b'{')
    (line,) = self.read(small=_SHA)
    self.assertNotIn('\n', line)

  def test_no_folder(self) -> None:
    with self.assertRaisesRegex(
      FileNotFoundError, "cannot read the folder '.*none': .*; give --atlas a"
    ):
      atlas_lib.Atlas(self.folder / 'none')
    path = self.folder / 'file'
    path.write_bytes(b'')
    with self.assertRaisesRegex(NotADirectoryError, "the folder '.*file'"):
      atlas_lib.Atlas(path)


if __name__ == '__main__':
  absltest.main()
