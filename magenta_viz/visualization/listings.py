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

"""What there is to draw: networks and their layers, presets, classes."""

from typing import Callable, List, Mapping, NamedTuple, Sequence

from magenta_viz.ascent import presets
from magenta_viz.models import model_spec
from magenta_viz.models import network_source
from magenta_viz.process import tensorflow_start

# Called by what lists something of the networks that are asked for.
Choices = Callable[[], Sequence[network_source.Resolved]]


class NoNetworkError(ValueError):
  """Layers are to be listed, but of no network."""


class Listing(NamedTuple):
  """What a program can list.

  Attributes:
    help: What `--help` says of it.
    lines: From what gives the networks that are asked for to its lines.
  """

  help: str
  lines: Callable[[Choices], List[str]]


def _classes(choices: Choices) -> List[str]:
  first = choices()[0]
  return [
    f'{class_id} {name}' for class_id, name in enumerate(first.class_names)
  ]


def _models(unused_choices: Choices) -> List[str]:
  return [
    f'{spec.name}: {spec.description}; weights from {spec.weights.origin}'
    for spec in model_spec.MODEL_SPECS.values()
  ]


def _presets(unused_choices: Choices) -> List[str]:
  return [
    f'{preset.name}: {preset.summary} ({preset.source}); pictures of'
    f' {preset.image_size[0]} x {preset.image_size[1]} pixels, or others whose'
    f' sides have {preset.least_side} or more'
    for preset in presets.PRESETS.values()
  ]


def _layers(choices: Choices) -> List[str]:
  resolved = choices()
  _check_known(resolved)
  tensorflow_start.start()
  return layers(resolved)


def _check_known(resolved: Sequence[network_source.Resolved]) -> None:
  if resolved[0].model is None and resolved[0].foreign is None:
    raise NoNetworkError(
      'give --list_layers a --model, which --list_models has, or a folder that'
      ' training wrote as --checkpoint'
    )


def layers(resolved: Sequence[network_source.Resolved]) -> List[str]:
  """Returns a line a layer of networks; of several, each with its network.

  Raises:
    NoNetworkError: If only the weights tell which network it is.
  """
  _check_known(resolved)
  # Takes seconds to import; the other listings do without.
  from magenta_viz.models import network_loading
  from magenta_viz.models import network_protocol

  networks = list(map(network_loading.architecture, resolved))
  # As objectives name them.
  return [
    line if len(networks) == 1 else f'{network.name}@{line}'
    for network in networks
    for line in network_protocol.describe_layers(network)
  ]


LISTINGS: Mapping[str, Listing] = {
  'classes': Listing('show the classes and stop', _classes),
  'models': Listing('show the networks and stop', _models),
  'presets': Listing('show the presets and stop', _presets),
  'layers': Listing(
    'show the layers of --model or --checkpoint and stop', _layers
  ),
}
