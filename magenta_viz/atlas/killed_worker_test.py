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

"""Tests that an atlas is whole in the end, whenever its workers are killed."""

import contextlib
import os
from pathlib import Path
import shutil
import subprocess
import tempfile
from typing import Dict, Iterator
from unittest import mock

from absl.testing import absltest

from magenta_viz.atlas import config as atlas_config
from magenta_viz.atlas import plan as plan_lib
from magenta_viz.atlas import units
from magenta_viz.atlas import worker
from magenta_viz.media import records
from magenta_viz.testing import grey_runs
from magenta_viz.testing import killed
from magenta_viz.visualization import run as run_lib


def _plan(folder: Path) -> plan_lib.Plan:
  """Returns a small atlas."""
  config = atlas_config.AtlasConfig(
    'channel:*:all',
    str(folder),
    models=('squeezenet',),
    batch_size=4,
    num_variations=2,
  )
  groups = units.groups(config.terms, {'conv': 4, 'deep': 3}, ())
  return plan_lib.Plan(groups, tuple(map(config.of, groups)), ())


@contextlib.contextmanager
def _without_networks() -> Iterator[None]:
  """Lets workers draw all in one grey."""

  def run(self: worker.Worker, group: int) -> run_lib.Run:
    plan = self._plan
    found = grey_runs.run(plan.runs[group], plan.tasks(group), 0.5)
    found.prepare()
    return found

  with mock.patch.object(worker.Worker, 'run', run):
    yield


def draw(folder: Path) -> None:
  """Draws what is missing of the atlas."""
  plan = _plan(folder)
  with _without_networks():
    one = worker.Worker(plan)
    for batch in plan.batches():
      outcome = one.draw(batch)
      assert not outcome.failures, outcome


def draw_twice(folder: Path) -> None:
  """Draws each batch two times, as where a bundle is tried again."""
  plan = _plan(folder)
  with _without_networks():
    for batch in plan.batches():
      for _ in range(2):
        worker.Worker(plan).draw(batch)


def _contents(folder: Path) -> Dict[str, bytes]:
  """Returns the files of an atlas, but for those that a killed writer left."""
  return {
    str(path.relative_to(folder)): path.read_bytes()
    for path in folder.glob('*/*')
    if not path.name.startswith('.')
  }


@absltest.skipUnless(hasattr(os, 'fork'), 'needs processes that fork')
class KilledWorkerTest(absltest.TestCase):
  def test_at_any_moment(self) -> None:
    root = Path(tempfile.mkdtemp())
    self.addCleanup(shutil.rmtree, root)
    (root / 'draw' / 'start').mkdir(parents=True)
    killed.run(__name__, root)
    self.enter_context(mock.patch.object(os, 'fsync'))
    folders = sorted((root / 'draw').iterdir(), key=lambda path: path.name)
    folders.remove(root / 'draw' / 'start')
    # As many moments as the issue of a whole cluster would be.
    self.assertGreater(len(folders), 200)
    whole = _contents(root / 'draw' / str(len(folders) - 1))
    self.assertLen(whole, 2 * 2 * 7)
    for folder in folders:
      for name, content in _contents(folder).items():
        # What is there is right, and no half of it.
        self.assertEqual(content, whole[name], name)
        if name.endswith('.json'):
          records.read_record(folder / name)
          self.assertTrue((folder / name).with_suffix('.png').exists())
      draw(folder)
      self.assertEqual(_contents(folder), whole)

  def test_on_a_full_disk(self) -> None:
    folder = Path(tempfile.mkdtemp())
    self.addCleanup(shutil.rmtree, folder)
    draw(folder / 'whole')
    whole = _contents(folder / 'whole')
    disk = folder / 'disk'
    disk.mkdir()
    self.mount(disk, '16k')
    ends = 0
    # A file takes 4 KiB of it, at least.
    for size in range(24, 256, 24):
      try:
        draw(disk)
      except OSError as error:
        self.assertRegex(
          str(error), "^cannot write .*'.*disk.*': No space left"
        )
        self.assertNotIn('\n', str(error))
        ends += 1
      for name, content in _contents(disk).items():
        self.assertEqual(content, whole[name], name)
      # Nothing half-written is left behind, hidden or not.
      self.assertEmpty(list(disk.rglob('.*')))
      if len(_contents(disk)) == len(whole):
        break
      self.mount(disk, f'{size}k', 'remount')
    self.assertGreater(ends, 3)
    self.assertEqual(_contents(disk), whole)

  def mount(self, folder: Path, size: str, *options: str) -> None:
    """Gives a folder a disk of its own, or another size to that.

    Skips the test where this is not allowed.
    """
    words = ','.join([f'size={size}', *options])
    done = subprocess.run(
      ['mount', '-t', 'tmpfs', '-o', words, 'tmpfs', str(folder)],
      stderr=subprocess.PIPE,
      check=False,
      text=True,
    )
    if done.returncode:
      self.skipTest(f'no small disk can be made: {done.stderr.strip()}')
    if not options:
      self.addCleanup(subprocess.run, ['umount', str(folder)], check=True)

  def test_twice(self) -> None:
    root = Path(self.create_tempdir().full_path)
    draw(root / 'once')
    draw_twice(root / 'twice')
    self.assertEqual(_contents(root / 'once'), _contents(root / 'twice'))


if __name__ == '__main__':
  absltest.main()
