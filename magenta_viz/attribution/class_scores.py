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

"""The score of a class, of any number of images in one trace."""

from typing import Callable

import numpy as np
import tensorflow as tf

from magenta_viz.attribution import class_traces
from magenta_viz.models import network_protocol

# GoogLeNet takes as long an image in larger ones.
_MAX_BATCH = 8


class ClassScore:
  """The scores of classes: logits, or what is made of them."""

  def __init__(
    self,
    network: network_protocol.Function,
    side: int,
    of_logits: Callable[[tf.Tensor], tf.Tensor] = tf.identity,
  ):
    """Takes what gives the scores.

    Args:
      network: From [batch, side, side, 3] images in [0, 1] to its outputs.
      side: Height and width of the images.
      of_logits: From [batch, num_classes] logits to the scores of all.
    """
    self._traced = class_traces.trace(
      lambda images, class_id: of_logits(network(images).logits)[:, class_id],
      side,
    )

  def __call__(self, images: np.ndarray, class_id: int) -> np.ndarray:
    """Returns the scores.

    Args:
      images: [batch, side, side, 3] float32.
      class_id: The class.

    Returns:
      [batch] float32; each image's is its own.

    Raises:
      FloatingPointError: If one is not finite.
    """
    wanted = tf.constant(class_id, tf.int32)
    scores = np.concatenate(
      [
        self._traced(tf.constant(images[start : start + _MAX_BATCH]), wanted)
        for start in range(0, len(images), _MAX_BATCH)
      ]
    )
    if not np.all(np.isfinite(scores)):
      raise FloatingPointError(
        f'the score of class {class_id} is not finite; use'
        ' --precision=float32 or other weights'
      )
    return scores
