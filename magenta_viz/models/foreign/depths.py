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

"""Which of a model's layers stands for each of GoogLeNet's that presets name.

By stride and by how deep it is among the maps of that stride: GoogLeNet's
modules 3 are at an eighth of the picture's sides, 4 at a sixteenth, 5 at a
thirty-second.
"""

from typing import Dict, List, Mapping, Tuple

# The stride, and the share of the layers of that stride that are above it.
_PLACES: Mapping[str, Tuple[int, float]] = {
  'inception_3a/output': (8, 0.5),
  'inception_3b/5x5_reduce': (8, 0.75),
  'inception_3b/output': (8, 1.0),
  'inception_4a/output': (16, 0.2),
  'inception_4b/output': (16, 0.4),
  'inception_4c/output': (16, 0.6),
  'inception_4d/output': (16, 0.8),
  'inception_4e/output': (16, 1.0),
  'inception_5a/output': (32, 0.5),
  'inception_5b/output': (32, 1.0),
}


def stand_ins(
  layers: Mapping[str, Tuple[int, ...]], image_size: int
) -> Dict[str, str]:
  """Returns the name of a model's layer for each of GoogLeNet's.

  Args:
    layers: Shapes of its end points without the batch, in the order in which
      they are run; those without places are passed over.
    image_size: Shorter side of the pictures that they are of, in pixels.

  Returns:
    Nothing for a model that has no maps.
  """
  by_stride: Dict[float, List[str]] = {}
  for name, shape in layers.items():
    if len(shape) == 3 and min(shape[:2]) > 1:
      by_stride.setdefault(image_size / min(shape[:2]), []).append(name)
  if not by_stride:
    return {}
  found = {}
  for name, (stride, share) in _PLACES.items():
    # The nearest by its ratio; of equals, the coarser.
    nearest = min(
      by_stride, key=lambda own: (max(own / stride, stride / own), -own)
    )
    names = by_stride[nearest]
    found[name] = names[max(round(share * len(names)) - 1, 0)]
  return found
