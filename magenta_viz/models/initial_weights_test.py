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

"""Tests of the first values of networks' variables."""

from typing import Sequence

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models import initial_weights
from magenta_viz.models import model_spec
from magenta_viz.models import slim_network

_NUM_CLASSES = 5


def _spec(model: str) -> model_spec.ModelSpec:
  return model_spec.find_spec(model).for_classes(_NUM_CLASSES, 64)


class InitialWeightsTest(parameterized.TestCase):
  @parameterized.parameters(
    ('inception_v1', ()),
    ('squeezenet', ()),
    ('googlenet', ()),
    ('googlenet', ('loss1', 'loss2')),
  )
  def test_what_the_network_asks_for(
    self, model: str, heads: Sequence[str]
  ) -> None:
    found = initial_weights.sample(_spec(model), 0, heads)
    expected = slim_network.variable_specs(_spec(model), heads)
    self.assertEqual(list(found.values), list(expected))
    for name, value in found.values.items():
      self.assertEqual(value.dtype, np.float32, name)
      self.assertEqual(list(value.shape), expected[name].shape.as_list(), name)
      kind = name.split('/')[-1]
      if kind.endswith('weights'):
        self.assertGreater(value.std(), 1e-4, name)
        # Sampled about 0: five standard errors.
        limit = 5 * value.std() / np.sqrt(value.size)
        self.assertLess(abs(value.mean()), limit, name)
      else:
        constant = 1 if kind in ('moving_variance', 'gamma') else 0
        np.testing.assert_array_equal(value, np.full(value.shape, constant))

  @parameterized.parameters(*model_spec.MODEL_SPECS)
  def test_what_gradients_change(self, model: str) -> None:
    found = initial_weights.sample(_spec(model), 0)
    self.assertEqual(
      list(found.trainable),
      [name for name in found.values if '/moving_' not in name],
    )
    averages = len(found.values) - len(found.trainable)
    # Two of each convolution but the last.
    normalized = {'inception_v1': 57, 'efficientnet_lite0': 49}
    self.assertEqual(averages, 2 * normalized.get(model, 0))

  def test_layers_differ(self) -> None:
    values = initial_weights.sample(_spec('squeezenet'), 0).values
    np.testing.assert_equal(
      values['fire2/expand1x1/weights'].shape,
      values['fire3/expand1x1/weights'].shape,
    )
    self.assertFalse(
      np.allclose(
        values['fire2/expand1x1/weights'], values['fire3/expand1x1/weights']
      )
    )

  def test_seed(self) -> None:
    first = initial_weights.sample(_spec('squeezenet'), 3).values
    tf.random.uniform([])
    np.random.rand()
    again = initial_weights.sample(_spec('squeezenet'), 3).values
    other = initial_weights.sample(_spec('squeezenet'), 4).values
    for name, value in first.items():
      np.testing.assert_array_equal(value, again[name])
      if name.endswith('/weights'):
        self.assertFalse(np.allclose(value, other[name]), name)

  def test_leaves_global_seeds_alone(self) -> None:
    before = tf.compat.v1.get_seed(1)
    generator = np.random.get_state(legacy=False)
    initial_weights.sample(_spec('squeezenet'), 3)
    self.assertEqual(tf.compat.v1.get_seed(1), before)
    np.testing.assert_equal(np.random.get_state(legacy=False), generator)


if __name__ == '__main__':
  absltest.main()
