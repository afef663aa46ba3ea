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
from typing import Any, Dict, List

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.evaluation import networks
from magenta_viz.evaluation import pictures
from magenta_viz.evaluation import rates
from magenta_viz.evaluation import report as report_lib
from magenta_viz.testing import judged_pictures

_prediction = judged_pictures.prediction
_picture = judged_pictures.picture
_seen = judged_pictures.seen
_report = judged_pictures.report
_group = judged_pictures.group
_summary = judged_pictures.summary

_RIGHT = judged_pictures.RIGHT
_UP = judged_pictures.UP
_M, _N = judged_pictures.NETWORKS


class RatesTest(absltest.TestCase):
  def test_known_ranks(self) -> None:
    ranks = [1, 1, 1, 1, 1, 3, 5, 6]
    said = _summary(_group(_report(_seen(list(enumerate(ranks))))))
    self.assertEqual(said.first, rates.mean([1] * 5 + [0] * 3))
    self.assertEqual(said.first_five, rates.mean([1] * 7 + [0]))
    self.assertEqual(said.probability, rates.mean(1 / np.array(ranks)))
    self.assertEqual(said.rank, report_lib.Ranks(19 / 8, 1, 6))
    self.assertEqual((said.first.value, said.first.count), (5 / 8, 8))
    self.assertLess(said.first.low, 5 / 8)

  def test_pictures_of_a_class_are_one_value(self) -> None:
    # Of class 0: right, right, wrong; of 1: wrong; of 2: right.
    seen = _seen([(0, 1), (1, 2), (0, 1), (2, 1), (0, 9)])
    said = _summary(_group(_report(seen)))
    self.assertEqual(said.first, rates.mean([2 / 3, 0, 1]))
    self.assertEqual(said.first_five, rates.mean([2 / 3, 1, 1]))
    self.assertEqual(said.probability, rates.mean([19 / 27, 0.5, 1.0]))
    # Pictures.
    self.assertEqual(said.rank, report_lib.Ranks(14 / 5, 1, 9))

  def test_those_of_no_class_are_counted(self) -> None:
    group = _group(_report(_seen([(0, 1), (None, None), (None, None)])))
    self.assertEqual(
      (group.num_pictures, group.num_classes, group.num_without_class),
      (3, 1, 2),
    )
    self.assertEqual(_summary(group).first, rates.mean([1]))
    self.assertEqual(group.naturalness.count, 3)
    group = _group(_report(_seen([(None, None)], own_rank=1)))
    self.assertEqual(group.judges, {'a': None})
    self.assertIsNone(group.own)
    self.assertEqual(group.num_classes, 0)

  def test_each_judge_for_itself(self) -> None:
    # The judges number the classes otherwise, and the first counts them.
    own = networks.Network('b', 'of b')
    group = _group(
      _report(
        [
          _picture('x', [_prediction(0, 1), _prediction(5, 7)]),
          _picture('y', [_prediction(0, 1), _prediction(5, 1)]),
          _picture('z', [_prediction(1, 2), _prediction(6, 1)], networks=[own]),
        ]
      )
    )
    self.assertEqual(group.num_classes, 2)
    first, second = _summary(group, 'a'), _summary(group, 'b')
    self.assertEqual(first.first, rates.mean([1, 0]))
    self.assertEqual(second.first, rates.mean([0.5, 1]))
    self.assertEqual((first.is_self, second.is_self), (False, True))

  def test_judges_that_were_not_shown_all(self) -> None:
    report = _report(
      [
        _picture('x', [_prediction(0, 1), None], likeness='l', seed=0),
        _picture('y', [_prediction(0, 3), None], likeness='l', seed=1),
        _picture('z', [None, _prediction(6, 2)]),
        # The first judge does not know its class.
        _picture('w', [_prediction(None, None), _prediction(7, 1)]),
      ],
      'abc',
    )
    group = _group(report)
    self.assertEqual((group.num_classes, group.num_without_class), (3, 0))
    first, second = _summary(group, 'a'), _summary(group, 'b')
    self.assertEqual((first.num_pictures, second.num_pictures), (2, 2))
    self.assertEqual(first.first, rates.mean([0.5]))
    self.assertEqual(second.first, rates.mean([0, 1]))
    self.assertEqual(first.diversity, rates.mean([0]))
    self.assertIsNone(second.diversity)
    # Who was shown none.
    self.assertIsNone(group.judges['c'])
    self.assertIsNone(report.pictures[0]['judges']['c'])

  def test_what_the_drawing_network_said(self) -> None:
    group = _group(
      _report(
        [
          _picture('x', [_prediction(0, 9)], own_rank=1, own_probability=0.75),
          _picture('y', [_prediction(1, 9)], own_rank=4, own_probability=0.25),
          _picture('z', [_prediction(2, 9)]),
        ]
      )
    )
    self.assertEqual(
      group.own,
      report_lib.Recognition(
        rates.mean([1, 0]), rates.mean([1, 1]), rates.mean([0.75, 0.25])
      ),
    )

  def test_seconds_are_of_pictures(self) -> None:
    seen = [
      _picture(str(i), [_prediction(0, 1)], seconds=seconds)
      for i, seconds in enumerate([2.0, 4.0, None])
    ]
    self.assertEqual(_group(_report(seen)).seconds, rates.mean([2.0, 4.0]))
    self.assertIsNone(_group(_report(seen[2:])).seconds)


