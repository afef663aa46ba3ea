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

import contextlib
import dataclasses
import os
from pathlib import Path
from typing import (
  Any,
  Iterator,
  List,
  Mapping,
  Optional,
  Sequence,
  Tuple,
  Union,
)

from magenta_viz.files import copies
from magenta_viz.models import fetched_checkpoint
from magenta_viz.models import imagenet_classes
from magenta_viz.models import model_spec
from magenta_viz.models import network_choice
from magenta_viz.models import trained_network
from magenta_viz.models import weights
from magenta_viz.models.checkpoints import checkpoints
from magenta_viz.models.foreign import foreign_settings
from magenta_viz.models.foreign import foreign_source
from magenta_viz.models.foreign import model_files
from magenta_viz.settings import parts


@dataclasses.dataclass(frozen=True)
class NetworkSource:
  """Where a network's weights are.

  Attributes:
    model: The network's name; None if the weights are to tell.
    path: File, folder or prefix to read; '.' of a model in this process.
    origin: Address, package or path, for the record.
    sha256: Of the weights' file, in hexadecimal; of a checkpoint in several
      files, of the line of their own ones in the order of the files' names.
    reason: Why these, in one line.
    checkpoint: Path that means these very weights again, in place of one that
      may mean others later; None for released ones.
    trained: What the record beside the weights says, where they are of a
      network that was trained with this package.
    weight: As of `network_choice.Choice`.
    foreign: The model, where it is none of the package's.
  """

  model: Optional[str]
  path: Path
  origin: str
  sha256: str
  reason: str
  checkpoint: Optional[str] = None
  trained: Optional[trained_network.TrainedNetwork] = None
  weight: float = 1.0
  foreign: Optional[foreign_source.ForeignSource] = None

  @property
  def class_names(self) -> Tuple[str, ...]:
    """Names of the network's classes, in the order of their ids."""
    return _class_names(self.trained, self.foreign)


@dataclasses.dataclass(frozen=True)
class Resolved:
  """A network that is asked for, once its checkpoint has been looked at.

  Attributes:
    choice: What is asked for.
    located: The checkpoint's files; None for released weights.
    trained: What the record beside them says, where there is one of ours.
    foreign: The model, where it is none of the package's.
  """

  choice: network_choice.Choice
  located: Optional[checkpoints.Located] = None
  trained: Optional[trained_network.TrainedNetwork] = None
  foreign: Optional[foreign_source.ForeignSource] = None

  @property
  def class_names(self) -> Tuple[str, ...]:
    """Names of the network's classes, in the order of their ids.

    Those that it was trained on where the checkpoint has our record; a model's
    own, which is read for them; else ImageNet's.
    """
    return _class_names(self.trained, self.foreign)

  @property
  def is_released(self) -> bool:
    """Whether its weights are released ones, which may have to be fetched."""
    return self.located is None and self.foreign is None

  @property
  def name(self) -> str:
    """What to call it, as far as is known before its weights are read."""
    is_named = self.choice.model != network_choice.AUTO
    if self.foreign is None or is_named:
      return self.choice.model
    return self.foreign.network.name

  @property
  def model(self) -> Optional[str]:
    """The network's name; None if it is for 'auto' or the weights to tell.

    Raises:
      ValueError: If the checkpoint is of another network than is asked for.
    """
    asked, trained = self.choice.model, self.trained
    if trained is None:
      return None if asked == network_choice.AUTO else asked
    if asked not in (network_choice.AUTO, trained.model):
      raise ValueError(
        f"model is {asked}, but the network in '{self.choice.checkpoint}' is"
        f' {trained.model}; leave --model out, or give another --checkpoint'
      )
    return trained.model

  def find(self) -> NetworkSource:
    """Finds the weights, downloaded where they must be.

    Returns:
      The checkpoint if there is one. Else the released weights; for 'auto', of
      the first of `model_spec.AUTO_MODELS` that can be had.

    Raises:
      ValueError: If weights are damaged, or of another network than is asked
        for.
      OSError: If they are missing or cannot be fetched.
    """
    if self.foreign is not None:
      source = self._foreign(self.foreign)
    elif self.located is not None:
      source = self._given(self.located)
    elif self.model is None:
      source = _first_at_hand()
    else:
      source = _released(self.model, 'as --model asks')
    return dataclasses.replace(source, weight=self.choice.weight)

  def _foreign(self, foreign: foreign_source.ForeignSource) -> NetworkSource:
    """Returns a model of others."""
    network, checkpoint = foreign.network, self.choice.checkpoint
    is_given = foreign.file is None
    path = Path() if foreign.file is None else foreign.file.path
    return NetworkSource(
      self.model,
      path,
      'this process' if is_given else copies.as_given(str(path)),
      network.sha256,
      'given from Python' if is_given else 'as --checkpoint asks',
      checkpoint,
      foreign=foreign,
    )

  def _given(self, located: checkpoints.Located) -> NetworkSource:
    """Returns the user's own weights."""
    path, checkpoint = located.path, self.choice.checkpoint or ''
    origin = copies.as_given(str(path))
    # A folder may have others later.
    is_folder = os.path.isdir(os.path.expanduser(checkpoint))
    is_vague = is_folder or self.trained is not None or origin != str(path)
    return NetworkSource(
      self.model,
      path,
      origin,
      located.sha256,
      'as --checkpoint asks',
      origin if is_vague else checkpoint,
      self.trained,
    )


