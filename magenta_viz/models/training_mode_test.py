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

"""Tests of what networks do in training."""

from typing import Optional

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models import training_mode

_SHAPE = (2, 30, 40, 5)


def _mode(
  seed: int = 0, share: Optional[float] = None
) -> training_mode.TrainingMode:
  return training_mode.TrainingMode(tf.constant([seed, 7], tf.int64), share)


def _inputs() -> tf.Tensor:
  return tf.constant(np.random.RandomState(0).uniform(1, 2, _SHAPE), tf.float32)


class DropoutTest(parameterized.TestCase):
  @parameterized.parameters(0.2, 0.5, 0.7)
  def test_share_and_scale(self, share: float) -> None:
    inputs = _inputs()
    found = training_mode.dropout(inputs, share, _mode()).numpy()
    # 12,000 draws: four standard deviations are below 0.02.
    self.assertAlmostEqual(np.mean(found == 0), share, delta=0.02)
    kept = found != 0
    np.testing.assert_allclose(
      found[kept], inputs.numpy()[kept] / (1 - share), rtol=1e-6
    )

  def test_none_is_dropped(self) -> None:
    inputs = _inputs()
    # Not in training.
    self.assertIs(training_mode.dropout(inputs, 0.5, None), inputs)
    self.assertIs(training_mode.dropout(inputs, 0.0, _mode()), inputs)
    # A share of 0 that is asked for is not the network's own.
    self.assertIs(training_mode.dropout(inputs, 0.5, _mode(share=0.0)), inputs)

  def test_share_that_is_asked_for(self) -> None:
    found = training_mode.dropout(_inputs(), 0.2, _mode(share=0.9)).numpy()
    self.assertAlmostEqual(np.mean(found == 0), 0.9, delta=0.02)

  def test_seed_and_layer(self) -> None:
    inputs = _inputs()
    first = training_mode.dropout(inputs, 0.5, _mode()).numpy()
    # Whatever was drawn in between.
    for mode, index in ((_mode(1), 0), (_mode(), 1), (_mode(), 2)):
      other = training_mode.dropout(inputs, 0.5, mode, index).numpy()
      self.assertAlmostEqual(
        np.mean((first == 0) == (other == 0)), 0.5, delta=0.03
      )
    # tf.function knows no number of pictures here.
    again = tf.function(
      lambda inputs: training_mode.dropout(inputs, 0.5, _mode()),
      input_signature=[tf.TensorSpec([None, *_SHAPE[1:]], tf.float32)],
      autograph=False,
    )(inputs)
    np.testing.assert_array_equal(first, again)

  def test_pictures_and_channels_differ(self) -> None:
    found = training_mode.dropout(_inputs(), 0.5, _mode()).numpy() == 0
    self.assertFalse(np.array_equal(found[0], found[1]))
    self.assertFalse(np.array_equal(found[..., 0], found[..., 1]))

  def test_gradient(self) -> None:
    inputs = _inputs()
    with tf.GradientTape() as tape:
      tape.watch(inputs)
      found = training_mode.dropout(inputs, 0.75, _mode())
    gradient = tape.gradient(found, inputs)
    np.testing.assert_allclose(gradient, np.where(found == 0, 0, 4), rtol=1e-6)

  @parameterized.parameters(tf.bfloat16, tf.float16)
  def test_dtype(self, dtype: tf.DType) -> None:
    found = training_mode.dropout(tf.cast(_inputs(), dtype), 0.5, _mode())
    self.assertEqual(found.dtype, dtype)
    same = training_mode.dropout(_inputs(), 0.5, _mode())
    np.testing.assert_array_equal(found == 0, same == 0)


if __name__ == '__main__':
  absltest.main()
