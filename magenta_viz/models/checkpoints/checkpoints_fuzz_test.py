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

"""Thousands of damaged weights: one sentence each, in little memory and time.

Files with checksums are damaged before these are made, else nothing would get
behind them.
"""

import functools
import gzip
import io
import os
from pathlib import Path
import pickle
import tarfile
import time
import tracemalloc
from typing import Any, Callable, Dict, List, Tuple
import zipfile

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.files import arrays
from magenta_viz.models.checkpoints import checkpoints
from magenta_viz.models.checkpoints import sorted_table
from magenta_viz.testing import checkpoint_files
from magenta_viz.testing import mutations
from magenta_viz.testing import protobuf_messages
from magenta_viz.testing import torch_files

_NUM_COPIES = 300

# For what Python itself needs, and an error's words.
_MORE_BYTES = 1 << 20
_MAX_SECONDS = 10.0

_VALUES: Dict[str, np.ndarray] = {
  'conv1/weights': np.arange(54, dtype=np.float32).reshape(3, 3, 3, 2),
  'conv1/biases': np.ones(2, np.float32),
  'global_step': np.array(7, np.int64),
}


def _npy() -> bytes:
  file = io.BytesIO()
  np.save(file, _VALUES['conv1/weights'])
  return file.getvalue()


def _npz(save: Callable[..., None]) -> bytes:
  file = io.BytesIO()
  values: Dict[str, Any] = _VALUES
  save(file, **values)
  return file.getvalue()


def _pickle() -> bytes:
  layers = {'conv1': [_VALUES['conv1/weights'], _VALUES['conv1/biases']]}
  dumped = pickle.dumps({**layers, 'conv2': layers['conv1']}, 3)
  return dumped.replace(b'numpy._core.multiarray', b'numpy.core.multiarray')


def _caffemodel() -> bytes:
  message = protobuf_messages.message
  blobs = [
    message((7, message((1, bytes(value.shape)))), (5, value.tobytes()))
    for value in (_VALUES['conv1/weights'], _VALUES['conv1/biases'])
  ]
  new = message((1, b'conv'), *((7, blob) for blob in blobs))
  old = message((4, b'old'), *((6, blob) for blob in blobs))
  return message((100, new), (2, old))


def _tensors() -> Dict[str, torch_files.Tensor]:
  return {
    name: torch_files.tensor(value, str(i))
    for i, (name, value) in enumerate(_VALUES.items())
  }


def _sealed(items: List[Tuple[bytes, bytes]], data: bytes) -> bytes:
  """Returns a table of damaged entries with right checksums.

  Args:
    items: Those of a good table.
    data: Their damaged bytes, all in a row.
  """
  sealed = []
  for key, value in items:
    sealed.append((key, data[: len(value)]))
    data = data[len(value) :]
  return protobuf_messages.table(protobuf_messages.entries(sealed))


class FuzzTest(checkpoint_files.CheckpointsTestCase):
  def setUp(self) -> None:
    super().setUp()
    self.values = _VALUES

  def assert_survives(
    self, name: str, good: bytes, write: Callable[[bytes], Any]
  ) -> None:
    """Fails unless damaged copies of `good` are read, or refused, at ease.

    Args:
      name: What is read, in the folder.
      good: What is damaged.
      write: Writes the files of what is damaged, or not.
    """
    path = str(self.folder / name)
    write(good)
    checkpoints.read_checkpoint(path)
    tracemalloc.start()
    self.addCleanup(tracemalloc.stop)
    checkpoints.read_checkpoint(path)
    most = 2 * tracemalloc.get_traced_memory()[1] + _MORE_BYTES
    num_refused = 0
    for seed, copy in enumerate(mutations.all_mutated(good, _NUM_COPIES)):
      write(copy)
      # Before Python 3.9 a peak cannot be set back.
      tracemalloc.stop()
      tracemalloc.start()
      before = time.perf_counter()
      try:
        checkpoints.read_checkpoint(path)
      except (ValueError, OSError) as error:
        num_refused += 1
        self.assertNotIn('\n', str(error))
        self.assertIn(path, str(error))
        self.assertLess(len(str(error)), 1000)
      except BaseException as error:
        error.args += (f'{name} with seed {seed}',)
        raise
      self.assertLess(time.perf_counter() - before, _MAX_SECONDS, seed)
      self.assertLess(tracemalloc.get_traced_memory()[1], most, seed)
    self.assertGreater(num_refused, _NUM_COPIES // 5)

  @parameterized.parameters(
    ('a.npz', lambda: _npz(np.savez)),
    ('a.npz', lambda: _npz(np.savez_compressed)),
    ('a.pkl', _pickle),
    ('a.caffemodel', _caffemodel),
    ('a.pth', lambda: torch_files.old(_tensors())),
    ('a.pth', lambda: torch_files.zipped(_tensors())),
  )
  def test_one_file(self, name: str, make: Callable[[], bytes]) -> None:
    self.assert_survives(name, make(), (self.folder / name).write_bytes)

  def test_array_in_a_whole_zip(self) -> None:
    def write(content: bytes) -> None:
      with zipfile.ZipFile(self.folder / 'a.npz', 'w') as archive:
        archive.writestr('a.npy', content)

    self.assert_survives('a.npz', _npy(), write)

  def test_npy(self) -> None:
    path = self.folder / 'a.npy'
    for copy in mutations.all_mutated(_npy(), _NUM_COPIES):
      path.write_bytes(copy)
      try:
        arrays.read_npy(path, 10_000, 'the direction', 'give another')
      except (ValueError, OSError) as error:
        self.assertNotIn('\n', str(error))
        self.assertStartsWith(str(error), f"cannot read the direction '{path}'")

  @parameterized.parameters('a.tar', 'a.tgz')
  def test_archive(self, name: str) -> None:
    good = self.archive()
    if name == 'a.tgz':
      good = gzip.compress(good, mtime=0)
    self.assert_survives(name, good, (self.folder / name).write_bytes)

  def test_tar_in_a_whole_gzip(self) -> None:
    def write(content: bytes) -> None:
      path = self.folder / 'a.tgz'
      path.write_bytes(gzip.compress(content, 1, mtime=0))

    self.assert_survives('a.tgz', self.archive(), write)

  def archive(self) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode='w') as archive:
      archive.add(self.save('v1'), '\u732b/v1')
    return file.getvalue()

  @parameterized.parameters('v2.index', 'v2.data-00000-of-00001')
  def test_v2(self, name: str) -> None:
    prefix = self.save('v2', checkpoint_files.VERSIONS.V2)
    file = self.folder / name
    self.assert_survives(
      os.path.basename(prefix), file.read_bytes(), file.write_bytes
    )

  @parameterized.product(name=('v1', 'v2'), is_whole=(True, False))
  def test_with_right_checksums(self, name: str, is_whole: bool) -> None:
    path = self.save(name, getattr(checkpoint_files.VERSIONS, name.upper()))
    file = Path(path if name == 'v1' else f'{path}.index')
    items = [
      (key, bytes(value))
      for key, value in sorted_table.entries(memoryview(file.read_bytes()))
    ]
    table: Callable[[bytes], bytes]
    if is_whole:
      good = b''.join(value for _, value in items)
      table = functools.partial(_sealed, items)
    else:
      # The keys are damaged too.
      good, table = protobuf_messages.entries(items), protobuf_messages.table
    self.assert_survives(name, good, lambda data: file.write_bytes(table(data)))


if __name__ == '__main__':
  absltest.main()
