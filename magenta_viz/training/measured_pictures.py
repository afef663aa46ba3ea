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

"""What the pictures of a training are like, for whoever draws from it."""

import itertools
from typing import Iterator, Optional

import numpy as np
import tensorflow as tf

from magenta_viz.data import dataset
from magenta_viz.data import picture_measuring
from magenta_viz.data import preprocessing
from magenta_viz.models import picture_statistics

# More change the figures by less than one set differs from another.
_MOST = 256


def measure(
  source: dataset.Dataset,
  preprocess: preprocessing.Preprocessing,
  seed: int,
  num_seen: int,
) -> Optional[picture_statistics.PictureStatistics]:
  """Measures the first pictures that a training sees.

  Args:
    source: Where they come from.
    preprocess: What is done to each, as in evaluation.
    seed: Of their order.
    num_seen: How many pictures the training sees.

  Returns:
    None if none can be read, which training itself is to tell of.
  """
  count = min(_MOST, num_seen, source.num_train)
  images = _images(source, preprocess, seed, count)
  first = next(images, None)
  if first is None:
    return None
  return picture_measuring.measure(itertools.chain([first], images))


def _images(
  source: dataset.Dataset,
  preprocess: preprocessing.Preprocessing,
  seed: int,
  count: int,
) -> Iterator[np.ndarray]:
  """Yields pictures, without those that are damaged."""
  examples = source.examples('train', seed, 0).take(count).as_numpy_iterator()
  while True:
    try:
      example = next(examples)
    except (StopIteration, tf.errors.OpError):
      return
    try:
      yield preprocess(
        tf.constant(example.data), tf.zeros([2], tf.int64)
      ).numpy()
    except (ValueError, tf.errors.InvalidArgumentError):
      continue
