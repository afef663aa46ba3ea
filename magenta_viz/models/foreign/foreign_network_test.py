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

"""Tests for foreign_network."""

from typing import Any, Optional, Sequence

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models import class_recipes
from magenta_viz.models import imagenet_classes
from magenta_viz.models import network_protocol
from magenta_viz.models.foreign import foreign_network
from magenta_viz.models.foreign import foreign_settings
from magenta_viz.models.foreign import function_model

_IMAGES = np.random.RandomState(0).rand(2, 64, 64, 3).astype(np.float32)


def _matrix(num_scores: int) -> np.ndarray:
  values = np.linspace(-3, 3, 3 * num_scores, dtype=np.float32) ** 2
  return values.reshape(3, num_scores)


def _logits(images: Any, num_scores: int) -> Any:
  return tf.matmul(tf.reduce_mean(images, [1, 2]), _matrix(num_scores))


def _network(
  function: Any,
  class_names: Optional[Sequence[str]] = None,
  shape: Any = (64, 64, 3),
  **settings: Any,
) -> foreign_network.ForeignNetwork:
  model = function_model.FunctionModel(
    function, 'mine', shape, False, tf.float32
  )
  return foreign_network.ForeignNetwork(
    model, foreign_settings.ForeignSettings(**settings), class_names
  )


class ClassesTest(parameterized.TestCase):
  @parameterized.parameters(
    (lambda x: x, 'as they are'),
    (tf.nn.softmax, 'before its softmax'),
    (tf.nn.log_softmax, 'before its softmax'),
    (tf.nn.sigmoid, 'before its sigmoid'),
  )
  def test_logits(self, head: Any, words: str) -> None:
    network = _network(lambda images: head(_logits(images, 4)))
    self.assertEqual(
      network.class_names, ('class 0', 'class 1', 'class 2', 'class 3')
    )
    np.testing.assert_allclose(
      network(_IMAGES).logits, _logits(_IMAGES, 4), 1e-4, 1e-5
    )
    self.assertEqual(
      network.tell(),
      "'mine' is given 64 x 64 pixels RGB in [0, 1] (a guess, which"
      f' --input_range overrides); 4 classes, scores {words}',
    )

  def test_softmax_within_a_function(self) -> None:
    inside = tf.function(
      lambda images: tf.nn.softmax(_logits(images, 4)), autograph=False
    )
    network = _network(inside)
    found = network(_IMAGES).logits.numpy()
    expected = _logits(_IMAGES, 4).numpy()
    np.testing.assert_allclose(
      found - found[:, :1], expected - expected[:, :1], 1e-3, 1e-4
    )
    self.assertIn('before its softmax', network.tell())

  def test_one_sigmoid_is_two_classes(self) -> None:
    network = _network(lambda images: tf.nn.sigmoid(_logits(images, 1)))
    self.assertEqual(network.class_names, ('class 0', 'class 1'))
    found = network(_IMAGES)
    self.assertEqual(found.logits.shape, [2, 2])
    np.testing.assert_allclose(
      tf.nn.softmax(found.logits)[:, 1],
      tf.nn.sigmoid(_logits(_IMAGES, 1))[:, 0],
      1e-5,
    )
    # It has no layers but its scores.
    self.assertEqual(network.layers, {'scores': (1, 1, 2)})
    self.assertEqual(found.end_points['scores'].shape, [2, 1, 1, 2])
    named = _network(
      lambda images: tf.nn.sigmoid(_logits(images, 1)), ['no', 'yes']
    )
    self.assertEqual(named.class_names, ('no', 'yes'))

  def test_one_score_is_one_class(self) -> None:
    network = _network(lambda images: _logits(images, 1))
    self.assertEqual(network.class_names, ('class 0',))
    self.assertEqual(network(_IMAGES).logits.shape, [2, 1])

  @parameterized.parameters(1000, 1001)
  def test_imagenet(self, num_scores: int) -> None:
    network = _network(lambda images: _logits(images, num_scores))
    self.assertEqual(network.class_names, imagenet_classes.load_class_names())
    found = network(_IMAGES)
    # The first of one more is no class.
    np.testing.assert_allclose(
      found.logits, _logits(_IMAGES, num_scores)[:, -1000:], 1e-4, 1e-5
    )
    self.assertEqual(network.layers, {'scores': (1, 1, 1000)})

  @parameterized.parameters(
    (lambda images: _logits(images, 3), 2, 3),
    (lambda images: _logits(images, 3), 4, 3),
    (lambda images: _logits(images, 1001), 1000, 1001),
    (lambda images: tf.nn.sigmoid(_logits(images, 1)), 1, 2),
    (lambda images: {'pooled': tf.reduce_mean(images, [1, 2])}, 3, 0),
  )
  def test_wrong_number_of_names(
    self, function: Any, num_names: int, num_classes: int
  ) -> None:
    with self.assertRaises(ValueError) as caught:
      _network(function, [f'n{i}' for i in range(num_names)])
    self.assertEqual(
      str(caught.exception),
      f"there are {num_names} names of classes, but the model 'mine' has"
      f' {num_classes} classes; give one a class, in the order of their ids',
    )

  @parameterized.parameters('b', 'a')
  def test_several_outputs(self, output: str) -> None:
    def function(images: tf.Tensor) -> Any:
      scores = _logits(images, 3)
      return {'a': scores, 'b': 2 * scores}

    network = _network(function, output=output)
    scale = {'a': 1, 'b': 2}[output]
    np.testing.assert_allclose(
      network(_IMAGES).logits, scale * _logits(_IMAGES, 3), 1e-4, 1e-5
    )
    self.assertEqual(network.describe()['output'], output)
    with self.assertRaisesRegex(ValueError, '2 outputs that may have the clas'):
      _network(function)

  def test_no_classes(self) -> None:
    network = _network(
      lambda images: (_logits(images, 3), {'map': images * 2}), output='none'
    )
    self.assertEqual(network.class_names, ())
    found = network(_IMAGES)
    self.assertEqual(found.logits.shape, [2, 0])
    np.testing.assert_allclose(found.end_points['map'], 2 * _IMAGES)
    self.assertEndsWith(network.tell(), '; no classes')


