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

"""Tests for class_names."""

from typing import List

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.data import class_names
from magenta_viz.models import imagenet_classes


class ClassNamesTest(parameterized.TestCase):
  def test_lets_in(self) -> None:
    class_names.check('a set', imagenet_classes.load_class_names())
    # Signs, emoji of several characters, spaces that are no line breaks.
    names = [
      '+',
      '-',
      '_',
      '猫',
      'сова',
      'café',
      '👩‍🔬',
      'house finch',
      '1',
      '01',
    ]
    class_names.check('a set', names)
    class_names.check_distinct('a set', names)
    class_names.check('a set', ['a', 'x' * 150])

  @parameterized.parameters(
    ([], r'^a set has 0 classes \(none\), and .*; give pictures of two'),
    (['owl'], r'^a set has 1 class \(owl\), and .*; give pictures of two'),
    (['owl', 'a\nb'], r"^class 'a\\nb' of a set has a line break, control "),
    (['owl', '\x1b[31m'], r"^class '\\x1b\[31m' of a set has a line break"),
    (['owl', 'a\u2028b'], r"^class 'a\\u2028b' of a set has a line break"),
    (['owl', 'a\udcff'], r"^class 'a\\udcff' of a set .* no UTF-8 in its name"),
    (['owl', 'ы' * 76], "^class 'ы{60} ...' of a set has a name of 152 bytes"),
  )
  def test_refuses(self, names: List[str], message: str) -> None:
    with self.assertRaisesRegex(ValueError, message) as caught:
      class_names.check('a set', names)
    self.assertTrue(str(caught.exception).isprintable())

  @parameterized.parameters(
    ('owl', 'Owl'),
    ('STRASSE', 'straße'),
    ('caf\u00e9', 'cafe\u0301'),
    ('CAF\u00c9', 'cafe\u0301'),
    ('owl', ' owl '),
    ('house finch', 'house_finch'),
    ('house-finch', 'House  Finch'),
  )
  def test_refuses_what_is_alike(self, one: str, other: str) -> None:
    with self.assertRaisesRegex(
      ValueError,
      f"^classes '{one}' and '{other}' of a set cannot be told apart",
    ):
      class_names.check_distinct('a set', [one, 'wren', other])


if __name__ == '__main__':
  absltest.main()
