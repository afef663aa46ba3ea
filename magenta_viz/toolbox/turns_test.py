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

"""Tests for turns."""

import threading
import time
from typing import List

from absl.testing import absltest

from magenta_viz.toolbox import turns as turns_lib


class TurnsTest(absltest.TestCase):
  def test_answers_come_between_steps(self) -> None:
    turns = turns_lib.Turns()
    order: List[str] = []
    is_drawing = threading.Event()
    may_go_on = threading.Event()

    def draw() -> None:
      with turns.in_between():
        is_drawing.set()
        may_go_on.wait()
        order.append('step')
        turns.pause()
        order.append('step')

    drawing = threading.Thread(target=draw)
    drawing.start()
    is_drawing.wait()

    def answer() -> None:
      with turns.at_once():
        order.append('answer')

    answers = [threading.Thread(target=answer) for _ in range(3)]
    for each in answers:
      each.start()
    while turns._num_waiting < 3:
      time.sleep(0.001)
    may_go_on.set()
    for each in (drawing, *answers):
      each.join()
    self.assertEqual(order, ['step', *['answer'] * 3, 'step'])

  def test_a_drawing_goes_on_though_somebody_always_asks(self) -> None:
    turns = turns_lib.Turns()
    steps: List[float] = []
    is_over = threading.Event()

    def ask() -> None:
      while not is_over.is_set():
        with turns.at_once():
          time.sleep(0.005)

    # Two, so that one of them waits at any time.
    asking = [threading.Thread(target=ask) for _ in range(2)]
    for each in asking:
      each.start()
    with turns.in_between():
      for _ in range(3):
        turns.pause()
        steps.append(time.monotonic())
    is_over.set()
    for each in asking:
      each.join()
    self.assertLen(steps, 3)

  def test_an_answer_that_fails_blocks_nobody(self) -> None:
    turns = turns_lib.Turns()
    with self.assertRaises(KeyError):
      with turns.at_once():
        raise KeyError('x')
    with turns.in_between():
      began = time.monotonic()
      turns.pause()
    self.assertLess(time.monotonic() - began, 0.2)
    with turns.at_once():
      pass


if __name__ == '__main__':
  absltest.main()
