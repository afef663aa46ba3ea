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

"""Small models of Keras, as users have them, with weights of no training."""

from typing import Any, Optional, Tuple

import numpy as np
import tensorflow as tf


def cnn(
  shape: Tuple[Optional[int], ...],
  num_classes: Optional[int] = 4,
  ending: str = 'softmax',
  groups: int = 1,
) -> Any:
  """Returns two convolutions and a classifier, the same weights each time.

  Args:
    shape: Of a picture.
    num_classes: None for features alone.
    ending: The classifier's activation.
    groups: Of channels, of which the second convolution sees one at a time.
  """
  layers = tf.keras.layers
  inputs = tf.keras.Input(shape)
  net = layers.Conv2D(8, 3, activation='relu', name='first')(inputs)
  net = layers.Conv2D(
    16, 3, 2, activation='relu', groups=groups, name='second'
  )(net)
  if num_classes is None:
    return _settled(tf.keras.Model(inputs, net, name='small'))
  net = layers.GlobalAveragePooling2D()(net)
  net = layers.Dense(num_classes, activation=ending, name='classes')(net)
  return _settled(tf.keras.Model(inputs, net, name='small'))


def _settled(model: Any) -> Any:
  """Gives a model weights that are the same for any version of Keras."""
  generator = np.random.default_rng(0)
  weights = []
  for each in model.get_weights():
    if each.ndim == 1:
      weights.append(np.full(each.shape, 0.1))
    else:
      deviation = np.sqrt(2 / np.prod(each.shape[:-1]))
      weights.append(generator.normal(0, deviation, each.shape))
  model.set_weights(weights)
  return model


class _ClassToken(tf.keras.layers.Layer):
  """Puts a token of the class before the others, and tells their places."""

  def build(self, shape: Any) -> None:
    """Makes the token and the places' vectors."""
    self.token = self.add_weight(name='token', shape=(1, 1, int(shape[-1])))
    self.places = self.add_weight(
      name='places', shape=(1, int(shape[1]) + 1, int(shape[-1]))
    )

  def call(self, tokens: tf.Tensor) -> tf.Tensor:
    """Returns [batch, 1 + tokens, channels]."""
    token = tf.repeat(self.token, tf.shape(tokens)[0], axis=0)
    return tf.concat([token, tokens], axis=1) + self.places


def vision_transformer(side: int = 32, width: int = 16) -> Any:
  """Returns two blocks over patches of 8 x 8 pixels, with a class token."""
  layers = tf.keras.layers
  tf.keras.utils.set_random_seed(0)
  inputs = tf.keras.Input((side, side, 3))
  net = layers.Conv2D(width, 8, 8, name='patches')(inputs)
  net = layers.Reshape(((side // 8) ** 2, width))(net)
  net = _ClassToken(name='with_class')(net)
  for number in range(2):
    normed = layers.LayerNormalization()(net)
    attended = layers.MultiHeadAttention(2, width // 2)(normed, normed)
    net = layers.Add()([net, attended])
    inner = layers.Dense(2 * width, activation='gelu')(net)
    inner = layers.Dense(width)(inner)
    net = layers.Add(name=f'block_{number}')([net, inner])
  net = layers.Dense(3, activation='softmax')(net[:, 0])
  return tf.keras.Model(inputs, net, name='transformer')
