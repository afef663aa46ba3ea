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

"""Tests of first_layer."""

from typing import Any, Dict, List, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf
import tf_slim as slim

from magenta_viz.models import first_layer

_CHANNELS = 5


def _slims(
  images: tf.Tensor, channels: int, side: int, scope: str
) -> tf.Tensor:
  return slim.conv2d(
    images, channels, side, stride=2, padding='VALID', scope=scope
  )


def _run(
  conv: Any, images: np.ndarray, side: int, dtype: tf.DType = tf.float32
) -> Tuple[np.ndarray, List[np.ndarray], Dict[str, Any]]:
  """Returns the output, its gradients and the variables' names and shapes.

  The gradients are those to the images and to the variables.
  """
  variables: Dict[str, tf.Tensor] = {}
  generator = np.random.default_rng(0)

  def getter(
    getter: Any, name: str, shape: Any, dtype: Any, **unused_kwargs: Any
  ) -> tf.Tensor:
    value = generator.standard_normal(tuple(shape))
    variables[name] = tf.cast(value, dtype)
    tape.watch(variables[name])
    return variables[name]

  seen = tf.cast(images, dtype)
  with tf.GradientTape() as tape:
    tape.watch(seen)
    with tf.compat.v1.variable_scope('', custom_getter=getter):
      net = conv(seen, _CHANNELS, side, 'net/conv')
    # Not all outputs count the same.
    score = tf.reduce_sum(tf.cast(net, tf.float32) ** 2)
  gradients = tape.gradient(score, [seen, *variables.values()])
  shapes = {name: value.shape for name, value in variables.items()}
  return net, [np.array(tf.cast(g, tf.float32)) for g in gradients], shapes


class HalvingConvTest(parameterized.TestCase):
  @parameterized.product(
    side=(1, 3, 5, 7), height=(7, 10, 15), width=(8, 9, 14)
  )
  def test_is_slims(self, side: int, height: int, width: int) -> None:
    images = np.random.default_rng(1).uniform(-9, 9, (2, height, width, 3))
    found, gradients, shapes = _run(first_layer.halving_conv, images, side)
    expected, expected_gradients, expected_shapes = _run(_slims, images, side)
    self.assertEqual(shapes, expected_shapes)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-3)
    self.assertLen(gradients, 3)
    for gradient, wanted in zip(gradients, expected_gradients):
      np.testing.assert_allclose(gradient, wanted, rtol=1e-4, atol=0.1)

  def test_keeps_bfloat16(self) -> None:
    net, *_ = _run(
      first_layer.halving_conv, np.ones((1, 8, 8, 3)), 3, tf.bfloat16
    )
    self.assertEqual(net.dtype, tf.bfloat16)


if __name__ == '__main__':
  absltest.main()
