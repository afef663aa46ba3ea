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

"""Tests of drawing in a notebook, whose cells show pictures that grow.

Some of them are in the process of the test, with a shell that is like a
notebook's; those of a kernel need Jupyter.
"""

import os
import sys
from typing import Any, Callable, Dict, List, Mapping
from unittest import mock

from absl.testing import absltest
import numpy as np
import pytest

from magenta_viz import visualize
from magenta_viz.testing import notebook_shell
from magenta_viz.visualization import growing as growing_lib


class RunTest(absltest.TestCase):
  def draw(self, **settings: Any) -> np.ndarray:
    """Draws two small pictures."""
    common: Dict[str, Any] = {
      'class_ids': (281, 130),
      'models': 'squeezenet',
      'image_size': 64,
      'num_steps': 4,
      'precision': 'float32',
    }
    pictures = visualize.run(**{**common, **settings})
    return np.stack([each.image for each in pictures])

  def test_a_run_shows_its_pictures_and_draws_the_same(self) -> None:
    alone = self.draw()
    with notebook_shell.notebook_shell() as shell:
      with mock.patch.object(growing_lib, '_PAUSE', 0.0), mock.patch.object(
        growing_lib, '_TIMES', 0.0
      ):
        watched = self.draw()
    np.testing.assert_array_equal(watched, alone)
    nothing, *looks, nothing_again = shell.contents
    self.assertEqual(
      [nothing, nothing_again], [notebook_shell.NOTHING, notebook_shell.NOTHING]
    )
    self.assertLen(looks, 4)
    shown = [notebook_shell.picture(each) for each in looks]
    self.assertGreater(np.abs(shown[0] - shown[-1]).mean(), 0.003)

  def test_nothing_shows_of_pictures_that_are_there(self) -> None:
    folder = self.create_tempdir().full_path
    self.draw(output_dir=folder)
    with notebook_shell.notebook_shell() as shell:
      self.draw(output_dir=folder)
    self.assertEmpty(shell.contents)


class KernelTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    pytest.importorskip('jupyter_client', reason='Jupyter needs Python 3.10')
    pytest.importorskip('ipykernel', reason='Jupyter needs Python 3.10')
    from jupyter_client import kernelspec
    from jupyter_client import manager

    specs = kernelspec.KernelSpecManager(kernel_dirs=[])
    self.kernel = manager.KernelManager(kernel_spec_manager=specs)
    # By the second, kernels leave the standard error to pytest.
    without = ('TF_CPP_MIN_LOG_LEVEL', 'PYTEST_CURRENT_TEST')
    kept = {k: v for k, v in os.environ.items() if k not in without}
    self.kernel.start_kernel(
      cwd=self.create_tempdir().full_path,
      env={**kept, 'PYTHONPATH': os.pathsep.join(sys.path)},
    )
    self.addCleanup(self.kernel.shutdown_kernel, now=True)
    self.client = self.kernel.blocking_client()
    self.client.start_channels()
    self.addCleanup(self.client.stop_channels)
    self.client.wait_for_ready(timeout=60)
    self.messages: List[Mapping[str, Any]] = []

  def run_cell(
    self, code: str, watch: Callable[[Mapping[str, Any]], None] = lambda _: None
  ) -> Mapping[str, Any]:
    """Runs a cell, and returns the kernel's reply."""
    self.messages = []

    def hook(message: Mapping[str, Any]) -> None:
      self.messages.append(message)
      watch(message)

    reply = self.client.execute_interactive(code, output_hook=hook, timeout=120)
    found: Mapping[str, Any] = reply['content']
    return found

  def contents(self, kind: str) -> List[Any]:
    """Returns what the messages of a kind have told of the cell that ran."""
    return [
      message['content']
      for message in self.messages
      if message['msg_type'] == kind
    ]

  def test_a_cell_holds_its_result_alone(self) -> None:
    reply = self.run_cell(
      'from magenta_viz import visualize\n'
      "draw = dict(class_name='tabby', models='squeezenet', image_size=64)\n"
      'visualize.run(num_steps=8, **draw)'
    )
    self.assertEqual(reply['status'], 'ok', reply)
    streams = self.contents('stream')
    self.assertNotIn('stderr', [each['name'] for each in streams], streams)
    (result,) = self.contents('execute_result')
    self.assertIn('image/png', result['data'])
    # One place, which is empty in the end.
    self.assertLen(self.contents('display_data'), 1)
    *_, last = self.contents('update_display_data')
    self.assertEqual(last['data'], notebook_shell.NOTHING)

  def test_an_interrupt_leaves_a_clean_state(self) -> None:
    small = (
      "dict(class_name='tabby', models='squeezenet', image_size=64,"
      " precision='float32')"
    )
    draw = 'print(visualize.run(num_steps=8, **draw)[0].image.tobytes().hex())'
    reply = self.run_cell(
      f'from magenta_viz import visualize\ndraw = {small}\n{draw}'
    )
    self.assertEqual(reply['status'], 'ok', reply)
    before = _printed(self.contents('stream'))

    def interrupt(message: Mapping[str, Any]) -> None:
      data = message['content'].get('data', {})
      if 'image/jpeg' in data and message['msg_type'].startswith('update'):
        self.kernel.interrupt_kernel()

    reply = self.run_cell(
      "visualize.run(num_steps=100_000, output_dir='pictures', **draw)",
      interrupt,
    )
    self.assertEqual(reply.get('ename'), 'KeyboardInterrupt', reply)
    *_, last = self.contents('update_display_data')
    self.assertEqual(last['data'], notebook_shell.NOTHING)
    reply = self.run_cell(f"import os; print(os.listdir('pictures'))\n{draw}")
    self.assertEqual(reply['status'], 'ok', reply)
    there, after = _printed(self.contents('stream')).splitlines()
    self.assertEqual(there, '[]')
    self.assertEqual(after, before.strip())


def _printed(streams: List[Mapping[str, str]]) -> str:
  """Returns what was printed, without progress that is over."""
  text = ''.join(each['text'] for each in streams if each['name'] == 'stdout')
  return '\n'.join(line.rpartition('\r')[2] for line in text.split('\n'))


if __name__ == '__main__':
  absltest.main()
