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

"""Tests for memory."""

from typing import Any, Tuple
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.ascent import memory
from magenta_viz.ascent import presets


def _recipe(preset: str) -> Any:
  return presets.find_preset(preset).plan({}, {})[-1]


class EstimateTest(parameterized.TestCase):
  @parameterized.parameters(
    # Peaks of two steps and one sweep with GoogLeNet, in GB; that of 8192
    # pixels with SqueezeNet.
    ('default', 320, 1, 0.86),
    ('default', 320, 8, 1.32),
    ('default', 1600, 4, 1.71),
    ('default', 4096, 1, 2.09),
    ('default', 8192, 1, 4.91),
    ('lucid', 1024, 1, 2.42),
    ('lucid', 2048, 1, 3.92),
    ('maco', 2048, 1, 3.36),
    ('deepdraw', 2048, 1, 0.72),
    ('deepdream', 2048, 1, 2.28),
    ('magenta_2017', 2048, 1, 3.42),
  )
  def test_is_somewhat_more_than_measured(
    self, preset: str, side: int, batch_size: int, measured: float
  ) -> None:
    found = memory.estimate(_recipe(preset), (side, side), 224, batch_size)
    self.assertBetween(found / 1e9, measured, 1.2 * measured + 0.7)


class CheckTest(parameterized.TestCase):
  def _check(self, free: float, size: Tuple[int, int], batch_size: int) -> None:
    with mock.patch('magenta_viz.files.free_memory.free_bytes') as free_bytes:
      free_bytes.return_value = int(free * 1e9)
      memory.check(_recipe('default'), size, 224, batch_size)

  def test_fits(self) -> None:
    self._check(6.0, (8192, 8192), 1)

  @parameterized.parameters(
    (4.0, (8192, 8192), 1, r'5\.\d', '--image_size=6144x6144$'),
    (
      2.0,
      (4096, 2048),
      8,
      r'5\.\d',
      '--batch_size=1 or --image_size=410x205$',
    ),
    (0.5, (320, 320), 1, r'1\.\d', 'a machine with more$'),
  )
  def test_does_not_fit(
    self,
    free: float,
    size: Tuple[int, int],
    batch_size: int,
    needed: str,
    hint: str,
  ) -> None:
    with self.assertRaisesRegex(
      ValueError,
      f'^{batch_size} at a time of {size[0]} x {size[1]} pixels need about'
      f' {needed} GB of memory, of which {free} GB are free; take {hint}',
    ):
      self._check(free, size, batch_size)

  def test_what_is_advised_fits(self) -> None:
    self._check(4.0, (6144, 6144), 1)


if __name__ == '__main__':
  absltest.main()
