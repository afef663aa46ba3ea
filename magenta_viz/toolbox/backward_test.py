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

"""Tests for backward."""

from typing import Any, ClassVar

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import scipy.ndimage
import tensorflow as tf

from magenta_viz.attribution import class_gradients
from magenta_viz.models import network_protocol
from magenta_viz.models import networks
from magenta_viz.testing import keras_models
from magenta_viz.toolbox import backward

_IMAGE = np.random.RandomState(0).rand(64, 64, 3).astype(np.float32)


class BackwardTest(parameterized.TestCase):
  network: ClassVar[Any]
  backward: ClassVar[backward.Backward]

  @classmethod
  def setUpClass(cls) -> None:
    super().setUpClass()
    cls.network = networks.from_keras(keras_models.cnn((64, 64, 3)))
    cls.backward = backward.Backward(cls.network)

  @parameterized.parameters(
    ('first', False), ('second', False), ('second', True), ('classes', False)
  )
  def test_seed_is_the_map(self, layer: str, is_at_one: bool) -> None:
    images = tf.constant(_IMAGE[None])
    with tf.GradientTape() as tape:
      tape.watch(images)
      found = self.network(images).end_points[layer][..., 1]
    seed = found.numpy()
    position = None
    if is_at_one:
      position = divmod(int(seed[0].argmax()), seed.shape[2])
      seed = np.where(seed == seed.max(), seed, np.float32(0))
    expected = tape.gradient(found, images, output_gradients=tf.constant(seed))
    self.assertGreater(np.abs(expected).max(), 0)
    np.testing.assert_allclose(
      self.backward(_IMAGE, layer, 1, 'plain', position),
      expected[0],
      rtol=1e-4,
      atol=1e-6 * np.abs(expected).max(),
    )

  @parameterized.parameters('guided', 'deconvnet')
  def test_rules_are_those_of_saliency(self, rule: str) -> None:
    # A class whose score is the half of the sum of a unit's squares.
    def scores(images: tf.Tensor) -> network_protocol.Outputs:
      found = self.network(images)
      unit = found.end_points['second'][..., 2]
      score = tf.reduce_sum(unit**2, [1, 2]) / 2
      return network_protocol.Outputs(score[:, None], {})

    expected = class_gradients.ClassGradient(scores, 64, rule)(_IMAGE[None], 0)
    found = self.backward(_IMAGE, 'second', 2, rule)
    scale = np.abs(expected).max()
    self.assertGreater(scale, 0)
    np.testing.assert_allclose(found, expected[0], atol=1e-5 * scale)
    plain = self.backward(_IMAGE, 'second', 2)
    self.assertGreater(np.abs(found - plain).max(), 0.01 * scale)

  def test_no_such_rule(self) -> None:
    with self.assertRaisesRegex(ValueError, "^rule is 'x'; take one of plain"):
      self.backward(_IMAGE, 'first', 0, 'x')


class ShownTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.gradient = np.random.RandomState(0).randn(32, 32, 3).astype(np.float32)
    self.gradient[5, 5] = [0, 0, 0]

  def test_raw_and_grey(self) -> None:
    raw = backward.shown(self.gradient, 'raw')
    reach = 2 * np.percentile(np.abs(self.gradient), 99.5)
    expected = np.clip(0.5 + self.gradient / reach, 0, 1)
    np.testing.assert_allclose(raw, expected, atol=1e-6)
    few = np.zeros((32, 32, 3), np.float32)
    few[3, 4] = [0.2, -0.1, 0]
    np.testing.assert_allclose(
      backward.shown(few, 'raw')[3, 4], [1, 0.25, 0.5], atol=1e-6
    )
    grey = backward.shown(self.gradient, 'grey')
    mean = self.gradient.mean(-1)
    expected = 0.5 + mean / (2 * np.percentile(np.abs(mean), 99.5))
    expected = np.clip(expected, 0, 1)
    for channel in range(3):
      np.testing.assert_allclose(grey[..., channel], expected, atol=1e-6)

  def test_norm_and_blurred(self) -> None:
    norm = backward.shown(self.gradient, 'norm')[..., 0]
    lengths = np.sqrt((self.gradient**2).sum(-1))
    np.testing.assert_allclose(norm, lengths / lengths.max(), atol=1e-6)
    self.assertEqual(norm[5, 5], 0)
    blurred = backward.shown(self.gradient, 'blurred')[..., 0]
    expected = scipy.ndimage.gaussian_filter(lengths, 4 * 32 / 227)
    np.testing.assert_allclose(blurred, expected / expected.max(), atol=1e-5)

  @parameterized.parameters(*backward.SHOWN)
  def test_nothing(self, how: str) -> None:
    found = backward.shown(np.zeros((8, 8, 3), np.float32), how)
    self.assertEqual(found.shape, (8, 8, 3))
    self.assertEqual(found.dtype, np.float32)
    self.assertEqual(np.unique(found).size, 1)

  def test_no_such_way(self) -> None:
    with self.assertRaisesRegex(ValueError, "^show is 'x'; take one of raw"):
      backward.shown(self.gradient, 'x')


if __name__ == '__main__':
  absltest.main()
