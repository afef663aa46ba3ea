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

"""Tests for workers."""

import contextlib
import os
from pathlib import Path
import signal
import subprocess
import sys
import time
from typing import Any, Dict, List
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.testing import programs
from magenta_viz.visualization import workers

_FLAGS = [
  '--class_id=1,281,3',
  '--batch_size=1',
  '--model=squeezenet',
  '--image_size=64',
  '--coarse_size=64',
  '--coarse_share=1',
]


def _command(folder: Path, *flags: str) -> List[str]:
  program = programs.installed('image_visualization_visualize')
  if not any(flag.startswith('--num_steps=') for flag in flags):
    flags += ('--num_steps=2',)
  return [program, *_FLAGS, *flags, f'--output_dir={folder}']


def _pictures(folder: Path) -> Dict[str, bytes]:
  return {path.name: path.read_bytes() for path in folder.glob('*.png')}


class RunTest(absltest.TestCase):
  def _start(
    self, folder: Path, *flags: str, **options: Any
  ) -> 'subprocess.CompletedProcess[Any]':
    return subprocess.run(
      _command(folder, *flags),
      **options,
      capture_output=True,
      # With another number of threads, sums are rounded otherwise.
      env={**os.environ, 'TF_NUM_INTRAOP_THREADS': '1'},
      text=True,
      check=False,
    )

  def test_pictures_of_two_are_those_of_one(self) -> None:
    folder = Path(self.create_tempdir().full_path)
    # Nothing of the current folder is run.
    for name in ('tqdm', 'sys', 'threading', 'magenta_viz', 'sitecustomize'):
      (folder / f'{name}.py').write_text('print("RAN"); raise SystemExit(7)')
    alone = self._start(folder / 'alone', cwd=folder)
    shared = self._start(folder / 'shared', '--num_workers=2', cwd=folder)
    self.assertEqual((alone.returncode, shared.returncode), (0, 0), shared)
    expected = _pictures(folder / 'alone')
    self.assertLen(expected, 4)
    self.assertEqual(_pictures(folder / 'shared'), expected)
    paths = shared.stdout.splitlines()
    names = {name for name in expected if name != 'sheet.png'}
    self.assertCountEqual([Path(path).name for path in paths], names)
    self.assertIn('| 6/6 [', shared.stderr.split('\r')[-1])

  @absltest.skipIf(os.name == 'nt', 'needs a pseudo-terminal')
  def test_one_bar_on_a_terminal(self) -> None:
    import fcntl
    import pty
    import struct
    import termios

    folder = Path(self.create_tempdir().full_path)
    ours, theirs = pty.openpty()
    size = struct.pack('HHHH', 40, 200, 0, 0)
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, size)
    written = b''
    with subprocess.Popen(
      _command(folder, '--num_workers=2'), stdout=theirs, stderr=theirs
    ) as process:
      os.close(theirs)
      # Linux tells the end of a terminal as an error.
      with contextlib.suppress(OSError):
        while True:
          written += os.read(ours, 4096)
    os.close(ours)
    self.assertEqual(process.returncode, 0)
    text = written.decode()
    # What stays to be seen of each line.
    lines = [line.rstrip('\r').split('\r')[-1] for line in text.split('\n')]
    self.assertContainsSubset(
      [str(path) for path in folder.glob('*_0.png')], lines
    )
    bars = [bar for bar in text.split('\r') if 'step/s' in bar]
    self.assertNotEmpty(bars)
    for bar in bars:
      self.assertRegex(bar, r'\| [0-6]/6 \[')
    self.assertLen([line for line in lines if '| 6/6 [' in line], 1)

  def test_failure(self) -> None:
    folder = Path(self.create_tempdir().full_path)
    ended = self._start(folder, '--num_workers=2', '--min_span=0.9999,')
    self.assertEqual(ended.returncode, 2)
    ended = self._start(folder, '--num_workers=2', '--head=nope')
    self.assertEqual(ended.returncode, 1)
    last = ended.stderr.splitlines()[-1]
    self.assertRegex(
      last,
      r'^image_visualization_visualize\S*: worker \d of 2 ended with status 1;'
      ' what is finished stays: mend what it says, and run the command again$',
    )
    self.assertIn('nope', ended.stderr)
    self.assertEmpty(_pictures(folder))


class StopTest(parameterized.TestCase):
  @parameterized.parameters(('SIGTERM', 143), ('SIGINT', 130), ('SIGKILL', -9))
  @absltest.skipIf(os.name == 'nt', 'needs POSIX signals')
  def test_all_end_with_their_parent(self, name: str, status: int) -> None:
    folder = Path(self.create_tempdir().full_path)
    command = _command(folder, '--num_workers=2', '--num_steps=2000')
    # A test in the background may have been told to ignore Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(
      command, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
      signal.signal(signal.SIGINT, before)
      assert process.stderr is not None
      num_drawing = 0
      while num_drawing < 2:
        line = process.stderr.readline()
        self.assertNotEmpty(line)
        num_drawing += line.startswith(b'Drawing from')
      # Then each looks whether the folder can be written to.
      time.sleep(2.0)
      process.send_signal(getattr(signal, name))
      # Which the workers hold, too: it ends when the last of them has.
      stdout, _ = process.communicate(timeout=30)
    self.assertEqual(process.returncode, status)
    self.assertEqual(stdout, b'')
    self.assertEmpty(list(folder.iterdir()))

  def test_all_are_stopped_when_one_fails(self) -> None:
    started: List[subprocess.Popen[bytes]] = []
    start = subprocess.Popen

    def popen(
      command: List[str], **unused_kwargs: object
    ) -> 'subprocess.Popen[bytes]':
      code = 'import time; time.sleep(600)'
      if 'console_entry_point(0)' in command[2]:
        code = 'import sys; sys.exit(3)'
      started.append(start([sys.executable, '-c', code]))
      return started[-1]

    with mock.patch.object(subprocess, 'Popen', popen):
      with self.assertRaisesRegex(
        ChildProcessError, '^worker 0 of 2 ended with status 3;'
      ):
        workers.run([], 2)
    self.assertLen(started, 2)
    self.assertTrue(all(each.poll() is not None for each in started))


class EnvironmentTest(parameterized.TestCase):
  @parameterized.parameters((8, 2, '4'), (8, 3, '2'), (2, 4, '1'))
  def test_cores_are_shared(
    self, num_cores: int, num_workers: int, share: str
  ) -> None:
    with mock.patch('os.cpu_count', return_value=num_cores):
      found = workers.environment({'HOME': '/a'}, 0, num_workers)
    self.assertEqual(found, {'HOME': '/a', 'TF_NUM_INTRAOP_THREADS': share})

  def test_what_the_user_chose_stays(self) -> None:
    chosen = {'TF_NUM_INTRAOP_THREADS': '7'}
    self.assertEqual(workers.environment(chosen, 1, 2), chosen)

  def test_gpus_are_shared(self) -> None:
    found = [
      workers.environment({'CUDA_VISIBLE_DEVICES': '0,3'}, index, 3)
      for index in range(3)
    ]
    self.assertEqual(
      [each['CUDA_VISIBLE_DEVICES'] for each in found], ['0', '3', '0']
    )


if __name__ == '__main__':
  absltest.main()
