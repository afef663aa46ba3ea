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

"""Tests for components."""

from typing import Any

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models.foreign import components
from magenta_viz.models.foreign import raw_model


def _components(directions: Any, height: int = 5, width: int = 4) -> np.ndarray:
  """Returns components of a model whose scores are linear in channels.

  Args:
    directions: [channels, scores].
    height: Of its pictures.
    width: Likewise.
  """
  matrix = tf.constant(directions, tf.float32)

  def model(images: tf.Tensor) -> raw_model.RawOutputs:
    # One score a place, so that the gradient differs from place to place.
    return raw_model.RawOutputs({'scores': tf.tensordot(images, matrix, 1)}, {})

  return components.of_model(model, height, width, len(directions))


class ComponentsTest(parameterized.TestCase):
  def test_of_known_gradients(self) -> None:
    # Scores by directions at right angles, whose values have nothing in common
    # either, as all but one of them sum to 0.
    axes: Any = [[1, -1, 0, 0, 0, 0], [0, 0, 3, -3, 0, 0], [0, 0, 0, 0, 0.3, 0]]
    found = _components(np.transpose(axes), 16, 12)
    self.assertEqual(found.dtype, np.float32)
    # Signs of what sums to 0 are of no one's choice.
    found *= np.sign(found[np.arange(3), [2, 0, 4]])[:, None]
    half = np.sqrt(0.5)
    np.testing.assert_allclose(
      found,
      [
        [0, 0, half, -half, 0, 0],
        [half, -half, 0, 0, 0, 0],
        [0, 0, 0, 0, 1, 0],
      ],
      atol=0.05,
    )
    np.testing.assert_allclose(found[:, 5], 0, atol=1e-6)

  def test_no_channel_leaves_its_range(self) -> None:
    found = _components(np.random.RandomState(0).randn(7, 4))
    corners = np.stack(np.meshgrid(*[[0, 1]] * 3), -1).reshape(-1, 3)
    values = (corners - 0.5) @ found + 0.5
    self.assertAlmostEqual(values.min(), 0, places=5)
    self.assertAlmostEqual(values.max(), 1, places=5)

  def test_strongest_are_brighter(self) -> None:
    found = _components(-np.eye(4))
    self.assertGreaterEqual(found.sum(1).min(), 0)

  def test_what_is_not_heeded_has_no_part(self) -> None:
    found = _components([[1.0], [0.0], [2.0], [0.0]])
    expected = np.zeros((3, 4))
    expected[0] = [0.5, 0, 1, 0]
    np.testing.assert_allclose(found, expected, atol=1e-4)

  def test_two_channels(self) -> None:
    found = _components([[1.0, 0], [0, 3.0]])
    self.assertEqual(found.shape, (3, 2))
    np.testing.assert_array_equal(found[2], 0)
    self.assertGreater(found[0, 1], 0.9)

  def test_nothing_is_heeded(self) -> None:
    np.testing.assert_array_equal(_components(np.zeros((4, 2))), 0)

  def test_is_the_same_each_time(self) -> None:
    directions = np.random.RandomState(0).randn(7, 4)
    np.testing.assert_array_equal(
      _components(directions), _components(directions)
    )


if __name__ == '__main__':
  absltest.main()
