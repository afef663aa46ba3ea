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

"""Tests for trainings whose folders are at addresses."""

import os
import socket
from typing import Any, Dict, Optional
from unittest import mock

from absl.testing import absltest
import numpy as np

from magenta_viz import train
from magenta_viz.files import places
from magenta_viz.models import network_choice
from magenta_viz.models import network_source
from magenta_viz.testing import object_store
from magenta_viz.testing import trained_checkpoints
from magenta_viz.testing import training_runs
from magenta_viz.training import checkpoint_folder

_LOCK = '.magenta_viz.lock'


def _values(address: str) -> Dict[str, np.ndarray]:
  """Returns the values of the last checkpoint."""
  folder = checkpoint_folder.CheckpointFolder(address)
  latest = folder.latest()
  assert latest is not None
  return folder.read(latest)


class TrainTest(object_store.ObjectStoreCase, training_runs.TinyRunsTestCase):
  def test_goes_on_after_a_kill(self) -> None:
    address = f'{self.bucket}/train'
    settings: Any = {
      'num_steps': 12,
      'checkpoint_every': 3,
      'eval_every': 6,
      'log_dir': f'{self.bucket}/log',
    }
    process = training_runs.Process(
      # Which it does not reach.
      self.settings(address, **{**settings, 'num_steps': 100_000}),  # type: ignore[arg-type]
      self.folder / 'log.txt',
      training_runs.TINY_PROGRAM,
      None,
    )
    self.addCleanup(process.stop)
    place = places.place(address)
    process.wait_for(lambda: 3 in training_runs.checkpoint_steps(place))
    # It holds the folder.
    config = self.config(address, **{**settings, 'num_steps': 100_000})  # type: ignore[arg-type]
    with self.assertRaisesRegex(
      ValueError,
      f"^another training is running in '{address}' .process .* on .*; wait for"
      f" its end, .* if it was killed, delete '{address}/{_LOCK}'$",
    ):
      train.run(config)
    process.process.kill()
    process.process.wait()
    self.assertIn(_LOCK, self.names_in(address))
    killed_at = training_runs.checkpoint_steps(place)[-1]
    steps = killed_at + 3
    # The schedule of learning rates is by the number of steps, the same here.
    with mock.patch.object(train._Run, '_due', _due_until(steps)):
      with self.assertRaises(KeyboardInterrupt):
        train.run(config)
    self.assertNotIn(_LOCK, self.names_in(address))
    self.assertContainsSubset(
      {f'model.ckpt-{steps}.{end}' for end in ('index', 'json')},
      self.names_in(address),
    )
    # What is neither the last nor the best is removed.
    self.assertLessEqual(len(training_runs.checkpoint_steps(place)), 2)
    self.assertNotEmpty(self.names_in(f'{self.bucket}/log'))
    self.assertFalse(os.path.lexists('s3:'))
    choice = network_choice.Choice('auto', checkpoint=address)
    (resolved,) = network_source.resolve([choice])
    self.assertEqual(resolved.model, 'squeezenet')
    self.assertStartsWith(resolved.find().origin, f'{address}/model.ckpt-')

  def test_same_bits_as_here(self) -> None:
    settings: Any = {'num_steps': 4, 'checkpoint_every': 2, 'eval_every': 4}
    here = train.run(self.config(self.folder / 'train', **settings))
    address = f'{self.bucket}/train'
    there = train.run(self.config(address, **settings))  # type: ignore[arg-type]
    self.assertEqual(there.checkpoint, f'{address}/model.ckpt-4')
    self.assertEqual(there.top1, here.top1)
    self.assert_same_bits(_values(address), _values(str(self.folder / 'train')))
    self.assertEqual(
      [name.partition('.tfevents')[0] for name in self.names_in(address)],
      sorted(
        path.name.partition('.tfevents')[0]
        for path in (self.folder / 'train').iterdir()
      ),
    )
    # Again: nothing is left to do.
    self.assertEqual(train.run(self.config(address, **settings)), there)  # type: ignore[arg-type]


def _due_until(last: int) -> Any:
  """Returns what stops a training after it saved a step."""
  due = train._Run._due

  def found(run: Any, done: int, is_stopped: bool) -> Any:
    if done > last:
      raise KeyboardInterrupt
    return due(run, done, is_stopped)

  return found


class FolderTest(object_store.MemoryCase):
  def setUp(self) -> None:
    super().setUp()
    self.address = 'memory://training/a'
    self.place = places.place(self.address)
    self.folder = checkpoint_folder.CheckpointFolder(self.address)

  def write(self, step: int) -> str:
    """Writes a checkpoint."""
    values = {'a': np.full([2, 3], step, np.float32)}
    return self.folder.write(step, values, trained_checkpoints.record(step))

  def test_a_put_that_fails_leaves_what_was_there(self) -> None:
    write = places.Remote.write_bytes
    for ending in ('.json', '.data-00000-of-00001', '.index', 'checkpoint'):
      with self.subTest(ending):
        for path in list(self.place.glob('*')):
          path.unlink()
        with self.folder.prepared():
          self.write(1)

          def failing(
            path: places.Remote, data: bytes, ending: str = ending
          ) -> None:
            if path.name.endswith(ending):
              raise OSError('the line is cut')
            write(path, data)

          with mock.patch.object(places.Remote, 'write_bytes', failing):
            with self.assertRaisesRegex(
              OSError,
              '^the checkpoint of step 2 could not be written in '
              f"'{self.address}': .*the line is cut",
            ):
              self.write(2)
          latest = self.folder.latest()
          assert latest is not None
          self.assertEqual(latest.step, 2 if ending == 'checkpoint' else 1)
          value = self.folder.read(latest)['a'][0, 0]
          self.assertEqual(value, latest.step)

  def refused(self, holder: Optional[str]) -> bool:
    """Tells whether the folder is held, with what is in its lock."""
    if holder is not None:
      (self.place / _LOCK).write_bytes(holder.encode())
    try:
      self.folder.check_free()
      with self.folder.prepared():
        lock = (self.place / _LOCK).read_text('utf-8')
        self.assertEqual(lock, f'{os.getpid()} on {socket.gethostname()}')
        with self.assertRaisesRegex(ValueError, 'another training is runn'):
          self.folder.check_free()
        with self.assertRaisesRegex(ValueError, 'another training is runn'):
          with self.folder.prepared():
            pass
      self.assertFalse((self.place / _LOCK).exists())
      return False
    except ValueError as error:
      self.assertRegex(
        str(error),
        rf'running in .* \(process {holder}\); .* delete .*/{_LOCK}',
      )
      return True

  def test_one_training_at_a_time(self) -> None:
    here = socket.gethostname()
    self.assertFalse(self.refused(None))
    # A process that is gone holds nothing; of another machine, nobody knows.
    self.assertFalse(self.refused(f'999999999 on {here}'))
    self.assertTrue(self.refused(f'{os.getpid()} on {here}'))
    self.assertTrue(self.refused('1 on another'))
    self.assertTrue(self.refused('what'))

  def test_a_store_that_knows_no_first(self) -> None:
    with mock.patch.object(
      places.Remote, 'create', side_effect=OSError('what is mode?')
    ), self.assertLogs() as logs, self.folder.prepared():
      self.write(1)
    self.assertIn('No lock keeps other trainings away', logs.output[0])


if __name__ == '__main__':
  absltest.main()
