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

"""What of a picture excites a unit: backward from it, as in the old toolbox.

What is sent backward is the unit's own activation map, not ones: the gradient
is that of half of the sum of the map's squares. It passes the ReLUs as it is,
or by another rule (`attribution.class_gradients.RULES`).

References:
  Yosinski et al. 2015, arXiv 1506.06579, and its program.
"""

import contextlib
from typing import Any, Callable, Dict, Mapping, Optional, Tuple

import numpy as np
import scipy.ndimage
import tensorflow as tf

from magenta_viz.attribution import class_gradients
from magenta_viz.models import conv_gradient
from magenta_viz.models import image_gradient
from magenta_viz.models import network_protocol
from magenta_viz.models import sharing

RULES: Tuple[str, ...] = tuple(class_gradients.RULES)

# As the old toolbox blurs, in pixels of 227.
_BLUR = 4 / 227

# Percent of the values that are told apart: a few are far larger than all
# others, and left the picture grey.
_MOST = 99.5

# Layers and rules of which traces are kept.
_NUM_TRACES = 6


def _centred(values: np.ndarray) -> np.ndarray:
  """Returns values with 0 as the middle grey, as far as most of them reach."""
  reach = float(np.percentile(np.abs(values), _MOST))
  # Where nearly all are 0, the few that are not count.
  reach = reach or float(np.abs(values).max())
  return 0.5 + values / max(2 * reach, 1e-12)


def _from_black(values: np.ndarray) -> np.ndarray:
  """Returns values from 0 on, the largest as white."""
  return values / max(float(values.max()), 1e-12)


def _length(gradient: np.ndarray) -> np.ndarray:
  """Returns how long the gradient of each pixel is."""
  return np.linalg.norm(gradient, axis=-1)


def _blurred(gradient: np.ndarray) -> np.ndarray:
  """Returns the same, blurred."""
  sigma = _BLUR * len(gradient)
  return scipy.ndimage.gaussian_filter(_length(gradient), sigma)


# From [side, side, 3] to a picture in [0, 1], of colours or grey.
SHOWN: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
  'raw': _centred,
  'grey': lambda gradient: _centred(gradient.mean(axis=-1)),
  'norm': lambda gradient: _from_black(_length(gradient)),
  'blurred': lambda gradient: _from_black(_blurred(gradient)),
}


class Backward:
  """Goes backward from any unit of a network."""

  def __init__(self, network: network_protocol.Network):
    """Takes the network, which looks at squares of its `image_size`."""
    self._network = network
    self._traced = sharing.Shared(_NUM_TRACES)

  def __call__(
    self,
    image: np.ndarray,
    layer: str,
    channel: int,
    rule: str = 'plain',
    position: Optional[Tuple[int, int]] = None,
  ) -> np.ndarray:
    """Returns what reaches the picture.

    Args:
      image: [side, side, 3] float32 array in [0, 1].
      layer: Name of an end point.
      channel: Of it.
      rule: What ReLUs pass, one of `RULES`.
      position: Row and column of the map that alone is sent backward; None for
        all of it.

    Returns:
      [side, side, 3] float32 array.

    Raises:
      ValueError: If there is no such rule or layer.
      FloatingPointError: If a value is not finite.
    """
    if rule not in RULES:
      raise ValueError(f"rule is '{rule}'; take one of {', '.join(RULES)}")
    traced = self._traced.get((layer, rule), lambda: self._trace(layer, rule))
    found = traced(
      tf.constant(np.asarray(image, np.float32)[None]),
      tf.constant(channel, tf.int32),
      tf.constant((-1, -1) if position is None else position, tf.int32),
    ).numpy()[0]
    if not np.all(np.isfinite(found)):
      raise FloatingPointError(
        f"what goes backward from '{layer}' is not finite; take"
        ' --precision=float32'
      )
    return np.asarray(found, np.float32)

  def _trace(self, layer: str, rule: str) -> Any:
    """Traces a layer's gradient, for any unit and position of it."""

    def gradient(
      images: tf.Tensor, channel: tf.Tensor, position: tf.Tensor
    ) -> tf.Tensor:
      with contextlib.ExitStack() as stack:
        graph: Any = tf.compat.v1.get_default_graph()
        rules: Dict[str, str] = dict(class_gradients.RULES[rule])
        stack.enter_context(graph.gradient_override_map(rules))
        stack.enter_context(conv_gradient.turned_convolutions())
        found = self._network(images).end_points[layer]
      if found.shape.rank == 2:
        found = found[:, None, None]
      rows, columns = (tf.range(side) for side in found.shape[1:3])
      is_sent = tf.logical_or(
        position[0] < 0,
        tf.logical_and(
          rows[:, None] == position[0], columns[None] == position[1]
        ),
      )
      sent = tf.where(is_sent, tf.cast(found[..., channel], tf.float32), 0.0)
      return image_gradient.gradient(
        tf.reduce_sum(sent**2, [1, 2]) / 2,
        images,
        unconnected_gradients=tf.UnconnectedGradients.ZERO,
      )

    side = self._network.image_size
    return tf.function(
      gradient,
      input_signature=[
        tf.TensorSpec([1, side, side, 3], tf.float32),
        tf.TensorSpec([], tf.int32),
        tf.TensorSpec([2], tf.int32),
      ],
      autograph=False,
    ).get_concrete_function()


def shown(gradient: np.ndarray, how: str) -> np.ndarray:
  """Returns the picture of what reached a picture.

  Args:
    gradient: [side, side, 3] float32 array.
    how: One of `SHOWN`.

  Returns:
    [side, side, 3] float32 array in [0, 1].

  Raises:
    ValueError: If it cannot be shown so.
  """
  if how not in SHOWN:
    raise ValueError(f"show is '{how}'; take one of {', '.join(SHOWN)}")
  found = SHOWN[how](gradient)
  if found.ndim == 2:
    found = np.repeat(found[..., None], 3, axis=-1)
  return np.clip(found, 0, 1).astype(np.float32)
