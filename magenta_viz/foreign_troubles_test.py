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

"""Tests of what users of models of others ran into, with other tools too."""

import contextlib
import json
from pathlib import Path
import shlex
import subprocess
import sys
from typing import Any, Iterator

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz import visualize
from magenta_viz.models import networks
from magenta_viz.testing import keras_models
from magenta_viz.testing import programs
from magenta_viz.testing import two_devices

_CONFIG = visualize.VisualizeConfig(
  class_ids=(1,), image_size=(64, 64), overrides={'num_steps': 2}
)


def _image(network: Any) -> np.ndarray:
  (picture,) = visualize.run(_CONFIG, network=network)
  return picture.image


@contextlib.contextmanager
def _policy(name: str) -> Iterator[None]:
  """Sets Keras's policy of precision."""
  policies = tf.keras.mixed_precision
  before = policies.global_policy()
  policies.set_global_policy(name)
  try:
    yield
  finally:
    policies.set_global_policy(before)


class _Counting(tf.keras.layers.Layer):
  """Counts how often it is traced."""

  times = 0

  def call(self, inputs: tf.Tensor) -> tf.Tensor:
    """Returns what it is given, twice as large."""
    type(self).times += 1
    return 2 * inputs


class _InTraining(tf.keras.Model):
  """A model that calls its layers as in training."""

  def __init__(self) -> None:
    super().__init__(name='in_training')
    self.conv = tf.keras.layers.Conv2D(8, 3, name='conv')
    self.norm = tf.keras.layers.BatchNormalization(name='norm')
    self.drop = tf.keras.layers.Dropout(0.9)
    self.head = tf.keras.layers.Dense(3)

  def call(self, inputs: tf.Tensor) -> tf.Tensor:
    """Returns logits."""
    net = self.norm(self.conv(inputs), training=True)
    net = self.drop(net, training=True)
    return self.head(tf.reduce_mean(net, [1, 2]))


class TroublesTest(parameterized.TestCase):
  def test_is_traced_once(self) -> None:
    layers = tf.keras.layers
    model = tf.keras.Sequential(
      [
        tf.keras.Input((32, 32, 3)),
        layers.Conv2D(4, 3),
        _Counting(),
        layers.GlobalAveragePooling2D(),
        layers.Dense(3),
      ]
    )
    _image(model)
    times = _Counting.times
    for _ in range(3):
      _image(model)
    self.assertEqual(_Counting.times, times)

  def test_a_model_that_is_trained_further(self) -> None:
    model = keras_models.cnn((32, 32, 3))
    first = _image(model)
    weights = model.get_weights()
    model.set_weights([-each for each in weights])
    self.assertGreater(np.abs(_image(model) - first).max(), 0.01)
    model.set_weights(weights)
    np.testing.assert_array_equal(_image(model), first)

  def test_two_models_of_one_name(self) -> None:
    one, other = (keras_models.cnn((32, 32, 3)) for _ in range(2))
    np.testing.assert_array_equal(_image(one), _image(other))
    other.set_weights([-each for each in other.get_weights()])
    first = _image(one)
    self.assertGreater(np.abs(_image(other) - first).max(), 0.01)
    np.testing.assert_array_equal(_image(one), first)

  @parameterized.parameters('mixed_float16', 'mixed_bfloat16')
  def test_mixed_precision(self, name: str) -> None:
    with _policy(name):
      model = keras_models.cnn((32, 32, 3))
    network = networks.from_keras(model)
    self.assertEqual(network.dtype.name, name.partition('_')[2])
    self.assertEqual(network(np.ones([1, 64, 64, 3])).logits.dtype, tf.float32)
    self.assertGreater(_image(model).std(), 0.01)

  def test_is_never_in_training(self) -> None:
    model = _InTraining()
    images = tf.random.stateless_uniform([2, 64, 64, 3], (1, 2))
    network = networks.from_keras(model, input_size=64)
    moved = [np.array(each) for each in model.norm.get_weights()]
    before = np.array(network(images).logits)
    net = model.norm(model.conv(images), training=False)
    wanted = model.head(tf.reduce_mean(net, [1, 2]))
    np.testing.assert_allclose(before, wanted, atol=1e-5)
    _image(network)
    np.testing.assert_array_equal(network(images).logits, before)
    for old, new in zip(moved, model.norm.get_weights()):
      np.testing.assert_array_equal(old, new)

  def test_a_mirrored_model(self) -> None:
    two_devices.run(TwoDevicesCase)

  def test_keras_is_imported_for_its_models_alone(self) -> None:
    program = (
      'import sys\n'
      'from magenta_viz.process import tensorflow_start\n'
      'tensorflow_start.start()\n'
      'from magenta_viz import visualize\n'
      'visualize.run(visualize.VisualizeConfig(class_ids=(1,),'
      ' models=("squeezenet",), image_size=64, overrides={"num_steps": 1}))\n'
      'print([m for m in sys.modules if m.split(".")[0] == "keras"])'
    )
    done = subprocess.run(
      [sys.executable, '-c', program],
      env=programs.environment(),
      stdout=subprocess.PIPE,
      text=True,
      check=True,
    )
    self.assertEqual(done.stdout.strip(), '[]')


