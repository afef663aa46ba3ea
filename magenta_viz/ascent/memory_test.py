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


def _recipe(preset: str, **overrides: Any) -> Any:
  return presets.find_preset(preset).plan({}, overrides)[-1]


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
    # With SqueezeNet and EfficientNet-Lite0, and with GoogLeNet beside them.
    ('default', 320, 1, 0.86, 2),
    ('default', 320, 8, 1.34, 2),
    ('default', 1600, 4, 1.74, 2),
    ('default', 4096, 1, 2.16, 2),
    ('default', 320, 8, 1.57, 3),
  )
  def test_is_somewhat_more_than_measured(
    self,
    preset: str,
    side: int,
    batch_size: int,
    measured: float,
    num_networks: int = 1,
  ) -> None:
    found, of_one = (
      memory.estimate(
        *(_recipe(preset), (side, side), 224, batch_size),
        memory.Whole(num_networks=number),
      )
      for number in (num_networks, 1)
    )
    self.assertBetween(found / 1e9, measured, 1.2 * measured + 0.7)
    self.assertEqual(found > of_one, num_networks > 1)

  @parameterized.parameters(
    # Likewise with SqueezeNet: the whole run, the last look included.
    ('default', 'views', (64, 4096), 0.99),
    ('default', 'views', (64, 8192), 1.84),
    ('lucid', 'pad=1000', (128, 128), 1.11),
    ('maco', 'crops=256,0.5,0.05,0.15', (512, 512), 2.64),
  )
  def test_whole_run(
    self, preset: str, transforms: str, size: Tuple[int, int], measured: float
  ) -> None:
    recipe = _recipe(preset, transforms=transforms)
    found = memory.estimate(recipe, size, 224, 1)
    self.assertBetween(found / 1e9, measured, 1.2 * measured + 1.4)

  def test_what_is_kept(self) -> None:
    recipe = _recipe('default')

    def estimate(batch_size: int, **whole: Any) -> float:
      return memory.estimate(
        recipe, (320, 320), 224, batch_size, memory.Whole(**whole)
      )

    # A byte a pixel of each frame, and as much and more as it is written.
    frames = estimate(8, gif_frames=10_000) - estimate(8)
    self.assertBetween(frames / (10_000 * 8 * 320 * 320), 2, 3)
    # A sheet of 5,000, measured at 0.43 GB; larger ones are none.
    sheet = estimate(1, sheet_pictures=5000)
    self.assertBetween((sheet - estimate(1)) / 1e9, 0.25, 0.5)
    self.assertEqual(sheet, estimate(1, sheet_pictures=10**8))
    # The network's activations, of all pictures at a time.
    coupled = estimate(1024, is_coupled=True) - estimate(1024)
    self.assertGreater(coupled, 50e9)

  @parameterized.parameters(
    ('shift=40', 'leave views of 24 x 24 pixels, of which the network sees'),
    ('tiles=32,1', 'tiles of 32 pixels, 1 apart, are 9409 in 128 x 128'),
  )
  def test_nothing_to_be_seen(self, transforms: str, message: str) -> None:
    side = 64 if 'shift' in transforms else 128
    recipe = _recipe('lucid', transforms=transforms)
    with self.assertRaisesRegex(ValueError, message):
      memory.estimate(recipe, (side, side), 224, 1)


class CheckTest(parameterized.TestCase):
  def _check(
    self,
    free: float,
    size: Tuple[int, int],
    batch_size: int = 1,
    **whole: Any,
  ) -> None:
    with mock.patch('magenta_viz.files.free_memory.free_bytes') as free_bytes:
      free_bytes.return_value = int(free * 1e9)
      recipe = _recipe('default')
      memory.check(recipe, size, 224, batch_size, memory.Whole(**whole))

  def test_fits(self) -> None:
    self._check(6.0, (8192, 8192))
    # What is advised below.
    self._check(4.0, (6144, 6144))

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
    # Half of it would fit, but no picture is so narrow.
    (3.0, (64, 16384), 1, r'6\.\d', 'a machine with more$'),
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

  def test_a_film_of_another_kind(self) -> None:
    with self.assertRaisesRegex(ValueError, 'take --animate=mp4 or --image'):
      self._check(3.0, (320, 320), gif_frames=10_000)


if __name__ == '__main__':
  absltest.main()
