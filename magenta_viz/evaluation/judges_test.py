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

"""Tests of judges."""

import dataclasses
from typing import Any, Dict, List, Optional, Sequence, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf
import tf_slim as slim

from magenta_viz.evaluation import judges
from magenta_viz.models import model_spec
from magenta_viz.models import network_protocol
from magenta_viz.models import slim_network

# Height and width that the network below looks at.
_SIDE = 8
# From colours to features, which a ReLU cuts off where they are negative.
_KERNEL = np.array(
  [[1.0, 0.0, -2.0], [0.0, 1.0, 1.5], [0.0, 0.5, 1.0]], np.float32
)
_THRESHOLDS = np.array([0.0, -0.5, -0.25], np.float32)
# From features to classes.
_HEAD = np.array(
  [[3.0, 0.0, -1.0, 0.5], [0.0, 2.0, 1.0, 0.0], [-4.0, 0.0, 1.0, 6.0]],
  np.float32,
)


def hand_made(
  images: tf.Tensor, num_classes: int, training: Any = None
) -> Tuple[tf.Tensor, Dict[str, tf.Tensor]]:
  """Builds a network of two 1 x 1 convolutions with a mean between them."""
  net = slim.conv2d(images, 3, 1, scope='map')
  end_points = {'map': net}
  net = tf.reduce_mean(net, [1, 2], keepdims=True)
  net = slim.conv2d(net, num_classes, 1, activation_fn=None, scope='head/conv')
  return tf.squeeze(net, [1, 2]), end_points


class _Network(slim_network.SlimNetwork):
  """The network of hand-made weights, which notes what it is asked.

  Attributes:
    traced: Shape of the pictures of each trace.
    seen: Shape of each batch.
  """

  def __init__(
    self,
    biases: Sequence[float] = (0, 0, 0, 0),
    class_offset: int = 0,
    strength: float = 1,
  ):
    self.traced: List[Tuple[Optional[int], ...]] = []
    self.seen: List[List[int]] = []
    kernel = np.zeros([3, len(biases)], np.float32)
    kernel[:, class_offset:][:, :4] = _HEAD[:, : len(biases) - class_offset]
    spec = dataclasses.replace(
      model_spec.find_spec('squeezenet'),
      function=f'{__name__}:hand_made',
      image_size=_SIDE,
      num_outputs=len(biases),
      class_offset=class_offset,
      head='head',
      features='map',
    )
    values = {
      'map/weights': _KERNEL[None, None],
      'map/biases': _THRESHOLDS,
      'head/conv/weights': kernel[None, None] * np.float32(strength),
      'head/conv/biases': np.array(biases, np.float32),
    }
    names = [f'class {i}' for i in range(spec.num_classes)]
    super().__init__(spec, values, class_names=names)

  def look_at(self, images: tf.Tensor) -> network_protocol.Outputs:
    self.traced.append(tuple(images.shape))
    tf.numpy_function(
      lambda shape: self.seen.append(shape.tolist()), [tf.shape(images)], []
    )
    return super().look_at(images)


def _judge(network: _Network, batch_size: int = 8) -> judges.Judge:
  return judges.Judge(network, batch_size)


# With it, logits are the biases: a black picture has no features.
_BLACK = np.zeros([_SIDE, _SIDE, 3], np.float32)


def _pictures(*shapes: Tuple[int, int]) -> List[np.ndarray]:
  generator = np.random.default_rng(0)
  return [
    generator.uniform(size=(*shape, 3)).astype(np.float32) for shape in shapes
  ]


