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

"""Which networks drew a picture, by its record."""

import dataclasses
from typing import Any, Tuple

from magenta_viz.evaluation import record_reader
from magenta_viz.models import model_spec

# More than anybody gives to a network, and takes together.
_MAX_WEIGHT = 1e6
_MAX_NETWORKS = 32


@dataclasses.dataclass(frozen=True)
class Network:
  """A network that had a part in a picture.

  Attributes:
    model: Its name.
    weights_sha256: Of its weights, in hexadecimal.
    weight: Of its part in the picture, beside the others'.
  """

  model: str
  weights_sha256: str
  weight: float = 1.0

  @property
  def label(self) -> str:
    """Its name, and its weight if that is not 1: 'squeezenet:0.5'."""
    return self.model if self.weight == 1 else f'{self.model}:{self.weight:g}'


def read(settings: record_reader.Reader) -> Tuple[Network, ...]:
  """Returns the networks that drew a picture, none if it does not say.

  Args:
    settings: Of the picture's record.

  Returns:
    Those that had a part in it, in the order of `model_spec.MODEL_SPECS` and
    then of their names, so that the same ones are equal in all pictures.

  Raises:
    ValueError: If the record is damaged.
  """
  parts = settings.parts('networks', _MAX_NETWORKS)
  if parts is None:
    # Old versions, which drew with one, have of it here what is in a part.
    is_told = {'model', 'weights_sha256'} & settings.record.keys()
    parts = [settings] if is_told else []
  places = {name: place for place, name in enumerate(model_spec.MODEL_SPECS)}

  def order(network: Network) -> Tuple[Any, ...]:
    place = places.get(network.model, len(places))
    return (place, *dataclasses.astuple(network))

  return tuple(sorted(map(_read_one, parts), key=order))


def _read_one(part: record_reader.Reader) -> Network:
  """Returns what a part of a record says of a network."""
  weight = part.number('weight', 0, _MAX_WEIGHT, int, float)
  return Network(
    part.text('model'),
    part.text('weights_sha256'),
    1.0 if weight is None else float(weight),
  )
