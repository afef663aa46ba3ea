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

"""Tests for cell_points, with a network whose answers are known by hand."""

from typing import Any, List

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.atlas import cell_points
from magenta_viz.models import network_protocol

_SIDE = 16
_GENERATOR = np.random.default_rng(0)
_KERNEL = _GENERATOR.standard_normal((3, 4)).astype(np.float32)
_RAMP = _GENERATOR.uniform(0.5, 1.5, (8, 8)).astype(np.float32)
_WEIGHTS = _GENERATOR.standard_normal((4, 7)).astype(np.float32)


class _Network:
  """A layer of 8 x 8 places; classes are sums over it, weighted by place."""

  image_size = _SIDE

  def __init__(self, num_classes: int = 7):
    """Takes how many classes it has."""
    self._num_classes = num_classes
    self.class_names = tuple(map(str, range(num_classes)))
    self.layers = {'conv': (8, 8, 4), 'mean': (4,), 'aside': (8, 8, 4)}
    self.sizes: List[Any] = []

  def __call__(self, images: tf.Tensor) -> network_protocol.Outputs:
    """Returns the outputs."""
    self.sizes.append(images.shape[0])
    pooled = tf.nn.avg_pool2d(images, 2, 2, 'VALID')
    net = tf.nn.relu(tf.tensordot(pooled, tf.constant(_KERNEL), 1))
    mean = tf.reduce_sum(net * _RAMP[..., None], [1, 2])
    logits = mean @ _WEIGHTS[:, : self._num_classes]
    aside = tf.sin(net)
    return network_protocol.Outputs(
      logits, {'conv': net, 'mean': mean, 'aside': aside}
    )


def _photographs(count: int) -> List[cell_points.Photograph]:
  generator = np.random.default_rng(1)
  return [
    cell_points.Photograph(
      f'{index}.png', generator.random((_SIDE, _SIDE, 3)).astype(np.float32)
    )
    for index in range(count)
  ]


def _conv(image: np.ndarray) -> np.ndarray:
  pooled = image.reshape(8, 2, 8, 2, 3).mean((1, 3))
  return np.maximum(pooled @ _KERNEL, 0)


def _collect(
  network: Any,
  photographs: List[cell_points.Photograph],
  layer: str = 'conv',
  num_positions: int = 3,
) -> cell_points.Points:
  return cell_points.collect(network, layer, photographs, num_positions, 5)


