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


"""Tests of what all networks have in common."""

import functools
import threading
from typing import Any, Dict, Mapping, Optional, Tuple
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models import imagenet_classes
from magenta_viz.models import model_spec
from magenta_viz.models import network_protocol
from magenta_viz.models import slim_network
from magenta_viz.models import training_mode
from magenta_viz.testing import precisions as precision
from magenta_viz.testing import random_weights

_NAMES = tuple(model_spec.MODEL_SPECS)


@functools.lru_cache(maxsize=None)
def _values(name: str, heads: Tuple[str, ...] = ()) -> Dict[str, np.ndarray]:
  return random_weights.of_network(model_spec.find_spec(name), heads)


def _network(
  name: str,
  changes: Mapping[str, Any] = {},
  dtype: tf.DType = tf.float32,
) -> slim_network.SlimNetwork:
  values = {**_values(name), **changes}
  return slim_network.SlimNetwork(model_spec.find_spec(name), values, dtype)


# One network for all tests that only run it.
_shared_network = functools.lru_cache(maxsize=None)(_network)


@functools.lru_cache(maxsize=None)
def _images(batch: int, height: int, width: int) -> tf.Tensor:
  generator = np.random.RandomState(0)
  values = generator.rand(batch, height, width, 3)
  # Of different means, or random networks hardly tell noise from noise.
  values *= np.linspace(0.2, 1, batch)[:, None, None, None]
  return tf.constant(values, tf.float32)


class SlimNetworkTestCase(parameterized.TestCase):
  def assert_close(
    self, actual: tf.Tensor, expected: tf.Tensor, tolerance: float = 1e-4
  ) -> None:
    """Compares on the scale of the largest value."""
    scale = np.abs(expected).max()
    self.assertGreater(scale, 0)
    np.testing.assert_allclose(actual, expected, atol=tolerance * scale)


class CallTest(SlimNetworkTestCase):
  @parameterized.product(
    name=_NAMES, shape=((1, 64, 64), (3, 64, 97), (2, 131, 76))
  )
  def test_sizes(self, name: str, shape: Tuple[int, int, int]) -> None:
    outputs = _shared_network(name)(_images(*shape))
    self.assertEqual(outputs.logits.shape, (shape[0], 1000))
    self.assertEqual(outputs.logits.dtype, tf.float32)
    self.assertTrue(np.isfinite(outputs.logits).all())
    self.assertGreater(np.std(outputs.logits), 0)
    for end_point in outputs.end_points.values():
      self.assertEqual(end_point.shape[0], shape[0])

  @parameterized.parameters(*_NAMES)
  def test_281_is_tabby(self, name: str) -> None:
    class_names = imagenet_classes.load_class_names()
    self.assertEqual(class_names[281].split(', ')[0], 'tabby')
    spec = model_spec.find_spec(name)
    _, biases = filter(spec.is_head, _values(name))
    raised = _values(name)[biases].copy()
    # slim's output 0 is the background.
    raised[281 + (name == 'inception_v1')] += 1e6
    images = _images(2, 64, 64)
    before = _shared_network(name)(images).logits
    after = _network(name, {biases: raised})(images).logits
    np.testing.assert_array_equal(tf.argmax(after, axis=1), [281, 281])
    others = np.arange(1000) != 281
    np.testing.assert_array_equal(
      after.numpy()[:, others], before.numpy()[:, others]
    )

  @parameterized.parameters(*_NAMES)
  def test_function_agrees_for_any_batch(self, name: str) -> None:
    network = _shared_network(name)
    signature = tf.TensorSpec([None, 64, 97, 3])
    function = tf.function(network, input_signature=[signature])
    for batch in (1, 3):
      images = _images(batch, 64, 97)
      eager, traced = network(images), function(images)
      self.assert_close(traced.logits, eager.logits)
      self.assertEqual(traced.end_points.keys(), eager.end_points.keys())
      for key, end_point in eager.end_points.items():
        self.assert_close(traced.end_points[key], end_point)
    self.assertEqual(function.experimental_get_tracing_count(), 1)

  @parameterized.parameters(*_NAMES)
  def test_images_are_independent(self, name: str) -> None:
    network = _shared_network(name)
    images = _images(3, 64, 97)
    with tf.GradientTape() as tape:
      tape.watch(images)
      logits = network(images).logits
      score = tf.reduce_sum(logits[1] ** 2)
    gradient = tape.gradient(score, images).numpy()
    self.assertTrue(np.isfinite(gradient).all())
    self.assertGreater(np.abs(gradient[1]).max(), 0)
    np.testing.assert_array_equal(gradient[[0, 2]], 0)
    for index in range(3):
      alone = network(images[index : index + 1]).logits
      self.assert_close(logits[index : index + 1], alone)
    self.assertGreater(np.abs(logits[0] - logits[2]).max(), 0.01)

  @parameterized.parameters(*_NAMES)
  def test_bfloat16_roughly_agrees(self, name: str) -> None:
    precision.need_bfloat16()
    images = _images(2, 64, 97)
    network = _network(name, dtype=tf.bfloat16)
    self.assertEqual(network.dtype, tf.bfloat16)
    outputs = network(images)
    self.assertEqual(outputs.logits.dtype, tf.float32)
    first = next(iter(outputs.end_points.values()))
    self.assertEqual(first.dtype, tf.bfloat16)
    expected = _shared_network(name)(images).logits
    # Each of its 51 layers rounds, thrice as many as the others have in a row.
    tolerance = 0.1 if name == 'efficientnet_lite0' else 0.05
    self.assert_close(outputs.logits, expected, tolerance)
    # It did not compute in float32 after all.
    self.assertGreater(np.abs(outputs.logits - expected).max(), 1e-5)


