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

"""Tests for objectives."""

from absl.testing import absltest
import numpy as np
import tensorflow as tf

from magenta_viz.ascent import ascend
from magenta_viz.ascent import objectives
from magenta_viz.ascent import optimizers
from magenta_viz.ascent import parameterizations
from magenta_viz.ascent import transforms
from magenta_viz.models import slim_network


class ClassLogitTest(absltest.TestCase):
  def test_takes_each_pictures_own_class(self) -> None:
    logits = tf.constant([[0.0, 1.0, 2.0, 3.0], [-4.0, -5.0, -6.0, -7.0]])
    outputs = slim_network.Outputs(logits, {})
    scores = objectives.class_logit(outputs, tf.constant([2, 1]))
    np.testing.assert_array_equal(scores, [2, -5])

  def test_other_classes_do_not_count(self) -> None:
    logits = tf.constant([[0.0, 1.0, 2.0]])
    with tf.GradientTape() as tape:
      tape.watch(logits)
      outputs = slim_network.Outputs(logits, {})
      score = objectives.class_logit(outputs, tf.constant([1]))
    np.testing.assert_array_equal(tape.gradient(score, logits), [[0, 1, 0]])

  def test_rises_in_three_steps(self) -> None:
    kernel = tf.random.stateless_normal([3, 3, 3, 5], (1, 2))

    def network(images: tf.Tensor) -> slim_network.Outputs:
      net = tf.nn.softplus(tf.nn.conv2d(images, kernel, 1, 'SAME'))
      return slim_network.Outputs(tf.reduce_mean(net, [1, 2]), {})

    ascent = ascend.Ascent(
      network=network,
      parameterization=parameterizations.Fourier(
        height=12,
        width=12,
        decay_power=1.0,
        contrast=0.25,
        chroma=1.0,
        initial_deviation=0.01,
      ),
      objective=objectives.class_logit,
      optimizer=optimizers.Adam(),
      views=[transforms.RandomViews(12, (1, 1), 0, 0, 0)] * 4,
      learning_rates=[0.1] * 4,
    )
    generators = [np.random.default_rng(seed) for seed in range(5)]
    _, scores = ascent.run(np.arange(5, dtype=np.int32), generators)
    self.assertTrue(np.all(np.diff(scores, axis=0) > 0), scores)


if __name__ == '__main__':
  absltest.main()
