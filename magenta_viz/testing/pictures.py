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

"""Pictures, and what views sample and show of them, for tests."""

from typing import Any, List

import numpy as np
import tensorflow as tf

from magenta_viz.ascent import protocols
from magenta_viz.settings import schedules


def random_images(*shape: int, seed: int = 0) -> np.ndarray:
  """Returns a float32 array of the shape, of values in [0, 1)."""
  return np.random.default_rng(seed).random(shape, np.float32)


def sampled(
  views: protocols.Views,
  height: int,
  width: int,
  num: int = 1,
  step: schedules.Step = schedules.START,
) -> List[np.ndarray]:
  """Samples for some pictures, one after the other, and stacks it."""
  generator = np.random.default_rng(0)
  samples = [views.sample(generator, height, width, step) for _ in range(num)]
  return [np.stack(each) for each in zip(*samples)]


def seen(
  views: protocols.Views, images: np.ndarray, *samples: Any
) -> np.ndarray:
  """Returns the views of images, all in NumPy."""
  tensors = [tf.constant(each) for each in samples]
  return views.apply(tf.constant(images), *tensors).numpy()
