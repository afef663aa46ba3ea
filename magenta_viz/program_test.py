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

"""Tests of how programs run and end, also when their streams are lost."""

import gc
import logging
import os
from pathlib import Path
import signal
import subprocess
import time
from typing import Any, Callable, List, Sequence

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz import program
from magenta_viz.testing import programs
from magenta_viz.testing import testdata

_Main = Callable[[Sequence[str]], None]

_PROGRAMS = ('visualize', 'train', 'evaluate', 'saliency', 'toolbox')
_SMALL = ('--model=squeezenet', '--num_steps=1', '--image_size=64')


def _run(main: _Main) -> programs.Ended:
  return programs.run(lambda: program.run(main, __name__), 'program')


class LeaveTest(absltest.TestCase):
  def test_foreign_words_do_nothing(self) -> None:
    def main(argv: Sequence[str]) -> None:
      logging.getLogger('absl').error('%s is read.', 'a\n\x1b[2J')
      raise ValueError("no 'a\x1b[2J\u202eb\nc'; take another")

    ended = _run(main)
    self.assertEqual(
      ended.stderr.splitlines(),
      [
        r'a\n\x1b[2J is read.',
        r"program: no 'a\x1b[2J\u202eb c'; take another",
      ],
    )
    self.assertEqual(ended.status, 1)


class InterruptTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    self.addCleanup(signal.signal, signal.SIGINT, before)

  def _assert_stopped(self, main: _Main, status: int = 130) -> None:
    ended = _run(main)
    self.assertEqual(ended.status, status)
    self.assertIn('program: stopped; what is finished stays', ended.stderr)

  # Of a person, and of a cluster's manager.
  @parameterized.parameters((signal.SIGINT, 130), (signal.SIGTERM, 143))
  def test_anywhere(self, number: signal.Signals, status: int) -> None:
    before = signal.getsignal(number)

    def main(argv: Sequence[str]) -> None:
      signal.raise_signal(number)
      self.fail('it goes on')

    self._assert_stopped(main, status)
    # Nothing interrupts what comes after the program's end.
    self.assertEqual(signal.getitimer(signal.ITIMER_REAL), (0.0, 0.0))
    self.assertIs(signal.getsignal(number), before)

  def test_while_garbage_is_collected(self) -> None:
    calls: List[str] = []

    def callback(phase: str, info: Any) -> None:
      if not calls:
        calls.append(phase)
        signal.raise_signal(signal.SIGINT)

    def main(argv: Sequence[str]) -> None:
      gc.callbacks.append(callback)
      try:
        gc.collect()
      finally:
        gc.callbacks.remove(callback)
      time.sleep(10)
      self.fail('the interrupt is lost')

    self._assert_stopped(main)
    self.assertLen(calls, 1)

  def test_in_a_destructor(self) -> None:
    class Sender:
      def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)

    def main(argv: Sequence[str]) -> None:
      sender = Sender()
      del sender
      time.sleep(10)
      self.fail('the interrupt is lost')

    self._assert_stopped(main)

  def test_ignored(self) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ended = _run(lambda argv: signal.raise_signal(signal.SIGINT))
    self.assertEqual(ended.status, 0)


def _command(name: str, *flags: str) -> List[str]:
  return [programs.installed(f'image_visualization_{name}'), *flags]


def _shell(redirections: str, command: List[str]) -> Any:
  """Runs a command with redirections of a shell."""
  return subprocess.run(
    ['sh', '-c', f'exec "$@" {redirections}', 'sh', *command],
    capture_output=True,
    text=True,
    check=False,
  )


def _left_alone(command: List[str], *streams: str) -> int:
  """Returns the status of a program whose reader has gone before it speaks."""
  reader, writer = os.pipe()
  os.close(reader)
  lost: Any = dict.fromkeys(streams or ('stdout', 'stderr'), writer)
  try:
    return subprocess.run(command, **lost, check=False).returncode
  finally:
    os.close(writer)


@absltest.skipIf(os.name == 'nt', 'needs a POSIX shell')
class LostStreamsTest(parameterized.TestCase):
  """Programs as users start them."""

  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)
    self.drawing = _command(
      'visualize',
      *_SMALL,
      '--class_id=0-1',
      '--batch_size=1',
      f'--output_dir={self.folder}',
    )

  def _assert_drawn(self) -> None:
    names = [path.name for path in self.folder.glob('*.png')]
    expected = ['000_tench_0.png', '001_goldfish_0.png', 'sheet.png']
    self.assertEqual(sorted(names), expected)
    for path in self.folder.iterdir():
      # Nothing of what is said got into a file that was opened in its place.
      first = path.read_bytes()[:1]
      self.assertEqual(first, b'\x89' if path.suffix == '.png' else b'{')

  def test_drawn_for_a_reader_that_has_gone(self) -> None:
    self.assertEqual(_left_alone(self.drawing), 0)
    self._assert_drawn()

  @parameterized.parameters('2>&-', '<&- >&- 2>&-')
  def test_drawn_with_closed_streams(self, redirections: str) -> None:
    ended = _shell(redirections, self.drawing)
    self.assertEqual(ended.returncode, 0, ended)
    self._assert_drawn()

  @absltest.skipUnless(os.path.exists('/dev/full'), 'needs Linux')
  def test_drawn_on_a_full_disk(self) -> None:
    ended = _shell('>/dev/full', self.drawing)
    self.assertEqual(ended.returncode, 1, ended)
    self.assertEqual(
      ended.stderr.splitlines()[-1],
      'image_visualization_visualize: cannot write to the standard output: No'
      ' space left on device; what else was asked for is done',
    )
    self._assert_drawn()

  def test_saliency(self) -> None:
    photo = testdata.testdata_path('photo_48x32.png')
    command = _command(
      *('saliency', '--model=squeezenet', f'--image={photo}'),
      f'--output_dir={self.folder}',
    )
    self.assertEqual(_left_alone(command), 0)
    self.assertLen(list(self.folder.iterdir()), 5)

  def test_listing(self) -> None:
    command = _command('visualize', '--list_classes')
    ended = _shell('| head -n 1', command)
    self.assertEqual(
      (ended.stdout, ended.stderr), ('0 tench, Tinca tinca\n', '')
    )
    self.assertEqual(_left_alone(command, 'stdout'), 0)
    self.assertEqual(_shell('>&-', command).returncode, 0)

  @parameterized.parameters(*_PROGRAMS)
  def test_help(self, name: str) -> None:
    command = _command(name, '--help')
    status = _shell('', command).returncode
    for redirections in ('>&-', '2>&-', '<&- >&- 2>&-'):
      ended = _shell(redirections, command)
      self.assertEqual((ended.returncode, ended.stderr), (status, ''))
    self.assertEqual(_left_alone(command), status)

  @parameterized.parameters(*_PROGRAMS)
  def test_error_that_nobody_hears(self, name: str) -> None:
    command = _command(name, '--nope')
    self.assertEqual(_shell('2>&-', command).returncode, 2)
    self.assertEqual(_left_alone(command, 'stderr'), 2)


if __name__ == '__main__':
  absltest.main()
