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

"""Tests for input_format."""

from typing import Optional, Tuple

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.models.foreign import input_format


class ChannelsFirstTest(parameterized.TestCase):
  @parameterized.parameters(
    ((3, 32, 48), True),
    ((1, 28, 28), True),
    ((3, None, None), True),
    ((32, 48, 3), False),
    ((None, None, 3), False),
    ((3, 48, 3), False),
    ((1, 1, 1), False),
    ((5, 32, 48), False),
    ((3, 32), False),
    ((), False),
  )
  def test_by_shape(
    self, shape: Tuple[Optional[int], ...], expected: bool
  ) -> None:
    self.assertEqual(input_format.is_channels_first(shape), expected)


if __name__ == '__main__':
  absltest.main()
