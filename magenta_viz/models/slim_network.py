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

"""Binds a tf-slim function to its variables, for TensorFlow 2.

slim's layers ask a variable scope for their variables by name. Here the
scope's getter answers from a dictionary, so that the same function works
eagerly and in `tf.function`.
"""

import functools
import importlib
import threading
from typing import (
  Any,
  Callable,
  Dict,
  Mapping,
  Optional,
  Sequence,
  Tuple,
)
import warnings

import numpy as np
import tensorflow as tf

from magenta_viz.models import imagenet_classes
from magenta_viz.models import model_spec
from magenta_viz.models import network_protocol
from magenta_viz.models import sharing
from magenta_viz.models import training_mode
from magenta_viz.models.architectures import batch_norm

# Gradients by each of three rules; or drawings, of which one that was traced
# with GoogLeNet takes some 85 MB.
_NUM_SHARED = 3

# tf-slim's arguments of a scope, and Python's filters of warnings, are those of
# all threads.
_BUILDING = threading.Lock()


class SlimArchitecture:
  """A network without its weights, as `network_protocol.Architecture` has it.

  Attributes:
    spec: The network's description.
  """

  def __init__(self, spec: model_spec.ModelSpec):
    """Takes what the network is."""
    self.spec = spec

  @property
  def name(self) -> str:
    """What `--model` calls it."""
    return self.spec.name

  @property
  def image_size(self) -> int:
    """Height and width, in pixels, that it was trained at."""
    return self.spec.image_size

  # The whole network is built for it.
  @functools.cached_property
  def layers(self) -> Mapping[str, Tuple[int, ...]]:
    """Shape of each end point, without batch, at that size."""
    return layer_shapes(self.spec)


class SlimNetwork(SlimArchitecture):
  """A network with fixed weights, as `network_protocol.Network` has it.

  Attributes:
    dtype: What it computes in.
    auxiliary_heads: The auxiliary classifiers that its weights have.
    shared: What was made of it, and traced, for the runs that want the same
      again: it lasts as long as the network.
  """

  # Of stand-ins, which have no weights.
  _class_names: Optional[Sequence[str]] = None

  def __init__(
    self,
    spec: model_spec.ModelSpec,
    values: Mapping[str, np.ndarray],
    dtype: tf.DType = tf.float32,
    class_names: Optional[Sequence[str]] = None,
  ):
    """Takes the network's variables from `values`.

    Args:
      spec: The network.
      values: Arrays by variable name; those of no variable are left alone.
      dtype: What the network computes in, tf.float32, tf.bfloat16 or
        tf.float16.
      class_names: A name a class; None for ImageNet's.

    Raises:
      ValueError: If variables are missing or have another shape.
    """
    super().__init__(spec)
    self.dtype = dtype
    self._class_names = class_names
    self.auxiliary_heads = spec.heads_in(values)
    self.shared = sharing.Shared(_NUM_SHARED)
    variables = variable_specs(spec, self.auxiliary_heads, dtype)
    matched = batch_norm.folded(match(spec, variables, values))
    # Cast once, not at every step.
    self._tensors = {
      name: None if value is None else tf.cast(value, dtype)
      for name, value in matched.items()
    }

  # Nothing here needs AutoGraph, which takes ten times as long as the trace.
  @tf.autograph.experimental.do_not_convert
  def __call__(self, images: tf.Tensor) -> network_protocol.Outputs:
    """Runs the network.

    Args:
      images: [batch, height, width, 3] float tensor in [0, 1].
    """
    images = tf.cast(images, self.dtype)
    logits, end_points = build(
      self.spec,
      images,
      lambda getter, name, **unused_kwargs: self._tensors[name],
      self.auxiliary_heads,
    )
    logits = tf.cast(logits[:, self.spec.class_offset :], tf.float32)
    return network_protocol.Outputs(logits, end_points)

  def look_at(self, images: np.ndarray) -> network_protocol.Outputs:
    """Runs the network on pictures of any size.

    Args:
      images: [batch, height, width, 3] float array in [0, 1]; brought to the
        network's own size by the shorter side.
    """
    return network_protocol.look_at(self, images)

  @property
  def class_names(self) -> Tuple[str, ...]:
    """Names of its classes, in the order of their ids."""
    if self._class_names is None:
      return imagenet_classes.load_class_names()
    return tuple(self._class_names)

  @property
  def features(self) -> str:
    """The end point that its classifier looks at."""
    return self.spec.features

  @property
  def recipe(self) -> Mapping[str, Any]:
    """Settings of the class-picture recipe that it wants otherwise."""
    return self.spec.recipe

  def own_layers(self, text: str) -> str:
    """Puts the network's layers for GoogLeNet's that presets name."""
    return self.spec.own_layers(text)


def variable_specs(
  spec: model_spec.ModelSpec,
  auxiliary_heads: Sequence[str] = (),
  dtype: tf.DType = tf.float32,
) -> Dict[str, tf.TensorSpec]:
  """Returns the shape and dtype of each variable that a network asks for."""
  variables: Dict[str, tf.TensorSpec] = {}

  def answer(
    getter: Any, name: str, shape: Any, dtype: Any, **unused_kwargs: Any
  ) -> tf.Tensor:
    variables[name] = tf.TensorSpec(shape, dtype, name)
    return tf.compat.v1.placeholder(dtype, shape)

  with tf.Graph().as_default():
    images = tf.zeros([1, spec.image_size, spec.image_size, 3], dtype)
    build(spec, images, answer, auxiliary_heads)
  return variables


