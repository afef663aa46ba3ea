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
    ([0.0, 0.0, 0.0], True, 'the score stayed 0 in all 3 steps: the picture'),
    ([-1.5, -1.5], True, 'the score stayed -1.5 in all 2 steps: the picture'),
    ([0.0, 0.0], False, 'no step changed the picture: its score has no grad'),
    ([1.0, 2.0], False, 'no step changed the picture'),
  )
  def test_idle(
    self, scores: List[float], has_changed: bool, message: str
  ) -> None:
    found = str(idle.warning(np.array(scores, np.float32), has_changed))
    self.assertStartsWith(found, message)
    self.assertNotIn('\n', found)

  @parameterized.parameters(
    ([0.0, 0.0, 1e-6],), ([3.0, 2.0],), ([0.0],), ([7.0],)
  )
  def test_at_work(self, scores: List[float]) -> None:
    self.assertIsNone(idle.warning(np.array(scores, np.float32), True))


if __name__ == '__main__':
  absltest.main()
