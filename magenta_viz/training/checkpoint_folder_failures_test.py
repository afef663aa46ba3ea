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

"""Tests for checkpoint_folder on full disks, and in processes that die."""

import itertools
import multiprocessing
import os
from pathlib import Path
import shutil
import signal
import sys
from typing import Any, Iterator, List
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import tensorflow as tf

from magenta_viz.media import atomic_files
from magenta_viz.models import trained_network
from magenta_viz.testing import checkpoint_steps
from magenta_viz.testing import testdata
from magenta_viz.training import checkpoint_folder


def _write_accuracy(
  folder: checkpoint_folder.CheckpointFolder, step: int
) -> None:
  """Writes the accuracy beside the checkpoint of a step."""
  folder.write_record(checkpoint_steps.record_of(step))


def _write_until(path: str, write: Any, step: int, deed: int) -> None:
  """Writes a checkpoint, but is killed before it changes the folder again.

  Args:
    path: The folder.
    write: Takes it and the step.
    step: Of the checkpoint.
    deed: Which of the changes does not take place, the first one for 0. Those
      that TensorFlow makes do not count.
  """
  folder = checkpoint_folder.CheckpointFolder(path)
  # TensorFlow readies itself before.
  tf.constant(0.0)
  deeds = 0

  def count(event: str, arguments: Any) -> None:
    nonlocal deeds
    is_change = event in ('os.rename', 'os.remove') or (
      event == 'open' and arguments[1] not in ('r', 'rb')
    )
    if is_change and str(arguments[0]).startswith(path):
      if deeds == deed:
        os.kill(os.getpid(), signal.SIGKILL)
      deeds += 1

  sys.addaudithook(count)
  write(folder, step)


_FULL = (
  "^the checkpoint of step {} could not be written in '.*/train': File too"
  ' large; see to it'
)


class FailedWriteTest(checkpoint_steps.FolderTestCase):
  def setUp(self) -> None:
    super().setUp()
    self.prepare()
    for step in (6, 8):
      self.write(step)

  @parameterized.parameters(0, 10, 1000, 100_000)
  def test_full_disk(self, room: int) -> None:
    with testdata.full_disk(room):
      self.assert_refused(OSError, _FULL.format(9), self.write, 9)
    self.assertEqual(self.names(), self.files_of(6, 8))
    self.write(9)
    self.assertEqual(self.names(), self.files_of(6, 9))

  @parameterized.parameters(0, 10)
  def test_full_disk_for_a_record(self, room: int) -> None:
    with testdata.full_disk(room):
      record = checkpoint_steps.record_of(8)
      self.assert_refused(
        OSError, _FULL.format(8), self.folder.write_record, record
      )

  @parameterized.parameters('.json', '.data-00000-of-00001', '.index')
  def test_fails_at_a_file(self, ending: str) -> None:
    replace = os.replace

    def fail(source: Any, target: Any) -> None:
      if str(target).endswith(f'model.ckpt-9{ending}'):
        raise OSError(28, 'No space left on device')
      replace(source, target)

    with mock.patch.object(os, 'replace', fail):
      message = "step 9 could not be written in '.*/train': No space left"
      self.assert_refused(OSError, message, self.write, 9)

  def test_interrupted_after_the_index(self) -> None:
    move_file = atomic_files.move_file

    def interrupt(temporary: Path, path: Path) -> None:
      move_file(temporary, path)
      if str(path).endswith('model.ckpt-9.index'):
        raise KeyboardInterrupt

    with mock.patch.object(atomic_files, 'move_file', interrupt):
      with self.assertRaises(KeyboardInterrupt):
        self.write(9)
    last = self.last()
    self.assertEqual(last.step, 9)
    self.assertEqual(self.names(), self.files_of(6, 8, 9))
    self.prepare()
    self.assertEqual(self.names(), self.files_of(6, 9))

  def test_what_cannot_be_deleted_is_tried_again(self) -> None:
    unlink = Path.unlink

    def fail(path: Path, **kwargs: Any) -> None:
      if path.name == 'model.ckpt-8.data-00000-of-00001':
        raise PermissionError(13, 'In use')
      unlink(path, **kwargs)

    with mock.patch.object(Path, 'unlink', fail), self.assertLogs() as logs:
      self.write(9)
    self.assertRegex(logs.output[0], 'ckpt-8 could not be removed: .*In use')
    last = self.last()
    self.assertEqual(last.step, 9)
    self.write(10)
    self.assertEqual(self.names(), self.files_of(6, 10))


