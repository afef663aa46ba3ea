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


"""Tests of PyTorch's files, which `testing/torch_files` makes without it."""

import collections
import io
import os
from pathlib import Path
import pickle
import tracemalloc
from typing import Any, Callable, Dict, Tuple
import zipfile

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.models import model_spec
from magenta_viz.models import weights
from magenta_viz.models.checkpoints import checkpoints
from magenta_viz.models.checkpoints import torch_checkpoint
from magenta_viz.testing import checkpoint_files
from magenta_viz.testing import torch_files

_WRITERS = (('old', torch_files.old), ('zipped', torch_files.zipped))
_Writer = Callable[[Any], bytes]


def _values() -> Dict[str, np.ndarray]:
  generator = np.random.RandomState(0)
  kernel = generator.rand(3, 3, 2, 5).astype(np.float32)
  values: Dict[str, np.ndarray] = {
    # As PyTorch saves what was made from another layout.
    'conv.weight': kernel.transpose(3, 2, 0, 1),
    'conv.bias': generator.rand(5).astype(np.float32),
    'num_batches_tracked': np.array(7, np.int64),
  }
  for name in ('f2', 'f8', 'i1', 'i2', 'i4', 'u1', '?'):
    values[name] = (4 * generator.rand(3)).astype(name)
  return values


def _tensors(values: Dict[str, np.ndarray]) -> Dict[str, torch_files.Tensor]:
  tensors = {
    name: torch_files.tensor(value, str(i))
    for i, (name, value) in enumerate(values.items())
  }
  return collections.OrderedDict(tensors)


def _content() -> Dict[str, Any]:
  return _tensors({'a': np.arange(12, dtype=np.float32).reshape(3, 4)})


class _Evil:
  def __reduce__(self) -> Tuple[Any, ...]:
    return os.system, ('touch evil',)


class TorchCheckpointTest(checkpoint_files.CheckpointsTestCase):
  def write(self, content: bytes, name: str = 'a.pth') -> str:
    Path(self.path(name)).write_bytes(content)
    return self.path(name)

  @parameterized.named_parameters(*_WRITERS)
  def test_reads_tensors(self, write: _Writer) -> None:
    values = _values()
    for name in ('a.pth', 'a.pt', 'A.PTH', 'a.bin', 'a.npz', 'a'):
      self.assert_reads(self.write(write(_tensors(values)), name), values)

  @parameterized.named_parameters(*_WRITERS)
  def test_views_of_one_storage(self, write: _Writer) -> None:
    storage = torch_files.Storage('7', np.arange(24, dtype=np.float32))
    whole = storage.values.reshape(2, 3, 4)
    content = {
      'whole': torch_files.Tensor(storage, (2, 3, 4), (12, 4, 1)),
      'turned': torch_files.Tensor(storage, (4, 3, 2), (1, 4, 12)),
      'last': torch_files.Tensor(storage, (3, 4), (4, 1), 12),
      'every other': torch_files.Tensor(storage, (12,), (2,), 1),
      'one': torch_files.Tensor(storage, (), (), 23),
    }
    self.assert_reads(
      self.write(write(content)),
      {
        'whole': whole,
        'turned': whole.transpose(2, 1, 0),
        'last': whole[1],
        'every other': storage.values[1::2],
        'one': np.array(23, np.float32),
      },
    )

  @parameterized.named_parameters(*_WRITERS)
  def test_bfloat16_becomes_float32(self, write: _Writer) -> None:
    values = np.array([1, -2.5, 3e38, 0], np.float32)
    halves = (values.view(np.uint32) >> 16).astype(np.uint16).view('V2')
    expected = (halves.view(np.uint16).astype(np.uint32) << 16).view(np.float32)
    content = {
      'a': torch_files.Tensor(torch_files.Storage('0', halves), (2,), (1,), 1)
    }
    self.assert_reads(self.write(write(content)), {'a': expected[1:3]})

  @parameterized.named_parameters(*_WRITERS)
  def test_what_trainings_save(self, write: _Writer) -> None:
    values = {'a': np.ones(3, np.float32)}
    content = {
      'epoch': 7,
      'state_dict': _tensors(values),
      'optimizer': {
        'state': {0: {'step': 3, 'sum': torch_files.tensor(np.zeros(3), '9')}},
        'param_groups': [{'lr': 0.1, 'params': [0], 'foreach': None}],
      },
    }
    self.assert_reads(self.write(write(content)), values)
    # Without the word, what is no tensor is left out.
    content = {'epoch': 7, 'name': 'a', **_tensors(values)}
    self.assert_reads(self.write(write(content)), values)

  @parameterized.named_parameters(*_WRITERS)
  def test_parameters_and_older_tensors(self, write: _Writer) -> None:
    value = np.ones((2, 3), np.float32)
    tensor = torch_files.tensor(value, '0')
    content = {
      'new': torch_files.Parameter(tensor),
      'old': tensor._replace(function='_rebuild_tensor'),
    }
    self.assert_reads(self.write(write(content)), {'new': value, 'old': value})

  def test_reads_the_installed_weights(self) -> None:
    source = model_spec.find_spec('efficientnet_lite0').weights
    values = checkpoints.read_checkpoint(str(weights.fetch(source)))
    self.assertLen(values, 296)
    numbers = [each for each in values.values() if each.dtype == np.float32]
    self.assertLen(numbers, 296 - 49)
    # 4.7 million and the averages, by the network's own readme.
    self.assertEqual(sum(each.size for each in numbers), 4_694_024)

  def test_is_one(self) -> None:
    for write in (torch_files.old, torch_files.zipped):
      self.assertTrue(torch_checkpoint.is_one(write(_content())))
    for data in (b'', b'PK\x03\x04', pickle.dumps({'a': 1}, 2), b'\x80\x02'):
      self.assertFalse(torch_checkpoint.is_one(data))


