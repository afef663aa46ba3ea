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

"""Tests for the progress bar of all workers."""

import contextlib
import io
import subprocess
import sys
from typing import List, Tuple
from unittest import mock

from absl.testing import absltest

from magenta_viz.visualization import worker_progress

# Tells of a worker that makes so many steps of so many, and says something.
_WORKER = """
import sys; sys.path[:] = {path!a}
from magenta_viz.visualization import worker_progress
with worker_progress.Teller({total}) as teller:
  for step in range({steps}):
    teller.set_postfix(score='{score}', refresh=False)
    teller.update()
  print('worker {score} \u732b', file=sys.stderr, flush=True)
  print('made {score}', flush=True)
"""


def _shared(*steps: Tuple[int, int, float]) -> Tuple[str, str]:
  """Returns what is written while workers make their steps.

  Args:
    *steps: Of each worker those it makes, those it has, and its score.
  """
  out, err = io.StringIO(), io.StringIO()
  with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
    with worker_progress.SharedBar(len(steps)) as bar:
      for index, (made, total, score) in enumerate(steps):
        code = _WORKER.format(
          path=sys.path, total=total, steps=made, score=score
        )
        process = subprocess.Popen(
          [sys.executable, '-c', code],
          stdout=subprocess.PIPE,
          stderr=subprocess.PIPE,
          env={'PYTHONIOENCODING': 'utf-8'},
        )
        bar.follow(index, process)
        process.wait()
  return out.getvalue(), err.getvalue()


class SharedBarTest(absltest.TestCase):
  def test_adds_workers_up(self) -> None:
    out, err = _shared((5, 5, 1.0), (7, 7, 4.0))
    self.assertEqual(out, 'made 1.0\nmade 4.0\n')
    last = err.split('\r')[-1]
    self.assertIn('| 12/12 [', last)
    self.assertIn('score=2.5]', last)
    self.assertNotIn(worker_progress._MARK, err)
    # Whole lines, and no bar of a part.
    lines = [text.split('\r')[-1] for text in err.split('\n')]
    self.assertContainsSubset(['worker 1.0 猫', 'worker 4.0 猫'], lines)
    bars = [text for text in err.split('\r') if '|' in text]
    self.assertTrue(all('/12 [' in text for text in bars), bars)

  def test_worker_that_stops(self) -> None:
    _, err = _shared((2, 5, 1.0), (0, 0, 4.0))
    self.assertIn('| 2/5 [', err.split('\r')[-1])

  def test_no_bar_before_all_have_told(self) -> None:
    bar = worker_progress.SharedBar(2)
    with mock.patch('tqdm.tqdm') as made:
      bar._count(1, [0, 9, float('nan')])
      made.assert_not_called()
      bar._count(0, [3, 4, float('nan')])
      made.assert_called_once_with(total=13, unit='step')


class TellerTest(absltest.TestCase):
  def test_tells_seldom(self) -> None:
    told: List[str] = []
    with mock.patch.object(sys, 'stderr') as stderr:
      stderr.write = told.append
      with worker_progress.Teller(10**4) as teller:
        for _ in range(10**4):
          teller.update()
    self.assertLess(len(told), 50)
    self.assertEqual(told[0], f'{worker_progress._MARK}0 10000 nan\n')
    self.assertEqual(told[-1], f'{worker_progress._MARK}10000 10000 nan\n')


if __name__ == '__main__':
  absltest.main()