class DiversityTest(absltest.TestCase):
  def pictures(self, **known: Any) -> List[pictures.Picture]:
    """Returns two pictures of class 0, three of 1 and one of 2."""
    said = [
      _prediction(0, 1, features=_RIGHT, noise=0.25),
      _prediction(0, 1, features=_UP, noise=0.75),
      _prediction(1, 1, features=_RIGHT, noise=0.0),
      _prediction(1, 1, features=_RIGHT, noise=0.0),
      _prediction(1, 1, features=_UP, noise=0.75),
      _prediction(2, 1, features=_UP, noise=None),
    ]
    return [
      _picture(
        str(seed), [each], likeness=str(each.class_id), seed=seed, **known
      )
      for seed, each in enumerate(said)
    ]

  def test_is_a_value_a_class(self) -> None:
    said = _summary(_group(_report(self.pictures())))
    # Of three pictures, two of the three pairs are at a right angle.
    self.assertEqual(said.diversity, rates.mean([1, 2 / 3]))
    self.assertEqual(said.noise, rates.mean([0.5, 0.25]))

  def test_sets_of_one_class_are_one_value(self) -> None:
    prediction = _prediction(0, 1, features=_UP, noise=0.0)
    others = [
      _picture('x', [prediction], likeness='other', seed=seed)
      for seed in range(2)
    ]
    said = _summary(_group(_report([*self.pictures()[:2], *others])))
    self.assertEqual(said.diversity, rates.mean([0.5]))
    self.assertEqual(said.noise, rates.mean([0.25]))

  def test_none_without_variations(self) -> None:
    said = _summary(_group(_report(_seen([(0, 1), (0, 1)]))))
    self.assertIsNone(said.diversity)
    self.assertIsNone(said.noise)

  def test_is_of_the_groups_own_pictures(self) -> None:
    other = _seen([(0, 1)], preset='q', networks=(_M, _N))
    report = _report([*self.pictures(preset='p', networks=(_M, _N)), *other])
    self.assertIsNone(_summary(_group(report, 'preset', 'q')).diversity)
    self.assertEqual(
      _summary(_group(report, 'preset', 'p')).diversity,
      _summary(_group(report)).diversity,
    )


class GroupsTest(absltest.TestCase):
  def test_by_preset_and_by_network(self) -> None:
    report = _report(
      [
        _picture('w', [_prediction(0, 1)], 0.1, preset='p', networks=(_M,)),
        _picture('x', [_prediction(1, 2)], 0.2, preset='q', networks=(_M,)),
        _picture('y', [_prediction(2, 1)], 0.3, preset='p', networks=(_M, _N)),
        _picture('z', [_prediction(3, 2)], 0.6),
      ]
    )
    # The unknown last.
    self.assertEqual(
      [
        (g.kind, g.name, g.num_pictures, _summary(g).first.value)
        for g in report.groups
      ],
      [
        ('all', 'all', 4, 0.5),
        ('preset', 'p', 2, 1.0),
        ('preset', 'q', 1, 0.0),
        ('preset', 'none', 1, 0.0),
        ('drawn_by', 'm', 2, 0.5),
        ('drawn_by', 'm + n:0.25', 1, 1.0),
        ('drawn_by', 'none', 1, 0.0),
      ],
    )
    summary = _group(report, 'preset', 'p').naturalness
    self.assertAlmostEqual(summary.mean.clipped, 0.2)
    self.assertEqual((summary.low.clipped, summary.high.clipped), (0.1, 0.3))

  def test_one_preset_is_listed_too_but_none_without_records(self) -> None:
    report = _report(_seen([(0, 1)], preset='p', networks=(_M,)))
    kinds = [(group.kind, group.name) for group in report.groups]
    self.assertEqual(
      kinds, [('all', 'all'), ('preset', 'p'), ('drawn_by', 'm')]
    )
    self.assertLen(_report(_seen([(0, 1), (1, 1)])).groups, 1)


class PicturesTest(parameterized.TestCase):
  def test_best_first(self) -> None:
    ranks: Dict[str, Any] = {
      'none': (None, None),
      'worst': (1, 9),
      'b': (2, 2),
      'a': (2, 2),
      # The mean of 1 and 3 is 2, too; that of 1 and 1/3 is more than 1/2.
      'likelier': (1, 3),
      'best': (1, 2),
    }
    judged = [
      _picture(name, [_prediction(0 if rank else None, rank) for rank in each])
      for name, each in ranks.items()
    ]
    # By the one that was shown it; by none.
    judged.append(_picture('alone', [None, _prediction(0, 1)]))
    judged.append(_picture('unseen', [None, None]))
    self.assertEqual(
      [picture['name'] for picture in _report(judged).pictures],
      ['alone', 'best', 'likelier', 'a', 'b', 'worst', 'none', 'unseen'],
    )

  def test_says_all_of_a_picture(self) -> None:
    known: Dict[str, Any] = {'seed': 3, 'preset': 'p', 'seconds': 1.5}
    own = networks.Network('o', 'of a')
    picture = _picture(
      'x.png',
      [_prediction(2, 4, probability=0.125)],
      own_rank=2,
      own_probability=0.5,
      networks=(_N, own),
      **known,
    )
    self.assertEqual(
      _report([picture]).as_json()['pictures'],
      (
        {
          'name': 'x.png',
          'class_id': 2,
          'class_name': '2',
          **known,
          'drawn_by': 'n:0.25 + o',
          'networks': [
            {'model': 'n', 'weights_sha256': 'cd', 'weight': 0.25},
            {'model': 'o', 'weights_sha256': 'of a', 'weight': 1.0},
          ],
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
      ),
    )

  def test_json_is_plain(self) -> None:
    own = {'own_rank': 1, 'own_probability': 1.0}
    seen = _seen([(0, 1), (1, 2)], networks=(_M, _N), **own)
    plain = _report(seen).as_json()
    # Lists for tuples, which JSON does not tell apart.
    again = json.loads(json.dumps(plain, allow_nan=False))
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
