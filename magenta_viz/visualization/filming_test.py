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

"""Tests for what films of a run are like."""

from typing import Any, List

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.visualization import config as visualize_config
from magenta_viz.visualization import filming


def _config(**settings: Any) -> visualize_config.VisualizeConfig:
  return visualize_config.VisualizeConfig(
    class_ids=(1,), output_dir='pictures', **settings
  )


class FilmingTest(parameterized.TestCase):
  @parameterized.parameters(
    # By hand: 200 frames of 25 a second take 8 s.
    (None, 1, 1),
    (None, 200, 1),
    (None, 201, 2),
    (None, 512, 3),
    (50.0, 400, 1),
    (50.0, 512, 2),
    (10.0, 512, 7),
    (0.1, 5, 5),
  )
  def test_ascents_take_eight_seconds_at_most(
    self, fps: Any, num_steps: int, stride: int
  ) -> None:
    film = filming.Filming('gif', fps, 1.5)
    shown = [i for i in range(num_steps) if film.shows(i, num_steps)]
    # The finished picture takes the place of the last step.
    self.assertNotIn(num_steps - 1, shown)
    shown.append(num_steps - 1)
    self.assertLen(shown, film.num_frames(num_steps))
    distances: List[int] = [b - a for a, b in zip(shown, shown[1:])]
    self.assertEqual(set(distances) or {stride}, {stride})
    self.assertLess(shown[0], stride)

  def test_times(self) -> None:
    own = (50.0, 500.0)
    usual = filming.Filming('gif', None, 0.0)
    self.assertEqual(usual.milliseconds(), 40.0)
    self.assertEqual(usual.milliseconds(own), own)
    chosen = filming.Filming('gif', 12.5, 0.0)
    self.assertEqual(chosen.milliseconds(own), 80.0)
    self.assertEqual(
      [each.described()['fps'] for each in (usual, chosen)], [25.0, 12.5]
    )

  @parameterized.parameters(
    (None, False, 1.5), (None, True, 0.0), (0.0, False, 0.0), (3.0, True, 3.0)
  )
  def test_hold(self, hold: Any, is_series: bool, expected: float) -> None:
    made = filming.of(_config(animate='mp4', hold=hold), is_series)
    self.assertEqual(made, filming.Filming('mp4', None, expected))

  def test_no_film(self) -> None:
    self.assertIsNone(filming.of(_config(), False))


if __name__ == '__main__':
  absltest.main()
