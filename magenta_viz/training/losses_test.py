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

"""Tests of the losses and counts, against plain NumPy."""

from typing import Sequence

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.training import losses

_LABELS = np.array([2, 0, 1, 2], np.int32)


def _logits(num_outputs: int = 3, seed: int = 0) -> np.ndarray:
  generator = np.random.RandomState(seed)
  return (3 * generator.randn(len(_LABELS), num_outputs)).astype(np.float32)


def _by_hand(logits: np.ndarray, smoothing: float) -> np.ndarray:
  """Cross entropy in float64, target by target."""
  result = []
  for row, label in zip(logits.astype(np.float64), _LABELS):
    shares = np.exp(row) / np.exp(row).sum()
    targets = np.full(len(row), smoothing / len(row))
    targets[label] += 1 - smoothing
    result.append(-(targets * np.log(shares)).sum())
  return np.array(result)


class CrossEntropyTest(parameterized.TestCase):
  @parameterized.product(smoothing=(0.0, 0.1, 0.9), num_outputs=(3, 11))
  def test_by_hand(self, smoothing: float, num_outputs: int) -> None:
    logits = _logits(num_outputs)
    found = losses.cross_entropy(tf.constant(logits), _LABELS, smoothing)
    self.assertEqual(found.dtype, tf.float32)
    np.testing.assert_allclose(found, _by_hand(logits, smoothing), rtol=1e-5)

  @parameterized.parameters(tf.bfloat16, tf.float16)
  def test_is_computed_in_float32(self, dtype: tf.DType) -> None:
    logits = tf.cast(_logits(), dtype)
    found = losses.cross_entropy(logits, _LABELS, 0.1)
    self.assertEqual(found.dtype, tf.float32)
    rounded = tf.cast(logits, tf.float32).numpy()
    np.testing.assert_allclose(found, _by_hand(rounded, 0.1), rtol=1e-5)

  @parameterized.parameters(0.0, 0.1)
  def test_auxiliary_classifiers(self, weight: float) -> None:
    main, first, second = (_logits(seed=seed) for seed in range(3))
    found = losses.classification_loss(
      tf.constant(main),
      [tf.constant(first), tf.constant(second)],
      _LABELS,
      smoothing=0.2,
      auxiliary_weight=weight,
    )
    both = _by_hand(first, 0.2) + _by_hand(second, 0.2)
    expected = _by_hand(main, 0.2) + weight * both
    np.testing.assert_allclose(found, expected, rtol=1e-5)

  def test_no_auxiliary_classifiers(self) -> None:
    logits = tf.constant(_logits())
    found = losses.classification_loss(logits, [], _LABELS, 0.2, 0.3)
    np.testing.assert_allclose(found, _by_hand(_logits(), 0.2), rtol=1e-5)


class CountTest(parameterized.TestCase):
  def assert_counts(
    self,
    logits: Sequence[Sequence[float]],
    labels: Sequence[int],
    top1: float,
    top5: float,
  ) -> None:
    ones = tf.ones(len(labels))
    found = losses.count(tf.constant(logits), tf.constant(labels), ones, ones)
    self.assertEqual(float(found.pictures), len(labels))
    self.assertEqual((float(found.top1), float(found.top5)), (top1, top5))

  def test_places(self) -> None:
    # Class 0 is first, fifth and sixth of seven.
    logits = [
      [9.0, 1, 2, 3, 4, 5, 6],
      [3.0, 1, 2, 4, 5, 6, 7],
      [2.0, 1, 3, 4, 5, 6, 7],
    ]
    self.assert_counts(logits, [0, 0, 0], top1=1, top5=2)

  @parameterized.parameters(1, 2, 4, 5)
  def test_few_classes(self, num_classes: int) -> None:
    # The right one is always the last.
    logits = [[-float(i) for i in range(num_classes)]]
    top1 = float(num_classes == 1)
    self.assert_counts(logits, [num_classes - 1], top1=top1, top5=1)

  def test_ties_are_no_luck(self) -> None:
    # A network that says the same of all classes, as SqueezeNet does when its
    # last ReLU lets nothing through, knows one picture of each seven.
    logits = [[0.0] * 7] * 7
    self.assert_counts(logits, list(range(7)), top1=1, top5=5)

  def test_ties_behind_the_first(self) -> None:
    self.assert_counts([[2.0, 1, 1, 1, 1, 1, 1]] * 2, [5, 3], top1=0, top5=1)

  def test_weights(self) -> None:
    logits = tf.constant([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    labels = tf.constant([0, 0, 0, 1])
    weights = tf.constant([1.0, 0, 1, 1])
    loss = tf.constant([1.0, 10, 100, 1000])
    found = losses.count(logits, labels, weights, loss)
    self.assertEqual([float(each) for each in found], [3, 2, 3, 1101])

  def test_nothing_but_fillings(self) -> None:
    zeros = tf.zeros(2)
    found = losses.count(tf.zeros([2, 3]), tf.constant([0, 1]), zeros, zeros)
    self.assertEqual([float(each) for each in found], [0, 0, 0, 0])

  @parameterized.parameters(1e38, 3e38, np.inf, np.nan)
  def test_weight_of_zero_does_not_count(self, huge: float) -> None:
    values = _logits()
    values[1] = [-huge, huge, -huge]
    weights = tf.constant([1.0, 0, 1, 1])
    logits = tf.constant(values)
    with tf.GradientTape() as tape:
      tape.watch(logits)
      loss = losses.cross_entropy(logits, _LABELS, 0.1)
      found = losses.count(logits, _LABELS, weights, loss)
    expected = _by_hand(_logits(), 0.1)[[0, 2, 3]].sum()
    np.testing.assert_allclose(found.loss, expected, rtol=1e-5)
    self.assertEqual(float(found.pictures), 3)
    if np.isfinite(huge):
      gradient = tape.gradient(found.loss, logits).numpy()
      np.testing.assert_array_equal(gradient[1], [0, 0, 0])
      self.assertTrue(np.isfinite(gradient).all())

  def test_loss_that_is_no_number_is_not_hidden(self) -> None:
    loss = tf.constant([1.0, np.nan])
    labels = tf.constant([0, 1])
    found = losses.count(tf.zeros([2, 3]), labels, tf.ones(2), loss)
    self.assertTrue(np.isnan(found.loss))


if __name__ == '__main__':
  absltest.main()
