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

"""Tests for laplacian."""

from typing import Any

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.ascent import laplacian
from magenta_viz.testing import reference_ascent as reference


class SplitTest(parameterized.TestCase):
  @parameterized.parameters((16, 24), (13, 7), (1, 2))
  def test_merge_gives_the_images_back(self, height: int, width: int) -> None:
    images = tf.random.stateless_normal([2, height, width, 3], (1, 2))
    levels = laplacian.split(images, 4)
    np.testing.assert_allclose(laplacian.merge(levels), images, atol=1e-6)

  def test_sizes_halve(self) -> None:
    levels = laplacian.split(tf.zeros([2, 13, 8, 3]), 3)
    sizes = [tuple(level.shape[1:3]) for level in levels]
    self.assertEqual(sizes, [(13, 8), (7, 4), (4, 2), (2, 1)])

  def test_constant_has_no_detail_but_at_its_edges(self) -> None:
    detail, coarse = laplacian.split(tf.fill([1, 20, 24, 1], 3.0), 1)
    np.testing.assert_allclose(detail[:, 4:-4, 4:-4], 0, atol=1e-6)
    np.testing.assert_allclose(coarse[:, 2:-2, 2:-2], 3, rtol=1e-6)


class LaplacianNormalizeTest(parameterized.TestCase):
  @parameterized.product(
    size=((16, 24), (13, 8), (9, 6)),
    num_levels=(2, 4),
    function=(
      laplacian.laplacian_normalize,
      tf.function(laplacian.laplacian_normalize),
    ),
  )
  def test_equals_numpy(
    self, size: reference.Size, num_levels: int, function: Any
  ) -> None:
    gradient = np.random.default_rng(0).normal(size=(3, *size, 3))
    # Strength does not matter, be it of another picture; but none stays none.
    gradient *= np.reshape([1e-3, 1e2, 0], [3, 1, 1, 1])
    # Channels do not mix.
    gradient[1, ..., 1] = 0
    found = function(tf.constant(gradient, tf.float32), num_levels)
    for each, expected in zip(found, gradient):
      expected = reference.laplacian_normalized(expected, num_levels)
      np.testing.assert_allclose(each, expected, atol=1e-4)
    np.testing.assert_array_equal(found[2], 0 * found[2])


if __name__ == '__main__':
  absltest.main()
