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

"""Tests of work that is waited for."""

import threading

from absl.testing import absltest

from magenta_viz.files import time_limit


class TimeLimitTest(absltest.TestCase):
  def test_in_time(self) -> None:
    self.assertEqual(time_limit.within(10, lambda: 3), 3)

  def test_raises(self) -> None:
    with self.assertRaisesRegex(ValueError, 'abc'):
      time_limit.within(10, lambda: int('abc'))

  def test_too_late(self) -> None:
    is_over = threading.Event()
    self.addCleanup(is_over.set)
    with self.assertRaisesRegex(TimeoutError, '^no answer in 0.01 s$'):
      time_limit.within(0.01, is_over.wait)


if __name__ == '__main__':
  absltest.main()
