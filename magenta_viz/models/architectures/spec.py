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

"""What there is to say of a network, as plain data.

A network of the package is two modules here: 'NAME.py' has the tf-slim function
that builds it, and 'NAME_spec.py' all else, in `SPEC`. An entry in
`model_spec.MODEL_SPECS` lets the rest of the package know of it.
"""

import dataclasses
import re
from typing import Any, Iterable, Mapping, Optional, Tuple

# What the networks before EfficientNet were trained without, for `published`.
NOT_USED_THEN: Mapping[str, Any] = {
  'label_smoothing': 0.0,
  'average_decay': 0.0,
  'clip_norm': 0.0,
}


@dataclasses.dataclass(frozen=True)
class WeightSource:
  """Where the released weights of a network come from.

  Exactly one of `url` and `package` is set.

  Attributes:
    file_name: The file's name in the cache folder or, of a package, its path
      inside the package's folder.
    num_bytes: Size of the file.
    sha256: Hexadecimal SHA-256 of the file, checked before every use.
    licence: Terms under which the weights were released.
    url: Address to download the file from.
    package: Installed Python package that carries the file.
  """

  file_name: str
  num_bytes: int
  sha256: str
  licence: str
  url: Optional[str] = None
  package: Optional[str] = None

  @property
  def origin(self) -> str:
    """The address or the package, for messages and records."""
    return self.url or f'package {self.package}, {self.file_name}'


@dataclasses.dataclass(frozen=True)
class ModelSpec:
  """What the rest of the package must know of a network.

  Attributes:
    name: The network's name, as given to `--model`.
    description: One line for `--list_models`.
    function: `module:function` of the tf-slim function that builds it, for
      `slim_network` alone. Its module may have `from_pytorch` too, where
      released weights have other names (see `efficientnet_lite0`).
    image_size: Height and width, in pixels, that the network was trained at.
    num_outputs: Outputs of the released classifier.
    class_offset: Output that class id 0 has; the outputs before it are no
      class of ILSVRC (slim's background).
    weights: Where the released weights come from.
    head: Scope of the classifier.
    features: End point that the classifier reads: the deepest map, whose mean
      over all positions says what a picture shows, whatever its size.
    top1: Share of ImageNet's validation pictures whose class is the released
      weights' first guess, as published.
    auxiliary_heads: Scopes of the classifiers that some checkpoints have and
      others leave out.
    weight: How much of the gradient is its own where several networks draw and
      nobody says how much.
    recipe: Settings of the class-picture recipe that this network wants
      otherwise than the default where it draws alone, by their name in
      `recipe.Recipe`.
    layers: Which of this network's layers stands for each of GoogLeNet's that
      presets name; nothing where they are its own.
    training: Settings that it wants otherwise than the defaults where it is
      trained from random weights, by their names in
      `training.config.TrainConfig`.
    published: Settings with which it was trained on ImageNet, as published.
  """

  name: str
  description: str
  function: str
  image_size: int
  num_outputs: int
  class_offset: int
  weights: WeightSource
  head: str
  features: str
  top1: float
  auxiliary_heads: Tuple[str, ...] = ()
  weight: float = 1.0
  recipe: Mapping[str, Any] = dataclasses.field(default_factory=dict)
  layers: Mapping[str, str] = dataclasses.field(default_factory=dict)
  training: Mapping[str, Any] = dataclasses.field(default_factory=dict)
  published: Mapping[str, Any] = dataclasses.field(default_factory=dict)

  @property
  def num_classes(self) -> int:
    """Number of class ids."""
    return self.num_outputs - self.class_offset

  def for_classes(self, num_classes: int, image_size: int) -> 'ModelSpec':
    """Returns this network for other classes, each with an output of its own.

    Args:
      num_classes: Number of class ids.
      image_size: Height and width that it is trained at, in pixels.
    """
    return dataclasses.replace(
      self, num_outputs=num_classes, class_offset=0, image_size=image_size
    )

  def heads_in(self, variables: Iterable[str]) -> Tuple[str, ...]:
    """Returns the auxiliary classifiers that have any of some variables."""
    scopes = tuple(f'{head}/' for head in self.auxiliary_heads)
    found = {
      scope[:-1]
      for name in variables
      for scope in scopes
      if name.startswith(scope)
    }
    return tuple(head for head in self.auxiliary_heads if head in found)

  def is_head(self, variable: str) -> bool:
    """Tells a classifier's variables, by their names, from the body's."""
    heads = (self.head, *self.auxiliary_heads)
    return any(variable.startswith(f'{head}/') for head in heads)

  def own_layers(self, text: str) -> str:
    """Puts this network's layers for GoogLeNet's that presets name.

    Args:
      text: An objective as in `ascent.objectives.language`, or the name of a
        layer.

    Returns:
      The text with the names of `layers` replaced; the rest is as it was, the
      paths of files and the numbers of channels among it.
    """
    return replace_layers(text, self.layers)


def replace_layers(text: str, layers: Mapping[str, str]) -> str:
  """Returns an objective, or a layer's name, with other names of layers.

  Args:
    text: As of `ModelSpec.own_layers`.
    layers: The new name of each layer that gets one.
  """
  # A layer is all of the text, or comes after a kind or 'photo.jpg@'.
  return re.sub(
    r'((?:^|[\s*])[a-z]+:|@|^)([^\s:@*]+)(?![^\s:])',
    lambda match: match[1] + layers.get(match[2], match[2]),
    text,
  )
