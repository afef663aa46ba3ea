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

"""Tells whether drawings of digits look like digits to someone else.

Someone else is a support-vector machine that knows nothing but scikit-learn's
handwritten digits of 8 x 8 pixels:

  machine = digits_recognition.train_svm()
  labels = digits_recognition.recognise(machine, images)
"""

from typing import Any

import numpy as np
from PIL import Image

from tools import digits_folder

_SIDE = 8

# Of a drawing's 64 pixels, so many percent are paper at least, and the rest
# from the other one on are full ink: the median handwritten digit has 31 pixels
# of value 0 and 6 of value 16. So paper may be anything from black to grey.
_LOW_PERCENTILE = 25.0
_HIGH_PERCENTILE = 95.0


def to_digits(images: np.ndarray) -> np.ndarray:
  """Returns drawings as the machine sees digits.

  Args:
    images: [n, height, width, 3] float array in [0, 1], white on black; 8
      pixels wide and high at least.

  Returns:
    [n, 64] float64 array, from 0 to `digits_folder.MAX_VALUE`: the mean of the
    channels, averaged over areas, and stretched from paper to full ink. A
    drawing of one grey is all 0.

  Raises:
    ValueError: If the array has another shape.
  """
  images = np.asarray(images)
  if images.ndim != 4 or images.shape[3] != 3 or min(images.shape[1:3]) < _SIDE:
    raise ValueError(
      f'pictures have shape {list(images.shape)}; they must be [n, height,'
      f' width, 3], {_SIDE} pixels high and wide at least'
    )
  digits = []
  for grey in images.mean(axis=3, dtype=np.float32):
    small = Image.fromarray(grey).resize((_SIDE, _SIDE), Image.Resampling.BOX)
    values = np.asarray(small, np.float64).ravel()
    low, high = np.percentile(values, [_LOW_PERCENTILE, _HIGH_PERCENTILE])
    stretched = (values - low) / max(high - low, 1e-6)
    digits.append(np.clip(stretched, 0.0, 1.0) * digits_folder.MAX_VALUE)
  return np.array(digits).reshape(-1, _SIDE**2)


def train_svm() -> Any:
  """Returns a `sklearn.svm.SVC` of the digits of 'train', 8 x 8 as they are.

  With the setting of scikit-learn's own example on them.
  """
  from sklearn import svm

  digits = digits_folder.load_splits()['train']
  machine = svm.SVC(gamma=0.001)
  machine.fit(digits.images.reshape(len(digits.images), -1), digits.labels)
  return machine


def recognise(machine: Any, images: np.ndarray) -> np.ndarray:
  """Returns the digits that drawings look like.

  Args:
    machine: As `train_svm` gives it.
    images: As of `to_digits`.

  Returns:
    [n] int array, 0 to 9.
  """
  return np.asarray(machine.predict(to_digits(images)))
