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

"""Tests for worker and, by it, for plan."""

import json
from pathlib import Path
from typing import Any, Dict, List
from unittest import mock

from absl.testing import absltest
import numpy as np

from magenta_viz.atlas import config as atlas_config
from magenta_viz.atlas import plan as plan_lib
from magenta_viz.atlas import worker
from magenta_viz.visualization import renderer
from magenta_viz.visualization import run

_UNITS = 'class:0,281, channel:fire[23]/concat:0-2'


class WorkerTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.root = Path(self.create_tempdir().full_path)

  def plan(self, units: str = _UNITS, **settings: Any) -> plan_lib.Plan:
    """Returns the plan of a small and quick atlas."""
    known = {
      'output_dir': str(self.root),
      'models': ('squeezenet',),
      'image_size': (64, 64),
      'precision': 'float32',
      'batch_size': 4,
      'num_variations': 2,
      'overrides': {'num_steps': 2},
    }
    return plan_lib.plan(
      atlas_config.AtlasConfig(units, **{**known, **settings})
    )

  def draw(self, plan: plan_lib.Plan) -> List[worker.Outcome]:
    """Draws all batches of a plan in one worker."""
    one = worker.Worker(plan)
    return [one.draw(batch) for batch in plan.batches()]

  def files(self, pattern: str = '*/*') -> Dict[str, bytes]:
    """Returns the pictures, and what records say of them."""
    return {
      str(path.relative_to(self.root)): path.read_bytes()
      for path in self.root.glob(pattern)
    }

  def test_is_drawn_as_by_the_command_of_each_group(self) -> None:
    plan = self.plan()
    self.assertEqual(plan.num_pictures, 16)
    outcomes = self.draw(plan)
    self.assertEqual([each.num_drawn for each in outcomes], [4, 4, 2, 4, 2])
    pictures = self.files('*/*.png')
    self.assertLen(pictures, 16)
    for group, config in enumerate(plan.runs):
      with run.opened(config) as opened:
        self.assertLen(plan.tasks(group), len(list(opened.draw(False))))
      for path in Path(str(config.output_dir)).glob('*.json'):
        self.assertIn('command', json.loads(path.read_text()))
    # All was there, and none is changed but for the sheets.
    again = self.files('*/*.png')
    self.assertEqual({name: again[name] for name in pictures}, pictures)

  def test_what_is_there_is_not_drawn_again(self) -> None:
    plan = self.plan()
    self.draw(plan)
    before = self.files()
    gone = sorted(self.root.glob('*/*.png'))[::5]
    for path in gone:
      path.unlink()
    outcomes = self.draw(plan)
    self.assertEqual(sum(each.num_drawn for each in outcomes), len(gone))
    self.assertEqual(sum(each.num_there for each in outcomes), 16 - len(gone))
    after = self.files()
    for name, content in before.items():
      if name.endswith('.png'):
        self.assertEqual(after[name], content, name)

  def test_one_trace_a_group(self) -> None:
    plan = self.plan(batch_size=2)
    one = worker.Worker(plan)
    for batch in plan.batches():
      one.draw(batch)
    self.assertEqual(one.num_traces, 3)
    # Of the last two groups nothing is lost.
    self.assertEqual(one.draw(list(plan.batches())[-1]).num_there, 2)
    self.assertEqual(one.num_traces, 3)

  def test_a_bad_picture_does_not_take_the_others_with_it(self) -> None:
    plan = self.plan('channel:fire2/concat:0-2', num_variations=1)
    drawn = renderer.Renderer.draw
    tries: List[int] = []

    def draw(self: Any, batch: List[Any], *args: Any) -> Any:
      tries.append(len(batch))
      if any(task.objective.endswith(':1') for task in batch):
        raise FloatingPointError('a score is\nnot finite')
      return drawn(self, batch, *args)

    with mock.patch.object(renderer.Renderer, 'draw', draw):
      (outcome,) = self.draw(plan)
    self.assertEqual(tries, [3, 3, 3, 1, 1, 1, 1, 1])
    self.assertEqual(outcome.num_drawn, 2)
    (failure,) = outcome.failures
    self.assertEqual(failure.picture, 'channel-fire2-concat-1_0')
    self.assertEqual(failure.folder, 'fire2-concat')
    self.assertEqual(failure.error, 'a score is not finite')
    self.assertLen(self.files('*/*.png'), 2)

  def test_a_fault_that_passes_is_none(self) -> None:
    plan = self.plan('channel:fire2/concat:0', num_variations=1)
    self.draw(plan)
    expected = self.files('*/*.png')
    for path in self.root.glob('*/*'):
      path.unlink()
    drawn = renderer.Renderer.draw
    tries: List[int] = []

    def draw(self: Any, *args: Any) -> Any:
      tries.append(1)
      if len(tries) < 3:
        raise RuntimeError('busy')
      return drawn(self, *args)

    with mock.patch.object(renderer.Renderer, 'draw', draw):
      (outcome,) = self.draw(plan)
    self.assertLen(tries, 3)
    self.assertEqual((outcome.num_drawn, outcome.failures), (1, ()))
    self.assertEqual(self.files('*/*.png'), expected)

  def test_what_cannot_be_read_does_not_take_the_others_with_it(self) -> None:
    plan = self.plan('class:0-3')
    self.draw(plan)
    before = self.files()
    folder = self.root / 'classes'
    # As of a file without permission, which root could read.
    (folder / '000_tench_0.json').unlink()
    (folder / '000_tench_0.json').mkdir()
    (folder / '001_goldfish_0.json').write_text('{"settings": ')
    (folder / '002_great-white-shark_0.png').write_bytes(b'half of it')
    for name in ('000_tench_1', '003_tiger-shark_1'):
      (folder / f'{name}.png').unlink()
    first, second = self.draw(plan)
    self.assertEqual((first.num_drawn, first.num_there), (1, 1))
    self.assertEqual((second.num_drawn, second.num_there), (1, 2))
    failures = {
      each.picture: each.error for each in (*first.failures, *second.failures)
    }
    self.assertCountEqual(
      failures, ['000_tench_0', '001_goldfish_0', '002_great-white-shark_0']
    )
    for name, error in failures.items():
      self.assertIn(f'{name}.json', error)
      self.assertNotIn('\n', error)
    # They stay as they are, and all else is as it was.
    self.assertEqual(
      (folder / '001_goldfish_0.json').read_text(), '{"settings": '
    )
    for name in ('000_tench_1', '003_tiger-shark_1'):
      path = f'classes/{name}.png'
      self.assertEqual((self.root / path).read_bytes(), before[path])

  def test_a_full_disk_ends_it_at_once(self) -> None:
    plan = self.plan()
    with mock.patch.object(
      run.Run, 'draw_missing', side_effect=OSError(28, 'No space')
    ) as draw, self.assertRaisesRegex(OSError, 'No space'):
      self.draw(plan)
    draw.assert_called_once()

  def test_pictures_of_other_settings_are_not_touched(self) -> None:
    self.draw(self.plan('class:0'))
    before = self.files()
    with self.assertRaisesRegex(ValueError, 'other settings .*num_steps'):
      self.draw(self.plan('class:0', overrides={'num_steps': 3}))
    self.assertEqual(self.files(), before)


