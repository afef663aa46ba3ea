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

from typing import Any, Sequence

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

  @parameterized.product(weight=(0.0, 0.1), num_heads=(0, 2))
  def test_auxiliary_classifiers(self, weight: float, num_heads: int) -> None:
    main, *heads = (_logits(seed=seed) for seed in range(1 + num_heads))
    found = losses.classification_loss(
      tf.constant(main),
      [tf.constant(each) for each in heads],
      _LABELS,
      smoothing=0.2,
      auxiliary_weight=weight,
    )
    inner = [weight * _by_hand(each, 0.2) for each in heads]
    expected = _by_hand(main, 0.2) + sum(inner, np.zeros(4))
    np.testing.assert_allclose(found, expected, rtol=1e-5)


class CountTest(parameterized.TestCase):
  @parameterized.parameters(
    # Class 0 is first, fifth and sixth of seven.
    ([[9, 1, 2, 3, 4, 5, 6]], [0], 1, 1),
    ([[3, 1, 2, 4, 5, 6, 7]], [0], 0, 1),
    ([[2, 1, 3, 4, 5, 6, 7]], [0], 0, 0),
    # Few classes, of which the right one is the last.
    ([[0]], [0], 1, 1),
    ([[0, -1]], [1], 0, 1),
    ([[0, -1, -2, -3]], [3], 0, 1),
    ([[0, -1, -2, -3, -4]], [4], 0, 1),
    # A network that says the same of all classes, as SqueezeNet does when its
    # last ReLU lets nothing through, knows one picture of each seven.
    ([[0] * 7] * 7, range(7), 1, 5),
    ([[2, 1, 1, 1, 1, 1, 1]] * 2, [5, 3], 0, 1),
  )
  def test_places(
    self, logits: Any, labels: Sequence[int], top1: int, top5: int
  ) -> None:
    ones = tf.ones(len(labels))
    found = losses.count(
      tf.constant(logits, tf.float32), tf.constant(list(labels)), ones, ones
    )
    self.assertEqual(
      [float(each) for each in found[:3]], [len(labels), top1, top5]
    )

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
