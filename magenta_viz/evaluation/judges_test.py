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
    names = [str(i) for i in range(spec.num_classes)]
    super().__init__(spec, values, class_names=names)

  def look_at(self, images: tf.Tensor) -> network_protocol.Outputs:
    self.traced.append(tuple(images.shape))
    tf.numpy_function(
      lambda shape: self.seen.append(shape.tolist()), [tf.shape(images)], []
    )
    return super().look_at(images)


# With it, logits are the biases: a black picture has no features.
_BLACK = np.zeros([_SIDE, _SIDE, 3], np.float32)


def _pictures(*shapes: Tuple[int, int]) -> List[np.ndarray]:
  generator = np.random.default_rng(0)
  return [
    generator.uniform(size=(*shape, 3)).astype(np.float32) for shape in shapes
  ]


class GuessesTest(parameterized.TestCase):
  def test_five_in_order(self) -> None:
    judge = judges.Judge(_Network([1, 3, 3, 0, 2, 3, -1]))
    (verdict,) = judge.look_at([_BLACK], [4])
    self.assertEqual(
      [each.class_id for each in verdict.guesses], [1, 2, 5, 4, 0]
    )
    whole = sum(np.exp([1, 3, 3, 0, 2, 3, -1]))
    np.testing.assert_allclose(
      [each.probability for each in verdict.guesses],
      np.exp([3, 3, 3, 2, 1]) / whole,
      rtol=1e-5,
    )
    self.assertAlmostEqual(verdict.probability or 0, np.exp(2) / whole, 6)

  def test_fewer_classes_than_five(self) -> None:
    judge = judges.Judge(_Network([1, 3, 2]))
    (verdict,) = judge.look_at([_BLACK], [0])
    self.assertEqual([each.class_id for each in verdict.guesses], [1, 2, 0])
    whole = sum(each.probability for each in verdict.guesses)
    self.assertAlmostEqual(whole, 1, places=6)
    self.assertEqual(verdict.rank, 3)

  # SqueezeNet gives most of them the same, none; fast sorts mix many equals.
  def test_of_many_equals_the_first(self) -> None:
    judge = judges.Judge(_Network([0] * 60 + [1] + [0] * 939))
    (verdict,) = judge.look_at([_BLACK], [999])
    self.assertEqual(
      [each.class_id for each in verdict.guesses], [60, 0, 1, 2, 3]
    )
    self.assertEqual(verdict.rank, 2)

  def test_background_is_no_class(self) -> None:
    judge = judges.Judge(_Network([9, 0, 1, 2], class_offset=1))
    verdicts = judge.look_at([_BLACK] * 2, [0, 2])
    for verdict in verdicts:
      self.assertEqual([each.class_id for each in verdict.guesses], [2, 1, 0])
      whole = sum(each.probability for each in verdict.guesses)
      self.assertAlmostEqual(whole, 1, places=6)
    self.assertEqual([verdict.rank for verdict in verdicts], [3, 1])

  def test_rank_is_one_more_than_the_likelier_ones(self) -> None:
    judge = judges.Judge(_Network([1, 3, 3, 0, 2, 3, -1]))
    verdicts = judge.look_at([_BLACK] * 7, range(7))
    self.assertEqual(
      [verdict.rank for verdict in verdicts], [5, 1, 1, 6, 4, 1, 7]
    )

  def test_ranks_of_probabilities_that_are_zero(self) -> None:
    judge = judges.Judge(_Network([-300, 0, -200, -400]))
    verdicts = judge.look_at([_BLACK] * 4, range(4))
    self.assertEqual(
      [verdict.probability for verdict in verdicts], [0, 1, 0, 0]
    )
    self.assertEqual([verdict.rank for verdict in verdicts], [3, 1, 2, 4])
    self.assertEqual(
      [each.class_id for each in verdicts[0].guesses], [1, 2, 0, 3]
    )

  def test_picture_of_no_class(self) -> None:
    judge = judges.Judge(_Network([0, 2, 1]))
    alone, with_class = judge.look_at([_BLACK] * 2, [None, 1])
    self.assertIsNone(alone.rank)
    self.assertIsNone(alone.probability)
    self.assertEqual(alone.guesses, with_class.guesses)
    self.assertEqual(with_class.rank, 1)

  def test_are_plain_numbers(self) -> None:
    (verdict,) = judges.Judge(_Network()).look_at([_BLACK], [2])
    self.assertIs(type(verdict.rank), int)
    self.assertIs(type(verdict.probability), float)
    self.assertIs(type(verdict.guesses[0].class_id), int)
    self.assertIs(type(verdict.guesses[0].probability), float)


class FeaturesTest(parameterized.TestCase):
  @parameterized.parameters((8, 8), (8, 19), (13, 8))
  def test_are_the_mean_over_positions(self, height: int, width: int) -> None:
    (image, other) = _pictures((height, width), (height, width))
    verdicts = judges.Judge(_Network()).look_at([image, other], [1, 3])
    for picture, class_id, verdict in zip((image, other), (1, 3), verdicts):
      expected = np.maximum(picture @ _KERNEL + _THRESHOLDS, 0).mean((0, 1))
      self.assertEqual(verdict.features.dtype, np.float32)
      np.testing.assert_allclose(verdict.features, expected, rtol=1e-5)
      odds = np.exp(expected @ _HEAD)
      self.assertAlmostEqual(
        verdict.probability or 0, odds[class_id] / odds.sum(), places=5
      )

  def test_shows_whole_pictures_at_the_networks_size(self) -> None:
    network = _Network()
    (image,) = _pictures((31, 45))
    (verdict,) = judges.Judge(network).look_at([image], [0])
    end_point = network.look_at(image[None]).end_points['map'][0]
    self.assertEqual(end_point.shape, (8, 12, 3))
    np.testing.assert_allclose(
      verdict.features, np.mean(end_point, (0, 1)), rtol=1e-5
    )


