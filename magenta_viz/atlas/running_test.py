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

"""Tests for running, pipeline and harness, with processes of Beam's."""

import json
import os
from pathlib import Path
import signal
import threading
from typing import Any, Dict, List
import unittest

from absl.testing import absltest
import numpy as np
import psutil
import pytest

from magenta_viz.atlas import config as atlas_config
from magenta_viz.media import image_files

pytest.importorskip('apache_beam', reason='Beam needs Python 3.10')

# pylint: disable=wrong-import-position
from magenta_viz.atlas import pipeline
from magenta_viz.atlas import running


def _workers() -> Any:
  """Returns the processes that work for this one."""
  return [
    each
    for each in psutil.Process().children(recursive=True)
    if 'harness.work' in ' '.join(each.cmdline())
  ]


class RunTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.root = Path(self.create_tempdir().full_path)
    self.enter_context(
      unittest.mock.patch.dict(os.environ, TF_NUM_INTRAOP_THREADS='1')
    )

  def run_atlas(
    self, units: str, folder: str = 'atlas', **settings: Any
  ) -> running.Report:
    """Draws a small atlas with two processes."""
    known = {
      'output_dir': str(self.root / folder),
      'models': ('squeezenet',),
      'image_size': (64, 64),
      'precision': 'float32',
      'batch_size': 2,
      'num_workers': 2,
      'overrides': {'num_steps': 2},
    }
    return running.run(atlas_config.AtlasConfig(units, **{**known, **settings}))

  def test_a_folder_that_each_process_has_of_its_own(self) -> None:
    with self.assertRaisesRegex(ValueError, "^output_dir is 'memory://a', whi"):
      self.run_atlas('class:0', output_dir='memory://a')

  def pictures(self, folder: str = 'atlas') -> Dict[str, bytes]:
    """Returns the pictures, without the sheets."""
    root = self.root / folder
    return {
      str(path.relative_to(root)): path.read_bytes()
      for path in root.glob('*/*.png')
      if path.name != 'sheet.png'
    }

  def test_draws_what_is_missing(self) -> None:
    report = self.run_atlas('class:0-2, channel:fire2/concat:0-3')
    self.assertEqual(report.num_pictures, 7)
    self.assertEqual(report.failures, [])
    self.assertEqual(report.counters['pictures'], 7)
    self.assertEqual(report.counters.get('skips', 0), 0)
    self.assertGreater(report.counters['milliseconds'], 0)
    before = self.pictures()
    self.assertLen(before, 7)
    for group in ('classes', 'fire2-concat'):
      self.assertTrue((self.root / 'atlas' / group / 'sheet.png').exists())
    (self.root / 'atlas/classes/000_tench_0.png').unlink()
    report = self.run_atlas('class:0-2, channel:fire2/concat:0-3')
    self.assertEqual(report.counters['pictures'], 1)
    self.assertEqual(report.counters['skips'], 6)
    self.assertEqual(self.pictures(), before)
    self.assertEmpty(_workers())

  def test_cells_of_photographs(self) -> None:
    generator = np.random.default_rng(0)
    (self.root / 'photos').mkdir()
    for name in ('a', 'b', 'c'):
      coarse = generator.random((5, 6, 3)).repeat(12, 0).repeat(12, 1)
      image_files.write_png(self.root / f'photos/{name}.png', coarse)
    settings: Dict[str, Any] = {
      'cells': 'fire2/concat',
      'image': str(self.root / 'photos'),
      'positions': 6,
      'grid': 2,
    }
    report = self.run_atlas('channel:fire2/concat:0', **settings)
    self.assertEqual(report.failures, [])
    folder = self.root / 'atlas/cells/fire2-concat'
    data = (folder / 'data.js').read_text()
    cells = json.loads(data[data.index('=') + 1 : -2])['cells']
    self.assertLen(cells, report.num_pictures - 1)
    for each in cells:
      self.assertTrue((folder / each['picture']).exists())
    self.assertIn('fire2/concat', (folder / 'index.html').read_text())
    before = {path: path.read_bytes() for path in folder.iterdir()}
    report = self.run_atlas('channel:fire2/concat:0', **settings)
    self.assertEqual(report.counters.get('pictures', 0), 0)
    after = {path: path.read_bytes() for path in folder.iterdir()}
    self.assertEqual(after, before)

  def test_a_killed_worker_is_replaced(self) -> None:
    units = 'class:0-23, channel:fire2/concat:0-23'
    killed: List[Any] = []

    def kill() -> None:
      while not killed and not is_over.wait(0.2):
        if self.pictures():
          victim = _workers()[-1]
          victim.send_signal(signal.SIGKILL)
          killed.append(victim)

    is_over = threading.Event()
    thread = threading.Thread(target=kill)
    thread.start()
    try:
      report = self.run_atlas(units)
    finally:
      is_over.set()
      thread.join()
    self.assertLen(killed, 1)
    self.assertLess(report.counters['pictures'], 48)
    self.assertLen(self.pictures(), 48)
    self.assertEqual(report.failures, [])
    self.run_atlas(units, 'undisturbed')
    self.assertEqual(self.pictures(), self.pictures('undisturbed'))

  def test_what_is_wrong_is_one_line(self) -> None:
    self.run_atlas('class:0')
    with self.assertRaises(ValueError) as caught:
      self.run_atlas('class:0', overrides={'num_steps': 3})
    self.assertRegex(str(caught.exception), '^.*is of other settings .*$')
    (self.root / 'file').write_text('')
    with self.assertRaises(OSError) as refused:
      self.run_atlas('class:0', 'file')
    self.assertNotIn('\n', str(refused.exception))
    self.assertEmpty(_workers())


class CauseTest(absltest.TestCase):
  def test_of_a_process_that_died(self) -> None:
    error = RuntimeError('Channel closed prematurely.')
    self.assertIsNone(pipeline.cause(error))


if __name__ == '__main__':
  absltest.main()
