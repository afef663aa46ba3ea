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
from typing import Callable
import unittest
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.testing import testdata

_WEIGHTS = ('MAGENTA_VIZ_TEST_WEIGHTS', 'bvlc_googlenet.npz')
_PHOTOS = ('MAGENTA_VIZ_TEST_PHOTOS', 'dog_cat.jpg')


class TestdataTest(parameterized.TestCase):
  @parameterized.parameters(
    (testdata.googlenet_weights_path, *_WEIGHTS),
    (lambda: testdata.photo_path('dog_cat.jpg'), *_PHOTOS),
  )
  def test_outside(
    self, path_fn: Callable[[], str], variable: str, name: str
  ) -> None:
    folder = self.create_tempdir()
    with mock.patch.dict(os.environ, {}, clear=True):
      with self.assertRaisesRegex(unittest.SkipTest, f'{variable}.*{name}'):
        path_fn()
      # There a forgotten variable must not pass unseen.
      os.environ['CI'] = 'true'
      with self.assertRaisesRegex(AssertionError, f'{variable}.*{name}'):
        path_fn()
      os.environ[variable] = folder.full_path
      with self.assertRaisesRegex(AssertionError, f'{name}; {variable}'):
        path_fn()
      file = folder.create_file(name)
      self.assertEqual(path_fn(), file.full_path)

  def test_testdata(self) -> None:
    path = testdata.testdata_path('photo_48x32.png')
    self.assertTrue(os.path.isfile(path))
    with self.assertRaisesRegex(AssertionError, 'no_photo.png'):
      testdata.testdata_path('no_photo.png')


if __name__ == '__main__':
  absltest.main()
