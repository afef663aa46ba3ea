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

from typing import List, Set
import unicodedata

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.models import class_matching
from magenta_viz.models import imagenet_classes

_LINES = (
  'crane',
  'crane',
  'house finch, linnet',
  'Été, summer',
  '猫',
  'Polish',
  'polish',
  "jack-o'-lantern",
  'बिल्ली',
  'बल्ला',
  '+',
  '-',
)


class FindTest(parameterized.TestCase):
  @parameterized.parameters(
    ('house finch', [2]),
    ('linnet', [2]),
    ('house finch, linnet', [2]),
    ('House_Finch', [2]),
    ('HOUSE-FINCH', [2]),
    ('house.finch ', [2]),
    ('Jack O Lantern', [7]),
    ('finch', []),
    ('housefinch', []),
    ('crane', [0, 1]),
    ('Crane', [0, 1]),
    # To the letter is more than alike.
    ('Polish', [5]),
    ('polish', [6]),
    ('POLISH', [5, 6]),
    ('猫', [4]),
    ('ÉTÉ', [3]),
    # As macOS names files.
    (unicodedata.normalize('NFD', 'été'), [3]),
    ('बिल्ली', [8]),
    ('+', [10]),
    ('_', []),
    ('', []),
  )
  def test_one_name(self, name: str, expected: List[int]) -> None:
    names = class_matching.ClassNames(_LINES)
    self.assertEqual(names.find([name]), set(expected))
    self.assertFalse(names.has_numbers)

  @parameterized.parameters(
    ('1', {0}), ('01', {0}), ('0001', {0}), ('12', {11}), ('0', set())
  )
  def test_numbers(self, name: str, expected: Set[int]) -> None:
    names = class_matching.ClassNames([str(number) for number in range(1, 13)])
    self.assertEqual(names.find([name]), expected)
    self.assertTrue(names.has_numbers)

  def test_zeros_before_a_number(self) -> None:
    names = class_matching.ClassNames(['7', '007', '00'])
    for name, expected in (
      ('7', {0}),
      ('007', {1}),
      ('07', {0, 1}),
      ('0', {2}),
    ):
      self.assertEqual(names.find([name]), expected)

  def test_any_of_several(self) -> None:
    names = class_matching.ClassNames(_LINES)
    self.assertEqual(names.find(['mouser', 'linnet']), {2})
    self.assertEqual(names.find(['linnet', 'Summer', 'polish']), {2, 6})

  def test_imagenet(self) -> None:
    names = class_matching.ClassNames(imagenet_classes.load_class_names())
    self.assertFalse(names.has_numbers)
    self.assertEqual(names.find(['Golden_Retriever']), {207})
    self.assertEqual(names.find(['crane']), {134, 517})


if __name__ == '__main__':
  absltest.main()
