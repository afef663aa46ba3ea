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

"""A network with its weights, from where these are."""

import dataclasses
from typing import Any, Dict, Mapping, Optional

import numpy as np
import tensorflow as tf

from magenta_viz.models import model_spec
from magenta_viz.models import network_choice
from magenta_viz.models import network_protocol
from magenta_viz.models import network_source
from magenta_viz.models import precision
from magenta_viz.models import sharing
from magenta_viz.models import slim_network
from magenta_viz.models import trained_network
from magenta_viz.models.checkpoints import checkpoints
from magenta_viz.models.foreign import loading as foreign_loading

# What TensorFlow 1 and slim, as training does here, add to the name of a
# variable for the average of its values: ExponentialMovingAverage's name.
AVERAGE_SUFFIX = '/ExponentialMovingAverage'

# Those that draw together and one that judges, of 5 to 53 MB each; and what was
# traced of them goes when they go.
_NETWORKS = sharing.Shared(4)


def forget() -> None:
  """Lets go of the networks that `load` keeps, and of all that they keep."""
  _NETWORKS.clear()
  foreign_loading.forget()


@dataclasses.dataclass(frozen=True, eq=False)
class ChosenNetwork:
  """A network that was chosen: one value, made once and handed down.

  Attributes:
    source: Where its weights are from, with their hash.
    network: The network, with the names of its classes.
  """

  source: network_source.NetworkSource
  network: network_protocol.Network

  @property
  def name(self) -> str:
    """The network's name: what the user calls it, or it calls itself."""
    return self.source.model or self.network.name

  @property
  def asked(self) -> str:
    """What `--model` calls it; a model of others may have no name there."""
    is_named = self.source.model or not self.is_foreign
    return self.name if is_named else network_choice.AUTO

  @property
  def is_foreign(self) -> bool:
    """Whether it is none of the package's own."""
    return self.source.foreign is not None

  @property
  def is_given(self) -> bool:
    """Whether it is in this process alone, where no command can name it."""
    foreign = self.source.foreign
    return foreign is not None and foreign.file is None

  @property
  def precision(self) -> str:
    """What `--precision` is to say for it."""
    return 'auto' if self.is_foreign else self.network.dtype.name

  def describe(self) -> Dict[str, Any]:
    """Returns what the bytes that are made with it depend on."""
    settings = {'model': self.name, 'weights_sha256': self.source.sha256}
    if self.source.foreign is not None:
      settings.update(self.source.foreign.network.describe())
    return settings


def choose(
  resolved: network_source.Resolved, precision_name: str
) -> ChosenNetwork:
  """Finds and reads the network that is asked for.

  Args:
    resolved: Which one.
    precision_name: What it computes in, as of `precision.resolve_dtype`.

  Raises:
    ValueError, OSError: As of `network_source.Resolved.find` and `load`.
  """
  source = resolved.find()
  network = load(source, precision.resolve_dtype(precision_name))
  return ChosenNetwork(source, network)


def architecture(
  resolved: network_source.Resolved,
) -> network_protocol.Architecture:
  """Returns what is known of a network before its weights are read.

  Raises:
    ValueError: If only the weights can tell, or the checkpoint is of another
      network than is asked for.
  """
  if resolved.foreign is not None:
    return resolved.foreign.network
  return slim_network.SlimArchitecture(
    _spec(resolved.model or network_choice.AUTO, resolved.trained)
  )


def load(
  source: network_source.NetworkSource, dtype: tf.DType
) -> network_protocol.Network:
  """Reads a network's weights, which tell which network it is if need be.

  Of a variable whose average over the steps of training is there too, the
  average is taken. The last four networks are kept, by their weights' SHA-256,
  for the next runs in this process; `forget` lets go of them.

  Args:
    source: Where they are, as of `network_source.choose`.
    dtype: What the network computes in, tf.float32, tf.bfloat16 or
      tf.float16; a model of others computes in its own.

  Raises:
    ValueError: If they are damaged, or no weights of the network, or no longer
      those of `source.sha256`.
    OSError: If they cannot be read.
  """
  if source.foreign is not None:
    return source.foreign.network
  # A record may be changed beside the same weights.
  shape = source.trained and (
    source.trained.image_size,
    source.trained.num_outputs,
    source.trained.class_offset,
    source.trained.class_names,
    source.trained.pictures,
  )
  key = (source.sha256, source.model, shape, dtype)
  return _NETWORKS.get(key, lambda: _read(source, dtype))


def _read(
  source: network_source.NetworkSource, dtype: tf.DType
) -> network_protocol.Network:
  """Reads a network's weights."""
  values = averaged(
    checkpoints.read_checkpoint(str(source.path), source.sha256)
  )
  if source.model is None:
    spec = slim_network.recognize(values)
  else:
    spec = _spec(source.model, source.trained)
  return slim_network.SlimNetwork(spec, values, dtype, source.class_names)


def _spec(
  model: str, trained: Optional[trained_network.TrainedNetwork]
) -> model_spec.ModelSpec:
  """Returns what a network is: released, or trained on other classes."""
  return model_spec.find_spec(model) if trained is None else trained.spec()


def averaged(values: Mapping[str, np.ndarray]) -> Dict[str, np.ndarray]:
  """Returns what to use a network with, of all that a checkpoint holds.

  Args:
    values: Arrays by name.

  Returns:
    The same, but that a variable whose average is there has the average for
    its value, and there are no averages beside the variables.
  """
  found = dict(values)
  for name in values:
    if name.endswith(AVERAGE_SUFFIX):
      found[name[: -len(AVERAGE_SUFFIX)]] = found.pop(name)
  return found
