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


"""Tests of SqueezeNet 1.1, with the weights that are installed."""

import functools
from typing import Any, Dict, Optional

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image
import tensorflow as tf

from magenta_viz.models import model_spec
from magenta_viz.models import slim_network
from magenta_viz.models import training_mode
from magenta_viz.models import weights
from magenta_viz.models.architectures import squeezenet
from magenta_viz.models.checkpoints import checkpoints
from magenta_viz.testing import testdata

_SPEC = model_spec.find_spec('squeezenet')

# Of each layer at 224 pixels; nothing is padded but the 3 x 3 expansions.
_SHAPES = {
  'conv1': (111, 111, 64),
  'pool1': (55, 55, 64),
  'fire2/squeeze1x1': (55, 55, 16),
  'fire2/expand1x1': (55, 55, 64),
  'fire2/expand3x3': (55, 55, 64),
  'fire2/concat': (55, 55, 128),
  'fire3/concat': (55, 55, 128),
  'pool3': (27, 27, 128),
  'fire4/concat': (27, 27, 256),
  'fire5/concat': (27, 27, 256),
  'pool5': (13, 13, 256),
  'fire6/concat': (13, 13, 384),
  'fire7/concat': (13, 13, 384),
  'fire8/concat': (13, 13, 512),
  'fire9/squeeze1x1': (13, 13, 64),
  'fire9/concat': (13, 13, 512),
  'conv10': (13, 13, 1000),
  'pool10': (1000,),
}


@functools.lru_cache(maxsize=None)
def _values() -> Dict[str, np.ndarray]:
  path = weights.fetch(_SPEC.weights, progress=False)
  return checkpoints.read_checkpoint(str(path))


def _images(*shape: int) -> np.ndarray:
  return np.random.RandomState(0).rand(*shape, 3).astype(np.float32)


def _end_points(images: np.ndarray) -> Dict[str, np.ndarray]:
  network = slim_network.SlimNetwork(_SPEC, _values())
  end_points = network(tf.constant(images)).end_points
  return {name: each.numpy() for name, each in end_points.items()}


class SqueezeNetTest(parameterized.TestCase):
  def test_shapes(self) -> None:
    shapes = slim_network.layer_shapes(_SPEC)
    self.assertEqual({name: shapes[name] for name in _SHAPES}, _SHAPES)

  def test_number_of_parameters(self) -> None:
    variables = slim_network.variable_specs(_SPEC)
    total = sum(each.shape.num_elements() for each in variables.values())
    self.assertEqual(total, 1_235_496)
    self.assertCountEqual(variables, _values())

  @parameterized.parameters((64, 64), (64, 67), (67, 64))
  def test_conv1_and_pool1_are_not_padded(
    self, height: int, width: int
  ) -> None:
    images = _images(2, height, width)
    end_points = _end_points(images)
    net = 255 * images[..., ::-1] - np.array([104, 117, 123], np.float32)
    rows, columns = (height - 3) // 2 + 1, (width - 3) // 2 + 1
    taps = [
      net[:, i : i + 2 * rows - 1 : 2, j : j + 2 * columns - 1 : 2]
      for i in range(3)
      for j in range(3)
    ]
    kernel = _values()['conv1/weights'].reshape(9, 3, 64)
    expected = sum(tap @ each for tap, each in zip(taps, kernel))
    expected = np.maximum(expected + _values()['conv1/biases'], 0)
    self.assertEqual(end_points['conv1'].shape, expected.shape)
    np.testing.assert_allclose(end_points['conv1'], expected, atol=1e-2)
    net = end_points['conv1']
    rows, columns = (rows - 3) // 2 + 1, (columns - 3) // 2 + 1
    taps = [
      net[:, i : i + 2 * rows - 1 : 2, j : j + 2 * columns - 1 : 2]
      for i in range(3)
      for j in range(3)
    ]
    np.testing.assert_array_equal(end_points['pool1'], np.max(taps, axis=0))

  def test_logits_are_means_of_what_is_not_negative(self) -> None:
    end_points = _end_points(_images(2, 64, 97))
    self.assertGreaterEqual(end_points['conv10'].min(), 0)
    np.testing.assert_allclose(
      end_points['pool10'],
      end_points['conv10'].mean(axis=(1, 2)),
      rtol=1e-5,
    )

  def test_branches_are_in_order(self) -> None:
    end_points = _end_points(_images(1, 64, 64))
    for module in range(2, 10):
      expected = np.concatenate(
        [end_points[f'fire{module}/expand{side}x{side}'] for side in (1, 3)],
        axis=-1,
      )
      np.testing.assert_array_equal(
        end_points[f'fire{module}/concat'], expected
      )

  def test_dropout_is_for_training(self) -> None:
    def answer(getter: Any, name: str, **unused_kwargs: Any) -> np.ndarray:
      del getter
      return _values()[name]

    def run(seed: Optional[int]) -> Dict[str, tf.Tensor]:
      training = None
      if seed is not None:
        training = training_mode.TrainingMode(tf.constant([seed, 0]))
      with tf.compat.v1.variable_scope('', custom_getter=answer):
        images = tf.constant(_images(1, 64, 64))
        return squeezenet.squeezenet(images, training=training)[1]

    still, trained, other = run(None), run(1), run(2)
    np.testing.assert_array_equal(trained['pool10'], run(1)['pool10'])
    np.testing.assert_array_equal(
      still['fire9/concat'], trained['fire9/concat']
    )
    for one, another in ((still, trained), (trained, other)):
      difference = np.abs(one['pool10'] - another['pool10'])
      self.assertGreater(difference.max(), 1e-3)

  # With 8 bits a number, how the kernels sum differs from one TensorFlow to
  # the next.
  @parameterized.parameters((tf.float32, 0.02), (tf.bfloat16, 0.05))
  def test_photo(self, dtype: tf.DType, delta: float) -> None:
    photo = Image.open(testdata.photo_path('dog_cat.jpg')).convert('RGB')
    photo = photo.resize((224, 224), Image.Resampling.BILINEAR)
    image = np.asarray(photo, np.float32) / 255
    network = slim_network.SlimNetwork(_SPEC, _values(), dtype)
    outputs = network(tf.constant(image[None]))
    probabilities = tf.nn.softmax(outputs.logits)[0].numpy()
    self.assertEqual(probabilities.argmax(), 207)  # Golden retriever.
    self.assertAlmostEqual(probabilities[207], 0.78, delta=delta)


if __name__ == '__main__':
  absltest.main()