class CollectTest(parameterized.TestCase):
  def test_by_hand(self) -> None:
    photographs = _photographs(11)
    points = _collect(_Network(), photographs)
    self.assertEqual(points.activations.shape, (33, 4))
    self.assertEqual(points.activations.dtype, np.float32)
    np.testing.assert_array_equal(
      points.photographs, np.repeat(np.arange(11), 3)
    )
    for index, number in enumerate(points.photographs):
      net = _conv(photographs[number].image)
      row, column = points.places[index]
      np.testing.assert_allclose(
        points.activations[index], net[row, column], rtol=1e-4, atol=1e-5
      )
      logits = (net * _RAMP[..., None]).sum((0, 1)) @ _WEIGHTS
      best = np.argsort(-logits)[:5]
      np.testing.assert_array_equal(points.class_ids[index], best)
      shares = net[row, column] * _RAMP[row, column] @ _WEIGHTS[:, best]
      np.testing.assert_allclose(
        points.attributions[index], shares, rtol=1e-3, atol=1e-5
      )

  def test_all_places_make_the_logit(self) -> None:
    """As the classes are linear in the layer, and nothing is at its edges."""
    (photograph,) = _photographs(1)
    photograph.image[:2] = photograph.image[-2:] = 0
    photograph.image[:, :2] = photograph.image[:, -2:] = 0
    points = _collect(_Network(), [photograph], num_positions=1000)
    self.assertLen(points.places, 36)
    logits = (_conv(photograph.image) * _RAMP[..., None]).sum((0, 1)) @ _WEIGHTS
    np.testing.assert_allclose(
      points.attributions.sum(0), np.sort(logits)[:1:-1], rtol=1e-3
    )

  def test_order_does_not_matter(self) -> None:
    photographs = _photographs(11)
    points = _collect(_Network(), photographs)
    other = _collect(_Network(), photographs[::-1])
    turned = np.arange(33).reshape(11, 3)[::-1].ravel()
    np.testing.assert_array_equal(points.places, other.places[turned])
    np.testing.assert_array_equal(points.class_ids, other.class_ids[turned])
    for name in ('activations', 'attributions'):
      np.testing.assert_allclose(
        getattr(points, name), getattr(other, name)[turned], atol=1e-5
      )
    alone = _collect(_Network(), photographs[:1])
    np.testing.assert_array_equal(points.activations[:3], alone.activations)

  def test_one_trace_of_one_size(self) -> None:
    network = _Network()
    _collect(network, _photographs(19))
    self.assertEqual(network.sizes, [8])

  def test_without_classes(self) -> None:
    points = _collect(_Network(0), _photographs(2))
    self.assertEqual(points.class_ids.shape, (6, 0))
    self.assertEqual(points.attributions.shape, (6, 0))
    self.assertEqual(points.activations.shape, (6, 4))
    few = _collect(_Network(2), _photographs(2))
    self.assertEqual(few.class_ids.shape, (6, 2))

  def test_a_layer_aside_has_no_part_in_classes(self) -> None:
    points = _collect(_Network(), _photographs(2), 'aside')
    self.assertEqual(points.attributions.shape, (6, 0))

  def test_a_layer_without_places_has_one(self) -> None:
    points = _collect(_Network(), _photographs(3), 'mean')
    self.assertEqual(points.activations.shape, (3, 4))
    np.testing.assert_array_equal(points.places, np.zeros((3, 2)))
    shares = points.activations @ _WEIGHTS
    np.testing.assert_allclose(
      points.attributions, -np.sort(-shares, axis=1)[:, :5], rtol=1e-3
    )

  def test_refuses(self) -> None:
    with self.assertRaisesRegex(ValueError, '^there is no photograph that'):
      _collect(_Network(), [])
    (bad,) = _photographs(1)
    bad.image[8, 8] = np.nan
    with self.assertRaisesRegex(FloatingPointError, 'conv, or what it has of'):
      _collect(_Network(), [bad], num_positions=1000)


class PlacesTest(parameterized.TestCase):
  @parameterized.parameters(
    (5, 4, 100, 6, (1, 3), (1, 2)),
    (2, 3, 100, 2, (0, 1), (1, 1)),
    (1, 1, 3, 1, (0, 0), (0, 0)),
    (14, 14, 7, 7, (1, 12), (1, 12)),
  )
  def test_are_within(
    self, height: int, width: int, count: int, found: int, rows: Any, cols: Any
  ) -> None:
    places = cell_points.places('a', height, width, count, 0)
    self.assertEqual(places.shape, (found, 2))
    self.assertLen({tuple(each) for each in places.tolist()}, found)
    for column, (low, high) in zip(places.T, (rows, cols)):
      self.assertTrue(np.all((column >= low) & (column <= high)))

  def test_depend_on_name_and_seed(self) -> None:
    def places(*args: Any) -> Any:
      return cell_points.places(args[0], 14, 14, 4, args[1]).tolist()

    self.assertEqual(places('a', 0), places('a', 0))
    self.assertNotEqual(places('a', 0), places('b', 0))
    self.assertNotEqual(places('a', 0), places('a', 1))
    # A name that is no valid Unicode.
    self.assertLen(places('\udc80', 0), 4)

  def test_are_everywhere(self) -> None:
    total = np.zeros((6, 6))
    for number in range(400):
      (place,) = cell_points.places(str(number), 6, 6, 1, 0)
      total[tuple(place)] += 1
    inner = total[1:-1, 1:-1]
    self.assertEqual(inner.sum(), 400)
    self.assertGreater(inner.min(), 8)


if __name__ == '__main__':
  absltest.main()
