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

"""Tests for figures."""

from typing import Any, List

from absl.testing import absltest
import numpy as np

from magenta_viz.evaluation import figures
from magenta_viz.evaluation import rates
from magenta_viz.evaluation import report as report_lib
from magenta_viz.testing import findings as test_findings

_opinion = test_findings.opinion
_finding = test_findings.finding
_seen = test_findings.seen
_report = test_findings.report
_group = test_findings.group
_judgement = test_findings.judgement
_RIGHT = test_findings.RIGHT
_UP = test_findings.UP


class RatesTest(absltest.TestCase):
  def test_known_ranks(self) -> None:
    ranks = [1, 1, 1, 1, 1, 3, 5, 6]
    said = _judgement(_group(_report(_seen(list(enumerate(ranks))))))
    self.assertEqual(said.first, rates.among_first(ranks, 1))
    self.assertEqual(said.first_five, rates.among_first(ranks, 5))
    self.assertEqual(said.probability, rates.mean(1 / np.array(ranks)))
    self.assertEqual(said.rank, report_lib.Ranks(19 / 8, 1, 6))
    self.assertEqual((said.first.value, said.first.count), (5 / 8, 8))
    self.assertLess(said.first.low, 5 / 8)

  def test_pictures_of_a_class_are_one_value(self) -> None:
    # Of class 0: right, right, wrong; of 1: wrong; of 2: right.
    seen = _seen([(0, 1), (1, 2), (0, 1), (2, 1), (0, 9)])
    said = _judgement(_group(_report(seen)))
    self.assertEqual(said.first, rates.mean([2 / 3, 0, 1]))
    self.assertEqual(said.first_five, rates.mean([2 / 3, 1, 1]))
    self.assertEqual(said.probability, rates.mean([19 / 27, 0.5, 1.0]))
    # Pictures.
    self.assertEqual(said.rank, report_lib.Ranks(14 / 5, 1, 9))

  def test_those_of_no_class_are_counted(self) -> None:
    seen = _seen([(0, 1), (None, None), (None, None)])
    group = _group(_report(seen))
    self.assertEqual(
      (group.num_pictures, group.num_classes, group.num_without_class),
      (3, 1, 2),
    )
    self.assertEqual(_judgement(group).first, rates.mean([1]))
    self.assertEqual(group.naturalness.count, 3)

  def test_none_of_a_class(self) -> None:
    group = _group(_report(_seen([(None, None)], own_rank=1)))
    self.assertEqual(group.judges, {'a': None})
    self.assertIsNone(group.own)
    self.assertEqual(group.num_classes, 0)

  def test_each_judge_for_itself(self) -> None:
    # The judges number the classes otherwise, and the first counts them.
    findings = [
      _finding('x', [_opinion(0, 1), _opinion(5, 7)]),
      _finding('y', [_opinion(0, 1), _opinion(5, 1)]),
      _finding(
        'z',
        [
          _opinion(1, 2),
          _opinion(6, 1, is_self=True),
        ],
      ),
    ]
    group = _group(_report(findings))
    self.assertEqual(group.num_classes, 2)
    first, second = group.judges['a'], group.judges['b']
    assert first is not None and second is not None
    self.assertEqual(first.first, rates.mean([1, 0]))
    self.assertEqual(second.first, rates.mean([0.5, 1]))
    self.assertFalse(first.is_self)
    self.assertTrue(second.is_self)

  def test_judges_that_were_not_shown_all(self) -> None:
    findings = [
      _finding('x', [_opinion(0, 1), None], likeness='l', seed=0),
      _finding('y', [_opinion(0, 3), None], likeness='l', seed=1),
      _finding('z', [None, _opinion(6, 2)]),
      # The first judge does not know its class.
      _finding('w', [_opinion(None, None), _opinion(7, 1)]),
    ]
    group = _group(_report(findings, 'ab'))
    self.assertEqual((group.num_classes, group.num_without_class), (3, 0))
    first, second = group.judges['a'], group.judges['b']
    assert first is not None and second is not None
    self.assertEqual((first.num_pictures, second.num_pictures), (2, 2))
    self.assertEqual(first.first, rates.mean([0.5]))
    self.assertEqual(second.first, rates.mean([0, 1]))
    self.assertEqual(first.diversity, rates.mean([0]))
    self.assertIsNone(second.diversity)

  def test_judge_that_was_shown_none(self) -> None:
    report = _report([_finding('x', [_opinion(0, 1), None])], 'ab')
    self.assertIsNone(_group(report).judges['b'])
    self.assertIsNone(report.pictures[0]['judges']['b'])

  def test_what_the_drawing_network_said(self) -> None:
    findings = [
      _finding('x', [_opinion(0, 9)], own_rank=1, own_probability=0.75),
      _finding('y', [_opinion(1, 9)], own_rank=4, own_probability=0.25),
      _finding('z', [_opinion(2, 9)]),
    ]
    own = _group(_report(findings)).own
    assert own is not None
    self.assertEqual(own.first, rates.mean([1, 0]))
    self.assertEqual(own.first_five, rates.mean([1, 1]))
    self.assertEqual(own.probability, rates.mean([0.75, 0.25]))

  def test_seconds_are_of_pictures(self) -> None:
    findings = [
      _finding(str(i), [_opinion(0, 1)], seconds=seconds)
      for i, seconds in enumerate([2.0, 4.0, None])
    ]
    self.assertEqual(
      _group(_report(findings)).seconds,
      rates.mean([2.0, 4.0]),
    )
    self.assertIsNone(_group(_report(findings[2:])).seconds)


