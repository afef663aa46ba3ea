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

"""Tests for table."""

import dataclasses
import types
from typing import Any, Dict, Mapping, Optional

from absl.testing import absltest

from magenta_viz.evaluation import naturalness
from magenta_viz.evaluation import rates
from magenta_viz.evaluation import report as report_lib
from magenta_viz.evaluation import table as evaluation_table

_RATE = rates.Rate(0.958, 0.875, 1.0, 24)
_RECOGNITION = {'first': _RATE, 'first_five': _RATE, 'probability': _RATE}
_RANKS = report_lib.Ranks(17.5, 1.5, 402)
_NATURAL = naturalness.Naturalness(0.0125, -2.5, 0.5, 0.25, 40.0, 0.5)
_SUMMARY = naturalness.Summary(_NATURAL, _NATURAL, _NATURAL, 4)


def _summary(**others: Any) -> report_lib.JudgeSummary:
  values: Dict[str, Any] = {
    **_RECOGNITION,
    'num_pictures': 45,
    'is_self': False,
    'rank': _RANKS,
    'diversity': None,
    'noise': None,
    **others,
  }
  return report_lib.JudgeSummary(**values)


def _group(
  kind: str = 'all', name: str = 'all', count: int = 48, **others: Any
) -> report_lib.Group:
  group = report_lib.Group(
    kind, name, count, 24, 0, {'jo': _summary()}, None, _SUMMARY, None
  )
  return dataclasses.replace(group, **others)


def _table(
  *groups: report_lib.Group,
  photographs: Optional[naturalness.Summary] = _SUMMARY,
  input_dir: str = 'in',
  judge: Mapping[str, Any] = types.MappingProxyType({}),
) -> str:
  judges = [
    report_lib.Judge('jo', 'squeezenet', 'package x', 'ab', 1000, **judge)
  ]
  return evaluation_table.table(
    report_lib.Report(input_dir, tuple(judges), groups, photographs, (), {})
  )


