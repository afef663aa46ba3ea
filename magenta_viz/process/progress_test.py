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

"""Tests of progress bars: where they show, and what they leave."""

import contextlib
import io
from typing import Optional, Tuple
import warnings

from absl.testing import absltest
from absl.testing import parameterized
import tqdm

from magenta_viz.process import progress
from magenta_viz.testing import notebook_shell


def _written(wanted: Optional[bool]) -> Tuple[str, str]:
  """Returns what a bar writes to the standard output and error."""
  out, error = io.StringIO(), io.StringIO()
  with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
    with progress.bar(wanted=wanted, total=2, unit='step', ncols=40) as bar:
      bar.update()
      bar.update()
  return out.getvalue(), error.getvalue()


class ProgressTest(parameterized.TestCase):
  @parameterized.parameters((None, False), (False, False), (True, True))
  def test_in_a_terminal(self, wanted: Optional[bool], shows: bool) -> None:
    self.assertEqual(progress.is_shown(wanted), shows)
    out, error = _written(wanted)
    self.assertEqual(out, '')
    self.assertEqual('2/2' in error, shows)
    # It stays.
    self.assertEqual(error.endswith('\n'), shows)

  @parameterized.parameters((None, True), (False, False), (True, True))
  def test_in_a_notebook(self, wanted: Optional[bool], shows: bool) -> None:
    with notebook_shell.notebook_shell(), warnings.catch_warnings():
      warnings.simplefilter('error')
      self.assertEqual(progress.is_shown(wanted), shows)
      out, error = _written(wanted)
    self.assertEqual(error, '')
    self.assertEqual('0/2' in out, shows)
    # What is left in the line is blank.
    self.assertEqual(out.rstrip('\r').rpartition('\r')[2].strip(), '')

  def test_goes_over_items(self) -> None:
    for wanted in (False, None):
      bar = progress.bar('abc', wanted=wanted)
      self.assertIsInstance(bar, tqdm.tqdm)
      self.assertEqual(''.join(bar), 'abc')


if __name__ == '__main__':
  absltest.main()
