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

"""Tests of checkpoints that are pickled."""

import os
from pathlib import Path
import pickle
import tracemalloc
from typing import Any, List, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.models import model_spec
from magenta_viz.models import weights
from magenta_viz.models.checkpoints import checkpoints
from magenta_viz.testing import checkpoint_files


class _Evil:
  def __reduce__(self) -> Tuple[Any, ...]:
    return os.system, ('touch evil',)


class PickleTest(checkpoint_files.CheckpointsTestCase):
  def write(self, content: Any) -> str:
    """Pickles as NumPy 1 did, in which `ndf` pickled its weights."""
    dumped = pickle.dumps(content, 3)
    dumped = dumped.replace(b'numpy._core.multiarray', b'numpy.core.multiarray')
    path = self.path('a.pkl')
    Path(path).write_bytes(dumped)
    return path

  def test_reads_layers(self) -> None:
    kernel = self.values['Net/conv/weights']
    biases = self.values['Net/conv/biases']
    path = self.write(
      {
        'conv1': [kernel, biases],
        'fire2/squeeze': (np.asfortranarray(kernel), biases.astype('>f4')),
      }
    )
    expected = {
      f'{layer}/{kind}': value
      for layer in ('conv1', 'fire2/squeeze')
      for kind, value in (('weights', kernel), ('biases', biases))
    }
    expected['fire2/squeeze/biases'] = biases.astype('>f4')
    self.assert_reads(path, expected)

  def test_reads_the_installed_weights(self) -> None:
    source = model_spec.find_spec('squeezenet').weights
    values = checkpoints.read_checkpoint(str(weights.fetch(source)))
    self.assertLen(values, 52)
    # SqueezeNet 1.1 with 1000 classes: Iandola et al. (2016),
    # arXiv:1602.07360, and their repository's SqueezeNet_v1.1.
    self.assertEqual(1_235_496, sum(value.size for value in values.values()))
    for name, value in values.items():
      self.assertEqual(np.float32, value.dtype)
      self.assertEqual(4 if name.endswith('weights') else 1, value.ndim)

  @parameterized.parameters(0, 1, 300, -1)
  def test_truncated(self, size: int) -> None:
    path = self.write({'a': [np.ones((2, 3)), np.ones(2)]})
    self.cut(path, size)
    self.assert_refused(path, 'damaged')

  @parameterized.parameters(False, True)
  def test_calls_are_refused(self, is_inside: bool) -> None:
    path = self.write({'a': [np.ones(2), _Evil()]} if is_inside else _Evil())
    self.assert_refused(path, f"'{os.system.__module__}.system'")
    self.assertFalse(os.path.exists('evil'))

  @parameterized.parameters('numpy.load', 'numpy.ndarray.tofile', 'os.remove')
  def test_other_globals_are_refused(self, name: str) -> None:
    path = self.path('a.pkl')
    module, function = name.rsplit('.', 1)
    Path(path).write_bytes(f'c{module}\n{function}\n.'.encode())
    self.assert_refused(path, f"'{name}'")

  def test_array_of_objects_is_refused(self) -> None:
    path = self.write({'a': [np.array([None]), np.ones(1)]})
    self.assert_refused(path, 'damaged')
    # Bytes that are said to be objects would be taken for addresses.
    content = Path(self.write({'a': [np.ones(1), np.ones(1)]})).read_bytes()
    Path(path).write_bytes(content.replace(b'f8', b'O8'))
    self.assert_refused(path, 'damaged')

  @parameterized.parameters(
    ([1, 2],),
    ({'a': 1},),
    ({'a': [np.ones(1)]},),
    ({'a': [np.ones(1), 2.0]},),
    ({'a': [np.ndarray, np.dtype]},),
  )
  def test_other_content(self, content: Any) -> None:
    self.assert_refused(self.write(content), 'damaged')

  @parameterized.parameters(
    # A deep tuple as a key, the hash of which takes all of the stack.
    (b'\x80\x02})' + b'\x85' * 1500 + b'K\x01s.', 'name is no text'),
    (b'\x80\x02})' + b'\x85' * 45_000 + b'K\x01s.', 'name is no text'),
    (b'\x80\x02)' + b'\x85' * 45_000 + b'X\x01\x00\x00\x00a\x93.', 'no name'),
    (b'\x80\x02)' + b'\x85' * 60_000 + b'.', 'more than 50000 instructions'),
    # A place in the memo, for which Python's unpickler makes room.
    (b'\x80\x02Nr\x00\x00\x00\x10.', 'no dict'),
    (b'\x80\x02B\xff\xff\xff\xff.', 'cut short'),
    (b'\x80\x02\x8e' + b'\xff' * 8 + b'.', 'cut short'),
    (b'L' + b'9' * 100_000 + b'L\n.', 'the instruction 76'),
    (b'\x80\x02]]a.', 'no dict'),
    (b'\x80\x02]s.', 'damaged'),
    (b'\x80\x02)Ra.', 'damaged'),
    (b'h\x07.', 'damaged'),
  )
  def test_hostile(self, content: bytes, reason: str) -> None:
    path = self.path('a.pkl')
    Path(path).write_bytes(content)
    tracemalloc.start()
    self.addCleanup(tracemalloc.stop)
    self.assert_refused(path, 'damaged', reason)
    self.assertLess(tracemalloc.get_traced_memory()[1], 1 << 26)

  @parameterized.parameters(3, 4)
  def test_protocols(self, protocol: int) -> None:
    values: List[np.ndarray] = [np.ones((2, 3), np.float32), np.ones(3)]
    dumped = pickle.dumps({'a': values, 'b': values}, protocol)
    # With the length that protocol 4 puts before it.
    for old, new in (
      (b'\x16numpy._core', b'\x15numpy.core'),
      (b'_core', b'core'),
    ):
      dumped = dumped.replace(old + b'.multiarray', new + b'.multiarray')
    path = self.path('a.pkl')
    Path(path).write_bytes(dumped)
    kinds = dict(zip(('weights', 'biases'), values))
    self.assert_reads(
      path, {f'{k}/{kind}': kinds[kind] for k in 'ab' for kind in kinds}
    )


if __name__ == '__main__':
  absltest.main()
