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
"""Tests for trained_steps: a session at the steps of a training."""

import gc
from pathlib import Path
import shlex
import shutil
import tempfile
import threading
from typing import Any, ClassVar, List
from unittest import mock
import weakref

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.attribution import looking
from magenta_viz.media import image_files
from magenta_viz.models import network_loading
from magenta_viz.models import trained_network
from magenta_viz.testing import toolbox_sessions
from magenta_viz.testing import trained_checkpoints
from magenta_viz.toolbox import drawer as drawer_lib
from magenta_viz.toolbox import excitations
from magenta_viz.toolbox import keepsake
from magenta_viz.toolbox import session as session_lib
from magenta_viz.toolbox import trained_steps

_LAYER = 'fire5/concat'
_STEPS = [100, 200, 300, 400]


class _TestCase(parameterized.TestCase):
  """Asks a session with a training whose best of four checkpoints is of 300."""

  original: ClassVar[Path]

  @classmethod
  def setUpClass(cls) -> None:
    super().setUpClass()
    temporary = tempfile.TemporaryDirectory()
    cls.addClassCleanup(temporary.cleanup)
    cls.original = Path(temporary.name) / 'train'
    for step in _STEPS:
      top1 = 0.9 if step == 300 else 0.5
      trained_checkpoints.write_network(cls.original, step, top1=top1)

  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)
    self.train_dir = self.folder / 'train'
    shutil.copytree(self.original, self.train_dir)
    self.photo = self.folder / 'photo.png'
    image = np.random.RandomState(0).rand(64, 64, 3).astype(np.float32)
    image_files.write_png(self.photo, image)
    self.session = self.start()

  def start(self, name: str = '') -> session_lib.Session:
    """Returns a session with the folder, or with one of its files."""
    networks = toolbox_sessions.networks_of(self.train_dir / name)
    return session_lib.Session([networks], [self.photo], self.folder / 'cache')

  def delete(self, step: int) -> None:
    """Deletes a checkpoint, as a training that goes on does."""
    prefix = f'{self.train_dir}/{trained_network.checkpoint_name(step)}'
    for ending in ('.index', '.data-00000-of-00001', '.json'):
      Path(prefix + ending).unlink()

  def maps(self, session: session_lib.Session) -> np.ndarray:
    """Returns the maps that a session has of the photograph."""
    return session.maps(0, _LAYER, 'photo-0', 64).levels


class StepsTest(_TestCase):
  def test_best_is_shown_first_and_all_are_offered(self) -> None:
    (network,) = self.session.start()['networks']
    self.assertEqual((network['step'], network['steps']), (300, _STEPS))
    np.testing.assert_array_equal(
      self.maps(self.session), self.maps(self.session.at(0, 300))
    )

  @parameterized.parameters(*_STEPS)
  def test_each_has_its_own_weights(self, step: int) -> None:
    session = self.session.at(0, step)
    name = trained_network.checkpoint_name(step)
    network = toolbox_sessions.networks_of(self.train_dir / name).first
    seen = looking.Looker(network)(image_files.read_image(self.photo))
    found = session.unit(0, _LAYER, 3, 'photo-0')
    expected = seen.map(_LAYER)[..., 3]
    np.testing.assert_allclose(found['map'], expected, rtol=1e-3, atol=1e-5)
    # What a unit sees does not hang on weights, and is found out once.
    self.assertEqual(
      found['receptive_field'],
      self.session.field(0, _LAYER, 3, tuple(found['position'])),
    )
    record = keepsake.record(session, 0, _LAYER, 3, 'photo-0')
    self.assertEqual(record['network']['step'], step)
    self.assertIn(
      f'--checkpoint={self.train_dir / name}', shlex.split(record['command'])
    )
    self.assertEqual(record['classes'][0]['class_id'], seen.top(1)[0][0])
    text = keepsake.page(session, record, 0, 'photo-0')
    self.assertIn(f'squeezenet at step {step}, {_LAYER}', text)

  def test_a_file_of_the_folder_has_its_neighbours(self) -> None:
    session = self.start(trained_network.checkpoint_name(200))
    (network,) = session.start()['networks']
    self.assertEqual((network['step'], network['steps']), (200, _STEPS))
    np.testing.assert_array_equal(
      self.maps(session.at(0, 300)), self.maps(self.session)
    )

  def test_a_checkpoint_that_was_taken_away_has_none(self) -> None:
    name = trained_network.checkpoint_name(200)
    for path in self.train_dir.glob(f'{name}.*'):
      path.rename(path.with_name(path.name.replace(name, 'mine')))
    session = self.start('mine')
    self.assertEqual(session.steps(0), [])
    with self.assertRaisesRegex(
      KeyError, 'no checkpoint of step 300, nor is there another'
    ):
      session.at(0, 300)

  def test_networks_of_others_have_none(self) -> None:
    session = session_lib.Session([toolbox_sessions.networks_alone()])
    (network,) = session.start()['networks']
    self.assertEqual((network['step'], network['steps']), (None, []))
    with self.assertRaisesRegex(KeyError, 'no checkpoint of step 1,'):
      session.at(0, 1)
    with self.assertRaisesRegex(KeyError, 'there is no network 1'):
      session.at(1, 1)

  def test_drawings_and_dead_units_are_of_a_step(self) -> None:
    session = self.session.at(0, 100)
    session.views[0].drawer._settings.update(
      image_size=64, overrides={'num_steps': 2}
    )
    *_, found = toolbox_sessions.watch(session, layer=_LAYER, channel=3)
    self.assertEqual(found.state, drawer_lib.DONE, found.error)
    self.assertEqual(list(session.drawings.stored(0, _LAYER)), [3])
    self.assertEqual(
      list(self.session.at(0, 200).drawings.stored(0, _LAYER)), []
    )
    self.assertEqual(list(self.session.drawings.stored(0, _LAYER)), [])
    self.maps(session)
    self.assertEqual(session.dead(0, _LAYER)['num_pictures'], 1)
    self.assertEqual(self.session.dead(0, _LAYER)['num_pictures'], 0)

  def test_photographs_are_of_the_first(self) -> None:
    networks = toolbox_sessions.networks_of(self.train_dir)
    cache = self.folder / 'cache'
    index = excitations.index(networks.members[0], [self.photo], cache)
    session = session_lib.Session([networks], [self.photo], cache, [index])
    self.assertLen(session.at(0, 300).tops(0, _LAYER, 3)['highest'], 1)
    with self.assertRaisesRegex(
      KeyError, 'no index of photographs at step 100; start the command with'
    ):
      session.at(0, 100).tops(0, _LAYER, 3)


