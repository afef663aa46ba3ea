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

"""Tests for folder_lock, with real processes."""

import contextlib
import errno
import os
from pathlib import Path
import signal
import subprocess
import sys
import threading
from typing import Iterator, List
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.training import folder_lock

# Holds a folder until it is killed.
_HOLDER = """
import pathlib, sys, time
from magenta_viz.training import folder_lock
with folder_lock.locked(pathlib.Path(sys.argv[1])):
  print('held', flush=True)
  time.sleep(600)
"""

# Holds it again and again, with a count that no two may have read alike.
_COUNTER = """
import pathlib, sys, time
from magenta_viz.training import folder_lock
folder = pathlib.Path(sys.argv[1])
done = 0
while done < 200:
  try:
    with folder_lock.locked(folder):
      count = int((folder / 'count').read_text())
      time.sleep(0.0005)
      (folder / 'count').write_text(str(count + 1))
      done += 1
  except ValueError:
    time.sleep(0.0005)
"""


class FolderLockTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.path = Path(self.create_tempdir().full_path)

  def start(self, program: str) -> 'subprocess.Popen[bytes]':
    return subprocess.Popen(
      [sys.executable, '-c', program, str(self.path)],
      env={**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)},
      stdout=subprocess.PIPE,
    )

  @contextlib.contextmanager
  def holder(self) -> Iterator['subprocess.Popen[bytes]']:
    """Runs a process that holds the folder."""
    with self.start(_HOLDER) as process:
      assert process.stdout is not None
      try:
        self.assertEqual(process.stdout.readline(), b'held\n')
        yield process
      finally:
        process.kill()

  def assert_held(self, holder: int) -> None:
    with self.assertRaisesRegex(
      ValueError,
      rf"^another training is running in '{self.path}' \(process {holder} on"
      r' [^ ]+\); wait for its end, or take another --train_dir$',
    ):
      with folder_lock.locked(self.path):
        self.fail('both hold it')
    with self.assertRaisesRegex(ValueError, f'process {holder} on'):
      folder_lock.check(self.path)

  def test_one_at_a_time(self) -> None:
    told: List[BaseException] = []

    def hold() -> None:
      try:
        self.assert_held(os.getpid())
      except BaseException as error:
        told.append(error)

    with self.assertRaisesRegex(OSError, 'disk is full'):
      with folder_lock.locked(self.path):
        # Who was refused has taken nothing away; nor have other threads.
        for _ in range(2):
          self.assert_held(os.getpid())
        thread = threading.Thread(target=hold)
        thread.start()
        thread.join(60)
        raise OSError('disk is full')
    self.assertEmpty(told)
    self.assertEmpty(os.listdir(self.path))
    with folder_lock.locked(self.path):
      pass

  @parameterized.parameters(signal.SIGKILL, signal.SIGTERM)
  def test_a_dead_process_holds_nothing(self, number: int) -> None:
    with self.holder() as process:
      self.assert_held(process.pid)
      process.send_signal(number)
      process.wait(60)
      # Its file is there.
      self.assertLen(os.listdir(self.path), 1)
      folder_lock.check(self.path)
      with folder_lock.locked(self.path):
        self.assert_held(os.getpid())
    self.assertEmpty(os.listdir(self.path))
    # What looks only makes nothing, not even a folder.
    folder_lock.check(self.path)
    folder_lock.check(self.path / 'new')
    self.assertEmpty(os.listdir(self.path))

  def test_no_two_hold_it_while_files_come_and_go(self) -> None:
    (self.path / 'count').write_text('0')
    with contextlib.ExitStack() as stack:
      processes = [stack.enter_context(self.start(_COUNTER)) for _ in range(3)]
      for process in processes:
        self.assertEqual(process.wait(120), 0)
    self.assertEqual((self.path / 'count').read_text(), '600')

  def test_where_there_are_no_locks(self) -> None:
    none = OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))
    for patch in (
      mock.patch.object(folder_lock, 'fcntl', None),
      mock.patch('fcntl.flock', side_effect=none),
    ):
      with patch, self.assertLogs(level='WARNING') as log:
        with folder_lock.locked(self.path):
          folder_lock.check(self.path)
      self.assertRegex(
        log.output[0],
        f"No lock keeps other trainings away from '{self.path}' .No locks avai",
      )
      self.assertEmpty(os.listdir(self.path))

  def test_links_are_not_followed(self) -> None:
    precious = Path(self.create_tempdir().full_path) / 'precious'
    precious.write_text('precious')
    link = self.path / folder_lock._NAME
    link.symlink_to(precious)
    with self.assertRaisesRegex(
      OSError, f"^cannot write '{link}', which keeps other trainings away: "
    ):
      with folder_lock.locked(self.path):
        self.fail('it is held')
    self.assertEqual(precious.read_text(), 'precious')


if __name__ == '__main__':
  absltest.main()
