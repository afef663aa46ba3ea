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

import json
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.evaluation import figures
from magenta_viz.evaluation import naturalness
from magenta_viz.evaluation import pictures
from magenta_viz.evaluation import rates
from magenta_viz.evaluation import report as report_lib

_RIGHT, _UP = np.array([1.0, 0.0]), np.array([0.0, 1.0])
_GUESSES = (report_lib.Guess(3, 'ox', 0.5), report_lib.Guess(0, 'owl', 0.25))


def _opinion(
  class_id: Optional[int], rank: Optional[int], **others: Any
) -> figures.Opinion:
  """Returns an opinion; the probability is 1 over the rank, if not given."""
  values: Dict[str, Any] = {
    'probability': None if rank is None else 1 / rank,
    'is_self': False,
    'guesses': _GUESSES,
    'features': _RIGHT,
    'noise': 0.125,
    **others,
  }
  return figures.Opinion(class_id, rank, **values)


def _finding(
  name: str,
  opinions: Sequence[figures.Opinion],
  level: float = 0.5,
  **known: Any,
) -> figures.Finding:
  """Returns a finding, with opinions of the judges 'a', 'b', ..."""
  class_id = opinions[0].class_id
  return figures.Finding(
    pictures.Entry(
      Path(name), name, class_id=class_id, **{'likeness': name, **known}
    ),
    None if class_id is None else f'class {class_id}',
    naturalness.Naturalness(level, None, level, level, level, level),
    dict(zip('abc', opinions)),
  )


def _seen(
  ranks: Sequence[Tuple[Optional[int], Optional[int]]], **known: Any
) -> List[figures.Finding]:
  """Returns findings of one judge, of classes and ranks."""
  return [
    _finding(f'{place}.png', [_opinion(*each)], **known)
    for place, each in enumerate(ranks)
  ]


def _report(findings: Sequence[figures.Finding]) -> report_lib.Report:
  judges = [
    report_lib.Judge(name, 'squeezenet', 'somewhere', 'ab', 4)
    for name in findings[0].opinions
  ]
  return figures.make('in', judges, findings, None, {'python': '3'})


def _group(
  report: report_lib.Report, kind: str = 'all', name: str = 'all'
) -> report_lib.Group:
  (group,) = [g for g in report.groups if (g.kind, g.name) == (kind, name)]
  return group


def _judgement(group: report_lib.Group) -> report_lib.Judgement:
  judgement = group.judges['a']
  assert judgement is not None
  return judgement


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
      _finding('z', [_opinion(1, 2), _opinion(6, 1, is_self=True)]),
    ]
    group = _group(_report(findings))
    self.assertEqual(group.num_classes, 2)
    first, second = group.judges['a'], group.judges['b']
    assert first is not None and second is not None
    self.assertEqual(first.first, rates.mean([1, 0]))
    self.assertEqual(second.first, rates.mean([0.5, 1]))
    self.assertFalse(first.is_self)
    self.assertTrue(second.is_self)

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
    self.assertEqual(_group(_report(findings)).seconds, rates.mean([2.0, 4.0]))
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
    findings = self.findings(preset='p', model='m')
    findings.append(_finding('x', [_opinion(0, 1)], preset='q', model='m'))
    report = _report(findings)
    self.assertIsNone(_judgement(_group(report, 'preset', 'q')).diversity)
    self.assertEqual(
      _judgement(_group(report, 'preset', 'p')).diversity,
      _judgement(_group(report)).diversity,
    )


