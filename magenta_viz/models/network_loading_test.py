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

"""Tests for network_loading."""

from pathlib import Path
from typing import Any, Dict, Optional

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models import model_spec
from magenta_viz.models import network_loading
from magenta_viz.models import network_source
from magenta_viz.models import slim_network
from magenta_viz.models import test_random_weights

_SPEC = model_spec.find_spec('squeezenet')


def _values() -> Dict[str, np.ndarray]:
  """Returns weights of SqueezeNet."""
  return test_random_weights.random_weights(
    {
      name: each.shape.as_list()
      for name, each in slim_network.variable_specs(_SPEC).items()
    }
  )


class LoadTest(parameterized.TestCase):
  def _source(self, model: Optional[str]) -> network_source.NetworkSource:
    path = Path(self.create_tempdir().full_path) / 'weights.npz'
    values: Dict[str, Any] = _values()
    np.savez(path, **values)
    return network_source.NetworkSource(model, path, 'here', '', 'a test')

  @parameterized.parameters(None, 'squeezenet')
  def test_network_with_its_weights(self, model: Optional[str]) -> None:
    network = network_loading.load(self._source(model), tf.float32)
    self.assertEqual(network.spec, _SPEC)
    images = tf.ones([1, 64, 80, 3]) / 3
    expected = slim_network.SlimNetwork(_SPEC, _values())(images).logits
    np.testing.assert_array_equal(network(images).logits, expected)

  def test_precision(self) -> None:
    network = network_loading.load(self._source(None), tf.bfloat16)
    self.assertEqual(network.dtype, tf.bfloat16)

  def test_weights_of_another_network(self) -> None:
    with self.assertRaisesRegex(ValueError, '^the checkpoint lacks '):
      network_loading.load(self._source('googlenet'), tf.float32)


if __name__ == '__main__':
  absltest.main()
