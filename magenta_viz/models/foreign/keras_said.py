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

"""What a Keras model says of the form of its pictures.

Its first layers say it where they bring pictures to what the others want;
keras.applications' networks say it by their names, as far as their
preprocessing is not a part of them.
"""

from typing import Any, Iterator, Optional, Tuple

import numpy as np

from magenta_viz.models.foreign import input_format

_CAFFE = input_format.InputFormat(
  (0.0, 255.0), input_format.CAFFE_MEAN, (1.0,), 'bgr'
)
_SYMMETRIC = input_format.InputFormat((-1.0, 1.0))
_TORCH = input_format.InputFormat(
  (0.0, 1.0),
  input_format.TORCH_MEAN,
  tuple(1 / each for each in input_format.TORCH_DEVIATION),
)
_BYTES = input_format.InputFormat((0.0, 255.0))
_UNIT = input_format.InputFormat()

# The `mode` of each module's preprocess_input in keras.applications, by the
# beginnings of its models' names; the first that fits counts.
_APPLICATIONS: Tuple[Tuple[str, input_format.InputFormat], ...] = (
  ('resnet50v2', _SYMMETRIC),
  ('resnet101v2', _SYMMETRIC),
  ('resnet152v2', _SYMMETRIC),
  ('resnet50', _CAFFE),
  ('resnet101', _CAFFE),
  ('resnet152', _CAFFE),
  ('vgg16', _CAFFE),
  ('vgg19', _CAFFE),
  ('xception', _SYMMETRIC),
  ('inception_v3', _SYMMETRIC),
  ('inception_resnet_v2', _SYMMETRIC),
  ('mobilenetv3', _BYTES),
  ('mobilenet', _SYMMETRIC),
  ('nasnet', _SYMMETRIC),
  ('densenet', _TORCH),
  ('efficientnet', _BYTES),
  ('convnext', _BYTES),
  ('regnet', _BYTES),
  ('resnet-rs', _BYTES),
  ('resnetrs', _BYTES),
)

# Layers and operations that leave values as they are, when used.
_PASSING = (
  'InputLayer',
  'Resizing',
  'CenterCrop',
  'ZeroPadding2D',
  'Cropping2D',
  'Permute',
  'Dropout',
  'GaussianNoise',
  'Identity',
  'Reshape',
  'Transpose',
  'transpose',
  'Cast',
  'cast',
  'reshape',
)


def of_model(model: Any) -> input_format.Said:
  """Returns what a model says of its input.

  Args:
    model: An instance of keras.Model.
  """
  found = _of_first(model)
  if found is not None:
    return found
  for each in (model, *flat_layers(model)):
    name = getattr(each, 'name', '').lower()
    for beginning, form in _APPLICATIONS:
      if _has_layers(each) and name.startswith(beginning):
        return input_format.Said(form, f'as {each.name} of keras.applications')
  return input_format.NOTHING_SAID


def flat_layers(model: Any) -> Iterator[Any]:
  """Yields the layers of a model, and of the models in it."""
  for layer in getattr(model, 'layers', ()):
    yield layer
    if _has_layers(layer):
      yield from flat_layers(layer)


def _has_layers(layer: Any) -> bool:
  return hasattr(layer, 'layers')


def _of_first(model: Any) -> Optional[input_format.Said]:
  """Returns what the first layer says that changes values, if any does."""
  for step in _steps(model):
    kind = _kind(step)
    if kind in _PASSING or kind.startswith('Random'):
      continue
    if kind == 'Rescaling':
      return _of_rescaling(step)
    if kind == 'Normalization':
      return _of_normalization(step)
    if _is_layer(step):
      return None
    # An operation, as of a `preprocess_input` in the model.
    return input_format.Said(_BYTES, 'as it begins with operations on bytes')
  return None


def _kind(step: Any) -> str:
  """Returns the name of a layer's class, or of an operation."""
  # Keras 2 has one class for all operations, as 'compat.v1.transpose'.
  symbol = getattr(step, 'symbol', None)
  return symbol.split('.')[-1] if symbol else type(step).__name__


def _is_layer(step: Any) -> bool:
  """Tells a layer from an operation, which Keras 2 makes a layer of, too."""
  kind = type(step).__name__
  is_operation = kind.endswith('OpLambda') or kind == 'Lambda'
  return hasattr(step, 'trainable_weights') and not is_operation


def _steps(model: Any) -> Iterator[Any]:
  """Yields the layers and operations of a model and of those in it."""
  for step in getattr(model, 'operations', None) or model.layers:
    if _has_layers(step):
      yield from _steps(step)
    else:
      yield step


def _of_rescaling(layer: Any) -> input_format.Said:
  """Returns the range that a Rescaling brings to what networks want.

  What comes out is of some units, from -1 to 1 or near it.
  """
  scale = float(np.mean(np.abs(np.asarray(layer.scale))))
  form = _BYTES if scale * 255 < 20 else _UNIT
  return input_format.Said(form, f'as its layer {layer.name} says')


def _of_normalization(layer: Any) -> input_format.Said:
  """Returns the range of the pictures whose mean a Normalization takes off."""
  mean = getattr(layer, 'mean', None)
  if mean is None:
    return input_format.NOTHING_SAID
  form = _UNIT if float(np.max(np.asarray(mean))) <= 1 else _BYTES
  return input_format.Said(form, f'as its layer {layer.name} says')