class GuessesTest(parameterized.TestCase):
  @parameterized.named_parameters(
    ('five_in_order', [1, 3, 3, 0, 2, 3, -1], 4, [1, 2, 5, 4, 0], 4),
    ('fewer_classes_than_five', [1, 3, 2], 0, [1, 2, 0], 3),
    # SqueezeNet gives most of them the same, none; fast sorts mix many equals.
    (
      *('of_many_equals_the_first', [0] * 60 + [1] + [0] * 939, 999),
      *([60, 0, 1, 2, 3], 2),
    ),
    ('background_is_no_class', [9, 0, 1, 2], 2, [2, 1, 0], 1, 1),
    ('background_is_before_the_last', [9, 0, 1, 2], 0, [2, 1, 0], 3, 1),
    ('probabilities_that_are_zero', [-300, 0, -200, -400], 0, [1, 2, 0, 3], 3),
    ('no_class', [0, 2, 1], None, [1, 2, 0], None),
  )
  def test_guesses(
    self,
    biases: List[float],
    class_id: Optional[int],
    guesses: List[int],
    rank: Optional[int],
    class_offset: int = 0,
  ) -> None:
    judge = _judge(_Network(biases, class_offset))
    (prediction,) = judge.look_at([_BLACK], [class_id])
    self.assertEqual([each.class_id for each in prediction.guesses], guesses)
    self.assertEqual(
      [each.class_name for each in prediction.guesses],
      [f'class {k}' for k in guesses],
    )
    odds = np.exp(np.array(biases[class_offset:], np.float64))
    np.testing.assert_allclose(
      [each.probability for each in prediction.guesses],
      odds[guesses] / odds.sum(),
      rtol=1e-5,
      atol=1e-40,
    )
    self.assertEqual((prediction.class_id, prediction.rank), (class_id, rank))
    if class_id is None:
      self.assertIsNone(prediction.probability)
    else:
      expected = odds[class_id] / odds.sum()
      self.assertAlmostEqual(prediction.probability or 0, expected, places=6)
      self.assertIs(type(prediction.rank), int)
      self.assertIs(type(prediction.probability), float)
    self.assertIs(type(prediction.guesses[0].class_id), int)
    self.assertIs(type(prediction.guesses[0].probability), float)

  def test_rank_is_one_more_than_the_likelier_ones(self) -> None:
    judge = _judge(_Network([1, 3, 3, 0, 2, 3, -1]))
    said = judge.look_at([_BLACK] * 7, range(7))
    self.assertEqual([each.rank for each in said], [5, 1, 1, 6, 4, 1, 7])


class FeaturesTest(parameterized.TestCase):
  @parameterized.parameters((8, 8), (8, 19), (13, 8))
  def test_are_the_mean_over_positions(self, height: int, width: int) -> None:
    images = _pictures((height, width), (height, width))
    said = _judge(_Network()).look_at(images, [1, 3])
    for picture, class_id, prediction in zip(images, (1, 3), said):
      expected = np.maximum(picture @ _KERNEL + _THRESHOLDS, 0).mean((0, 1))
      self.assertEqual(prediction.features.dtype, np.float32)
      np.testing.assert_allclose(prediction.features, expected, rtol=1e-5)
      odds = np.exp(expected @ _HEAD)
      self.assertAlmostEqual(
        prediction.probability or 0, odds[class_id] / odds.sum(), places=5
      )

  def test_shows_whole_pictures_at_the_networks_size(self) -> None:
    network = _Network()
    (image,) = _pictures((31, 45))
    (prediction,) = _judge(network).look_at([image], [0])
    end_point = network.look_at(image[None]).end_points['map'][0]
    self.assertEqual(end_point.shape, (8, 12, 3))
    np.testing.assert_allclose(
      prediction.features, np.mean(end_point, (0, 1)), rtol=1e-5
    )


class LookAtTest(parameterized.TestCase):
  def test_mixed_sizes_come_back_in_order(self) -> None:
    shapes = [(8, 8), (20, 9), (8, 8), (9, 20), (8, 8), (20, 9), (64, 64)]
    images = _pictures(*shapes)
    class_ids = [0, 1, None, 3, 2, 1, 0]
    together = _judge(_Network(), 2).look_at(images, class_ids)
    self.assertLen(together, len(images))
    judge = _judge(_Network())
    for image, class_id, prediction in zip(images, class_ids, together):
      (alone,) = judge.look_at([image], [class_id])
      self.assertEqual(prediction.rank, alone.rank)
      self.assertEqual(prediction.probability is None, class_id is None)
      np.testing.assert_allclose(
        [each.probability for each in prediction.guesses],
        [each.probability for each in alone.guesses],
        rtol=1e-5,
      )
      np.testing.assert_allclose(prediction.features, alone.features, rtol=1e-5)
    # The test can tell them apart.
    features = np.array([prediction.features for prediction in together])
    distances = np.abs(features[:, None] - features).max(axis=2)
    self.assertGreater(np.min(distances + np.eye(len(images))), 1e-3)

  def test_batches_are_bounded_and_of_one_size(self) -> None:
    network = _Network()
    judge = _judge(network, batch_size=2)
    images = _pictures((8, 8), (8, 12), (8, 8), (8, 8), (8, 12), (8, 8), (8, 8))
    judge.look_at(images, [None] * 7)
    square, wide = [8, 8, 3], [8, 12, 3]
    expected = [[2, *square], [2, *square], [1, *square], [2, *wide]]
    self.assertEqual(network.seen, expected)
    judge.look_at(images, [None] * 7)
    self.assertEqual(network.seen, 2 * expected)
    # Once a size, whatever the batch.
    self.assertEqual(network.traced, [(None, *square), (None, *wide)])

  def test_no_pictures(self) -> None:
    self.assertEqual(_judge(_Network()).look_at([], []), [])


