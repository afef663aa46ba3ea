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

"""Tests of which networks drew a picture."""

import itertools
from pathlib import Path
from typing import Any, Tuple

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.evaluation import networks
from magenta_viz.evaluation import record_reader
from magenta_viz.models import model_spec
from magenta_viz.testing import picture_records

_PART = picture_records.PARTS[0]


def _read(settings: Any) -> Tuple[networks.Network, ...]:
  return networks.read(record_reader.Reader(Path('a.json'), settings))


def _read_parts(*parts: Any) -> Tuple[networks.Network, ...]:
  return _read({'networks': list(parts)})


def _part(model: str, **others: Any) -> Any:
  return {'model': model, 'weights_sha256': 'ab', **others}


class NetworksTest(parameterized.TestCase):
  @parameterized.parameters(
    (1.0, 'x'),
    (1, 'x'),
    (0.5, 'x:0.5'),
    (2, 'x:2'),
    (0, 'x:0'),
    (1 / 3, 'x:0.333333'),
  )
  def test_label(self, weight: float, label: str) -> None:
    (network,) = _read_parts(_part('x', weight=weight))
    self.assertEqual(network.label, label)

  def test_weight_of_those_that_have_none_is_one(self) -> None:
    self.assertEqual(
      _read_parts(_part('x')), _read_parts(_part('x', weight=1.0))
    )

  def test_order_does_not_matter(self) -> None:
    known = list(model_spec.MODEL_SPECS)
    parts = [
      *(_part(name) for name in (*known, 'a', 'b')),
      _part('b', weight=0.5),
      _part('b', weights_sha256='cd'),
    ]
    expected = _read_parts(*parts)
    self.assertEqual(
      [network.model for network in expected], [*known, 'a', 'b', 'b', 'b']
    )
    self.assertLen(set(expected), len(parts))
    for order in itertools.permutations(parts[-4:]):
      self.assertEqual(_read_parts(*order, *parts[:-4][::-1]), expected)

  @parameterized.parameters(
    ('squeezenet', 'networks', '"squeezenet"'),
    ({'model': 'a'}, 'networks', '{"model": "a"}'),
    (True, 'networks', 'true'),
    ([], 'networks', r'\[\]'),
    ([_PART] * 33, 'networks', r'\[{"model": "squeezenet", .*'),
    ([_PART, 'squeezenet'], r'networks\[1\]', '"squeezenet"'),
    ([None], r'networks\[0\]', 'null'),
    ([[]], r'networks\[0\]', r'\[\]'),
    ([{}], r'networks\[0\].model', 'null'),
    ([{**_PART, 'model': ''}], r'networks\[0\].model', '""'),
    ([{**_PART, 'model': 'a' * 1001}], r'networks\[0\].model', '"a+'),
    (
      [_PART, {'model': 'a'}],
      *(r'networks\[1\].weights_sha256', 'null'),
    ),
    (
      [{**_PART, 'weights_sha256': 7}],
      *(r'networks\[0\].weights_sha256', '7'),
    ),
    ([{**_PART, 'weight': '1'}], r'networks\[0\].weight', '"1"'),
    ([{**_PART, 'weight': True}], r'networks\[0\].weight', 'true'),
    ([{**_PART, 'weight': -1}], r'networks\[0\].weight', '-1'),
    ([{**_PART, 'weight': 1e7}], r'networks\[0\].weight', '10000000.0'),
  )
  def test_networks_that_no_record_has(
    self, value: Any, named: str, shown: str
  ) -> None:
    with self.assertRaisesRegex(
      ValueError,
      f"^record 'a.json' is damaged \\({named} is {shown}\\); delete it, or"
      ' draw its picture again$',
    ):
      _read({'networks': value})

  @parameterized.parameters(
    ({'model': 3, 'weights_sha256': 'ab'}, 'model is 3'),
    ({'model': 'a'}, 'weights_sha256 is null'),
    ({'weights_sha256': 'ab'}, 'model is null'),
    ({'model': 'a', 'weights_sha256': ''}, 'weights_sha256 is ""'),
  )
  def test_settings_that_no_old_record_has(
    self, settings: Any, problem: str
  ) -> None:
    with self.assertRaisesRegex(ValueError, f'is damaged \\({problem}\\); del'):
      _read(settings)

  def test_old_record(self) -> None:
    old = {'model': 'a', 'weights_sha256': 'ab', 'num_steps': 3}
    self.assertEqual(_read(old), _read_parts(_part('a')))
    # One of both kinds is of the new one.
    both = {**old, 'networks': [_part('b')]}
    self.assertEqual(_read(both), _read_parts(_part('b')))

  def test_record_that_does_not_say(self) -> None:
    for settings in ({}, {'networks': None}, {'preset': 'x'}):
      self.assertEqual(_read(settings), ())


if __name__ == '__main__':
  absltest.main()
