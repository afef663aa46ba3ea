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

"""Tests of test_browser where there is no browser."""

import os
from typing import Dict
import unittest
from unittest import mock

from absl.testing import absltest

from magenta_viz.testing import browser


class TestBrowserTest(absltest.TestCase):
  def _start_without_browser(self, variables: Dict[str, str]) -> None:
    folder = self.create_tempdir().full_path
    environment = {'PATH': folder, **variables}
    with mock.patch.dict(os.environ, environment, clear=True):
      browser.start(folder)

  def test_skips(self) -> None:
    with self.assertRaisesRegex(unittest.SkipTest, 'apt-get install chromium'):
      self._start_without_browser({})

  def test_fails_in_ci(self) -> None:
    with self.assertRaisesRegex(AssertionError, 'apt-get install chromium'):
      self._start_without_browser({'CI': 'true'})


if __name__ == '__main__':
  absltest.main()
