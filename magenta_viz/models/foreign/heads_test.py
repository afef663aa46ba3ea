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

"""Tests for heads."""

from typing import Any, Callable

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models.foreign import heads

_LOGITS = np.array([[1.0, -2.0, 0.5], [0.0, 4.0, -1.0]], np.float32)


def _undo(
  function: Callable[[Any], Any], logits: np.ndarray, **kwargs: Any
) -> Any:
  """Returns the logits of what a function gives, and what was undone."""
  undone = []

  def run(given: tf.Tensor) -> tf.Tensor:
    head = heads.undo(function(given), **kwargs)
    undone.append(head.undone)
    return head.logits

  found = tf.function(run, autograph=False)(logits)
  return found.numpy(), undone[0]


class UndoTest(parameterized.TestCase):
  @parameterized.parameters(
    (tf.nn.softmax, 'softmax'),
    (tf.nn.log_softmax, 'softmax'),
    (tf.nn.sigmoid, 'sigmoid'),
    (tf.identity, ''),
    (lambda x: tf.identity(tf.cast(tf.nn.softmax(x), tf.float16)), 'softmax'),
    (lambda x: tf.reshape(tf.nn.softmax(x), [-1, 3]), 'softmax'),
    (
      lambda x: tf.squeeze(tf.nn.softmax(x[:, None, None]), [1, 2]),
      'softmax',
    ),
  )
  def test_logits(self, function: Callable[[Any], Any], undone: str) -> None:
    found, what = _undo(function, _LOGITS)
    self.assertEqual(what, undone)
    self.assertEqual(found.dtype, np.float32)
    np.testing.assert_allclose(found, _LOGITS, atol=1e-6)

  def test_what_comes_after_a_softmax_is_left(self) -> None:
    found, undone = _undo(lambda x: 2 * tf.nn.softmax(x), _LOGITS)
    self.assertEqual(undone, '')
    np.testing.assert_allclose(found, 2 * tf.nn.softmax(_LOGITS), atol=1e-6)

  def test_known_probabilities_within_a_function(self) -> None:
    inside = tf.function(tf.nn.softmax, autograph=False)
    found, undone = _undo(inside, _LOGITS, are_probabilities=True)
    self.assertEqual(undone, 'softmax')
    # The logits, but for a number that all classes have in common.
    np.testing.assert_allclose(
      found - found[:, :1], _LOGITS - _LOGITS[:, :1], atol=1e-5
    )
    # It cannot be seen, and nobody knows.
    found, undone = _undo(inside, _LOGITS)
    self.assertEqual(undone, '')
    np.testing.assert_allclose(found, tf.nn.softmax(_LOGITS), atol=1e-6)

  def test_a_softmax_in_sight_is_undone_exactly(self) -> None:
    logits = np.array([[0.0, 200.0]], np.float32)
    found, _ = _undo(tf.nn.softmax, logits, are_probabilities=True)
    np.testing.assert_array_equal(found, logits)

  def test_probability_of_0(self) -> None:
    logits = np.array([[0.0, 200.0]], np.float32)
    inside = tf.function(tf.nn.softmax, autograph=False)
    found, _ = _undo(inside, logits, are_probabilities=True)
    self.assertTrue(np.isfinite(found).all())

  def test_one_score_without_a_side(self) -> None:
    found, undone = _undo(
      lambda x: tf.reshape(tf.nn.sigmoid(x), [-1]), _LOGITS[:, :1]
    )
    self.assertEqual(undone, 'sigmoid')
    np.testing.assert_allclose(found, _LOGITS[:, :1], atol=1e-6)

  def test_scores_of_places(self) -> None:
    maps = np.random.RandomState(0).randn(2, 3, 4, 5).astype(np.float32)
    found, undone = _undo(tf.nn.softmax, maps)
    self.assertEqual(undone, 'softmax')
    np.testing.assert_allclose(found, maps.mean((1, 2)), atol=1e-6)


class ProbabilitiesTest(parameterized.TestCase):
  @parameterized.parameters(
    ([[0.25, 0.75], [1.0, 0.0]], True),
    # As float16 rounds.
    ([[0.2505, 0.754], [0.999, 0.0]], True),
    ([[0.25, 0.75], [0.5, 0.6]], False),
    ([[1.25, -0.25]], False),
    ([[1.0]], False),
    ([[np.nan, 1.0]], False),
    ([[[[0.5, 0.5]]]], True),
  )
  def test_by_value(self, values: Any, expected: bool) -> None:
    self.assertEqual(heads.are_probabilities(np.array(values)), expected)

  def test_both_classes(self) -> None:
    logits = tf.constant([[-3.0], [0.0], [2.0]])
    found = heads.both_classes(logits)
    self.assertEqual(found.shape, [3, 2])
    np.testing.assert_allclose(
      tf.nn.softmax(found)[:, 1], tf.nn.sigmoid(logits)[:, 0], atol=1e-6
    )


if __name__ == '__main__':
  absltest.main()
