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

"""Tests for figures: the groups and the pictures of its report."""

import json
from typing import Any, Dict

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.testing import findings as test_findings

_opinion = test_findings.opinion
_finding = test_findings.finding
_seen = test_findings.seen
_report = test_findings.report
_group = test_findings.group
_judgement = test_findings.judgement

_M, _N = test_findings.NETWORKS


class GroupsTest(absltest.TestCase):
  def test_by_preset_and_by_network(self) -> None:
    findings = [
      _finding('w', [_opinion(0, 1)], 0.1, preset='p', networks=(_M,)),
      _finding('x', [_opinion(1, 2)], 0.2, preset='q', networks=(_M,)),
      _finding('y', [_opinion(2, 1)], 0.3, preset='p', networks=(_M, _N)),
      _finding('z', [_opinion(3, 2)], 0.6),
    ]
    report = _report(findings)
    found = {
      (g.kind, g.name): (g.num_pictures, _judgement(g).first.value)
      for g in report.groups
    }
    # The unknown last.
    self.assertSequenceEqual(
      [name for kind, name in found if kind == 'preset'], ['p', 'q', 'none']
    )
    self.assertEqual(
      found,
      {
        ('all', 'all'): (4, 0.5),
        ('preset', 'none'): (1, 0.0),
        ('preset', 'p'): (2, 1.0),
        ('preset', 'q'): (1, 0.0),
        ('drawn_by', 'm'): (2, 0.5),
        ('drawn_by', 'm + n:0.25'): (1, 1.0),
        ('drawn_by', 'none'): (1, 0.0),
      },
    )
    summary = _group(report, 'preset', 'p').naturalness
    self.assertAlmostEqual(summary.mean.clipped, 0.2)
    self.assertEqual((summary.low.clipped, summary.high.clipped), (0.1, 0.3))

  def test_one_preset_is_listed_too(self) -> None:
    report = _report(_seen([(0, 1)], preset='p', networks=(_M,)))
    kinds = [(group.kind, group.name) for group in report.groups]
    self.assertEqual(
      kinds, [('all', 'all'), ('preset', 'p'), ('drawn_by', 'm')]
    )

  def test_none_without_records(self) -> None:
    self.assertLen(_report(_seen([(0, 1), (1, 1)])).groups, 1)


class PicturesTest(parameterized.TestCase):
  def test_best_first(self) -> None:
    findings = [
      _finding(
        'none',
        [_opinion(None, None), _opinion(None, None)],
      ),
      _finding('worst', [_opinion(0, 1), _opinion(0, 9)]),
      _finding('b', [_opinion(0, 2), _opinion(0, 2)]),
      _finding('a', [_opinion(0, 2), _opinion(0, 2)]),
      # The mean of 1 and 3 is 2, too; that of 1 and 1/3 is more than 1/2.
      _finding('likelier', [_opinion(0, 1), _opinion(0, 3)]),
      _finding('best', [_opinion(0, 1), _opinion(0, 2)]),
      # By the one that was shown it; by none.
      _finding('alone', [None, _opinion(0, 1)]),
      _finding('unseen', [None, None]),
    ]
    names = [picture['name'] for picture in _report(findings).pictures]
    self.assertEqual(
      names,
      ['alone', 'best', 'likelier', 'a', 'b', 'worst', 'none', 'unseen'],
    )

  def test_says_all_of_a_picture(self) -> None:
    opinion = _opinion(2, 4, probability=0.125, is_self=True)
    known: Dict[str, Any] = {
      'seed': 3,
      'preset': 'p',
      'seconds': 1.5,
    }
    finding = _finding(
      'x.png',
      [opinion],
      own_rank=2,
      own_probability=0.5,
      networks=(_M, _N),
      **known,
    )
    (picture,) = _report([finding]).as_json()['pictures']
    self.assertEqual(
      picture,
      {
        'name': 'x.png',
        'class_id': 2,
        'class_name': '2',
        **known,
        'drawn_by': 'm + n:0.25',
        'networks': [
          {'model': 'm', 'weights_sha256': 'ab', 'weight': 1.0},
          {'model': 'n', 'weights_sha256': 'cd', 'weight': 0.25},
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
    )


class JsonTest(absltest.TestCase):
  def test_is_plain(self) -> None:
    word = {'own_rank': 1, 'own_probability': 1.0}
    seen = _seen([(0, 1), (1, 2)], networks=(_M, _N), **word)
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
