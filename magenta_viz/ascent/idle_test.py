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

"""Tests for idle."""

from typing import List

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.ascent import idle


class WarningTest(parameterized.TestCase):
  @parameterized.parameters(
    ([0.0, 0.0, 0.0], 0.1, 'the score stayed 0 in all 3 steps: the picture'),
    ([-1.5, -1.5], 0.001, 'the score stayed -1.5 in all 2 steps: the picture'),
    ([0.0, 0.0], 0.0, 'no step changed the picture: its score has no grad'),
    ([1.0, 2.0], 0.0, 'no step changed the picture'),
    (
      [1, 2, 2],
      0.004,
      'all 3 steps changed no value of the picture by',
    ),
    (
      [1.0, 2.0],
      3.9 / 255,
      'all 2 steps .* than 3.9 of 255; a larger',
    ),
  )
  def test_idle(self, scores: List[float], change: float, message: str) -> None:
    found = str(idle.warning(np.array(scores, np.float32), change))
    self.assertRegex(found, f'^{message}')
    self.assertNotIn('\n', found)

  @parameterized.parameters(
    ([0.0, 0.0, 1e-6],), ([3.0, 2.0],), ([0.0],), ([7.0],)
  )
  def test_at_work(self, scores: List[float]) -> None:
    self.assertIsNone(idle.warning(np.array(scores, np.float32), 4 / 255))


if __name__ == '__main__':
  absltest.main()
