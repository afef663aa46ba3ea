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

"""A network of the package, made of a model that is none of its own."""

import functools
from typing import Any, Dict, Mapping, Optional, Sequence, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.models import class_recipes
from magenta_viz.models import imagenet_classes
from magenta_viz.models import network_protocol
from magenta_viz.models import sharing
from magenta_viz.models.architectures import spec
from magenta_viz.models.foreign import depths
from magenta_viz.models.foreign import feature_maps
from magenta_viz.models.foreign import foreign_settings
from magenta_viz.models.foreign import graph_digest
from magenta_viz.models.foreign import heads
from magenta_viz.models.foreign import inputs as inputs_lib
from magenta_viz.models.foreign import raw_model
from magenta_viz.models.foreign import trial

# Gradients by each of three rules, or drawings.
_NUM_SHARED = 3

# Sizes of pictures whose traces are kept.
_NUM_TRACES = 8

# The end point of a model none of whose layers has a map.
_SCORES = 'scores'

# Networks of up to so many pixels, of fewer than 64, see but a few waves, of
# which the coarsest would be nearly all: measured with 8 and with 28 pixels
# (docs/own_networks.md).
_FEW_WAVES: Mapping[int, Mapping[str, float]] = {
  15: {'decay_power': 0.5, 'contrast': 0.3},
  63: {'decay_power': 0.8, 'contrast': 0.4},
}


