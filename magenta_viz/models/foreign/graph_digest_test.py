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

"""Tests for graph_digest."""

from typing import Any, Callable

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models.foreign import graph_digest

keras: Any = tf.keras
layers: Any = keras.layers


def _sha256(function: Callable[..., Any]) -> str:
  spec = tf.TensorSpec([None, 8, 8, 3])
  traced = tf.function(function, [spec], autograph=False)
  return graph_digest.sha256(traced.get_concrete_function())


def _model(strides: int = 1, weight: float = 0.5) -> Any:
  model = keras.Sequential(
    [
      keras.Input([8, 8, 3]),
      layers.Conv2D(4, 3, strides, activation='relu'),
      layers.GlobalAveragePooling2D(),
      layers.Dense(2, activation='softmax'),
    ]
  )
  shapes = [each.shape for each in model.get_weights()]
  model.set_weights(
    [np.full(shape, weight * i, np.float32) for i, shape in enumerate(shapes)]
  )
  return model


def _of_model(**kwargs: Any) -> str:
  model = _model(**kwargs)
  return _sha256(lambda images: model(images, training=False))


def _nested(constant: float, other: float = 2.0) -> Callable[..., Any]:
  """Returns a function that calls functions, of new names each time."""

  @tf.function(autograph=False)
  def add(net: tf.Tensor) -> tf.Tensor:
    return net + constant

  @tf.function(autograph=False)
  def add_other(net: tf.Tensor) -> tf.Tensor:
    return add(net) + other

  return lambda images: add_other(add(images))


class GraphDigestTest(parameterized.TestCase):
  def test_same_model_made_twice(self) -> None:
    first = _of_model()
    self.assertRegex(first, '^[0-9a-f]{64}$')
    # Their layers and functions have other names.
    self.assertEqual(_of_model(), first)

  def test_others(self) -> None:
    found = [_of_model(), _of_model(strides=2), _of_model(weight=0.75)]
    self.assertLen(set(found), 3)

  def test_a_weight_that_changes(self) -> None:
    model = _model()
    traced = tf.function(lambda images: model(images, training=False))
    concrete = traced.get_concrete_function(tf.TensorSpec([1, 8, 8, 3]))
    before = graph_digest.sha256(concrete)
    self.assertEqual(graph_digest.sha256(concrete), before)
    weights = model.get_weights()
    changed = [each.copy() for each in weights]
    changed[0][0, 0, 0, 0] += 1e-6
    model.set_weights(changed)
    self.assertNotEqual(graph_digest.sha256(concrete), before)
    model.set_weights(weights)
    self.assertEqual(graph_digest.sha256(concrete), before)

  def test_functions_within(self) -> None:
    first = _sha256(_nested(1.0))
    self.assertEqual(_sha256(_nested(1.0)), first)
    others = [_sha256(_nested(*each)) for each in ((3.0,), (1.0, 3.0))]
    self.assertLen({first, *others}, 3)
    # Which of two alike is called where.
    self.assertNotEqual(_sha256(_nested(2.0, 1.0)), first)

  def test_which_function_is_called(self) -> None:
    made = [
      tf.function(lambda net, each=each: net * each, autograph=False)
      for each in (2.0, 3.0)
    ]

    def build(first: int) -> Callable[..., Any]:
      return lambda images: made[first](images) - 2 * made[1 - first](images)

    self.assertEqual(_sha256(build(0)), _sha256(build(0)))
    self.assertNotEqual(_sha256(build(0)), _sha256(build(1)))

  @parameterized.parameters(
    (lambda x: tf.exp(x) - tf.sin(x), lambda x: tf.sin(tf.exp(x)) - x),
    (lambda x: x[..., :1] - x[..., 1:], lambda x: x[..., 1:] - x[..., :1]),
    (lambda x: tf.split(x, 3, -1)[0], lambda x: tf.split(x, 3, -1)[1]),
    (lambda x: (tf.exp(x), tf.sin(x)), lambda x: (tf.sin(x), tf.exp(x))),
    (
      lambda x: tf.cond(x[0, 0, 0, 0] > 0, lambda: x + 1, lambda: x),
      lambda x: tf.cond(x[0, 0, 0, 0] > 0, lambda: x, lambda: x + 1),
    ),
  )
  def test_what_is_given_to_what(self, first: Any, second: Any) -> None:
    self.assertNotEqual(_sha256(first), _sha256(second))
    self.assertEqual(_sha256(first), _sha256(first))

  def test_captured_constants(self) -> None:
    def build(value: float) -> Callable[..., Any]:
      constant = tf.constant(np.full([8, 8, 3], value, np.float32))
      return lambda images: images + constant

    self.assertEqual(_sha256(build(1)), _sha256(build(1)))
    self.assertNotEqual(_sha256(build(1)), _sha256(build(2)))

  def test_names_do_not_count(self) -> None:
    self.assertEqual(
      _sha256(lambda images: tf.exp(images, name='a')),
      _sha256(lambda images: tf.exp(images, name='b')),
    )


if __name__ == '__main__':
  absltest.main()
