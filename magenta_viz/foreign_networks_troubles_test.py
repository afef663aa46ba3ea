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

"""Tests of models of others that keep, retrace, mix, scatter or train."""

import gc
import subprocess
import sys
from typing import Any, List
import unittest

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz import visualize
from magenta_viz.models import networks
from magenta_viz.testing import foreign_models
from magenta_viz.testing import programs
from magenta_viz.testing import two_devices

keras: Any = tf.keras
layers: Any = keras.layers

_NUM_WARM, _NUM_RUNS = 20, 100

# In 80 pictures: 0 to 3 on a machine that does nothing else, and once 21 on one
# that does. That no graph is kept is told by their number.
_MAX_GROWTH_MB = 40

# A process of its own: pytest's has other tests' memory to give back.
_MANY = f"""
import ctypes, gc, sys
import psutil
import tensorflow as tf
from tensorflow.python.framework import func_graph
from magenta_viz import visualize
from magenta_viz.testing import foreign_models

model = foreign_models.classifier()
for index in range({_NUM_RUNS}):
  subject = {{'class_ids': (index % 5,)}}
  if index % 2:
    subject = {{'objective': f'channel:second:{{index % 8}}'}}
  visualize.run(
    visualize.VisualizeConfig(
      **subject, image_size=(64, 64), overrides={{'num_steps': 2}}
    ),
    network=model,
  )
  if index + 1 in ({_NUM_WARM}, {_NUM_RUNS}):
    gc.collect()
    # Else the C library keeps what is free, more or less of it.
    getattr(ctypes.CDLL(None), 'malloc_trim', int)(0)
    graphs = sum(type(o) is func_graph.FuncGraph for o in gc.get_objects())
    print(psutil.Process().memory_info().rss, graphs)
"""

# Keras takes seconds, and is no part of drawing with the package's networks.
# TensorFlow brings it where it is there, and does without where it is not.
_LIGHT = """
import sys
sys.modules.update(keras=None, tf_keras=None)
from magenta_viz import visualize
visualize.run(
  visualize.VisualizeConfig(
    models=('squeezenet',),
    class_ids=(1,),
    image_size=(64, 64),
    overrides={'num_steps': 1},
  )
)
print('light')
"""


def _program(text: str) -> List[str]:
  """Runs a program, and returns the lines that it prints."""
  done = subprocess.run(
    [sys.executable, '-c', text],
    env=programs.environment(),
    capture_output=True,
    text=True,
    timeout=300,
    check=False,
  )
  assert not done.returncode, done.stderr
  return done.stdout.splitlines()


class ProcessTest(absltest.TestCase):
  def test_memory_is_flat(self) -> None:
    lines = [tuple(map(int, line.split())) for line in _program(_MANY)]
    (warm, graphs), (end, graphs_at_end) = lines
    self.assertLess((end - warm) / 2**20, _MAX_GROWTH_MB)
    self.assertGreater(graphs, 0)
    self.assertLessEqual(graphs_at_end, graphs)

  def test_keras_is_left_alone(self) -> None:
    self.assertEqual(_program(_LIGHT), ['light'])


class _Counting(layers.Layer):
  """Counts how often it is traced."""

  def __init__(self) -> None:
    super().__init__(name='counting')
    self.num_calls = 0

  def call(self, inputs: tf.Tensor) -> tf.Tensor:
    """Returns the inputs."""
    self.num_calls += 1
    return inputs * 1.0


class TracesTest(foreign_models.TestCase):
  def test_is_traced_once_for_all_pictures(self) -> None:
    counting = _Counting()
    images = keras.Input((32, 32, 3))
    net = layers.Conv2D(4, 3, name='first')(counting(images))
    net = layers.Dense(3)(layers.GlobalAveragePooling2D()(net))
    model = keras.Model(images, net)
    self.draw_from(model, class_ids=(0,))
    before = counting.num_calls
    for class_id in (1, 2, 0):
      self.draw_from(model, class_ids=(class_id,), seed=class_id)
    self.assertEqual(counting.num_calls, before)
    self.draw_from(model, objective='channel:first:1')
    self.assertGreater(counting.num_calls, before)

  def test_two_models_of_one_name(self) -> None:
    models = [foreign_models.classifier() for _ in range(2)]
    foreign_models.with_weights(models[1], 1)
    first, second, again = (
      self.draw_from(models[place], class_ids=(2,)) for place in (0, 1, 0)
    )
    self.assertGreater(np.abs(first.image - second.image).max(), 0.05)
    np.testing.assert_array_equal(first.image, again.image)
    self.assertNotEqual(
      first.record['networks'][0]['weights_sha256'],
      second.record['networks'][0]['weights_sha256'],
    )

  def test_is_let_go(self) -> None:
    model = foreign_models.classifier()
    self.draw_from(model, class_ids=(2,))
    for number in range(4):
      other = foreign_models.classifier(name=f'other_{number}')
      self.draw_from(other, class_ids=(2,))
    num_models = sum(
      isinstance(each, keras.Model) and each.name.startswith('other_')
      for each in gc.get_objects()
    )
    self.assertLessEqual(num_models, 4)


