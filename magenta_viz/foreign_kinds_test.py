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

"""Tests of drawing with models of others, of every kind of input and output."""

from pathlib import Path
from typing import Any

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz import evaluate
from magenta_viz import saliency
from magenta_viz import visualize
from magenta_viz.media import image_files
from magenta_viz.models import networks
from magenta_viz.testing import keras_models


def _draw(network: Any, **settings: Any) -> visualize.Picture:
  """Draws a small picture in a few steps."""
  settings = {'overrides': {'num_steps': 4}, **settings}
  (picture,) = visualize.run(
    visualize.VisualizeConfig(image_size=(64, 64), **settings), network=network
  )
  return picture


class KindsOfInputTest(parameterized.TestCase):
  def assert_raised(self, picture: visualize.Picture) -> None:
    scores = picture.record['scores']
    self.assertGreater(scores[-1], scores[0])
    self.assertGreater(picture.image.std(), 0.01)

  @parameterized.named_parameters(
    ('fixed', (32, 32, 3), {}),
    ('of_no_square', (32, 48, 3), {}),
    ('free', (None, None, 3), {'input_size': 48}),
    ('grey', (32, 32, 1), {}),
    ('five_channels', (32, 32, 5), {}),
    ('three_of_five', (32, 32, 5), {'input_channels': (4, 2, 0)}),
    ('two_channels', (32, 32, 2), {}),
  )
  def test_draws(self, shape: Any, settings: Any) -> None:
    network = networks.from_keras(keras_models.cnn(shape), **settings)
    picture = _draw(network, class_ids=(1,))
    self.assert_raised(picture)
    (told,) = picture.record['settings']['networks']
    channels = {1: 'grey', 2: 'components', 3: None, 5: 'components'}
    wanted = settings.get('input_channels', channels[shape[-1]])
    self.assertEqual(told['input']['channels'], wanted)
    if shape[-1] == 1:
      np.testing.assert_allclose(np.ptp(picture.image, axis=-1), 0, atol=0.02)
    self.assert_raised(_draw(network, objective='layer:second'))

  def test_channels_first(self) -> None:
    kernel = tf.random.stateless_normal([3, 3, 3, 8], (1, 2))
    shapes = []

    def function(images: tf.Tensor) -> Any:
      shapes.append(images.shape[1:].as_list())
      net = tf.nn.relu(
        tf.nn.conv2d(tf.transpose(images, [0, 2, 3, 1]), kernel, 2, 'SAME')
      )
      net = tf.transpose(net, [0, 3, 1, 2])
      return tf.reduce_mean(net, [2, 3]), {'net': net}

    network = networks.from_function(function, 40, is_channels_first=True)
    self.assertEqual(network.layers['net'], (20, 20, 8))
    self.assert_raised(_draw(network, objective='channel:net:3'))
    self.assertEqual(shapes, [[3, 40, 40]] * len(shapes))

  @parameterized.parameters('softmax', 'sigmoid', 'linear')
  def test_scores_are_logits(self, ending: str) -> None:
    pictures = [
      _draw(keras_models.cnn((32, 32, 3), ending=each), class_ids=(2,))
      for each in (ending, 'linear')
    ]
    np.testing.assert_allclose(pictures[0].image, pictures[1].image, atol=1e-4)

  def test_one_sigmoid_is_two_classes(self) -> None:
    model = keras_models.cnn((32, 32, 3), num_classes=1, ending='sigmoid')
    for class_id in (0, 1):
      self.assert_raised(_draw(model, class_ids=(class_id,)))

  def test_outputs_by_name(self) -> None:
    layers = tf.keras.layers
    inputs = tf.keras.Input((32, 32, 3))
    net = layers.GlobalAveragePooling2D()(layers.Conv2D(8, 3)(inputs))
    model = tf.keras.Model(
      inputs,
      {
        'kind': layers.Dense(3, name='kind')(net),
        'colour': layers.Dense(5, name='colour')(net),
      },
    )
    with self.assertRaisesRegex(ValueError, 'kind, colour|colour, kind'):
      networks.from_keras(model)
    for name, number in (('kind', 3), ('colour', 5)):
      network = networks.from_keras(model, output=name)
      self.assertLen(network.class_names, number)
    with self.assertRaisesRegex(ValueError, "no output 'sort'"):
      networks.from_keras(model, output='sort')

  def test_without_classes(self) -> None:
    model = keras_models.cnn((32, 32, 3), num_classes=None)
    network = networks.from_keras(model)
    self.assertEmpty(network.class_names)
    self.assert_raised(_draw(network, objective='layer:second'))
    with self.assertRaisesRegex(ValueError, 'class'):
      _draw(network, class_ids=(0,))

  def test_vision_transformer(self) -> None:
    model = keras_models.vision_transformer()
    network = networks.from_keras(model)
    self.assertEqual(network.layers['block_1'], (4, 4, 16))
    self.assertEqual(network.layers['block_1/class_token'], (16,))
    # What is inside of attention is no layer of the model's.
    self.assertNotIn('query', network.layers)
    for objective in ('channel:block_1:3', 'layer:block_0', 'class:2'):
      with self.subTest(objective):
        self.assert_raised(_draw(network, objective=objective))


class OtherVerbsTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)
    self.model = keras_models.cnn((32, 32, 3))

  def test_explains_and_judges(self) -> None:
    photo = np.random.default_rng(0).random((70, 90, 3), np.float32)
    path = self.folder / 'class-1_0.png'
    image_files.write_png(path, photo)
    for method in ('gradient', 'guided_backprop', 'occlusion'):
      found = saliency.run(
        saliency.SaliencyConfig(image=str(path), class_id=1, method=method),
        network=self.model,
      )
      self.assertGreater(found.map.std(), 0)
      self.assertIsNone(found.record['command'])
    report = evaluate.run(
      evaluate.EvaluateConfig(str(self.folder)), network=self.model
    )
    self.assertLen(report.judges, 1)
    self.assertEqual(report.judges[0].name, 'small')

  def test_together_with_the_packages_own(self) -> None:
    model = keras_models.cnn((64, 64, 3), num_classes=1000)
    settings = {
      'models': ('squeezenet',),
      'objective': 'class:281 + channel:small@second:3'
      ' + channel:squeezenet@fire2/concat:1',
    }
    picture = _draw(model, **settings)
    self.assertGreater(picture.image.std(), 0.01)
    names = [each['model'] for each in picture.record['networks']]
    self.assertEqual(names, ['small', 'squeezenet'])


if __name__ == '__main__':
  absltest.main()
