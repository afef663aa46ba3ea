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

"""Tests for natural_order."""

import random
from typing import List

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.files import natural_order


class NaturalOrderTest(parameterized.TestCase):
  @parameterized.parameters(
    ([str(i) for i in range(1, 120)],),
    (['a1b2', 'a1b10', 'a2b1', 'a10', 'b'],),
    (['auk', 'Auk 2', 'auk 10', 'Owl', 'owl'],),
    (['', '0', '00', '01', '1', '1a', 'a', 'é', 'сова'],),
    (['2', '²', '٣'],),
  )
  def test_orders(self, names: List[str]) -> None:
    shuffled = list(names)
    random.Random(3).shuffle(shuffled)
    self.assertEqual(sorted(shuffled, key=natural_order.key), names)


if __name__ == '__main__':
  absltest.main()
