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

"""Tests of steps on two replicas, of two logical processors."""

import os
from pathlib import Path
import subprocess
import sys
from typing import Dict

from absl.testing import absltest
import numpy as np
import pytest

from magenta_viz.testing import replicas

_ROOT = Path(replicas.__file__).resolve().parents[2]
_MOVING = ('moving_mean', 'moving_variance')


@pytest.mark.slow
class ReplicasTest(absltest.TestCase):
  all_found: Dict[str, np.ndarray]

  @classmethod
  def setUpClass(cls) -> None:
    super().setUpClass()
    path = os.path.join(absltest.get_default_test_tmpdir(), 'replicas.npz')
    os.makedirs(os.path.dirname(path), exist_ok=True)
    subprocess.run(
      [sys.executable, '-m', replicas.__name__, path],
      env={**os.environ, 'PYTHONPATH': str(_ROOT)},
      check=True,
      timeout=300,
    )
    with np.load(path) as found:
      cls.all_found = dict(found)
    os.remove(path)

  def found(self, prefix: str) -> Dict[str, np.ndarray]:
    """Returns what was found under a prefix."""
    found = {
      name[len(prefix) :]: value
      for name, value in self.all_found.items()
      if name.startswith(prefix)
    }
    self.assertNotEmpty(found)
    return found

  def test_halves_are_as_good_as_the_whole(self) -> None:
    begin = self.found('whole_and_halves/begin/values/')
    whole = self.found('whole_and_halves/whole/values/')
    halves = self.found('whole_and_halves/halves/values/')
    self.assertCountEqual(whole, halves)
    for name, value in whole.items():
      self.assertFalse(np.array_equal(value, begin[name]), name)
      difference = np.abs(halves[name] - value).max()
      self.assertLessEqual(difference, 1e-5, name)
      # Small as some gradients are.
      if name.endswith('/Momentum'):
        self.assertLessEqual(difference, 1e-3 * np.abs(value).max(), name)

  def test_findings_are_of_all_pictures(self) -> None:
    whole = self.found('whole_and_halves/whole/')
    halves = self.found('whole_and_halves/halves/')
    # Rows of loss, accuracy, norm and stop.
    self.assertEqual(whole['findings'].shape, (3, 4))
    np.testing.assert_allclose(halves['findings'], whole['findings'], rtol=1e-4)
    self.assertEqual(whole['counts'][0], 7)
    np.testing.assert_allclose(halves['counts'], whole['counts'], rtol=1e-4)

  def test_replicas_stay_the_same(self) -> None:
    copies = self.found('whole_and_halves/copies/')
    for name, (first, second) in copies.items():
      np.testing.assert_array_equal(first, second, err_msg=name)

  def test_stop_is_summed(self) -> None:
    np.testing.assert_array_equal(self.found('synchronized/')['stop'], [0, 2])

  def test_synchronize(self) -> None:
    before = self.found('synchronized/before/')
    after = self.found('synchronized/after/')
    values = self.found('synchronized/values/')
    used = self.found('synchronized/network_values/')
    num_moving = 0
    for name, (first, second) in before.items():
      if name.endswith(_MOVING):
        num_moving += 1
        # They saw other pictures.
        self.assertGreater(np.abs(first - second).max(), 1e-4)
        mean = (first + second) / 2
        for each in (*after[name], values[name], used[name]):
          np.testing.assert_allclose(each, mean, rtol=1e-6, atol=1e-8)
      else:
        np.testing.assert_array_equal(first, second, err_msg=name)
        for each in after[name]:
          np.testing.assert_array_equal(each, first, err_msg=name)
    self.assertEqual(num_moving, 2)

  def test_assign(self) -> None:
    expected = self.found('synchronized/expected/')
    for name, value in self.found('synchronized/assigned/').items():
      np.testing.assert_array_equal(value, expected[name], err_msg=name)

  def test_dropout_differs(self) -> None:
    found = {
      name: float(value) for name, value in self.found('dropped/').items()
    }
    self.assertAlmostEqual(found['none/one'], found['none/two'], places=5)
    # The first of the two drops what the one drops.
    self.assertGreater(abs(found['own/one'] - found['own/two']), 1e-3)


if __name__ == '__main__':
  absltest.main()
