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

"""Tests for separable."""

from absl.testing import absltest
import numpy as np
import tensorflow as tf

from magenta_viz.ascent.parameterizations import separable


def _random(*shape: int) -> np.ndarray:
  generator = np.random.default_rng(sum(shape))
  return generator.standard_normal(shape, np.float32)


class MixTest(absltest.TestCase):
  def test_one_matrix_for_all(self) -> None:
    images, down, across = _random(2, 5, 7, 3), _random(4, 5), _random(6, 7)
    found = separable.mix(tf.constant(images), down, across)
    expected = np.einsum('ry,byxc,qx->brqc', down, images, across)
    np.testing.assert_allclose(found, expected, atol=1e-5)

  def test_each_image_has_its_own(self) -> None:
    images = _random(2, 5, 7, 3)
    down, across = _random(2, 4, 5), _random(2, 6, 7)
    found = separable.mix(tf.constant(images), down, across)
    expected = np.einsum('bry,byxc,bqx->brqc', down, images, across)
    np.testing.assert_allclose(found, expected, atol=1e-5)


if __name__ == '__main__':
  absltest.main()
