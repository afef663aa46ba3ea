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

"""Tests for schedules."""

import re
from typing import Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.settings import schedules

_Step = schedules.Step


class ParseTest(parameterized.TestCase):
  @parameterized.parameters(
    ('3', 3.0), ('-0.5', -0.5), ('1e-9', 1e-9), ('.5', 0.5), (' 7 ', 7.0)
  )
  def test_number(self, text: str, number: float) -> None:
    found = schedules.parse(text, 'sigma')
    self.assertIsInstance(found, float)
    self.assertEqual(found, number)

  @parameterized.parameters(
    ('3..1.5', (3, 1.5)),
    ('48..4', (48, 4)),
    ('0..-2', (0, -2)),
    ('-1..1', (-1, 1)),
    ('2...5', (2, 0.5)),
    ('1e-3..1e3', (0.001, 1000)),
  )
  def test_line(self, text: str, ends: Tuple[float, float]) -> None:
    self.assertEqual(schedules.parse(text, 'sigma'), schedules.Linear(*ends))

  def test_a_line_read_from_text_stops_a_step_before_its_end(self) -> None:
    line = schedules.parse('8..0', 'sigma')
    self.assertEqual(
      [schedules.value(line, _Step(i, 4)) for i in range(4)],
      [8, 6, 4, 2],
    )

  @parameterized.parameters(
    '', '..', '3..', '..3', 'fast', '1..2..3', '1,2', '3 . . 4', '0x10'
  )
  def test_neither(self, text: str) -> None:
    with self.assertRaisesRegex(
      ValueError,
      f"^sigma of blur is '{re.escape(text)}'; give a number, or START..END as"
      r' in 3\.\.1\.5$',
    ):
      schedules.parse(text, 'sigma of blur')


class EndsTest(absltest.TestCase):
  def test_of_a_number(self) -> None:
    self.assertEqual(schedules.ends(2.5), (2.5, 2.5))

  def test_of_a_line(self) -> None:
    self.assertEqual(schedules.ends(schedules.Linear(3, 1.5)), (3, 1.5))


class ValueTest(parameterized.TestCase):
  def test_a_number_stays(self) -> None:
    self.assertEqual(
      [schedules.value(3, _Step(i, 4)) for i in (0, 3)], [3.0, 3.0]
    )

  def test_line_stops_a_step_before_its_end(self) -> None:
    # The class run of McDonald's deepdream: jitter 48 to 4 in 256 steps.
    jitter = schedules.Linear(48, 4)
    self.assertEqual(schedules.value(jitter, _Step(0, 256)), 48)
    self.assertEqual(schedules.value(jitter, _Step(64, 256)), 37)
    self.assertAlmostEqual(
      schedules.value(jitter, _Step(255, 256)), 4 + 44 / 256
    )

  def test_line_with_its_endpoint(self) -> None:
    box = schedules.Linear(0.5, 0.05, endpoint=True)
    values = [schedules.value(box, _Step(index, 7)) for index in range(7)]
    np.testing.assert_allclose(values, np.linspace(0.5, 0.05, 7))

  def test_single_step_has_the_start(self) -> None:
    for endpoint in (False, True):
      line = schedules.Linear(2.5, 0.5, endpoint=endpoint)
      self.assertEqual(schedules.value(line, _Step(0, 1)), 2.5)

  # As in Python 2: 48 + (4 - 48) * i / n, of whole numbers.
  @parameterized.parameters(
    (48, 4, 256), (4, 48, 7), (32, 16, 10), (49, 0, 49), (0, 49, 49)
  )
  def test_whole_numbers_are_rounded_down(
    self, start: int, end: int, num: int
  ) -> None:
    line = schedules.Linear(start, end)
    for i in range(num):
      found = schedules.rounded_down(schedules.value(line, _Step(i, num)))
      self.assertEqual(found, start + (end - start) * i // num)
      self.assertIs(type(found), int)


class CheckRangeTest(parameterized.TestCase):
  @parameterized.parameters(0, 2.5, 4, schedules.Linear(4, 0))
  def test_inside(self, schedule: schedules.Schedule) -> None:
    schedules.check_range('sigma', schedule, 0, 4)

  @parameterized.parameters(
    (-0.1, 4, 'sigma is -0.1; take a number from 0 to 4'),
    (schedules.Linear(1, 5), 4, 'sigma is 5; take a number from 0 to 4'),
    (schedules.Linear(-1, 2), 4, 'sigma is -1; take a number from 0 to 4'),
    (np.nan, np.inf, 'sigma is nan; take a number 0 or more'),
  )
  def test_outside(
    self, schedule: schedules.Schedule, most: float, message: str
  ) -> None:
    with self.assertRaises(ValueError) as caught:
      schedules.check_range('sigma', schedule, 0, most)
    self.assertEqual(str(caught.exception), message)


if __name__ == '__main__':
  absltest.main()
