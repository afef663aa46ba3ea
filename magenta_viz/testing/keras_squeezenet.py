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

"""A Keras copy of the package's SqueezeNet, with its weights."""

from typing import Any, Mapping

import tensorflow as tf

from magenta_viz.models import network_loading
from magenta_viz.models import network_source
from magenta_viz.models.architectures import squeezenet
from magenta_viz.models.checkpoints import checkpoints

# What it wants of pictures, as flags have it: Caffe's ImageNet means.
SETTINGS: Mapping[str, Any] = {
  'input_range': (0, 255),
  'input_mean': (104, 117, 123),
  'channel_order': 'bgr',
}


def make(ending: str = 'softmax') -> Any:
  """Returns the copy, a keras.Model of free size.

  Args:
    ending: Name of the activation after the logits.
  """
  layers = tf.keras.layers
  inputs = tf.keras.Input((None, None, 3))
  net = layers.Conv2D(64, 3, 2, activation='relu', name='conv1')(inputs)
  for name, channels in squeezenet._MODULES:
    if channels is None:
      net = layers.MaxPooling2D(3, 2, name=name)(net)
      continue
    squeeze, expand = channels
    squeezed = _conv(net, squeeze, 1, f'{name}_squeeze1x1')
    branches = [
      _conv(squeezed, expand, side, f'{name}_expand{side}x{side}')
      for side in (1, 3)
    ]
    net = layers.Concatenate(name=f'{name}_concat')(branches)
  net = layers.Dropout(0.5)(net)
  net = _conv(net, 1000, 1, 'conv10')
  net = layers.GlobalAveragePooling2D(name='pool10')(net)
  outputs = layers.Activation(ending, name='ending')(net)
  model = tf.keras.Model(inputs, outputs, name='keras_squeezenet')
  source = network_source.choose('squeezenet')
  values = network_loading.averaged(
    checkpoints.read_checkpoint(str(source.path), source.sha256)
  )
  for layer in model.layers:
    if isinstance(layer, layers.Conv2D):
      name = layer.name
      if name.startswith('fire'):
        name = name.replace('_', '/')
      layer.set_weights(
        [values[f'{name}/{part}'] for part in ('weights', 'biases')]
      )
  return model


def _conv(net: Any, channels: int, side: int, name: str) -> Any:
  """Returns a convolution with a ReLU."""
  return tf.keras.layers.Conv2D(
    channels, side, padding='same', activation='relu', name=name
  )(net)
