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

"""Models that are none of the package's, for tests that draw from them."""

import contextlib
from pathlib import Path
from typing import Any, ClassVar, Iterator, Mapping, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz import visualize
from magenta_viz.testing import drawings

keras: Any = tf.keras
layers: Any = keras.layers

# Keras writes such files where its first version that can is installed.
ENDING = '.keras' if hasattr(keras, 'saving') else '.h5'


def with_weights(model: Any, seed: int = 0) -> Any:
  """Returns a model with weights of a seed, the same for each Keras."""
  generator = np.random.RandomState(seed)
  model.set_weights(
    [
      # Statistics of a batch norm are about 1.
      0.8 + 0.4 * generator.rand(*each.shape)
      if each.ndim == 1
      else generator.randn(*each.shape) * (2 / np.prod(each.shape[:-1])) ** 0.5
      for each in model.get_weights()
    ]
  )
  return model


def classifier(
  shape: Tuple[Any, ...] = (32, 32, 3),
  num_classes: int = 5,
  head: Any = None,
  name: str = 'mine',
  **options: Any,
) -> Any:
  """Returns a model of two convolutions, a batch norm and a classifier.

  Args:
    shape: Of a picture.
    num_classes: Of its classes.
    head: What it ends with: 'softmax', 'sigmoid'; None for logits.
    name: Its own.
    **options: Of its convolutions.
  """
  images = keras.Input(shape, name='images')
  net = layers.Rescaling(2.0, -1.0, name='scaled')(images)
  net = layers.Conv2D(6, 3, 2, 'same', name='first', **options)(net)
  axis = 1 if options.get('data_format') == 'channels_first' else -1
  net = layers.BatchNormalization(axis, name='norm')(net)
  net = layers.Activation('relu', name='relu')(net)
  net = layers.Conv2D(
    8, 3, padding='same', activation='relu', name='second', **options
  )(net)
  net = layers.Dropout(0.5, name='drop')(net)
  net = layers.GlobalAveragePooling2D(name='mean', **options)(net)
  net = layers.Dense(
    num_classes, activation=head, name='classes', dtype='float32'
  )(net)
  return with_weights(keras.Model(images, net, name=name))


@contextlib.contextmanager
def policy(name: str) -> Iterator[None]:
  """Lets Keras make models of a policy, such as 'mixed_float16'."""
  before = keras.mixed_precision.global_policy()
  keras.mixed_precision.set_global_policy(name)
  try:
    yield
  finally:
    keras.mixed_precision.set_global_policy(before)


class TestCase(drawings.TestCase):
  """Draws with models that are none of the package's, into a folder."""

  settings: ClassVar[Mapping[str, Any]] = {
    'models': ('auto',),
    'precision': 'auto',
    'image_size': (64, 64),
  }

  def draw_from(self, network: Any, **settings: Any) -> visualize.Picture:
    """Draws one picture, and returns it."""
    config = self.config(output_dir=None, **settings)
    (picture,) = visualize.run(config, network=network)
    self.assertGreater(picture.image.std(), 0.001)
    return picture

  def saved(self, model: Any, name: str = 'mine') -> Path:
    """Saves a model in a file, and returns its path."""
    path = self.root / f'{name}{ENDING}'
    model.save(str(path))
    return path
