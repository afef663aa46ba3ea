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

"""Tests for arrays."""

import io
import tracemalloc
from typing import Any, Tuple
import zipfile

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.files import arrays


def _npy(array: np.ndarray) -> bytes:
  file = io.BytesIO()
  np.save(file, array)
  return file.getvalue()


def _zip(compression: int = zipfile.ZIP_STORED, **contents: bytes) -> bytes:
  file = io.BytesIO()
  with zipfile.ZipFile(file, 'w', compression) as archive:
    for name, content in contents.items():
      archive.writestr(f'{name}.npy', content)
  return file.getvalue()


class NpyTest(parameterized.TestCase):
  @parameterized.parameters(
    'f2', '<f4', '>f8', 'i1', '<i8', 'u1', '>u2', 'b1', 'c8', 'U5', 'S3'
  )
  def test_reads_what_numpy_writes(self, dtype: str) -> None:
    for shape in ((), (0,), (3,), (2, 3), (2, 3, 4, 5), (4, 0, 2)):
      array = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
      for each in (array, np.asfortranarray(array)):
        found = arrays.parse_npy(_npy(each))
        np.testing.assert_array_equal(found, each)
        self.assertEqual(found.dtype, each.dtype)
        self.assertTrue(found.flags.writeable)

  @parameterized.parameters(((2, 0),), ((3, 0),))
  def test_reads_other_versions(self, version: Tuple[int, int]) -> None:
    file = io.BytesIO()
    np.lib.format.write_array(file, np.arange(5.0), version)
    np.testing.assert_array_equal(arrays.parse_npy(file.getvalue()), range(5))

  def test_reads_what_others_write(self) -> None:
    # NumPy in Python 2; and cnpy, without the last comma.
    for header in (
      b"{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 1L), }\n",
      b"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1)}",
      b"{'descr':'<f4','fortran_order':True,'shape':(2,1)}",
    ):
      data = b'\x93NUMPY\1\0' + len(header).to_bytes(2, 'little') + header
      found = arrays.parse_npy(data + np.array([3, 4], '<f4').tobytes())
      np.testing.assert_array_equal(found, [[3], [4]])

  @parameterized.parameters(
    (b'', 'does not start as'),
    (b'PK\3\4', 'does not start as'),
    (b'\x93NUMPY\1\0\xff\xff', 'does not start as'),
    (_npy(np.zeros(3, [('a', 'f4')])), 'not of an array of numbers'),
    (_npy(np.zeros(3, 'M8[s]')), 'not of an array of numbers'),
    (_npy(np.ones((3, 3)))[:-1], 'has 71 bytes for shape .3, 3. of float64'),
    (_npy(np.ones((3, 3))) + b'1', 'has 73 bytes for shape'),
    (_npy(np.ones((3, 3))).replace(b'(3, 3)', b'(3, 3('), 'its header is'),
    (_npy(np.ones((3, 3))).replace(b'(3, 3)', b'(3,-3)'), 'its header is'),
    (
      _npy(np.ones((3, 3))).replace(b'(3, 3), ', b'(9999999)'),
      'for shape .9999999,.',
    ),
    (_npy(np.ones((3, 3))).replace(b'<f8', b'<f3'), "data type '<f3'"),
    (_npy(np.ones((3, 3))).replace(b'False', b'None '), 'its header is'),
  )
  def test_damaged(self, data: bytes, reason: str) -> None:
    with self.assertRaisesRegex((ValueError, TypeError), reason):
      arrays.parse_npy(data)

  def test_claims_take_no_memory(self) -> None:
    data = _npy(np.ones((3, 3)))
    head = data.replace(b'(3, 3), }   ', b'(3000000000, 3)}')[: len(data)]
    nested = b'\x93NUMPY\2\0' + (10**6).to_bytes(4, 'little') + b'[' * 10**6
    tracemalloc.start()
    self.addCleanup(tracemalloc.stop)
    for each in (head, nested):
      with self.assertRaises(ValueError):
        arrays.parse_npy(each)
    self.assertLess(tracemalloc.get_traced_memory()[1], 1 << 22)


class NpzTest(parameterized.TestCase):
  @parameterized.parameters(np.savez, np.savez_compressed)
  def test_reads_what_numpy_writes(self, save: Any) -> None:
    expected = {
      'a/weights': np.arange(6, dtype=np.float32).reshape(2, 3),
      'step': np.array(7),
      'names': np.array(['a', 'bc']),
    }
    file = io.BytesIO()
    save(file, **expected)
    found = arrays.parse_npz(file.getvalue(), 1000)
    self.assertEqual(list(found), list(expected))
    for name, array in expected.items():
      np.testing.assert_array_equal(found[name], array)

  def test_bounds_are_known_before_anything_is_inflated(self) -> None:
    bomb = _zip(zipfile.ZIP_DEFLATED, a=bytes(1 << 26), b=bytes(1 << 26))
    tracemalloc.start()
    self.addCleanup(tracemalloc.stop)
    with self.assertRaisesRegex(ValueError, 'more than 100000000 bytes'):
      arrays.parse_npz(bomb, 10**8)
    self.assertLess(tracemalloc.get_traced_memory()[1], 1 << 20)

  def test_no_more_is_inflated_than_claimed(self) -> None:
    content = _npy(np.zeros(1 << 23))
    bomb = _zip(zipfile.ZIP_DEFLATED, a=content)
    size = len(content).to_bytes(4, 'little')
    bomb = bomb.replace(size, (1000).to_bytes(4, 'little'))
    tracemalloc.start()
    self.addCleanup(tracemalloc.stop)
    with self.assertRaises((ValueError, zipfile.BadZipFile)):
      arrays.parse_npz(bomb, 10**6)
    self.assertLess(tracemalloc.get_traced_memory()[1], 1 << 22)

  @parameterized.parameters(zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
  def test_other_compressions(self, compression: int) -> None:
    with self.assertRaisesRegex(ValueError, 'in a way that NumPy never takes'):
      arrays.parse_npz(_zip(compression, a=_npy(np.ones(3))), 10**6)

  def test_too_many_arrays(self) -> None:
    with self.assertRaisesRegex(ValueError, 'more than 10000 arrays'):
      arrays.parse_npz(b'PK\1\2' * 10_001, 10**6)


if __name__ == '__main__':
  absltest.main()