class ForeignNetwork:
  """A model with fixed weights, as `network_protocol.Network` has networks.

  Attributes:
    name: What the model calls itself.
    image_size: Height and width, in pixels, of what it sees at best: its own
      size, or a multiple of it from 64 pixels on, which is shrunk.
    class_names: Names of its classes, in the order of their ids; none of a
      model without classes.
    dtype: What it computes in.
    features: The last end point that is a map.
    layers: Shape of each end point, without the batch, at its own size.
    recipe: Settings of the class-picture recipe that it wants otherwise.
    shared: What was made of it for the runs that want the same again.
  """

  def __init__(
    self,
    model: raw_model.RawModel,
    settings: foreign_settings.ForeignSettings,
    class_names: Optional[Sequence[str]] = None,
  ):
    """Tries a model.

    Args:
      model: The model.
      settings: What is to be known of it.
      class_names: Of its classes; None for ImageNet's where their number is
        ImageNet's, else numbers.

    Raises:
      ValueError: If it takes no pictures, or the settings do not fit it.
    """
    self._model = model
    self.name = model.name
    self._inputs = inputs_lib.Inputs(model, settings)
    self.image_size = self._inputs.view_size
    self.dtype = model.dtype
    self.shared = sharing.Shared(_NUM_SHARED)
    self.recipe = dict(class_recipes.GENERAL)
    if self._inputs.is_shrunk:
      # Of finer waves it sees next to nothing, even in its nearest views, and
      # Adam would make noise of that.
      longer = self._inputs.longer
      most = min(size for size in _FEW_WAVES if longer <= size)
      self.recipe = {**_FEW_WAVES[most], 'max_cycles': longer}
    if self._inputs.is_grey:
      # What it sees has no colours, and so has what it is drawn in.
      self.recipe['chroma'] = 0.0
    self._concrete = functools.lru_cache(maxsize=_NUM_TRACES)(self._trace)
    inputs = self._inputs
    self._trial = trial.run(
      functools.partial(self._run, is_live=True),
      model.name,
      self.image_size,
      self.image_size,
      settings.output,
    )
    self.class_names = self._named(class_names)
    self.layers = {**self._trial.layers, **self._scores_alone()}
    self.features = [n for n, s in self.layers.items() if len(s) == 3][-1]
    self._stand_ins = depths.stand_ins(
      self.layers, min(inputs.height, inputs.width)
    )
    self._sha256 = self._model.sha256

  @property
  def sha256(self) -> str:
    """Of the model's file or, without one, of what it computes with now.

    A model in memory may have been trained since it was asked for the last
    time; then all that was made of it is let go.
    """
    if not self._model.sha256:
      now = graph_digest.sha256(self._trial.concrete)
      if now != self._sha256:
        self.shared.clear()
        self._concrete.cache_clear()
        self._sha256 = now
    return self._sha256

  def describe(self) -> Dict[str, Any]:
    """Returns what else than the weights its pictures' bytes depend on."""
    return {'input': self._inputs.describe(), 'output': self._trial.output}

  def tell(self) -> str:
    """Returns in one line what was taken for granted about the model."""
    trial_, inputs = self._trial, self._inputs
    reason = inputs.reason or 'a guess, which --input_range overrides'
    classes = 'no classes'
    if trial_.output is not None:
      scores = 'as they are'
      if trial_.undone:
        scores = f'before its {trial_.undone}'
      classes = f'{len(self.class_names)} classes, scores {scores}'
    return f"'{self.name}' is given {inputs.tell()} ({reason}); {classes}"

  # Nothing here needs AutoGraph.
  @tf.autograph.experimental.do_not_convert
  def __call__(self, images: tf.Tensor) -> network_protocol.Outputs:
    """Runs the network, eagerly or in a graph.

    Args:
      images: [batch, height, width, 3] float tensor in [0, 1]; of a model of
        one size alone brought to that.
    """
    if not tf.executing_eagerly():
      return self._build(images)
    images = tf.cast(images, tf.float32)
    logits, end_points = self._concrete(*images.shape[1:3])(images)
    return network_protocol.Outputs(logits, end_points)

  def look_at(self, images: np.ndarray) -> network_protocol.Outputs:
    """Runs the network on pictures of any size.

    Args:
      images: [batch, height, width, 3] float array in [0, 1]; brought to the
        network's own size by the shorter side.
    """
    return network_protocol.look_at(self, images)

  def own_layers(self, text: str) -> str:
    """Puts the network's layers for GoogLeNet's that presets name."""
    return spec.replace_layers(text, self._stand_ins)

  def _trace(self, height: int, width: int) -> Any:
    """Traces the network for pictures of one size."""
    return tf.function(
      lambda images: tuple(self._build(images)),
      input_signature=[tf.TensorSpec([None, height, width, 3])],
      autograph=False,
    ).get_concrete_function()

  def _run(
    self, images: tf.Tensor, is_live: bool = False
  ) -> Tuple[raw_model.RawOutputs, Dict[str, tf.Tensor]]:
    """Builds the model in a graph.

    Args:
      images: What it is to see.
      is_live: Whether it computes with what its variables are at each step, and
        not with what they are now, which is quicker.

    Returns:
      What it says, and its end points.
    """
    graph: Any = tf.compat.v1.get_default_graph()
    before = graph.capture_by_value
    graph.capture_by_value = before or not is_live
    try:
      found = self._model(self._inputs.of_model(images))
    finally:
      graph.capture_by_value = before
    return found, feature_maps.of_layers(
      found.layers, self._inputs.is_channels_first
    )

  def _build(self, images: tf.Tensor) -> network_protocol.Outputs:
    """Builds the network in a graph."""
    found, end_points = self._run(images)
    # What has another batch than the pictures is no end point.
    end_points = {
      name: tensor for name, tensor in end_points.items() if name in self.layers
    }
    logits = self._logits(found, images)
    for name in self._scores_alone():
      end_points[name] = logits[:, None, None]
    return network_protocol.Outputs(logits, end_points)

  def _logits(
    self, found: raw_model.RawOutputs, images: tf.Tensor
  ) -> tf.Tensor:
    """Returns [batch, num_classes] float32 logits."""
    output = self._trial.output
    if output is None:
      return tf.zeros([tf.shape(images)[0], 0])
    head = heads.undo(found.outputs[output], self._trial.are_probabilities)
    logits = head.logits
    if self._trial.undone == 'sigmoid' and self._trial.num_outputs == 1:
      logits = heads.both_classes(logits)
    return logits[:, self._class_offset :]

  def _scores_alone(self) -> Dict[str, Tuple[int, ...]]:
    """Returns the end point of a model none of whose layers has a map."""
    if any(len(shape) == 3 for shape in self._trial.layers.values()):
      return {}
    return {_SCORES: (1, 1, len(self.class_names))}

  def _named(self, given: Optional[Sequence[str]]) -> Tuple[str, ...]:
    """Returns the names of the classes.

    Raises:
      ValueError: If there are more or fewer than classes.
    """
    num_classes = self._trial.num_outputs
    if self._trial.undone == 'sigmoid' and num_classes == 1:
      num_classes = 2
    of_imagenet = imagenet_classes.load_class_names()
    self._class_offset = 0
    if given is not None:
      names = tuple(given)
    elif num_classes in (len(of_imagenet), len(of_imagenet) + 1):
      # The first of one more is no class, as with slim's networks.
      names = of_imagenet
      self._class_offset = num_classes - len(names)
    else:
      names = tuple(f'class {number}' for number in range(num_classes))
    if len(names) + self._class_offset != num_classes:
      raise ValueError(
        f"there are {len(names)} names of classes, but the model '{self.name}'"
        f' has {num_classes} classes; give one a class, in the order of their'
        ' ids'
      )
    return names