class GroupsTest(absltest.TestCase):
  def test_by_preset_and_by_network(self) -> None:
    findings = [
      _finding('w', [_opinion(0, 1)], 0.1, preset='p', model='m'),
      _finding('x', [_opinion(1, 2)], 0.2, preset='q', model='m'),
      _finding('y', [_opinion(2, 1)], 0.3, preset='p', model='n'),
      _finding('z', [_opinion(3, 2)], 0.6),
    ]
    report = _report(findings)
    found = {
      (g.kind, g.name): (g.num_pictures, _judgement(g).first.value)
      for g in report.groups
    }
    self.assertEqual(
      found,
      {
        ('all', 'all'): (4, 0.5),
        ('preset', 'none'): (1, 0.0),
        ('preset', 'p'): (2, 1.0),
        ('preset', 'q'): (1, 0.0),
        ('model', 'm'): (2, 0.5),
        ('model', 'n'): (1, 1.0),
        ('model', 'none'): (1, 0.0),
      },
    )
    summary = _group(report, 'preset', 'p').naturalness
    self.assertAlmostEqual(summary.mean.clipped, 0.2)
    self.assertEqual((summary.low.clipped, summary.high.clipped), (0.1, 0.3))

  def test_one_preset_is_listed_too(self) -> None:
    report = _report(_seen([(0, 1)], preset='p', model='m'))
    kinds = [(group.kind, group.name) for group in report.groups]
    self.assertEqual(kinds, [('all', 'all'), ('preset', 'p'), ('model', 'm')])

  def test_none_without_records(self) -> None:
    self.assertLen(_report(_seen([(0, 1), (1, 1)])).groups, 1)


class PicturesTest(parameterized.TestCase):
  def test_best_first(self) -> None:
    findings = [
      _finding('none', [_opinion(None, None), _opinion(None, None)]),
      _finding('worst', [_opinion(0, 1), _opinion(0, 9)]),
      _finding('b', [_opinion(0, 2), _opinion(0, 2)]),
      _finding('a', [_opinion(0, 2), _opinion(0, 2)]),
      # The mean of 1 and 3 is 2, too; that of 1 and 1/3 is more than 1/2.
      _finding('likelier', [_opinion(0, 1), _opinion(0, 3)]),
      _finding('best', [_opinion(0, 1), _opinion(0, 2)]),
    ]
    names = [picture['name'] for picture in _report(findings).pictures]
    self.assertEqual(names, ['best', 'likelier', 'a', 'b', 'worst', 'none'])

  def test_says_all_of_a_picture(self) -> None:
    opinion = _opinion(2, 4, probability=0.125, is_self=True)
    known: Dict[str, Any] = {
      'seed': 3,
      'preset': 'p',
      'model': 'm',
      'seconds': 1.5,
    }
    finding = _finding(
      'x.png', [opinion], own_rank=2, own_probability=0.5, **known
    )
    (picture,) = _report([finding]).as_json()['pictures']
    self.assertEqual(
      picture,
      {
        'name': 'x.png',
        'class_id': 2,
        'class_name': 'class 2',
        **known,
        'self': {'rank': 2, 'probability': 0.5},
        'naturalness': {
          'clipped': 0.5,
          'slope': None,
          'brightness': 0.5,
          'contrast': 0.5,
          'colourfulness': 0.5,
          'saturation': 0.5,
        },
        'judges': {
          'a': {
            'class_id': 2,
            'rank': 4,
            'probability': 0.125,
            'is_self': True,
            'guesses': [
              {'class_id': 3, 'class_name': 'ox', 'probability': 0.5},
              {'class_id': 0, 'class_name': 'owl', 'probability': 0.25},
            ],
          }
        },
      },
    )


class JsonTest(absltest.TestCase):
  def test_is_plain(self) -> None:
    seen = _seen([(0, 1), (1, 2)], model='m', own_rank=1, own_probability=1.0)
    plain = _report(seen).as_json()
    # Lists for tuples, which JSON does not tell apart.
    again = json.loads(json.dumps(plain, allow_nan=False))
    self.assertEqual(again['judges'][0]['num_classes'], 4)
    self.assertIsNone(again['photographs'])
    self.assertEqual(again['versions'], {'python': '3'})
    group = again['groups'][0]
    self.assertEqual(
      list(group),
      [
        *('kind', 'name', 'num_pictures', 'num_classes', 'num_without_class'),
        *('judges', 'self', 'naturalness', 'seconds'),
      ],
    )
    one = {'value': 1.0, 'low': 1.0, 'high': 1.0, 'count': 2}
    self.assertEqual(
      group['self'], {'first': one, 'first_five': one, 'probability': one}
    )
    self.assertEqual(
      group['judges']['a']['rank'], {'mean': 1.5, 'median': 1.5, 'worst': 2}
    )


if __name__ == '__main__':
  absltest.main()
