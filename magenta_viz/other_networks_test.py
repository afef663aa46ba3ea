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

"""Tests that a network is known by its protocol alone, and may be no slim's."""

from pathlib import Path
from typing import Any, Dict, Mapping, Tuple
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz import evaluate
from magenta_viz import saliency
from magenta_viz import visualize
from magenta_viz.attribution import config as saliency_config
from magenta_viz.attribution import methods
from magenta_viz.evaluation import config as evaluate_config
from magenta_viz.media import image_files
from magenta_viz.models import imagenet_classes
from magenta_viz.models import network_loading
from magenta_viz.models import network_protocol
from magenta_viz.models import sharing

_SIDE = 64


class _Network:
  """A convolution and a classifier of TensorFlow, of no library of layers."""

  name = 'squeezenet'
  image_size = _SIDE
  class_names = imagenet_classes.load_class_names()
  dtype = tf.float32
  features = 'map'
  recipe: Mapping[str, Any] = {'num_steps': 2, 'octaves': 1}
  layers: Mapping[str, Tuple[int, ...]] = {'map': (32, 32, 4), 'out': (1000,)}

  def __init__(self) -> None:
    self.shared = sharing.Shared(1)

  def __call__(self, images: tf.Tensor) -> network_protocol.Outputs:
    kernel = tf.random.stateless_normal([3, 3, 3, 4], (1, 2))
    head = tf.random.stateless_normal([4, 1000], (3, 4))
    net = tf.nn.relu(tf.nn.conv2d(images, kernel, 2, 'SAME'))
    end_points: Dict[str, tf.Tensor] = {'map': net}
    return network_protocol.Outputs(
      tf.reduce_mean(net, [1, 2]) @ head, end_points
    )

  def look_at(self, images: np.ndarray) -> network_protocol.Outputs:
    return network_protocol.look_at(self, images)

  def own_layers(self, text: str) -> str:
    return text.replace('inception_4c/output', 'map')


class OtherNetworksTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    network: network_protocol.Network = _Network()
    self.enter_context(
      mock.patch.object(network_loading, 'load', return_value=network)
    )
    self.folder = Path(self.create_tempdir().full_path)

  def test_draws_and_judges(self) -> None:
    for settings in ({'class_ids': (281,)}, {'objective': 'layer:map'}):
      (picture,) = visualize.run(
        visualize.VisualizeConfig(
          models=('squeezenet',),
          image_size=(_SIDE, _SIDE),
          output_dir=str(self.folder / 'pictures'),
          overrides={'coarse_size': _SIDE},
          **settings,
        )
      )
      self.assertGreater(picture.image.std(), 0.01)
    found = evaluate.run(
      evaluate_config.EvaluateConfig(
        str(self.folder / 'pictures'), judges=('squeezenet',), allow_self=True
      )
    )
    self.assertIsNotNone(found)

  def test_explains(self) -> None:
    photo = np.random.default_rng(0).random((70, 90, 3), np.float32)
    image_files.write_png(self.folder / 'a.png', photo)
    config = saliency_config.SaliencyConfig(
      image=str(self.folder / 'a.png'), model='squeezenet'
    )
    self.assertGreater(saliency.run(config).map.std(), 0)

  @parameterized.product(method=list(methods.METHODS), side=(_SIDE, 8))
  def test_explains_by(self, method: str, side: int) -> None:
    self.enter_context(mock.patch.object(_Network, 'image_size', side))
    photo = np.random.default_rng(0).random((70, 90, 3), np.float32)
    image_files.write_png(self.folder / 'a.png', photo)
    config = saliency_config.SaliencyConfig(
      image=str(self.folder / 'a.png'),
      model='squeezenet',
      method=method,
      scores=True,
    )
    found = saliency.run(config)
    self.assertGreater(found.map.std(), 0)
    self.assertBetween(found.record['insertion'], 0, 1)

  def test_layers(self) -> None:
    self.assertEqual(
      network_protocol.describe_layers(_Network()),
      ['map    32 x 32     4 channels', 'out             1000 channels'],
    )


if __name__ == '__main__':
  absltest.main()
