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

"""Tests of runs with models of others: records, files, several at once."""

from typing import Any

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz import saliency
from magenta_viz import visualize
from magenta_viz.media import image_files
from magenta_viz.models import networks
from magenta_viz.testing import foreign_models
from magenta_viz.testing import keras_models
from magenta_viz.testing import programs

keras: Any = tf.keras
layers: Any = keras.layers

_QUICK = ('--image_size=64', '--num_steps=2')


class RecordsTest(foreign_models.TestCase):
  def test_from_python(self) -> None:
    model = foreign_models.classifier()
    (picture,) = visualize.run(self.config(class_ids=(2,)), network=model)
    self.assertIsNone(picture.record['command'])
    (record,) = picture.record['networks']
    self.assertEqual(record['model'], 'mine')
    self.assertEqual(record['weights'], 'this process')
    before = self.files()
    (again,) = visualize.run(self.config(class_ids=(2,)), network=model)
    self.assertEqual(self.files(), before)
    self.assertEqual(
      again.record['pictures_sha256'], picture.record['pictures_sha256']
    )
    # Of another model is another picture, which does not take its place.
    foreign_models.with_weights(model, 1)
    with self.assertRaisesRegex(ValueError, 'weights_sha256|other settings'):
      visualize.run(self.config(class_ids=(2,)), network=model)
    self.assertEqual(self.files(), before)

  def test_command_draws_the_same(self) -> None:
    path = self.saved(foreign_models.classifier(head='softmax'))
    given = ('--input_range=0,1', '--input_mean=0.1')
    flags = (f'--checkpoint={path}', '--class_id=2', *_QUICK, *given)
    ended = programs.visualize(*flags, f'--output_dir={self.folder}')
    self.assertEqual(ended.status, 0, ended.stderr)
    (picture,) = visualize.run(
      programs.visualize_config(*flags, f'--output_dir={self.folder}')
    )
    again = self.root / 'again'
    ended = programs.visualize(
      *programs.elsewhere(picture.record['command'], again)
    )
    self.assertEqual(ended.status, 0, ended.stderr)
    (name,) = self.names('.png')
    self.assertEqual(
      (again / name).read_bytes(), (self.folder / name).read_bytes()
    )


class RefusedTest(foreign_models.TestCase):
  def assert_fails(self, message: str, *flags: str) -> None:
    """Fails unless the program ends with one line, and status 1."""
    ended = programs.visualize(
      *flags, '--class_id=1', *_QUICK, f'--output_dir={self.folder}'
    )
    self.assertEqual(ended.status, 1, ended.stderr)
    lines = [
      x for x in ended.stderr.splitlines() if ' error: ' in x or message in x
    ]
    self.assertLen(lines, 1, ended.stderr)
    self.assertIn(message, lines[0])
    self.assertNotIn('Traceback', ended.stderr)
    self.assertFalse(self.folder.exists())

  @parameterized.parameters(
    ('input_range', '-1,1'),
    ('input_mean', '0.5'),
    ('channel_order', 'bgr'),
    ('input_size', '32'),
    ('output', 'classes'),
  )
  def test_settings_without_a_model(self, name: str, value: str) -> None:
    self.assert_fails(
      f'{name} does nothing', '--model=squeezenet', f'--{name}={value}'
    )

  def test_truncated(self) -> None:
    path = self.saved(foreign_models.classifier())
    content = path.read_bytes()
    for share in (0.2, 0.5, 0.95):
      path.write_bytes(content[: int(share * len(content))])
      self.assert_fails(str(path), f'--checkpoint={path}')

  def test_lambda(self) -> None:
    images = keras.Input((32, 32, 3))
    net = layers.Lambda(lambda values: values * 2.0, name='twice')(images)
    net = layers.Conv2D(4, 3, name='first')(net)
    net = layers.Dense(3)(layers.GlobalAveragePooling2D()(net))
    path = self.saved(keras.Model(images, net, name='mine'))
    self.assert_fails('--allow_code', f'--checkpoint={path}')
    ended = programs.visualize(
      f'--checkpoint={path}',
      '--allow_code',
      '--class_id=1',
      *_QUICK,
      f'--output_dir={self.folder}',
    )
    self.assertEqual(ended.status, 0, ended.stderr)
    self.assertLen(self.names('.png'), 1)

  def test_a_class_of_none(self) -> None:
    model = keras_models.cnn((32, 32, 3), num_classes=None)
    message = '^this network has no classes; .* layer:NAME'
    with self.assertRaisesRegex(ValueError, message):
      self.draw_from(model, class_ids=(1,))
    path = self.root / 'a.png'
    image_files.write_png(path, np.zeros((64, 64, 3), np.float32))
    config = saliency.SaliencyConfig(image=str(path), class_id=1)
    with self.assertRaisesRegex(ValueError, message):
      saliency.run(config, network=model)
    with self.assertRaisesRegex(ValueError, 'has no classes'):
      self.draw_from(model, objective='class:1')
    path = self.saved(model)
    self.assert_fails('has no classes', f'--checkpoint={path}')


