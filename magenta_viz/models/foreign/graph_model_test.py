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

"""Tests for graph_model and what it is made of."""

import collections
import contextlib
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from magenta_viz.attribution import class_gradients
from magenta_viz.models import conv_gradient
from magenta_viz.models import image_gradient
from magenta_viz.models import network_protocol
from magenta_viz.models.foreign import code_check
from magenta_viz.models.foreign import graph_model
from magenta_viz.models.foreign import input_format
from magenta_viz.models.foreign import model_files
from magenta_viz.testing import mutations

v1 = tf.compat.v1
keras: Any = tf.keras
layers: Any = keras.layers

_SHAPE = (None, 12, 10, 3)
_NUM_COPIES = 60

_KERNEL = np.random.RandomState(0).randn(3, 3, 3, 5).astype(np.float32)


class _Module(tf.Module):
  """Any function of pictures and a kernel, with signatures."""

  def __init__(self, function: Callable[..., Any]):
    super().__init__('module')
    self.kernel = tf.Variable(_KERNEL, name='kernel')
    self._function = function

  @tf.function(autograph=False)
  def call(self, *args: tf.Tensor) -> Any:
    return self._function(self.kernel, *args)


def _scores(kernel: tf.Tensor, images: tf.Tensor) -> Dict[str, tf.Tensor]:
  with tf.name_scope('conv1'):
    net = tf.nn.relu(tf.nn.conv2d(images, kernel, 1, 'SAME'))
  with tf.name_scope('block'):
    with tf.name_scope('left'):
      left = tf.nn.relu(net - 0.5)
    with tf.name_scope('right'):
      right = tf.nn.sigmoid(net)
    net = tf.concat([left, right], -1)
  return {'scores': tf.reduce_mean(net, [1, 2], name='pooled')}


def _images(batch: int = 2, shape: Any = _SHAPE) -> tf.Tensor:
  generator = np.random.RandomState(1)
  return tf.constant(
    generator.rand(batch, *(side or 8 for side in shape[1:])), tf.float32
  )


def _keras_model() -> Any:
  """Returns a network with a network in it, in a state as of training."""
  inner = keras.Sequential(
    [
      keras.Input([10, 8, 4]),
      layers.Conv2D(6, 3, activation='relu', name='deep'),
      layers.MaxPooling2D(name='pool'),
    ],
    name='inner',
  )
  images = keras.Input(_SHAPE[1:], name='images')
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


class GraphModelTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)

  def load(
    self, path: Path, signature: Optional[str] = None, allow_code: bool = False
  ) -> graph_model.GraphModel:
    found = model_files.tell(str(path))
    assert found is not None, path
    code_check.check(found, allow_code)
    return graph_model.GraphModel(found, signature)

  @contextlib.contextmanager
  def refused(self, *parts: str) -> Iterator[None]:
    with self.assertRaises(ValueError) as caught:
      yield
    for part in parts:
      self.assertIn(part, str(caught.exception))
    self.assertNotIn('\n', str(caught.exception))
    self.assertLess(len(str(caught.exception)), 600)

  def saved(
    self, function: Callable[..., Any], *specs: Any, name: str = 'a model'
  ) -> Path:
    """Saves a function's SavedModel."""
    path = self.folder / name
    module = _Module(function)
    signature = module.call.get_concrete_function(
      *(specs or [tf.TensorSpec(_SHAPE, name='images')])
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
      images = v1.placeholder(tf.float32, _SHAPE, 'images')
      kernel = v1.get_variable(
        'kernel',
        initializer=_KERNEL,
        use_resource=is_resource,
      )
      scores = _scores(kernel, images)['scores']
      session.run(v1.global_variables_initializer())
      if not frozen:
        v1.saved_model.simple_save(
          session, str(path), {'images': images}, {'scores': scores}
        )
      else:
        graph_def = v1.graph_util.convert_variables_to_constants(
          session, session.graph_def, [scores.op.name]
        )
        path.write_bytes(graph_def.SerializeToString())
    return path

  def assert_is_scores(self, model: graph_model.GraphModel) -> None:
    """Fails unless a model is `_scores`."""
    images = _images()
    expected = _scores(_KERNEL, images)['scores']
    outputs, found = model(images)
    self.assertLen(outputs, 1)
    np.testing.assert_allclose(
      next(iter(outputs.values())), expected, atol=1e-6
    )
    self.assertSequenceEqual(
      list(found), ['conv1', 'block/left', 'block/right', 'block', 'pooled']
    )
    self.assertEqual(found['block'].shape, [2, 12, 10, 10])
    self.assertEqual(model.input_shape, (12, 10, 3))
    self.assertEqual(model.dtype, tf.float32)
    self.assertEqual(model.said, input_format.NOTHING_SAID)

  def test_module(self) -> None:
    path = self.saved(_scores)
    model = self.load(path)
    self.assert_is_scores(model)
    self.assertEqual(model.name, 'a_model')
    self.assertEqual(list(model(_images()).outputs), ['scores'])
    found = model_files.tell(str(path))
    assert found is not None
    self.assertEqual(model.sha256, found.sha256)

  @parameterized.product(is_resource=(True, False), frozen=(True, False))
  def test_tensorflow_1(self, is_resource: bool, frozen: bool) -> None:
    model = self.load(self.old(is_resource, frozen))
    self.assert_is_scores(model)
    self.assertEqual(model.name, 'old')

  def test_in_a_graph(self) -> None:
    model = self.load(self.saved(_scores))
    traced = tf.function(lambda images: model(images).outputs['scores'])
    for batch in (1, 3):
      images = _images(batch)
      np.testing.assert_allclose(
        traced(images), model(images).outputs['scores'], atol=1e-6
      )
    # Pictures do not know of each other.
    np.testing.assert_allclose(
      traced(_images(3))[:1], traced(_images(3)[:1]), atol=1e-6
    )

  def exported(self, model: Any) -> Path:
    path = self.folder / 'keras'
    save: Any = getattr(model, 'export', model.save)
    save(str(path))
    return path

  def test_keras(self) -> None:
    original = _keras_model()
    model = self.load(self.exported(original))
    images = 255 * _images(3)
    outputs, found = model(images)
    np.testing.assert_allclose(
      next(iter(outputs.values())), original(images, training=False), atol=1e-5
    )
    self.assertEqual(
      list(found),
      # Each has the name that Keras knows it by.
      [
        'scaled',
        'first',
        'norm',
        'swish',
        'inner/deep',
        'inner/pool',
        *(['drop'] if 'drop' in found else []),
        'mean',
        'classes',
      ],
    )
    whole = keras.Model(
      original.inputs,
      [original.get_layer(name).output for name in ('norm', 'swish', 'mean')],
    )
    for name, expected in zip(('norm', 'swish', 'mean'), whole(images)):
      np.testing.assert_allclose(found[name], expected, atol=1e-4)
    self.assertEqual(model.said.format, input_format.InputFormat((0.0, 255.0)))
    self.assertRegex(model.said.reason, 'its operation scaled')

  def gradient_of(
    self, model: graph_model.GraphModel, images: tf.Tensor, name: str
  ) -> Any:
    def score(images: tf.Tensor) -> tf.Tensor:
      with conv_gradient.turned_convolutions():
        outputs = model(images).outputs[name]
      return image_gradient.gradient(outputs[:, 1], images)

    spec = tf.TensorSpec([None, *images.shape[1:]])
    traced = tf.function(score, [spec], autograph=False)
    return traced(images), traced.get_concrete_function().graph

  def test_gradient(self) -> None:
    model = self.load(self.saved(_scores))
    images = _images(2)
    found, graph = self.gradient_of(model, images, 'scores')
    with tf.GradientTape() as tape:
      tape.watch(images)
      scores = _scores(_KERNEL, images)['scores'][:, 1]
    np.testing.assert_allclose(found, tape.gradient(scores, images), atol=1e-6)
    kinds = collections.Counter(each.type for each in graph.get_operations())
    # Its own gradient is a convolution, of weights from outside.
    self.assertEqual(kinds['Conv2D'], 2)
    self.assertEqual(kinds['Conv2DBackpropInput'], 0)

  def test_gradient_of_what_has_its_own(self) -> None:
    original = _keras_model()
    model = self.load(self.exported(original))
    images = 255 * _images(2)
    (name,) = model(images).outputs
    found, _ = self.gradient_of(model, images, name)
    with tf.GradientTape() as tape:
      tape.watch(images)
      scores = original(images, training=False)[:, 1]
    expected = tape.gradient(scores, images)
    most = np.max(np.abs(expected))
    self.assertGreater(most, 1e-7)
    np.testing.assert_allclose(found, expected, atol=1e-3 * most)

  def test_guided(self) -> None:
    def network(images: tf.Tensor) -> network_protocol.Outputs:
      outputs, found = model(images)
      return network_protocol.Outputs(outputs['scores'], found)

    def function(kernel: tf.Tensor, images: tf.Tensor) -> Dict[str, tf.Tensor]:
      net = tf.nn.relu(tf.nn.conv2d(images - 0.5, kernel, 1, 'SAME'))
      net = tf.nn.relu(tf.nn.conv2d(net[..., :3], kernel, 1, 'SAME'))
      return {'scores': tf.reduce_mean(net, [1, 2])}

    shape = tf.TensorSpec([None, 10, 10, 3], name='images')
    model = self.load(self.saved(function, shape))
    images = _images(2, shape.shape)
    gradients = {
      rule: class_gradients.ClassGradient(network, 10, rule)(images.numpy(), 1)
      for rule in class_gradients.RULES
    }
    expected = class_gradients.ClassGradient(
      lambda images: network_protocol.Outputs(
        function(_KERNEL, images)['scores'], {}
      ),
      10,
      'guided',
    )(images.numpy(), 1)
    np.testing.assert_allclose(gradients['guided'], expected, atol=1e-6)
    for rule in ('guided', 'deconvnet'):
      difference = np.abs(gradients['plain'] - gradients[rule])
      self.assertGreater(difference.max(), 1e-3)

  def test_uses_share_weights(self) -> None:
    model = self.load(self.saved(_scores))
    graphs = [
      self.gradient_of(model, _images(1), 'scores')[1] for _ in range(2)
    ]
    outside = [
      {id(each) for each, _ in graph.captures if each.shape.rank == 4}
      for graph in graphs
    ]
    # And each its own that are turned round.
    self.assertLen(outside[0] & outside[1], 1)
    for graph in graphs:
      constants = [
        each for each in graph.get_operations() if each.type == 'Const'
      ]
      for each in constants:
        self.assertLess(each.outputs[0].shape.num_elements(), 16)

  def test_signatures(self) -> None:
    module = _Module(_scores)
    spec = tf.TensorSpec(_SHAPE, name='images')
    signatures = {
      'b': module.call.get_concrete_function(spec),
      'a': module.call.get_concrete_function(
        tf.TensorSpec([None, 6, 6, 3], name='images')
      ),
    }
    path = self.folder / 'm'
    tf.saved_model.save(module, str(path), signatures=signatures)
    self.assertEqual(self.load(path, 'a').input_shape, (6, 6, 3))
    for asked in (None, 'c'):
      with self.refused(
        f"'{path}' has no signature", '--signature one of a, b'
      ):
        self.load(path, asked)
    with self.refused('leave --signature out'):
      self.load(self.old(True, True), 'a')

  def test_only_signature_of_any_name(self) -> None:
    module = _Module(_scores)
    spec = tf.TensorSpec(_SHAPE, name='images')
    path = self.folder / 'm'
    tf.saved_model.save(
      module,
      str(path),
      signatures={'b': module.call.get_concrete_function(spec)},
    )
    self.assert_is_scores(self.load(path))

  def test_no_signature(self) -> None:
    path = self.folder / 'm'
    tf.saved_model.save(_Module(_scores), str(path))
    with self.refused(f"'{path}' has no signature, so does not say"):
      self.load(path)

  def test_several_outputs(self) -> None:
    def function(kernel: tf.Tensor, images: tf.Tensor) -> Dict[str, tf.Tensor]:
      scores = _scores(kernel, images)['scores']
      return {
        'b': 2 * scores,
        'a': scores,
        'best': tf.argmax(scores, -1),
        'text': tf.strings.as_string(scores),
        'fixed': tf.ones([3]),
      }

    outputs = self.load(self.saved(function))(_images()).outputs
    self.assertEqual(list(outputs), ['a', 'b'])
    np.testing.assert_allclose(outputs['b'], 2 * outputs['a'], atol=1e-6)

  @parameterized.parameters(tf.uint8, tf.int32)
  def test_bytes(self, dtype: tf.DType) -> None:
    def function(kernel: tf.Tensor, images: tf.Tensor) -> Dict[str, tf.Tensor]:
      return _scores(kernel, tf.cast(images, tf.float32) / 255)

    spec = tf.TensorSpec(_SHAPE, dtype, name='images')
    model = self.load(self.saved(function, spec))
    images = _images()
    np.testing.assert_allclose(
      model(255 * images).outputs['scores'],
      _scores(_KERNEL, images)['scores'],
      atol=1e-5,
    )
    self.assertEqual(
      model.said,
      input_format.Said(
        input_format.InputFormat((0.0, 255.0)), 'its input of bytes'
      ),
    )

  def test_half(self) -> None:
    def function(kernel: tf.Tensor, images: tf.Tensor) -> Dict[str, tf.Tensor]:
      return _scores(tf.cast(kernel, tf.float16), images)

    spec = tf.TensorSpec(_SHAPE, tf.float16, name='images')
    model = self.load(self.saved(function, spec))
    self.assertEqual(model.dtype, tf.float16)
    self.assertEqual(model(_images()).outputs['scores'].dtype, tf.float16)

  @parameterized.parameters(
    (lambda x: x / 255, (0, 255)),
    (lambda x: x / 127.5 - 1, (0, 255)),
    (lambda x: (x - 127.5) * (1 / 127.5), (0, 255)),
    (lambda x: x - tf.constant([123.7, 116.8, 103.9]), (0, 255)),
    (
      lambda x: (x / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225],
      (0, 255),
    ),
    (lambda x: x * 2 - 1, (0, 1)),
    (lambda x: (x - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225], (0, 1)),
    (lambda x: tf.reverse(x, [-1]) / 255, None),
    (lambda x: 1 - x, None),
    (lambda x: x * 7, None),
    (lambda x: x + x, None),
    (lambda x: tf.sqrt(x), None),
  )
  def test_rescaling(self, begin: Callable[..., Any], said: Any) -> None:
    model = self.load(
      self.saved(lambda kernel, images: _scores(kernel, begin(images)))
    )
    found = model.said.format
    self.assertEqual(found and found.range, said)

  @parameterized.parameters(1, 4)
  def test_fixed_batch(self, batch: int) -> None:
    spec = tf.TensorSpec([batch, *_SHAPE[1:]], name='images')
    self.assert_is_scores(self.load(self.saved(_scores, spec)))

  def test_batch_that_is_written_into_it(self) -> None:
    def function(kernel: tf.Tensor, images: tf.Tensor) -> Dict[str, tf.Tensor]:
      net = tf.nn.conv2d(images, kernel, 1, 'SAME')
      return {'scores': tf.reshape(net, [1, -1])}

    spec = tf.TensorSpec([1, *_SHAPE[1:]], name='images')
    path = self.saved(function, spec)
    with self.refused(f"'{path}'", 'export it with a batch of any size (None)'):
      self.load(path)

  def test_inputs_that_are_not_one_of_pictures(self) -> None:
    def decoded(kernel: tf.Tensor, files: tf.Tensor) -> Dict[str, tf.Tensor]:
      images = tf.map_fn(
        lambda file: tf.image.decode_jpeg(file, 3),
        files,
        fn_output_signature=tf.uint8,
      )
      return _scores(kernel, tf.cast(images, tf.float32))

    def added(
      kernel: tf.Tensor, left: tf.Tensor, right: tf.Tensor
    ) -> Dict[str, tf.Tensor]:
      return _scores(kernel, left + right)

    def looked_up(
      kernel: tf.Tensor, indices: tf.Tensor
    ) -> Dict[str, tf.Tensor]:
      return _scores(kernel, tf.one_hot(indices, 3))

    images = [tf.TensorSpec(_SHAPE, name=name) for name in ('left', 'right')]
    cases: Any = (
      (decoded, [tf.TensorSpec([None], tf.string)], "is a picture's file"),
      (added, images, 'it has 2 inputs ('),
      (looked_up, [tf.TensorSpec([None, 5, 5], tf.int32)], 'of shape'),
      (
        lambda kernel, rows: {'a': rows + 1},
        [tf.TensorSpec([None, 5])],
        'of shape',
      ),
      (
        lambda kernel, images: {'a': tf.ones([3])},
        images[:1],
        'it has 0 inp',
      ),
      (
        lambda kernel, images: {'a': tf.one_hot(images, 3)},
        [tf.TensorSpec(_SHAPE, tf.uint8)],
        'not one Cast',
      ),
    )
    for i, (function, specs, said) in enumerate(cases):
      path = self.saved(function, *specs, name=f'm{i}')
      with self.refused(f"cannot draw from '{path}'", said, 'export it'):
        self.load(path)

  def test_batch_norm_in_training(self) -> None:
    def function(kernel: tf.Tensor, images: tf.Tensor) -> Dict[str, tf.Tensor]:
      net = tf.nn.conv2d(images, kernel, 1, 'SAME')
      net, _, _ = v1.nn.fused_batch_norm(net, tf.ones([5]), tf.zeros([5]))
      return {'scores': tf.reduce_mean(net, [1, 2])}

    with self.refused('its batch norm', 'is in training mode'):
      self.load(self.saved(function))

  def test_variables_without_values(self) -> None:
    def build() -> None:
      images = v1.placeholder(tf.float32, _SHAPE, 'images')
      v1.get_variable('kernel', [3]) * images

    path = self.graph(build)
    with self.refused(f"'{path}' has variables without", 'freeze it'):
      self.load(path)

  def test_graph_that_says_no_shape(self) -> None:
    def build(is_conv: bool) -> None:
      images = v1.placeholder(tf.float32, None, 'images')
      kernel = np.ones([1, 1, 4, 8], np.float32)
      if is_conv:
        images = tf.nn.conv2d(images, kernel, 1, 'SAME')
      tf.reduce_mean(images, [1, 2], name='scores')

    model = self.load(self.graph(lambda: build(True)))
    self.assertEqual(model.input_shape, (None, None, 4))
    with self.refused('it does not say what shape its input has'):
      self.load(self.graph(lambda: build(False)))

  def test_name(self) -> None:
    path = self.old(True, True)
    for name, expected in (
      ('My net (2).pb', 'My_net_2'),
      ('\u732b.pb', 'graph'),
      ('a-b_c.d.pb', 'a-b_c.d'),
    ):
      path = path.rename(self.folder / name)
      self.assertEqual(self.load(path).name, expected)

  @parameterized.parameters('saved_model', 'weights', 'graph')
  def test_damaged(self, kind: str) -> None:
    path = self.old(True, True) if kind == 'graph' else self.saved(_scores)
    file = {
      'graph': path,
      'saved_model': path / 'saved_model.pb',
      'weights': path / 'variables' / 'variables.index',
    }[kind]
    good = file.read_bytes()
    refused: List[int] = []
    for seed, copy in enumerate(mutations.all_mutated(good, _NUM_COPIES)):
      file.write_bytes(copy)
      if model_files.tell(str(path)) is None:
        continue
      try:
        # What is damaged may be what `code_check` would refuse.
        self.load(path, allow_code=True)
      except (ValueError, OSError) as error:
        refused.append(seed)
        self.assertNotIn('\n', str(error))
        self.assertIn(str(path), str(error))
        self.assertLess(len(str(error)), 1000)
      except BaseException as error:
        error.args += (f'seed {seed}',)
        raise
    self.assertNotEmpty(refused)

  def test_damaged_saved_model_of_another_graph(self) -> None:
    path = self.saved(_scores)
    file = path / 'saved_model.pb'
    saved_model = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    del saved_model.meta_graphs[0].object_graph_def.nodes[1:]
    file.write_bytes(saved_model.SerializeToString())
    with self.refused(f"cannot read '{path}'", 'export it again'):
      self.load(path)


if __name__ == '__main__':
  absltest.main()
