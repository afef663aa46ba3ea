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

"""SavedModels and graphs of made-up networks, for tests that read them."""

from pathlib import Path
from typing import Any, Callable, Dict, Optional

import numpy as np
import tensorflow as tf

from magenta_viz.models.foreign import graph_model
from magenta_viz.testing import model_files_case

v1 = tf.compat.v1
keras: Any = tf.keras
layers: Any = keras.layers


SHAPE = (None, 12, 10, 3)

KERNEL = np.random.RandomState(0).randn(3, 3, 3, 5).astype(np.float32)


class Module(tf.Module):
  """Any function of pictures and a kernel, with signatures."""

  def __init__(self, function: Callable[..., Any]):
    """Takes the function, whose first argument is the kernel."""
    super().__init__('module')
    self.kernel = tf.Variable(KERNEL, name='kernel')
    self._function = function

  @tf.function(autograph=False)
  def call(self, *args: tf.Tensor) -> Any:
    """Calls the function."""
    return self._function(self.kernel, *args)


def scores(kernel: tf.Tensor, images: tf.Tensor) -> Dict[str, tf.Tensor]:
  """Computes scores by two layers, of which one has two branches."""
  with tf.name_scope('conv1'):
    net = tf.nn.relu(tf.nn.conv2d(images, kernel, 1, 'SAME'))
  with tf.name_scope('block'):
    with tf.name_scope('left'):
      left = tf.nn.relu(net - 0.5)
    with tf.name_scope('right'):
      right = tf.nn.sigmoid(net)
    net = tf.concat([left, right], -1)
  return {'scores': tf.reduce_mean(net, [1, 2], name='pooled')}


def images(batch: int = 2, shape: Any = SHAPE) -> tf.Tensor:
  """Returns pictures, the same each time."""
  generator = np.random.RandomState(1)
  return tf.constant(
    generator.rand(batch, *(side or 8 for side in shape[1:])), tf.float32
  )


def keras_model() -> Any:
  """Returns a network with a network in it, in a state as of training."""
  inner = keras.Sequential(
    [
      keras.Input([10, 8, 4]),
      layers.Conv2D(6, 3, activation='relu', name='deep'),
      layers.MaxPooling2D(name='pool'),
    ],
    name='inner',
  )
  images = keras.Input(SHAPE[1:], name='images')
  net = layers.Rescaling(1 / 127.5, -1.0, name='scaled')(images)
  net = layers.Conv2D(4, 3, name='first')(net)
  net = layers.BatchNormalization(name='norm')(net)
  net = layers.Activation('swish', name='swish')(net)
  net = layers.Dropout(0.5, name='drop')(inner(net))
  net = layers.GlobalAveragePooling2D(name='mean')(net)
  net = layers.Dense(3, activation='softmax', name='classes')(net)
  model = keras.Model(images, net, name='mine')
  generator = np.random.RandomState(2)
  model.set_weights(
    [generator.rand(*each.shape) - 0.3 for each in model.get_weights()]
  )
  norm = model.get_layer('norm')
  norm.set_weights([np.abs(each) + 0.5 for each in norm.get_weights()])
  return model


class GraphModelsTestCase(model_files_case.ModelFilesCase):
  """Reads and writes models."""

  def load(
    self, path: Path, signature: Optional[str] = None, allow_code: bool = False
  ) -> graph_model.GraphModel:
    """Checks and reads a model."""
    return graph_model.GraphModel(self.check(path, allow_code), signature)

  def saved(
    self, function: Callable[..., Any], *specs: Any, name: str = 'a model'
  ) -> Path:
    """Saves a function's SavedModel."""
    path = self.folder / name
    module = Module(function)
    signature = module.call.get_concrete_function(
      *(specs or [tf.TensorSpec(SHAPE, name='images')])
    )
    tf.saved_model.save(module, str(path), signatures=signature)
    return path

  def graph(self, build: Callable[[], Any], name: str = 'old.pb') -> Path:
    """Writes a graph as TensorFlow 1 does."""
    path = self.folder / name
    with tf.Graph().as_default() as graph:
      build()
    path.write_bytes(graph.as_graph_def().SerializeToString())
    return path

  def old(self, is_resource: bool, frozen: bool) -> Path:
    """Saves what TensorFlow 1 trained, with variables or frozen."""
    path = self.folder / ('old.pb' if frozen else 'old')
    with tf.Graph().as_default(), v1.Session() as session:
      pictures = v1.placeholder(tf.float32, SHAPE, 'images')
      kernel = v1.get_variable(
        'kernel',
        initializer=KERNEL,
        use_resource=is_resource,
      )
      found = scores(kernel, pictures)['scores']
      session.run(v1.global_variables_initializer())
      if not frozen:
        v1.saved_model.simple_save(
          session, str(path), {'images': pictures}, {'scores': found}
        )
      else:
        graph_def = v1.graph_util.convert_variables_to_constants(
          session, session.graph_def, [found.op.name]
        )
        path.write_bytes(graph_def.SerializeToString())
    return path

  def exported(self, model: Any) -> Path:
    """Saves a model of Keras as a SavedModel, for others to use."""
    path = self.folder / 'keras'
    save: Any = getattr(model, 'export', model.save)
    save(str(path))
    return path