class SeveralTest(foreign_models.TestCase):
  def test_with_squeezenet(self) -> None:
    path = self.saved(keras_models.cnn((64, 64, 3), num_classes=1000))
    for subject in (
      '--class_id=281',
      '--objective=channel:mine@second:3 + channel:squeezenet@fire2/concat:1',
    ):
      with self.subTest(subject):
        ended = programs.visualize(
          '--model=squeezenet,mine',
          f'--checkpoint=mine={path}',
          subject,
          *_QUICK,
          f'--output_dir={self.folder}',
        )
        self.assertEqual(ended.status, 0, ended.stderr)


class KindsTest(foreign_models.TestCase):
  def test_channels_first(self) -> None:
    images = keras.Input((3, 32, 48))
    net = layers.Conv2D(4, 3, 2, data_format='channels_first', name='first')(
      images
    )
    net = layers.GlobalAveragePooling2D(data_format='channels_first')(net)
    model = keras.Model(images, layers.Dense(3, name='classes')(net))
    try:
      model(np.zeros((1, 3, 32, 48), np.float32))
    except (tf.errors.UnimplementedError, tf.errors.InvalidArgumentError):
      self.skipTest('This TensorFlow computes no such convolution on a CPU.')
    network = networks.from_keras(model)
    self.assertEqual(network.layers['first'], (15, 23, 4))
    self.draw_from(network, class_ids=(1,))

  def test_takes_bytes(self) -> None:
    kernel = tf.random.stateless_normal([3, 4], (1, 2))

    class Bytes(tf.Module):
      @tf.function(
        input_signature=[tf.TensorSpec([None, 32, 32, 3], tf.float32)]
      )
      def __call__(self, images: tf.Tensor) -> Any:
        values = tf.cast(tf.cast(images, tf.uint8), tf.float32) / 255
        return {'scores': tf.reduce_mean(values, [1, 2]) @ kernel}

    module = Bytes()
    path = self.root / 'bytes'
    tf.saved_model.save(module, str(path), signatures=module.__call__)
    ended = programs.visualize(
      f'--checkpoint={path}',
      '--input_range=0,255',
      '--class_id=1',
      *_QUICK,
      f'--output_dir={self.folder}',
    )
    self.assertEqual(ended.status, 0, ended.stderr)
    # What is cut to whole numbers has no gradient.
    self.assertIn('no gradient', ended.stderr)

  def test_blocks_are_listed(self) -> None:
    path = self.root / 'vit'
    tf.saved_model.save(keras_models.vision_transformer(), str(path))
    ended = programs.visualize(f'--checkpoint={path}', '--list_layers')
    self.assertEqual(ended.status, 0, ended.stderr)
    for number in range(2):
      self.assertRegex(ended.stdout, rf'block_{number} +4 x 4 +16 channels')


if __name__ == '__main__':
  absltest.main()
