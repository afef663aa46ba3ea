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

"""Tests of the program that draws atlases, in what may end or disturb it."""

import os
from pathlib import Path
import signal
import time

from absl.testing import absltest
import numpy as np
import pytest

from magenta_viz.testing import atlas_runs
from magenta_viz.testing import programs

pytest.importorskip('apache_beam', reason='Beam needs Python 3.10')

_PATIENCE = 120.0

# What ends a run, whether it reaches all of its processes, as Ctrl-C in a
# terminal does, and the exit status.
_ENDS = (
  (signal.SIGTERM, False, 143),
  (signal.SIGINT, True, 130),
  (signal.SIGKILL, False, -9),
  *[(signal.SIGKILL, True, -9)] * 3,
)


class FaultsTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.root = Path(self.create_tempdir().full_path)

  def end(
    self, folder: Path, number: int, to_all: bool, status: int, delay: float
  ) -> None:
    """Ends a run at some moment of its drawing; checks that all of it ends."""
    before = atlas_runs.contents(folder, '*/*')
    with atlas_runs.start(folder, '--num_steps=12') as process:
      end = time.monotonic() + _PATIENCE
      while atlas_runs.contents(folder, '*/*') == before:
        if process.poll() is not None or time.monotonic() > end:
          break
        time.sleep(0.05)
      time.sleep(delay)
      if process.poll() is None:
        if to_all:
          os.killpg(process.pid, number)
        else:
          process.send_signal(number)
      began = time.monotonic()
      # Which its processes hold, too: it ends when the last of them has.
      stdout, stderr = process.communicate(timeout=_PATIENCE)
      self.assertLess(time.monotonic() - began, 20.0)
    self.assertEmpty(atlas_runs.alive_in(process.pid))
    if process.returncode:
      self.assertEqual(process.returncode, status, stderr)
      self.assertEmpty(stdout)
      if number != signal.SIGKILL:
        *_, line = stderr.splitlines()
        self.assertEqual(
          line,
          'image_visualization_atlas: stopped; what is finished stays',
        )

  def test_ends_at_random_moments_leave_the_same_bytes(self) -> None:
    folder = self.root / 'disturbed'
    delays = np.random.default_rng().uniform(0, 1.5, len(_ENDS))
    for (number, to_all, status), delay in zip(_ENDS, delays):
      with self.subTest(number=number, to_all=to_all, delay=delay):
        self.end(folder, number, to_all, status, delay)
    atlas_runs.draw(folder, '--num_steps=12')
    atlas_runs.draw(self.root / 'whole', '--num_steps=12')
    whole = atlas_runs.contents(self.root / 'whole')
    self.assertLen(whole, 12 + 2)
    self.assertEqual(atlas_runs.contents(folder), whole)
    self.assertLen(atlas_runs.contents(folder, '*/*.json'), 12)

  def test_two_runs_at_once(self) -> None:
    folder = self.root / 'shared'
    with atlas_runs.start(folder) as one, atlas_runs.start(folder) as other:
      told = [each.communicate() for each in (one, other)]
    self.assertEqual((one.returncode, other.returncode), (0, 0), told)
    for stdout, _ in told:
      self.assertIn(f'12 pictures of 12 are in {folder}', stdout)
    self.assertLen(list(folder.glob('*/.*')), 0)
    shared = atlas_runs.contents(folder)
    self.assertLen(shared, 12 + 2)
    records = atlas_runs.contents(folder, '*/*.json')
    self.assertLen(records, 12)
    # All are whole, and nothing is drawn again.
    self.assertIn(', 0 of them new', atlas_runs.draw(folder))
    self.assertEqual(atlas_runs.contents(folder, '*/*.json'), records)
    self.assertEqual(atlas_runs.contents(folder), shared)

  def test_what_cannot_be_drawn_is_told(self) -> None:
    folder = self.root / 'atlas'
    record = folder / 'classes' / '000_tench_0.json'
    record.parent.mkdir(parents=True)
    record.write_text('{')
    with atlas_runs.start(folder, units='class:0-3') as process:
      stdout, stderr = process.communicate()
    self.assertEqual(process.returncode, 1)
    self.assertEqual(
      stdout, f'3 pictures of 4 are in {folder}, 3 of them new\n'
    )
    self.assertRegex(
      stderr.splitlines()[-1],
      '^image_visualization_atlas: 1 pictures could not be drawn, as'
      f" classes/000_tench_0: record '{record}' is damaged",
    )
    record.unlink()
    stdout = atlas_runs.draw(folder, units='class:0-3')
    self.assertIn(', 1 of them new', stdout)
    self.assertFalse((folder / 'failures.json').exists())


class BeamTest(absltest.TestCase):
  def test_is_imported_by_nothing_else(self) -> None:
    for name in ('visualize', 'train', 'evaluate', 'saliency', 'toolbox'):
      program = f'image_visualization_{name}'
      programs.help_without(program, 'apache_beam')
    programs.help_without(atlas_runs.PROGRAM, 'apache_beam', 'tensorflow')


if __name__ == '__main__':
  absltest.main()