class LookAtTest(parameterized.TestCase):
  def test_mixed_sizes_come_back_in_order(self) -> None:
    shapes = [(8, 8), (20, 9), (8, 8), (9, 20), (8, 8), (20, 9), (64, 64)]
    images = _pictures(*shapes)
    class_ids = [0, 1, None, 3, 2, 1, 0]
    together = judges.Judge(_Network(), 2).look_at(images, class_ids)
    self.assertLen(together, len(images))
    judge = judges.Judge(_Network())
    for image, class_id, verdict in zip(images, class_ids, together):
      (alone,) = judge.look_at([image], [class_id])
      self.assertEqual(verdict.rank, alone.rank)
      self.assertEqual(verdict.probability is None, class_id is None)
      np.testing.assert_allclose(verdict.guesses, alone.guesses, rtol=1e-5)
      np.testing.assert_allclose(verdict.features, alone.features, rtol=1e-5)
    # The test can tell them apart.
    features = np.array([verdict.features for verdict in together])
    distances = np.abs(features[:, None] - features).max(axis=2)
    self.assertGreater(np.min(distances + np.eye(len(images))), 1e-3)

  def test_batches_are_bounded_and_of_one_size(self) -> None:
    network = _Network()
    judge = judges.Judge(network, batch_size=2)
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
    self.assertEqual(judges.Judge(_Network()).look_at([], []), [])


class RefusalsTest(parameterized.TestCase):
  def assert_refused(
    self, images: Sequence[np.ndarray], class_ids: Sequence[int], message: str
  ) -> None:
    network = _Network()
    with self.assertRaises(ValueError) as caught:
      judges.Judge(network).look_at(images, class_ids)
    self.assertEqual(str(caught.exception), message)
    # Before any picture is looked at.
    self.assertEmpty(network.seen)

  @parameterized.parameters(-1, 4, 999)
  def test_class_that_the_judge_has_not(self, class_id: int) -> None:
    self.assert_refused(
      [_BLACK, _BLACK],
      [3, class_id],
      f'picture 1 is of class {class_id}, but the judge has the classes 0 to 3;'
      ' take another judge',
    )

  def test_background(self) -> None:
    judge = judges.Judge(_Network([0, 1, 2, 3], class_offset=1))
    with self.assertRaisesRegex(ValueError, 'has the classes 0 to 2;'):
      judge.look_at([_BLACK], [3])

  def test_other_number_of_ids(self) -> None:
    self.assert_refused(
      [_BLACK, _BLACK],
      [3],
      '2 pictures have 1 class ids; give one a picture, None where it is of no'
      ' class',
    )

  @parameterized.parameters(
    (np.zeros([8, 8, 3], np.uint8), 'uint8 [8, 8, 3]'),
    (np.zeros([8, 8, 3]), 'float64 [8, 8, 3]'),
    (np.zeros([8, 8], np.float32), 'float32 [8, 8]'),
    (np.zeros([8, 8, 4], np.float32), 'float32 [8, 8, 4]'),
    (np.zeros([1, 8, 8, 3], np.float32), 'float32 [1, 8, 8, 3]'),
    (np.zeros([0, 8, 3], np.float32), 'float32 [0, 8, 3]'),
  )
  def test_no_picture(self, image: np.ndarray, found: str) -> None:
    self.assert_refused(
      [_BLACK, image],
      [0, 0],
      f'picture 1 is {found}; it must be float32 [height, width, 3], in [0, 1]',
    )

  @parameterized.parameters(0, -3)
  def test_batch_size(self, batch_size: int) -> None:
    with self.assertRaisesRegex(
      ValueError, f'^batch_size is {batch_size}; give 1 or more$'
    ):
      judges.Judge(_Network(), batch_size)

  @parameterized.parameters(
    (255, '0 to 255'),
    (-0.5, '-0.5 to 0'),
    (float('inf'), '0 to inf'),
    (float('nan'), 'nan to nan'),
  )
  def test_other_range(self, value: float, found: str) -> None:
    image = _BLACK.copy()
    image[3, 4, 1] = value
    self.assert_refused(
      [_BLACK, image],
      [0, 0],
      f'picture 1 has values from {found}; it must be float32 [height, width,'
      ' 3], in [0, 1]',
    )

  def test_logits_that_are_not_finite(self) -> None:
    largest = float(np.finfo(np.float32).max)
    # White adds a fifth of the largest number to the first class.
    judge = judges.Judge(_Network([largest, 0], strength=largest / 10))
    self.assertEqual(judge.look_at([_BLACK], [0])[0].rank, 1)
    with self.assertRaises(FloatingPointError) as caught:
      judge.look_at([_BLACK, np.ones_like(_BLACK)], [0, 0])
    self.assertEqual(
      str(caught.exception),
      'the judge says of a picture what is not a finite number; take another'
      ' judge',
    )


if __name__ == '__main__':
  absltest.main()