def _class_names(
  trained: Optional[trained_network.TrainedNetwork],
  foreign: Optional[foreign_source.ForeignSource],
) -> Tuple[str, ...]:
  if foreign is not None:
    return foreign.class_names
  if trained is None:
    return imagenet_classes.load_class_names()
  return trained.class_names


def resolve(
  choices: Sequence[network_choice.Choice],
  settings: foreign_settings.ForeignSettings = foreign_settings.NOTHING,
) -> List[Resolved]:
  """Looks at what networks' checkpoints are; nothing is fetched or hashed.

  Args:
    choices: As of `network_choice.parse`. A checkpoint's path may be that of a
      folder that training wrote, as of `trained_network.find`, or of a whole
      model of others, as of `model_files.tell`.
    settings: What is to be known of those.

  Raises:
    FileNotFoundError: If there is no such checkpoint.
    ValueError: If there is no such network, or the checkpoint is of a format
      that is not read, or its record is damaged.
    OSError: If a file cannot be read.
  """
  resolved = [_resolve(choice, settings) for choice in choices]
  check_settings(settings, resolved)
  return resolved


def given(model: Any, settings: foreign_settings.ForeignSettings) -> Resolved:
  """Returns a network whose model is in this process.

  Args:
    model: As of `models.foreign.loading.of_model`.
    settings: What is to be known of it.
  """
  source = foreign_source.ForeignSource(settings, given=model)
  return Resolved(network_choice.Choice(network_choice.AUTO), foreign=source)


def check_settings(
  settings: foreign_settings.ForeignSettings,
  networks: Sequence[Union[Resolved, NetworkSource]],
) -> None:
  """Raises ValueError if settings of a model are given, but no model."""
  if any(each.foreign is not None for each in networks):
    return
  for name, value in parts.flat(settings).items():
    if value not in (None, False):
      raise ValueError(
        f'{name} does nothing, because all networks are of this package; leave'
        ' it out, or give a model, such as a .keras file, as --checkpoint'
      )


def _resolve(
  choice: network_choice.Choice, settings: foreign_settings.ForeignSettings
) -> Resolved:
  """Looks at what a network's checkpoint is."""
  if choice.checkpoint is None:
    if choice.model != network_choice.AUTO:
      model_spec.find_spec(choice.model)
    return Resolved(choice)
  checkpoint = fetched_checkpoint.fetched(choice.checkpoint)
  file = model_files.tell(checkpoint)
  if file is not None:
    return _resolve_model(choice, file, settings)
  if choice.model != network_choice.AUTO:
    model_spec.find_spec(choice.model)
  trained = trained_network.find(checkpoint)
  # Leaves the '~' of an unknown user as it is, where pathlib would raise a
  # RuntimeError.
  path = os.path.expanduser(checkpoint)
  located = checkpoints.locate(path if trained is None else trained.prefix)
  return Resolved(choice, located, trained)


