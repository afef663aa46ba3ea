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

"""Tests for frozen_graph."""

from typing import Any, Dict, List

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from magenta_viz.models.foreign import model_files
from magenta_viz.testing import graph_models
from magenta_viz.testing import mutations

v1 = tf.compat.v1


_NUM_COPIES = 60


class FrozenGraphTest(graph_models.GraphModelsTestCase):
  def test_signatures(self) -> None:
    module = graph_models.Module(graph_models.scores)
    spec = tf.TensorSpec(graph_models.SHAPE, name='images')
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
    module = graph_models.Module(graph_models.scores)
    spec = tf.TensorSpec(graph_models.SHAPE, name='images')
    path = self.folder / 'm'
    tf.saved_model.save(
      module,
      str(path),
      signatures={'b': module.call.get_concrete_function(spec)},
    )
    self.assertEqual(
      list(self.load(path)(graph_models.images()).outputs), ['scores']
    )

  def test_no_signature(self) -> None:
    path = self.folder / 'm'
    tf.saved_model.save(graph_models.Module(graph_models.scores), str(path))
    with self.refused(f"'{path}' has no signature, so does not say"):
      self.load(path)

  def test_several_outputs(self) -> None:
    def function(kernel: tf.Tensor, images: tf.Tensor) -> Dict[str, tf.Tensor]:
      scores = graph_models.scores(kernel, images)['scores']
      return {
        'b': 2 * scores,
        'a': scores,
        'best': tf.argmax(scores, -1),
        'text': tf.strings.as_string(scores),
        'fixed': tf.ones([3]),
      }

    outputs = self.load(self.saved(function))(graph_models.images()).outputs
    self.assertEqual(list(outputs), ['a', 'b'])
    np.testing.assert_allclose(outputs['b'], 2 * outputs['a'], atol=1e-6)

  def test_inputs_that_are_not_one_of_pictures(self) -> None:
    def decoded(kernel: tf.Tensor, files: tf.Tensor) -> Dict[str, tf.Tensor]:
      images = tf.map_fn(
        lambda file: tf.image.decode_jpeg(file, 3),
        files,
        fn_output_signature=tf.uint8,
      )
      return graph_models.scores(kernel, tf.cast(images, tf.float32))

    def added(
      kernel: tf.Tensor, left: tf.Tensor, right: tf.Tensor
    ) -> Dict[str, tf.Tensor]:
      return graph_models.scores(kernel, left + right)

    def looked_up(
      kernel: tf.Tensor, indices: tf.Tensor
    ) -> Dict[str, tf.Tensor]:
      return graph_models.scores(kernel, tf.one_hot(indices, 3))

    images = [
      tf.TensorSpec(graph_models.SHAPE, name=name) for name in ('left', 'right')
    ]
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
        [tf.TensorSpec(graph_models.SHAPE, tf.uint8)],
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

  def test_layer_norm(self) -> None:
    def norm(images: tf.Tensor) -> tf.Tensor:
      # As Keras 2 has it.
      shape = tf.shape(images)
      rows = tf.reshape(images, [1, shape[0] * shape[1] * shape[2], 3, 1])
      factors = tf.ones([shape[0] * shape[1] * shape[2]])
      rows, _, _ = v1.nn.fused_batch_norm(
        rows, factors, tf.zeros_like(factors), data_format='NCHW'
      )
      return tf.reshape(rows, shape)

    def function(kernel: tf.Tensor, images: tf.Tensor) -> Dict[str, tf.Tensor]:
      return graph_models.scores(kernel, norm(images))

    model = self.load(self.saved(function))
    outputs, _ = model(graph_models.images())
    self.assertEqual(outputs['scores'].shape, [2, 10])

  def test_layer_norm_of_keras(self) -> None:
    images = tf.keras.Input([6, 6, 3])
    net = tf.keras.layers.LayerNormalization()(images)
    model = tf.keras.Model(images, tf.keras.layers.Flatten()(net))
    pictures = graph_models.images(2, [None, 6, 6, 3])
    (found,) = self.load(self.exported(model))(pictures).outputs.values()
    np.testing.assert_allclose(found, model(pictures), atol=1e-4)

  def test_random(self) -> None:
    def function(kernel: tf.Tensor, images: tf.Tensor) -> Dict[str, tf.Tensor]:
      noise = tf.random.uniform(tf.shape(images))
      return graph_models.scores(kernel, images + noise)

    with self.refused("uniform/RandomUniform' is random", '(.keras)'):
      self.load(self.saved(function))

  def test_what_changes_by_itself(self) -> None:
    module = graph_models.Module(graph_models.scores)
    module.count = tf.Variable(1.0)

    @tf.function(autograph=False)
    def call(images: tf.Tensor) -> Dict[str, tf.Tensor]:
      scores = graph_models.scores(module.kernel, images)['scores']
      return {'scores': scores * module.count.assign_add(1.0)}

    path = self.folder / 'model'
    spec = tf.TensorSpec(graph_models.SHAPE, name='images')
    tf.saved_model.save(
      module, str(path), signatures=call.get_concrete_function(spec)
    )
    with self.refused(f"'{path}'", 'is random or changes by itself'):
      self.load(path)

  def test_what_changes_beside_it(self) -> None:
    module = graph_models.Module(graph_models.scores)
    module.count = tf.Variable(1.0)

    @tf.function(autograph=False)
    def call(images: tf.Tensor) -> Dict[str, tf.Tensor]:
      module.count.assign_add(1.0)
      return graph_models.scores(module.kernel, images)

    path = self.folder / 'model'
    spec = tf.TensorSpec(graph_models.SHAPE, name='images')
    tf.saved_model.save(
      module, str(path), signatures=call.get_concrete_function(spec)
    )
    images = graph_models.images()
    np.testing.assert_allclose(
      self.load(path)(images).outputs['scores'],
      graph_models.scores(graph_models.KERNEL, images)['scores'],
      atol=1e-6,
    )

  def test_names_of_classes_beside_the_scores(self) -> None:
    module = graph_models.Module(graph_models.scores)
    module.names = tf.lookup.StaticHashTable(
      tf.lookup.KeyValueTensorInitializer(
        tf.range(5, dtype=tf.int64), tf.constant(list('abcde'))
      ),
      '',
    )

    @tf.function(autograph=False)
    def call(images: tf.Tensor) -> Dict[str, tf.Tensor]:
      scores = graph_models.scores(module.kernel, images)['scores'][:, :5]
      return {'name': module.names.lookup(tf.argmax(scores, -1)), 'p': scores}

    path = self.folder / 'model'
    spec = tf.TensorSpec(graph_models.SHAPE, name='images')
    tf.saved_model.save(
      module, str(path), signatures=call.get_concrete_function(spec)
    )
    outputs = self.load(path)(graph_models.images()).outputs
    self.assertEqual(list(outputs), ['p'])
    self.assertEqual(outputs['p'].shape, [2, 5])

  def test_variables_without_values(self) -> None:
    def build() -> None:
      images = v1.placeholder(tf.float32, graph_models.SHAPE, 'images')
      v1.get_variable('kernel', [3]) * images

    path = self.graph(build)
    with self.refused(f"'{path}' has variables without", 'freeze it'):
      self.load(path)

  @parameterized.parameters('saved_model', 'weights', 'graph')
  def test_damaged(self, kind: str) -> None:
    path = (
      self.old(True, True)
      if kind == 'graph'
      else self.saved(graph_models.scores)
    )
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
    path = self.saved(graph_models.scores)
    file = path / 'saved_model.pb'
    saved_model = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    del saved_model.meta_graphs[0].object_graph_def.nodes[1:]
    file.write_bytes(saved_model.SerializeToString())
    with self.refused(f"cannot read '{path}'", 'export it again'):
      self.load(path)


if __name__ == '__main__':
  absltest.main()