class RefusedTest(checkpoint_files.CheckpointsTestCase):
  def assert_damaged(self, content: bytes, *parts: str) -> None:
    """Fails unless it is refused in little memory."""
    path = self.path('a.pth')
    Path(path).write_bytes(content)
    tracemalloc.start()
    self.addCleanup(tracemalloc.stop)
    self.assert_refused(path, 'damaged', *parts)
    self.assertLess(tracemalloc.get_traced_memory()[1], 1 << 26)

  @parameterized.named_parameters(*_WRITERS)
  def test_truncated(self, write: _Writer) -> None:
    content = write(_content())
    for size in range(0, len(content), 7):
      with self.subTest(size=size):
        Path(self.path('a.pth')).write_bytes(content[:size])
        self.assert_refused(self.path('a.pth'), 'damaged')

  @parameterized.named_parameters(*_WRITERS)
  def test_calls_are_refused(self, write: _Writer) -> None:
    for content in (_Evil(), {'a': _Evil()}):
      self.assert_damaged(write(content), f"'{os.system.__module__}.system'")
    self.assertFalse(os.path.exists('evil'))

  @parameterized.named_parameters(*_WRITERS)
  def test_other_content(self, write: _Writer) -> None:
    for content in (3, [1], None, {'state_dict': 3}, _content()['a']):
      self.assert_damaged(write(content), 'no dict of tensors')

  @parameterized.product(
    write=(torch_files.old, torch_files.zipped),
    tensor=(
      ((4, 4), (4, 1), 0),
      ((3, 4), (4, 1), 1),
      ((3, 4), (5, 1), 0),
      ((3,), (1 << 62,), 0),
      ((1 << 62,), (0,), 0),
      ((100,), (0,), 0),
      ((2,), (-1,), 3),
      ((-2,), (1,), 0),
      ((2,), (1,), -1),
      ((2,), (1, 1), 0),
      ((2,), (1,), 1 << 62),
      ((2,), (1,), 1 << 70),
      ((2.0,), (1,), 0),
      ((2,), ('1',), 0),
      ((True,), (1,), 0),
      ((1,) * 40, (1,) * 40, 0),
    ),
  )
  def test_views_outside(self, write: _Writer, tensor: Any) -> None:
    shape, strides, offset = tensor
    storage = torch_files.Storage('0', np.arange(12, dtype=np.float32))
    content = {'a': torch_files.Tensor(storage, shape, strides, offset)}
    self.assert_damaged(write(content))

  @parameterized.named_parameters(*_WRITERS)
  def test_storages(self, write: _Writer) -> None:
    for count in (13, 1 << 40, 1 << 62, -1, 11):
      storage = torch_files.Storage('0', np.arange(12, dtype=np.float32), count)
      content = {'a': torch_files.Tensor(storage, (2,), (1,))}
      self.assert_damaged(write(content))
    content = {
      'a': torch_files.tensor(np.ones(3, np.float32), '0'),
      'b': torch_files.tensor(np.ones(6, np.float16), '0'),
    }
    self.assert_damaged(write(content), "several storages '0'")
    content = {'a': torch_files.Tensor('0', (2,), (1,))}
    self.assert_damaged(write(content), 'of no numbers')

  def test_part_of_another_storage(self) -> None:
    storage = torch_files.Storage('0', np.ones(3, np.float32))
    storage.part = ('1', 0, 3)
    content = {'a': torch_files.Tensor(storage, (3,), (1,))}
    self.assert_damaged(torch_files.old(content), 'no storage of numbers')

  def test_order_of_bytes(self) -> None:
    for system in ({'little_endian': False}, {}, 3):
      content = torch_files.old(_content(), system)
      self.assert_damaged(content, 'first byte first')
    self.assert_damaged(
      torch_files.zipped(_content(), b'big'), 'first byte first'
    )

  def test_storages_that_are_not_listed(self) -> None:
    good = torch_files.old(_content())
    listed = pickle.dumps(['0'], 2)
    self.assertEqual(good.count(listed), 1)
    for keys in ([], ['1'], ['0', '0'], [0], '0', {'0': 1}):
      other = good.replace(listed, pickle.dumps(keys, 2))
      self.assert_damaged(other)

  @parameterized.parameters('net/data.pkl', 'net/data/0')
  def test_zip_without_a_member(self, name: str) -> None:
    whole = io.BytesIO(torch_files.zipped(_content()))
    lacking = io.BytesIO()
    with zipfile.ZipFile(whole) as one, zipfile.ZipFile(lacking, 'w') as other:
      for each in one.namelist():
        if each != name:
          other.writestr(each, one.read(each))
    self.assert_damaged(lacking.getvalue())

  def test_zip_that_grows(self) -> None:
    path = self.path('a.pth')
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as archive:
      archive.writestr('net/data.pkl', bytes(checkpoints.MAX_BYTES // 4))
      for i in range(4):
        archive.writestr(f'net/data/{i}', bytes(checkpoints.MAX_BYTES // 4))
    self.assert_damaged(Path(path).read_bytes(), 'more than')

  @parameterized.parameters(
    # What refers to something that is elsewhere, but no storage.
    (b'\x80\x02NQ.', 'no storage of numbers'),
    (b'\x80\x02}Q.', 'no storage of numbers'),
    (b'\x80\x02)' + b'\x85' * 45_000 + b'Q.', 'no storage of numbers'),
    (b'\x80\x02(NNNNNtQ.', 'no storage of numbers'),
    (b'\x80\x02(' + b')' + b'\x85' * 45_000 + b'NNNNtQ.', ''),
    # A class of storages that is called.
    (b'\x80\x02ctorch\nFloatStorage\n)R.', 'call what is no array'),
    (b'\x80\x02ctorch\nFloatStorage\nNb.', 'builds what is no array'),
    (b'\x80\x02ccollections\nOrderedDict\n(K\x01tR.', ''),
    (b'\x80\x02ctorch._utils\n_rebuild_tensor_v2\n)R.', ''),
    (b'\x80\x02ctorch._utils\n_rebuild_parameter\n)R.', ''),
    (b'\x80\x02cbuiltins\neval\n.', "'builtins.eval'"),
    (b'\x80\x02ctorch\nload\n.', "'torch.load'"),
  )
  def test_hostile(self, program: bytes, reason: str) -> None:
    head, _, _ = torch_files.old('hostile').partition(
      pickle.dumps('hostile', 2)
    )
    self.assert_damaged(head + program + pickle.dumps([], 2), reason)


if __name__ == '__main__':
  absltest.main()
