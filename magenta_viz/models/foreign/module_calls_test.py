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

"""Tests for module_calls."""

import threading
from typing import Any, List

from absl.testing import absltest
import numpy as np
import tensorflow as tf

from magenta_viz.models.foreign import module_calls


class _Scale(tf.Module):
  def __init__(self, factor: float):
    super().__init__()
    self.factor = tf.Variable(factor)

  def __call__(self, images: tf.Tensor) -> tf.Tensor:
    return self.factor * images


class _Inheriting(_Scale):
  pass


class _Shifted(_Scale):
  def __call__(self, images: tf.Tensor) -> tf.Tensor:
    return super().__call__(images) + 1.0


class _Compiled(_Scale):
  @tf.function
  def __call__(self, images: tf.Tensor) -> tf.Tensor:
    return self.factor * images


class _Block(tf.Module):
  def __init__(self) -> None:
    super().__init__()
    self.parts: Any = [_Scale(2.0), {'shifted': _Shifted(3.0)}]
    self.above = self

  def __call__(self, images: tf.Tensor) -> Any:
    # The first of several, as with layers of Keras.
    return self.parts[1]['shifted'](self.parts[0](images)), images


class _Network(tf.Module):
  def __init__(self) -> None:
    super().__init__()
    self.block = _Block()
    self.inheriting = _Inheriting(5.0)
    self.again = self.inheriting
    self.compiled = _Compiled(7.0)
    self.unused = _Scale(0.0)

  def __call__(self, images: tf.Tensor) -> tf.Tensor:
    net, _ = self.block(images)
    return self.compiled(self.inheriting(self.inheriting(net)))


def _call(module: tf.Module) -> Any:
  """Returns what a module gives for a 1, and what its modules do."""

  @tf.function(autograph=False)
  def run(images: tf.Tensor) -> Any:
    return module_calls.call(module, images)

  return run(tf.ones([1, 2, 2, 3]))


class ModuleCallsTest(absltest.TestCase):
  def test_layers(self) -> None:
    found, layers = _call(_Network())
    self.assertEqual(
      {name: float(each[0, 0, 0, 0]) for name, each in layers.items()},
      {
        'block/parts/0': 2,
        'block/parts/1/shifted': 7,
        'block': 7,
        'inheriting': 35,
        'inheriting/2': 175,
        'compiled': 1225,
      },
    )
    np.testing.assert_array_equal(found, np.full([1, 2, 2, 3], 1225))

  def test_classes_are_left_as_they_were(self) -> None:
    kinds = [_Network, _Block, _Scale, _Inheriting, _Shifted, _Compiled]
    before = [vars(kind).get('__call__') for kind in kinds]
    _call(_Network())

    class Broken(tf.Module):
      def __init__(self) -> None:
        super().__init__()
        self.scale = _Inheriting(1.0)

      def __call__(self, images: tf.Tensor) -> tf.Tensor:
        raise KeyError('broken')

    with self.assertRaisesRegex(KeyError, 'broken'):
      _call(Broken())
    after = [vars(kind).get('__call__') for kind in kinds]
    for one, other in zip(before, after):
      self.assertIs(one, other)

  def test_other_threads_and_modules_are_not_heeded(self) -> None:
    other = _Scale(1.0)
    seen: List[float] = []

    class Calling(tf.Module):
      def __init__(self) -> None:
        super().__init__()
        self.scale = _Scale(2.0)

      def __call__(self, images: tf.Tensor) -> tf.Tensor:
        thread = threading.Thread(
          target=lambda: seen.append(float(self.scale(tf.constant(4.0))))
        )
        thread.start()
        thread.join()
        return self.scale(other(images))

    _, layers = _call(Calling())
    self.assertEqual(list(layers), ['scale'])
    self.assertEqual(seen, [8.0])


if __name__ == '__main__':
  absltest.main()
