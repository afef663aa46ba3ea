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

"""Tests for terms."""

from typing import Tuple

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.ascent.objectives import terms as objective_terms


class NamesClassTest(parameterized.TestCase):
  @parameterized.parameters(
    ('class:281', True),
    ('-2*probability:1 + layer:a', True),
    ('layer:a - 0.5*class:1', True),
    ('layer:class', False),
    ('channel:conv1:3 + 2*diversity:a', False),
    ('', False),
    ('class', True),
    ('guide:class:1.jpg@a', False),
  )
  def test_names_a_class(self, text: str, expected: bool) -> None:
    self.assertEqual(objective_terms.names_class(text), expected)

  @parameterized.parameters(
    ('class:1', (True, True)),
    ('layer:a + probability:1', (True, False)),
    ('layer:a - guide:class:1.jpg@a', (False, False)),
  )
  def test_heeds(self, text: str, expected: Tuple[bool, bool]) -> None:
    found = [objective_terms.heeds(text, each) for each in ('head', 'centring')]
    self.assertEqual(found, list(expected))

  def test_files(self) -> None:
    text = (
      'direction:a:b/c:d.npy - 2*direction:net@a:e.npy + guide:f@a + class:1'
      ' + direction^2:a:g.npy:0-3'
    )
    self.assertEqual(
      list(objective_terms.files(text)), ['b/c:d.npy', 'e.npy', 'g.npy']
    )

  @parameterized.parameters(
    ('channel:a/b:0-3', ('channel:a/b:', '0-3', ''), 'channel', "layer 'a/b'"),
    (
      'class:1 + 2*neuron:net@a:7@3,4',
      ('class:1 + 2*neuron:net@a:', '7', '@3,4'),
      'channel',
      "layer 'net@a'",
    ),
    (
      'direction^4:a:b/c:d.npy:all - layer:a',
      ('direction^4:a:b/c:d.npy:', 'all', ' - layer:a'),
      'row',
      "file 'b/c:d.npy'",
    ),
    (
      'direction:a:{directions}:3,5',
      ('direction:a:{directions}:', '3,5', ''),
      'row',
      "file '{directions}'",
    ),
  )
  def test_units(
    self, text: str, expected: Tuple[str, ...], what: str, whose: str
  ) -> None:
    found = objective_terms.units(text)
    assert found is not None
    self.assertEqual(tuple(found), expected)
    self.assertEqual((found.what, found.whose), (what, whose))

  @parameterized.parameters(
    'direction:a:b.npy',
    'direction:a:b:3',
    'direction:a:b.npy:1 + channel:a:2',
    'direction:a:b.npy:c/3',
    'class:1',
  )
  def test_no_units(self, text: str) -> None:
    self.assertIsNone(objective_terms.units(text))

  @parameterized.parameters(
    ('a/b', 'net@a/b'),
    ('2*channel:a/b:3', '2*channel:net@a/b:3'),
    ('neuron:a:3@4,5', 'neuron:net@a:3@4,5'),
    ('content:{guide}@a/b', 'content:{guide}@net@a/b'),
    ('direction:a:b@c.npy', 'direction:net@a:b@c.npy'),
  )
  def test_in_network(self, word: str, expected: str) -> None:
    self.assertEqual(objective_terms.in_network(word, 'net'), expected)


if __name__ == '__main__':
  absltest.main()
