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

"""Tests for feature_maps."""

from typing import Any, Dict, List, Sequence, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models.foreign import feature_maps


def _numbered(*shape: int) -> tf.Tensor:
  return tf.reshape(tf.range(np.prod(shape), dtype=tf.float32), shape)


def _shapes(
  layers: Dict[str, Tuple[int, ...]], is_channels_first: bool = False
) -> Dict[str, Tuple[int, ...]]:
  found = feature_maps.of_layers(
    {name: tf.zeros(shape) for name, shape in layers.items()},
    is_channels_first,
  )
  return {name: tuple(each.shape) for name, each in found.items()}


class FeatureMapsTest(parameterized.TestCase):
  def test_maps_and_vectors(self) -> None:
    layers = {
      'map': _numbered(2, 3, 4, 5),
      'numbers': tf.zeros([2, 3, 4, 5], tf.int32),
      'video': tf.zeros([2, 3, 4, 5, 6]),
      'vector': _numbered(2, 5),
      'score': tf.zeros([2]),
    }
    found = feature_maps.of_layers(layers, False)
    self.assertEqual(list(found), ['map', 'vector'])
    for name, each in found.items():
      self.assertIs(each, layers[name])

  def test_channels_first(self) -> None:
    maps = _numbered(2, 5, 3, 4)
    found = feature_maps.of_layers({'map': maps}, True)
    np.testing.assert_array_equal(
      found['map'], maps.numpy().transpose(0, 2, 3, 1)
    )

  def test_tokens_have_the_grid_of_a_map_before(self) -> None:
    tokens = _numbered(2, 12, 5)
    found = feature_maps.of_layers(
      {'patches': tf.zeros([2, 3, 4, 7]), 'block': tokens}, False
    )
    self.assertEqual(list(found), ['patches', 'block'])
    np.testing.assert_array_equal(
      found['block'], tf.reshape(tokens, [2, 3, 4, 5])
    )

  @parameterized.parameters(1, 2, 5)
  def test_extra_tokens_are_set_apart(self, num_extra: int) -> None:
    tokens = _numbered(2, num_extra + 12, 5)
    found = feature_maps.of_layers(
      {'patches': tf.zeros([2, 3, 4, 7]), 'block': tokens}, False
    )
    self.assertEqual(list(found), ['patches', 'block', 'block/class_token'])
    np.testing.assert_array_equal(
      found['block'], tf.reshape(tokens[:, num_extra:], [2, 3, 4, 5])
    )
    np.testing.assert_array_equal(found['block/class_token'], tokens[:, 0])

  @parameterized.parameters(
    (9, 3, 0), (10, 3, 1), (11, 3, 2), (14, 3, 5), (197, 14, 1), (4, 2, 0)
  )
  def test_squares(self, num_tokens: int, side: int, extra: int) -> None:
    expected: Dict[str, Tuple[int, ...]] = {'block': (2, side, side, 5)}
    if extra:
      expected['block/class_token'] = (2, 5)
    self.assertEqual(_shapes({'block': (2, num_tokens, 5)}), expected)

  @parameterized.parameters(1, 2, 3, 7, 12)
  def test_no_grid(self, num_tokens: int) -> None:
    self.assertEqual(_shapes({'block': (2, num_tokens, 5)}), {})

  @parameterized.parameters(
    # The last map before that has as many places.
    ([(4, 3), (2, 6)], 12, (2, 6)),
    # Fewer extra tokens are likelier, wherever the map is.
    ([(4, 4), (3, 4)], 16, (4, 4)),
    ([(4, 4), (3, 4)], 17, (4, 4)),
    # What was pooled to one place is no grid.
    ([(1, 1)], 4, (2, 2)),
    ([(2, 3), (1, 1)], 6, (2, 3)),
  )
  def test_which_grid(
    self, grids: Sequence[Any], num_tokens: int, expected: Any
  ) -> None:
    maps = {f'map{i}': (2, *grid, 7) for i, grid in enumerate(grids)}
    found = _shapes({**maps, 'block': (2, num_tokens, 5)})
    self.assertEqual(found['block'], (2, *expected, 5))

  def test_free_sides(self) -> None:
    specs = [
      tf.TensorSpec([None, None, None, 3]),
      tf.TensorSpec([None, None, 3]),
      tf.TensorSpec([None, None]),
      tf.TensorSpec(None),
    ]
    found: List[str] = []

    def build(*tensors: tf.Tensor) -> tf.Tensor:
      layers = {f'layer{i}': each for i, each in enumerate(tensors)}
      found.extend(feature_maps.of_layers(layers, False))
      return tensors[0]

    tf.function(build, specs, autograph=False).get_concrete_function()
    self.assertEqual(found, ['layer0'])


if __name__ == '__main__':
  absltest.main()