class TrainingTest(SlimNetworkTestCase):
  @parameterized.parameters(
    ('inception_v1', 'AvgPool_0a_7x7', ('Logits',)),
    (
      'googlenet',
      'pool5',
      ('loss1/classifier', 'loss2/classifier', 'loss3/classifier'),
    ),
    ('squeezenet', 'fire9/concat', ('pool10',)),
    # A frozen body drops no blocks.
    ('efficientnet_lite0', 'pool', ('logits',)),
  )
  def test_dropout_before_classifiers(
    self, name: str, before: str, classifiers: Tuple[str, ...]
  ) -> None:
    spec = model_spec.find_spec(name)
    values = _values(name, spec.auxiliary_heads)

    def run(seed: Optional[int]) -> Dict[str, tf.Tensor]:
      training = None
      if seed is not None:
        training = training_mode.TrainingMode(tf.constant([seed, 0]))
      return slim_network.build(
        spec,
        _images(1, 64, 64),
        lambda getter, name, **unused_kwargs: values[name],
        spec.auxiliary_heads,
        training,
      )[1]

    still, trained, again, other = run(None), run(1), run(1), run(2)
    np.testing.assert_array_equal(still[before], trained[before])
    for each in classifiers:
      np.testing.assert_array_equal(trained[each], again[each])
      for one, another in ((still, trained), (trained, other)):
        self.assertGreater(np.abs(one[each] - another[each]).max(), 1e-3)


class WeightsTest(SlimNetworkTestCase):
  def assert_refused(self, name: str, values: Any, message: str) -> None:
    with self.assertRaises(ValueError) as caught:
      slim_network.SlimNetwork(model_spec.find_spec(name), values)
    self.assertEqual(str(caught.exception), message)

  def test_others_are_left_alone(self) -> None:
    changes = {'global_step': np.array(3), 'conv1/weights/Momentum': 'x'}
    images = _images(1, 64, 64)
    np.testing.assert_array_equal(
      _network('squeezenet', changes)(images).logits,
      _shared_network('squeezenet')(images).logits,
    )

  def test_one_is_missing(self) -> None:
    values = dict(_values('inception_v1'))
    del values['InceptionV1/Mixed_5b/Branch_2/Conv2d_0a_3x3/weights']
    self.assert_refused(
      'inception_v1',
      values,
      'the checkpoint lacks 1 of the 230 variables of inception_v1:'
      ' InceptionV1/Mixed_5b/Branch_2/Conv2d_0a_3x3/weights; give the --model'
      ' that it belongs to',
    )

  def test_all_are_missing(self) -> None:
    self.assert_refused(
      'squeezenet',
      {},
      'the checkpoint lacks 52 of the 52 variables of squeezenet:'
      ' conv1/weights, conv1/biases, fire2/squeeze1x1/weights,'
      ' fire2/squeeze1x1/biases, fire2/expand1x1/weights and 47 more; give the'
      ' --model that it belongs to',
    )

  @parameterized.parameters(
    ('conv1/weights', (3, 3, 3, 64), (64, 3, 3, 3)),
    ('conv1/weights', (3, 3, 3, 64), (3, 64)),
    ('conv1/biases', (64,), ()),
    ('conv1/biases', (64,), (64, 1)),
    ('conv10/weights', (1, 1, 512, 1000), (1000, 512)),
    ('conv10/biases', (1000,), (1001,)),
  )
  def test_shape_is_wrong(
    self, name: str, shape: Tuple[int, ...], given: Tuple[int, ...]
  ) -> None:
    self.assert_refused(
      'squeezenet',
      {**_values('squeezenet'), name: np.zeros(given, np.float32)},
      f"the checkpoint's {name} has shape {given}, but squeezenet wants"
      f' {shape}; give the --model that it belongs to',
    )

  def test_all_are_zero(self) -> None:
    values = {name: 0 * each for name, each in _values('squeezenet').items()}
    message = (
      'all variables of squeezenet are 0 in the checkpoint, with which it sees'
      ' nothing; give one of a trained network'
    )
    self.assert_refused('squeezenet', values, message)
    # Of whatever else there is.
    others = {'global_step': np.array(3)}
    self.assert_refused('squeezenet', {**values, **others}, message)

  def test_inner_product_for_a_1x1_convolution(self) -> None:
    name = 'loss3/classifier/weights'
    matrix = _values('googlenet')[name][0, 0]
    self.assertEqual(matrix.shape, (1024, 1000))
    images = _images(1, 64, 64)
    np.testing.assert_array_equal(
      _network('googlenet', {name: matrix})(images).logits,
      _shared_network('googlenet')(images).logits,
    )

  @parameterized.parameters((), ('loss2',))
  def test_heads_that_the_weights_have(self, *heads: str) -> None:
    values = _values('googlenet', heads)
    spec = model_spec.find_spec('googlenet')
    network = slim_network.SlimNetwork(spec, values)
    self.assertEqual(network.auxiliary_heads, heads)

  def test_a_head_with_holes(self) -> None:
    values = dict(_values('googlenet', ('loss1', 'loss2')))
    del values['loss2/fc/biases']
    self.assert_refused(
      'googlenet',
      values,
      'the checkpoint lacks 1 of the 128 variables of googlenet:'
      ' loss2/fc/biases; give the --model that it belongs to',
    )


