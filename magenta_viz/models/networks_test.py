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

"""Tests for networks."""

from typing import Any

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models import networks

keras: Any = tf.keras

_IMAGES = np.random.RandomState(0).rand(2, 64, 64, 3).astype(np.float32)


def _keras_model() -> Any:
  return keras.Sequential(
    [
      keras.Input([64, 64, 3]),
      keras.layers.Conv2D(4, 3, name='conv'),
      keras.layers.GlobalAveragePooling2D(),
      keras.layers.Dense(2, name='classes'),
    ],
    name='mine',
  )


def logits(images: tf.Tensor) -> tf.Tensor:
  """Returns the mean of each channel."""
  return 2 * tf.reduce_mean(images, [1, 2])


class FromKerasTest(absltest.TestCase):
  def test_settings(self) -> None:
    model = _keras_model()
    network = networks.from_keras(model, ['cat', 'dog'], input_range=(-1, 1))
    self.assertIsInstance(network, networks.ForeignNetwork)
    self.assertEqual(network.class_names, ('cat', 'dog'))
    np.testing.assert_allclose(
      network(_IMAGES).logits, model(2 * _IMAGES - 1), 1e-4, 1e-5
    )

  def test_others(self) -> None:
    with self.assertRaisesRegex(
      ValueError,
      '^the model is of type function; give a keras.Model, or take'
      ' networks.from_function$',
    ):
      networks.from_keras(logits)
    with self.assertRaises(TypeError):
      networks.from_keras(_keras_model(), range=(-1, 1))


class FromFunctionTest(parameterized.TestCase):
  def test_defaults(self) -> None:
    network = networks.from_function(logits)
    self.assertEqual(network.name, 'logits')
    self.assertEqual(network.image_size, 224)
    self.assertEqual(network.dtype, tf.float32)
    self.assertEqual(network.describe()['input']['size'], (224, 224))

  @parameterized.parameters(96, '96', '64x96', ((64, 96),))
  def test_size(self, size: Any) -> None:
    network = networks.from_function(logits, size)
    self.assertEqual(network.image_size, 96)
    self.assertEqual(network.describe()['input']['size'][1], 96)

  def test_any_size(self) -> None:
    network = networks.from_function(
      lambda images: (logits(images), {'map': images}), 64, is_any_size=True
    )
    for size in ((64, 64), (80, 100)):
      images = np.zeros([1, *size, 3], np.float32)
      found = network(images).end_points['map']
      self.assertEqual(found.shape, [1, *size, 3])
    fixed = networks.from_function(
      lambda images: (logits(images), {'map': images}), 64
    )
    self.assertEqual(fixed(images).end_points['map'].shape, [1, 64, 64, 3])

  def test_channels_first(self) -> None:
    network = networks.from_function(
      lambda images: (tf.reduce_mean(images, [2, 3]), {'map': images}),
      (64, 80),
      name='a name',
      is_channels_first=True,
      num_channels=3,
      input_scale=2,
    )
    self.assertEqual(network.name, 'a_name')
    self.assertEqual(network.layers, {'map': (64, 80, 3)})
    np.testing.assert_allclose(
      network(np.full([1, 64, 80, 3], 0.25, np.float32)).logits, [[0.5] * 3]
    )

  def test_grey(self) -> None:
    network = networks.from_function(
      lambda images: tf.concat([logits(images), -logits(images)], 1),
      64,
      ['light', 'dark'],
      num_channels=1,
      dtype=tf.float16,
    )
    self.assertEqual(network.dtype, tf.float16)
    np.testing.assert_allclose(
      network(np.ones([1, 64, 64, 3], np.float32)).logits, [[2, -2]], 1e-5
    )

  def test_module(self) -> None:
    class Scores(tf.Module):
      def __init__(self) -> None:
        super().__init__()
        self.scale = tf.Variable(3.0)

      def __call__(self, images: tf.Tensor) -> tf.Tensor:
        return self.scale * logits(images)

    module = Scores()
    network = networks.from_function(module, 64)
    self.assertEqual(network.name, 'Scores')
    before = network.sha256
    np.testing.assert_allclose(
      network(_IMAGES).logits, 3 * logits(_IMAGES), 1e-5
    )
    module.scale.assign(5.0)
    self.assertNotEqual(network.sha256, before)
    np.testing.assert_allclose(
      network(_IMAGES).logits, 5 * logits(_IMAGES), 1e-5
    )

  def test_refused(self) -> None:
    given: Any = 3
    with self.assertRaisesRegex(
      ValueError, '^the function is of type int; give one from pictures to log'
    ):
      networks.from_function(given)
    with self.assertRaisesRegex(ValueError, r'input_size is \(0, 64\); take 1'):
      networks.from_function(logits, (0, 64))
    with self.assertRaisesRegex(
      ValueError, "^cannot run the model 'broken' on pictures of 64 x 64"
    ):
      networks.from_function(lambda x: tf.nope, 64, name='broken')


class FromFileTest(absltest.TestCase):
  def test_file(self) -> None:
    path = f'{self.create_tempdir().full_path}/m.h5'
    model = _keras_model()
    model.save(path)
    network = networks.from_file(path, input_range='0,255')
    np.testing.assert_allclose(
      network(_IMAGES).logits, model(255 * _IMAGES), 1e-4, 1e-4
    )

  def test_no_model(self) -> None:
    path = self.create_tempfile('a.txt', 'text').full_path
    with self.assertRaisesRegex(
      ValueError, "a.txt' is no model; give a .keras or .h5 file, a SavedModel"
    ):
      networks.from_file(path)


if __name__ == '__main__':
  absltest.main()
