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

"""What a network says of pictures that may be much longer than wide.

A network sees the shorter side at its own size, so that a long picture costs in
proportion. It is looked at piece by piece: the networks' classifiers take the
mean over all places, and so does the mean over the pieces.
"""

import numpy as np

from magenta_viz.models import network_protocol

# Longer side of a piece, by the shorter one.
_MAX_ASPECT = 4


def logits(network: network_protocol.Network, images: np.ndarray) -> np.ndarray:
  """Returns the [batch, num_classes] float32 logits of finished pictures.

  Args:
    network: What says it.
    images: [batch, height, width, 3] float array in [0, 1].
  """
  height, width = images.shape[1:3]
  if height == width:
    return np.asarray(network.look_at(images).logits)
  axis = 1 if height > width else 2
  num_pieces = -(-max(height, width) // (_MAX_ASPECT * min(height, width)))
  found = []
  for image in images:
    pieces = np.array_split(image[None], num_pieces, axis)
    said = [np.asarray(network.look_at(piece).logits[0]) for piece in pieces]
    lengths = [piece.shape[axis] for piece in pieces]
    found.append(np.average(said, axis=0, weights=lengths))
  return np.stack(found).astype(np.float32)