def _resolve_model(
  choice: network_choice.Choice,
  file: model_files.ModelFile,
  settings: foreign_settings.ForeignSettings,
) -> Resolved:
  """Returns a network that is a file of a whole model."""
  if choice.model in model_spec.MODEL_SPECS:
    raise ValueError(
      f"model is {choice.model}, but '{choice.checkpoint}' is {file.words}, a"
      ' whole network of its own; leave --model out, or give it another name'
    )
  return Resolved(
    choice, foreign=foreign_source.ForeignSource(settings, file=file)
  )


@contextlib.contextmanager
def flags_called(names: Mapping[str, str]) -> Iterator[None]:
  """Names the flags of the program in use where messages name others.

  Args:
    names: Its flags that stand for --checkpoint and --model.
  """
  try:
    yield
  except (OSError, ValueError) as error:
    message = str(error)
    for flag, own in names.items():
      message = message.replace(flag, own)
    if message == str(error):
      raise
    # Of a system's error, which has a number, none names a flag.
    raise type(error)(message) from error


def choose(
  model: str,
  checkpoint: Optional[str] = None,
  settings: foreign_settings.ForeignSettings = foreign_settings.NOTHING,
) -> NetworkSource:
  """Finds the weights that `--model` and `--checkpoint` ask for.

  Args:
    model: A network's name, or 'auto'.
    checkpoint: Path of the user's own weights.
    settings: As of `resolve`.

  Raises:
    ValueError, OSError: As of `resolve` and `Resolved.find`.
  """
  choice = network_choice.Choice(model, checkpoint=checkpoint)
  return _resolve(choice, settings).find()


def find(
  networks: Sequence[Resolved], is_open: bool = True
) -> List[NetworkSource]:
  """Finds the weights of networks.

  Args:
    networks: Those that are asked for.
    is_open: Whether 'auto' may be several networks: all that come with the
      package, and `inception_v1` beside them where it is at hand or can be
      downloaded. Else it is one, as of `Resolved.find`.

  Raises:
    ValueError: If weights are damaged, or of another network.
    OSError: If weights are missing or cannot be fetched.
  """
  first = networks[0]
  auto = network_choice.Choice(network_choice.AUTO)
  if is_open and first.choice == auto and first.foreign is None:
    return _together()
  return [each.find() for each in networks]


def _together() -> List[NetworkSource]:
  """Returns the networks that 'auto' takes together."""
  found = []
  reasons = ['all that are at hand, as --model=auto has it']
  for name in model_spec.TOGETHER_MODELS:
    spec = model_spec.find_spec(name)
    try:
      source = choose(name)
    except (OSError, ValueError) as error:
      if spec.weights.package is not None:
        raise
      reasons.append(_refusal(name, error))
      continue
    found.append(dataclasses.replace(source, weight=spec.weight))
  reason = '; '.join(reasons)
  return [dataclasses.replace(each, reason=reason) for each in found]


def _first_at_hand() -> NetworkSource:
  """Returns the network that 'auto' takes alone."""
  refusals = []
  for name in model_spec.AUTO_MODELS[:-1]:
    try:
      return _released(name, 'the first choice of --model=auto')
    except (OSError, ValueError) as error:
      refusals.append(_refusal(name, error))
  return _released(model_spec.AUTO_MODELS[-1], '; '.join(refusals))


def _released(name: str, reason: str) -> NetworkSource:
  """Returns the released weights of a network."""
  source = model_spec.find_spec(name).weights
  try:
    path = weights.fetch(source)
  except weights.UnreachableError as error:
    others = [
      f'--model={other}'
      for other, spec in model_spec.MODEL_SPECS.items()
      if other != name and weights.is_at_hand(spec.weights)
    ]
    raise weights.UnreachableError(
      f'{error}; at hand are {" and ".join(others) or "no others"}'
    ) from error
  return NetworkSource(name, path, source.origin, source.sha256, reason)


def _refusal(name: str, error: Exception) -> str:
  """Says why a network is not taken that nobody has asked for."""
  # What there is to do is for those who have.
  return f'not {name}: {str(error).partition("; ")[0]}'