class DiversityTest(absltest.TestCase):
  def findings(self, **known: Any) -> List[figures.Finding]:
    """Returns two pictures of class 0, three of 1 and one of 2."""
    opinions = [
      _opinion(0, 1, features=_RIGHT, noise=0.25),
      _opinion(0, 1, features=_UP, noise=0.75),
      _opinion(1, 1, features=_RIGHT, noise=0.0),
      _opinion(1, 1, features=_RIGHT, noise=0.0),
      _opinion(1, 1, features=_UP, noise=0.75),
      _opinion(2, 1, features=_UP, noise=None),
    ]
    return [
      _finding(
        str(seed),
        [each],
        likeness=str(each.class_id),
        seed=seed,
        **known,
      )
      for seed, each in enumerate(opinions)
    ]

  def test_is_a_value_a_class(self) -> None:
    said = _judgement(_group(_report(self.findings())))
    # Of three pictures, two of the three pairs are at a right angle.
    self.assertEqual(said.diversity, rates.mean([1, 2 / 3]))
    self.assertEqual(said.noise, rates.mean([0.5, 0.25]))

  def test_sets_of_one_class_are_one_value(self) -> None:
    findings = self.findings()[:2]
    for seed in range(2):
      opinion = _opinion(0, 1, features=_UP, noise=0.0)
      findings.append(_finding('x', [opinion], likeness='other', seed=seed))
    said = _judgement(_group(_report(findings)))
    self.assertEqual(said.diversity, rates.mean([0.5]))
    self.assertEqual(said.noise, rates.mean([0.25]))

  def test_none_without_variations(self) -> None:
    said = _judgement(_group(_report(_seen([(0, 1), (0, 1)]))))
    self.assertIsNone(said.diversity)
    self.assertIsNone(said.noise)

  def test_is_of_the_groups_own_pictures(self) -> None:
    findings = self.findings(preset='p', networks=test_findings.NETWORKS)
    findings.append(
      _finding(
        'x', [_opinion(0, 1)], preset='q', networks=test_findings.NETWORKS
      )
    )
    report = _report(findings)
    self.assertIsNone(_judgement(_group(report, 'preset', 'q')).diversity)
    self.assertEqual(
      _judgement(_group(report, 'preset', 'p')).diversity,
      _judgement(_group(report)).diversity,
    )


if __name__ == '__main__':
  absltest.main()
