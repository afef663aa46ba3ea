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

"""Tests for cell_files: whole or not at all, whenever the writer is killed."""

import os
from pathlib import Path
import shutil
import tempfile
from typing import Dict
from unittest import mock

from absl.testing import absltest
import numpy as np

from magenta_viz.atlas import cell_files
from magenta_viz.testing import killed

_SETTINGS = {'grid': 3}


def write(folder: Path) -> None:
  """Writes some cells."""
  place = folder / 'cells/layer'
  cell_files.write(
    place,
    np.arange(6, dtype=np.float32).reshape(2, 3),
    {'layout': np.eye(2)},
    {0: 'data:,a'},
    {'settings': _SETTINGS, 'cells': [{}, {}]},
  )


def _files(folder: Path) -> Dict[str, bytes]:
  return {
    path.name: path.read_bytes()
    for path in (folder / 'cells/layer').glob('*')
    if not path.name.startswith('.')
  }


class CellFilesTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.root = Path(tempfile.mkdtemp())
    self.addCleanup(shutil.rmtree, self.root)
    self.place = self.root / 'cells/layer'

  @absltest.skipUnless(hasattr(os, 'fork'), 'needs processes that fork')
  def test_killed_at_any_moment(self) -> None:
    (self.root / 'write/start').mkdir(parents=True)
    killed.run(__name__, self.root)
    self.enter_context(mock.patch.object(os, 'fsync'))
    count = len(list((self.root / 'write').iterdir())) - 1
    self.assertGreater(count, 10)
    whole = _files(self.root / f'write/{count - 1}')
    self.assertLen(whole, 4)
    for number in range(count):
      folder = self.root / f'write/{number}'
      there = _files(folder)
      for name, content in there.items():
        self.assertEqual(content, whole[name])
      self.assertEqual(
        cell_files.are_there(folder / 'cells/layer', _SETTINGS),
        len(there) == 4,
      )
      write(folder)
      self.assertEqual(_files(folder), whole)

  def test_what_is_there(self) -> None:
    self.assertFalse(cell_files.are_there(self.place, _SETTINGS))
    self.assertEqual(cell_files.count(self.place), 0)
    write(self.root)
    self.assertTrue(cell_files.are_there(self.place, _SETTINGS))
    self.assertEqual(cell_files.count(self.place), 2)
    with self.assertRaisesRegex(ValueError, 'grid: 3 there, 4 now'):
      cell_files.are_there(self.place, {'grid': 4})
    (self.place / 'cells.npz').unlink()
    self.assertFalse(cell_files.are_there(self.place, _SETTINGS))
    (self.place / 'cells.json').write_text('{}')
    with self.assertRaisesRegex(ValueError, 'other settings'):
      cell_files.are_there(self.place, _SETTINGS)

  def test_scripts_hold_no_markup(self) -> None:
    text = cell_files.script('A', ['</script>', '\u2028', '\udc80'])
    self.assertEqual(
      text, b'window.A = ["\\u003c/script>","\\u2028","\\udc80"];\n'
    )


if __name__ == '__main__':
  absltest.main()
