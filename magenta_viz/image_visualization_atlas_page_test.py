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

"""Tests that the toolbox shows an atlas that has a page."""

from pathlib import Path
from typing import Any

from absl.testing import absltest

from magenta_viz.atlas import config as atlas_config
from magenta_viz.atlas import page
from magenta_viz.atlas import plan as plan_lib
from magenta_viz.atlas import units
from magenta_viz.testing import atlas_folders
from magenta_viz.toolbox import shelf


class _Nothing:
  """Stands for what is measured."""

  def of(self, *unused_args: Any) -> Any:
    """Returns nothing."""
    return {}


class ToolboxTest(absltest.TestCase):
  def test_nothing_is_passed_over(self) -> None:
    root = Path(self.create_tempdir().full_path)
    config = atlas_config.AtlasConfig('class:0, channel:conv:all', str(root))
    layers = {'conv': 4}
    groups = units.groups(config.terms, layers, ('tench',))
    runs = tuple(map(config.of, groups))
    plan = plan_lib.Plan(groups, runs, ('tench',), layers)
    feeds: Any = _Nothing()
    for number, group in enumerate(groups):
      for task in plan.tasks(number):
        atlas_folders.write_whole(root / group.folder, task)
      page.write_group(plan, number, root, {}, feeds)
    page.write(root)
    self.assertTrue((root / 'index.html').exists())
    found = shelf.Shelf(root)
    self.assertEqual(found.read(), [])
    self.assertLen(found.units(atlas_folders.SHA256, 'conv'), 4)
    self.assertLen(found.units(atlas_folders.SHA256, shelf.CLASSES), 1)


if __name__ == '__main__':
  absltest.main()