class RecognizeTest(SlimNetworkTestCase):
  @parameterized.parameters(*_NAMES)
  def test_tells_them_apart(self, name: str) -> None:
    heads = model_spec.find_spec(name).auxiliary_heads
    values = {'global_step': np.array(3), **_values(name, heads)}
    spec = slim_network.recognize(values)
    self.assertIs(spec, model_spec.find_spec(name))

  @parameterized.parameters('inception_v1', 'googlenet')
  def test_refuses_a_part(self, name: str) -> None:
    values = dict(_values(name))
    first, *_, last = values
    del values[last]
    with self.assertRaises(ValueError) as caught:
      slim_network.recognize(values)
    message = str(caught.exception)
    self.assertStartsWith(
      message, f'the checkpoint holds {len(values)} variables ({first}, '
    )
    self.assertEndsWith(
      message,
      f' and {len(values) - 5} more) that make none of the networks'
      ' inception_v1, googlenet, squeezenet, efficientnet_lite0; give one of'
      ' these to --checkpoint, with its --model to see what is missing',
    )
    self.assertNotIn('\n', message)

  def test_refuses_others(self) -> None:
    with self.assertRaisesRegex(ValueError, r'holds 1 variables \(a/weights\)'):
      slim_network.recognize({'a/weights': np.ones(3)})


class LayersTest(SlimNetworkTestCase):
  @parameterized.parameters(*_NAMES)
  def test_shapes_are_those_of_a_run(self, name: str) -> None:
    shapes = slim_network.layer_shapes(model_spec.find_spec(name))
    end_points = _shared_network(name)(_images(1, 224, 224)).end_points
    self.assertEqual(
      shapes, {key: tuple(each.shape[1:]) for key, each in end_points.items()}
    )
    self.assertEqual(list(shapes), list(end_points))

  def test_description(self) -> None:
    lines = network_protocol.describe_layers(
      slim_network.SlimArchitecture(model_spec.find_spec('squeezenet'))
    )
    self.assertEqual(lines[0], 'conv1             111 x 111    64 channels')
    self.assertEqual(lines[-1], 'pool10                       1000 channels')
    self.assertLen(set(map(len, lines)), 1)

  def test_is_built_once_for_them(self) -> None:
    network = slim_network.SlimArchitecture(model_spec.find_spec('squeezenet'))
    with mock.patch.object(
      slim_network, 'build', side_effect=slim_network.build
    ) as build:
      shapes = [network.layers for _ in range(3)]
      network_protocol.describe_layers(network)
    self.assertEqual(shapes[0], shapes[-1])
    self.assertEqual(build.call_count, 1)


class ThreadsTest(SlimNetworkTestCase):
  def test_one_builds_at_a_time(self) -> None:
    one, other = map(model_spec.find_spec, ('efficientnet_lite0', 'squeezenet'))
    is_inside, is_done = threading.Event(), threading.Event()

    def wait(getter: Any, name: str, shape: Any, **kwargs: Any) -> tf.Tensor:
      # In a layer, whose arguments are not those of the other network's.
      is_inside.set()
      is_done.wait(1.0)
      return tf.zeros(shape, kwargs['dtype'])

    def build_one() -> None:
      with tf.Graph().as_default():
        slim_network.build(one, tf.zeros([1, 64, 64, 3]), wait)

    expected = slim_network.variable_specs(other)
    thread = threading.Thread(target=build_one)
    thread.start()
    is_inside.wait()
    # Nobody waits for long where this one has to wait for that.
    threading.Timer(1.0, is_done.set).start()
    found = slim_network.variable_specs(other)
    is_done.set()
    thread.join()
    self.assertEqual(found, expected)


if __name__ == '__main__':
  absltest.main()