class PlanTest(absltest.TestCase):
  def test_channels_are_of_one_network(self) -> None:
    config = atlas_config.AtlasConfig(
      'class:0, channel:fire2/concat:0',
      'out',
      models=('squeezenet', 'efficientnet_lite0'),
    )
    with self.assertRaisesRegex(
      ValueError, '^channels are of one network, but'
    ):
      plan_lib.plan(config)

  def test_auto_is_several_for_classes_and_one_for_channels(self) -> None:
    config = atlas_config.AtlasConfig(
      'class:0, channel:fire2/concat:0', 'out', precision='float32'
    )
    with mock.patch.dict('os.environ'):
      plan = plan_lib.plan(config)
    of_classes, of_channels = plan.runs
    self.assertGreater(len(of_classes.models), 1)
    self.assertEqual(of_channels.models, ('squeezenet',))
    self.assertNotIn('auto', of_classes.models)

  def test_membership_is_fixed(self) -> None:
    plan = plan_lib.plan(
      atlas_config.AtlasConfig(
        'channel:fire2/concat:all',
        'out',
        models=('squeezenet',),
        num_variations=3,
        batch_size=7,
      )
    )
    batches = list(plan.batches())
    self.assertEqual(sum(each.size for each in batches), 128 * 3)
    self.assertEqual(batches[-1].size, 128 * 3 % 7)
    np.testing.assert_array_equal(np.diff([each.first for each in batches]), 7)


if __name__ == '__main__':
  absltest.main()
