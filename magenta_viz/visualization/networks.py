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

"""The networks of a run: one that draws alone, or several together."""

import dataclasses
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from magenta_viz.ascent import ensemble
from magenta_viz.ascent.objectives import terms as objective_terms
from magenta_viz.models import class_matching
from magenta_viz.models import class_recipes
from magenta_viz.models import network_choice
from magenta_viz.models import network_loading
from magenta_viz.models import network_protocol
from magenta_viz.models import network_source
from magenta_viz.models import precision
from magenta_viz.models.foreign import foreign_settings
from magenta_viz.visualization import config as visualize_config


@dataclasses.dataclass(frozen=True, eq=False)
class Member(network_loading.ChosenNetwork):
  """A network that draws.

  Attributes:
    class_ids: Its own id of each class that ids mean, -1 for one that it does
      not know; None where the ids are the same.
  """

  class_ids: Optional[Tuple[int, ...]] = None

  @property
  def weight(self) -> float:
    """How much of the gradient is its own, against the others'."""
    return self.source.weight

  def own_id(self, class_id: int) -> int:
    """Returns the network's own id of a class.

    Raises:
      ValueError: If it has no such class.
    """
    own = class_id if self.class_ids is None else self.class_ids[class_id]
    if own < 0:
      raise ValueError(
        f'{self.name} has not one class that is called as class {class_id} is;'
        ' leave out the network or the class'
      )
    return own

  def describe(self) -> Dict[str, Any]:
    """Returns what a picture's bytes depend on."""
    return {**super().describe(), 'weight': self.weight}


class Networks:
  """All networks of a run, which look at the same views.

  Attributes:
    members: Each of them; ids of classes are those of the first.
    view_size: Height and width of what they see, in pixels.
  """

  def __init__(self, members: Sequence[Member]):
    """Takes the networks.

    Args:
      members: One or more, each of another name.
    """
    self.members = tuple(members)
    self.view_size = max(each.network.image_size for each in members)

  def __str__(self) -> str:
    """Says which networks they are, and why."""
    origins = [each.source.origin for each in self.members]
    reasons = dict.fromkeys(each.source.reason for each in self.members)
    names = [each.name for each in self.members]
    return (
      f'{" and ".join(names)} in {self.first.dtype.name}, weights from'
      f' {" and from ".join(origins)} ({"; ".join(reasons)})'
    )

  @property
  def is_one(self) -> bool:
    """Whether a network draws alone."""
    return len(self.members) == 1

  @property
  def first(self) -> network_protocol.Network:
    """The network whose classes ids mean."""
    return self.members[0].network

  @property
  def models(self) -> Tuple[str, ...]:
    """The networks as `--model` has them."""
    own = [each for each in self.members if not each.is_given]
    return network_choice.texts(
      [each.asked for each in own] or [network_choice.AUTO],
      [each.weight for each in own],
    )

  @property
  def checkpoints(self) -> Tuple[str, ...]:
    """Paths that mean the same weights again, as `--checkpoint` has them."""
    paths = [(each.asked, each.source.checkpoint) for each in self.members]
    if self.is_one:
      return tuple(path for _, path in paths if path is not None)
    return tuple(f'{name}={path}' for name, path in paths if path is not None)

  @property
  def precision(self) -> str:
    """What `--precision` is to say for them: a model of others has its own."""
    own = [each.precision for each in self.members if not each.is_foreign]
    return own[0] if own else 'auto'

  @property
  def foreign(self) -> foreign_settings.ForeignSettings:
    """What was said of those that are none of the package's."""
    for each in self.members:
      if each.source.foreign is not None:
        return each.source.foreign.settings
    return foreign_settings.NOTHING

  @property
  def class_names(self) -> Tuple[str, ...]:
    """Names of the classes, in the order of their ids."""
    return self.first.class_names

  @property
  def recipe(self) -> Mapping[str, Any]:
    """What they want otherwise than the package's own recipe."""
    return self.first.recipe if self.is_one else class_recipes.GENERAL

  def looking(self) -> Callable[..., Any]:
    """Returns what takes views to the outputs of the network, or of each."""
    if self.is_one:
      return self.first
    return ensemble.Ensemble(
      [each.network for each in self.members],
      [each.weight for each in self.members],
    )

  def shared(self, key: Tuple[Any, ...], make: Callable[[], Any]) -> Any:
    """Returns what was made of these networks for a key, or makes it."""
    # Weights are in what is raised, the objectives of a key.
    networks = [each.network for each in self.members]
    return self.first.shared.get((*networks, *key), make)

  def own_layers(self, text: str) -> str:
    """Puts the networks' layers for GoogLeNet's that presets name.

    Args:
      text: An objective, or the name of a layer.

    Returns:
      The text with this network's layers. Of several networks, a term becomes
      one for each, and a layer is the first one's.
    """
    if self.is_one:
      return self.first.own_layers(text)
    words: List[str] = []
    sign = '+'
    for word in text.split():
      if word in ('+', '-'):
        sign = word
        continue
      for term in self._own_terms(word):
        words += [sign, term] if words or sign == '-' else [term]
    return ' '.join(words)

  def _own_terms(self, word: str) -> List[str]:
    """Returns what stands for a term, or for a layer alone."""
    kind = objective_terms.kind_of(word)
    if kind is not None and kind.is_of_class:
      return [word]
    return [
      objective_terms.in_network(each.network.own_layers(word), each.name)
      for each in (self.members if kind else self.members[:1])
    ]


def resolve(
  config: visualize_config.VisualizeConfig, given: Any = None
) -> List[network_source.Resolved]:
  """Looks at what the networks of a run are; nothing is fetched or hashed.

  Args:
    config: The run.
    given: A model in this process, or several; None for those of `config`.

  Raises:
    ValueError: As of `network_source.resolve`.
    OSError: Likewise.
  """
  if given is None:
    return network_source.resolve(config.choices, config.foreign)
  models = given if isinstance(given, (list, tuple)) else [given]
  resolved = [network_source.given(each, config.foreign) for each in models]
  if config.models == (network_choice.AUTO,) and not config.checkpoints:
    return resolved
  return resolved + network_source.resolve(config.choices)


def load(
  resolved: Sequence[network_source.Resolved],
  is_open: bool,
  precision_name: str,
) -> Networks:
  """Finds and reads the networks that are asked for.

  Args:
    resolved: Those, in the order of their choices.
    is_open: As of `network_source.find`.
    precision_name: What they compute in, as of `precision.resolve_dtype`.

  Raises:
    ValueError: If weights are damaged, or no weights of the network.
    OSError: If weights are missing or cannot be fetched.
  """
  sources = network_source.find(resolved, is_open)
  dtype = precision.resolve_dtype(precision_name)
  names = sources[0].class_names
  return Networks(
    [
      Member(
        each,
        network_loading.load(each, dtype),
        _own_ids(names, each.class_names),
      )
      for each in sources
    ]
  )


def _own_ids(
  names: Sequence[str], own: Sequence[str]
) -> Optional[Tuple[int, ...]]:
  """Returns the id among a network's own classes of each of some classes."""
  if names == own:
    return None
  known = class_matching.ClassNames(own)
  # There are two cranes among ImageNet's classes.
  found = [
    known.find([name]) or known.find(class_matching.synonyms(name))
    for name in names
  ]
  return tuple(min(same) if len(same) == 1 else -1 for same in found)
