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

"""Tests for drawings and stored."""

from pathlib import Path
import time
from typing import Any, Optional
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.media import image_files
from magenta_viz.media import pages
from magenta_viz.testing import atlas_folders
from magenta_viz.testing import toolbox_sessions
from magenta_viz.toolbox import atlas as atlas_lib
from magenta_viz.toolbox import drawer as drawer_lib
from magenta_viz.toolbox import keepsake
from magenta_viz.toolbox import session as session_lib
from magenta_viz.toolbox import stored as stored_lib
from magenta_viz.toolbox import thumbnails


class StoredTest(toolbox_sessions.TestCase):
  """Finished drawings, of an atlas and of the session's own."""

  def setUp(self) -> None:
    super().setUp()
    self.atlas = self.folder / 'atlas'
    self.atlas.mkdir()
    self.sha256 = self.networks.members[0].source.sha256

  def write(
    self, name: str, objective: Optional[str] = None, seed: int = 0, **more: Any
  ) -> Path:
    """Writes a picture of the first network into the atlas."""
    return atlas_folders.write(
      self.atlas,
      name,
      objective,
      atlas_folders.picture(seed),
      **{'sha256': self.sha256, 'seed': seed, **more},
    )

  def begin(self) -> None:
    """Begins another session, with the atlas."""
    views = self.session.views
    self.session = session_lib.Session(
      [self.networks, toolbox_sessions.networks_alone(1)],
      [self.folder / 'photo.png'],
      self.folder / 'cache',
      atlas=atlas_lib.Atlas(self.atlas),
    )
    for view, before in zip(self.session.views, views):
      view.drawer._settings.update(before.drawer._settings)
    atlas: Any = self.session.atlas
    until = time.monotonic() + 60
    while atlas.is_reading and time.monotonic() < until:
      time.sleep(0.01)

  def test_start(self) -> None:
    self.assertFalse(self.session.start()['has_atlas'])
    self.begin()
    self.assertTrue(self.session.start()['has_atlas'])

  def test_the_atlas_first_and_then_its_own(self) -> None:
    paths = [
      self.write(f'a_{seed}', 'channel:second:3', seed) for seed in (0, 1)
    ]
    self.begin()
    drawings = self.session.drawings
    for variation, path in enumerate(paths):
      found = drawings.finished(0, 'second', 3, variation=variation)
      self.assertEqual(found.state, drawer_lib.DONE)
      self.assertEqual(found.png, path.with_suffix('.png').read_bytes())
      self.assertEqual(found.file, f'a_{variation}.png')
      self.assertEqual((found.variation, found.num_variations), (variation, 2))
      self.assertEqual(
        found.command,
        'image_visualization_visualize --objective=channel:second:3',
      )
      assert found.record is not None
      self.assertEqual(found.record['seed'], variation)
    # Beyond the last is the last.
    self.assertEqual(drawings.finished(0, 'second', 3, variation=9), found)
    # It is drawn anew, and comes after them.
    last = self.watch(layer='second', channel=3)[-1]
    self.assertEqual((last.variation, last.num_variations), (2, 3))
    self.assertEqual((last.state, last.file), (drawer_lib.DONE, None))
    own = drawings.finished(0, 'second', 3, variation=2)
    self.assertEqual((own.png, own.variation), (last.png, 2))
    again = drawings.finished(0, 'second', 3)
    self.assertEqual((again.file, again.num_variations), ('a_0.png', 3))

  def test_what_is_kept_is_of_the_variation_that_is_seen(self) -> None:
    for seed in (0, 1):
      self.write(f'a_{seed}', 'channel:second:3', seed, command=f'draw {seed}')
    self.begin()
    for variation in (0, 1):
      found = keepsake.record(
        self.session, 0, 'second', 3, 'photo-0', variation=variation
      )
      self.assertEqual(found['command'], f'draw {variation}')
      text = keepsake.page(self.session, found, 0, 'photo-0')
      shown = pages.shown(atlas_folders.picture(variation)).uri
      self.assertEqual(text.count(shown), 1)

  def test_units_of_the_network_that_is_shown(self) -> None:
    self.write('a', 'channel:second:3')
    self.write('b', 'channel:second:4', sha256='f' * 64)
    self.write('c', class_id=2)
    self.begin()
    self.watch(layer='second', channel=7)
    self.assertEqual(list(self.session.drawings.stored(0, 'second')), [3, 7])
    self.assertEqual(list(self.session.drawings.stored(1, 'second')), [])
    self.assertEqual(list(self.session.drawings.stored(0)), [2])
    missing = self.session.drawings.finished(1, 'second', 3)
    self.assertEqual(missing.state, drawer_lib.MISSING)

  def test_a_version_for_each_first_picture(self) -> None:
    self.write('a', 'channel:second:3')
    self.begin()
    before = self.session.drawings.stored(0, 'second')
    self.assertEqual(self.session.drawings.stored(0, 'second'), before)
    self.write('a', 'channel:second:3', 5)
    atlas: Any = self.session.atlas
    atlas.read()
    self.assertNotEqual(self.session.drawings.stored(0, 'second'), before)

  def test_thumbnails(self) -> None:
    for unit in (5, 3, 4):
      self.write(f'a{unit}', f'channel:second:{unit}', unit)
    self.write('b', 'channel:second:5', 9)
    self.begin()
    _, units, levels = self.session.drawings.thumbnails(
      0, 'second', [4, 0, 5, 3, 5]
    )
    self.assertEqual(units, [4, 5, 3, 5])
    for unit, small in zip(units, levels):
      expected = thumbnails.reduced(atlas_folders.picture(unit))
      np.testing.assert_array_equal(small, expected)
    # They are made once.
    with mock.patch.object(thumbnails, 'reduced') as reduced:
      self.session.drawings.thumbnails(0, 'second', [3, 4])
    reduced.assert_not_called()

  def test_thumbnails_that_take_long(self) -> None:
    for unit in range(3):
      self.write(f'a{unit}', f'channel:second:{unit}', unit)
    self.begin()
    with mock.patch.object(stored_lib, '_SECONDS_AT_ONCE', 0):
      found = self.session.drawings.thumbnails(0, 'second', [9, 2, 1])
      self.assertEqual((found.num_seen, found.units), (1, []))
      found = self.session.drawings.thumbnails(0, 'second', [2, 1])
      self.assertEqual((found.num_seen, found.units), (1, [2]))
      self.assertEqual(found.levels.shape, (1, 96, 96, 3))

  def test_thumbnails_are_let_go(self) -> None:
    with mock.patch.object(stored_lib, '_NUM_THUMBNAILS', 2):
      for unit in range(4):
        self.write(f'a{unit}', f'channel:second:{unit}', unit)
      self.begin()
      stored = self.session.views[0].stored
    self.session.drawings.thumbnails(0, 'second', range(4))
    self.assertLen(stored._thumbnails._things, 2)

  def test_what_has_changed_is_passed_over(self) -> None:
    for seed in (0, 1):
      self.write(f'a_{seed}', 'channel:second:3', seed)
    self.begin()
    image_files.write_png(self.atlas / 'a_0.png', atlas_folders.picture(7))
    with self.assertLogs(level='WARNING') as logs:
      _, _, (small,) = self.session.drawings.thumbnails(0, 'second', [3])
    self.assertLen(logs.output, 1)
    self.assertIn('a_0.json: its picture has changed', logs.output[0])
    expected = thumbnails.reduced(atlas_folders.picture(1))
    np.testing.assert_array_equal(small, expected)
    found = self.session.drawings.finished(0, 'second', 3)
    self.assertEqual((found.file, found.num_variations), ('a_1.png', 1))
    (self.atlas / 'a_1.png').unlink()
    with self.assertLogs(level='WARNING'):
      found = self.session.drawings.finished(0, 'second', 3)
    self.assertEqual(found.state, drawer_lib.MISSING)
    _, units, levels = self.session.drawings.thumbnails(0, 'second', [3])
    self.assertEqual((units, len(levels)), ([], 0))

  def test_units_that_are_classes_have_their_drawings(self) -> None:
    path = self.write('a', class_id=2)
    self.begin()
    *_, last = self.session.views[0].layers
    self.assertEqual(list(self.session.drawings.stored(0, last)), [2])
    found = self.session.drawings.finished(0, last, 2)
    self.assertEqual(found.png, path.with_suffix('.png').read_bytes())
    self.assertEqual(list(self.session.drawings.stored(0, 'first')), [])

  def test_what_is_not_there(self) -> None:
    drawings = self.session.drawings
    for ask in (drawings.watch, drawings.finished):
      with self.assertRaisesRegex(ValueError, 'no class 4; take 0 to 3'):
        ask(0, class_id=4)
      with self.assertRaisesRegex(KeyError, "no layer 'x'"):
        ask(0, 'x', 0)
      with self.assertRaisesRegex(KeyError, 'no network 2'):
        ask(2, 'second', 0)
    with self.assertRaisesRegex(KeyError, 'has no unit 16'):
      drawings.thumbnails(0, 'second', [0, 16])
    with self.assertRaisesRegex(ValueError, '65 thumbnails are too many'):
      drawings.thumbnails(0, 'second', [0] * 65)
    with self.assertRaisesRegex(ValueError, 'no class 4'):
      drawings.thumbnails(0, '', [4])


