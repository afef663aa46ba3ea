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

"""A model of Keras, of version 2 or 3, as `raw_model.RawModel` has models."""

import re
import sys
from typing import Any, Dict, Optional, Tuple

import tensorflow as tf

from magenta_viz.models.foreign import input_format
from magenta_viz.models.foreign import keras_calls
from magenta_viz.models.foreign import keras_said
from magenta_viz.models.foreign import raw_model

# What names of files and of networks cannot have.
_UNFIT = re.compile(r'[^A-Za-z0-9_.-]+')


class KerasModel:
  """A model of Keras: functional, sequential, or a class of its own.

  Attributes:
    name: Its own name.
    input_shape: Of a picture; free sides and three channels of a model that was
      never called.
    is_channels_first: Whether its convolutions take channels first.
    dtype: What its policy computes in.
    sha256: Of its file; '' where it is in memory alone.
    said: What its first layers, or its name, say of its input.
  """

  def __init__(self, model: Any, sha256: str = ''):
    """Takes a model.

    Args:
      model: An instance of keras.Model.
      sha256: Of its file.

    Raises:
      ValueError: If it takes several inputs, or Keras computes with another
        library than TensorFlow.
    """
    self._model = model
    self.name = clean_name(model.name)
    self.sha256 = sha256
    backend = _backend()
    if backend != 'tensorflow':
      raise ValueError(
        f"the model '{self.name}' is computed by {backend}, but TensorFlow"
        ' draws; start Python with KERAS_BACKEND=tensorflow'
      )
    self.input_shape = _input_shape(model, self.name)
    self.is_channels_first = _is_channels_first(model, self.input_shape)
    self.dtype = tf.as_dtype(model.compute_dtype)
    self.said: input_format.Said = keras_said.of_model(model)

  def __call__(self, inputs: tf.Tensor) -> raw_model.RawOutputs:
    """Runs it in a graph, as `raw_model.RawModel` has it."""
    found, layers = keras_calls.call(self._model, inputs)
    names = list(getattr(self._model, 'output_names', None) or ())
    outputs: Dict[str, tf.Tensor]
    if isinstance(found, dict):
      outputs = dict(found)
    elif isinstance(found, (list, tuple)):
      # A layer that is called twice may give two of them.
      if len(set(names)) != len(found):
        names = [f'output_{number}' for number in range(len(found))]
      outputs = dict(zip(names, found))
    else:
      outputs = {names[0] if len(names) == 1 else 'output': found}
    return raw_model.RawOutputs(outputs, layers)


def is_one(model: Any) -> bool:
  """Tells whether something is a model of Keras."""
  return keras_calls.base_of(model) is not None


def clean_name(name: str) -> str:
  """Returns a name that names of files and of networks can have."""
  return _UNFIT.sub('_', name).strip('._-') or 'model'


def _backend() -> str:
  """Returns what Keras computes with, without importing it."""
  keras = sys.modules.get('keras')
  backend = getattr(getattr(keras, 'backend', None), 'backend', None)
  return str(backend()) if callable(backend) else 'tensorflow'


def _input_shape(model: Any, name: str) -> Tuple[Optional[int], ...]:
  """Returns the shape of a picture, without the batch."""
  inputs = getattr(model, 'inputs', None)
  if inputs is None:
    # Of a class of its own: what it was built for, if it was.
    shape = getattr(model, '_build_input_shape', None)
    shape = shape or getattr(model, '_build_shapes_dict', None)
    if isinstance(shape, dict):
      shape = next(iter(shape.values()), None)
    # Keras 2 knows what it was called with, if it was.
    called = model.save_spec() if hasattr(model, 'save_spec') else None
    if called is not None:
      shape = getattr(called[0][0], 'shape', None)
    if not isinstance(shape, (tuple, list, tf.TensorShape)):
      return (None, None, 3)
    return _plain(shape)
  if len(inputs) != 1:
    raise ValueError(
      f"the model '{name}' takes {len(inputs)} inputs; give one that takes"
      ' pictures alone'
    )
  return _plain(inputs[0].shape)


def _plain(shape: Any) -> Tuple[Optional[int], ...]:
  """Returns a shape of any kind without its batch."""
  return tuple(None if side is None else int(side) for side in tuple(shape)[1:])


def _is_channels_first(model: Any, shape: Tuple[Optional[int], ...]) -> bool:
  """Tells in which order a model takes the sides of a picture."""
  for layer in keras_said.flat_layers(model):
    order = getattr(layer, 'data_format', None)
    # A 1 x 1 layer, as a flatten, has the default of the user's settings.
    if order in ('channels_first', 'channels_last') and hasattr(
      layer, 'kernel_size'
    ):
      return order == 'channels_first'
  return input_format.is_channels_first(shape)
