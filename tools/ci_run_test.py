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

"""Tests of how .ci/run finds real weights and photographs."""

import os
from pathlib import Path
import shutil
import subprocess
from typing import Dict

from absl.testing import absltest
from absl.testing import parameterized

_RUN = Path(__file__).resolve().parents[1] / '.ci' / 'run'
# What it calls until it has found them: it ends at the next, `mktemp`.
_NEEDED = ('bash', 'dirname', 'realpath')
_FOUND_ALL = 127


@absltest.skipIf(os.name == 'nt', 'needs a POSIX shell')
class CiRunTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self._folder = Path(self.create_tempdir().full_path)
    (self._folder / 'checkout' / '.ci').mkdir(parents=True)
    shutil.copy(_RUN, self._folder / 'checkout' / '.ci')
    programs = self._folder / 'programs'
    programs.mkdir()
    for name in _NEEDED:
      (programs / name).symlink_to(str(shutil.which(name)))

  def _run(
    self, environment: Dict[str, str]
  ) -> 'subprocess.CompletedProcess[str]':
    path = {'PATH': str(self._folder / 'programs')}
    return subprocess.run(
      [str(shutil.which('bash')), 'checkout/.ci/run'],
      cwd=self._folder,
      env={**path, **environment},
      capture_output=True,
      text=True,
      check=False,
    )

  def _make_shared(self, *kinds: str) -> None:
    for kind in kinds:
      (self._folder / 'shared' / kind).mkdir(parents=True)

  def test_skips_without_shared(self) -> None:
    result = self._run({})
    self.assertEqual(
      result.stdout,
      '=== no ../shared: tests that need real weights are skipped\n'
      '=== no ../shared: tests that need real photos are skipped\n',
    )
    self.assertEqual(result.returncode, _FOUND_ALL)

  def test_fails_without_shared_in_ci(self) -> None:
    result = self._run({'CI': 'true'})
    self.assertEqual(result.returncode, 1)
    self.assertIn('MAGENTA_VIZ_TEST_WEIGHTS', result.stderr)

  @parameterized.parameters({}, {'CI': 'true'})
  def test_takes_shared(self, **environment: str) -> None:
    self._make_shared('weights', 'photos')
    result = self._run(environment)
    self.assertEqual((result.stdout, result.returncode), ('', _FOUND_ALL))

  def test_fails_where_a_folder_is_missing(self) -> None:
    self._make_shared('weights')
    result = self._run({})
    self.assertEqual(result.returncode, 1)
    self.assertIn('MAGENTA_VIZ_TEST_PHOTOS', result.stderr)

  def test_a_folder_that_a_variable_names(self) -> None:
    self._make_shared('weights')
    photos = self._folder / 'photos'
    named = {'MAGENTA_VIZ_TEST_PHOTOS': str(photos)}
    result = self._run(named)
    self.assertEqual(result.returncode, 1)
    self.assertIn(f'{photos}: No such file', result.stderr)
    photos.mkdir()
    self.assertEqual(self._run(named).returncode, _FOUND_ALL)


if __name__ == '__main__':
  absltest.main()
