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

"""A judge: a network that says what pictures show."""

import collections
import functools
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.evaluation import diversity
from magenta_viz.evaluation import predictions
from magenta_viz.models import network_protocol

# Guesses of a prediction; ILSVRC counts the first five.
NUM_GUESSES = 5

# Sizes of pictures whose traces of the network a judge keeps.
_NUM_TRACES = 8

# Of the noise in the copies of a picture.
_NOISE_SEED = 0


class Judge:
  """Lets a network look at pictures."""

  def __init__(self, network: network_protocol.Network, batch_size: int = 8):
    """Takes a network.

    Args:
      network: The network, in float32.
      batch_size: The most pictures that it looks at together. But for rounding,
        predictions do not depend on it.

    Raises:
      ValueError: If the batch size is below 1.
    """
    if batch_size < 1:
      raise ValueError(f'batch_size is {batch_size}; give 1 or more')
    self._network = network
    self._class_names = network.class_names
    self._batch_size = batch_size
    # A trace takes as long as some 20 pictures, and each of them half the time
    # that it takes without.
    self._traced = functools.lru_cache(maxsize=_NUM_TRACES)(self._trace)

  def look_at(
    self,
    images: Sequence[np.ndarray],
    class_ids: Sequence[Optional[int]],
  ) -> List[predictions.Prediction]:
    """Returns what it says of each picture, in their order.

    Each is shown whole, its shorter side brought to the network's size.

    Args:
      images: Pictures of any sizes, each [height, width, 3] float32, RGB, in
        [0, 1].
      class_ids: The class of each; None for a picture of no class.

    Raises:
      ValueError: If there are not as many ids as pictures, a picture is no such
        array, or the judge has no class of an id.
      FloatingPointError: If what the network says is not finite.
    """
    self._check(images, class_ids)
    of_size: Dict[Tuple[int, ...], List[int]] = collections.defaultdict(list)
    for index, image in enumerate(images):
      of_size[image.shape].append(index)
    found: Dict[int, predictions.Prediction] = {}
    for shape, indices in of_size.items():
      look = self._traced(*shape[:2])
      for start in range(0, len(indices), self._batch_size):
        batch = indices[start : start + self._batch_size]
        said = look(tf.constant(np.stack([images[i] for i in batch])))
        logits, probabilities, features = (each.numpy() for each in said)
        for place, index in enumerate(batch):
          found[index] = self._prediction(
            logits[place],
            probabilities[place],
            features[place],
            class_ids[index],
          )
    return [found[index] for index in range(len(images))]

  def noises(self, images: Sequence[np.ndarray]) -> List[float]:
    """Returns how far apart it sees two noisy copies of each picture.

    Args:
      images: As for `look_at`.
    """
    copies = []
    for image in images:
      # Of its own, so that a picture's copies are the same in any company.
      generator = np.random.default_rng(_NOISE_SEED)
      copies += [diversity.noisy(image, generator) for _ in range(2)]
    found = self.look_at(copies, [None] * len(copies))
    return [
      diversity.between(np.stack([first.features, second.features]))
      for first, second in zip(found[::2], found[1::2])
    ]

  def _trace(self, height: int, width: int) -> Callable[[tf.Tensor], Any]:
    """Returns logits, probabilities and features of batches of one size."""

    def look(images: tf.Tensor) -> Tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
      logits, end_points = self._network.look_at(images)
      end_point = end_points[self._network.features]
      return logits, tf.nn.softmax(logits), tf.reduce_mean(end_point, [1, 2])

    signature = [tf.TensorSpec([None, height, width, 3])]
    traced = tf.function(look, input_signature=signature, autograph=False)
    return traced.get_concrete_function()

  def _check(
    self,
    images: Sequence[np.ndarray],
    class_ids: Sequence[Optional[int]],
  ) -> None:
    """Raises ValueError if there is something wrong with the arguments."""
    if len(images) != len(class_ids):
      raise ValueError(
        f'{len(images)} pictures have {len(class_ids)} class ids; give one a'
        ' picture, None where it is of no class'
      )
    for index, image in enumerate(images):
      _check_image(index, image)
    num_classes = len(self._network.class_names)
    for index, class_id in enumerate(class_ids):
      if class_id is not None and not 0 <= class_id < num_classes:
        raise ValueError(
          f'picture {index} is of class {class_id}, but the judge has the'
          f' classes 0 to {num_classes - 1}; take another judge'
        )

  def _prediction(
    self,
    logits: np.ndarray,
    probabilities: np.ndarray,
    features: np.ndarray,
    class_id: Optional[int],
  ) -> predictions.Prediction:
    """Returns what it says of one picture.

    Args:
      logits: [num_classes] float32.
      probabilities: Their softmax.
      features: [channels] float32.
      class_id: The picture's own class, or None.

    Raises:
      FloatingPointError: If logits or features are not finite.
    """
    if not (np.isfinite(logits).all() and np.isfinite(features).all()):
      raise FloatingPointError(
        'the judge says of a picture what is not a finite number; take another'
        ' judge'
      )
    # Not by the probabilities, of which many can be 0.
    order = np.argsort(-logits, kind='stable')[:NUM_GUESSES]
    guesses = tuple(
      predictions.Guess(int(i), self._class_names[i], float(probabilities[i]))
      for i in order
    )
    if class_id is None:
      return predictions.Prediction(None, None, None, guesses, features)
    rank = 1 + int(np.sum(logits > logits[class_id]))
    probability = float(probabilities[class_id])
    return predictions.Prediction(
      class_id, rank, probability, guesses, features
    )


def _check_image(index: int, image: np.ndarray) -> None:
  """Raises ValueError if an array is no picture."""
  wanted = 'it must be float32 [height, width, 3], in [0, 1]'
  is_picture = image.ndim == 3 and image.shape[2] == 3 and image.size
  if not is_picture or image.dtype != np.float32:
    shape = list(image.shape)
    raise ValueError(f'picture {index} is {image.dtype} {shape}; {wanted}')
  # A ReLU may make zeros of NaNs, so these would pass unseen.
  low, high = image.min(), image.max()
  if not (low >= 0 and high <= 1):
    raise ValueError(
      f'picture {index} has values from {low:g} to {high:g}; {wanted}'
    )