class TableTest(absltest.TestCase):
  def test_all_of_a_group(self) -> None:
    judges = {
      'jo': _summary(),
      'bvlc_googlenet.npz': _summary(
        is_self=True,
        diversity=rates.Rate(0.25, 0.125, 0.5, 7),
        noise=rates.Rate(0.02, 0.01, 0.03, 7),
      ),
    }
    group = _group(
      num_without_class=3,
      judges=judges,
      own=report_lib.Recognition(**_RECOGNITION),
      seconds=rates.Rate(8.06, 7.9, 8.25, 48),
    )
    # As it is to look.
    self.assertStartsWith(
      _table(group),
      """\
Pictures in in, judged by
  jo (squeezenet, package x)

All pictures: 48, classes: 24, pictures of no known class: 3
  judge                       first            first five       probability      median rank
  jo                          0.96 (0.88-1.00) 0.96 (0.88-1.00) 0.96 (0.88-1.00) 1.5 (worst 402)
  bvlc_googlenet.npz (itself) 0.96 (0.88-1.00) 0.96 (0.88-1.00) 0.96 (0.88-1.00) 1.5 (worst 402)
  self (who drew them)        0.96 (0.88-1.00) 0.96 (0.88-1.00) 0.96 (0.88-1.00)
  judge                       diversity        repeated noise   classes
  bvlc_googlenet.npz (itself) 0.25 (0.12-0.50) 0.02 (0.01-0.03) 7
  naturalness                 pictures                    4 photographs
  share clipped               0.013 (0.013 to 0.013)      0.013 (0.013 to 0.013)
  slope of the spectrum       -2.50 (-2.50 to -2.50)      -2.50 (-2.50 to -2.50)
  brightness                  0.50 (0.50 to 0.50)         0.50 (0.50 to 0.50)
  contrast                    0.25 (0.25 to 0.25)         0.25 (0.25 to 0.25)
  colourfulness               40 (40 to 40)               40 (40 to 40)
  saturation                  0.50 (0.50 to 0.50)         0.50 (0.50 to 0.50)
  seconds a picture           8.1 (7.9-8.2)

first """,  # noqa: E501
    )

  def test_groups_of_the_same_pictures_are_one_block(self) -> None:
    lines = _table(
      _group(),
      _group('preset', 'lucid', 40),
      _group('preset', 'none', 8),
      _group('drawn_by', 'googlenet'),
    ).splitlines()
    headings = [line for line in lines if ', classes: ' in line]
    self.assertEqual(
      headings,
      [
        'All pictures (drawn by googlenet): 48, classes: 24',
        'Preset lucid: 40, classes: 24',
        'Preset unknown: 8, classes: 24',
      ],
    )

  def test_networks_that_do_not_go_in_a_line(self) -> None:
    several = 'inception_v1 + squeezenet:0.5 + efficientnet_lite0:0.25'
    lines = _table(
      _group(), _group('preset', 'default'), _group('drawn_by', several)
    ).splitlines()
    place = lines.index(
      'All pictures (preset default, drawn by inception_v1 + squeezenet:0.5 +'
      ' efficientnet_lite0:0.25): 48,'
    )
    self.assertEqual(lines[place + 1], '    classes: 24')
    self.assertStartsWith(lines[place + 2], '  judge ')

  def test_without_classes(self) -> None:
    text = _table(_group(judges={'jo': None}, num_without_class=48))
    self.assertIn('pictures of no known class: 48\n  naturalness', text)

  def test_judge_that_was_not_shown_its_own(self) -> None:
    judges = {'jo': _summary(num_pictures=40), 'al': None}
    group = _group(judges=judges, num_without_class=3)
    text = _table(group, judge={'num_own': 5})
    self.assertIn(
      '\n  jo (squeezenet, package x)\n'
      '    which had a part in 5 pictures, and was not shown them\n',
      text,
    )
    self.assertIn('\n  jo judged 40 of them\n', text)
    fewer = dataclasses.replace(group, num_without_class=8)
    self.assertNotIn('judged 40', _table(fewer))
    text = _table(group, judge={'num_own': 1, 'sees_own': True})
    self.assertIn('which had a part in 1 picture: of it its word proves', text)

  def test_without_photographs(self) -> None:
    text = _table(_group(), photographs=None)
    self.assertNotIn('4 photographs', text)
    self.assertIn('with scikit-image installed, photographs', text)

  def test_pictures_without_a_slope(self) -> None:
    small = dataclasses.replace(_NATURAL, slope=None)
    summary = naturalness.Summary(small, small, small, 1)
    self.assertRegex(
      _table(_group(naturalness=summary)),
      r'slope of the spectrum +too small to tell +-2\.50 \(',
    )

  def test_is_no_wider_than_a_terminal(self) -> None:
    name = 'a' * 90 + 'z.npz'
    summary = _summary(is_self=True, rank=report_lib.Ranks(1, 999.5, 1000))
    text = _table(
      _group(judges={name: summary}),
      _group('drawn_by', ' + '.join(['e' * 900] * 32)),
      input_dir='d' * 300,
    )
    self.assertLess(text.count('\n'), 40)
    self.assertLessEqual(max(map(len, text.splitlines())), 100)
    # Its end tells files apart.
    self.assertRegex(text, r'\n  a+\.\.\.a*z\.npz \(itself\) 0\.96 ')

  def test_foreign_names_do_nothing(self) -> None:
    name = 'a\n  b\x1b[2J\udcff'
    summary = _summary(is_self=True, rank=report_lib.Ranks(1, 1.0, 1))
    text = _table(
      _group(judges={name: summary}),
      _group('drawn_by', name),
      input_dir=name,
    )
    self.assertStartsWith(
      text, 'Pictures in a\\n  b\\x1b[2J\\udcff, judged by\n'
    )
    self.assertTrue(text.replace('\n', '').isprintable())
    self.assertIn('\n  a\\n  b\\x1b[2J\\udcff (itself) ', text)
    self.assertIn('drawn by a\\n  b\\x1b[2J\\udcff): 48', text)


if __name__ == '__main__':
  absltest.main()
