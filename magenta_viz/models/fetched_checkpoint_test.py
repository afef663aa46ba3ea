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

"""Tests for checkpoints at addresses."""

import os
from unittest import mock

from absl.testing import absltest
import numpy as np

from magenta_viz.files import cache_folder
from magenta_viz.files import places
from magenta_viz.models import fetched_checkpoint
from magenta_viz.models import network_choice
from magenta_viz.models import network_source
from magenta_viz.models.foreign import model_files
from magenta_viz.testing import object_store
from magenta_viz.testing import trained_checkpoints

_ROOT = 'memory://checkpoints'


class FetchedTest(object_store.MemoryCase, trained_checkpoints.TrainedTestCase):
  def setUp(self) -> None:
    super().setUp()
    known = {cache_folder.VARIABLE: str(self.folder / 'cache')}
    self.enter_context(mock.patch.dict(os.environ, known))

  def source(self, checkpoint: str) -> network_source.NetworkSource:
    """Finds the network of a checkpoint."""
    choice = network_choice.Choice(network_choice.AUTO, checkpoint=checkpoint)
    (resolved,) = network_source.resolve([choice])
    return resolved.find()

  def test_a_path_here(self) -> None:
    self.assertEqual(fetched_checkpoint.fetched('~/a'), '~/a')

  def test_one_file(self) -> None:
    np.savez(self.folder / 'a.npz', a=np.ones(3))
    object_store.upload(self.folder, _ROOT)
    found = self.source(f'{_ROOT}/a.npz')
    expected = self.source(str(self.folder / 'a.npz'))
    self.assertEqual(found.sha256, expected.sha256)
    self.assertEqual(found.origin, f'{_ROOT}/a.npz')
    self.assertEqual(found.checkpoint, f'{_ROOT}/a.npz')
    self.assertEqual(found.path.name, 'a.npz')

  def test_a_trained_network(self) -> None:
    object_store.upload(self.train_dir, f'{_ROOT}/train')
    expected = self.source(str(self.train_dir))
    for path in ('train', 'train/model.ckpt-2', 'train/model.ckpt-2.index'):
      found = self.source(f'{_ROOT}/{path}')
      self.assertEqual(found.sha256, expected.sha256)
      self.assertEqual(found.class_names, expected.class_names)
      assert found.trained is not None
      self.assertEqual(found.trained.step, 2)
      self.assertStartsWith(str(found.origin), f'{_ROOT}/train/model.ckpt-2')
      self.assertEqual(found.checkpoint, found.origin)
      # The others are left where they are.
      names = {each.name for each in found.path.parent.iterdir()}
      self.assertLen(names, 3)

  def test_a_folder_of_tensorflows(self) -> None:
    for path in self.train_dir.glob('*.json'):
      name = path.with_suffix('').name
      (self.train_dir / 'checkpoint').write_text(
        f'model_checkpoint_path: "{name}"\n'
      )
    self.addCleanup((self.train_dir / 'checkpoint').unlink)
    object_store.upload(self.train_dir, _ROOT)
    for path in places.place(_ROOT).glob('*.json'):
      path.unlink()
    found = self.source(_ROOT)
    self.assertIsNone(found.trained)
    self.assertEqual(found.origin, f'{_ROOT}/{name}')

  def test_a_saved_model(self) -> None:
    for name in ('saved_model.pb', 'variables/variables.index', 'assets/a'):
      path = self.folder / 'model' / name
      path.parent.mkdir(parents=True, exist_ok=True)
      path.write_text(name)
    object_store.upload(self.folder / 'model', _ROOT)
    for address in (_ROOT, f'{_ROOT}/saved_model.pb'):
      found = model_files.tell(fetched_checkpoint.fetched(address))
      assert found is not None
      self.assertEqual(found.kind, 'saved_model')
      self.assertLen(found.files, 3)

  def test_nothing(self) -> None:
    places.place(f'{_ROOT}/a.txt').write_bytes(b'')
    for name in ('b', 'a', 'b.index'):
      with self.assertRaisesRegex(
        FileNotFoundError, f"^there is no checkpoint at '{_ROOT}/{name}'; give"
      ):
        fetched_checkpoint.fetched(f'{_ROOT}/{name}')

  def test_too_large(self) -> None:
    places.place(f'{_ROOT}/a.npz').write_bytes(b'123')
    with mock.patch.object(model_files, 'MAX_BYTES', 2):
      with self.assertRaisesRegex(ValueError, 'has 3 bytes to be fetched, but'):
        fetched_checkpoint.fetched(f'{_ROOT}/a.npz')


if __name__ == '__main__':
  absltest.main()
