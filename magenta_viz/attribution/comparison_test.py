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

"""Tests for comparison."""

from typing import Any, Dict

from absl.testing import absltest

from magenta_viz.attribution import comparison


def _record(method: str, **scores: float) -> Dict[str, Any]:
  return {'settings': {'method': method}, **scores}


class ComparisonTest(absltest.TestCase):
  def test_means_of_those_with_scores(self) -> None:
    records = [
      _record('rise', deletion=0.25, insertion=0.5),
      _record('gradient', deletion=0.5, insertion=0.125),
      _record('rise', deletion=0.75, insertion=1.0),
      _record('rise'),
      _record('grad_cam'),
    ]
    means = comparison.means(records)
    self.assertEqual(
      means,
      [
        comparison.Mean('rise', 0.5, 0.75, 2),
        comparison.Mean('gradient', 0.5, 0.125, 1),
      ],
    )
    lines = comparison.table(means)
    self.assertEqual(
      [line.split() for line in lines[1:]],
      [['rise', '0.500', '0.750', '2'], ['gradient', '0.500', '0.125', '1']],
    )
    self.assertEqual(lines[0].index('insertion'), lines[1].index('0.750'))

  def test_no_scores(self) -> None:
    self.assertEqual(comparison.table(comparison.means([_record('rise')])), [])


if __name__ == '__main__':
  absltest.main()
