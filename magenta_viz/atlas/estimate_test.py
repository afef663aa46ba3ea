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

"""Tests for estimate."""

from pathlib import Path
import time
from typing import Any, List
from unittest import mock

from absl.testing import absltest
import numpy as np

from magenta_viz.atlas import config as atlas_config
from magenta_viz.atlas import estimate
from magenta_viz.atlas import plan as plan_lib
from magenta_viz.atlas import worker
from magenta_viz.media import image_files


class _Run:
  """Draws in a time that is known."""

  def __init__(self, plan: plan_lib.Plan, group: int, now: List[float]):
    self.tasks = plan.tasks(group)
    self._seconds = 1.0 + group
    self._now = now

  def draw_batch(self, tasks: List[Any], told: Any) -> Any:
    """Traces for 5 seconds, and takes ten steps."""
    self._now[0] += 5
    for _ in range(10):
      self._now[0] += self._seconds
      told(np.zeros(len(tasks)))
    image = np.random.default_rng(0).random((32, 32, 3))
    return dict.fromkeys(tasks, (image, {}))


class EstimateTest(absltest.TestCase):
  def test_is_told_from_a_few_batches(self) -> None:
    config = atlas_config.AtlasConfig(
      'channel:fire?/concat:0-9',
      models=('squeezenet',),
      batch_size=4,
      num_variations=2,
    )
    plan = plan_lib.plan(config)
    now = [0.0]
    drawn = []

    def run(unused_self: Any, group: int) -> Any:
      drawn.append(group)
      return _Run(plan, group, now)

    with mock.patch.object(worker.Worker, 'run', run), mock.patch.object(
      time, 'monotonic', lambda: now[0]
    ):
      costs = estimate.measure(plan)
    self.assertEqual(drawn, [0, 4, 7])
    self.assertLen(costs, 8)
    image = np.random.default_rng(0).random((32, 32, 3))
    size = len(image_files.encode_png(image))
    for group, cost in enumerate(costs):
      self.assertEqual(cost.name, f'channel:fire{group + 2}/concat:0-9')
      self.assertEqual((cost.num_pictures, cost.num_batches), (20, 5))
      # Ten steps a batch of four pictures, of which there are 20.
      self.assertAlmostEqual(cost.seconds, 10 * (1 + group) * 5)
      self.assertAlmostEqual(cost.seconds_to_trace, 5)
      self.assertEqual(cost.num_bytes, 20 * size)
    lines = estimate.table(costs)
    self.assertLen(lines, 1 + 8 + 1 + 4)
    self.assertRegex(lines[9], r'^all +160 +40 +30.0 min +1 MB$')
    self.assertEqual(lines[10], '1 worker such as this process: about 30.7 min')
    # One batch each, of 40; more than that do not help.
    self.assertEqual(lines[-1][-4:], lines[-2][-4:])

  def test_keeps_nothing(self) -> None:
    folder = Path(self.create_tempdir().full_path)
    config = atlas_config.AtlasConfig(
      'class:0-1',
      models=('squeezenet',),
      image_size=(64, 64),
      overrides={'num_steps': 2},
    )
    with mock.patch.object(Path, 'cwd', return_value=folder):
      (cost,) = estimate.measure(plan_lib.plan(config))
    self.assertGreater(cost.seconds, 0)
    self.assertGreater(cost.seconds_to_trace, 0)
    self.assertEmpty(list(folder.iterdir()))


if __name__ == '__main__':
  absltest.main()
