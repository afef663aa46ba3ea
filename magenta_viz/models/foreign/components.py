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

"""Three directions in the space of a model's many channels, to draw in."""

from typing import Callable

import numpy as np
import tensorflow as tf

from magenta_viz.models.foreign import raw_model

_NUM_NOISES = 8
_SEED = 0

# Of the strongest component: what is below is of float32's rounding.
_LEAST_SHARE = 1e-10


def of_model(
  model: Callable[[tf.Tensor], raw_model.RawOutputs],
  height: int,
  width: int,
  num_channels: int,
) -> np.ndarray:
  """Returns the principal components of what a model heeds of its channels.

  They are those of its gradient to each channel: of the squared length of its
  outputs, at all pixels of noise about the middle of [0, 1]. A channel that
  nothing depends on has no part in them.

  Args:
    model: Runs it in a graph, on [batch, height, width, num_channels] pictures
      in [0, 1].
    height: Of its pictures, in pixels.
    width: Likewise.
    num_channels: Of its pictures.

  Returns:
    [3, num_channels] float32, the strongest first. Each is scaled so that no
    channel leaves [0, 1] while colours are in it; those that the
    model does not heed, as the third of two channels, are 0.
  """
  shape = (_NUM_NOISES, height, width, num_channels)
  noise = np.random.default_rng(_SEED).normal(0.5, 0.2, shape)
  noise = tf.constant(noise.clip(0, 1), tf.float32)

  def gradient(images: tf.Tensor) -> tf.Tensor:
    scores = [
      tf.reduce_sum(tf.cast(each, tf.float32) ** 2)
      for each in model(images).outputs.values()
    ]
    return tf.gradients(
      scores, images, unconnected_gradients=tf.UnconnectedGradients.ZERO
    )[0]

  gradients = tf.function(gradient, autograph=False)(noise).numpy()
  flat = gradients.reshape(-1, num_channels).astype(np.float64)
  values, vectors = np.linalg.eigh(flat.T @ flat)
  found = np.zeros((3, num_channels), np.float32)
  strongest = vectors.T[values > _LEAST_SHARE * values.max()][::-1][:3]
  # Signs of eigenvectors are of no one's choice: most is to be brighter.
  strongest = strongest * np.where(strongest.sum(1, keepdims=True) < 0, -1, 1)
  found[: len(strongest)] = strongest
  reach = np.abs(found).sum(0).max()
  return found / max(reach, np.finfo(np.float32).tiny)
