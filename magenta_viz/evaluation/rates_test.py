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

"""Tests of rates."""

from typing import List
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from scipy import stats

from magenta_viz.evaluation import rates


class MeanTest(parameterized.TestCase):
  def test_interval_is_of_a_plain_bootstrap(self) -> None:
    values = np.array([0.0, 0.1, 0.2, 0.1, 9.0])
    generator = np.random.default_rng(1)
    means = generator.choice(values, (20_000, 5)).mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    found = rates.mean(values)
    self.assertAlmostEqual(found.value, 1.88)
    self.assertEqual(found.count, 5)
    # Five standard errors of the difference of the two simulations' ends.
    error = stats.sem(values)
    self.assertAlmostEqual(found.low, low, delta=0.16 * error)
    self.assertAlmostEqual(found.high, high, delta=0.16 * error)

  # Counts at which the percentiles are well inside of a step.
  @parameterized.parameters((30, 20), (100, 97), (50, 1))
  def test_interval_of_a_rate_is_the_binomial(
    self, count: int, num_right: int
  ) -> None:
    found = rates.mean(np.arange(count) < num_right)
    ends = stats.binom.ppf((0.025, 0.975), count, num_right / count) / count
    np.testing.assert_allclose((found.low, found.high), ends, atol=1e-9)

  def test_interval_holds_the_truth_as_often_as_it_says(self) -> None:
    generator = np.random.default_rng(3)
    held = 0
    with mock.patch.object(rates, 'NUM_RESAMPLES', 1000):
      for _ in range(400):
        found = rates.mean(generator.uniform(size=60))
        held += found.low <= 0.5 <= found.high
    self.assertBetween(held / 400, 0.91, 0.98)

  @parameterized.parameters(
    ([0, 0, 0],), ([True] * 24,), ([0.625],), ([0.625] * 7,)
  )
  def test_no_width_where_all_are_the_same(self, values: List[float]) -> None:
    value = float(values[0])
    self.assertEqual(
      rates.mean(values), rates.Rate(value, value, value, len(values))
    )

  def test_seed_decides(self) -> None:
    values = np.random.default_rng(0).uniform(size=40)
    self.assertEqual(rates.mean(values, 5), rates.mean(values, 5))
    self.assertNotEqual(rates.mean(values, 5), rates.mean(values, 6))

  def test_leaves_the_global_numbers_alone(self) -> None:
    np.random.seed(0)
    before = np.random.get_state()[1].tolist()  # type: ignore[index]
    rates.mean([0.1, 0.2, 0.4])
    after = np.random.get_state()[1].tolist()  # type: ignore[index]
    self.assertEqual(after, before)

  def test_batches_do_not_matter(self) -> None:
    values = np.random.default_rng(0).uniform(size=33)
    at_once = rates.mean(values)
    for most in (7, 33 * 999):
      with mock.patch.object(rates, '_MAX_DRAWN', most):
        self.assertEqual(rates.mean(values), at_once)

  @parameterized.parameters(
    ([], r'shape \[0\]; it must be \[pictures\]'),
    ([[0.1, 0.2]], r'shape \[1, 2\]; it must be \[pictures\]'),
    ([0.1, float('nan'), float('inf')], '2 values of 3 are NaN or infinite'),
  )
  def test_refuses(self, values: List[float], message: str) -> None:
    with self.assertRaisesRegex(ValueError, message):
      rates.mean(values)


if __name__ == '__main__':
  absltest.main()
