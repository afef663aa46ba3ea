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

"""What a network sees of a photograph: its crops and mirrors, and its whole."""

import functools
from typing import Any, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.attribution import attributions
from magenta_viz.attribution import crops
from magenta_viz.attribution import methods
from magenta_viz.attribution import questions
from magenta_viz.attribution import segmentation
from magenta_viz.models import network_protocol


class Views:
  """A photograph's crops and mirrors, and what a network says of them.

  Attributes:
    whole: [side, side, 3] float32, the photograph squeezed into the network's
      square, which is how the training set of BVLC's networks was made, and
      leaves nothing out.
    outputs: What the network says of that.
  """

  def __init__(self, photo: np.ndarray, network: network_protocol.Network):
    """Cuts the photograph up, and shows the network the whole of it."""
    self._side = network.image_size
    height, width = photo.shape[:2]
    self._size = crops.scaled_size(height, width, self._side)
    self._corners = crops.corners(*self._size, self._side)
    self._scaled = segmentation.resize(photo, self._size)
    self.whole = segmentation.resize(self._scaled, (self._side, self._side))
    self.outputs = network(tf.constant(self.whole[None]))

  def probabilities(self) -> np.ndarray:
    """Returns the probability of each class, for the whole photograph."""
    return tf.nn.softmax(self.outputs.logits).numpy()[0]

  def saliency(
    self, method_name: str, settings: Any, answer: Any, class_id: int
  ) -> np.ndarray:
    """Returns the map of a class, [height, width] of the scaled photograph.

    Args:
      method_name: One of `methods.METHODS`.
      settings: Those that the method takes, by their names.
      answer: What `questions.answerer` gives for what the method asks.
      class_id: The class.
    """
    method = methods.METHODS[method_name]
    is_of_whole = questions.QUESTIONS[method.asks].is_of_whole
    images = self.whole[None] if is_of_whole else self._crops()
    found = method.attribute(
      functools.partial(answer, class_id=class_id), images, **settings
    )
    maps = _resize(attributions.saliency_map(found), images.shape[1:3])
    if is_of_whole:
      return _resize(maps, self._size)[0]
    return crops.assemble(maps, self._corners, self._size)

  def of_whole(self, saliency: np.ndarray) -> np.ndarray:
    """Returns a map of the photograph at the size of `whole`."""
    return _resize(saliency[None], (self._side, self._side))[0]

  def _crops(self) -> np.ndarray:
    return crops.cut(self._scaled, self._corners, self._side)


def _resize(maps: np.ndarray, size: Tuple[int, ...]) -> np.ndarray:
  """Returns [batch, height, width] maps in another size."""
  if maps.shape[1:] == size:
    return maps
  resized = tf.image.resize(maps[..., None], size, antialias=True)
  return resized.numpy()[..., 0]
