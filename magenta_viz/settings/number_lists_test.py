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

"""Tests for number_lists."""

from typing import Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.settings import number_lists


def _parse(text: str, count: int) -> Tuple[int, ...]:
  return number_lists.parse(text, count, 'class id', 'net')


class ParseTest(parameterized.TestCase):
  @parameterized.parameters(
    ('281', (281,)),
    ('281,130,0-3', (281, 130, 0, 1, 2, 3)),
    (' 7 , 2 - 4,\t3, 007 ', (7, 2, 3, 4)),
    ('5-5', (5,)),
    ('999', (999,)),
    ('3-5,4-7,0', (3, 4, 5, 6, 7, 0)),
    ('all', tuple(range(1000))),
    ('999, ALL', (999, *range(999))),
  )
  def test_reads(self, text: str, expected: Tuple[int, ...]) -> None:
    self.assertEqual(_parse(text, 1000), expected)

  @parameterized.parameters(
    ('', "'' is no class id"),
    ('1,,2', "'' is no class id"),
    ('1,2,', "'' is no class id"),
    ('1,tabby', "'tabby' is no class id"),
    ('-1', "'-1' is no class id"),
    ('1-', "'1-' is no class id"),
    ('1-2-3', "'1-2-3' is no class id"),
    ('1 2', "'1 2' is no class id"),
    ('1.0', "'1.0' is no class id"),
    ('+1', r"'\+1' is no class id"),
    ('٣', "'٣' is no class id"),
    ('1\n2', r"'1\\n2' is no class id"),
    ('1' * 5000, 'is no class id'),
    ('8-3', r"range '8-3' runs backwards; .*: 3-8$"),
    (
      '4,10',
      "class id 10 in '10' is out of range; net has class ids 0 to 9$",
    ),
    ('0-99999999999', "class id 99999999999 in '0-99999999999' is out"),
    ('12-3', "class id 12 in '12-3' is out of range"),
  )
  def test_refuses(self, text: str, message: str) -> None:
    with self.assertRaisesRegex(ValueError, message) as caught:
      _parse(text, 10)
    self.assertNotIn('\n', str(caught.exception))

  def test_says_what_is_allowed(self) -> None:
    with self.assertRaisesRegex(ValueError, "from 0 to 41, ranges .* 'all'"):
      _parse('x', 42)

  def test_reads_what_it_writes(self) -> None:
    generator = np.random.default_rng(0)
    for count in (1, 3, 10, 60, 100):
      numbers = tuple(generator.permutation(100)[:count].tolist())
      for given in (numbers, tuple(sorted(numbers))):
        written = number_lists.write(given)
        self.assertEqual(_parse(written, 100), given)
    self.assertEqual(number_lists.write(range(100)), '0-99')
    self.assertEqual(number_lists.write((3, 4, 9)), '3-4,9')


if __name__ == '__main__':
  absltest.main()