def _grey(dtype: Any, *shape: int) -> np.ndarray:
  return np.full(shape, 0.5).astype(dtype)


class RefusalsTest(parameterized.TestCase):
  @parameterized.parameters(
    (
      (_BLACK, 999),
      'picture 1 is of class 999, but the judge has the classes 0 to 3; take'
      ' another judge',
    ),
    (
      (_BLACK, -1),
      'picture 1 is of class -1, but the judge has the classes 0 to 3; take'
      ' another judge',
    ),
    (
      [_BLACK],
      '2 pictures have 1 class ids; give one a picture, None where it is of no'
      ' class',
    ),
    ((_grey(np.uint8, 8, 8, 3), 0), 'picture 1 is uint8 [8, 8, 3]; it must be'),
    ((_grey(float, 8, 8, 3), 0), 'picture 1 is float64 [8, 8, 3]; it must be'),
    ((_grey('f', 8, 8), 0), 'picture 1 is float32 [8, 8]; it must be float32'),
    ((_grey('f', 8, 8, 4), 0), 'picture 1 is float32 [8, 8, 4]; it must be'),
    ((_grey('f', 1, 8, 8, 3), 0), 'picture 1 is float32 [1, 8, 8, 3]; it must'),
    ((_grey('f', 0, 8, 3), 0), 'picture 1 is float32 [0, 8, 3]; it must be'),
    ((255 * (_BLACK + 1), 0), 'picture 1 has values from 255 to 255; it must'),
    ((_BLACK - np.float32(0.5), 0), 'picture 1 has values from -0.5 to -0.5;'),
    (
      (_BLACK + np.float32('nan'), 0),
      'picture 1 has values from nan to nan; it',
    ),
    ((_BLACK + np.float32('inf'), 0), 'picture 1 has values from inf to inf;'),
  )
  def test_before_any_picture_is_looked_at(
    self, given: Any, message: str
  ) -> None:
    network = _Network()
    image, *class_ids = given
    with self.assertRaises(ValueError) as caught:
      _judge(network).look_at([_BLACK, image], [3, *class_ids])
    self.assertStartsWith(str(caught.exception), message)
    self.assertEmpty(network.seen)

  def test_background(self) -> None:
    judge = _judge(_Network([0, 1, 2, 3], class_offset=1))
    with self.assertRaisesRegex(ValueError, 'has the classes 0 to 2;'):
      judge.look_at([_BLACK], [3])

  @parameterized.parameters(0, -3)
  def test_batch_size(self, batch_size: int) -> None:
    with self.assertRaisesRegex(
      ValueError, f'^batch_size is {batch_size}; give 1 or more$'
    ):
      _judge(_Network(), batch_size)

  def test_logits_that_are_not_finite(self) -> None:
    largest = float(np.finfo(np.float32).max)
    # White adds a fifth of the largest number to the first class.
    judge = _judge(_Network([largest, 0], strength=largest / 10))
    self.assertEqual(judge.look_at([_BLACK], [0])[0].rank, 1)
    with self.assertRaisesRegex(
      FloatingPointError,
      '^the judge says of a picture what is not a finite number; take another'
      ' judge$',
    ):
      judge.look_at([_BLACK, np.ones_like(_BLACK)], [0, 0])


if __name__ == '__main__':
  absltest.main()
