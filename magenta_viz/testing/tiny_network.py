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

"""A tiny network for tests of presets, with its gradients written by hand.

`network` is TensorFlow; the other functions say the same of one picture in
NumPy, float64. A layer is ramp * u + bend * u^2, with u = (image - 0.5) @
kernel, at each pixel. The ramp depends on row and column, for a picture that is
shifted or flipped to show; the bend makes the order of operations matter.
Scores are sums over 'conv', weighted by channel.
"""

import numpy as np
import tensorflow as tf

from magenta_viz.models import network_protocol

# What presets name as a layer, and 'conv', which the classifiers look at.
LAYERS = (
  'conv',
  'inception_3b/output',
  'inception_4c/output',
  'inception_4d/output',
)
HEADS = ('logits', 'loss2/classifier', 'loss1/classifier')

# Classes with a gradient of about 1 a pixel, with a fifth of that or less, and
# with a summit so sharp that the steps of yosinski_c jump over it.
STRONG, WEAK, SHARP = range(3)

_NUM_CHANNELS = 5
_BEND = np.array([0.0, 0.0, 0.6, -0.4, 0.5])
_SHARPNESS = 450.0


def _round(values: np.ndarray) -> np.ndarray:
  """Returns values that float32 can hold."""
  return values.astype(np.float32).astype(np.float64)


_GENERATOR = np.random.default_rng(0)
_KERNELS = {
  layer: _round(_GENERATOR.standard_normal((3, _NUM_CHANNELS)))
  for layer in LAYERS
}
_WEIGHTS = {}
for _head in HEADS:
  _WEIGHTS[_head] = _GENERATOR.uniform(0.2, 1, (_NUM_CHANNELS, 3))
  _WEIGHTS[_head] *= [1, 0.1, 0]
  _WEIGHTS[_head][-1, SHARP] = -_SHARPNESS
  _WEIGHTS[_head] = _round(_WEIGHTS[_head])


def _ramp(height: int, width: int) -> np.ndarray:
  """Returns the [height, width, 1] factors of the linear part."""
  down = np.linspace(0.2, 1, height)[:, None, None]
  return _round(down + np.linspace(0.5, 0, width)[:, None])


def network(images: tf.Tensor) -> network_protocol.Outputs:
  """Returns scores of 3 classes, and `LAYERS` and `HEADS` as end points.

  Args:
    images: [batch, height, width, 3] float32 tensor of known shape, in [0, 1].
  """
  ramp = tf.constant(_ramp(*images.shape[1:3]), tf.float32)
  end_points = {}
  for layer, kernel in _KERNELS.items():
    net = tf.tensordot(images - 0.5, tf.constant(kernel, tf.float32), 1)
    end_points[layer] = ramp * net + tf.constant(_BEND, tf.float32) * net**2
  features = tf.reduce_sum(end_points['conv'], [1, 2])
  for head, weights in _WEIGHTS.items():
    end_points[head] = features @ tf.constant(weights, tf.float32)
  return network_protocol.Outputs(end_points['logits'], end_points)


def activations(image: np.ndarray, layer: str = 'conv') -> np.ndarray:
  """Returns a layer's [height, width, 5] activations of one picture."""
  net = (image - 0.5) @ _KERNELS[layer]
  return _ramp(*image.shape[:2]) * net + _BEND * net**2


def layer_gradient(
  image: np.ndarray, on_layer: np.ndarray, layer: str = 'conv'
) -> np.ndarray:
  """Returns the gradient to a picture from that to a layer's activations.

  Args:
    image: [height, width, 3] array in [0, 1].
    on_layer: [height, width, 5] array.
    layer: One of `LAYERS`.
  """
  net = (image - 0.5) @ _KERNELS[layer]
  slope = _ramp(*image.shape[:2]) + 2 * _BEND * net
  return (on_layer * slope) @ _KERNELS[layer].T


def class_score(
  image: np.ndarray, class_id: int, head: str = 'logits'
) -> float:
  """Returns a class's score of one picture."""
  return float((activations(image) @ _WEIGHTS[head][:, class_id]).sum())


def class_gradient(
  image: np.ndarray, class_id: int, head: str = 'logits'
) -> np.ndarray:
  """Returns the gradient of `class_score` to the picture."""
  on_layer = np.broadcast_to(
    _WEIGHTS[head][:, class_id], (*image.shape[:2], _NUM_CHANNELS)
  )
  return layer_gradient(image, on_layer)
