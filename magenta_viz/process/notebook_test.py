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

"""Tests of output in a notebook, with a shell as IPython's."""

import sys
from typing import Any
from unittest import mock

from absl.testing import absltest

from magenta_viz.process import notebook
from magenta_viz.testing import notebook_shell


class NotebookTest(absltest.TestCase):
  def test_without_ipython(self) -> None:
    with mock.patch.dict(sys.modules):
      sys.modules.pop('IPython', None)
      self.assertFalse(notebook.is_here())
      # Nobody sees it, and nothing happens.
      notebook.Output().show({'text/plain': 'here'})
      self.assertNotIn('IPython', sys.modules)

  def test_a_terminal_is_no_notebook(self) -> None:
    for shell in (None, object()):
      ipython: Any = mock.Mock()
      ipython.get_ipython.return_value = shell
      with mock.patch.dict(sys.modules, IPython=ipython):
        self.assertFalse(notebook.is_here())

  def test_output_changes_in_its_place(self) -> None:
    with notebook_shell.notebook_shell() as shell:
      self.assertTrue(notebook.is_here())
      first, second = notebook.Output(), notebook.Output()
      first.show({'text/plain': 'a'})
      second.show({'text/plain': 'b'})
      first.show({'text/plain': 'c'})
      self.assertEqual(shell.seen(), [{'text/plain': 'c'}, {'text/plain': 'b'}])
      first.clear()
      self.assertEqual(
        shell.seen(), [notebook_shell.NOTHING, {'text/plain': 'b'}]
      )


if __name__ == '__main__':
  absltest.main()