class TwoDevicesCase(absltest.TestCase):
  __test__ = False

  def test_draws(self) -> None:
    with tf.distribute.MirroredStrategy(['CPU:0', 'CPU:1']).scope():
      mirrored = keras_models.cnn((32, 32, 3))
    alone = keras_models.cnn((32, 32, 3))
    alone.set_weights(mirrored.get_weights())
    np.testing.assert_allclose(_image(mirrored), _image(alone), atol=1e-5)


class FilesTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)
    self.path = self.folder / 'model.h5'
    keras_models.cnn((32, 32, 3)).save(self.path)

  def draw(self, *flags: str) -> programs.Ended:
    return programs.visualize(
      f'--checkpoint={self.path}',
      '--num_steps=2',
      '--image_size=64',
      f'--output_dir={self.folder / "out"}',
      *flags,
    )

  def test_the_records_command_draws_the_same(self) -> None:
    flags = ('--class_id=1', '--input_range=-1,1', '--channel_order=bgr')
    self.assertEqual(self.draw(*flags).status, 0)
    (path,) = (self.folder / 'out').glob('001*.png')
    first = path.read_bytes()
    record = json.loads(path.with_suffix('.json').read_text())
    (told,) = record['settings']['networks']
    self.assertEqual(told['input']['range'], [-1, 1])
    _, *words = shlex.split(record['command'].partition('image_vis')[2])
    path.unlink()
    self.assertEqual(programs.visualize(*words, '--overwrite').status, 0)
    self.assertEqual(path.read_bytes(), first)
    # All is there.
    self.assertEqual(programs.visualize(*words).status, 0)

  def test_lists_layers_and_classes(self) -> None:
    names = self.folder / 'names.txt'
    names.write_text('cat\ndog\nfish\nbird\n')
    listed = self.draw('--list_layers').stdout
    self.assertRegex(listed, r'second +14 x 14 +16 channels')
    listed = self.draw('--list_classes', f'--class_names={names}').stdout
    self.assertEqual(listed.splitlines()[1], '1 dog')
    ended = self.draw('--class_name=dog', f'--class_names={names}')
    self.assertEqual(ended.status, 0, ended.stderr)

  def test_refusals_are_one_line(self) -> None:
    for flags, message in (
      (('--class_id=9',), 'class id 9'),
      (('--class_id=1', '--model=squeezenet'), 'a whole network of its own'),
      (('--class_id=1', '--input_mean=1,2'), 'input_mean has 2 numbers'),
      (('--class_id=1', '--output=other'), "no output 'other'"),
      (('--class_id=1', '--input_size=20'), 'takes 32 x 32 pixels'),
    ):
      with self.subTest(message):
        ended = self.draw(*flags)
        self.assertEqual(ended.status, 1)
        self.assertIn(message, ended.stderr.splitlines()[-1])
    self.path.write_bytes(self.path.read_bytes()[:4000])
    ended = self.draw('--class_id=1')
    self.assertEqual(ended.status, 1)
    self.assertNotIn('Traceback', ended.stderr)

  def test_code_is_refused_unless_allowed(self) -> None:
    layers = tf.keras.layers
    model = tf.keras.Sequential(
      [
        tf.keras.Input((32, 32, 3)),
        layers.Lambda(lambda images: images * 2, name='twice'),
        layers.Conv2D(4, 3),
        layers.GlobalAveragePooling2D(),
      ]
    )
    model.save(self.path)
    ended = self.draw('--objective=layer:conv2d')
    self.assertEqual(ended.status, 1)
    self.assertIn('Lambda', ended.stderr.splitlines()[-1])
    self.assertIn('--allow_code', ended.stderr.splitlines()[-1])


if __name__ == '__main__':
  absltest.main()