@absltest.skipUnless(
  'forkserver' in multiprocessing.get_all_start_methods(), 'needs fork'
)
class KilledTest(checkpoint_steps.FolderTestCase):
  def start(self, function: Any, *arguments: Any) -> Any:
    """Starts a process in which TensorFlow is imported already."""
    context = multiprocessing.get_context('forkserver')
    context.set_forkserver_preload(['tensorflow'])
    process = context.Process(
      target=function, args=(str(self.path), *arguments), daemon=True
    )
    process.start()
    self.addCleanup(process.kill)
    return process

  def check(self) -> int:
    """Checks what a killed process left, and returns the last step."""
    found = trained_network.list_checkpoints(self.path)
    for each in found:
      self.assert_bits(each.prefix, each.step)
    last, best = trained_network.latest(found), trained_network.best(found)
    assert last is not None and best is not None
    self.assertEqual(
      best.top1, max(map(checkpoint_steps.top1_of, range(1, last.step + 1)))
    )
    # What TensorFlow is told of is there, and is no more than one write older.
    state = tf.train.get_checkpoint_state(str(self.path))
    whole = [each.prefix for each in found]
    self.assertContainsSubset(state.all_model_checkpoint_paths, whole)
    named = tf.train.latest_checkpoint(str(self.path))
    self.assertIn(named, (last.prefix, whole[-2:][0]))
    self.prepare()
    self.assertEqual(self.names(), self.files_of(last.step, best.step))
    named = tf.train.latest_checkpoint(str(self.path))
    self.assertEqual(named, last.prefix)
    return last.step

  def kills(self, write: Any, step: int) -> Iterator[None]:
    """Writes again and again; yields when a process was killed meanwhile.

    The folder is as it was before each time, and each time the process gets one
    change further, until it is not killed any more.
    """
    kept = self.path.rename(self.path.with_name('kept'))
    for deed in itertools.count():
      shutil.rmtree(self.path, ignore_errors=True)
      shutil.copytree(kept, self.path)
      process = self.start(_write_until, write, step, deed)
      process.join(60)
      if process.exitcode == 0:
        return
      self.assertEqual(process.exitcode, -signal.SIGKILL)
      yield

  def test_before_each_change(self) -> None:
    # The best one is 6; the last one, 8, is to be deleted.
    self.prepare()
    for step in range(1, 9):
      self.write(step)
    found = [self.check() for _ in self.kills(checkpoint_steps.write_step, 9)]
    self.assertEqual(self.names(), self.files_of(6, 9))
    # Record, data and index, TensorFlow's state, and three files deleted; of
    # the record and the state, each is written and moved.
    self.assertGreaterEqual(len(found), 9)
    self.assertEqual(found, sorted(found))
    self.assertEqual(set(found), {8, 9})

  def test_before_each_change_of_an_accuracy(self) -> None:
    # The best one is 6 at first, and is to be deleted.
    self.prepare()
    self.write(6)
    self.write(13, top1=None)
    found: List[bool] = []
    for _ in self.kills(_write_accuracy, 13):
      last = self.last()
      self.assertEqual(last.step, 13)
      self.assert_bits(last.prefix, 13)
      self.assertIn(last.top1, (None, checkpoint_steps.top1_of(13)))
      named = tf.train.latest_checkpoint(str(self.path))
      self.assertEqual(named, last.prefix)
      found.append(last.top1 is not None)
      self.prepare()
      kept = (13,) if found[-1] else (6, 13)
      self.assertEqual(self.names(), self.files_of(*kept))
    self.assertEqual(self.names(), self.files_of(13))
    # Record and TensorFlow's state, each written and moved, and three files
    # deleted.
    self.assertGreaterEqual(len(found), 7)
    self.assertEqual(found, sorted(found))
    self.assertEqual(set(found), {False, True})


if __name__ == '__main__':
  absltest.main()
