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

"""What a model turns out to be once it is run."""

from typing import (
  Any,
  Callable,
  ContextManager,
  Mapping,
  NamedTuple,
  Optional,
  Tuple,
)

import numpy as np
import tensorflow as tf

from magenta_viz.files import untrusted
from magenta_viz.models.foreign import foreign_settings
from magenta_viz.models.foreign import heads
from magenta_viz.models.foreign import raw_model

# Noise of several strengths: a softmax shows in what is said of any.
_NUM_NOISES = 4
_SEED = 0

# Operations of an output that pools a map: features, and no classifier's.
_POOLING = ('Mean', 'Max', 'MaxPool', 'AvgPool')


class Trial(NamedTuple):
  """What a model turned out to be.

  Attributes:
    output: Name of the output with the class scores; None of a model without
      classes.
    num_outputs: Its scores; 0 without.
    are_probabilities: As `heads.undo` takes it.
    undone: As of `heads.Head`.
    layers: Shape of each end point, without the batch.
    concrete: What was traced, with the model's variables as they are when it is
      called.
  """

  output: Optional[str]
  num_outputs: int
  are_probabilities: bool
  undone: str
  layers: Mapping[str, Tuple[int, ...]]
  concrete: Any


# From images to what a model says, and its end points.
Build = Callable[[tf.Tensor], Tuple[raw_model.RawOutputs, Any]]


def run(
  build: Build,
  model_name: str,
  height: int,
  width: int,
  asked: Optional[str],
) -> Trial:
  """Runs a model on noise.

  Args:
    build: Builds it in a graph, from [batch, height, width, 3] images.
    model_name: What the model is called, for messages.
    height: Of the images.
    width: Likewise.
    asked: The output that the user names, or 'none'; None for the only one.

  Raises:
    ValueError: If it does not run, there is no such output, or none can be
      chosen.
  """
  ends: Any = {}

  def guard() -> ContextManager[None]:
    return untrusted.guard(
      f"cannot run the model '{model_name}' on pictures of {height} x {width}"
      ' pixels',
      'give the --input_size that it takes',
    )

  def traced(images: tf.Tensor) -> Any:
    with guard():
      found, end_points = build(images)
    name = _choose(found, asked)
    ends['name'], ends['undone'] = name, ''
    if name is None:
      return tf.zeros([0, 1]), end_points
    output = found.outputs[name]
    ends['undone'] = heads.undo(output).undone
    return output, end_points

  noise = np.random.default_rng(_SEED).random((_NUM_NOISES, height, width, 3))
  strength = np.linspace(0.2, 1, _NUM_NOISES)[:, None, None, None]
  images = tf.constant(0.5 + strength * (noise - 0.5), tf.float32)
  concrete = tf.function(
    traced,
    input_signature=[tf.TensorSpec([None, height, width, 3])],
    autograph=False,
  ).get_concrete_function()
  with guard():
    scores, end_points = concrete(images)
  layers = {
    name: tuple(tensor.shape[1:].as_list())
    for name, tensor in end_points.items()
    if tensor.shape[0] == _NUM_NOISES
  }
  if ends['name'] is None:
    return Trial(None, 0, False, '', layers, concrete)
  values = np.asarray(tf.cast(scores, tf.float32))
  if values.ndim == 1:
    values = values[:, None]
  num_outputs = values.shape[-1]
  is_known = not ends['undone'] and heads.are_probabilities(values)
  undone = ends['undone'] or ('softmax' if is_known else '')
  return Trial(ends['name'], num_outputs, is_known, undone, layers, concrete)


def _choose(found: raw_model.RawOutputs, asked: Optional[str]) -> Optional[str]:
  """Returns the name of the output that has the class scores."""
  if asked == foreign_settings.NO_CLASSES:
    return None
  outputs = found.outputs
  names = ', '.join(outputs)
  if asked is not None:
    if asked not in outputs:
      raise ValueError(
        f"there is no output '{asked}'; give --output one of {names}, or"
        f' {foreign_settings.NO_CLASSES}'
      )
    if outputs[asked].shape.rank not in (1, 2, 3, 4):
      raise ValueError(
        f"the output '{asked}' has shape {outputs[asked].shape}, which are no"
        f' scores of classes; give --output one of {names}, or'
        f' {foreign_settings.NO_CLASSES}'
      )
    return asked
  scores = [
    name
    for name, tensor in outputs.items()
    if tensor.dtype.is_floating
    and tensor.shape.rank in (1, 2)
    and tensor.op.type not in _POOLING
  ]
  if len(scores) > 1:
    raise ValueError(
      f'there are {len(scores)} outputs that may have the classes; name one of'
      f' {", ".join(scores)} as --output, or {foreign_settings.NO_CLASSES} to'
      ' draw channels alone'
    )
  return scores[0] if scores else None
