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

"""What a run raises: from a recipe's text to an objective that fits."""

import functools
from typing import Dict, Optional, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.ascent import ensemble
from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.ascent.objectives import language as objective_language
from magenta_viz.ascent.objectives import objectives
from magenta_viz.ascent.objectives import terms as objective_terms
from magenta_viz.files import digests
from magenta_viz.files import places
from magenta_viz.media import image_files
from magenta_viz.models import network_protocol
from magenta_viz.models.foreign import graph_digest
from magenta_viz.settings import number_lists
from magenta_viz.visualization import networks as networks_lib

# Stands for the photograph of --guide, whose path may have blanks.
_GUIDE = '{guide}'


class ObjectiveReader:
  """Reads the objectives of recipes, each once.

  Attributes:
    files: SHA-256 of each file that objectives are about, by its path; and of
      what an objective computes that is given as such, by its text.
  """

  def __init__(
    self,
    networks: networks_lib.Networks,
    given: Optional[objectives.Objective] = None,
    units: Optional[objective_terms.Units] = None,
    directions: Optional[str] = None,
  ):
    """Takes the networks that objectives are to fit.

    Args:
      networks: The networks.
      given: What is raised, where it is no text of the recipe's.
      units: The channels that are drawn, each in pictures of its own.
      directions: Path of the file that `terms.DIRECTIONS` stands for.
    """
    self._units = units
    self._num_units = 0
    self._directions = directions
    self._networks = networks
    self._given = given
    self._guide = ''
    self._found: Dict[
      Tuple[str, objectives.ClassLogit], objectives.Objective
    ] = {}
    self.files: Dict[str, str] = {}

  def read(self, recipe: recipe_lib.Recipe) -> objectives.Objective:
    """Returns what a recipe raises.

    Raises:
      ValueError: If it does not parse, or does not fit the networks.
      OSError: If a file cannot be read.
    """
    settings = recipe.objective
    text = settings.text
    if _GUIDE in text and not settings.guide:
      raise ValueError(
        f"objective '{text}' is what another photograph has; give it as"
        ' --guide=photo.jpg'
      )
    if settings.guide and _GUIDE not in text:
      raise ValueError(
        f"guide is '{settings.guide}', but nothing is guided by it; take"
        ' --preset=deepdream_guided, or guide:PHOTO@LAYER in --objective'
      )
    if self._directions and objective_terms.DIRECTIONS not in text:
      raise ValueError(
        f"directions is '{self._directions}', but nothing goes along them; take"
        f' direction:LAYER:{objective_terms.DIRECTIONS}:ROWS in --objective'
      )
    self._guide = settings.guide
    key = (text, objectives.ClassLogit(None, settings.head, settings.centring))
    if key not in self._found:
      self._found[key] = self._together(*key)
    return self._found[key]

  def channels(self) -> Tuple[int, ...]:
    """Returns the numbers of the channels, or rows, once all is read.

    Raises:
      ValueError: If their layer has no such channel.
    """
    if self._units is None:
      return ()
    before, numbers, after = self._units
    try:
      return number_lists.parse(
        numbers, self._num_units, self._units.what, self._units.whose
      )
    except ValueError as error:
      text = f"objective '{before}{numbers}{after}'"
      raise ValueError(
        f'{text}, character {len(before) + 1}: {error}'
      ) from error

  def _together(
    self, text: str, class_logit: objectives.ClassLogit
  ) -> objectives.Objective:
    """Returns what the network is raised by, or all are."""
    members = self._networks.members
    found = [self._parse(text, class_logit, member) for member in members]
    # Now all are known to be files, and of no more than some bytes.
    for path in objective_terms.files(text):
      file = self._directions if path == objective_terms.DIRECTIONS else path
      self.files[path] = digests.file_sha256(places.place(str(file)))
    if self._networks.is_one:
      return found[0]
    return ensemble.Agreement(
      names=tuple(member.name for member in members),
      members=tuple(found),
      weights=tuple(member.weight for member in members),
      class_ids=tuple(
        None if self._units else member.class_ids for member in members
      ),
    )

  def _parse(
    self,
    text: str,
    class_logit: objectives.ClassLogit,
    member: networks_lib.Member,
  ) -> objectives.Objective:
    """Returns an objective, known to fit a network."""
    if not text and class_logit.head == 'logits' and self._given is None:
      # Fits every network.
      return class_logit
    objective: objectives.Objective = class_logit
    network = member.network
    if self._given is not None:
      objective = self._given
    elif text:
      objective = objective_language.parse(
        text,
        self._networks.class_names,
        functools.partial(self._features, network),
        class_logit,
        objective_language.Company(
          member.name,
          tuple(
            each.name for each in self._networks.members if each is not member
          ),
          member.own_id,
        ),
        self._units is not None,
        self._directions,
      )
    size = self._networks.view_size
    views = tf.TensorSpec([1, size, size, 3])

    def score(views: tf.Tensor) -> tf.Tensor:
      outputs = network(views)
      self._num_units = objective.num_units(outputs) or self._num_units
      return objective.score(outputs, tf.constant([0]))

    concrete = tf.function(score, autograph=False).get_concrete_function(views)
    if self._given is not None:
      self.files[text] = graph_digest.sha256(concrete)
    return objective

  def _features(
    self, network: network_protocol.Network, path: str, layer: str
  ) -> np.ndarray:
    """Returns a layer's activations for a photograph."""
    path = self._guide if path == _GUIDE else path
    photo = image_files.read_image(path)[None]
    # Seen with the shorter side at the network's own size.
    image_files.check_aspect(path, *photo.shape[1:3])
    self.files[path] = digests.file_sha256(places.place(path))
    outputs = network.look_at(photo)
    return objectives.activations(outputs, layer)[0].numpy()