class LayersTest(parameterized.TestCase):
  def test_end_points(self) -> None:
    def function(images: tf.Tensor) -> Any:
      tokens = tf.reshape(images[:, ::16, ::32], [-1, 8, 3])
      return _logits(images, 3), {
        'first': images[:, ::4, ::4],
        'patches': images[:, ::16, ::32],
        'block': tf.concat([tokens[:, :1] + 1, tokens], 1),
        'ids': tf.zeros([2, 4, 4, 1], tf.int32),
        'constant': tf.zeros([7, 4, 4, 1]),
        'mean': tf.reduce_mean(images, [1, 2]),
      }

    network = _network(function)
    self.assertEqual(
      network.layers,
      {
        'first': (16, 16, 3),
        'patches': (4, 2, 3),
        'block': (4, 2, 3),
        'block/class_token': (3,),
        'mean': (3,),
      },
    )
    self.assertEqual(network.features, 'block')
    found = network(_IMAGES).end_points
    self.assertEqual(list(found), list(network.layers))
    np.testing.assert_allclose(found['block'], _IMAGES[:, ::16, ::32])
    np.testing.assert_allclose(
      found['block/class_token'], _IMAGES[:, 0, 0] + 1, 1e-6
    )
    self.assertEqual(
      network_protocol.describe_layers(network)[-1],
      'mean                             3 channels',
    )
    # Presets' layers are GoogLeNet's.
    self.assertEqual(
      network.own_layers('channel:inception_4e/output:3'), 'channel:block:3'
    )

  def test_graph_and_eager_agree(self) -> None:
    network = _network(
      lambda images: (_logits(images, 3), {'map': images * 2}),
      shape=(None, None, 3),
      input_size=64,
    )
    for size in ((64, 64), (96, 64)):
      images = np.random.RandomState(1).rand(3, *size, 3).astype(np.float32)
      eager = network(images)
      traced = tf.function(network, autograph=False)(tf.constant(images))
      np.testing.assert_allclose(eager.logits, traced.logits, 1e-5, 1e-6)
      np.testing.assert_allclose(
        eager.end_points['map'], 2 * images, 1e-5, 1e-6
      )
    looked = network.look_at(np.zeros([1, 32, 48, 3], np.float32))
    self.assertEqual(looked.end_points['map'].shape, [1, 64, 96, 3])

  def test_grey(self) -> None:
    network = _network(lambda x: x[:, 0, 0], shape=(64, 64, 1))
    self.assertEqual(network.recipe, {**class_recipes.GENERAL, 'chroma': 0.0})
    colours = _network(lambda x: x[:, 0, 0], shape=(64, 64, 3))
    self.assertEqual(colours.recipe, class_recipes.GENERAL)

  @parameterized.parameters(
    ((8, 8, 3), 64, 0.5, 8),
    ((28, 9, 3), 84, 0.8, 28),
    ((2, 63, 3), 126, 0.8, 63),
  )
  def test_few_waves(
    self, shape: Any, size: int, decay: float, max_cycles: int
  ) -> None:
    network = _network(lambda x: x[:, 0, 0], shape=shape)
    self.assertEqual(network.image_size, size)
    self.assertEqual(network.recipe['decay_power'], decay)
    self.assertEqual(network.recipe['max_cycles'], max_cycles)

  def test_describe(self) -> None:
    network = _network(lambda x: x[:, 0, 0], input_range=(-1, 1))
    self.assertEqual(
      network.describe(),
      {
        'input': {
          'range': (-1, 1),
          'mean': (0.0,),
          'scale': (1.0,),
          'order': 'rgb',
          'size': (64, 64),
          'channels': None,
        },
        'output': 'output',
      },
    )


class ChangesTest(absltest.TestCase):
  def test_variables_that_are_trained(self) -> None:
    variable = tf.Variable(1.0)
    network = _network(lambda images: variable * _logits(images, 3))
    first = network.sha256
    before = network(_IMAGES).logits.numpy()
    kept = network.shared.get('drawn', object)
    self.assertEqual(network.sha256, first)
    self.assertIs(network.shared.get('drawn', object), kept)
    variable.assign(2.0)
    self.assertNotEqual(network.sha256, first)
    # All that was made of it is let go.
    self.assertIsNot(network.shared.get('drawn', object), kept)
    np.testing.assert_allclose(network(_IMAGES).logits, 2 * before, 1e-5)
    variable.assign(1.0)
    self.assertEqual(network.sha256, first)
    np.testing.assert_allclose(network(_IMAGES).logits, before, 1e-5)

  def test_weights_are_constants_where_it_draws(self) -> None:
    variable = tf.Variable(1.0)
    network = _network(lambda images: variable * _logits(images, 3))
    traced = tf.function(network, autograph=False).get_concrete_function(
      tf.TensorSpec([1, 64, 64, 3])
    )
    kinds = [each.type for each in traced.graph.get_operations()]
    self.assertNotIn('ReadVariableOp', kinds)


if __name__ == '__main__':
  absltest.main()
