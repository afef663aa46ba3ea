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

"""Tests for pyramid."""

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.ascent.parameterizations import fourier
from magenta_viz.ascent.parameterizations import pyramid


def _logits(images: tf.Tensor) -> np.ndarray:
  images = np.asarray(images, np.float64)
  return np.log(images / (1 - images))


class LaplacianPyramidTest(parameterized.TestCase):
  def test_coarse_levels_carry_coarse_shapes(self) -> None:
    picture = pyramid.LaplacianPyramid(
      16, 24, 3, decorrelated=False, initial_deviation=0
    )
    # Stripes of 1 pixel beside a step in the middle.
    logits = np.zeros([16, 24, 3])
    logits[:, ::2] = 0.5
    logits[:, 1::2] = -0.5
    logits[:, 12:] += 2
    start = 1 / (1 + np.exp(-logits))
    params = picture.initial(np.random.default_rng(0), start)
    fine, middle, coarse = np.split(params[:, 0], [384, 384 + 96])
    np.testing.assert_allclose(
      coarse.reshape(4, 6, 3),
      np.broadcast_to(np.repeat([0, 2], 3)[:, None], [4, 6, 3]),
      atol=1e-6,
    )
    # Away from the step only the stripes are left, for the finest level.
    middle = middle.reshape(8, 12, 3)
    np.testing.assert_allclose(middle[:, :4], np.zeros([8, 4, 3]), atol=1e-6)
    np.testing.assert_allclose(
      fine.reshape(16, 24, 3)[:, :8], logits[:, :8], atol=1e-6
    )

  def test_levels_add_up(self) -> None:
    picture = pyramid.LaplacianPyramid(4, 6, num_levels=2, decorrelated=False)
    fine = np.random.default_rng(0).normal(size=(2, 4, 6, 3))
    coarse = np.random.default_rng(1).normal(size=(2, 2, 3, 3))
    params = [fine.reshape(2, 24, 1, 3), coarse.reshape(2, 6, 1, 3)]
    params = tf.constant(np.concatenate(params, axis=1), tf.float32)
    enlarged = coarse
    for axis, size in ((1, 4), (2, 6)):
      # In the middles of the fine pixels, by quarters of a coarse one.
      last = size // 2 - 1
      points = np.clip((np.arange(size) + 0.5) / 2 - 0.5, 0, last)
      below = np.minimum(points.astype(int), last - 1)
      shape = [1, 1, 1, 1]
      shape[axis] = size
      share = (points - below).reshape(shape)
      enlarged = (1 - share) * enlarged.take(
        below, axis
      ) + share * enlarged.take(below + 1, axis)
    np.testing.assert_allclose(
      _logits(picture.to_images(params)), fine + enlarged, atol=1e-4
    )

  def test_decorrelated_colours(self) -> None:
    picture = pyramid.LaplacianPyramid(4, 6, num_levels=1)
    params = tf.random.stateless_normal([2, 24, 1, 3], (1, 2))
    np.testing.assert_allclose(
      picture.to_images(params),
      fourier.decorrelated_to_rgb(tf.reshape(params, [2, 4, 6, 3])),
      atol=1e-6,
    )


if __name__ == '__main__':
  absltest.main()
