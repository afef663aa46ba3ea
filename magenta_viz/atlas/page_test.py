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

"""Tests for page and, by it, for shown_units."""

import dataclasses
import json
from pathlib import Path
from typing import Any, Dict, Mapping, Sequence
from unittest import mock

from absl.testing import absltest

from magenta_viz.atlas import config as atlas_config
from magenta_viz.atlas import page
from magenta_viz.atlas import plan as plan_lib
from magenta_viz.atlas import units
from magenta_viz.media import atomic_files
from magenta_viz.testing import atlas_folders

_LAYERS = {'conv': 4, 'deep/2': 3}
_CLASSES = ('tench, Tinca tinca', 'cock', 'hen')


class _Feeds:
  """Stands for what is measured."""

  def __init__(self) -> None:
    self.asked: Dict[int, Sequence[str]] = {}

  def of(
    self,
    group: int,
    shown: Mapping[str, Any],
    folder: Path,
    drawn_layers: Sequence[str],
    known: Mapping[str, Any],
  ) -> Dict[str, Any]:
    """Returns what a group feeds, with all that was known."""
    self.asked[group] = drawn_layers
    if shown['kind'] != 'channel':
      return {}
    number = shown['units'][0]['number']
    return {
      'key': 'some',
      'layers': {
        'deep/2': {'units': {'0': [2, 1.5]}, 'things': {'2': [number, 1.5]}}
      },
      'classes': {'units': {}, 'things': {'1': [number, 3.0]}},
      'names': {'1': 'cock'},
    }


class PageTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.root = Path(self.create_tempdir().full_path)

  def plan(self, text: str = 'class:0-1, channel:*:all') -> plan_lib.Plan:
    """Returns the plan of a small atlas."""
    config = atlas_config.AtlasConfig(text, str(self.root))
    groups = units.groups(config.terms, _LAYERS, _CLASSES)
    runs = tuple(map(config.of, groups))
    return plan_lib.Plan(groups, runs, _CLASSES, _LAYERS)

  def draw(self, plan: plan_lib.Plan, leave_out: Sequence[str] = ()) -> None:
    """Writes the pictures of a plan."""
    for number, group in enumerate(plan.groups):
      for task in plan.tasks(number):
        if task.stem not in leave_out:
          atlas_folders.write_whole(self.root / group.folder, task)

  def write(
    self, plan: plan_lib.Plan, errors: Mapping[str, str] = {}
  ) -> _Feeds:
    """Writes the page, and returns what was asked for it."""
    feeds: Any = _Feeds()
    for group in range(len(plan.groups)):
      page.write_group(plan, group, self.root, errors, feeds)
    page.write(self.root)
    found: _Feeds = feeds
    return found

  def data(self, name: str) -> Dict[str, Any]:
    """Returns data that the page loads."""
    text = (self.root / 'page' / f'{name}.js').read_text(encoding='ascii')
    start = f'take({json.dumps(name)}, '
    self.assertStartsWith(text, start)
    self.assertEndsWith(text, ');\n')
    found: Dict[str, Any] = json.loads(text[len(start) : -3])
    return found

  def test_all_that_is_there(self) -> None:
    plan = self.plan()
    self.draw(plan)
    feeds = self.write(plan)
    self.assertEqual(feeds.asked[1], ['conv', 'deep/2'])
    self.assertTrue((self.root / 'index.html').exists())
    atlas = self.data('atlas')
    self.assertEqual(atlas['networks'], ['small'])
    self.assertEqual(
      [
        (each['address'], each['count'], each['drawn'], each['missing'])
        for each in atlas['groups']
      ],
      [('class', 2, 2, 0), ('conv', 4, 4, 0), ('@deep-2', 3, 3, 0)],
    )
    self.assertEqual(atlas['class_names'], {'0': 'tench', '1': 'cock'})
    self.assertEqual(
      self.data('classes/0'), {'1': {'conv': [0, 3.0], 'deep-2': [0, 3.0]}}
    )
    shown = self.data('units/conv')
    (picture,) = shown['units'][3]['pictures']
    self.assertEqual(picture['file'], 'channel-conv-3_0')
    self.assertEqual(picture['size'], [24, 20])
    self.assertEqual(picture['score'], 2.5)
    (making,) = shown['makings']
    self.assertEqual(making['settings']['num_steps'], 2)
    self.assertNotIn('objective', making['settings'])
    self.assertIn('image_visualization_visualize', making['command'])

  def test_groups_of_other_runs_stay(self) -> None:
    first = self.plan('channel:conv:all')
    self.draw(first)
    self.write(first)
    second = self.plan('channel:deep/2:0-1')
    self.draw(second)
    feeds = self.write(second)
    self.assertEqual(feeds.asked[0], ['conv', 'deep/2'])
    found = [each['layer'] for each in self.data('atlas')['groups']]
    self.assertEqual(found, ['conv', 'deep/2'])
    # And units of one layer by two runs.
    third = self.plan('channel:deep/2:2')
    self.draw(third)
    self.write(third)
    self.assertLen(self.data('units/deep-2')['units'], 3)

  def test_addresses_are_of_one_group_alone(self) -> None:
    plan = self.plan('channel:*:0, neuron:conv:0-1@1,2, neuron:conv:0')
    self.draw(plan)
    self.write(plan)
    found = {
      each['folder']: (each['address'], each['drawn'])
      for each in self.data('atlas')['groups']
    }
    self.assertEqual(
      found,
      {
        'conv': ('conv', 1),
        'conv_at_1_2': ('@conv_at_1_2', 2),
        'conv_at_middle': ('@conv_at_middle', 1),
        # 'deep/2' may be a unit of 'deep'.
        'deep-2': ('@deep-2', 1),
      },
    )

  def test_a_group_inside_of_others_has_a_page_of_its_own(self) -> None:
    plan = self.plan('channel:conv:all')
    self.draw(plan)
    inner = dataclasses.replace(plan.groups[0], folder='cells/conv')
    self.write(dataclasses.replace(plan, groups=(inner,)))
    self.assertEqual(self.data('atlas')['groups'], [])

  def test_what_is_missing_is_told(self) -> None:
    plan = self.plan()
    self.draw(plan, ['channel-conv-1_0', '001_cock_0'])
    damaged = self.root / 'conv' / 'channel-conv-2_0.json'
    damaged.write_text('{"seed": 0')
    self.write(plan, {'channel-conv-1_0': 'a score is not finite'})
    shown = self.data('units/conv')
    self.assertEqual([each['number'] for each in shown['units']], [0, 1, 2, 3])
    self.assertEqual(
      shown['units'][1]['missing'],
      [{'seed': 0, 'error': 'a score is not finite'}],
    )
    self.assertEqual(shown['units'][1]['pictures'], [])
    self.assertIn('not there', shown['units'][2]['missing'][0]['error'])
    self.assertEqual(self.data('atlas')['groups'][1]['missing'], 2)
    (tench, cock) = self.data('units/classes')['units']
    self.assertNotIn('missing', tench)
    self.assertEqual(cock['name'], 'cock')
    # And no more, once it is there.
    self.draw(plan)
    self.write(plan)
    self.assertEqual(self.data('atlas')['groups'][1]['missing'], 0)

  def test_only_what_has_changed_is_written(self) -> None:
    plan = self.plan()
    self.draw(plan)
    self.write(plan)
    before = {
      path: path.stat().st_mtime_ns for path in self.root.glob('**/*.*')
    }
    with mock.patch.object(atomic_files, 'write_file') as write:
      self.write(plan)
    write.assert_not_called()
    for path, stamp in before.items():
      self.assertEqual(path.stat().st_mtime_ns, stamp)

  def test_damaged_data_are_as_none(self) -> None:
    plan = self.plan('channel:conv:all')
    self.draw(plan)
    self.write(plan)
    path = self.root / 'page/units/conv.js'
    whole = path.read_bytes()
    for content in (
      b'',
      whole[:50],
      b'take("x", {"kind":"class"});\n',
      b'take("x", [1]);\n',
      b'\xff' * 9,
    ):
      path.write_bytes(content)
      page.write(self.root)
      self.assertEqual(self.data('atlas')['groups'], [])
    self.write(plan)
    self.assertEqual(path.read_bytes(), whole)

  def test_activation_atlases_are_linked(self) -> None:
    (self.root / 'cells/a b').mkdir(parents=True)
    (self.root / 'cells/a b/index.html').write_text('')
    (self.root / 'cells/unfinished').mkdir()
    page.write(self.root)
    self.assertEqual(
      self.data('atlas')['cells'],
      [{'name': 'a b', 'link': 'cells/a%20b/index.html'}],
    )


if __name__ == '__main__':
  absltest.main()
