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

"""A function of TensorFlow, as `raw_model.RawModel` has models."""

from typing import Any, Callable, Mapping, Optional, Tuple

import tensorflow as tf

from magenta_viz.models import model_spec
from magenta_viz.models.foreign import input_format
from magenta_viz.models.foreign import keras_model
from magenta_viz.models.foreign import module_calls
from magenta_viz.models.foreign import raw_model

# From pictures in the model's own form to logits, or to logits and layers by
# their names.
Function = Callable[[tf.Tensor], Any]


def of(
  function: Function, input_size: Optional[Tuple[int, int]]
) -> 'FunctionModel':
  """Returns the model of a function, or a tf.Module, that takes colours.

  Args:
    function: From pictures to logits, as of `networks.from_function`.
    input_size: Height and width of the pictures; None for 224.
  """
  usual = (model_spec.USUAL_SIZE, model_spec.USUAL_SIZE)
  return FunctionModel(
    function, name_of(function), (*(input_size or usual), 3), False, tf.float32
  )


def name_of(function: Function) -> str:
  """Returns what a function calls itself."""
  return str(getattr(function, '__name__', type(function).__name__))


class FunctionModel:
  """What somebody's function computes.

  Attributes:
    name: Its name.
    input_shape: Of a picture; None for free sides.
    is_channels_first: Whether the channels are the first side.
    dtype: What it computes in.
    sha256: '', for it is in memory alone.
    said: Nothing.
  """

  sha256 = ''
  said = input_format.NOTHING_SAID

  def __init__(
    self,
    function: Function,
    name: str,
    input_shape: Tuple[Optional[int], ...],
    is_channels_first: bool,
    dtype: tf.DType,
  ):
    """Takes a function, and what it does not say of itself.

    Args:
      function: What computes; a tf.Module is one too, and tells its layers.
      name: Its name.
      input_shape: As of the attributes.
      is_channels_first: Likewise.
      dtype: Likewise.
    """
    self._function = function
    self.name = keras_model.clean_name(name)
    self.input_shape = input_shape
    self.is_channels_first = is_channels_first
    self.dtype = dtype

  def __call__(self, inputs: tf.Tensor) -> raw_model.RawOutputs:
    """Runs it in a graph, as `raw_model.RawModel` has it."""
    layers: Mapping[str, tf.Tensor] = {}
    if isinstance(self._function, tf.Module):
      found, layers = module_calls.call(self._function, inputs)
    else:
      found = self._function(inputs)
    if isinstance(found, tuple) and len(found) == 2:
      found, said = found
      layers = {**layers, **said}
    # What has no name is said to be logits, though it be pooled features.
    outputs = (
      found if isinstance(found, Mapping) else {'output': tf.identity(found)}
    )
    return raw_model.RawOutputs(
      {name: tf.convert_to_tensor(each) for name, each in outputs.items()},
      dict(layers),
    )
