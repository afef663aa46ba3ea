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


"""Tests for network_source with weights of the user's own."""

import hashlib
import os
from pathlib import Path
from typing import Any, Callable
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.models import network_source
from magenta_viz.models import weights

_CONTENT = b'what is expected'


class CheckpointTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)
    no_fetch = AssertionError('a checkpoint needs no released weights')
    self.enter_context(
      mock.patch.object(weights, 'fetch', side_effect=no_fetch)
    )

  def write(self, **contents: bytes) -> None:
    """Writes files: '__' in a name stands for a dot."""
    for name, content in contents.items():
      path = self.folder / 'given' / name.replace('__', '.')
      path.parent.mkdir(exist_ok=True)
      path.write_bytes(content)

  def choose(self, name: str, model: str = 'auto') -> str:
    """Returns the SHA-256 of the checkpoint, all else checked."""
    path = self.folder / 'given' / name
    source = network_source.choose(model, str(path))
    self.assertEqual(source.path, path)
    self.assertEqual(source.origin, str(path))
    self.assertEqual(source.model, None if model == 'auto' else model)
    self.assertEqual(source.reason, 'as --checkpoint asks')
    self.assertEqual(source.checkpoint, str(path))
    self.assertIsNone(source.trained)
    return source.sha256

  @parameterized.parameters('auto', 'googlenet')
  def test_file(self, model: str) -> None:
    self.write(w__npz=_CONTENT, w__npz__index=b'other')
    sha256 = self.choose('w.npz', model)
    self.assertEqual(sha256, hashlib.sha256(_CONTENT).hexdigest())

  @parameterized.parameters('model.ckpt-1', 'model.ckpt-1.index')
  def test_several_files(self, name: str) -> None:
    # Written in another order than that of their names.
    names = ('model.ckpt-1.index', 'model.ckpt-1.data-00000-of-00001')
    for each in names:
      self.write(**{each.replace('.', '__'): each.encode()})
    # What is not read does not count.
    self.write(
      **{
        'model__ckpt-10__index': b'',
        'model__ckpt-1__meta': b'',
        'checkpoint': b'',
      }
    )
    line = ''.join(
      hashlib.sha256(each.encode()).hexdigest() for each in sorted(names)
    )
    sha256 = self.choose(name)
    self.assertEqual(sha256, hashlib.sha256(line.encode()).hexdigest())
    self.write(**{'model__ckpt-1__data-00000-of-00001': b'changed'})
    self.assertNotEqual(self.choose(name), sha256)

  def test_folder_means_what_its_file_names(self) -> None:
    self.write(
      checkpoint=b'model_checkpoint_path: "m\\303\\251-1"\n'
      b'all_model_checkpoint_paths: "m-2"\n',
      **{'m\u00e9-1__index': b'1', 'm-2__index': b'2'},
    )
    folder = self.folder / 'given'
    for given in (str(folder), f'{folder}{os.sep}'):
      source = network_source.choose('auto', given)
      self.assertEqual(source.sha256, hashlib.sha256(b'1').hexdigest())
      self.assertEqual(source.path, folder / 'm\u00e9-1')
      self.assertEqual(source.checkpoint, str(folder / 'm\u00e9-1'))

  @parameterized.parameters(
    '{0}/else/m', '../else/m', '{0}/given/../else/m', 'link/m', '..', ''
  )
  def test_folder_that_names_others(self, name: str) -> None:
    (self.folder / 'else').mkdir()
    (self.folder / 'else' / 'm.index').touch()
    name = name.format(self.folder)
    self.write(checkpoint=f'model_checkpoint_path: "{name}"\n'.encode())
    (self.folder / 'given' / 'link').symlink_to(self.folder / 'else')
    state = str(self.folder / 'given' / 'checkpoint')
    with self.assertRaises(ValueError) as caught:
      network_source.choose('auto', str(self.folder / 'given'))
    self.assertEqual(
      str(caught.exception),
      f"'{state}' names {name!r}, which is not in its folder; give the path of"
      ' the checkpoint that you mean',
    )

  @parameterized.parameters(
    b'',
    b'model_checkpoint_path: "gone"',
    b'\xff' * 99,
    b'model_checkpoint_path',
  )
  def test_folder_that_names_none(self, content: bytes) -> None:
    self.write(checkpoint=content)
    with self.assertRaisesRegex(FileNotFoundError, "has no file 'checkpoint'"):
      network_source.choose('auto', str(self.folder / 'given'))

  @parameterized.parameters(
    network_source.choose,
    network_source.find_trained,
    lambda model, path: network_source.class_names(path),
  )
  def test_is_looked_at_before_it_is_asked(
    self, ask: Callable[[str, str], Any]
  ) -> None:
    with self.assertRaisesRegex(FileNotFoundError, "no checkpoint at 'typo'"):
      ask('auto', 'typo')
    self.write(w__keras=b'', w__npz=b'\x89HDF\r\n\x1a\n')
    for file, kind in (('w.keras', 'Keras'), ('w.npz', 'HDF5')):
      with self.assertRaisesRegex(
        ValueError, f'{kind}.*, which is not read; g'
      ):
        ask('auto', str(self.folder / 'given' / file))

  @parameterized.parameters('w.npz', 'w')
  def test_is_not_hashed_if_it_is_too_large(self, name: str) -> None:
    self.write(w__npz=b'', w__index=b'', **{'w__data-00000-of-00001': b''})
    for path in (self.folder / 'given').iterdir():
      os.truncate(path, 1 << 40)
    with self.assertRaisesRegex(
      ValueError, 'network.s weights have 536870912 '
    ):
      self.choose(name)

  def test_data_files_of_several(self) -> None:
    self.write(
      **{
        'w__index': b'',
        'w__data-00000-of-00001': b'',
        'w__data-00000-of-00002': b'',
      }
    )
    with self.assertRaisesRegex(ValueError, 'are of several checkpoints'):
      self.choose('w')

  def test_prefix_is_no_pattern(self) -> None:
    self.write(**{'w[1]__index': _CONTENT, 'w1__index': b'other'})
    sha256 = self.choose('w[1]')
    self.assertEqual(sha256, hashlib.sha256(_CONTENT).hexdigest())

  def test_home_folder(self) -> None:
    self.write(w__npz=_CONTENT)
    with mock.patch.dict(os.environ, {'HOME': str(self.folder)}):
      source = network_source.choose('auto', '~/given/w.npz')
    self.assertEqual(source.path, self.folder / 'given' / 'w.npz')

  @parameterized.parameters(
    'none.npz', 'none', 'none/w.npz', 'none.index', '~no_such_user/w'
  )
  def test_missing(self, name: str) -> None:
    path = name if name.startswith('~') else str(self.folder / name)
    with self.assertRaises(FileNotFoundError) as caught:
      network_source.choose('auto', path)
    self.assertEqual(
      str(caught.exception),
      f"there is no checkpoint at '{path}'; give --checkpoint a TensorFlow"
      ' checkpoint, its folder, a .npz, .caffemodel or .pth file',
    )


if __name__ == '__main__':
  absltest.main()
