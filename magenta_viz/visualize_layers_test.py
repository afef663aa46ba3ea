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

"""Tests of the layers of networks, as Python's users list them."""

from unittest import mock

from absl.testing import absltest
import numpy as np
import tensorflow as tf

from magenta_viz import visualize
from magenta_viz.models import network_source


class LayersTest(absltest.TestCase):
  def weights(self) -> str:
    """Returns the path of weights that no name tells the network of."""
    path = self.create_tempfile('weights.npz').full_path
    np.savez(path, conv1=np.zeros([1]))
    return path

  def test_of_one_network(self) -> None:
    lines = visualize.layers(models='squeezenet')
    self.assertIn('fire8/concat        13 x 13   512 channels', lines)
    self.assertEqual(visualize.layers('squeezenet'), lines)
    found = mock.Mock(model='squeezenet')
    with mock.patch.object(network_source.Resolved, 'find', lambda _: found):
      self.assertEqual(visualize.layers(), lines)
    with self.assertRaisesRegex(ValueError, '^give --list_layers a --model'):
      visualize.layers(checkpoints=self.weights())

  def test_of_several(self) -> None:
    lines = visualize.layers(models=('squeezenet', 'efficientnet_lite0'))
    names = [line.split('@')[0] for line in lines]
    self.assertEqual(set(names), {'squeezenet', 'efficientnet_lite0'})

  def test_of_a_network_of_the_callers(self) -> None:
    tf.keras.utils.set_random_seed(0)
    model = tf.keras.Sequential(
      [
        tf.keras.Input(shape=(32, 32, 3)),
        tf.keras.layers.Conv2D(5, 3, name='first'),
        tf.keras.layers.GlobalAveragePooling2D(),
      ]
    )
    (line,) = [x for x in visualize.layers(network=model) if 'first' in x]
    self.assertRegex(line, r'^first\b.* 30 x 30 +5 channels$')

  def test_unknown_network(self) -> None:
    with self.assertRaisesRegex(ValueError, 'squeezenut.*squeezenet'):
      visualize.layers(models='squeezenut')
    with self.assertRaisesRegex(TypeError, "no setting 'model'.*models"):
      visualize.layers(model='squeezenet')


if __name__ == '__main__':
  absltest.main()
