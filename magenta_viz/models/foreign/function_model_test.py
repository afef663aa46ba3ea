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

"""Tests for function_model."""

from typing import Any

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models.foreign import function_model
from magenta_viz.models.foreign import input_format

_IMAGES = np.ones([2, 8, 8, 3], np.float32)


def _model(function: Any, name: str = 'mine') -> function_model.FunctionModel:
  return function_model.FunctionModel(
    function, name, (8, 8, 3), False, tf.float16
  )


class FunctionModelTest(parameterized.TestCase):
  @parameterized.parameters(
    (lambda x: x[:, 0, 0], ['output'], []),
    (lambda x: (x[:, 0, 0], {'map': x}), ['output'], ['map']),
    (lambda x: {'a': x[:, 0, 0], 'b': x[:, 0, 0]}, ['a', 'b'], []),
    (lambda x: ({'a': x[:, 0, 0]}, {'map': x}), ['a'], ['map']),
    # A constant need be no tensor.
    (lambda x: np.ones([2, 3], np.float32), ['output'], []),
  )
  def test_outputs(self, function: Any, outputs: Any, layers: Any) -> None:
    found = _model(function)(tf.constant(_IMAGES))
    self.assertEqual(list(found.outputs), outputs)
    self.assertEqual(list(found.layers), layers)
    for each in found.outputs.values():
      np.testing.assert_array_equal(each, np.ones([2, 3]))

  def test_attributes(self) -> None:
    model = _model(tf.identity, '<lambda>')
    self.assertEqual(model.name, 'lambda')
    self.assertEqual(model.input_shape, (8, 8, 3))
    self.assertEqual(model.dtype, tf.float16)
    self.assertFalse(model.is_channels_first)
    self.assertEqual(model.sha256, '')
    self.assertEqual(model.said, input_format.NOTHING_SAID)


if __name__ == '__main__':
  absltest.main()
