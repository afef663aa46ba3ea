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

"""Tests for random_direction."""

from typing import Any, List

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.ascent.objectives import random_direction
from magenta_viz.models import network_protocol

_FACET = random_direction.RandomDirection('middle', 40.0, 100)


def _reward(
  net: Any, sampled: np.ndarray, index: float = 0.0, facet: Any = _FACET
) -> np.ndarray:
  """Returns the rewards of a layer's activations."""
  net = tf.constant(net, tf.float32)
  outputs = network_protocol.Outputs(tf.zeros([len(net), 3]), {'middle': net})
  reward = facet.reward(outputs, tf.constant(sampled), tf.constant(index))
  return np.asarray(reward)


def _samples(seeds: List[int]) -> np.ndarray:
  return np.stack(
    [_FACET.sample(np.random.default_rng(seed)) for seed in seeds]
  )


def _noise(num_views: int, num_channels: int) -> np.ndarray:
  shape = (num_views, 3, 2, num_channels)
  return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


class RandomDirectionTest(parameterized.TestCase):
  def test_of_two_channels_one_is_wanted(self) -> None:
    # Less their mean they are as far up as down: along the direction, or
    # against it.
    sampled = _samples(list(range(60)))
    first = np.tile([1.0, 0.0], [60, 4, 4, 1])
    reward = _reward(first, sampled)
    np.testing.assert_allclose(np.abs(reward), 40, rtol=1e-5)
    np.testing.assert_allclose(_reward(first[..., ::-1], sampled), -reward)
    self.assertBetween(np.mean(reward > 0), 0.3, 0.7)

  @parameterized.parameters(
    (0, 1.0), (25, 0.75), (99, 0.01), (100, 0.0), (130, 0.0)
  )
  def test_fades(self, index: int, share: float) -> None:
    net, sampled = _noise(4, 7), _samples([1, 2, 3, 4])
    expected = share * _reward(net, sampled)
    self.assertGreater(np.abs(_reward(net, sampled)).min(), 0.1)
    np.testing.assert_allclose(
      _reward(net, sampled, float(index)), expected, rtol=1e-4, atol=1e-5
    )

  def test_is_of_the_mixture_of_channels_alone(self) -> None:
    net, sampled = _noise(2, 7), _samples([1, 2])
    expected = _reward(net, sampled)
    for same in (3 * net + 5, net[:, ::-1], net.mean((1, 2))):
      np.testing.assert_allclose(_reward(same, sampled), expected, rtol=1e-3)

  def test_of_nothing(self) -> None:
    np.testing.assert_array_equal(
      _reward(np.ones([2, 3, 3, 5]), _samples([1, 2])), [0, 0]
    )

  def test_each_picture_has_its_own(self) -> None:
    net, sampled = np.repeat(_noise(1, 50), 3, axis=0), _samples([1, 2, 1])
    first, second, third = _reward(net, sampled)
    self.assertNotAlmostEqual(first, second, delta=0.1)
    self.assertAlmostEqual(first, third, places=4)
    # In a batch as alone.
    alone = [_reward(net[:1], sampled[i : i + 1])[0] for i in range(3)]
    np.testing.assert_allclose([first, second, third], alone, rtol=1e-5)

  def test_unknown_layer(self) -> None:
    facet = random_direction.RandomDirection('midle', 1.0, 1)
    with self.assertRaisesRegex(ValueError, "unknown layer 'midle'; take one"):
      _reward(_noise(1, 3), _samples([1]), facet=facet)


if __name__ == '__main__':
  absltest.main()