def recognize(values: Mapping[str, np.ndarray]) -> model_spec.ModelSpec:
  """Returns the network that weights belong to, by their names.

  Args:
    values: Arrays by variable name.

  Raises:
    ValueError: If it is none of the package's networks.
  """
  for spec in model_spec.MODEL_SPECS.values():
    named = _own_names(spec, values)
    if all(name in named for name in variable_specs(spec)):
      return spec
  raise ValueError(
    f'the checkpoint holds {len(values)} variables ({_listed(list(values))})'
    ' that make none of the networks'
    f' {", ".join(model_spec.MODEL_SPECS)}; give one of these to --checkpoint,'
    ' with its --model to see what is missing'
  )


def layer_shapes(spec: model_spec.ModelSpec) -> Dict[str, Tuple[int, ...]]:
  """Returns the shape of each end point, without batch, at the default size."""

  def answer(
    getter: Any, name: str, shape: Any, dtype: Any, **unused_kwargs: Any
  ) -> tf.Tensor:
    return tf.compat.v1.placeholder(dtype, shape)

  with tf.Graph().as_default():
    images = tf.zeros([1, spec.image_size, spec.image_size, 3])
    _, end_points = build(spec, images, answer)
    return {
      name: tuple(tensor.shape[1:].as_list())
      for name, tensor in end_points.items()
    }


def _module(spec: model_spec.ModelSpec) -> Any:
  """Imports the module of a network's tf-slim function."""
  return importlib.import_module(spec.function.partition(':')[0])


def build(
  spec: model_spec.ModelSpec,
  images: tf.Tensor,
  getter: Callable[..., tf.Tensor],
  auxiliary_heads: Sequence[str] = (),
  training: Optional[training_mode.TrainingMode] = None,
) -> Tuple[tf.Tensor, Dict[str, tf.Tensor]]:
  """Calls the network's function with variables that a getter gives.

  Args:
    spec: The network.
    images: [batch, height, width, 3] float tensor in [0, 1], of the dtype that
      the network is to compute in.
    getter: TensorFlow calls it with the names that get_variable's arguments
      have, and with its own way to a variable as `getter`.
    auxiliary_heads: Scopes of the auxiliary classifiers to build.
    training: What is done in training only.

  Returns:
    The outputs, [batch, spec.num_outputs], and the end points by name.
  """
  kwargs = {'auxiliary_heads': auxiliary_heads} if auxiliary_heads else {}
  with _BUILDING, warnings.catch_warnings(), tf.compat.v1.variable_scope(
    '', custom_getter=getter
  ):
    # tf-slim 1.1.0 calls layers in a way that today's TensorFlow deprecates.
    warnings.simplefilter('ignore', UserWarning)
    function = getattr(_module(spec), spec.function.partition(':')[2])
    return function(
      images, num_classes=spec.num_outputs, training=training, **kwargs
    )


def _own_names(
  spec: model_spec.ModelSpec, values: Mapping[str, np.ndarray]
) -> Dict[str, np.ndarray]:
  """Returns weights with those of PyTorch's names by the network's own too."""
  from_pytorch = getattr(_module(spec), 'from_pytorch', None)
  found = {} if from_pytorch is None else from_pytorch(values)
  return {**found, **values}


def match(
  spec: model_spec.ModelSpec,
  variables: Mapping[str, tf.TensorSpec],
  values: Mapping[str, np.ndarray],
) -> Dict[str, np.ndarray]:
  """Returns the value of each variable, in the variable's shape.

  Args:
    spec: The network.
    variables: What is wanted.
    values: Arrays by name, such as of a checkpoint, or by the names of the
      network's released weights; others are left alone.

  Raises:
    ValueError: If one is missing, of another shape or not finite, or all are
      nothing but zeros.
  """
  model = spec.name
  values = _own_names(spec, values)
  missing = [name for name in variables if name not in values]
  if missing:
    raise ValueError(
      f'the checkpoint lacks {len(missing)} of the {len(variables)} variables'
      f' of {model}: {_listed(missing)}; give the --model that it belongs to'
    )
  matched = {}
  for name, variable in variables.items():
    shape = tuple(variable.shape.as_list())
    value = np.asarray(values[name])
    # A classifier is a 1 x 1 convolution here and an inner product in Caffe.
    if shape == (1, 1, *value.shape):
      value = value.reshape(shape)
    if value.shape != shape:
      raise ValueError(
        f"the checkpoint's {name} has shape {value.shape}, but {model} wants"
        f' {shape}; give the --model that it belongs to'
      )
    if not np.isfinite(value).all():
      raise ValueError(
        f"the checkpoint's {name} holds what is not a finite number; give one"
        ' that was written before the training failed'
      )
    matched[name] = value
  if matched and not any(value.any() for value in matched.values()):
    raise ValueError(
      f'all variables of {model} are 0 in the checkpoint, with which it sees'
      ' nothing; give one of a trained network'
    )
  return matched


def _listed(names: Sequence[str], most: int = 5) -> str:
  """Returns the first few names and how many are left out."""
  more = f' and {len(names) - most} more' if len(names) > most else ''
  return ', '.join(names[:most]) + more