class TrainingGoesOnTest(_TestCase):
  def test_new_ones_come(self) -> None:
    trained_checkpoints.write_network(self.train_dir, 500)
    self.assertEqual(self.session.steps(0), [*_STEPS, 500])
    before = self.maps(self.session)
    self.assertGreater(
      np.abs(self.maps(self.session.at(0, 500)) - before.astype(int)).max(), 0
    )

  def test_deleted_ones_go(self) -> None:
    seen = self.session.at(0, 200)
    for step in (100, 200, 300):
      self.delete(step)
    self.assertEqual(self.session.steps(0), [400])
    with self.assertRaisesRegex(
      KeyError, 'no checkpoint of step 100; there are 1, from 400 to'
    ):
      self.session.at(0, 100)
    # What is looked at is looked at further.
    for session in (seen, self.session.at(0, 200), self.session):
      self.maps(session)

  @parameterized.parameters('.index', '.data-00000-of-00001', '.json')
  def test_damaged_ones_are_one_error(self, ending: str) -> None:
    name = trained_network.checkpoint_name(100)
    (self.train_dir / f'{name}{ending}').write_bytes(b'nothing')
    with self.assertLogs(level='WARNING'), self.assertRaisesRegex(
      KeyError, 'the checkpoint of step 100 cannot be read; take another one'
    ):
      self.session.at(0, 100)
    self.maps(self.session.at(0, 200))

  def test_a_folder_that_cannot_be_read(self) -> None:
    with mock.patch.object(
      trained_network, 'list_steps', side_effect=PermissionError('no')
    ), self.assertLogs(level='WARNING'):
      (network,) = self.session.start()['networks']
    self.assertEqual(network['steps'], [])
    shutil.rmtree(self.train_dir)
    self.assertEqual(self.session.steps(0), [])
    self.maps(self.session)

  def test_one_that_goes_while_it_is_read(self) -> None:
    listed = trained_steps.TrainedSteps.steps

    def list_and_delete(steps: trained_steps.TrainedSteps) -> List[int]:
      found = listed(steps)
      self.delete(100)
      return found

    with mock.patch.object(
      trained_steps.TrainedSteps, 'steps', list_and_delete
    ), self.assertLogs(level='WARNING'), self.assertRaisesRegex(
      KeyError, 'step 100 cannot be read'
    ):
      self.session.at(0, 100)


class KeptTest(_TestCase):
  def test_a_few_are_kept_and_the_others_are_let_go(self) -> None:
    views = {}
    with mock.patch.object(
      network_loading, 'load', side_effect=network_loading.load
    ) as load:
      for step, num_read in ((100, 1), (200, 2), (100, 2), (400, 3), (100, 3)):
        view = self.session.at(0, step).views[0]
        self.maps(self.session.at(0, step))
        self.assertEqual(load.call_count, num_read)
        views[step] = weakref.ref(view)
        del view
      self.session.at(0, 300)
      self.assertEqual(load.call_count, 3)
    gc.collect()
    is_there = {step: view() is not None for step, view in views.items()}
    self.assertEqual(is_there, {100: True, 200: False, 400: True})

  def test_others_look_while_one_is_read(self) -> None:
    known = self.session.at(0, 100)
    is_read, may_end = threading.Event(), threading.Event()
    load = network_loading.load

    def wait(*args: Any) -> Any:
      is_read.set()
      self.assertTrue(may_end.wait(60))
      return load(*args)

    with mock.patch.object(network_loading, 'load', wait):
      thread = threading.Thread(target=self.session.at, args=(0, 200))
      thread.start()
      self.addCleanup(thread.join)
      self.addCleanup(may_end.set)
      self.assertTrue(is_read.wait(60))
      for session in (known, self.session.at(0, 100), self.session.at(0, 300)):
        self.maps(session)
      may_end.set()
      thread.join()

  def test_one_drawing_at_a_time_at_all_steps(self) -> None:
    def begin(step: int) -> Any:
      session = self.session.at(0, step)
      drawer: Any = session.views[0].drawer
      drawer._settings.update(image_size=64, overrides={'num_steps': 5000})
      self.session.at(0, step).drawings.watch(0, _LAYER, 3, seconds=0)
      return drawer._drawing

    def state(drawing: Any) -> Any:
      return drawing.wait(10**6, 0).state

    first = begin(100)
    self.assertEqual(state(first), drawer_lib.DRAWING)
    second = begin(200)
    self.assertEqual(state(first), drawer_lib.CANCELLED)
    # Who is let go draws no longer.
    for step in (100, 400):
      self.assertEqual(state(second), drawer_lib.DRAWING)
      self.session.at(0, step)
    self.assertEqual(state(second), drawer_lib.CANCELLED)
    third = begin(400)
    self.session.cancel()
    self.assertEqual(state(third), drawer_lib.CANCELLED)


if __name__ == '__main__':
  absltest.main()
