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

"""Tests of conv_gradient."""

import contextlib
from typing import Any, List, Tuple
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models import conv_gradient
from magenta_viz.testing import precisions as precision


def _arrays(*shapes: Tuple[int, ...]) -> List[np.ndarray]:
  generator = np.random.default_rng(0)
  return [generator.standard_normal(each, np.float32) for each in shapes]


def _graph_of(
  images: np.ndarray,
  weights: np.ndarray,
  is_turned: bool,
  is_fixed: bool = True,
  **kwargs: Any,
) -> Any:
  """Returns the graph of a convolution's gradient to images and weights."""
  fixed = tf.constant(weights)

  def gradients(images: tf.Tensor, given: tf.Tensor) -> Any:
    kernel = fixed if is_fixed else given
    with contextlib.ExitStack() as stack:
      if is_turned:
        stack.enter_context(conv_gradient.turned_convolutions())
      net = tf.nn.conv2d(images, kernel, **kwargs)
    # Not all outputs count the same.
    return tf.gradients(tf.reduce_sum(net**2), [images, kernel])

  traced = tf.function(gradients, autograph=False)
  return traced.get_concrete_function(images, weights)


def _operations(graph: Any) -> List[str]:
  return [each.type for each in graph.graph.get_operations()]


class TurnedConvolutionsTest(parameterized.TestCase):
  @parameterized.product(
    shape=((3, 3), (1, 1), (5, 3), (2, 4)),
    strides=(1, 2),
    padding=('SAME', 'VALID', [[0, 0], [2, 1], [0, 2], [0, 0]]),
  )
  def test_gradients_are_those_of_tensorflow(
    self, shape: Tuple[int, int], strides: int, padding: Any
  ) -> None:
    images, weights = _arrays((2, 9, 8, 4), (*shape, 4, 5))
    kwargs: Any = {'strides': strides, 'padding': padding}
    turned = _graph_of(images, weights, True, **kwargs)
    plain = _graph_of(images, weights, False, **kwargs)
    for found, expected in zip(turned(images, weights), plain(images, weights)):
      np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-3)

  def test_dilated_are_left_to_tensorflow(self) -> None:
    # Only its graph: TensorFlow cannot run it on every processor.
    images, weights = _arrays((2, 9, 8, 4), (3, 3, 4, 5))
    turned, plain = (
      _graph_of(
        images, weights, is_turned, strides=1, padding='SAME', dilations=2
      )
      for is_turned in (True, False)
    )
    for kind in ('Conv2DBackpropInput', 'Conv2DBackpropFilter'):
      (found,), (expected,) = (
        [each for each in graph.graph.get_operations() if each.type == kind]
        for graph in (turned, plain)
      )
      self.assertEqual(found.get_attr('dilations'), [1, 2, 2, 1])
      for name in ('dilations', 'strides', 'padding', 'data_format'):
        self.assertEqual(found.get_attr(name), expected.get_attr(name))

  def test_fixed_weights_are_turned(self) -> None:
    images, weights = _arrays((1, 9, 8, 4), (3, 3, 4, 5))
    turned = _graph_of(images, weights, True, strides=1, padding='SAME')
    self.assertNotIn('Conv2DBackpropInput', _operations(turned))
    self.assertEqual(_operations(turned).count('Conv2D'), 2)
    plain = _graph_of(images, weights, False, strides=1, padding='SAME')
    self.assertIn('Conv2DBackpropInput', _operations(plain))

  def test_one_by_one_is_centred_without_padding(self) -> None:
    for shape, is_turned in (((1, 1), True), ((3, 3), False), ((3, 1), False)):
      images, weights = _arrays((1, 9, 8, 4), (*shape, 4, 5))
      graph = _graph_of(images, weights, True, strides=1, padding='VALID')
      kinds = _operations(graph)
      self.assertEqual('Conv2DBackpropInput' not in kinds, is_turned)
      self.assertEqual(kinds.count('Conv2D'), 1 + is_turned)

  def test_constants_of_the_graph_are_turned(self) -> None:
    images, weights = _arrays((2, 9, 8, 4), (3, 3, 4, 5))

    def gradients(images: tf.Tensor, is_turned: bool) -> Any:
      # As in a graph that was frozen.
      kernel = tf.raw_ops.Const(
        value=tf.make_tensor_proto(weights), dtype=tf.float32
      )
      self.assertEqual(kernel.op.type, 'Const')
      with contextlib.ExitStack() as stack:
        if is_turned:
          stack.enter_context(conv_gradient.turned_convolutions())
        net = tf.nn.conv2d(images, kernel, 1, 'SAME')
      return tf.gradients(tf.reduce_sum(net**2), [images])[0]

    traced = tf.function(gradients, autograph=False)
    graph = traced.get_concrete_function(images, True)
    self.assertNotIn('Conv2DBackpropInput', _operations(graph))
    self.assertEqual(_operations(graph).count('Conv2D'), 2)
    np.testing.assert_allclose(
      traced(images, True), traced(images, False), rtol=1e-4, atol=1e-3
    )

  def test_weights_that_change_are_not_turned_at_each_step(self) -> None:
    images, weights = _arrays((1, 9, 8, 4), (3, 3, 4, 5))
    kwargs: Any = {'strides': 1, 'padding': 'SAME', 'is_fixed': False}
    turned = _graph_of(images, weights, True, **kwargs)
    self.assertIn('Conv2DBackpropInput', _operations(turned))
    plain = _graph_of(images, weights, False, **kwargs)
    for found, expected in zip(turned(images, weights), plain(images, weights)):
      np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-3)

  @parameterized.product(
    dtype=(tf.float32, tf.bfloat16, tf.float16),
    strides=(1, 2),
    padding=('SAME', 'VALID'),
  )
  def test_depthwise(self, dtype: tf.DType, strides: int, padding: str) -> None:
    if dtype == tf.bfloat16:
      precision.need_bfloat16()
    images, weights, scales = _arrays((2, 9, 8, 4), (5, 5, 4, 1), (4,))

    def gradients(around: Any, dtype: tf.DType) -> Any:
      def run(images: tf.Tensor, kernel: tf.Tensor) -> Any:
        with around:
          net = tf.nn.depthwise_conv2d(
            images, kernel, [1, strides, strides, 1], padding
          )
        net *= tf.cast(scales, dtype)
        return tf.gradients(tf.reduce_sum(net), [images, kernel])

      given = [tf.cast(each, dtype) for each in (images, weights)]
      return tf.function(run, autograph=False)(*given)

    found = gradients(conv_gradient.turned_convolutions(), dtype)
    expected = gradients(contextlib.nullcontext(), tf.float32)
    for mine, theirs in zip(found, expected):
      self.assertEqual(mine.dtype, dtype)
      tolerance = 1e-4 if dtype == tf.float32 else 0.1
      np.testing.assert_allclose(
        tf.cast(mine, tf.float32), theirs, rtol=tolerance, atol=5 * tolerance
      )

  def test_slow_depthwise_in_half_precision_goes_by_float32(self) -> None:
    images, weights = map(tf.constant, _arrays((1, 9, 8, 4), (3, 3, 4, 1)))

    def gradients(images: tf.Tensor, strides: int) -> Any:
      with conv_gradient.turned_convolutions():
        net = tf.nn.depthwise_conv2d(
          images,
          tf.cast(weights, images.dtype),
          [1, strides, strides, 1],
          'SAME',
        )
      return tf.gradients(net, [images])

    kind = 'DepthwiseConv2dNativeBackpropInput'
    for has_it, strides, dtype in (
      (True, 1, tf.float16),
      (True, 2, tf.float32),
      (False, 1, tf.float32),
    ):
      patch = mock.patch.object(
        conv_gradient, '_has_gradient', return_value=has_it
      )
      self.enter_context(patch)
      traced = tf.function(gradients, autograph=False)
      graph = traced.get_concrete_function(
        tf.TensorSpec(images.shape, tf.float16), strides
      ).graph
      (found,) = [each for each in graph.get_operations() if each.type == kind]
      self.assertEqual(found.get_attr('T'), dtype)
      self.assertEqual(graph.outputs[0].dtype, tf.float16)

  def test_ends_with_the_block(self) -> None:
    images, weights = map(tf.constant, _arrays((1, 9, 8, 4), (3, 3, 4, 5)))

    def after(images: tf.Tensor) -> Any:
      with conv_gradient.turned_convolutions():
        pass
      net = tf.nn.conv2d(images, weights, 1, 'SAME')
      return tf.gradients(net, [images])

    traced = tf.function(after, autograph=False)
    graph = traced.get_concrete_function(images)
    self.assertIn('Conv2DBackpropInput', _operations(graph))


if __name__ == '__main__':
  absltest.main()