class PrecisionTest(foreign_models.TestCase):
  @parameterized.parameters('mixed_float16', 'mixed_bfloat16')
  def test_policy(self, name: str) -> None:
    plain = self.draw_from(foreign_models.classifier(), class_ids=(2,))
    with foreign_models.policy(name):
      model = foreign_models.classifier()
    network = networks.from_keras(model)
    # The last layer computes in float32.
    images = np.random.default_rng(0).random((2, 32, 32, 3), np.float32)
    np.testing.assert_allclose(
      network(images).logits, model.predict(images, verbose=0), atol=1e-2
    )
    self.assertEqual(network.dtype.name, name.replace('mixed_', ''))
    picture = self.draw_from(network, class_ids=(2,))
    self.assertEqual(
      picture.record['settings']['precision'], network.dtype.name
    )
    self.assertLess(np.abs(picture.image - plain.image).mean(), 0.1)
    self.draw_from(network, objective='channel:second:1')


class InferenceTest(foreign_models.TestCase):
  def test_batch_norm_and_dropout(self) -> None:
    model = foreign_models.classifier()
    images = np.random.default_rng(0).random((3, 32, 32, 3), np.float32)
    in_training = model(images, training=True)
    # Not before: a training step moves the averages.
    expected = model.predict(images, verbose=0)
    self.assertGreater(np.abs(in_training - expected).max(), 0.1)
    weights = model.get_weights()
    # As in the middle of a training.
    model.trainable = True
    network = networks.from_keras(model)
    for _ in range(2):
      np.testing.assert_allclose(network(images).logits, expected, atol=1e-5)
    self.draw_from(network, class_ids=(2,))
    for before, after in zip(weights, model.get_weights()):
      np.testing.assert_array_equal(before, after)

  def test_frozen_graph(self) -> None:
    path = self.root / 'old.pb'
    v1 = tf.compat.v1
    with tf.Graph().as_default() as graph:
      images = v1.placeholder(tf.float32, (None, 16, 16, 3), 'images')
      kernel = np.random.RandomState(0).randn(3, 3, 3, 4).astype(np.float32)
      with tf.name_scope('conv'):
        net = tf.nn.relu(tf.nn.conv2d(images, kernel, 1, 'SAME'))
      head = np.random.RandomState(1).randn(4, 3).astype(np.float32)
      tf.nn.softmax(tf.reduce_mean(net, [1, 2]) @ head, name='scores')
    path.write_bytes(graph.as_graph_def().SerializeToString())
    for flag in ('--class_id=2', '--objective=channel:conv:1'):
      ended = programs.visualize(
        f'--checkpoint={path}',
        flag,
        '--image_size=64',
        '--num_steps=2',
        f'--output_dir={self.folder}',
      )
      self.assertEqual(ended.status, 0, ended.stderr)
    self.assertLen(self.names('.png'), 2)


class _OnTwoDevices(unittest.TestCase):
  __test__ = False

  def test_mirrored(self) -> None:
    config = visualize.VisualizeConfig(
      class_ids=(2,), image_size=(64, 64), overrides={'num_steps': 2}
    )
    plain = foreign_models.classifier()
    (expected,) = visualize.run(config, network=plain)
    strategy = tf.distribute.MirroredStrategy(['CPU:0', 'CPU:1'])
    self.assertEqual(strategy.num_replicas_in_sync, 2)
    with strategy.scope():
      model = foreign_models.classifier()
    # Of Keras 3 it is inside of Keras's own.
    kernel = model.get_layer('first').kernel
    variable = getattr(kernel, '_value', kernel)
    self.assertEqual(len(strategy.experimental_local_results(variable)), 2)
    (picture,) = visualize.run(config, network=model)
    np.testing.assert_allclose(picture.image, expected.image, atol=1e-4)
    with strategy.scope():
      (picture,) = visualize.run(config, network=networks.from_keras(model))
    np.testing.assert_allclose(picture.image, expected.image, atol=1e-4)


class DevicesTest(absltest.TestCase):
  def test_on_two_devices(self) -> None:
    two_devices.run(_OnTwoDevices)


if __name__ == '__main__':
  absltest.main()
