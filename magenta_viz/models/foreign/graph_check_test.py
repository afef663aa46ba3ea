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

"""Tests for graph_check."""

from pathlib import Path
from typing import Any, Callable
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from magenta_viz.models.foreign import code_check
from magenta_viz.models.foreign import graph_check
from magenta_viz.models.foreign import model_files
from magenta_viz.testing import model_files_case
from magenta_viz.testing import mutations
from magenta_viz.testing import protobuf_messages

v1 = tf.compat.v1

_NUM_COPIES = 200
_SHAPE = (None, 4, 4, 3)


class _Module(tf.Module):
  """A convolution, and something beside it."""

  def __init__(self, beside: Callable[[tf.Tensor], Any]):
    super().__init__()
    self._beside = beside
    self.kernel = tf.Variable(tf.ones([1, 1, 3, 2]), name='kernel')

  @tf.function(input_signature=[tf.TensorSpec(_SHAPE)], autograph=False)
  def __call__(self, images: tf.Tensor) -> tf.Tensor:
    net = tf.nn.relu(tf.nn.conv2d(images, self.kernel, 1, 'SAME'))
    with tf.control_dependencies([self._beside(net)]):
      return tf.reduce_mean(net, [1, 2])


def _python(values: tf.Tensor) -> tf.Tensor:
  return tf.py_function(lambda each: each, [values], tf.float32)


def _loop(values: tf.Tensor) -> tf.Tensor:
  """Computes by a loop, a branch, random numbers and lists."""
  total = tf.while_loop(
    lambda i, _: i < 3,
    lambda i, each: (i + 1, each + tf.random.uniform([])),
    (0, tf.reduce_sum(values)),
  )[1]
  parts = tf.map_fn(lambda each: each * 2, values)
  chosen = tf.cond(total > 0, lambda: parts, lambda: values)
  words = tf.strings.join([tf.strings.as_string(total), 'a'])
  return tf.reduce_sum(chosen) + tf.cast(tf.strings.length(words), tf.float32)


# What a graph must not have, and the operation that it is.
_BAD = (
  (lambda values: tf.io.write_file('/tmp/x', 'text'), 'WriteFile'),
  (lambda values: tf.io.read_file('/etc/passwd'), 'ReadFile'),
  (lambda values: tf.io.matching_files('/etc/*'), 'MatchingFiles'),
  (lambda values: tf.print(values), 'PrintV2'),
  (_python, 'EagerPyFunc'),
  (
    lambda values: tf.raw_ops.PyFuncStateless(
      input=[values], token='a', Tout=[tf.float32]
    )[0],
    'PyFuncStateless',
  ),
  (
    lambda values: tf.raw_ops.SaveV2(
      prefix='/tmp/x',
      tensor_names=['a'],
      shape_and_slices=[''],
      tensors=[values],
    ),
    'SaveV2',
  ),
  (
    lambda values: tf.raw_ops.RestoreV2(
      prefix='/tmp/x',
      tensor_names=['a'],
      shape_and_slices=[''],
      dtypes=[tf.float32],
    )[0],
    'RestoreV2',
  ),
  (
    lambda values: tf.raw_ops.ImmutableConst(
      dtype=tf.uint8, shape=[4], memory_region_name='/etc/passwd'
    ),
    'ImmutableConst',
  ),
  (
    lambda values: tf.raw_ops.DebugIdentityV2(
      input=values, debug_urls=['file:///tmp/x']
    ),
    'DebugIdentityV2',
  ),
  (
    lambda values: tf.raw_ops.CreateSummaryFileWriter(
      writer=tf.raw_ops.SummaryWriter(),
      logdir='/tmp/x',
      max_queue=1,
      flush_millis=1,
      filename_suffix='',
    ),
    'SummaryWriter',
  ),
  (lambda values: tf.raw_ops.Timestamp(), 'Timestamp'),
)


