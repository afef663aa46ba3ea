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

"""Tests for dreams."""

from typing import Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import scipy.ndimage
import tensorflow as tf

from magenta_viz.ascent import dreams
from magenta_viz.ascent import objectives
from magenta_viz.models import slim_network

_KERNEL = np.random.default_rng(0).standard_normal((3, 5)).astype(np.float32)
_MEAN = np.array([123.0, 117.0, 104.0])


def _ramp(height: int) -> np.ndarray:
  """Makes the layer depend on the row, for shifts to show."""
  return np.linspace(0.2, 1, height)[:, None, None]


def _network(images: tf.Tensor) -> slim_network.Outputs:
  ramp = tf.constant(_ramp(images.shape[1]), tf.float32)
  net = tf.tensordot(ramp * (images - 0.5), _KERNEL, 1)
  return slim_network.Outputs(tf.reduce_sum(net, [1, 2]), {'conv': net})


def _gradient(image: np.ndarray) -> np.ndarray:
  """Returns the gradient of half the squared length of 'conv'."""
  return _ramp(len(image)) ** 2 * ((image - 0.5) @ _KERNEL @ _KERNEL.T)


def _photo(height: int, width: int) -> np.ndarray:
  noise = np.random.default_rng(1).random((height, width, 3))
  return scipy.ndimage.gaussian_filter(noise, (2, 2, 0)).astype(np.float32)


def _reference(
  photo: np.ndarray, settings: dreams.Dream, seed: int
) -> np.ndarray:
  """DeepDream, plainly, on a scale of 0 to 255 without the mean."""
  generator = np.random.default_rng(seed)
  octaves = [photo.astype(np.float64) * 255 - _MEAN]
  for _ in range(settings.num_octaves - 1):
    scale = 1 / settings.octave_scale
    octaves.append(scipy.ndimage.zoom(octaves[-1], (scale, scale, 1), order=1))
  detail = np.zeros_like(octaves[-1])
  for base in octaves[::-1]:
    height, width = base.shape[:2]
    factors = (height / detail.shape[0], width / detail.shape[1], 1)
    x = base + scipy.ndimage.zoom(detail, factors, order=1)
    for _ in range(settings.num_steps):
      jitter = settings.jitter
      down, across = generator.integers(-jitter, jitter + 1, size=2)
      x = np.roll(x, (down, across), (0, 1))
      gradient = _gradient((x + _MEAN) / 255) / 255
      x = x + settings.learning_rate / np.abs(gradient).mean() * gradient
      x = np.roll(x, (-down, -across), (0, 1))
      x = np.clip(x, -_MEAN, 255 - _MEAN)
    detail = x - base
  return (octaves[0] + detail + _MEAN) / 255


class DreamTest(parameterized.TestCase):
  @parameterized.parameters(
    ((48, 64), dreams.Dream(num_octaves=1, num_steps=3)),
    ((48, 64), dreams.Dream(num_octaves=2, num_steps=2, jitter=5)),
    ((90, 65), dreams.Dream(num_octaves=3, num_steps=3, learning_rate=9.0)),
  )
  def test_equals_the_notebook(
    self, size: Tuple[int, int], settings: dreams.Dream
  ) -> None:
    photo = _photo(*size)
    picture = dreams.dream(
      _network,
      photo,
      objectives.Layer('conv'),
      np.random.default_rng(7),
      settings,
    )
    expected = _reference(photo, settings, 7)
    np.testing.assert_allclose(picture, expected, atol=1e-5)
    self.assertEqual(picture.dtype, np.float32)
    self.assertGreater(np.abs(picture - photo).mean(), 1e-3)

  def test_raises_the_objective(self) -> None:
    photo = _photo(48, 64)
    objective = objectives.Layer('conv')
    settings = dreams.Dream(num_octaves=2)
    picture = dreams.dream(
      _network, photo, objective, np.random.default_rng(0), settings
    )
    before, after = (
      objective.score(_network(tf.constant(each[None])), tf.constant([0]))
      for each in (photo, picture)
    )
    self.assertGreater(after.numpy()[0], 1.1 * before.numpy()[0])

  def test_too_small(self) -> None:
    with self.assertRaisesRegex(
      ValueError, '48 x 64 pixels is too small for 3'
    ):
      dreams.dream(
        _network,
        _photo(48, 64),
        objectives.Layer('conv'),
        np.random.default_rng(0),
        dreams.Dream(num_octaves=3),
      )


if __name__ == '__main__':
  absltest.main()
