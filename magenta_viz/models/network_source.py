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

"""Decides which network to draw from, and finds its weights."""

import dataclasses
import os
from pathlib import Path
from typing import List, NamedTuple, Optional, Sequence, Tuple

from magenta_viz.models import imagenet_classes
from magenta_viz.models import model_spec
from magenta_viz.models import network_choice
from magenta_viz.models import trained_network
from magenta_viz.models import weights
from magenta_viz.models.checkpoints import checkpoints


@dataclasses.dataclass(frozen=True)
class NetworkSource:
  """Where a network's weights are.

  Attributes:
    model: The network's name; None if the weights are to tell.
    path: File, folder or prefix to read.
    origin: Address, package or path, for the record.
    sha256: Of the weights' file, in hexadecimal; of a checkpoint in several
      files, of the line of their own ones in the order of the files' names.
    reason: Why these, in one line.
    checkpoint: Path that means these very weights again, in place of one that
      may mean others later; None for released ones.
    trained: What the record beside the weights says, where they are of a
      network that was trained with this package.
  """

  model: Optional[str]
  path: Path
  origin: str
  sha256: str
  reason: str
  checkpoint: Optional[str] = None
  trained: Optional[trained_network.TrainedNetwork] = None

  @property
  def class_names(self) -> Tuple[str, ...]:
    """Names of the network's classes, in the order of their ids."""
    return _class_names(self.trained)


class Chosen(NamedTuple):
  """A network whose weights are found.

  Attributes:
    source: Where they are.
    weight: As of `network_choice.Choice`.
  """

  source: NetworkSource
  weight: float = 1.0


def class_names(checkpoint: Optional[str]) -> Tuple[str, ...]:
  """Returns the names of the classes that `--checkpoint` has.

  Args:
    checkpoint: Path of the user's own weights.

  Returns:
    A name a class, in the order of their ids: those that the network was
    trained on where the checkpoint has our record, else ImageNet's.

  Raises:
    FileNotFoundError: If there is no checkpoint.
    ValueError: If it is of a format that is not read, or its record is damaged.
    OSError: If a file cannot be read.
  """
  return _class_names(find_trained('auto', checkpoint))


def _class_names(
  trained: Optional[trained_network.TrainedNetwork],
) -> Tuple[str, ...]:
  if trained is None:
    return imagenet_classes.load_class_names()
  return trained.class_names


def find_trained(
  model: str, checkpoint: Optional[str]
) -> Optional[trained_network.TrainedNetwork]:
  """Returns the trained network that `--checkpoint` means.

  Args:
    model: A network's name, or 'auto'.
    checkpoint: Path of the user's own weights.

  Returns:
    None if the checkpoint, if there is one, has no record of ours.

  Raises:
    FileNotFoundError: If there is no checkpoint.
    ValueError: If it is of another network than `model` or of a format that is
      not read, or its record is damaged.
    OSError: If a file cannot be read.
  """
  if checkpoint is None:
    return None
  return _look(model, checkpoint)[0]


def choose(model: str, checkpoint: Optional[str] = None) -> NetworkSource:
  """Finds the weights that `--model` and `--checkpoint` ask for.

  Args:
    model: A network's name, or 'auto'.
    checkpoint: Path of the user's own weights; of a folder that training wrote
      as of `trained_network.find`.

  Returns:
    The checkpoint if there is one. Else the released weights of `model`,
    downloaded where they must be; for 'auto', of the first of
    `model_spec.AUTO_MODELS` that can be had.

  Raises:
    ValueError: If there is no such network, its weights are damaged, or the
      checkpoint is of another one.
    OSError: If the weights are missing or cannot be fetched.
  """
  if model != 'auto':
    model_spec.find_spec(model)
  if checkpoint is not None:
    return _given(None if model == 'auto' else model, checkpoint)
  if model != 'auto':
    return _released(model, 'as --model asks')
  refusals = []
  for name in model_spec.AUTO_MODELS[:-1]:
    try:
      return _released(name, 'the first choice of --model=auto')
    except (OSError, ValueError) as error:
      refusals.append(f'not {name}: {error}')
  return _released(model_spec.AUTO_MODELS[-1], '; '.join(refusals))


def find(
  choices: Sequence[network_choice.Choice], is_open: bool = True
) -> List[Chosen]:
  """Finds the weights of networks.

  Args:
    choices: As of `network_choice.parse`.
    is_open: Whether 'auto' may be several networks: all that come with the
      package, and `inception_v1` beside them where it is at hand or can be
      downloaded. Else it is one, as of `choose`.

  Raises:
    ValueError: If weights are damaged, or of another network.
    OSError: If weights are missing or cannot be fetched.
  """
  if is_open and choices[0] == network_choice.Choice(network_choice.AUTO):
    return _together()
  return [
    Chosen(choose(each.model, each.checkpoint), each.weight) for each in choices
  ]


def _together() -> List[Chosen]:
  """Returns the networks that 'auto' takes together."""
  found = []
  reasons = ['all that are at hand, as --model=auto has it']
  for name in model_spec.TOGETHER_MODELS:
    try:
      source = choose(name)
    except (OSError, ValueError) as error:
      if model_spec.find_spec(name).weights.package is not None:
        raise
      reasons.append(f'not {name}: {error}')
      continue
    found.append(Chosen(source, model_spec.find_spec(name).weight))
  reason = '; '.join(reasons)
  return [
    each._replace(source=dataclasses.replace(each.source, reason=reason))
    for each in found
  ]


def _released(name: str, reason: str) -> NetworkSource:
  """Returns the released weights of a network."""
  source = model_spec.find_spec(name).weights
  path = weights.fetch(source)
  return NetworkSource(name, path, source.origin, source.sha256, reason)


def _given(model: Optional[str], checkpoint: str) -> NetworkSource:
  """Returns the user's own weights."""
  reason = 'as --checkpoint asks'
  trained, located = _look(model or 'auto', checkpoint)
  path = located.path
  if trained is not None:
    model = trained.model
  # A folder may have others later.
  if os.path.isdir(os.path.expanduser(checkpoint)) or trained is not None:
    checkpoint = str(path)
  return NetworkSource(
    model, path, str(path), located.sha256, reason, checkpoint, trained
  )


def _look(
  model: str, checkpoint: str
) -> Tuple[Optional[trained_network.TrainedNetwork], checkpoints.Located]:
  """Looks at what `--checkpoint` means, before anything is made of it.

  Raises:
    FileNotFoundError: If there is nothing.
    ValueError, OSError: As of `find_trained`.
  """
  trained = trained_network.find(checkpoint)
  # Leaves the '~' of an unknown user as it is, where pathlib would raise a
  # RuntimeError.
  path = os.path.expanduser(checkpoint)
  located = checkpoints.locate(path if trained is None else trained.prefix)
  if trained is not None and model not in ('auto', trained.model):
    raise ValueError(
      f"model is {model}, but the network in '{checkpoint}' is {trained.model};"
      ' leave --model out, or give another --checkpoint'
    )
  return trained, located
