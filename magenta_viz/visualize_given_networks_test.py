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

"""Tests for visualize with networks and objectives that are given to it."""

from pathlib import Path
from typing import Any, List

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz import visualize
from magenta_viz.ascent.objectives import objectives
from magenta_viz.models import network_loading
from magenta_viz.models import network_protocol
from magenta_viz.models import networks

keras: Any = tf.keras
layers: Any = keras.layers


def _model(*heads: Any) -> Any:
  """Returns a model of colours, the same each time."""
  images = keras.Input([64, 64, 3])
  net = layers.Conv2D(4, 5, 4, activation='relu', name='conv')(images)
  net = layers.GlobalAveragePooling2D(name='mean')(net)
  outputs = [head(net) for head in heads or (layers.Dense(2, name='classes'),)]
  model = keras.Model(images, outputs, name='mine')
  generator = np.random.RandomState(0)
  model.set_weights(
    [generator.randn(*each.shape) for each in model.get_weights()]
  )
  return model


def _sha256(picture: visualize.Picture) -> str:
  """Returns the hash of the network that a picture was drawn from."""
  return str(picture.record['networks'][0]['weights_sha256'])


def green(outputs: network_protocol.Outputs) -> tf.Tensor:
  """Returns how strong a channel is."""
  return tf.reduce_mean(outputs.end_points['conv'][..., 1], [1, 2])


class GivenNetworksTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    network_loading.forget()
    self.folder = self.create_tempdir().full_path

  def draw(self, network: Any, **settings: Any) -> List[visualize.Picture]:
    """Draws a picture in two steps."""
    if 'objective' not in settings:
      settings.setdefault('class_ids', (1,))
    config = visualize.VisualizeConfig(
      **{
        'output_dir': self.folder,
        'image_size': 64,
        'overrides': {'num_steps': 2},
        **settings,
      }
    )
    return visualize.run(config, network=network)

  def test_record(self) -> None:
    model = _model()
    (picture,) = self.draw(model)
    (member,) = picture.record['networks']
    self.assertEqual(member['model'], 'mine')
    self.assertEqual(member['weights'], 'this process')
    self.assertEqual(member['input']['range'], (0.0, 1.0))
    self.assertEqual(picture.image.shape, (64, 64, 3))
    assert picture.path is not None
    content = Path(picture.path).read_bytes()
    # It is there already.
    (again,) = self.draw(model)
    self.assertEqual(again.record['seconds'], picture.record['seconds'])
    # The same model made again draws the same.
    (other,) = self.draw(_model(), output_dir=self.folder + '/other')
    assert other.path is not None
    self.assertEqual(Path(other.path).read_bytes(), content)
    self.assertEqual(_sha256(other), _sha256(picture))

  def test_a_model_that_is_trained_again_draws_another(self) -> None:
    model = _model()
    (first,) = self.draw(model, output_dir=None)
    model.set_weights([-each for each in model.get_weights()])
    (second,) = self.draw(model, output_dir=None)
    self.assertNotEqual(_sha256(first), _sha256(second))
    self.assertGreater(np.abs(first.image - second.image).max(), 0.01)
    model.set_weights([-each for each in model.get_weights()])
    (third,) = self.draw(model, output_dir=None)
    np.testing.assert_array_equal(third.image, first.image)

  def test_a_module(self) -> None:
    class Convolution(tf.Module):
      def __init__(self, seed: int):
        super().__init__()
        kernel = np.random.RandomState(seed).randn(4, 4, 3, 2)
        self.kernel = tf.Variable(kernel, dtype=tf.float32)

      def __call__(self, images: tf.Tensor) -> tf.Tensor:
        return tf.nn.relu(tf.nn.conv2d(images, self.kernel, 4, 'VALID'))

    class Both(tf.Module):
      def __init__(self) -> None:
        super().__init__()
        self.branches = [Convolution(seed) for seed in range(2)]

      def __call__(self, images: tf.Tensor) -> tf.Tensor:
        maps = tf.concat([branch(images) for branch in self.branches], -1)
        return tf.reduce_mean(maps, [1, 2])

    foreign = networks.Settings(input_size=(64, 64))
    pictures = [
      self.draw(Both(), foreign=foreign, output_dir=None, **settings)[0]
      for settings in (
        {'class_ids': (2,)},
        # The same unit by its layer's name.
        {'objective': 'channel:branches/1:0'},
        {'objective': 'channel:branches/0:0'},
      )
    ]
    self.assertEqual(pictures[0].record['networks'][0]['model'], 'Both')
    for picture in pictures:
      self.assertGreater(picture.image.std(), 0.001)
    self.assertGreater(
      np.abs(pictures[1].image - pictures[2].image).max(), 0.01
    )

  def test_neither_a_model_nor_a_function(self) -> None:
    with self.assertRaisesRegex(
      ValueError, '^the network is of type int; give a keras.Model, a tf.Module'
    ):
      self.draw(3)

  def test_output_by_name(self) -> None:
    heads = [layers.Dense(2, name='first'), layers.Dense(3, name='second')]
    model = _model(*heads)
    with self.assertRaisesRegex(
      ValueError, 'name one of first, second as --output, or none to draw chan'
    ):
      self.draw(model)
    found = networks.from_keras(model, output='second')
    self.assertLen(self.draw(found, class_ids=(2,)), 1)
    with self.assertRaisesRegex(ValueError, '2'):
      self.draw(networks.from_keras(model, output='first'), class_ids=(2,))

  def test_embedding(self) -> None:
    network = networks.from_keras(_model(), output='none')
    (picture,) = self.draw(network, objective='channel:conv:1')
    scores = picture.record['scores']
    self.assertGreater(scores[-1], scores[0])
    with self.assertRaises(ValueError) as caught:
      self.draw(network)
    self.assertNotIn('\n', str(caught.exception))

  def test_objective_of_a_function(self) -> None:
    objective = objectives.from_function(green)
    (picture,) = self.draw(_model(), objective=objective)
    self.assertEqual(picture.record['objective'], 'green')
    scores = picture.record['scores']
    self.assertGreater(scores[-1], scores[0])
    # What is random is by the name.
    text = 'channel:conv:1'
    named = objectives.from_function(green, text)
    found, expected = (
      self.draw(_model(), objective=each, output_dir=None)[0].image
      for each in (named, text)
    )
    np.testing.assert_allclose(found, expected, atol=1e-3)
    # Its sum with others is one, too.
    weighted = 2 * objective - objectives.ClassLogit(0)
    self.assertLen(self.draw(_model(), objective=weighted, output_dir=None), 1)

  def test_another_function_of_the_same_name(self) -> None:
    (first,) = self.draw(_model(), objective=objectives.from_function(green))
    other = objectives.from_function(lambda outputs: -green(outputs), 'green')
    (second,) = self.draw(_model(), objective=other, output_dir=None)
    hashes = [
      each.record['settings']['files_sha256']['green']
      for each in (first, second)
    ]
    self.assertNotEqual(*hashes)
    # What is drawn already is of another one.
    with self.assertRaisesRegex(ValueError, 'overwrite'):
      self.draw(_model(), objective=other)

  @parameterized.parameters(3, int, (('a',),))
  def test_what_is_no_objective(self, given: Any) -> None:
    with self.assertRaisesRegex(
      ValueError, '^objective is .*; give a text, an Objective, or a function'
    ):
      visualize.VisualizeConfig(objective=given)

  def test_an_objective_of_a_layer_that_is_not_there(self) -> None:
    objective = objectives.from_function(
      lambda outputs: outputs.end_points['none'][:, 0, 0, 0], 'mine'
    )
    with self.assertRaisesRegex(ValueError, "unknown layer 'none'"):
      self.draw(_model(), objective=objective)
    unknown = objectives.Channel('none', 0)
    with self.assertRaisesRegex(ValueError, "unknown layer 'none'"):
      self.draw(_model(), objective=unknown)


if __name__ == '__main__':
  absltest.main()
