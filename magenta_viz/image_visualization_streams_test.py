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

"""Tests of programs whose standard streams are lost, as users start them."""

import os
from pathlib import Path
import subprocess
from typing import Any, List

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.testing import programs

_PROGRAMS = ('visualize', 'train', 'evaluate', 'saliency')
_SMALL = ('--model=squeezenet', '--num_steps=1', '--image_size=64')
_PHOTO = Path(__file__).parents[1] / 'testdata' / 'photo_48x32.png'


def _command(name: str, *flags: str) -> List[str]:
  return [programs.installed(f'image_visualization_{name}'), *flags]


def _shell(redirections: str, command: List[str], **options: Any) -> Any:
  """Runs a command with redirections of a shell."""
  return subprocess.run(
    ['sh', '-c', f'exec "$@" {redirections}', 'sh', *command],
    capture_output=True,
    text=True,
    check=False,
    **options,
  )


def _left_alone(command: List[str], **streams: Any) -> int:
  """Returns the status of a program whose reader has gone before it speaks."""
  reader, writer = os.pipe()
  os.close(reader)
  streams = {name: writer for name in streams}
  try:
    return subprocess.run(command, **streams, check=False).returncode
  finally:
    os.close(writer)


@absltest.skipIf(os.name == 'nt', 'needs a POSIX shell')
class VisualizeTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)
    self.command = _command(
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

  @parameterized.parameters(['stdout'], ['stderr'], ['stdout', 'stderr'])
  def test_reader_has_gone(self, *names: str) -> None:
    streams = dict.fromkeys(names, True)
    self.assertEqual(_left_alone(self.command, **streams), 0)
    self._assert_drawn()

  @parameterized.parameters('2>&-', '>&-', '<&- >&- 2>&-')
  def test_closed(self, redirections: str) -> None:
    ended = _shell(redirections, self.command)
    self.assertEqual(ended.returncode, 0, ended)
    self._assert_drawn()

  @absltest.skipUnless(os.path.exists('/dev/full'), 'needs Linux')
  def test_full_disk(self) -> None:
    ended = _shell('>/dev/full', self.command)
    self.assertEqual(ended.returncode, 1, ended)
    self.assertEqual(
      ended.stderr.splitlines()[-1],
      'image_visualization_visualize: cannot write to the standard output: No'
      ' space left on device; what else was asked for is done',
    )
    self._assert_drawn()


@absltest.skipIf(os.name == 'nt', 'needs a POSIX shell')
class OthersTest(parameterized.TestCase):
  def test_listing(self) -> None:
    command = _command('visualize', '--list_classes')
    ended = _shell('| head -n 1', command, executable='/bin/sh')
    self.assertEqual(
      (ended.stdout, ended.stderr), ('0 tench, Tinca tinca\n', '')
    )
    self.assertEqual(_left_alone(command, stdout=True), 0)
    self.assertEqual(_shell('>&-', command).returncode, 0)

  @absltest.skipUnless(os.path.exists('/dev/full'), 'needs Linux')
  def test_listing_on_a_full_disk(self) -> None:
    ended = _shell('>/dev/full', _command('visualize', '--list_classes'))
    self.assertEqual(ended.returncode, 1)
    self.assertStartsWith(
      ended.stderr,
      'image_visualization_visualize: cannot write to the standard output: No ',
    )

  @parameterized.parameters(*_PROGRAMS)
  def test_help(self, name: str) -> None:
    command = _command(name, '--help')
    status = _shell('', command).returncode
    for redirections in ('>&-', '2>&-', '<&- >&- 2>&-'):
      ended = _shell(redirections, command)
      self.assertEqual((ended.returncode, ended.stderr), (status, ''))
    self.assertEqual(_left_alone(command, stdout=True, stderr=True), status)

  @parameterized.parameters(*_PROGRAMS)
  def test_error_that_nobody_hears(self, name: str) -> None:
    command = _command(name, '--nope')
    self.assertEqual(_shell('2>&-', command).returncode, 2)
    self.assertEqual(_left_alone(command, stdout=True, stderr=True), 2)

  def test_saliency(self) -> None:
    folder = Path(self.create_tempdir().full_path)
    command = _command(
      'saliency',
      '--model=squeezenet',
      f'--image={_PHOTO}',
      f'--output_dir={folder}',
    )
    self.assertEqual(_left_alone(command, stdout=True, stderr=True), 0)
    self.assertLen(list(folder.iterdir()), 5)


if __name__ == '__main__':
  absltest.main()