class WatchTest(toolbox_sessions.TestCase):
  """Several who watch drawings of one session."""

  def setUp(self) -> None:
    super().setUp()
    for view in self.session.views:
      view.drawer._settings['overrides'] = {'num_steps': 5000}
    self.addCleanup(self.session.cancel)

  @parameterized.parameters(0, 1)
  def test_who_goes_on_watching_has_nothing_drawn(self, other: int) -> None:
    first = self.session.drawings.watch(0, 'second', 1)
    self.assertEqual(first.state, drawer_lib.DRAWING)
    second = self.session.drawings.watch(other, 'second', 2)
    self.assertEqual(second.state, drawer_lib.DRAWING)
    for after in (0, first.step, 10**6):
      told = self.session.drawings.watch(0, 'second', 1, after=after)
      self.assertEqual(told.state, drawer_lib.CANCELLED)
    # The other one goes on.
    later = self.session.drawings.watch(other, 'second', 2, after=second.step)
    self.assertEqual(later.state, drawer_lib.DRAWING)
    self.assertGreater(later.step, second.step)
    # Asked for anew, it is drawn.
    again = self.session.drawings.watch(0, 'second', 1)
    self.assertEqual(again.state, drawer_lib.DRAWING)
    told = self.session.drawings.watch(other, 'second', 2, after=later.step)
    self.assertEqual(told.state, drawer_lib.CANCELLED)

  def test_two_watch_the_same(self) -> None:
    first = self.session.drawings.watch(0, 'second', 1)
    second = self.session.drawings.watch(0, 'second', 1)
    self.assertEqual(second.state, drawer_lib.DRAWING)
    later = self.session.drawings.watch(0, 'second', 1, after=first.step)
    self.assertEqual(later.state, drawer_lib.DRAWING)

  def test_who_goes_on_watching_is_told_what_was_finished(self) -> None:
    for view in self.session.views:
      view.drawer._settings['overrides'] = {'num_steps': 4}
    last = self.watch(layer='second', channel=1)[-1]
    self.assertEqual(last.state, drawer_lib.DONE)
    self.watch(layer='second', channel=2)
    told = self.session.drawings.watch(0, 'second', 1, after=2)
    self.assertEqual((told.state, told.png), (last.state, last.png))

  def test_cancelled_by_hand(self) -> None:
    first = self.session.drawings.watch(0, 'second', 1)
    self.session.cancel()
    told = self.session.drawings.watch(0, 'second', 1, after=first.step)
    self.assertEqual(told.state, drawer_lib.CANCELLED)


if __name__ == '__main__':
  absltest.main()
