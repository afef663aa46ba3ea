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

"""Networks of models that are none of the package's own.

  visualize.run(config, network=keras_model)
  visualize.run(config, network=networks.from_keras(
      keras_model, input_range=(-1, 1), class_names=['cat', 'dog']))
  visualize.run(config, network=networks.from_function(
      lambda images: (logits, {'layer': activations}), input_size=224))

The settings are those of `foreign.foreign_settings.ForeignSettings`; what is
not said is taken from the model, where it says it.
"""

from typing import Any, Optional, Sequence, Tuple

import tensorflow as tf

from magenta_viz.models import model_spec
from magenta_viz.models.foreign import foreign_network
from magenta_viz.models.foreign import foreign_settings
from magenta_viz.models.foreign import function_model
from magenta_viz.models.foreign import keras_model
from magenta_viz.models.foreign import loading
from magenta_viz.models.foreign import model_files

ForeignNetwork = foreign_network.ForeignNetwork
Settings = foreign_settings.ForeignSettings


def from_keras(
  model: Any, class_names: Optional[Sequence[str]] = None, **settings: Any
) -> ForeignNetwork:
  """Returns the network of a model of Keras.

  Args:
    model: A keras.Model, of Keras 2 or 3: functional, sequential or subclassed.
    class_names: Of its classes, in the order of their ids; None for numbers, or
      ImageNet's where there are as many.
    **settings: Of `Settings`, by their names.

  Raises:
    ValueError: If it takes no pictures, or a setting does not fit it.
  """
  if not keras_model.is_one(model):
    raise ValueError(
      f'the model is {_words(model)}; give a keras.Model, or take'
      ' networks.from_function'
    )
  return loading.of_model(model, Settings(**settings), class_names)


def from_function(
  function: function_model.Function,
  input_size: Any = None,
  class_names: Optional[Sequence[str]] = None,
  *,
  name: Optional[str] = None,
  num_channels: int = 3,
  is_channels_first: bool = False,
  is_any_size: bool = False,
  dtype: tf.DType = tf.float32,
  **settings: Any,
) -> ForeignNetwork:
  """Returns the network that a function, or a tf.Module that is one, computes.

  Args:
    function: From pictures, [batch, height, width, num_channels] float32, in
      the range that `settings` says, [0, 1] without, to logits, [batch,
      num_classes], or to logits and a mapping of layers' activations by names,
      or to a mapping of several outputs in place of the logits. A softmax or a
      sigmoid at its end is undone where it can be seen, which it cannot inside
      of a tf.function. What the modules in a tf.Module give are layers too.
    input_size: Height and width of the pictures, or both in one number; None
      for 224 pixels.
    class_names: As of `from_keras`.
    name: Of the network; None for the function's own.
    num_channels: Of the pictures.
    is_channels_first: Whether pictures and maps are [batch, channels, height,
      width].
    is_any_size: Whether it takes pictures of other sizes too.
    dtype: What it computes in.
    **settings: Of `Settings`, by their names.

  Raises:
    ValueError: If it does not run, or a setting does not fit it.
  """
  if not callable(function):
    raise ValueError(
      f'the function is {_words(function)}; give one from pictures to logits'
    )
  usual: Any = model_spec.USUAL_SIZE
  size = Settings(input_size=usual if input_size is None else input_size)
  sides: Tuple[Optional[int], ...] = size.input_size or ()
  if is_any_size:
    sides = (None, None)
    settings['input_size'] = size.input_size
  raw = function_model.FunctionModel(
    function,
    name or function_model.name_of(function),
    (num_channels, *sides) if is_channels_first else (*sides, num_channels),
    is_channels_first,
    dtype,
  )
  return loading.of_model(raw, Settings(**settings), class_names)


def from_file(path: str, **settings: Any) -> ForeignNetwork:
  """Returns the network of a model's file: .keras, .h5, SavedModel, .pb.

  Args:
    path: Of the file, or of a SavedModel's folder.
    **settings: Of `Settings`, by their names.

  Raises:
    ValueError: If it is damaged, brings code that is not allowed, or takes no
      pictures.
    OSError: If it cannot be read.
  """
  file = model_files.tell(path)
  if file is None:
    raise ValueError(
      f"'{path}' is no model; give a .keras or .h5 file, a SavedModel's folder"
      ' or a frozen graph (.pb)'
    )
  return loading.of_file(file, Settings(**settings))


def _words(thing: Any) -> str:
  """Returns what something is, in words."""
  return f'of type {type(thing).__name__}'
