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

"""Tests of testdata."""

import os
from pathlib import Path
from typing import Callable, Dict
import unittest
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.testing import testdata

_OUTSIDE = (
  (
    'weights',
    testdata.googlenet_weights_path,
    'MAGENTA_VIZ_TEST_WEIGHTS',
    'bvlc_googlenet.npz',
  ),
  (
    'photos',
    lambda: testdata.photo_path('dog_cat.jpg'),
    'MAGENTA_VIZ_TEST_PHOTOS',
    'dog_cat.jpg',
  ),
)


class TestdataTest(parameterized.TestCase):
  def _set_environment(self, values: Dict[str, str]) -> None:
    patch = mock.patch.dict(os.environ, values, clear=True)
    patch.start()
    self.addCleanup(patch.stop)

  @parameterized.named_parameters(*_OUTSIDE)
  def test_finds_file(
    self, path_fn: Callable[[], str], variable: str, name: str
  ) -> None:
    file = self.create_tempdir().create_file(name)
    self._set_environment({variable: str(Path(file.full_path).parent)})
    self.assertEqual(path_fn(), file.full_path)

  @parameterized.named_parameters(*_OUTSIDE)
  def test_skips_without_variable(
    self, path_fn: Callable[[], str], variable: str, name: str
  ) -> None:
    self._set_environment({})
    with self.assertRaisesRegex(unittest.SkipTest, f'{variable}.*{name}'):
      path_fn()

  @parameterized.named_parameters(*_OUTSIDE)
  def test_fails_without_variable_in_ci(
    self, path_fn: Callable[[], str], variable: str, name: str
  ) -> None:
    self._set_environment({'CI': 'true'})
    with self.assertRaisesRegex(AssertionError, f'{variable}.*{name}'):
      path_fn()

  @parameterized.named_parameters(*_OUTSIDE)
  def test_fails_if_file_is_missing(
    self, path_fn: Callable[[], str], variable: str, name: str
  ) -> None:
    self._set_environment({variable: self.create_tempdir().full_path})
    with self.assertRaisesRegex(AssertionError, f'{name}; {variable}'):
      path_fn()

  def test_testdata(self) -> None:
    path = testdata.testdata_path('photo_48x32.png')
    self.assertTrue(os.path.isfile(path))
    with self.assertRaisesRegex(AssertionError, 'no_photo.png'):
      testdata.testdata_path('no_photo.png')


if __name__ == '__main__':
  absltest.main()
