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

"""Tests for sharing."""

import threading
import time
from typing import List

from absl.testing import absltest

from magenta_viz.models import sharing


class SharedTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.made: List[str] = []
    self.shared = sharing.Shared(2)

  def get(self, key: str) -> object:
    def make() -> object:
      time.sleep(0.01)
      self.made.append(key)
      return object()

    return self.shared.get(key, make)

  def test_makes_each_once(self) -> None:
    first = self.get('a')
    self.assertIs(self.get('a'), first)
    self.assertIsNot(self.get('b'), first)
    self.assertIs(self.get('a'), first)
    self.assertEqual(self.made, ['a', 'b'])

  def test_lets_go_of_what_was_not_asked_for_the_longest(self) -> None:
    for key in 'abacab':
      self.get(key)
    self.assertEqual(''.join(self.made), 'abcb')

  def test_none_is_a_thing(self) -> None:
    self.assertIsNone(self.shared.get('a', lambda: self.made.append('a')))
    self.assertIsNone(self.shared.get('a', lambda: self.made.append('a')))
    self.assertEqual(self.made, ['a'])

  def test_error_leaves_everything(self) -> None:
    self.get('a')
    self.get('b')
    with self.assertRaises(ZeroDivisionError):
      self.shared.get('c', lambda: 1 // 0)
    self.get('a')
    self.get('b')
    self.assertEqual(self.made, ['a', 'b'])

  def test_clear(self) -> None:
    self.get('a')
    self.shared.clear()
    self.get('a')
    self.assertEqual(self.made, ['a', 'a'])

  def test_threads_make_it_once(self) -> None:
    found: List[object] = []
    threads = [
      threading.Thread(target=lambda: found.append(self.get('a')))
      for _ in range(8)
    ]
    for thread in threads:
      thread.start()
    for thread in threads:
      thread.join()
    self.assertLen(set(map(id, found)), 1)
    self.assertEqual(self.made, ['a'])


if __name__ == '__main__':
  absltest.main()
