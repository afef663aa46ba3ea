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

"""Layers in plain NumPy, to compare networks with."""

from typing import List

import numpy as np


def taps(net: np.ndarray, side: int, stride: int = 1) -> List[np.ndarray]:
  """Returns what each place of a square window sees, row by row.

  Args:
    net: [batch, height, width, channels] array.
    side: Height and width of the window, which stays inside.
    stride: Between two windows.
  """
  down, right = ((n - side) // stride * stride + 1 for n in net.shape[1:3])
  return [
    net[:, i : i + down : stride, j : j + right : stride]
    for i in range(side)
    for j in range(side)
  ]


def conv(net: np.ndarray, kernel: np.ndarray, stride: int = 1) -> np.ndarray:
  """Returns a convolution without padding by a [side, side, in, out] kernel."""
  places = kernel.reshape(-1, *kernel.shape[2:])
  seen = taps(net, kernel.shape[0], stride)
  return np.sum([tap @ each for tap, each in zip(seen, places)], axis=0)
