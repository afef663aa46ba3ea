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

"""Several networks that look at the same views, as if they were one.

What one network alone is raised by is full of its own habits; what several are
raised by at once is what they agree on. Each one's gradient to a view is
brought to the same length before they are added, so that no network drowns the
others, whatever the range of its scores.
"""

import dataclasses
import functools
from typing import Any, List, Optional, Sequence, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.ascent import protocols
from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.ascent.objectives import objectives
from magenta_viz.ascent.objectives import random_direction
from magenta_viz.ascent.objectives import terms as objective_terms
from magenta_viz.models import network_protocol

_NAME = 'MagentaVizBalanced'


class Ensemble:
  """Networks that look at the same views.

  Attributes:
    weights: Of each network's gradient.
  """

  def __init__(
    self,
    networks: Sequence[network_protocol.Function],
    weights: Sequence[float],
  ):
    """Takes the networks.

    Args:
      networks: Each from [batch, height, width, 3] views in [0, 1] to outputs.
      weights: One a network, above 0.
    """
    self._networks = tuple(networks)
    self.weights = tuple(weights)

  def __call__(self, views: tf.Tensor) -> Tuple[network_protocol.Outputs, ...]:
    """Returns the outputs of each network.

    Gradients that come back through them are balanced, as `balanced` has it.

    Args:
      views: [batch, height, width, 3] float32 tensor in [0, 1].
    """
    shares = share(views, self.weights)
    return tuple(network(each) for network, each in zip(self._networks, shares))


def share(views: tf.Tensor, weights: Sequence[float]) -> List[tf.Tensor]:
  """Returns the views once for each network; their gradients are balanced.

  For `tf.gradients`: `tf.GradientTape` adds them up as they are.

  Args:
    views: [batch, height, width, 3] float32 tensor.
    weights: One a network.
  """
  shares = tf.constant([weight / sum(weights) for weight in weights])
  # Not `tf.custom_gradient`, for whose sake TensorFlow keeps each graph for
  # good.
  graph: Any = tf.compat.v1.get_default_graph()
  with graph.gradient_override_map({'IdentityN': _NAME}):
    return tf.identity_n([views] * len(weights) + [shares])[:-1]


@tf.RegisterGradient(_NAME)
def _gradient(op: tf.Operation, *gradients: tf.Tensor) -> List[Any]:
  """Returns the gradients of `share` to its views, all in the first's place."""
  shares = tf.unstack(op.inputs[-1])
  return [balanced(gradients[:-1], shares)] + [None] * len(shares)


def balanced(
  gradients: Sequence[tf.Tensor], shares: Sequence[tf.Tensor]
) -> tf.Tensor:
  """Returns the weighted mean of gradients of the same length.

  The length, for each view, is the weighted mean of theirs, so that step sizes
  and penalties that fit one network fit several. A gradient of length 0, as of
  a network that sees nothing yet, leaves the view to the others.

  Args:
    gradients: [batch, height, width, 3] float32 tensors, one a network.
    shares: Their weights, which add up to 1.
  """
  lengths = [
    tf.sqrt(tf.reduce_sum(each**2, axis=[1, 2, 3], keepdims=True))
    for each in gradients
  ]
  length = tf.add_n([part * each for part, each in zip(shares, lengths)])
  return tf.add_n(
    [
      tf.math.divide_no_nan(part * length, own) * each
      for part, own, each in zip(shares, lengths, gradients)
    ]
  )


@dataclasses.dataclass(frozen=True)
class Agreement(objectives.Objective):
  """What each of several networks is to be raised by.

  Attributes:
    names: Of the networks.
    members: One objective a network.
    weights: Likewise.
    class_ids: Likewise, the network's own id of each class that a picture can
      be of; None where the ids are the same.
  """

  names: Tuple[str, ...]
  members: Tuple[objectives.Objective, ...]
  weights: Tuple[float, ...]
  class_ids: Tuple[Optional[Tuple[int, ...]], ...]

  @property
  def networks(self) -> Tuple[str, ...]:
    """The names."""
    return self.names

  @property
  def parts(self) -> Tuple[objectives.Objective, ...]:
    """The members."""
    return self.members

  def score(self, outputs: Any, ids: tf.Tensor) -> tf.Tensor:
    """Returns the scores.

    Args:
      outputs: Of an `Ensemble`, for `batch` views.
      ids: [batch] int32 tensor, as of `Objective.score`; a class's is that of
        the first network.

    Returns:
      [batch, 1 + networks] float32 tensor: the weighted mean of the networks'
      scores, which has no gradient, and then those, which have.
    """
    scores = []
    for objective, said, own in zip(self.members, outputs, self.class_ids):
      own_ids = ids if own is None else tf.gather(own, ids)
      scores.append(objective.score(said, own_ids))
    total = sum(self.weights)
    mean = tf.add_n(
      [weight / total * each for weight, each in zip(self.weights, scores)]
    )
    return tf.stack([tf.stop_gradient(mean), *scores], axis=1)


@dataclasses.dataclass(frozen=True)
class MemberFacet:
  """A facet of one of several networks.

  Directions among the channels of several would lead to several things.

  Attributes:
    facet: The facet.
    index: Of the network.
  """

  facet: random_direction.RandomDirection
  index: int

  def sample(self, generator: np.random.Generator) -> np.ndarray:
    """Samples as the facet does."""
    return self.facet.sample(generator)

  def reward(
    self, outputs: Any, sampled: tf.Tensor, index: tf.Tensor
  ) -> tf.Tensor:
    """Returns what the facet adds to the scores of views."""
    return self.facet.reward(outputs[self.index], sampled, index)


def facet(
  recipe: recipe_lib.Recipe, objective: objectives.Objective
) -> Optional[protocols.Facet]:
  """Returns what each picture is drawn to at first, if anything.

  Raises:
    ValueError: If there are several networks, and its layer is of none.
  """
  settings, num_steps = recipe.objective, recipe.steps.num_steps
  if not settings.facet:
    return None
  make = functools.partial(
    random_direction.RandomDirection,
    strength=settings.facet,
    num_steps=num_steps,
  )
  if not objective.networks:
    return make(settings.facet_layer)
  _, network, layer = objective_terms.split_network(
    objective_terms.KINDS['layer'], settings.facet_layer
  )
  if network not in objective.networks:
    raise ValueError(
      f"facet_layer is '{settings.facet_layer}', of which network? Give it as"
      f' one of {", ".join(objective.networks)}, and @, before the layer'
    )
  return MemberFacet(make(layer), objective.networks.index(network))


def of_all(scores: Any) -> Any:
  """Returns the scores of one network, or of all together.

  Args:
    scores: [batch] array or tensor; of several networks [batch, 1 + networks],
      as of an `Agreement`.
  """
  return scores if len(scores.shape) == 1 else scores[:, 0]


def added(scores: tf.Tensor, more: tf.Tensor) -> tf.Tensor:
  """Returns scores with [batch] others, of no network of its own, on top.

  Args:
    scores: As for `of_all`.
    more: What is added to the scores of all together.
  """
  if scores.shape.rank == 1:
    return scores + more
  return tf.concat([scores[:, :1] + more[:, None], scores[:, 1:]], axis=1)


def split(scores: np.ndarray) -> Tuple[np.ndarray, Optional[np.ndarray]]:
  """Returns the scores of all networks together, and those of each.

  Args:
    scores: As `ascend.Result` has them, a step each.

  Returns:
    [steps, batch] array; and [steps, batch, networks] of several networks, else
    None.
  """
  if scores.ndim == 2:
    return scores, None
  return scores[..., 0], scores[..., 1:]
