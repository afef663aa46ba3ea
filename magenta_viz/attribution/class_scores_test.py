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

"""Tests for class_scores."""

from absl.testing import absltest
import numpy as np
import tensorflow as tf

from magenta_viz.attribution import class_scores
from magenta_viz.models import network_protocol


class _Counted:
  """Its logits are the first pixel's channels; counts how often it is built."""

  count = 0

  def __call__(self, images: tf.Tensor) -> network_protocol.Outputs:
    self.count += 1
    return network_protocol.Outputs(images[:, 0, 0], {})


class ClassScoreTest(absltest.TestCase):
  def test_any_number_of_images_and_any_class_is_one_trace(self) -> None:
    network = _Counted()
    images = np.random.default_rng(0).normal(size=(21, 2, 2, 3))
    images = images.astype(np.float32)
    score = class_scores.ClassScore(network, 2)
    for class_id in (0, 2):
      np.testing.assert_array_equal(
        score(images, class_id), images[:, 0, 0, class_id]
      )
      np.testing.assert_array_equal(
        score(images[:1], class_id), images[:1, 0, 0, class_id]
      )
    self.assertEqual(network.count, 1)

  def test_probability(self) -> None:
    images = np.random.default_rng(0).random((3, 2, 2, 3), np.float32)
    score = class_scores.ClassScore(_Counted(), 2, tf.nn.softmax)
    powers = np.exp(images[:, 0, 0])
    np.testing.assert_allclose(
      score(images, 1), powers[:, 1] / powers.sum(axis=1), rtol=1e-5
    )

  def test_not_finite(self) -> None:
    images = np.full([1, 2, 2, 3], np.inf, np.float32)
    with self.assertRaisesRegex(FloatingPointError, '^the score of class 2 is'):
      class_scores.ClassScore(_Counted(), 2)(images, 2)


if __name__ == '__main__':
  absltest.main()