class GraphCheckTest(model_files_case.ModelFilesCase):
  def saved(self, beside: Callable[[tf.Tensor], Any] = tf.identity) -> Path:
    path = self.folder / 'model'
    tf.saved_model.save(_Module(beside), str(path))
    return path

  def old(
    self, beside: Callable[[tf.Tensor], Any] = tf.identity, **kwargs: Any
  ) -> Path:
    """Saves a model as TensorFlow 1 does."""
    path = self.folder / 'model'
    with tf.Graph().as_default(), v1.Session() as session:
      images = v1.placeholder(tf.float32, _SHAPE)
      kernel = v1.get_variable('kernel', [1, 1, 3, 2])
      with tf.control_dependencies([beside(images)]):
        scores = tf.nn.conv2d(images, kernel, 1, 'SAME')
      session.run(v1.global_variables_initializer())
      v1.saved_model.simple_save(
        session, str(path), {'in': images}, {'out': scores}, **kwargs
      )
    return path

  def graph(self, beside: Callable[[tf.Tensor], Any]) -> Path:
    path = self.folder / 'graph.pb'
    with tf.Graph().as_default() as graph:
      beside(v1.placeholder(tf.float32, _SHAPE))
    path.write_bytes(graph.as_graph_def().SerializeToString())
    return path

  def changed(
    self, path: Path, change: Callable[[Any], None], name: str
  ) -> None:
    """Changes the graph of a SavedModel."""
    file = path / name
    saved_model = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    change(saved_model.meta_graphs[0])
    file.write_bytes(saved_model.SerializeToString())

  @parameterized.parameters(tf.identity, _loop)
  def test_what_computes(self, beside: Callable[[tf.Tensor], Any]) -> None:
    self.check(self.saved(beside))
    self.check(self.graph(beside))

  @parameterized.parameters(tf.identity, _loop)
  def test_what_computes_in_tensorflow_1(
    self, beside: Callable[[tf.Tensor], Any]
  ) -> None:
    self.check(self.old(beside))

  def test_keras(self) -> None:
    layers = tf.keras.layers
    model = tf.keras.Sequential(
      [
        tf.keras.Input([8, 8, 3]),
        layers.Rescaling(2.0),
        layers.Conv2D(4, 3, activation='relu'),
        layers.BatchNormalization(),
        layers.Dropout(0.5),
        layers.Reshape([-1, 4]),
        layers.LSTM(3),
        layers.Dense(2, activation='softmax'),
      ]
    )
    path = self.folder / 'model'
    save: Any = getattr(model, 'export', model.save)
    save(str(path))
    self.check(path)

  @parameterized.product(case=_BAD, kind=('saved', 'old', 'graph'))
  def test_what_does_more(self, case: Any, kind: str) -> None:
    if kind != 'saved' and case[1] == 'EagerPyFunc':
      self.skipTest('there is none without TensorFlow 2')
    path = getattr(self, kind)(case[0])
    with self.refused(
      f"'{path}' has an operation that does more than compute, {case[1]} ('",
      '; only what computes is run',
      '--allow_code',
    ):
      self.check(path)
    self.check(path, allow_code=True)

  def test_unknown_operation(self) -> None:
    path = self.saved()

    def change(meta_graph: Any) -> None:
      meta_graph.graph_def.node.add(name='mine', op='MyOwn')

    self.changed(path, change, 'saved_model.pb')
    with self.refused("compute, MyOwn ('mine')"):
      self.check(path)

  def test_call_of_no_function(self) -> None:
    path = self.saved()

    def change(meta_graph: Any) -> None:
      node = meta_graph.graph_def.node.add(name='call', op='PartitionedCall')
      node.attr['f'].func.name = 'WriteFile'

    self.changed(path, change, 'saved_model.pb')
    with self.refused("a call of 'WriteFile', which is no function of its own"):
      self.check(path)

  @parameterized.parameters('saved', 'old')
  def test_what_saves_is_not_run(self, kind: str) -> None:
    path = getattr(self, kind)()
    self.check(path)

    def change(meta_graph: Any) -> None:
      # What saves the variables is now said to restore them.
      saver = meta_graph.saver_def
      saver.restore_op_name = saver.save_tensor_name.partition(':')[0]

    self.changed(path, change, 'saved_model.pb')
    with self.refused('an operation that does more than compute, '):
      self.check(path)

  @parameterized.parameters('saved', 'old')
  def test_output_that_saves(self, kind: str) -> None:
    path = getattr(self, kind)()

    def change(meta_graph: Any) -> None:
      for signature in meta_graph.signature_def.values():
        for tensor in signature.outputs.values():
          tensor.name = meta_graph.saver_def.save_tensor_name

    self.changed(path, change, 'saved_model.pb')
    with self.refused('an operation that does more than compute, '):
      self.check(path)

  def test_object_that_saves(self) -> None:
    path = self.saved()

    def change(meta_graph: Any) -> None:
      name = next(
        each.signature.name
        for each in meta_graph.graph_def.library.function
        if 'traced_save' in each.signature.name
      )
      meta_graph.object_graph_def.concrete_functions[name].SetInParent()

    self.changed(path, change, 'saved_model.pb')
    with self.refused('an operation that does more than compute, '):
      self.check(path)

  @parameterized.parameters(
    '../../etc/passwd', '/etc/passwd', 'a\\..\\b', 'C:a'
  )
  def test_asset_outside(self, name: str) -> None:
    path = self.saved()

    def change(meta_graph: Any) -> None:
      meta_graph.asset_file_def.add(filename=name)

    self.changed(path, change, 'saved_model.pb')
    with self.refused(f'an asset outside of its folder, {name!r}'):
      self.check(path)

  def test_table_of_a_file(self) -> None:
    def table(values: tf.Tensor) -> Any:
      initializer = tf.lookup.TextFileInitializer(
        '/etc/passwd', tf.string, 0, tf.string, 0, delimiter=':'
      )
      return tf.lookup.StaticHashTable(initializer, '').lookup(
        tf.constant(['a'])
      )

    with self.refused('compute, InitializeTableFromTextFileV2'):
      self.check(self.graph(table))

  @parameterized.parameters(
    (b'', 'it has no graph'),
    (b'\x08\x01', 'it has no graph'),
    (b'\x12\x05', 'goes on after the end'),
  )
  def test_no_graph(self, content: bytes, said: str) -> None:
    (self.folder / 'saved_model.pb').write_bytes(content)
    with self.refused('saved_model.pb', said, 'save it again'):
      self.check(self.folder, allow_code=True)

  def test_too_many_operations(self) -> None:
    path = self.folder / 'a.pb'
    node = protobuf_messages.message((1, b'a'), (2, b'NoOp'))
    path.write_bytes(protobuf_messages.message(*[(1, node)] * 30))
    self.check(path)
    with mock.patch.object(graph_check, '_MAX_NODES', 20):
      with self.refused(str(path), 'more than 20 fields'):
        self.check(path)

  def test_large_operation(self) -> None:
    path = self.folder / 'a.pb'
    # A map of a million empty entries.
    node = protobuf_messages.message((1, b'a'), (2, b'NoOp')) + b'\x2a\0' * (
      1 << 20
    )
    path.write_bytes(protobuf_messages.message((1, node)))
    with self.refused(str(path), 'damaged'):
      self.check(path)

  @parameterized.parameters('saved', 'old', 'graph')
  def test_damaged(self, kind: str) -> None:
    path = self.graph(_loop) if kind == 'graph' else getattr(self, kind)()
    file = path if path.is_file() else path / 'saved_model.pb'
    num_refused = 0
    for seed, copy in enumerate(
      mutations.all_mutated(file.read_bytes(), _NUM_COPIES)
    ):
      file.write_bytes(copy)
      found = model_files.tell(str(path))
      try:
        if found is None:
          raise ValueError(f'{path} is none')
        code_check.check(found)
      except (ValueError, OSError) as error:
        num_refused += 1
        self.assertNotIn('\n', str(error))
        self.assertIn(str(path), str(error))
        self.assertLess(len(str(error)), 1000)
      except BaseException as error:
        error.args += (f'seed {seed}',)
        raise
    self.assertGreater(num_refused, _NUM_COPIES // 5)


if __name__ == '__main__':
  absltest.main()
